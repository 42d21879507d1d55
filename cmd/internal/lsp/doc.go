// Package lsp is the language server: what an editor asks about a design while somebody writes it, verdicts included.
//
// Every answer comes from one reading of the design with the texts as they stand in the editor (project.go): a reading is made when something changed since the last one and
// somebody asks. Where something is wrong, the rest is answered all the same: everything but verdicts comes from the design as far as it could be read ([threats.Read]). Diagnostics are sent after each change. Verdicts are looked for when nobody has typed for a while, and given up with the next key (verdicts.go); until
// they are there again, what is shown of them says that it is of an earlier text.
//
// The protocol's types and its wire are a library's, go.lsp.dev/protocol.
//
// # Limitations
//
// A file belongs to one design: itself where it begins with `design`, or the first that includes it among the designs that lie beside or below it. In a catalogue, where
// something is written is found by indentation and braces (catalogue.go), and what its keys mean by its schema. A word of a catalogue is renamed in the designs that
// are open; others are not looked for. Texts are sent whole or in parts, in UTF-16 columns.
//
// Source: Language Server Protocol Specification 3.18, Microsoft.
package lsp
