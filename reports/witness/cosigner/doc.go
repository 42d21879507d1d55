// Package cosigner is a witness of transparency logs: it signs a checkpoint only if its tree grew out of the one that it signed last for this log, and says when.
//
// A request is that of C2SP tlog-witness: the number of leaves that the asker believes the witness to have seen, the proof that the tree grew, and the checkpoint. It
// comes over HTTP (POST /add-checkpoint), or in a file for a witness that is offline. What a witness has seen of a log is on disk before it signs, so that a crash
// makes it forget nothing that it has said; two processes with one directory wait for each other.
//
// # Limitations
//
// It believes the clock of its machine. It does not look at leaves: that milestones are right is for those who verify receipts. Whoever copies an old state back makes
// it sign two histories: the directory must not be restored from a copy.
//
// Sources: C2SP tlog-witness, tlog-cosignature, tlog-checkpoint; RFC 6962.
package cosigner
