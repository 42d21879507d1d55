// Package sarif writes what a check found as SARIF 2.1.0, so that GitHub code scanning and editors show it in the design.
//
// A log is one run, however many designs there are. Its rules are the threats that do the work in an attack, with their documentation from the catalogue, and the requirements
// that are broken without a threat. A result is one attack: it stands where its decisive step acts, its code flow goes through the steps and ends
// at the requirement, and its fingerprint is made from names, so that it stays the same when lines move. What a waiver covers is a
// notification and no result, and what a baseline knows is a note: code scanning shows results with suppressions as open alerts, and one that was dismissed there would stay silent
// after the waiver has ended. Errors in a design are notifications, and the run did not succeed.
//
// Limits of code scanning are respected: see the constants. What was left out is said in a notification.
//
// # Limitations
//
// Proofs are not in it: SARIF has no place for them that anybody shows. Places are counted in code points.
//
// Sources: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0; GitHub Docs, "SARIF support for code scanning".
package sarif
