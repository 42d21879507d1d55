// Package models is the design that is verified: every name bound, every formula typed, every abbreviation written out. It is data, which package
// [github.com/vauban-verifier/vauban/models/resolve] makes of the syntax, and which everything after it reads.
//
//   - [Design] holds elements, attackers, processes and requirements, in the order declared; [Vocabulary] the words that they are written in;
//   - [Expr] is a formula or a term. A `define` of a design is written out in it, one of a catalogue is not ([OpDefined]), until somebody asks what it says ([Expr.Body]);
//   - [Spread] writes `x.zone` out where elements stand in several zones.
//
// # Limitations
//
//   - Formulas compare terms only: `F = G` of two formulas is written with `implies`, and both branches of `if` are terms.
//   - Quantifiers stay quantifiers: grounding them is the work of the checker.
package models
