package threats

import (
	"slices"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// Hub is a variable of a threat by which alone the two others hang together.
type Hub struct{ Hub, One, Other *models.Var }

// HubOf tells where a threat has a rule for each pair of elements that have nothing to do with each other but that they share an element of the design, of which many may do so on both sides: the clients
// of a store and what lies in it. The rules of such a threat grow with the square of what one element is shared by; ok is false where that is not so.
//
// It looks at the conjuncts of the condition that the design fixes, each of which ties the variables that it speaks of, unless it says that something is not so. Without the hub, the two must be tied in no way, and each to the hub. An end or a
// zone of something is no hub's other side, since there is one; nor is a flow a hub, which has two ends and carries little, nor a zone.
func HubOf(t *Threat) (h Hub, ok bool) {
	var ties [][]*models.Var
	single := map[*models.Var][]*models.Var{} // by variable: of which it is an end or the zone
	for _, c := range conjunctsOf(t.When, nil) {
		if c.Op == models.OpNot || c.Op == models.OpNe {
			continue // that something is not so keeps few apart
		}
		vars := fixedVars(t.For, c)
		if len(vars) < 2 {
			continue
		}
		ties = append(ties, vars)
		if c.Op == models.OpEq {
			for i := range 2 {
				if x, y := c.Args[i], c.Args[1-i]; y.Op == models.OpVar && (x.Op == models.OpSource || x.Op == models.OpTarget || x.Op == models.OpZone) && x.Args[0].Op == models.OpVar {
					single[y.Var] = append(single[y.Var], x.Args[0].Var)
				}
			}
		}
	}
	for _, hub := range t.For {
		if root := rootOf(hub); root == models.FlowRoot || root == models.ZoneRoot {
			continue
		}
		var many []*models.Var // tied to the hub, and not one of it
		for _, v := range t.For {
			if v != hub && rootOf(v) != models.ZoneRoot && !slices.Contains(single[v], hub) && slices.ContainsFunc(ties, func(tie []*models.Var) bool { return slices.Contains(tie, v) && slices.Contains(tie, hub) }) {
				many = append(many, v)
			}
		}
		for i, one := range many {
			with := []*models.Var{one} // what hangs together with it without the hub
			for at := 0; at < len(with); at++ {
				for _, tie := range ties {
					if !slices.Contains(tie, with[at]) || slices.Contains(tie, hub) && len(tie) == 2 {
						continue
					}
					for _, v := range tie {
						if v != hub && !slices.Contains(with, v) {
							with = append(with, v)
						}
					}
				}
			}
			for _, other := range many[i+1:] {
				if !slices.Contains(with, other) {
					return Hub{hub, one, other}, true
				}
			}
		}
	}
	return Hub{}, false
}

// rootOf returns the name of the root kind of a variable, empty where it stands for no element.
func rootOf(v *models.Var) string {
	if v.Type.Kind == nil {
		return ""
	}
	return v.Type.Kind.Root().Name
}

// conjunctsOf flattens nested conjunctions.
func conjunctsOf(e *models.Expr, out []*models.Expr) []*models.Expr {
	if e.Op != models.OpAnd {
		return append(out, e)
	}
	for _, a := range e.Args {
		out = conjunctsOf(a, out)
	}
	return out
}

// fixedVars returns which of some variables a condition ties together: those that it speaks of, unless it is about a fact or a control, which every binding may have.
func fixedVars(of []*models.Var, e *models.Expr) []*models.Var {
	var out []*models.Var
	open := false
	e.Walk(func(x *models.Expr) bool {
		open = open || x.Op == models.OpPredicate || x.Op == models.OpHas
		if x.Op == models.OpVar && slices.Contains(of, x.Var) && !slices.Contains(out, x.Var) {
			out = append(out, x.Var)
		}
		return true
	})
	if open && (e.Op == models.OpPredicate || e.Op == models.OpNot) {
		return nil
	}
	return out
}

// lintHub warns of a threat that has a rule for each pair of what shares an element.
func lintHub(l *diag.List, t *Threat) {
	if h, ok := HubOf(t); ok {
		l.Warnf(CodeHub, t.Span, "threat %q has a rule for each pair of %q and %q that share %q: where many do, too many", t.ID, h.One.Name, h.Other.Name, h.Hub.Name).
			Helpf("let a threat without cost make a fact of %q true for each %q, and ask for that fact here", h.Hub.Name, h.One.Name)
	}
}
