// Package diag holds what Vauban tells users about their inputs: diagnostics, their codes, and how they look in a terminal.
//
// A [List] collects [Diagnostic] values as they are found; [List.Sorted] puts them into their total order and [Render]
// prints them: one line that stands alone, then the source line with the place marked, then further places and at most
// one help. [Suggest] finds the name that was probably meant. Every code is in the table that [Codes] returns.
//
// # Limitations
//
// The width of a character is estimated from its Unicode block, as no terminal tells how wide it draws; zero-width
// joiners in emoji sequences count as nothing, the emoji around them as two cells each. A span over several lines is
// marked on its first line only.
package diag
