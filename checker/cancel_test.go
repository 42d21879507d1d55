package checker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
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

// TestAnswersAtAnyTime ends checks at every place where they look at their context, after a first pass has found what is found at once. An attack that was
// found is then never thrown away, what is said of the least cost is so, and what is told is all in the evidence.
func TestAnswersAtAnyTime(t *testing.T) {
	defer checker.FirstPassAlways()()
	for _, path := range []string{"../examples/first/first.vbn", "../examples/tofar/pharmacy.vbn", "../examples/checkout/amount.vbn"} {
		m := threatstest.Load(t, threatstest.Disk, path)
		opt := checker.Options{AsOf: "2026-01-01"}
		looks := func(opt checker.Options) (*checker.Result, int) {
			ctx := systemtest.NewCountdown(1 << 40)
			r, err := checker.Check(ctx, m, opt)
			if err != nil {
				t.Fatal(err)
			}
			return r, ctx.Looks()
		}
		want, total := looks(opt)
		quick := opt
		quick.Quick = true
		first, enough := looks(quick)
		better, open := 0, 0
		step := max(1, total/25)
		for n := step; n < total; n += step {
			got, err := checker.Check(systemtest.NewCountdown(n), m, opt)
			if err != nil {
				if errors.Is(err, context.Canceled) {
					continue // while it was grounded
				}
				t.Fatal(err)
			}
			for i, q := range got.Requirements {
				for k, c := range q.Cases {
					all, known := want.Requirements[i].Cases[k], first.Requirements[i].Cases[k]
					switch {
					case c.Verdict != checker.Unknown && c.Verdict != all.Verdict:
						t.Fatalf("%s, stopped at look %d of %d: %s is %s, and it is %s", path, n, total, q.Source.Name, c.Verdict, all.Verdict)
					case n > enough+enough/4 && known.Attack != nil && c.Attack == nil:
						t.Fatalf("%s, stopped at look %d of %d: the attack on %s that was found by look %d is not there", path, n, total, q.Source.Name, enough)
					}
					if c.Attack == nil {
						continue
					}
					if least := all.Attack.Cost; c.Attack.Cost < least || c.Attack.CostAtLeast > least {
						t.Fatalf("%s, stopped at look %d of %d: %s costs between %d and %d, and it costs %d", path, n, total, q.Source.Name, c.Attack.CostAtLeast, c.Attack.Cost, least)
					}
					if c.Attack.CostAtLeast < c.Attack.Cost {
						open++
					} else if c.Unknown != nil {
						better++
					}
				}
			}
			again, refused, err := checker.Recheck(t.Context(), m, opt, func(i, k int) *evidence.Answer { return got.Requirements[i].Cases[k].Evidence() })
			if err != nil || len(refused) > 0 {
				t.Fatalf("%s, stopped at look %d of %d: the evidence is refused: %v %v", path, n, total, refused, err)
			}
			for i, q := range again.Requirements {
				for k, c := range q.Cases {
					if was := got.Requirements[i].Cases[k]; c.Verdict != was.Verdict || (c.Attack == nil) != (was.Attack == nil) ||
						c.Attack != nil && (c.Attack.Cost != was.Attack.Cost || c.Attack.CostAtLeast != was.Attack.CostAtLeast) {
						t.Fatalf("%s, stopped at look %d of %d: by its evidence %s is %s, it was %s", path, n, total, q.Source.Name, c.Verdict, was.Verdict)
					}
				}
			}
		}
		t.Logf("%s: %d looks, %d of a quick check; %d times the cost was open, %d times something else", path, total, enough, open, better)
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
