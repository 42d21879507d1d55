// Package dimacs reads and writes formulas in conjunctive normal form as the DIMACS challenge has them.
//
// Reading is strict where a mistake could change the formula: literals beyond the header, clauses that are missing, too many or not ended,
// and anything that is no number are errors with their line. Comments may stand before the header and between clauses, and any white space between numbers.
// Memory grows with the bytes that are there, not with what the header claims.
//
// # Limitations
//
// At most 2^28 variables. Comments are dropped; what other tools read out of them is not understood.
//
// Sources: DIMACS, "Satisfiability: suggested format", 1993; SAT competition rules on input format.
package dimacs
