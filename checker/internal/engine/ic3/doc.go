// Package ic3 proves that no run of a circuit, of any length, violates it, or finds a run that does.
//
// The idea is Bradley's. Frame i holds clauses that are true in all states that i steps can reach. A state of the last frame that violates the circuit
// is to be blocked; if a state before it can reach it, that one is to be blocked one frame earlier, and so on; a state of the
// first frame means a run. What cannot be reached from the frame before gives a clause, made as short as that allows (generalize) and put into
// the latest frame in which it is true. When two frames agree, what they hold is an invariant.
//
// Each frame has a solver of its own, which loads the cone of a latch when a question first asks for it. A primed literal is the
// circuit's next-state literal. The state found before another is cut down to what justifies it, by a walk through the circuit that
// prefers inputs to latches (justify): no solver is needed, and all states that are left violate no constraint. Frozen choices are latches like others: a clause may
// say "without this control, that is never true".
//
// What was found for one member of a domain mostly holds of the others (Similar): it is asked of them at once, for one question each instead of the
// many that it takes to find it.
//
// # Limitations
//
// Limits are counted in conflicts and questions. Clauses are over latches alone.
//
// Sources: Bradley, "SAT-based model checking without unrolling", 2011; Eén, Mishchenko & Brayton, "Efficient implementation of property directed
// reachability", 2011 (frames as differences, obligations in a queue).
package ic3
