// Package change says what a change of a design does to its requirements, as a reviewer would put it.
//
// It compares two results: requirements whose verdict changed, attacks that are new, gone, cheaper or dearer, what proofs no longer rest on or now
// assume, what weakens the check itself (attackers, assumptions, catalogues, the configuration), requirements that were dropped or reworded, waivers that came, went, ended or cover nothing. Each remark says whether it is for the
// worse, for the better, or neither; those of a kind that a gate should stop are findings: see [Kind.IsFinding].
//
// Requirements are matched by name, cases by who attacks and with which values. A change is told in text, in Markdown and as JSON.
//
// # Limitations
//
// What is renamed is gone and new. An attack is known again by its way, which is that of [explain.Attack]: free steps are part of it only where nothing else is. What was
// changed in a design is told of its elements and attackers, not of its processes. Two results that
// were checked against different catalogues are compared all the same, and the review says so.
package change
