// Package yamldoc reads YAML files that people write, so that every mistake in them is told with its line and column.
//
// A file is parsed into nodes; keys are strict, and a value is what its place says, not what YAML guesses from its look: `010`, `no` and dates are
// texts where a text belongs. Anchors, aliases, tags and several documents in a file are refused.
//
// # Limitations
//
// The place of a text that is folded over several lines, or has escapes, is its beginning.
//
// Source: YAML 1.2.
package yamldoc
