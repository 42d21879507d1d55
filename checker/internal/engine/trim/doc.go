// Package trim makes what an engine found an attack to show: rules in an order that replays, none of which can be left out, and only the
// choices that the run relies on.
//
//  1. Attack: the question is cut down to the rules that were found, so that replaying costs what the attack costs.
//  2. reorder: where they do not replay in the order in which they came, the shortest order that does is looked for, breadth first.
//  3. shorten: one step after the other is left out, from the last one on, and stays out where the rest goes through at no higher price. Then failures are left out, then decisions, as
//     long as the run relies on them no more. Where rules delete, or a failure fell away, all of it once more: a step that was needed may not be needed any longer.
//  4. Attack: what is left is said of the original question, and replayed there.
//
// What differs from minimizing a plan: no step is replaced by another, so no cheaper attack is found here; that is what engines are asked for.
//
// Whatever is done here, an attack that does not replay in step 4 is none, and package certify tries once more whether a step can be left out.
//
// # Limitations
//
// What is left is minimal, not smallest: another set of steps or choices may be smaller. Another order of the rules is looked for in a
// bounded number of states.
//
// Source: Fink & Yang, "Formalizing plan justifications", 1992 (greedy justification).
package trim
