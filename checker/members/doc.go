// Package members tells an attacker's own from everybody else's among the many that an actor stands for.
//
// # How it works
//
// An actor that stands for many is two in the design that is grounded: the declared element is one of the others, whoever that is, and a copy is the
// attacker's own. What is `of` him has a copy, and so does each flow that he, or something of his, is at or in between; a flow between two such actors has
// a copy for each choice of who of them is the attacker's. What nobody of them has alone is one element, which has to do with all copies: a database that
// stores Order stores both. Messages over copied flows and steps that take part in them are copied alike. Names of a design mean the others, so that
// nothing that a requirement, an assumption or a report says has to be rewritten.
//
// # Two suffice
//
// Fold what happens among any number of members onto these two: the one who is attacked, and all others together with him; or, for what is asked at scale,
// all others together with the attacker. Members are alike but for whose they are, so what holds of an element holds of what it is folded onto, and as rules only
// ask that facts be there, a run folds onto a run that reaches the same. The other way round, two members with others who do nothing are some of any number. Package
// checker/oracle, which plays with any number, is held against this.
//
// # Limitations
//
// Formulas that count members, or tell three of them apart, and steps of processes that ask that something be not so of some member, may need more than two.
package members
