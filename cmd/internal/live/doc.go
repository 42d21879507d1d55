// Package live serves a page on the loopback address that follows the files of a design: its report, checked anew whenever one of them changes.
//
// The page is the HTML report as it is, in a frame, below a line that says how far the check is (shell.html). A thread of [Serve] runs one check after another: it is given up as
// soon as a file changes that it read, or looked for in vain. Browsers hear of each state over server-sent events, and load the report again where it is another one; what a
// reader had open stays open.
//
// Who may look: the server listens on a loopback address, answers only requests that name it by that (so no name that a stranger points there), only below a token that nobody can guess, and
// none that a page of another origin makes. It has no request that changes anything.
//
// # Limitations
//
// Files are looked at every tenth of a second, not watched: that works in containers and on network drives alike. Other users of the machine are kept out by the token alone.
//
// Source: Server-sent events (HTML Living Standard, WHATWG); Fetch Metadata Request Headers (W3C).
package live
