// Package layout holds the test that keeps imports running one way through the rooms of the house:
//
//	dsl → models → threats → checker → reports → cmd
//
// # Limitations
//
// It looks at the packages themselves, not at their tests, which may import what they like.
package layout
