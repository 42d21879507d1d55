// Package circuit is a sequential circuit: latches, inputs, and-gates with complemented edges, one bad literal, and constraints. It
// is what bounded model checking and IC3 work on, what a question is encoded into, and what AIGER files are read into.
//
// [Frame] loads the cone of a literal into a solver, in one time frame, when it is first asked for: engines pay only for what a question
// is about. Of the gates only those get variables that save clauses (see [Loader]). [Unrolling] makes one circuit of many time frames, so that what is
// constant or alike in them is folded before a solver sees it.
//
// # Limitations
//
// One bad literal; no fairness and no liveness.
//
// Sources: Kuehlmann, Paruthi, Krohm & Ganai, "Robust Boolean reasoning for equivalence checking and functional property
// verification", 2002 (and-inverter graphs, and their unrolling); Jackson & Sheridan, "Clause form conversions for Boolean circuits", 2004 (which gates
// get variables); Biere, Heljanko & Wieringa, "AIGER 1.9 and beyond", 2011.
package circuit
