// Package verdicts judges what a report or an explanation says again from its inputs: it is the part of an audit that takes grounding, the judge and, to verify everything
// once more, the engines.
//
// The inputs that are given must be those that the document names. Each verdict is then judged by the evidence that the document has for it, and the rest of the document is made
// again and compared byte for byte. What is claimed is derived from what was judged, never copied.
//
// # Limitations
//
// Built-in catalogues and packs are those of the program that audits, unless the auditor has their texts: where they are others than those of the program that made the report, the inputs
// are refused. With texts, who says what is built in is who gives them: a text that is not the same as that of this program is claimed as one of the design's own.
package verdicts
