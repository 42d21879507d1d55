// Package witness checks that a transparency log has a milestone, and that outside witnesses have seen the log.
//
// A network's coordinators can write a second history: with the keys they sign another milestone for an index, or one that says an earlier time. A log of the
// network's milestones takes that from them. Its leaf number i is the ID of milestone First+i, so it has one milestone for each index; it is a Merkle tree
// (RFC 6962), and its keeper signs checkpoints of it. A witness signs a checkpoint only if the tree grew out of the one that it signed last, and says when. So
// whoever needs a quorum of witnesses needs one honest witness in each quorum for a history that cannot be rewritten.
//
// A [Proof] is a file in the form c2sp.org/tlog-proof: the leaf's number, the way to the root, and the checkpoint with the signatures of the log and of
// witnesses. [Proof.Verify] checks it against a [Policy] out of the auditor's own trust file, offline. Package logbook keeps a log, package cosigner is a witness.
//
// [Stamps.Verify] checks time stamps of authorities (RFC 3161), whose certificates the trust file names: a second clock.
//
// # Limitations
//
// Signatures by keys that the policy does not name are not looked at. That all witnesses of a quorum lie together does not show. A log that is kept
// from the witnesses for a while shows in their times alone, which [Policy] bounds.
//
// An authority whose key was stolen is not told from itself: revocation lists are not asked.
//
// Sources: RFC 3161, RFC 5816; C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof; RFC 6962; RFC 8032.
package witness
