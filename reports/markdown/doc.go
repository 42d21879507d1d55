// Package markdown writes what a check found as GitHub Flavored Markdown, for step summaries and comments on pull requests.
//
// First comes a table with a line for each requirement, then each attack as numbered sentences, folded away where there are many, then what the
// proofs rest on and the warnings. Names, titles and sentences come from designs and are data: they are escaped so that they show as they
// are, mention nobody and link nowhere. [Text] and [Code] do that; other packages that write Markdown use them.
//
// # Limitations
//
// A comment holds 65,536 characters, so what is written stays below that: what does not fit is left out, and the text says so. The canonical
// JSON report has everything.
//
// Sources: GitHub Flavored Markdown Spec 0.29; CommonMark Spec 0.31.
package markdown
