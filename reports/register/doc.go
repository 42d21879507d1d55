// Package register keeps a team's list of findings: who owns each, in which state it is, its ticket, and until when something is due.
//
// A finding is known as a baseline knows it (package baseline): by its requirement, by whom, where and in which way, whatever it costs. [Register.Update] brings the list
// to what a check found: what is new is entered as open, or as accepted where a waiver covers it; what is gone becomes fixed, and what comes back is open again; what
// people wrote stays. A finding keeps the identifier that it was entered with.
//
// A baseline decides what a gate lets pass, and may only shrink; a register decides nothing, and has everything. A risk is accepted by a waiver in the design: the
// state `accepted` only says that somebody has done so.
//
// # Limitations
//
// The file is JSON, sorted, to be reviewed as a diff; it has no history of its own, as the repository has one. A requirement that is renamed has
// new findings, and so has a design whose file is moved, unless `design` is changed in the file first.
package register
