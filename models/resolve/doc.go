// Package resolve turns the syntax of a design into the design that is verified.
//
// [Design] goes through the files in phases, and reports all that is wrong on the way:
//
//  1. names: elements, members of processes, attackers, requirements; a name that is taken is reported with its first place;
//  2. elements: kinds, zones, ends of flows, then clauses, where what an `extend` says counts as if written at the element, then every `each` as if its
//     clauses were written at each element. What is written several times is merged, in an order that does not tell where it was written: given by a
//     protocol wins over decided, decided wins over open, `has not` takes back;
//  3. processes: first the sorts of all members, then what values, messages and steps say;
//  4. formulas: defines, attackers, requirements, assumptions, waivers. Where elements stand in several zones, `x.zone` is written out for each ([models.Spread]).
//
// Formulas are checked by one type checker, which also serves catalogues ([Defines], [Formula], [Term], [Fact], [Sort]). What it has reported becomes
// [models.OpInvalid], which fits everywhere, so that one mistake is told once; a design with errors is never verified. For those who work on what is right of one (editors), [Draft] resolves it as far
// as it goes, with what declarations say before a syntax error, and marks what errors stand in. A `define` is checked where it
// stands and copied where it is used, with fresh bound variables, within a budget of nodes.
//
// A word is understood by where it stands. Terms (elements, values of domains, value functions, facts, variables, defines)
// share one space of names; domains, messages and steps have each their own, and the words of catalogues are apart from
// all of them. Where a name of the design and a predicate or a kind could both stand, the design's wins, with a warning.
//
// # Limitations
//
//   - A term whose kind is not known exactly fits wherever some element of its root could: a formula over `f.target`, which
//     is a party, may ask `controls` and `denies`; grounding drops what does not fit.
//   - `.zone` has no meaning in processes and sums of designs with elements in several zones; it is refused there.
//   - Integer terms are not followed through arithmetic: only literals are checked against a range here.
//   - At most 2,000,000 elements, 65,536 values in a domain, 1,000,000 in all, 100,000 nodes in a formula, 2,000,000 in all.
package resolve
