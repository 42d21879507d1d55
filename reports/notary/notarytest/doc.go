// Package notarytest is a second verifier of evidence, for tests: written from reports/audit/FORMAT.md alone, it shares nothing with packages reports, attest, notary and
// audit, so that a mistake in one of them, or in that description, shows.
//
// It works the other way round than package notary does: it does not read fields one after the other, but computes where each of them must be, and compares.
//
// # Limitations
//
// Milestones with options are refused. Errors say what is wrong and not what to do about it.
//
// Sources: IOTA TIP-24 (tangle block), TIP-23 (tagged data), TIP-29 (milestone payload), TIP-4 (Merkle tree of a milestone); RFC 6962, RFC 8032.
package notarytest
