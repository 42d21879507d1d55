package resolve

import "github.com/vauban-verifier/vauban/models"

// substitution replaces variables by terms.
type substitution struct {
	by   map[*models.Var]*models.Expr
	free []models.Expr // room for nodes: most of the time of loading a catalogue is theirs
}

func newSubstitution() *substitution { return &substitution{by: map[*models.Var]*models.Expr{}} }

// copied returns a copy of a node.
func (s *substitution) copied(e *models.Expr) *models.Expr {
	if len(s.free) == 0 {
		s.free = make([]models.Expr, 1)
	}
	out := &s.free[0]
	s.free = s.free[1:]
	*out = *e
	return out
}

// room makes room for the copies of a body, of at most limit nodes.
func (s *substitution) room(body *models.Expr, limit int) {
	n, all := 0, 0
	body.Walk(func(x *models.Expr) bool {
		if len(x.Args) > 0 {
			n++
		}
		all++
		return all <= limit
	})
	s.free = make([]models.Expr, n)
}

// apply returns e with its variables replaced. Bound variables become fresh ones, so that no two quantifiers of a formula
// share a variable. It counts the nodes that it makes into n and stops at the limit, where it returns nil.
func (s *substitution) apply(e *models.Expr, n *int, limit int) *models.Expr {
	if *n++; *n > limit {
		return nil
	}
	if e.Op == models.OpVar {
		if by, ok := s.by[e.Var]; ok {
			*n += nodes(by, limit) - 1
			return by
		}
		return e
	}
	if len(e.Args) == 0 {
		return e
	}
	out := s.copied(e)
	if len(e.Vars) > 0 {
		out.Vars = make([]*models.Var, len(e.Vars))
		for i, v := range e.Vars {
			fresh := *v
			out.Vars[i] = &fresh
			s.by[v] = &models.Expr{Op: models.OpVar, Var: &fresh, Type: v.Type, Span: v.Span}
		}
	}
	out.Args = s.applyAll(e.Args, n, limit)
	out.Actual = s.applyAll(e.Actual, n, limit)
	if out.Args == nil || e.Actual != nil && out.Actual == nil {
		return nil
	}
	return out
}

func (s *substitution) applyAll(list []*models.Expr, n *int, limit int) []*models.Expr {
	if list == nil {
		return nil
	}
	out := make([]*models.Expr, len(list))
	for i, a := range list {
		if i > 0 && a == list[0] { // so that print still knows it
			out[i] = out[0]
			continue
		}
		if out[i] = s.apply(a, n, limit); out[i] == nil {
			return nil
		}
	}
	return out
}

// nodes returns the size of e as a tree, or more than limit where it is larger.
func nodes(e *models.Expr, limit int) int {
	n := 0
	e.Walk(func(*models.Expr) bool { n++; return n <= limit })
	return n
}
