package resolve

import "github.com/vauban-verifier/vauban/models"

// numbers warns of variables that may be `none` where a property needs their numbers: a sum or a product with `none` has no value, and no order
// with it holds, so that `never received(o) < price(o)` says nothing of what was never received. It keeps silent of those that the formula compares with `none`.
func (r *resolver) numbers(f *models.Expr) {
	asked := map[string]bool{}
	f.Walk(func(x *models.Expr) bool {
		if x.Op == models.OpEq || x.Op == models.OpNe {
			for i := range 2 {
				if x.Args[i].Op == models.OpNone && x.Args[1-i].Op == models.OpState {
					asked[x.Args[1-i].String()] = true
				}
			}
		}
		return true
	})
	f.Walk(func(x *models.Expr) bool {
		var needed []*models.Expr
		switch x.Op {
		case models.OpLt, models.OpLe, models.OpGt, models.OpGe, models.OpAdd, models.OpSub, models.OpMul:
			needed = x.Args
		case models.OpSum:
			needed = x.Args[:1]
		}
		for _, v := range needed {
			if v.Op != models.OpState || !v.Type.Maybe { // only then its text, which may be long
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
