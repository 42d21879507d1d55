// Package reports says what a check found in a form that other programs can read and that auditors can hash.
//
// A [Report] is made from a [checker.Result] and carries its evidence: attacks step by step, and what each proof rests on. Its bytes
// are canonical JSON (RFC 8785), and they are the same for the same inputs: there is no clock, no host, no random number and no
// map order in them, and paths are relative to the directory of the first design file, however the command was called.
// [Report.Canonical] gives those bytes, [Digest] their SHA-256, and [Parse] reads them back: it refuses unknown fields
// and every byte sequence but the canonical one, so a report has exactly one form.
//
// The formats that people read are packages below this one.
//
// # Limitations
//
// A path given as an absolute one stays absolute where it is not below a common directory on the same volume. A report holds the
// evidence but not the designs: checking an attack or a proof again needs the inputs whose digests the report names.
//
// Sources: RFC 8785 (JSON Canonicalization Scheme).
package reports
