package system_test

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/system"
)

func verdict(p *system.Proposal) string {
	switch {
	case p.Holds != nil:
		return "holds"
	case len(p.Sufficient) > 0:
		return "depends"
	}
	return "violated"
}

func TestExplorerAgrees(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	const designs = 6000
	for seed := range int64(designs) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, rng.Intn(5) > 0)
		p, err := reach.Solve(context.Background(), d.Q, reach.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		tr := systemtest.Explore(d)
		fixedDecision := d.Decided()
		if err := certify.Proposal(t.Context(), d.Q, &p); err != nil {
			t.Fatalf("seed %d: %v\n%+v\n%+v", seed, err, p, tr)
		}
		if p.AtLeast > 0 && tr.Cost >= 0 && p.AtLeast > tr.Cost {
			t.Fatalf("seed %d: at least %d, explorer %d", seed, p.AtLeast, tr.Cost)
		}
		if p.Incomplete != "" {
			if d.Simple {
				t.Fatalf("seed %d: gave up on a monotone design: %s\n%+v", seed, p.Incomplete, tr)
			}
			counts["incomplete"]++
			continue
		}
		want := tr.Verdict(d)
		if got := verdict(&p); got != want {
			t.Fatalf("seed %d: %s, explorer says %s\n%+v", seed, got, want, p)
		}
		counts[want]++
		if want == "holds" {
			continue
		}
		trace, err := system.Replay(d.Q, &p.Attacks[0])
		if err != nil {
			t.Fatal(err)
		}
		if d.Simple && (trace.Cost != tr.Cost || len(p.Attacks[0].Rules) != tr.Steps || p.AtLeast != tr.Cost) {
			t.Fatalf("seed %d: cost %d (at least %d) in %d steps, explorer says %d in %d\n%+v", seed, trace.Cost, p.AtLeast, len(p.Attacks[0].Rules), tr.Cost, tr.Steps, p)
		}
		if want == "depends" && !fixedDecision {
			var got []string
			for _, s := range p.Sufficient {
				got = append(got, fmt.Sprint(s.Decisions))
			}
			slices.Sort(got)
			if sets := systemtest.MinimalSets(d, tr); !slices.Equal(got, sets) {
				t.Fatalf("seed %d: sets %v, explorer says %v", seed, got, sets)
			}
		}
		// What is tampered with is refused.
		bad := p
		bad.Attacks = slices.Clone(p.Attacks)
		bad.Attacks[0].Rules = bad.Attacks[0].Rules[:max(0, len(bad.Attacks[0].Rules)-1)]
		if len(p.Attacks[0].Rules) > 0 && certify.Proposal(t.Context(), d.Q, &bad) == nil {
			t.Fatalf("seed %d: a truncated attack passes", seed)
		}
		bad = p
		bad.Attacks, bad.Holds = nil, &system.Certificate{Cuts: []system.Cut{{}}}
		if certify.Proposal(t.Context(), d.Q, &bad) == nil {
			t.Fatalf("seed %d: a wrong proof passes", seed)
		}
		if len(p.Sufficient) > 0 {
			bad = p
			bad.Sufficient = p.Sufficient[1:]
			if certify.Proposal(t.Context(), d.Q, &bad) == nil {
				t.Fatalf("seed %d: a missing set passes", seed)
			}
			counts["mutated sets"]++
		}
		counts["mutated attacks"]++
	}
	t.Logf("%d systemtest.Designs: %v", designs, counts)
}
