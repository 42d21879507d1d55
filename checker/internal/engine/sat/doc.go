// Package sat is the solver of package cdcl for searches that may be given up, with what optimisation needs on top.
//
//  1. New, Solve: each solver has limits, which are counted over all its questions; it answers Unknown once they are used up, or the context has ended.
//  2. Minimise: literals of the last core are left out in turn, as long as what is left is still a core, and in that many attempts.
//  3. NewTotalizer, tree: a counter over inputs is a balanced tree of counters, each of which says in unary how many of its inputs are true at least.
//  4. AtLeast, extend: an output is made with its clauses when a bound first asks for it, and with it those below that it needs.
//
// What differs from the totalizer as it was: outputs are made one by one (Martins and others), and the clauses go one way, from inputs to outputs: an output may be true without need, which no bound on
// what is true minds, and never false where that many inputs are true.
//
// A core of step 2 is one since each attempt asks the solver again; where it answers Unknown, the literal stays. A counter would be wrong, and a bound with it, if an output were used before extend has made all clauses for it.
//
// # Limitations
//
// A core is not minimal. Nothing may be used from two goroutines at once.
//
// Sources: Eén & Sörensson, "Temporal induction by incremental SAT solving", 2003; Bailleux & Boufkhad, "Efficient CNF encoding of Boolean cardinality constraints", 2003; Martins, Joshi, Manquinho & Lynce,
// "Incremental cardinality constraints for MaxSAT", 2014.
package sat
