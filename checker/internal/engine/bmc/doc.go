// Package bmc is bounded model checking: it looks for a run that violates a circuit in 0 steps, in 1, in 2, and so on, so that the first that it finds is a
// shortest one.
//
// One solver holds all steps. Step k takes as its latches what step k-1 makes of them; constants of the first state are
// folded into the gates above them, and equal gates are one ([circuit.Unrolling]). Only what the constraints and the bad literal depend on is ever loaded. When a depth is done, its bad
// literal is false for good, which is a lemma for the depths that follow.
//
// # Limitations
//
// It finds and never proves.
//
// Sources: Biere, Cimatti, Clarke & Zhu, "Symbolic model checking without BDDs", 1999; Eén & Sörensson, "Temporal induction by
// incremental SAT solving", 2003.
package bmc
