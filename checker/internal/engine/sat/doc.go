// Package sat is a small incremental SAT solver interface, and the only importer of gini, which does the work.
//
// Clauses are added, then solved under assumptions; after Unsat, [Solver.Core] names assumptions that cannot hold together.
// [Totalizer] counts: its outputs are made as a bound grows, which is what core-guided optimisation needs.
//
// gini is the fastest on the clauses of cuts and cannot be told how much work it may do. Where a search may be given up, [NewLimited] has package cdcl
// do it.
//
// # Limitations
//
// gini ends the process when it solves again after an unconditional Unsat, so that answer is remembered here, and when its own look at a model that it
// found fails, which no caller can keep it from: the exit status is then 1, and no report is written. Its panics become errors: it never searches in a
// goroutine of its own. A core is not minimal. Nothing may be used from two goroutines at once.
//
// Sources: Eén & Sörensson, "Temporal induction by incremental SAT solving", 2003; Martins, Joshi, Manquinho & Lynce,
// "Incremental cardinality constraints for MaxSAT", 2014.
package sat
