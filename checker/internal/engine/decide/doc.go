// Package decide finds all minimal sets of decisions after which a question holds, whatever engine answers what remains.
//
// An attack relies on a cube of decisions, and a set prevents it exactly when it has the complement of one of them. So the minimal
// sets are the minimal consistent hitting sets of the complements. Attacks are found as they are needed: a solver over "the set has
// this literal" proposes a set, the oracle answers with an attack that the set misses or with a proof. A proved set is made minimal literal by
// literal, and its supersets are excluded. When nothing is left, the list is complete.
//
// # Limitations
//
// There can be exponentially many minimal sets; the caller says how many are wanted.
//
// Sources: Reiter 1987 (hitting sets); Liffiton, Previti, Malik & Marques-Silva 2016 (MARCO).
package decide
