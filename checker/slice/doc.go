// Package slice reduces a question to what can matter to it.
//
// [Of] first follows the rules forward from the start, ignoring deletions and keeping "can be true" apart from "can be false": what
// can only have one value becomes a constant, and a rule that can never be taken goes. Then it follows Bad and the assumptions backward: a
// rule stays when it changes a fact that they depend on. Both passes are linear. [Only] keeps given rules
// instead, and everything that they touch: a run of those rules replays on it exactly as on the original. [All] serves questions that differ in Bad alone, and goes
// forward only.
//
// # Limitations
//
// A run of the slice may leave a choice open that an effect without bearing on the question depends on; the
// original question then wants it named. Assumptions are not used to prune.
//
// Sources: Dowling & Gallier, "Linear-time algorithms for testing the satisfiability of propositional Horn formulae", 1984.
package slice
