// Package github writes what a check found as workflow commands of GitHub Actions, which show it beside the lines of a pull request.
//
// An attack stands where its decisive step acts, an architecture rule where it is broken, a diagnostic where it is. GitHub shows ten
// annotations of a kind in a step, so no more are written: the worst first, and the last of them counts the rest.
//
// # Limitations
//
// Annotations are one line of a title and a text; a step summary (package markdown) tells the whole story.
//
// Sources: GitHub Docs, "Workflow commands for GitHub Actions"; actions/runner, ActionCommand.cs (what is escaped).
package github
