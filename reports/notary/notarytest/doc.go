// Package notarytest is a second verifier of receipts, for tests: written from the wire formats alone, it shares nothing with package notary, so that a mistake
// in one of them shows.
//
// It works the other way round than package notary does: it does not read fields one after the other, but computes where each of them must be, and compares.
//
// # Limitations
//
// Milestones with options are refused. Errors say what is wrong and not what to do about it.
//
// Sources: IOTA TIP-24 (tangle block), TIP-23 (tagged data), TIP-29 (milestone payload), TIP-4 (Merkle tree of a milestone); RFC 6962, RFC 8032.
package notarytest
