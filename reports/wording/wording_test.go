package wording

import (
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/threats"
)

func TestDecisive(t *testing.T) {
	t.Parallel()
	threat := func(id string, cost int) explain.Step {
		return explain.Step{Kind: "threat", ID: id, Threat: &threats.Threat{ID: id}, Cost: cost}
	}
	step := func(kind ground.Kind, id string) explain.Step { return explain.Step{Kind: kind, ID: id} }
	for want, steps := range map[string][]explain.Step{
		"costly": {threat("free", 0), step("inject", "message"), threat("costly", 2), threat("costlier", 9)},
		"forged": {threat("free", 0), step("step", "honest"), step("inject", "forged"), step("forced", "more")},
		"forced": {threat("free", 0), step("read", "seen"), step("forced", "forced")},
		"free":   {step("step", "honest"), threat("free", 0)},
		"last":   {step("step", "honest"), step("step", "last")},
	} {
		if got := Decisive(&checker.Case{Attack: &explain.Attack{Steps: steps}}); got.ID != want {
			t.Errorf("got %s, want %s", got.ID, want)
		}
	}
	if Decisive(&checker.Case{}) != nil || Decisive(&checker.Case{Attack: &explain.Attack{}}) != nil {
		t.Error("there is a decisive step where there is none")
	}
}
