// Package canonical writes values as canonical JSON (RFC 8785) piece by piece, so that a large document can be hashed, or compared with bytes that are
// there, without being held in memory once more.
//
// It takes what evidence is made of: structs with `json` tags (omitempty, omitzero), maps with text for keys, slices, pointers, texts, booleans and whole
// numbers of at most 2^53-1. What it writes is what [github.com/gowebpki/jcs] makes of what [encoding/json] writes; a test compares them.
//
// # Limitations
//
// Fractions, interfaces and types with a MarshalJSON of their own are refused.
//
// Source: RFC 8785.
package canonical
