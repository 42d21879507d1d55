// Package source holds input files and turns byte offsets into the places that people and editors read.
//
// Everything else in Vauban speaks of a place as a [Span] of bytes; only this package knows about lines,
// runes and UTF-16 code units.
//
// # Limitations
//
// A column counts runes, not the cells that a terminal draws. Files above [MaxBytes] are refused by those who read them.
package source
