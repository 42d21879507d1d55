// Package notarytest is a second verifier of evidence, for tests: of reports with their receipts and histories ([Evidence], [Chain], [Verify]), and of trails, with the log of milestones and its witnesses ([Trail]). Written from reports/audit/FORMAT.md alone, it
// shares nothing with packages reports, attest, notary, trail and audit, so that a mistake in one of them, or in that description, shows.
//
// It works the other way round than they do. In blocks it does not read fields one after the other, but computes where each of them must be, and compares. JSON is held against forms, which say what may be there; permissions are asked anew each time, by going through all
// entries that were allowed.
//
// # Limitations
//
// Logs of milestones are asked about entries of trails alone; a trust file that asks for time stamps is refused. Of the fields of a report it knows those that a statement depends on, and of an explanation less. Errors say what is wrong and not what to do about it.
//
// Sources: IOTA TIP-24 (tangle block), TIP-23 (tagged data), TIP-29 (milestone payload), TIP-4 (Merkle tree of a milestone); RFC 6962, RFC 8032.
package notarytest
