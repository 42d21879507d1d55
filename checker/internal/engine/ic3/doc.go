// Package ic3 proves that no run of a circuit, of any length, violates it, or finds a run that does.
//
// Frame i holds lemmas, clauses that are true in all states that at most i steps can reach; a lemma of a frame is one of all frames before it.
//
//  1. Run, push: is there a state of the last frame that violates the circuit? If not, there is a new last frame, and a lemma from whose frame no step leads out of
//     it moves on by one. Where a frame has no lemma of its own left, it and the next one agree, and their lemmas are an invariant.
//  2. justify: if there is one, it is cut down to a cube of states that all violate it, and that is to be blocked in this frame: an obligation, put into a queue by frame.
//  3. block, blockedAt, reaches: the obligation of the earliest frame is taken. Maybe a lemma says it already. Otherwise it is asked for a step into the cube from the frame before,
//     and from outside of the cube.
//  4. before, found: there is one. The state is cut down to a cube, which is an obligation one frame earlier. Where it has an initial state, the run is read off.
//  5. exclude, generalize, add: there is none. The core of the answer is a part of the cube that cannot be reached either, and the initial states are kept out of it. One
//     literal after the other is dropped while that stays so; then the latest frame is looked for in which it is so, where it becomes a lemma. The obligation goes on in the
//     next frame: so a deeper run than the number of frames may be found.
//  6. images: the same is asked of cubes that are Similar, for one question each instead of the many that it takes to find them.
//
// What differs from Bradley and from PDR: each frame has a solver of its own, which loads the cone of a latch when a question first asks for it; a primed literal is
// the circuit's next-state literal, so that there are no variables for the next state; a state is cut down by a walk through the circuit that prefers inputs to latches
// instead of ternary simulation; lemmas are not checked for counterexamples to generalization.
//
// Without step 3's "from outside" less would be found, and nothing wrong: the clause is assumed of the state before, which is induction. Without exclude it would be
// wrong, since induction wants a base: a lemma must be true at the start. Without the constraints in every frame (addFrame) runs would be found that
// are none. Nothing of this is trusted: a run is replayed, and an invariant is checked by package certify.
//
// # Limitations
//
// Limits are counted in conflicts and questions. Clauses are over latches alone.
//
// Sources: Bradley, "SAT-based model checking without unrolling", 2011; Eén, Mishchenko & Brayton, "Efficient implementation of property directed
// reachability", 2011 (frames as differences, obligations in a queue).
package ic3
