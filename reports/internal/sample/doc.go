// Package sample has results built by hand, which the tests of all formats write: one of each thing, nothing, too much, and names that bite.
//
// # Limitations
//
// It is for tests. The results say what no check has found; what they have to do with each other is not worked out.
package sample
