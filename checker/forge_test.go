package checker_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
)

// forger changes evidence at random, with words that the design knows.
type forger struct {
	*rand.Rand
	words []string
}

// collect gathers all words of a JSON value.
func (f *forger) collect(v any) {
	switch v := v.(type) {
	case string:
		f.words = append(f.words, v)
	case []any:
		for _, x := range v {
			f.collect(x)
		}
	case map[string]any:
		for _, x := range v {
			f.collect(x)
		}
	}
}

// change returns a value with something changed in it.
func (f *forger) change(v any) any {
	switch v := v.(type) {
	case string:
		return f.words[f.IntN(len(f.words))]
	case float64:
		return float64(max(0, int(v)+f.IntN(5)-2))
	case []any:
		if len(v) == 0 || f.IntN(8) == 0 {
			return append(slices.Clone(v), f.words[f.IntN(len(f.words))])
		}
		i := f.IntN(len(v))
		switch f.IntN(5) {
		case 0:
			return slices.Delete(slices.Clone(v), i, i+1)
		case 1:
			return append(slices.Clone(v), v[i])
		case 2:
			return []any{v[i]}
		}
		out := slices.Clone(v)
		out[i] = f.change(v[i])
		return out
	case map[string]any:
		out := map[string]any{}
		var names []string
		for name, x := range v {
			out[name] = x
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) == 0 {
			return out
		}
		name := names[f.IntN(len(names))]
		switch f.IntN(8) {
		case 0:
			delete(out, name)
		case 1:
			out["incomplete"] = "tired"
		case 2:
			out["holds"] = map[string]any{"cuts": []any{map[string]any{}}}
		case 3:
			out["holds"] = map[string]any{"invariant": []any{}}
		default:
			out[name] = f.change(v[name])
		}
		return out
	}
	return v
}

// Whatever evidence says, it does not lead to a verdict that is not true: only to the true one, to `unknown`, or to none.
func TestForgedEvidence(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../threats/testdata/first.vbn", "../threats/testdata/cashier.vbn"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := find(t, load(t, nil, name))
			forge := &forger{Rand: rand.New(rand.NewPCG(1, 2))}
			var honest []any // the evidence of all cases
			for i := range f.evidence {
				for _, e := range f.evidence[i] {
					data, err := json.Marshal(e)
					if err != nil {
						t.Fatal(err)
					}
					var v any
					if err := json.Unmarshal(data, &v); err != nil {
						t.Fatal(err)
					}
					forge.collect(v)
					honest = append(honest, v)
				}
			}
			slices.Sort(forge.words) // maps have given them in any order
			outcomes := map[string]int{}
			for range 1000 {
				for i := range f.evidence {
					for k := range f.evidence[i] {
						v := honest[forge.IntN(len(honest))] // maybe another case's
						for range forge.IntN(4) {
							v = forge.change(v)
						}
						data, err := json.Marshal(v)
						if err != nil {
							t.Fatal(err)
						}
						f.evidence[i][k] = nil
						if err := json.Unmarshal(data, &f.evidence[i][k]); err != nil {
							f.evidence[i][k] = nil
						}
					}
				}
				again, _ := f.recheck(t)
				for i, q := range f.result.Requirements {
					for k, c := range q.Cases {
						got := again.Requirements[i].Cases[k].Verdict
						switch got {
						case "":
							outcomes["refused"]++
						case c.Verdict:
							outcomes["true"]++
						case checker.Unknown:
							outcomes["unknown"]++
						default:
							data, _ := json.Marshal(f.evidence[i][k])
							t.Fatalf("%s, case %d is %s, forged evidence makes it %s: %s", q.Source.Name, k, c.Verdict, got, data)
						}
					}
				}
			}
			t.Log(outcomes)
		})
	}
}
