// Package wording says what a check found in words: the same in every format that people read.
//
// It returns plain text. Names, titles and sentences in it come from designs and catalogues and are data: whoever writes the text somewhere
// escapes it as that place needs.
//
// # Limitations
//
// The words are English. Long lists are cut and say so; the canonical JSON report has everything.
package wording
