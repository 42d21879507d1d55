package models

// Substitute returns e with terms in the place of variables. Bound variables become fresh ones, so that no two quantifiers of a formula share a variable.
func Substitute(e *Expr, by map[*Var]*Expr) *Expr {
	s := substitution{}
	for v, x := range by {
		s[v] = x
	}
	return s.apply(e)
}

// substitution says what stands for a variable.
type substitution map[*Var]*Expr

func (s substitution) apply(e *Expr) *Expr {
	if e == nil {
		return nil
	}
	if e.Op == OpVar {
		if by, ok := s[e.Var]; ok {
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
	out.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		if i > 0 && a == e.Args[0] { // so that print still knows it
			out.Args[i] = out.Args[0]
			continue
		}
		out.Args[i] = s.apply(a)
	}
	out.Written = s.apply(e.Written)
	return &out
}

// Body returns what a use of a define says: the body of the define, with what it is applied to in the place of the parameters. It is false of what is not of their kinds.
// It is written out anew each time.
func (e *Expr) Body() *Expr {
	if e.Written != nil {
		return e.Written
	}
	by := substitution{}
	var all []*Expr
	for i, p := range e.Define.Params {
		by[p] = e.Args[i]
		if e.Narrows(i) {
			x := e.Args[i]
			all = append(all, &Expr{Op: OpIs, Kind: p.Type.Kind, Args: []*Expr{x}, Span: x.Span})
		}
	}
	body := by.apply(e.Define.Body)
	if all == nil {
		return body
	}
	return &Expr{Op: OpAnd, Args: append(all, body), Span: body.Span}
}

// Narrows reports whether what a use of a define is applied to may be of another kind than the parameter, and the define is false of it.
func (e *Expr) Narrows(param int) bool {
	k, of := e.Define.Params[param].Type.Kind, e.Args[param].Type.Kind
	return k != nil && of != nil && !of.Is(k)
}

// Size returns how many nodes e has when every define in it is written out, and each of some variables stands for a term of a given size.
func (e *Expr) Size(of map[*Var]int) int {
	if e.Op == OpVar {
		if n, ok := of[e.Var]; ok {
			return n
		}
	}
	n := 1
	for i, a := range e.Args {
		if e.Op == OpDefined {
			n += e.Define.occurs[i] * a.Size(of)
		} else {
			n += a.Size(of)
		}
	}
	if e.Op == OpDefined {
		n += e.Define.nodes
	}
	return n
}
