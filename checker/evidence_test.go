package checker_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats"
)

var evidenceOptions = checker.Options{AsOf: "2026-11-24"}

// found is a checked model with the evidence of each case.
type found struct {
	model    *threats.Model
	result   *checker.Result
	evidence [][]*evidence.Answer
}

func find(t *testing.T, model *threats.Model) *found {
	t.Helper()
	result, err := checker.Check(t.Context(), model, evidenceOptions)
	if err != nil {
		t.Fatal(err)
	}
	f := &found{model: model, result: result}
	for _, q := range result.Requirements {
		var list []*evidence.Answer
		for _, c := range q.Cases {
			list = append(list, c.Evidence())
		}
		f.evidence = append(f.evidence, list)
	}
	return f
}

// first returns where the first case with a verdict is.
func (f *found) first(t *testing.T, verdict checker.Verdict) (requirement, at int) {
	t.Helper()
	for i, q := range f.result.Requirements {
		for k, c := range q.Cases {
			if c.Verdict == verdict && f.evidence[i][k] != nil {
				return i, k
			}
		}
	}
	t.Fatalf("no case that %s", verdict)
	return 0, 0
}

func (f *found) recheck(t *testing.T) (*checker.Result, []checker.Refused) {
	t.Helper()
	result, refused, err := checker.Recheck(t.Context(), f.model, evidenceOptions, func(i, k int) *evidence.Answer { return f.evidence[i][k] })
	if err != nil {
		t.Fatal(err)
	}
	return result, refused
}

// What the engines found is found again from its evidence alone, after a way through JSON.
func TestRecheckAgrees(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first/first.vbn", "tofar/pharmacy.vbn", "tofar/pharmacy-hardened.vbn"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := find(t, load(t, nil, filepath.ToSlash(filepath.Join("..", "examples", name))))
			for i := range f.evidence {
				for k, e := range f.evidence[i] {
					data, err := json.Marshal(e)
					if err != nil {
						t.Fatal(err)
					}
					f.evidence[i][k] = nil
					if err := json.Unmarshal(data, &f.evidence[i][k]); err != nil {
						t.Fatal(err)
					}
				}
			}
			again, refused := f.recheck(t)
			for _, r := range refused {
				t.Errorf("%s: %v", f.result.Requirements[r.Requirement].Source.Name, r.Err)
			}
			for i, q := range f.result.Requirements {
				if got := again.Requirements[i].Verdict; got != q.Verdict {
					t.Errorf("%s: %s, by its evidence %s", q.Source.Name, q.Verdict, got)
				}
				for k, c := range q.Cases {
					if got := again.Requirements[i].Cases[k].Verdict; got != c.Verdict {
						t.Errorf("%s, case %d: %s, by its evidence %s", q.Source.Name, k, c.Verdict, got)
					}
				}
			}
		})
	}
}

// Laws go through JSON and are judged again; forged, they are refused.
func TestRecheckLaws(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, map[string]string{"stock.vbn": orders.Stock(10, 4)}, "stock.vbn"))
	i, k := f.first(t, checker.Holds)
	e := f.evidence[i][k]
	if e.Holds == nil || len(e.Holds.Laws) == 0 {
		t.Fatalf("no laws: %+v", e)
	}
	if p := f.result.Requirements[i].Cases[k].Proof; p.Laws != len(e.Holds.Laws) {
		t.Errorf("%d laws, described as %d", len(e.Holds.Laws), p.Laws)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(p *evidence.Proof){
		"": func(*evidence.Proof) {},
		"may break law": func(p *evidence.Proof) {
			law := p.Laws[len(p.Laws)-1]
			law.Of[0].Weight += 2
		},
		"does not hold at the start":                func(p *evidence.Proof) { p.Laws[0].Total++ },
		`the design has no fact "nobody" for a law`: func(p *evidence.Proof) { p.Laws[0].Of[0].Fact = "nobody" },
		"it lists an entry twice":                   func(p *evidence.Proof) { p.Laws = append(p.Laws, p.Laws[0]) },
	} {
		var again evidence.Answer
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatal(err)
		}
		change(again.Holds)
		f.evidence[i][k] = &again
		_, refused := f.recheck(t)
		switch {
		case name == "" && len(refused) > 0:
			t.Errorf("right laws are refused: %v", refused[0].Err)
		case name != "" && (len(refused) == 0 || !strings.Contains(refused[0].Err.Error(), name)):
			t.Errorf("%s: %v", name, refused)
		}
	}
}

// An invariant goes through JSON and is judged again; without one of its clauses it is refused, or is one still.
func TestRecheckInvariant(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, map[string]string{"orders.vbn": orders.Design(3, true)}, "orders.vbn"))
	i, k := f.first(t, checker.Holds)
	e := f.evidence[i][k]
	if e.Holds == nil || len(e.Holds.Invariant) == 0 {
		t.Fatalf("%s: no invariant: %+v", f.result.Requirements[i].Source.Name, e)
	}
	if p := f.result.Requirements[i].Cases[k].Proof; p.Kind != "invariant" || p.Clauses != len(e.Holds.Invariant) {
		t.Errorf("the proof is told as %+v", p)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	clauses := e.Holds.Invariant
	refusals := 0
	for drop := range clauses {
		less := &evidence.Answer{}
		if err := json.Unmarshal(data, less); err != nil {
			t.Fatal(err)
		}
		f.evidence[i][k] = less
		if drop == 0 {
			if _, refused := f.recheck(t); len(refused) > 0 {
				t.Fatal(refused)
			}
		}
		less.Holds.Invariant = slices.Delete(slices.Clone(less.Holds.Invariant), drop, drop+1)
		again, refused := f.recheck(t)
		if len(refused) > 0 {
			refusals++
		} else if got := again.Requirements[i].Cases[k].Verdict; got != checker.Holds {
			t.Errorf("without clause %d: %s", drop, got)
		}
	}
	if refusals == 0 {
		t.Error("nothing is refused")
	}
	f.evidence[i][k] = &evidence.Answer{Holds: &evidence.Proof{Invariant: [][]string{{"placed(nobody)"}}}}
	if _, refused := f.recheck(t); len(refused) != 1 || !strings.Contains(refused[0].Err.Error(), `no fact, choice or instance of a threat "placed(nobody)"`) {
		t.Error(refused)
	}
}

// States go through JSON and are judged again; without one of them, or written otherwise, they are refused.
func TestRecheckStates(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, map[string]string{"counters.vbn": orders.Counters(20)}, "counters.vbn"))
	i, k := f.first(t, checker.Holds)
	e := f.evidence[i][k]
	if e.Holds == nil || e.Holds.States == nil {
		t.Fatalf("%s: no states: %+v", f.result.Requirements[i].Source.Name, e)
	}
	each := e.Holds.States.Each
	if p := f.result.Requirements[i].Cases[k].Proof; p.Kind != "states" || p.States != len(each) {
		t.Errorf("the proof is told as %+v", p)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(s *evidence.States){
		"":                        func(*evidence.States) {},
		"leads out of the set":    func(s *evidence.States) { s.Each = slices.Delete(s.Each, len(each)/2, len(each)/2+1) },
		"it lists an entry twice": func(s *evidence.States) { s.Each[0], s.Each[1] = s.Each[1], s.Each[0] },
		"hexadecimal":             func(s *evidence.States) { s.Each = append(s.Each, "x") },
		"does not tell":           func(s *evidence.States) { s.Each = append(s.Each, "ff") },
		`no fact, choice or instance of a threat "stock"`: func(s *evidence.States) { s.Of[0] = "stock" },
	} {
		other := &evidence.Answer{}
		if err := json.Unmarshal(data, other); err != nil {
			t.Fatal(err)
		}
		change(other.Holds.States)
		f.evidence[i][k] = other
		_, refused := f.recheck(t)
		if says == "" && len(refused) > 0 || says != "" && (len(refused) != 1 || !strings.Contains(refused[0].Err.Error(), says)) {
			t.Errorf("expected %q: %v", says, refused)
		}
	}
}

// A proof in parts goes through JSON and is judged again; whatever is wrong in a part is refused.
func TestRecheckParts(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, map[string]string{"counters.vbn": orders.Safeguards{There: 6, Failing: 5}.Counters(20)}, "counters.vbn"))
	i, k := f.first(t, checker.Holds)
	e := f.evidence[i][k]
	if e.Holds == nil || len(e.Holds.Parts) != 11 {
		t.Fatalf("%s: it is not split: %+v", f.result.Requirements[i].Source.Name, e)
	}
	if p := f.result.Requirements[i].Cases[k].Proof; p.Kind != "parts" || p.Parts != 6 || p.States == 0 || len(p.RestsOn) != 6 {
		t.Errorf("the proof is told as %+v", p)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(p *evidence.Proof){
		"":                             func(*evidence.Proof) {},
		"under the complement":         func(p *evidence.Proof) { p.Parts[10].Proof = &evidence.Proof{} },
		"it lists an entry twice":      func(p *evidence.Proof) { p.Invariant = [][]string{} },
		`the design has no choice "x"`: func(p *evidence.Proof) { p.Parts[0].Choice = "x" },
		"under a choice": func(p *evidence.Proof) {
			p.Parts[0].Choice, p.Parts[1].Choice = p.Parts[1].Choice, "not "+p.Parts[0].Choice
		},
		"its parts are not":      func(p *evidence.Proof) { p.Parts = p.Parts[:10] },
		"a part for each way":    func(p *evidence.Proof) { p.Parts = append(p.Parts, p.Parts[10]) },
		"are not a choice":       func(p *evidence.Proof) { p.Parts = p.Parts[10:] },
		"parts are not a choice": func(p *evidence.Proof) { p.Parts[0].Proof = p.Parts[10].Proof },
		"what comes of it":       func(p *evidence.Proof) { p.Parts[10].Proof = &evidence.Proof{Parts: slices.Clone(p.Parts)} },
	} {
		other := &evidence.Answer{}
		if err := json.Unmarshal(data, other); err != nil {
			t.Fatal(err)
		}
		change(other.Holds)
		f.evidence[i][k] = other
		_, refused := f.recheck(t)
		if says == "" && len(refused) > 0 || says != "" && (len(refused) != 1 || !strings.Contains(refused[0].Err.Error(), says)) {
			t.Errorf("expected %q: %v", says, refused)
		}
	}
}

// A bound by cases goes through JSON and is judged again; whatever is wrong in it is refused.
func TestRecheckCases(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, nil, filepath.ToSlash(filepath.Join("..", "examples", "tofar/pharmacy.vbn"))))
	i := slices.IndexFunc(f.evidence, func(of []*evidence.Answer) bool { // with a bound that is a sum
		return of[0] != nil && of[0].Bound != nil && len(of[0].Bound.Cuts) > 1 && of[0].Bound.Cuts[0].Weight > 0
	})
	if i < 0 {
		t.Fatal("no bound is a sum")
	}
	k := 0
	e := f.evidence[i][k]
	var all evidence.Case
	for n, c := range e.Bound.Cuts {
		all.Weights = append(all.Weights, evidence.Weight{Cut: int32(n), Parts: c.Weight * system.Parts})
	}
	split := evidence.Case{Split: "taken " + e.Bound.Cuts[0].Rules[0]}
	for says, change := range map[string]func(p *evidence.Proof){
		"":                           func(*evidence.Proof) {},
		"a split lacks a case":       func(p *evidence.Proof) { p.Cases = p.Cases[:2] },
		"which the limits allow":     func(p *evidence.Proof) { p.Cases[1].Weights = nil },
		"do not ascend by cut":       func(p *evidence.Proof) { p.Cases[1].Weights[0].Cut = -1 },
		"a threat \"taken no\"":      func(p *evidence.Proof) { p.Cases[0].Split = "taken no" },
		"split on what is no item":   func(p *evidence.Proof) { p.Cases[0].Weights = all.Weights },
		"it lists an entry twice":    func(p *evidence.Proof) { p.Cuts, p.Invariant = nil, [][]string{} },
		"cases that belong to no sp": func(p *evidence.Proof) { p.Cases = append(p.Cases, all) },
	} {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		other := &evidence.Answer{}
		if err := json.Unmarshal(data, other); err != nil {
			t.Fatal(err)
		}
		other.Bound.Cases = []evidence.Case{split, {Weights: slices.Clone(all.Weights)}, {Weights: slices.Clone(all.Weights)}}
		change(other.Bound)
		f.evidence[i][k] = other
		_, refused := f.recheck(t)
		if says == "" && len(refused) > 0 || says != "" && (len(refused) != 1 || !strings.Contains(refused[0].Err.Error(), says)) {
			t.Errorf("expected %q: %v", says, refused)
		}
	}
	f.evidence[i][k] = e
}

// Evidence that claims more than is true is refused, or shows no more than what is true.
func TestRecheckRefuses(t *testing.T) {
	t.Parallel()
	empty := evidence.Proof{Cuts: []evidence.Cut{{}}}
	for name, c := range map[string]struct {
		verdict checker.Verdict // of the case that the forger works on
		forge   func(*evidence.Answer) *evidence.Answer
		says    string
	}{
		"a proof of what is violated": {checker.Violated, func(*evidence.Answer) *evidence.Answer {
			return &evidence.Answer{Holds: &empty}
		}, "cut 1 of the certificate does not separate the initial states from those that the requirement forbids"},
		"a proof without cuts": {checker.Violated, func(*evidence.Answer) *evidence.Answer {
			return &evidence.Answer{Holds: &evidence.Proof{}}
		}, "refused"},
		"a proof beside an attack": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Holds = &empty
			return e
		}, "more than the proof that the case holds"},
		"a false proof that was given up": {checker.Violated, func(*evidence.Answer) *evidence.Answer {
			return &evidence.Answer{Holds: &empty, Incomplete: reason.Limits}
		}, "cut 1 of the certificate does not separate"},
		"decisions that contradict one another": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Sufficient = []evidence.Decided{{Decisions: []string{"input_validation on Shop", "not input_validation on Shop"}, Proof: evidence.Proof{}}}
			e.Incomplete = reason.Limits
			return e
		}, "not a set of decisions"},
		"a failure that is ruled out like a decision": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Sufficient = []evidence.Decided{{Decisions: []string{"not input_validation on Shop fails"}, Proof: empty}}
			e.Incomplete = reason.Limits
			return e
		}, "not a set of decisions"},
		"a set of decisions left out": {checker.Depends, func(e *evidence.Answer) *evidence.Answer {
			e.Sufficient = nil
			return e
		}, "leave something out"},
		"a set of decisions that is not minimal": {checker.Depends, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks = e.Attacks[:0]
			return e
		}, "of no attack"},
		"an attack without a step": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks[0].Rules = e.Attacks[0].Rules[1:]
			return e
		}, "attack 1: step 1"},
		"an attack with a step that it does not need": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks[0].Rules = append([]string{e.Attacks[0].Rules[0]}, e.Attacks[0].Rules...)
			return e
		}, "works without its step 1"},
		"a step that no threat has": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks[0].Rules[0] = "teleport(Shop)"
			return e
		}, `no threat has the instance "teleport(Shop)"`},
		"a choice that the design does not have": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks[0].Choices = []string{"luck on Shop"}
			return e
		}, `no choice "luck on Shop"`},
		"more failures than allowed": {checker.Depends, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks[0].Choices = append(e.Attacks[0].Choices, "output_encoding on Shop fails")
			return e
		}, "needs 1 failures, 0 are allowed"},
		"a cost that is too high a bound": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.AtLeast += 100
			return e
		}, "said to be too little"},
		"a bound without a proof": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Bound = nil
			return e
		}, "the bound on the cost and its proof go together"},
		"a barrier a million times": {checker.Holds, func(e *evidence.Answer) *evidence.Answer {
			e.Holds.Cuts = append(e.Holds.Cuts, e.Holds.Cuts[0])
			return e
		}, "lists an entry twice"},
		"a barrier the other way round": {checker.Holds, func(e *evidence.Answer) *evidence.Answer {
			e.Holds.Cuts = []evidence.Cut{{Rules: []string{"a", "b"}}, {Rules: []string{"b", "a"}}}
			return e
		}, "lists an entry twice"},
		"a rule twice in a barrier": {checker.Holds, func(e *evidence.Answer) *evidence.Answer {
			e.Holds.Cuts = []evidence.Cut{{Rules: []string{"a", "a"}}}
			return e
		}, "lists an entry twice"},
		"an attack twice": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Attacks = append(e.Attacks, e.Attacks[0])
			return e
		}, "lists an entry twice"},
		"a reason of the forger's own": {checker.Holds, func(*evidence.Answer) *evidence.Answer {
			return &evidence.Answer{Incomplete: "the auditor need not look at this"}
		}, `no engine gives up because "the auditor`},
		"a reason with more to it": {checker.Holds, func(*evidence.Answer) *evidence.Answer {
			return &evidence.Answer{Incomplete: reason.Limits + ", which is as good as a proof"}
		}, "no engine gives up because"},
		"a depth of what was decided": {checker.Violated, func(e *evidence.Answer) *evidence.Answer {
			e.Depth = 3
			return e
		}, "how far a search got"},
		"a bound beside a proof": {checker.Holds, func(e *evidence.Answer) *evidence.Answer {
			e.AtLeast, e.Bound = 1000, &empty
			return e
		}, "more than the proof that the case holds"},
		"no evidence":   {checker.Holds, func(*evidence.Answer) *evidence.Answer { return nil }, "has no evidence"},
		"nothing in it": {checker.Holds, func(*evidence.Answer) *evidence.Answer { return &evidence.Answer{} }, "neither an attack nor a proof"},
		"cuts left out": {checker.Holds, func(e *evidence.Answer) *evidence.Answer {
			e.Holds.Cuts = e.Holds.Cuts[:1]
			return e
		}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := find(t, load(t, nil, "../examples/first/first.vbn"))
			i, k := f.first(t, c.verdict)
			f.evidence[i][k] = c.forge(f.evidence[i][k])
			again, refused := f.recheck(t)
			if len(refused) != 1 || refused[0].Requirement != i || refused[0].Case != k || !strings.Contains(refused[0].Err.Error(), c.says) {
				t.Fatalf("refused: %+v, expected %q", refused, c.says)
			}
			if v := again.Requirements[i].Cases[k].Verdict; v != "" {
				t.Errorf("the verdict is %q", v)
			}
		})
	}
}

// To say that something was given up is always believed: it claims nothing.
func TestRecheckUnknown(t *testing.T) {
	t.Parallel()
	f := find(t, load(t, nil, "../examples/first/first.vbn"))
	i, k := f.first(t, checker.Holds)
	f.evidence[i][k] = &evidence.Answer{Incomplete: fmt.Sprintf(reason.Spent, 5, 2000), Depth: 5}
	again, refused := f.recheck(t)
	if e := again.Requirements[i].Cases[k].Evidence(); e == nil || e.Depth != 5 || e.Incomplete != f.evidence[i][k].Incomplete {
		t.Errorf("told as %+v", e)
	}
	if c := again.Requirements[i].Cases[k]; len(refused) > 0 || c.Unknown == nil || c.Unknown.NoViolationWithin != 4 || c.Verdict != checker.Unknown || again.Requirements[i].Verdict == checker.Holds {
		t.Errorf("%+v, refused %+v", c, refused)
	}
}
