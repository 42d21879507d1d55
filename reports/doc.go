// Package reports makes documents of what was found, and has what all formats share: what came of a design ([Outcome]), and what of it a baseline knows ([Known]).
//
// A [document.Report] is made from a [checker.Result] and carries its evidence: attacks step by step, and what each proof rests on. The formats that people read are
// packages below this one; evidence (attest, notary, audit) knows documents alone.
//
// # Limitations
//
// A path given as an absolute one stays absolute where it is not below a common directory on the same volume.
package reports
