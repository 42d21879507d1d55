// Package drat checks refutations of formulas: lists of clauses, each of which follows from those before it by unit propagation (RUP), or by
// resolution on its first literal (RAT), with deletions in between. The last one is the empty clause.
//
// The check goes forward, and every lemma is checked. It shares nothing with the solvers of the engines; tests use it to see that what these learn
// is sound, and `drat-trim` would accept the same files.
//
// # Limitations
//
// Text form only. Deleting a unit clause is ignored, as usual. There is no trimming: a proof of a hard problem takes as long as solving it.
//
// Sources: Goldberg & Novikov, "Verification of proofs of unsatisfiability for CNF formulas", 2003 (RUP); Järvisalo, Heule & Biere,
// "Inprocessing rules", 2012 (RAT); Wetzler, Heule & Hunt, "DRAT-trim", 2014.
package drat
