// Package reach decides questions whose rules are monotone, or nearly so: by a linear-time fixpoint, and by implicit hitting sets
// where choices and costs come in.
//
// The fixpoint (relax.go) runs over a Horn program made of the circuit and the rules, in which deletions are ignored: every node
// can be true and can be false, apart. What it cannot reach, no run can. Choice literals, and rules that cost, are
// switches of the program. When the goal stays out of reach, the switches that are off and matter form a cut (cut.go): every attack turns one of
// them on. The cuts are clauses over the switches; a hitting set of them that is cheapest (hit.go, core-guided) is
// switched on and the fixpoint asked again, until the goal is reached, or nothing hits all cuts within the limits. The one
// loop gives attacks of least cost, least failures, proofs, and minimal sets of decisions (decide.go).
//
// What attacks cost is bounded first by cuts that are weighed (landmark.go), whose sum is a certificate that is checked by adding up, and met by a derivation that is cheap
// by propagation; where the two meet, nothing is searched.
//
// A derivation becomes an attack only after it was replayed; what is proposed is minimal: no step and no choice can be
// left out.
//
// # Limitations
//
// Deletions, negated facts in guards, and assumptions over several facts are relaxed. A proof stays a proof; an attack that does not
// replay in any order of its rules makes the answer incomplete, for another engine to settle. The number of steps is least
// only among runs in which each rule is taken once. Least cost with a cost on every rule is NP-hard: limits, counted in
// iterations and in visits of the fixpoint, never in time, end the search with both bounds.
//
// Sources: Dowling & Gallier 1984 (Horn satisfiability); Helmert & Domshlak 2009 (landmark cuts); Bonet & Helmert 2010, Davies &
// Bacchus 2011 (implicit hitting sets); Morgado, Dodaro & Marques-Silva 2014 (OLL); Martins, Joshi, Manquinho & Lynce 2014
// (incremental totalizer); Liffiton, Previti, Malik & Marques-Silva 2016 (MARCO).
package reach
