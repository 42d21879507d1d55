package checker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestCancelledAnywhere ends a check at every place where it looks at its context. It must say so, or leave undecided what it had no time for: nothing may
// be decided otherwise than with all the time there is.
func TestCancelledAnywhere(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../examples/first/first.vbn", "testdata/cashier.vbn", "../examples/checkout/amount-fixed.vbn"} {
		m := threatstest.Load(t, threatstest.Disk, path)
		opt := checker.Options{AsOf: "2026-01-01", Resilience: true}
		const plenty = 1 << 40
		all := systemtest.NewCountdown(plenty)
		want, err := checker.Check(all, m, opt)
		if err != nil {
			t.Fatal(err)
		}
		total := all.Looks()
		step := max(1, total/60)
		stopped, undecided := 0, 0
		for n := 1; n < total; n += step {
			ctx := systemtest.NewCountdown(n)
			got, err := checker.Check(ctx, m, opt)
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("%s, stopped at look %d of %d: %v", path, n, total, err)
				}
				stopped++
				continue
			}
			for i, q := range got.Requirements {
				switch q.Verdict {
				case want.Requirements[i].Verdict:
				case checker.Unknown:
					undecided++
				default:
					t.Errorf("%s, stopped at look %d of %d: %s is %s, with all the time it is %s", path, n, total, q.Source.Name, q.Verdict, want.Requirements[i].Verdict)
				}
			}
		}
		t.Logf("%s: %d looks; %d checks ended before there was a result, %d requirements were left undecided", path, total, stopped, undecided)
		if stopped == 0 || undecided == 0 {
			t.Errorf("%s: nothing was ever left undecided, or the grounding was never stopped", path)
		}
	}
}

// TestSharedCircuits asks about counts, whose circuits share most of their gates: a walk along each path of them would never end.
func TestSharedCircuits(t *testing.T) {
	t.Parallel()
	services := ""
	for i := range 44 {
		services += "component S" + string(rune('A'+i/26)) + string(rune('a'+i%26)) + ": service in Net { has rate_limiting? }\n"
	}
	for _, rest := range []string{
		"assume Some: (count c: service | c has rate_limiting) >= 22\nrequire R: never controls(SAa)",
		"assume Some: (count c: service | c has rate_limiting) >= (count c: service | not c has rate_limiting)\nrequire R: never controls(SAa)",
		"require R: always (count c: service | c has rate_limiting) >= 22",
		"require R: never (count c: service | c has rate_limiting and controls(c)) >= 22",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		m := load(t, map[string]string{"design.vbn": "design \"Shared\" use \"retail\" zone Net: public attacker X { in Net }\n" + services + rest}, "design.vbn")
		r, err := checker.Check(ctx, m, checker.Options{})
		if err != nil {
			t.Fatalf("%s: %v", rest, err)
		}
		if v := r.Requirements[0].Verdict; v == checker.Unknown && ctx.Err() != nil {
			t.Errorf("%s: it takes too long", rest)
		}
	}
}
