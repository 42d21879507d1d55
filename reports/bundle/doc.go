// Package bundle is evidence in one file: a report or an explanation with its statement, receipt and history, the trail that it stands in, and all that its verdicts are judged from: design,
// mapping, logs, and the catalogues and packs in full, built-in ones too, so that an audit years later does not need the same program.
//
// A bundle is a zip archive in which nothing is compressed, and of which there is one form: names in order, no times, no extra fields, no comments, nothing between or behind. [Write] makes it
// and [Read] takes nothing else: it builds the directory that follows from the files and compares. There is no manifest: what a file is, its name says, and what belongs to
// the document, the document says ([Parse]). So there is nothing that could say otherwise.
//
// # Limitations
//
// Whether the files are right is for an audit to say: a bundle may hold forged evidence, and its built-in catalogues may be anybody's. It holds at most [MaxBytes], so of large logs
// only what fits; files of other bundles that [Parse] does not know are refused.
//
// The bytes are described in reports/audit/FORMAT.md. Source: PKWARE APPNOTE.TXT 6.3.10 (ZIP), which this is a small part of.
package bundle
