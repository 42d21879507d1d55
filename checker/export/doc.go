// Package export writes a question for solvers of others: is there a run, of any length, to a state where Bad holds?
//
// All formats are made from the circuit of package encode. Its inputs choose a rule in binary; its latches are the facts, the choices, and,
// where there is a budget, the rules taken that may cost. Assumptions, the number of failures and the budget are constraints.
//
//   - AIGER: the circuit, with constraints and initial values folded in ([circuit.Circuit.Plain]), so that readers of any version take it. The one output is
//     bad: it can be reached when the requirement is violated for some decisions. Symbols name inputs and latches.
//   - SMT-LIB: constrained Horn clauses over one relation, the reachable states. `sat` means that bad cannot be reached, `unsat` that it can.
//   - DIMACS: the circuit unrolled. Satisfiable means that bad can be reached in at most so many steps; unsatisfiable says nothing of longer runs.
//
// # Limitations
//
// Which rule a step takes has to be read from the bits of the inputs, in the order of the comments. DIMACS is bounded.
//
// Sources: Biere, Heljanko & Wieringa, "AIGER 1.9 and beyond", 2011; Barrett, Fontaine & Tinelli, "The SMT-LIB Standard: Version 2.6", 2017;
// Bjørner, Gurfinkel, McMillan & Rybalchenko, "Horn clause solvers for program verification", 2015.
package export
