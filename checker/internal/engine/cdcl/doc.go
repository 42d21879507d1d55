// Package cdcl is a conflict-driven clause learner for engines that ask very many, mostly small, related questions: bounded model
// checking, IC3, and the optimisation over cuts.
//
//  1. Solve, SolveWith: assumptions are the first decisions. SolveWith adds a clause for one question: it waits for a literal that is assumed, and goes with all that was learnt from it.
//  2. propagate: each clause watches two of its literals, and is looked at when one becomes false, unless its blocker is true.
//  3. learn: a conflict gives the first clause with one literal of its level (first UIP). Literals that follow from others of the clause are left out (redundant), and the variables that took part move to the
//     front of the queue (raise).
//  4. cancel: back to the level where the learnt clause assigns a literal. Where recent clauses are over more levels than usual, back to the assumptions: a restart.
//  5. forget: now and then half of the learnt clauses go, those over the most levels; tidy closes the gaps.
//  6. pick: otherwise the variable in front without a value is decided, the way that it was last.
//  7. explain: where an assumption is false, those that it follows from are the core.
//
// What differs from MiniSat and Glucose: it counts conflicts and visits of clauses, so that limits do not depend on the clock; it stops at once; a clause can be there for one question only at no lasting cost; a new variable
// is cheap; variables are moved in a queue instead of a heap; levels of assumptions do not count for the number of levels in a learnt clause.
//
// It is sound since each learnt clause follows from others by resolution. That would break if a clause learnt from that of SolveWith stayed (it does not: it has the literal that is assumed), if the reason of a literal were
// forgotten while it is one (forget runs at level 0 alone, and unlock first), or if redundant went round in a circle (reasons are older than what they imply).
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
