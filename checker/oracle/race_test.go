//go:build race

package oracle_test

import "testing"

// alone skips a law that one goroutine goes through, a long one, under the race detector, which finds nothing in it and takes eight times as long: .ci/test
// runs the tests of this package a second time without.
func alone(t *testing.T) {
	t.Helper()
	t.Skip("one goroutine: gone through without the race detector")
}
