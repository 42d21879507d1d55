// Package encode turns a question into a sequential circuit, the reference form that bounded model checking, IC3 and exports share.
//
//  1. New: a latch for each fact, which starts as the question says, and one for each choice, which starts free and never changes. A choice that is given is a constant.
//  2. nodes: each node of the system becomes the and-gates that it stands for.
//  3. selection: inputs choose one rule for each transition, as a number in binary that a tree of gates decodes; it fires where its guard holds. So no two rules are ever taken at once. A number
//     without a rule, or a rule whose guard is false, changes nothing.
//  4. transitions: a fact is true next where a rule that fires sets it, or where it is true and none clears it.
//  5. constrain, atMost, budget: assumptions, the number of failures and the budget are constraints on every state. Where there is a budget, a latch for each rule that can cost remembers that it was taken:
//     it is paid for once.
//  6. Run: a trace of the circuit is read back as a run; steps that change nothing are left out. Latch: a latch is read back as a literal, for invariants.
//
// [Encoding.Symmetry] guesses what looks alike (symmetry.go).
//
// What differs from encodings of planning problems: one rule a transition, in binary, where those have a variable for each action and let several be taken together. The steps of attacks are counted
// and shown, and a run must be one.
//
// The steps that change nothing make every run of n steps one of n+1, too: bounded model checking needs only the last state of a depth, and the shortest run is as short
// as without them. Without the rule of step 4 that setting wins over clearing, runs would be found that do not replay, and invariants proved that do not hold; the interpreter and package certify read the rules for themselves, and refuse both.
//
// # Limitations
//
// The counters of failures and costs are as large as their limits; [New] refuses what would be too large.
//
// Source: Biere, Heljanko & Wieringa, "AIGER 1.9 and beyond", 2011 (latches that start free, invariant constraints); Kautz & Selman, "Planning as satisfiability", 1992 (rules as transitions).
package encode
