// Package reach decides questions whose rules are monotone, or nearly so: by a linear-time fixpoint, and by implicit hitting sets
// where choices and costs come in.
//
// A switch is what an attack needs luck or money for: a choice literal, or a rule that costs.
//
//  1. compile: the slice of the question becomes Horn clauses. Each node of the circuit is two atoms, that it can be true and that it can be false; deletions are ignored, and each
//     switch is an atom. terms: what assumptions, and negated facts of Bad, forbid becomes a condition of the rules that would bring it about.
//  2. raise: the lightest switches that hit every cut so far, by OLL: what the solver cannot do without is a core, by which the bound rises (relax). No attack weighs less.
//  3. turnOn, propagate: the least model with these switches on, clause by clause as Dowling and Gallier count them.
//  4. plan, consistent, attack: where it has the goal, the derivation is read off. If it takes no choice both ways, it is replayed as an attack. With the switches of step 2 alone nothing is
//     lighter, and the search ends.
//  5. cut: where it has not, every attack turns on one of the switches that are off and matter. A walk back from the goal finds some; all others are turned on, and
//     of these few as many leave the cut as can. add: the cut is a clause. Its switches are turned on, too, so that the next cut is another one, until the goal is reached; then step 2 again.
//  6. certificate, trim: where no switches within the limits hit all cuts, the cuts are the proof.
//  7. cheapest, price, shortest: the same loop, for an attack of least cost, then of fewest steps. landmarks: its cost is first bounded by cuts that are weighed, whose sum is
//     a certificate of its own, and met by a cheap derivation (light, improve); where the two meet, nothing is searched. Where they do not, branch weighs the cuts by a linear program, and adds those that its optimum
//     violates (network, tighten), until they meet, or by cases (prove).
//  8. decide: package decide asks the loop of steps 2 to 6 for all minimal sets of decisions.
//
// What differs: implicit hitting sets have an oracle that is asked for one core at a time; here it gives several disjoint ones for each hitting set (step 5), of minimal size, the cheapest switches
// left out first. LM-cut is a heuristic of planners, evaluated in each state; here it bounds one question, and its cuts go on as clauses (share).
//
// A proof rests on step 1: whatever a run can make true, the program must be able to. So deletions are ignored, a node may be able to be both true and false, and terms may only
// forbid what no run does; its three cases are the lemmas of prohibitions in package certify. A bound rests on step 2 having come to its end: what is given up midway bounds nothing more. An attack rests on
// nothing of this: it is replayed, and what is proposed is minimal, with no step and no choice that can be left out.
//
// # Limitations
//
// Deletions, negated facts in guards, and assumptions over several facts are relaxed. A proof stays a proof; an attack that does not
// replay in any order of its rules makes the answer incomplete, for another engine to settle. The number of steps is least
// only among runs in which each rule is taken once. Least cost with a cost on every rule is NP-hard: limits, counted in
// iterations, in visits of the fixpoint and in changed entries of the program, never in time, end the search with both bounds.
//
// What branch says rests on nothing: its weights are rounded and added up anew by who checks them.
//
// Sources: Dowling & Gallier 1984 (Horn satisfiability); Helmert & Domshlak 2009 (landmark cuts); Bonet & Helmert 2010, Davies &
// Bacchus 2011 (implicit hitting sets); Morgado, Dodaro & Marques-Silva 2014 (OLL); Martins, Joshi, Manquinho & Lynce 2014
// (incremental totalizer); Liffiton, Previti, Malik & Marques-Silva 2016 (MARCO).
package reach
