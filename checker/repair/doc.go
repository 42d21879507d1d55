// Package repair finds what to change so that requirements hold.
//
// Everything that could be added is an open decision of a widened design: each control at each element, flow or stored data that it is made for. An attack
// that goes through although some controls are there relies on others being absent (the replay says on which), so that every repair
// must have one of those: a clause. A SAT solver proposes the cheapest set that satisfies all clauses learnt so far; the engines look for attacks that pass it,
// and are answered by further clauses, until none is left. What is proposed last is cheapest, since every set that is cheaper
// misses a clause. This is the implicit hitting set method, with the engines as its oracle. Attacks are taken in disjoint
// batches: what stops one is added for the moment, and the next is looked for.
//
// Controls are changed as they are written: a declaration of several elements gives a control to all of them, and costs as many times as much. A
// decision that the design has left open can be taken either way; leaving something away costs nothing. A flow may run over another protocol that the catalogue
// says carries the same (`secures`): what it gives is then there at once, and cannot fail. Where a protocol gives a control for no more than the control
// costs, only the protocol is proposed.
//
// [Search] also changes the structure: for each change that the catalogue says takes nothing from those who use the design as it is meant (`repairs`), of what
// attacks go by, it edits the text and asks for a plan again. What makes the whole cheaper, or fewer requirements hopeless, is taken up (hill climbing). For an
// attack by business logic, the steps that the design's software takes in it as they are meant are given further conditions: comparisons of what a step was told
// with what is on record, facts, constants, and a record that it was taken; one that the requirement holds with, while what is possible
// stays possible and the step can be taken by honest parties, is a change like the others.
//
// What comes out is a proposal. Who shows it should check the edited design as a whole: [Plan.Texts] are its texts.
//
// # Limitations
//
// A plan of controls and protocols is the cheapest; with changes of the structure it is the best that was found. Two conditions that are of use only together are not
// found. Requirements of the form `possible` are not repaired.
//
// Sources: Davies & Bacchus, "Solving MAXSAT by solving a sequence of simpler SAT instances", CP 2011; Saikko, Wallner, Järvisalo, "Implicit hitting
// set algorithms for reasoning beyond NP", KR 2016; for conditions from counterexamples: Solar-Lezama et al., "Combinatorial sketching for finite programs", ASPLOS 2006.
package repair
