// Package cli is the command line of Vauban: check, diff, baseline, graph, fmt, catalogue, lsp, demo, version and others.
//
// Results go to standard output, talk to standard error. The exit status says how it went: 0 everything holds or is waived, 1
// something is violated or depends on what is still open, 2 the input or the command line is invalid and nothing was verified, 3
// something is unknown or Vauban itself failed, 130 interrupted. Files are written whole or not at all.
//
// # Limitations
//
// Inputs are regular files and standard input: no pipes by name, no URLs. The first SIGINT or SIGTERM asks a command to stop, the second ends the process. A check that was interrupted writes what it
// found by then, and says so by its exit status: the bytes of such a report depend on when that was.
package cli
