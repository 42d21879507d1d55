// Package logbook keeps a transparency log of a network's milestones in a directory of files that any web server can hand out, and makes proofs from it.
//
// The files are those of C2SP tlog-tiles: `checkpoint`, the signed state; `tile/L/N`, hashes by 256; `tile/entries/N`, the leaves. A file other than the
// checkpoint never changes, and the checkpoint takes its name last: whoever reads it finds all that it needs. A process that is killed leaves the checkpoint that was
// there, or the next one. [Book.Append] refuses a milestone that does not follow the last one.
//
// A [Source] reads such a directory, here or at a web address. What it reads is checked against the checkpoint, whose signature is checked against the log's key.
//
// # Limitations
//
// Whoever holds the key can sign two checkpoints that contradict each other: that is what witnesses are for. Full tiles keep their partial versions, as the
// readers of older checkpoints need them; nothing here deletes them.
//
// Sources: C2SP tlog-tiles and tlog-checkpoint; RFC 6962; Crosby and Wallach, "Efficient Data Structures for Tamper-Evident Logging" (2009).
package logbook
