// Package document is the form in which what a check or an explanation of logs found is kept, signed and audited: types, canonical bytes, and a strict reader.
//
// The bytes are canonical JSON (RFC 8785), and they are the same for the same inputs: there is no clock, no host, no random number and no map order in them, and
// paths are relative to the directory of the first design file, however the command was called. [Report.Canonical] gives those bytes, [Digest] their SHA-256, and
// [Parse] and [ParseDocument] read them back: they refuse unknown fields and every byte sequence but the canonical one, so a document has exactly one form.
//
// It knows no engine, no judge and no grounding, so that whoever verifies a signature or a receipt links none: package reports makes documents of results.
//
// # Limitations
//
// What is read is well-formed, and nothing more: whether it follows from anything is for an audit to say. A report holds the evidence but not the designs: checking an
// attack or a proof again needs the inputs whose digests the report names.
//
// Sources: RFC 8785 (JSON Canonicalization Scheme).
package document
