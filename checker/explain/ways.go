package explain

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Ways tells what became of the threats that give what a requirement forbids, where it holds: each stands in the first list that it belongs to.
// They explain a verdict, and none depends on them.
type Ways struct {
	Stopped    []*threats.Threat // some attacker could carry it out if controls failed
	OutOfReach []*threats.Threat // the design has something that it fits, and no attacker gets there, whatever fails
	Absent     []*threats.Threat // the design has nothing that it fits
}

// Len returns how many threats give what the requirement forbids.
func (w *Ways) Len() int { return len(w.Stopped) + len(w.OutOfReach) + len(w.Absent) }

// WaysTo returns what became of the threats that give what the cases of a requirement that holds forbid; nil where no threat does.
func WaysTo(g *ground.Grounding, q *models.Requirement, cases []*ground.Case) *Ways {
	if q.Static {
		return nil
	}
	forbidden := map[*models.Predicate]bool{}
	mentioned(q.F, forbidden)
	fits, fires := map[*threats.Threat]bool{}, map[*threats.Threat]bool{}
	for _, from := range cases {
		if from.Possible {
			return nil
		}
		for _, s := range slice.Sources(from.Question) {
			if t := g.Threat(s.Rule); t != nil {
				fits[t] = true
				fires[t] = fires[t] || s.Fires
			}
		}
	}
	w := &Ways{}
	for _, t := range g.Model.Catalogue.Threats {
		switch {
		case fires[t]:
			w.Stopped = append(w.Stopped, t)
		case fits[t]:
			w.OutOfReach = append(w.OutOfReach, t)
		case slices.ContainsFunc(t.Then, func(e threats.Effect) bool { return e.Set && forbidden[e.Predicate] }):
			w.Absent = append(w.Absent, t)
		}
	}
	if w.Len() == 0 {
		return nil
	}
	return w
}

// mentioned collects the predicates of a formula.
func mentioned(e *models.Expr, out map[*models.Predicate]bool) {
	if e == nil {
		return
	}
	if e.Op == models.OpPredicate {
		out[e.Predicate] = true
	}
	for _, a := range e.Args {
		mentioned(a, out)
	}
}
