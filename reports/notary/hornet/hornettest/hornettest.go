// Package hornettest gives tests a private network of one real node.
//
// The node is built by `vauban tangle build`, which .ci/test runs first. Where that has not been done, the tests that need it are skipped with
// a reason.
package hornettest

import (
	"context"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary/hornet"
)

// Binary returns the path of the built node, or skips the test.
func Binary(t testing.TB) string {
	t.Helper()
	binary, built, err := hornet.Binary()
	if err != nil {
		t.Fatal(err)
	}
	if !built {
		t.Skipf("the private node is not built: `vauban tangle build` does it, and `bash .ci/test` too (it belongs to %s)", binary)
	}
	return binary
}

// Start starts a network for a test, which stops it at its end. With the interval 0 the test issues the milestones.
func Start(t testing.TB, interval time.Duration) *hornet.Network {
	t.Helper()
	n, err := hornet.Start(context.Background(), Binary(t), t.TempDir(), "vauban-test", interval)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}
