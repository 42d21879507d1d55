package oracle

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// val is a value: an element, a member of a domain or a number, by its text; or none. A term without a value has ok false.
type val struct {
	text string
	elem *models.Element
	of   [3]int8 // of an element that is one of many, or somebody's of them: who that is, by owner
}

func number(n int64) val { return val{text: strconv.FormatInt(n, 10)} }

func (v val) int() (int64, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil
}

const none = "none"

// state maps the names of what is true, or of variables, to "true" or their values.
type state map[string]string

func (s state) clone() state {
	out := make(state, len(s)+4)
	for k, v := range s {
		out[k] = v
	}
	return out
}

func (s state) key() string {
	keys := make([]string, 0, len(s))
	for k, v := range s {
		keys = append(keys, k+"="+v)
	}
	sort.Strings(keys)
	return strings.Join(keys, ";")
}

// world is a state under choices, with variables bound.
type world struct {
	o       *Oracle
	s       state
	choices map[string]bool // by control@element: it is there and works
	env     map[*models.Var]val
	who     map[*models.Element]int8 // of actors that stand for many, whom names mean; without an entry the one who is attacked
	speaks  bool                     // a requirement or an assumption speaks: its variables stand for what is the one's who is attacked
}

func (w *world) with(vars []*models.Var, yield func() bool) bool {
	if len(vars) == 0 {
		return yield()
	}
	for _, x := range w.values(vars[0].Type) {
		w.env[vars[0]] = x
		if !w.with(vars[1:], yield) {
			return false
		}
	}
	delete(w.env, vars[0])
	return true
}

func (o *Oracle) values(t models.Type) []val {
	var out []val
	for _, x := range o.m.Design.Literals(t) {
		out = append(out, o.meant(x)...)
	}
	return out
}

// values are the values of a variable.
func (w *world) values(t models.Type) []val {
	all := w.o.values(t)
	if !w.speaks || t.Kind == nil || t.Kind.Actor != nil {
		return all
	}
	return slices.DeleteFunc(all, func(v val) bool { return v.text != v.elem.Name })
}

// meant are the values that a literal of a sort stands for: of an element that is one of many, or somebody's of them, each.
func (o *Oracle) meant(x *models.Expr) []val {
	switch x.Op {
	case models.OpElement:
		return o.each(x.Element)
	case models.OpMember:
		return []val{{text: x.Member.Name}}
	}
	return []val{number(x.Int)}
}

// inside reports whether a value is one of a type.
func (o *Oracle) inside(v val, t models.Type) bool {
	if v.text == none && v.elem == nil {
		return t.Maybe
	}
	return slices.Contains(o.values(models.Type{Base: t.Base, Kind: t.Kind, Domain: t.Domain}), v)
}

func name(prefix, symbol string, args []val) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, a.text)
	}
	return prefix + symbol + "(" + strings.Join(texts, ",") + ")"
}

// args evaluates arguments; ok is false where one has no value, or none of its sort.
func (w *world) args(list []*models.Expr, types []models.Type) (out []val, ok bool) {
	for i, a := range list {
		v, ok := w.term(a)
		if !ok || types != nil && !w.o.inside(v, types[i]) {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

func (w *world) formula(e *models.Expr) bool {
	switch e.Op {
	case models.OpTrue:
		return true
	case models.OpFalse:
		return false
	case models.OpNot:
		return !w.formula(e.Args[0])
	case models.OpAnd, models.OpOr:
		for _, a := range e.Args {
			if w.formula(a) == (e.Op == models.OpOr) {
				return e.Op == models.OpOr
			}
		}
		return e.Op == models.OpAnd
	case models.OpImplies:
		return !w.formula(e.Args[0]) || w.formula(e.Args[1])
	case models.OpForall:
		return w.with(e.Vars, func() bool { return w.formula(e.Args[0]) })
	case models.OpExists:
		return !w.with(e.Vars, func() bool { return !w.formula(e.Args[0]) })
	case models.OpPredicate:
		args, ok := w.args(e.Args, nil)
		return ok && w.s[factName(e.Predicate, args)] != ""
	case models.OpFact:
		args, ok := w.args(e.Args, e.Fact.Params)
		return ok && w.s[name("fact ", e.Fact.Name, args)] != ""
	case models.OpKnowsValue:
		v, ok := w.term(e.Args[0])
		return ok && w.s["secret "+v.text] != ""
	case models.OpDefined:
		inner := *w
		inner.speaks = false
		return inner.formula(w.o.body(e))
	case models.OpClosure:
		return w.closure(e)
	case models.OpIf:
		if w.formula(e.Args[0]) {
			return w.formula(e.Args[1])
		}
		return w.formula(e.Args[2])
	case models.OpOwn:
		x, ok := w.term(e.Args[0])
		return ok && x.elem != nil && x.own()
	case models.OpIs, models.OpHas, models.OpOver, models.OpBlocked, models.OpClaimsNone:
		x, ok := w.term(e.Args[0])
		return ok && x.elem != nil && w.property(e, x.elem)
	case models.OpIn, models.OpStores, models.OpHandles, models.OpCarries, models.OpReturns, models.OpThrough, models.OpAccepts,
		models.OpAuthenticated, models.OpRunsOn, models.OpOf, models.OpRelation:
		x, ok := w.term(e.Args[0])
		y, ok2 := w.term(e.Args[1])
		return ok && ok2 && x.elem != nil && y.elem != nil && w.related(e, x.elem, y.elem) && agree(x, y)
	}
	return w.compare(e)
}

// property is what the design says of one element.
func (w *world) property(e *models.Expr, x *models.Element) bool {
	switch e.Op {
	case models.OpIs:
		return slices.ContainsFunc(x.Kinds, func(k *models.Kind) bool { return k.Is(e.Kind) })
	case models.OpHas: // where the design says so, or the protocol gives it
		return w.choices[e.Control.Name+"@"+x.Name] || x.Flow != nil && slices.Contains(x.Flow.Protocol.Gives, e.Control)
	case models.OpOver:
		return x.Flow != nil && x.Flow.Protocol.Is(e.Protocol)
	case models.OpClaimsNone: // no silence is a claim
		for _, claim := range x.None {
			if claim.Relation == e.Word {
				return true
			}
		}
		return false
	}
	return x.Flow != nil && x.Flow.Blocked
}

// related is what the design says of two elements.
func (w *world) related(e *models.Expr, x, y *models.Element) bool {
	switch e.Op {
	case models.OpIn: // through nested zones; a zone is not in itself
		for _, z := range x.Zones {
			if z == y || w.related(e, z, y) {
				return true
			}
		}
		return false
	case models.OpStores:
		stored := slices.ContainsFunc(x.Stores, func(s models.Stored) bool { return s.Data == y })
		return stored && (e.Control == nil || w.choices[e.Control.Name+"@"+x.Name+"/"+y.Name])
	case models.OpHandles:
		return slices.Contains(x.Handles, y)
	case models.OpAccepts:
		return slices.Contains(x.Accepts, y)
	case models.OpRunsOn:
		return slices.Contains(x.RunsOn, y)
	case models.OpOf:
		return x.Of == y
	case models.OpRelation:
		return slices.Contains(x.Relations[e.Relation], y)
	}
	if x.Flow == nil {
		return false
	}
	switch e.Op {
	case models.OpCarries:
		return slices.Contains(x.Flow.Carries, y)
	case models.OpReturns:
		return slices.Contains(x.Flow.Returns, y)
	case models.OpAuthenticated:
		return slices.Contains(x.Flow.Authenticated, y)
	}
	return slices.Contains(x.Flow.Through, y)
}

// body returns what a use of a define says, written out.
func (o *Oracle) body(e *models.Expr) *models.Expr {
	b := o.written[e]
	if b == nil {
		b = e.Body()
		o.written[e] = b
	}
	return b
}

// closure tries every element as the next step until nothing is added.
func (w *world) closure(e *models.Expr) bool {
	from, ok := w.term(e.Args[0])
	to, ok2 := w.term(e.Args[1])
	if !ok || !ok2 {
		return false
	}
	x, y := e.Define.Params[0], e.Define.Params[1]
	reached := map[val]bool{}
	for grows := true; grows; {
		grows = false
		for _, a := range append(slices.Collect(maps.Keys(reached)), from) {
			for _, b := range w.o.values(y.Type) {
				inner := &world{o: w.o, s: w.s, choices: w.choices, env: map[*models.Var]val{x: a, y: b}}
				if !reached[b] && a.elem.Is(x.Type.Kind) && inner.formula(e.Define.Step) {
					reached[b], grows = true, true
				}
			}
		}
	}
	return reached[to]
}

func (w *world) compare(e *models.Expr) bool {
	x, ok := w.term(e.Args[0])
	y, ok2 := w.term(e.Args[1])
	ok = ok && ok2
	switch e.Op {
	case models.OpEq:
		return ok && x == y
	case models.OpNe:
		return !(ok && x == y)
	}
	a, ok1 := x.int()
	b, ok2 := y.int()
	if !ok || !ok1 || !ok2 {
		return false
	}
	switch e.Op {
	case models.OpLt:
		return a < b
	case models.OpLe:
		return a <= b
	case models.OpGt:
		return a > b
	case models.OpGe:
		return a >= b
	}
	panic(fmt.Sprintf("vauban: internal error: the oracle does not know operator %d", e.Op))
}

func (w *world) term(e *models.Expr) (val, bool) {
	switch e.Op {
	case models.OpInt:
		return number(e.Int), true
	case models.OpNone:
		return val{text: none}, true
	case models.OpMember:
		return val{text: e.Member.Name}, true
	case models.OpElement:
		return individual(e.Element, w.who), true
	case models.OpVar:
		v, ok := w.env[e.Var]
		return v, ok
	case models.OpState:
		args, ok := w.args(e.Args, e.State.Params)
		if !ok {
			return val{}, false
		}
		v := w.s[name("var ", e.State.Name, args)]
		for _, x := range w.o.values(models.Type{Base: e.State.Result.Base, Kind: e.State.Result.Kind, Domain: e.State.Result.Domain}) {
			if x.text == v {
				return x, true
			}
		}
		return val{text: v}, true
	case models.OpValue:
		args, ok := w.args(e.Args, e.Value.Params)
		if !ok {
			return val{}, false
		}
		inner := *w
		if inner.who = nil; e.Value.All != nil {
			return inner.term(e.Value.All)
		}
		inner.who = whose(args)
		return inner.term(w.o.entries[e.Value][name("", "", args)])
	case models.OpIf:
		if w.formula(e.Args[0]) {
			return w.term(e.Args[1])
		}
		return w.term(e.Args[2])
	case models.OpAdd, models.OpSub, models.OpMul:
		x, ok := w.term(e.Args[0])
		y, ok2 := w.term(e.Args[1])
		a, ok3 := x.int()
		b, ok4 := y.int()
		if !ok || !ok2 || !ok3 || !ok4 {
			return val{}, false
		}
		switch e.Op {
		case models.OpAdd:
			a += b
		case models.OpSub:
			a -= b
		default:
			a *= b
		}
		return number(a), true
	case models.OpCount:
		n := int64(0)
		w.with(e.Vars, func() bool {
			if w.formula(e.Args[0]) {
				n++
			}
			return true
		})
		return number(n), true
	case models.OpSum:
		n, all := int64(0), true
		w.with(e.Vars, func() bool {
			if len(e.Args) > 1 && e.Args[1] != nil && !w.formula(e.Args[1]) {
				return true
			}
			v, ok := w.term(e.Args[0])
			i, isInt := v.int()
			all = all && ok && isInt
			n += i
			return true
		})
		return number(n), all
	case models.OpSource, models.OpTarget:
		f, ok := w.term(e.Args[0])
		if !ok || f.elem == nil {
			return val{}, false
		}
		end := f.elem.Flow.Source
		if e.Op == models.OpTarget {
			end = f.elem.Flow.Target
		}
		return individual(end, whose([]val{f})), true
	case models.OpProtocol:
		f, ok := w.term(e.Args[0])
		if !ok || f.elem == nil {
			return val{}, false
		}
		return val{text: f.elem.Flow.Protocol.Name}, true
	case models.OpZone: // of several zones the one of that number
		x, ok := w.term(e.Args[0])
		if !ok || x.elem == nil || max(1, int(e.Int)) > len(x.elem.Zones) {
			return val{}, false
		}
		z := x.elem.Zones[max(1, int(e.Int))-1]
		return val{text: z.Name, elem: z}, true
	case models.OpAttribute:
		x, ok := w.term(e.Args[0])
		if !ok || x.elem == nil {
			return val{}, false
		}
		a, ok := x.elem.Attributes[e.Attribute]
		if e.Attribute.Words != nil {
			return val{text: a.Word}, ok
		}
		return number(a.Int), ok
	case models.OpWord:
		return val{text: e.Word}, true
	case models.OpProtocolName:
		return val{text: e.Protocol.Name}, true
	}
	panic(fmt.Sprintf("vauban: internal error: the oracle does not know operator %d", e.Op))
}
