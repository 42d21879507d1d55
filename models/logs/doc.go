// Package logs reads what was observed of a running system, and says it in the words of a design.
//
// A package below reads one format: bytes in, a [Record] after the other out, of which no more is held than one. A [Mapping] makes of a record an [Event]: the
// step of a process that was taken with its arguments, an attempt that somebody made, or an effect that was seen. [Cases] puts the events of one case together: of
// one order, one parcel, one session. Events that share an object are of one case.
//
// Nothing is mapped silently. A value that no line of the mapping fits, a type of event that it does not know, a time that cannot be read: each
// is said, with its place, and a case that it is part of is not judged.
//
// # Limitations
//
// A record has at most [MaxBytes] bytes, [MaxFields] fields and nests [MaxDepth] levels. The events of all cases that are not finished are in memory, at
// eighty bytes each and what no other says, and there are at most [MaxEvents] of them. Threats are known here by their IDs and references alone.
package logs

import _ "embed"

// Reference is the page about mappings: Markdown whose example a test reads.
//
//go:embed MAPPING.md
var Reference string
