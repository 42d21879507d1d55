// Package aiger reads and writes AIGER files, both the ASCII form (aag) and the binary one (aig), of versions 1.0 and 1.9.
//
// Reading is strict: counts that do not add up, literals that are undefined, defined twice or in a circle, reset values that
// are none, and bytes after the end are errors, each with its line or byte. Memory grows with the bytes that are there, not with what the header claims.
//
// Bad literals, and where a file has none outputs, become one bad literal: their disjunction.
//
// # Limitations
//
// Justice and fairness are read and counted, and not given a meaning. At most 2^26 variables.
//
// Sources: Biere, "The AIGER and-inverter graph (AIG) format version 20071012"; Biere, Heljanko & Wieringa, "AIGER 1.9 and beyond", 2011.
package aiger
