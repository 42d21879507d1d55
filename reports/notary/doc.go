// Package notary puts the digest of a signed report on a Tangle and checks, offline and trusting no node, that it is there.
//
// What goes on the ledger is a [Record]: the digest of the signed statement, blinded so that nobody can test guesses against it, and the
// block of the record before it in the design's history. It travels in a Stardust block that a [Ledger] makes and sends.
// What comes back is a [Receipt]: the raw bytes of the block, the Merkle path from it to a milestone, and the milestone with its
// signatures. [Verify] checks these against a pinned [Trust] file. It reads the bytes itself, strictly: for each meaning there is exactly one
// byte sequence, so a receipt with any byte changed is refused.
//
// # Limitations
//
// A receipt proves that the coordinators signed a milestone over the block, and when by their clocks. It does not prove that nobody made
// another chain of records for the same design: only the ledger as a whole can show that.
//
// The files and every check are described in reports/audit/FORMAT.md.
//
// Sources: IOTA TIP-24 (tangle block), TIP-23 (tagged data), TIP-29 (milestone payload), TIP-34 (receipts of migrated funds), TIP-4
// (milestone Merkle validation); RFC 6962 (Merkle trees); RFC 7693 (BLAKE2); RFC 8032 (Ed25519); RFC 8785 (canonical JSON).
package notary
