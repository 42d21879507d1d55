package dsl

import _ "embed" // the reference

// Reference is the reference of the language: Markdown whose snippets are one design. Tests hold it to the parser and to the words of the language.
//
//go:embed LANGUAGE.md
var Reference string
