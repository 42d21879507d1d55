package models

// Walk calls visit for the expression and, where visit returns true, for what is below it, in the order written.
func (e *Expr) Walk(visit func(*Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	for _, a := range e.Args {
		a.Walk(visit)
	}
}

// Uses reports whether the variable occurs in the expression.
func (e *Expr) Uses(v *Var) bool {
	found := false
	e.Walk(func(x *Expr) bool {
		found = found || x.Op == OpVar && x.Var == v
		return !found
	})
	return found
}

// MentionsFact reports whether the truth of the expression may change during a run.
func (e *Expr) MentionsFact() bool {
	return e.any(func(op Op) bool { return op == OpPredicate || op.ofProcess() })
}

// MentionsProcess reports whether the expression reads the state of a process.
func (e *Expr) MentionsProcess() bool { return e.any(Op.ofProcess) }

func (op Op) ofProcess() bool { return op == OpFact || op == OpState || op == OpKnowsValue }

func (e *Expr) any(is func(Op) bool) bool {
	found := false
	e.Walk(func(x *Expr) bool {
		found = found || is(x.Op)
		return !found
	})
	return found
}

// substitution replaces variables by terms.
type substitution map[*Var]*Expr

// apply returns e with its variables replaced. Bound variables become fresh ones, so that no two quantifiers of a formula
// share a variable. It counts the nodes that it makes into n and stops at the limit, where it returns nil.
func (s substitution) apply(e *Expr, n *int, limit int) *Expr {
	if *n++; *n > limit {
		return nil
	}
	if e.Op == OpVar {
		if by, ok := s[e.Var]; ok {
			*n += by.nodes(limit) - 1
			return by
		}
		return e
	}
	if len(e.Args) == 0 {
		return e
	}
	out := *e
	if len(e.Vars) > 0 {
		out.Vars = make([]*Var, len(e.Vars))
		for i, v := range e.Vars {
			fresh := *v
			out.Vars[i] = &fresh
			s[v] = &Expr{Op: OpVar, Var: &fresh, Type: v.Type, Span: v.Span}
		}
	}
	out.Args = s.applyAll(e.Args, n, limit)
	out.Actual = s.applyAll(e.Actual, n, limit)
	if out.Args == nil || e.Actual != nil && out.Actual == nil {
		return nil
	}
	return &out
}

func (s substitution) applyAll(list []*Expr, n *int, limit int) []*Expr {
	if list == nil {
		return nil
	}
	out := make([]*Expr, len(list))
	for i, a := range list {
		if i > 0 && a == list[0] { // so that [Expr.says] still knows it
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
func (e *Expr) nodes(limit int) int {
	n := 0
	e.Walk(func(*Expr) bool { n++; return n <= limit })
	return n
}
