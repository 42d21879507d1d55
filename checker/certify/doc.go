// Package certify judges what engines propose. It is trusted, and imports no engine and no solver: it knows package system alone.
//
// An attack is replayed, and again without each of its steps. A certificate is a list of cuts: each is checked by a closure of
// its own, written apart from the engines' fixpoint, with the cut's choices and rules off. That nothing within the limits hits all cuts is then a sum, of weights that cuts have, maybe case by case (sum.go); or where cuts have none, a
// small solver with native weight limits (solver.go) refutes it. That the sets of decisions
// are all there are, and minimal, follows from the attacks by one more refutation. An invariant is checked rule by rule (invariant.go): that
// it holds at the start, that no rule leads out of it, and that it excludes what is bad are questions to that same solver. Its conservation laws are checked by arithmetic: what a rule changes adds up to nothing (law.go), and
// what would weigh more than a law says is never true (weigh.go). A proof that is split has one for each way of a choice, each of which is checked with that choice given (split).
//
// # What the solver is still needed for
//
// Sums need no search, and bound costs and least failures. Four questions are left that are searched for, each for a reason:
//
//   - Cuts over decisions, and over failures and a budget at once: which choice is made on one way rules out another way. Such refutations could be written down as cases, too;
//     no engine does.
//   - Invariants: each of their clauses under each rule is one question. A proof of each would have to name the clauses that it takes, of which there are many, and no engine keeps them.
//   - That sets of decisions are minimal and all there are ([Cover]): the clauses are the proposal's own attacks and sets, and what hits them all is at most some dozen literals.
//   - That a question has no runs ([NoStart]): assumptions are formulas over choices, of any form.
//
// # Limitations
//
// A law is refused where a change depends on more than a dozen variables, or on too many of their values. What a law excludes is told where what weighs is added up so that parts depend on different variables, or are compared with each
// other by what they are at least; not of sums in binary, or of totals one by one.
//
// The solver gives up after a fixed number of conflicts with [ErrLimit], which says nothing about the certificate.
//
// Sources: Dowling & Gallier 1984; Marques-Silva & Sakallah 1999 (conflict analysis); Manquinho & Marques-Silva 2004 (lower
// bounds from disjoint constraints in pseudo-Boolean optimisation); Helmert & Domshlak 2009 (cost partitioning over cuts).
package certify
