// Package repair finds the cheapest set of controls after which requirements hold.
//
// Everything that could be added is an open decision of a widened design: each control at each element, flow or stored data that it is made for. An attack
// that goes through although some controls are there relies on others being absent (the replay says on which), so that every repair
// must have one of those: a clause. A SAT solver proposes the cheapest set that satisfies all clauses learnt so far; the engines look for attacks that pass it,
// and are answered by further clauses, until none is left. What is proposed last is cheapest, since every set that is cheaper
// misses a clause. This is the implicit hitting set method, with the engines as its oracle. Attacks are taken in disjoint
// batches: what stops one is added for the moment, and the next is looked for.
//
// Controls are changed as they are written: a declaration of several elements gives a control to all of them, and costs as many times as much. A
// decision that the design has left open can be taken either way; leaving something away costs nothing.
//
// What comes out is a proposal. Who shows it should check the edited design as a whole: [Plan.Edits] are its edits.
//
// # Limitations
//
// Only controls are changed: no flow, zone, protocol or kind. Requirements of the form `possible` are not repaired. The design is changed by
// [Find], so load it for this alone.
//
// Sources: Davies & Bacchus, "Solving MAXSAT by solving a sequence of simpler SAT instances", CP 2011; Saikko, Wallner, Järvisalo, "Implicit hitting
// set algorithms for reasoning beyond NP", KR 2016.
package repair
