package certify

import (
	"context"
	"errors"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
)

// TestWithin checks that a right certificate is neither refused nor accepted where there are too few conflicts to tell.
func TestWithin(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	fail := []system.Lit{b.Choice(system.Failure), b.Choice(system.Failure), b.Choice(system.Failure)}
	bad := b.Fact()
	for i := range fail { // two of three must fail
		b.Rule([]system.Lit{fail[i], fail[(i+1)%3]}, []system.Effect{{When: system.True, Fact: bad, Set: true}}, 0, nil)
	}
	q := &system.Question{System: b.System(), Bad: b.FactLit(bad), MaxFailures: 1, Budget: -1}
	cert := &system.Certificate{}
	for i := range fail {
		pair := []system.Lit{fail[i], fail[(i+1)%3]}
		if pair[0] > pair[1] {
			pair[0], pair[1] = pair[1], pair[0]
		}
		cert.Cuts = append(cert.Cuts, system.Cut{Choices: pair})
	}
	if err := Certificate(context.Background(), q, cert); err != nil {
		t.Error(err)
	}
	if err := Within(context.Background(), q, cert, 0); !errors.Is(err, ErrLimit) {
		t.Errorf("without conflicts: %v", err)
	}
}
