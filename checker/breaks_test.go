package checker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
)

// TestWhatBreaks has a rule say what of it is false, in the elements that it names where it binds none.
func TestWhatBreaks(t *testing.T) {
	t.Parallel()
	r := check(t, load(t, map[string]string{"rules.vbn": `design "Rules" use "core"
			zone Net: public
			component A, B: service in Net
			data C, D: data
			flow F: A -> B over http { carries C }
			attacker O { in Net }
			require A: always A has mtls and B has mtls
			require B: never F over http
			require C: always exists z: zone | z has segmentation
			require D: confidential C, D`}, "rules.vbn"))
	for i, want := range []string{"`A has mtls` is false A; `B has mtls` is false B; ", "`F over http` is true F; ", "`exists z: zone | z has segmentation` is false; "} {
		got := ""
		for _, b := range r.Requirements[i].Cases[0].Breaks {
			got += b.What
			for _, e := range b.Elements {
				got += " " + e.Name
			}
			got += "; "
		}
		if got != want {
			t.Errorf("broken by %q, want %q", got, want)
		}
	}
	// What must be kept of two names is told of each.
	if q := r.Requirements[3]; len(q.Cases) != 2 || q.Cases[0].Verdict != checker.Violated || q.Cases[1].Verdict != checker.Holds || fmt.Sprint(q.Cases[0].Bindings, q.Cases[1].Bindings) != "[{data C}] [{data D}]" {
		t.Errorf("two names have the cases %v", q.Cases)
	}
}

// TestBreaks asks an architecture rule of flows that meet it, may come to meet it, and do not, with and without a failure that is tolerated.
func TestBreaks(t *testing.T) {
	t.Parallel()
	for tolerating, want := range map[string][]string{"": {"Never false", "Perhaps true"}, " tolerating 1 failure": {"Always true", "Never false", "Perhaps true"}} {
		r := check(t, load(t, map[string]string{"rules.vbn": `design "Rules" use "core"
				zone Net: public
				component A, B: service in Net
				flow Always: A -> B over http { has encryption }
				flow Perhaps: A -> B over http { has encryption? }
				flow Never: A -> B over http
				flow Given: A -> B over https
				require Met: always forall f: flow | f.source = A implies (f = Always or f = Given) and f has encryption or not (f = Always or f = Given)
				require Rule: always forall f: flow | f has encryption` + tolerating}, "rules.vbn"))
		if met := r.Requirements[0]; met.Verdict != checker.Holds || met.Cases[0].Breaks != nil {
			t.Errorf("a rule that is met: %s, broken by %v", met.Verdict, met.Cases[0].Breaks)
		}
		var got []string
		for _, b := range r.Requirements[1].Cases[0].Breaks {
			got = append(got, fmt.Sprint(b.Bindings[0].Value, " ", b.Open))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: broken by %q, want %q", tolerating, got, want)
		}
	}
}
