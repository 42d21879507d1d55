package reason_test

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
)

// TestKnown checks that evidence may say what the judge says, and nothing that only looks like it.
func TestKnown(t *testing.T) {
	t.Parallel()
	for text, known := range map[string]bool{
		certify.ErrLimit.Error():       true,
		certify.ErrLimit.Error() + "!": false,
		"no attack of fewer than 12 steps, and no proof within 4194304 conflicts and questions": true,
		"no attack of fewer than -2 steps, and no proof within 4194304 conflicts and questions": false,
		"": false,
	} {
		if reason.Known(text) != known {
			t.Errorf("%q: %t", text, !known)
		}
	}
}
