package models

// numbers warns of variables that may be `none` where a property needs their numbers: a sum or a product with `none` has no value, and no order
// with it holds, so that `never received(o) < price(o)` says nothing of what was never received. It keeps silent of those that the formula compares with `none`.
func (r *resolver) numbers(f *Expr) {
	asked := map[string]bool{}
	f.Walk(func(x *Expr) bool {
		if x.Op == OpEq || x.Op == OpNe {
			for i := range 2 {
				if x.Args[i].Op == OpNone && x.Args[1-i].Op == OpState {
					asked[x.Args[1-i].String()] = true
				}
			}
		}
		return true
	})
	f.Walk(func(x *Expr) bool {
		var needed []*Expr
		switch x.Op {
		case OpLt, OpLe, OpGt, OpGe, OpAdd, OpSub, OpMul:
			needed = x.Args
		case OpSum:
			needed = x.Args[:1]
		}
		for _, v := range needed {
			if v.Op != OpState || !v.Type.Maybe { // only then its text, which may be long
				continue
			}
			if text := v.String(); !asked[text] {
				asked[text] = true
				r.diags.Warnf(codeNone, v.Span, "%q may be `none`, and then no comparison holds with it, or with what is computed of it", text).
					Helpf("say what counts then: `if %s = none then 0 else %s`", text, text)
			}
		}
		return true
	})
}
