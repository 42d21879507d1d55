package ground

import (
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// symbols is a set of facts, variables and messages of processes, and of secret domains (what the attacker knows of them).
type symbols map[any]bool

// mentions adds what a formula or term reads.
func (s symbols) mentions(e *models.Expr) {
	e.Walk(func(x *models.Expr) bool {
		switch x.Op {
		case models.OpFact:
			s[x.Fact] = true
		case models.OpState:
			s[x.State] = true
		case models.OpKnowsValue:
			s[x.Args[0].Type.Domain] = true
		}
		return true
	})
}

// changes reports whether a step changes something of the set.
func (s symbols) changes(step *models.Step) bool {
	for _, e := range step.Do {
		if e.Fact != nil && s[e.Fact] || e.Var != nil && s[e.Var] {
			return true
		}
	}
	for _, m := range step.Sends {
		if s[m.Message] {
			return true
		}
	}
	for _, m := range step.Receives {
		if s[m.Message] { // it is consumed
			return true
		}
	}
	return false
}

// reads adds what a step depends on.
func (s symbols) reads(step *models.Step) {
	s.mentions(step.When)
	for _, e := range step.Do {
		s.mentions(e.Value)
		for _, a := range e.Args {
			s.mentions(a)
		}
	}
	for _, m := range step.Receives {
		s[m.Message] = true
		for _, a := range m.Args {
			s.mentions(a)
		}
	}
	for _, m := range step.Sends {
		s.secrets(m.Message) // a forced step sends what the attacker knows
		for _, a := range m.Args {
			s.mentions(a)
		}
	}
}

func (s symbols) secrets(m *models.Message) {
	for _, f := range m.Fields {
		if f.Type.Domain != nil && f.Type.Domain.Secret {
			s[f.Type.Domain] = true
		}
	}
}

// close adds all that what is in the set depends on, by names alone.
func (s symbols) close(d *models.Design) {
	for before := -1; before != len(s); {
		before = len(s)
		for _, p := range d.Processes {
			for _, step := range p.Steps {
				if s.changes(step) {
					s.reads(step)
				}
			}
			for _, m := range p.Messages {
				if s[m] {
					s.secrets(m)
				}
				for _, f := range m.Fields {
					if f.Type.Domain != nil && s[f.Type.Domain] {
						s[m] = true // whoever reads it knows the value
					}
				}
			}
		}
	}
}

// bound collects the places where a domain stops a step that the requirement depends on. A step that can change nothing of what the
// requirement or an assumption depends on would not change the verdict if it went on.
func (g *grounder) bound(r *models.Requirement) (bounds []Bound, any system.Lit) {
	if len(g.bounds) == 0 || r.Static {
		return nil, system.False
	}
	s := symbols{}
	s.mentions(r.F)
	s.mentions(r.G)
	for _, a := range g.assumptions {
		s.mentions(a.source.F)
	}
	s.close(g.design.Design)
	matters := map[*models.Step]bool{}
	var lits []system.Lit
	for _, b := range g.bounds {
		yes, ok := matters[b.Step]
		if !ok {
			yes = s.changes(b.Step)
			matters[b.Step] = yes
		}
		if yes {
			bounds = append(bounds, b)
			lits = append(lits, b.When)
		}
	}
	return bounds, g.b.Or(lits...)
}

// DomainsIn returns the domains that a question depends on, of what is in its slice: the given facts and rules.
func (g *Grounding) DomainsIn(facts, rules []int32) []*models.ProcessDomain {
	used := map[*models.ProcessDomain]bool{}
	for _, f := range facts {
		if s, ok := g.means[f]; ok {
			for _, d := range s.domains() {
				used[d] = true
			}
		}
	}
	for _, r := range rules {
		if p := g.process(r); p != nil && p.step != nil {
			for _, v := range p.step.Params {
				if v.Type.Domain != nil {
					used[v.Type.Domain] = true
				}
			}
		}
	}
	var out []*models.ProcessDomain
	for _, p := range g.design.Processes {
		for _, d := range p.Domains {
			if used[d] {
				out = append(out, d)
			}
		}
	}
	return out
}
