// Package imports makes designs out of what a shop already has. Each format is a package below it with one entry, Read: bytes in, a [Plan] out, with the
// place of every element. This package has what they share: the plan and its one writer ([Plan.Text], which builds syntax trees for [dsl.Print]), the one
// table of words (words.go: images, ports, schemes, keys, field names to kinds and classes, each with its reason), what can reach what in a flat network
// (reach.go), values of environments (values.go), the design that is proposed beside (propose.go), and drift (drift.go).
//
// # What an import may not do
//
// It may not leave out a way. What it does not understand and what may open a way is an error with its place; with [Source.AllowUnread] it is noted in
// the plan instead, and the text of the plan says so. A kind in doubt is all kinds in doubt, and is marked as guessed. A control is written only if the
// input proves it. Values of secrets are compared, and never written, logged or hashed: a [Secret] has no way to its text.
//
// Names come from files and are data: each becomes an identifier, and its own writing a title without control characters.
//
// # Limitations
//
// The words of the table are what images and keys are usually called; what they say is a guess, and the text says so. What programs decide by themselves
// (a hard-coded host) is in no file that is read.
package imports
