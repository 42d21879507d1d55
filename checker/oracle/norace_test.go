//go:build !race

package oracle_test

import "testing"

// alone lets a law that one goroutine goes through run.
func alone(*testing.T) {}
