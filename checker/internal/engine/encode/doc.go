// Package encode turns a question into a sequential circuit, the reference form that bounded model checking, IC3 and exports share.
//
// The latches are the facts, the choices, which start free and never change, and, where there is a budget, a latch for each rule that can
// cost, which remembers that the rule was taken. The inputs choose one rule for each transition: a number in binary, decoded
// by a tree of gates, so that no two rules are ever taken at once. A number without a rule, or a rule whose guard is
// false, changes nothing; the shortest runs are not affected. Assumptions, the number of failures and the
// budget are constraints on every state.
//
// # Limitations
//
// The counters of failures and costs are as large as their limits; [New] refuses what would be too large.
package encode
