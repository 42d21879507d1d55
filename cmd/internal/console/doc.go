// Package console is what the commands of Vauban share, whatever they do: streams, exit statuses and how errors are told; inputs, and which files may be read for them; the designs that
// a command is about, from its arguments, directories or vauban.yaml; revisions out of git's objects, and the two sides that are compared; progress on a terminal.
//
// The commands themselves are in package cli.
//
// # Limitations
//
// Inputs are regular files and standard input: no pipes by name, no URLs. Revisions are read by the git command.
package console
