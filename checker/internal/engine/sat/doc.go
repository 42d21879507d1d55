// Package sat is the solver of package cdcl for searches that may be given up, with what optimisation needs on top.
//
// Clauses are added, then solved under assumptions; after Unsat, [Solver.Core] names assumptions that cannot hold together.
// [Totalizer] counts: its outputs are made as a bound grows, which is what core-guided optimisation needs. Each solver has limits, which are counted.
//
// # Limitations
//
// A core is not minimal. Nothing may be used from two goroutines at once.
//
// Sources: Eén & Sörensson, "Temporal induction by incremental SAT solving", 2003; Martins, Joshi, Manquinho & Lynce,
// "Incremental cardinality constraints for MaxSAT", 2014.
package sat
