// Package plain writes what every text has, whatever it is about: numbers, lists, and what a stranger wrote.
//
// # Limitations
//
// English only. [Clean] is for terminals and plain texts: a format with markup escapes what is markup there besides.
package plain
