package checker

import (
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/models"
)

// domains returns the domains that a case speaks of: a verdict is about so many orders, and so many requests.
func domains(g *ground.Grounding, r *models.Requirement, from *ground.Case) []*models.ProcessDomain {
	if len(g.Model.Design.Processes) == 0 {
		return nil
	}
	used := map[*models.ProcessDomain]bool{}
	variables := func(vars []*models.Var) {
		for _, v := range vars {
			if v.Type.Domain != nil {
				used[v.Type.Domain] = true
			}
		}
	}
	variables(r.For)
	for _, f := range []*models.Expr{r.F, r.G} {
		f.Walk(func(e *models.Expr) bool {
			variables(e.Vars)
			return true
		})
	}
	if !r.Static {
		s := slice.Of(from.Question)
		for _, d := range g.DomainsIn(s.Facts, s.Rules) {
			used[d] = true
		}
	}
	var out []*models.ProcessDomain
	for _, p := range g.Model.Design.Processes {
		for _, d := range p.Domains {
			if used[d] {
				out = append(out, d)
			}
		}
	}
	return out
}
