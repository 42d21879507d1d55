// Package sealed keeps a document of a trail from all but named readers, and lets it be opened for everybody later.
//
// What is sealed is a salt of 32 random bytes and then the document, encrypted as an age file to the Ed25519 keys of the readers' DIDs: each becomes the X25519 key that
// age makes of an SSH key. So the key that signs opens it, and `age --decrypt --identity KEY` does as well. The commitment to a document is SHA-256(salt | SHA-256 of the document): it tells nothing without the
// salt, and whoever has document and salt can check it, with no key at all.
//
// # Limitations
//
// An age file is not signed: a trail's entry has its SHA-256. Nobody but a reader can tell whether a reader that an entry names can open it. Whoever can read may pass on what they have read. A stolen key opens all that was ever sealed to it, whatever the trail says of
// the key since; a key that was replaced is still needed for what was sealed to it. The length of the document can be seen.
//
// Sources: age-encryption.org/v1 (C2SP); E. Thormarker, On using the same key pair for Ed25519 and an X25519 based KEM, 2021.
package sealed
