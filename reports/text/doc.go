// Package text writes what a check found so that an architect understands it at once.
//
// First comes one line for each requirement, then the attacks as numbered sentences with their places in the source, what each
// step gains and what it costs, then what each proof rests on, then the warnings, a summary, and what to do next. Lines are never
// wrapped. Names and sentences come from designs and are data: control characters in them are shown, not sent to the terminal.
//
// # Limitations
//
// Long lists are cut and say so; the canonical JSON report has everything. Columns are aligned by runes, so names in wide scripts may
// stand out of line.
package text
