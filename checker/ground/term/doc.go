// Package term grounds the terms of the language: a [Term] is a function from states to values, kept as the values that it may have, each with
// the literal of the states in which it has that value.
//
// Everything that package ground builds from terms rests on two properties of them, in all states of all runs:
//
//	(1) at most one of the literals is true: a term has one value, or none (the zone of what lies nowhere);
//	(2) the values differ: "the term has this value" is one literal.
//
// A list of alternatives that breaks (2) has one half of a value overwrite the other in an assignment, and an attack is lost. So no list is built
// outside this package: a Term is made by the functions here alone, and each says why its result has both properties where its arguments have them.
// That a [Variable] has exactly one value is what the two rest on in the end. It is a property of the rules, not of the circuit: [NewVariable] says what makes
// it true, and has it written into the system, whose interpreter looks.
//
// # Limitations
//
// A term of k values takes k literals, and a term over two terms looks at all pairs of their values: who builds one bounds both before. A sum that is only
// compared may be added in binary instead ([Number]), or, where only totals up to a number matter, as what it is at least ([Ladder]).
package term
