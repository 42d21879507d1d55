// Package bmc is bounded model checking: it looks for a run that violates a circuit in 0 steps, in 1, in 2, and so on, so that the first that it finds is a
// shortest one.
//
//  1. Next, Skip: the constraints of step k are added to the one solver that holds all steps, and it is asked whether the bad literal of step k can be true, or
//     that is left to whoever has found it out otherwise.
//  2. circuit.Unroll: step k takes as its latches what step k-1 makes of them; constants of the first state are folded into the gates above them, and equal gates
//     are one. Only what the constraints and the bad literal depend on is ever loaded.
//  3. trace: where it can, the run is read off the model. Where it cannot, the literal is false for good, a lemma for the depths that follow, and k grows.
//
// What differs: nothing is kept of a simple path, and nothing proved by induction over the depth, as in Eén & Sörensson; package ic3 is there for that. Steps share one circuit, in which
// what is constant or alike is folded before the solver sees it.
//
// The lemma of step 3 is sound since the solver holds no assumption that is taken back later. Without the constraints of all steps before, runs would be found that
// are none.
//
// # Limitations
//
// It finds and never proves.
//
// Sources: Biere, Cimatti, Clarke & Zhu, "Symbolic model checking without BDDs", 1999; Eén & Sörensson, "Temporal induction by
// incremental SAT solving", 2003.
package bmc
