// Package cdcl is a conflict-driven clause learner for engines that ask very many, mostly small, related questions: bounded model
// checking, IC3, and the optimisation over cuts.
//
// It counts conflicts and visits of clauses, so that limits do not depend on the clock; it stops at once; a clause
// can be there for one question only ([Solver.SolveWith]) at no lasting cost; and a new variable is cheap. Otherwise it is what solvers of its
// kind are: two watched literals with blockers, first-UIP learning with recursive minimisation, variables moved to the front when they are in a conflict, saved
// phases, restarts and clause deletion by the number of levels in a learnt clause, those of assumptions not counted.
//
// # Limitations
//
// No pre- or inprocessing. At most 2^30 variables, and clauses of 2^31 words in all. A core is not minimal. Nothing may be used from two goroutines at once. What it answers is a
// proposal like any other: models are replayed, and invariants certified, by code that shares nothing with it.
//
// Sources: Eén & Sörensson, "An extensible SAT-solver", 2003; Moskewicz, Madigan, Zhao, Zhang & Malik, "Chaff", 2001; Audemard & Simon,
// "Predicting learnt clauses quality in modern SAT solvers", 2009; Biere & Fröhlich, "Evaluating CDCL restart schemes" and "Evaluating CDCL variable scoring schemes", 2015 (the queue); Sörensson &
// Biere, "Minimizing learned clauses", 2009; Audemard, Lagniez & Simon, "Improving Glucose for incremental SAT solving with assumptions", 2013.
package cdcl
