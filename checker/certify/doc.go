// Package certify judges what engines propose. It is trusted, and imports no engine and no solver: it knows package system alone.
//
// An attack is replayed, and again without each of its steps. A certificate is a list of cuts: each is checked by a closure of
// its own, written apart from the engines' fixpoint, with the cut's choices and rules off; then a small solver with
// native weight limits (solver.go) refutes that some choices and rules within the limits hit all cuts. That the sets of decisions
// are all there are, and minimal, follows from the attacks by one more refutation. An invariant is checked rule by rule (invariant.go): that
// it holds at the start, that no rule leads out of it, and that it excludes what is bad are questions to that same solver.
//
// # Limitations
//
// The solver gives up after a fixed number of conflicts with [ErrLimit], which says nothing about the certificate.
//
// Sources: Dowling & Gallier 1984; Marques-Silva & Sakallah 1999 (conflict analysis); Manquinho & Marques-Silva 2004 (lower
// bounds from disjoint constraints in pseudo-Boolean optimisation); Helmert & Domshlak 2009 (cost partitioning over cuts).
package certify
