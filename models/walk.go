package models

// Walk calls visit for the expression and, where visit returns true, for what is below it, in the order written. Below a use of a define are what it is applied to, and
// the body that all its uses share, with the parameters in it.
func (e *Expr) Walk(visit func(*Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	for _, a := range e.Args {
		a.Walk(visit)
	}
	if e.Op == OpDefined {
		if e.Written != nil {
			e.Written.Walk(visit)
			return
		}
		e.Define.Body.Walk(visit)
	}
}

// WalkWritten is Walk in which below a use of a define is what it says.
func (e *Expr) WalkWritten(visit func(*Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	if e.Op == OpDefined {
		e.Body().WalkWritten(visit)
		return
	}
	for _, a := range e.Args {
		a.WalkWritten(visit)
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
	return e.Any(func(op Op) bool { return op == OpPredicate || op.ofProcess() })
}

// MentionsProcess reports whether the expression reads the state of a process.
func (e *Expr) MentionsProcess() bool { return e.Any(Op.ofProcess) }

func (op Op) ofProcess() bool { return op == OpFact || op == OpState || op == OpKnowsValue }

// Any reports whether some part of the expression has such an operator.
func (e *Expr) Any(is func(Op) bool) bool {
	found := false
	e.Walk(func(x *Expr) bool {
		found = found || is(x.Op)
		return !found
	})
	return found
}

// Valid reports whether nothing in the expression was reported as wrong.
func (e *Expr) Valid() bool { return !e.Any(func(op Op) bool { return op == OpInvalid }) }
