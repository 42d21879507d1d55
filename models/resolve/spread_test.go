package resolve

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models"
)

// TestSpread compares formulas that are written out for elements in several zones with what `.zone` means: where a variable is bound, a zone is chosen for
// each `.zone` that speaks of it, some zone for `exists` and any for `forall`.
func TestSpread(t *testing.T) {
	t.Parallel()
	const several = `design "Z" zone Net: public zone Core: private zone Back: private { zone Inner: private }
component A: webapp in Net, Core component B: database in Inner component C: webapp in Core, Inner, Net component D: webapp
flow F: A -> B over http flow G: C -> A over http flow H: D -> C over http
`
	one := strings.NewReplacer("Net, Core", "Net", "Core, Inner, Net", "Core").Replace(several)
	g := writer{rand.New(rand.NewPCG(1, 2))}
	matters := 0
	for range 3000 {
		text := "require R: always " + g.formula(3, []string{"A", "C"}, []string{"F"})
		if g.IntN(2) == 0 {
			text = strings.Replace(text, "always", "never", 1)
		}
		d := good(t, several+text)
		written, read := d.Requirements[0], good(t, one+text).Requirements[0].F
		e := &evaluation{d: d, env: map[string]*models.Element{}, zones: map[string]*models.Element{}}
		want := e.choose(read, nil, written.Kind == models.Always)
		if got := e.truth(written.F); got != want {
			t.Fatalf("%s\nis %t, and written out %t:\n%s", text, want, got, written.F)
		}
		if e.truth(read) != want {
			matters++
		}
	}
	if matters < 300 {
		t.Errorf("in only %d of 3000 formulas it matters that elements stand in several zones", matters)
	}
}

// TestSpreadLarge checks that a formula with too many choices is refused, not written out.
func TestSpreadLarge(t *testing.T) {
	t.Parallel()
	var zones, sides []string
	for i := range models.MaxZones {
		zones = append(zones, fmt.Sprintf("Z%d", i))
	}
	for i := range 6 {
		sides = append(sides, fmt.Sprintf("x%d.zone = x%d.zone", i, (i+1)%6))
	}
	text := `design "Z" zone ` + strings.Join(zones, ": public zone ") + ": public component A: webapp in " + strings.Join(zones, ", ") +
		" require R: never exists x0: component, x1: component, x2: component, x3: component, x4: component, x5: component | " + strings.Join(sides, " and ")
	_, diags := resolve(t, text)
	if got := render(diags); !strings.Contains(got, "or so often that the formula gets too large [VAU1013]") {
		t.Errorf("got:\n%s", got)
	}
	_, diags = resolve(t, strings.Replace(text, "in Z0,", "in Internet, Z0,", 1)+" zone Internet: public")
	if got := render(diags); !strings.Contains(got, "too many zones, expected at most 16 for an element [VAU1013]") {
		t.Errorf("got:\n%s", got)
	}
}

// writer writes random formulas over zones.
type writer struct{ *rand.Rand }

func (g writer) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g writer) formula(depth int, parties, flows []string) string {
	if depth > 0 {
		switch name := fmt.Sprint("v", len(parties)+len(flows)); g.IntN(6) {
		case 0:
			return fmt.Sprintf("not (%s)", g.formula(depth-1, parties, flows))
		case 1, 2:
			return fmt.Sprintf("(%s) %s (%s)", g.formula(depth-1, parties, flows), g.pick("and", "or", "implies"), g.formula(depth-1, parties, flows))
		case 3:
			return fmt.Sprintf("(%s %s: component | %s)", g.pick("forall", "exists"), name, g.formula(depth-1, append(slices.Clone(parties), name), flows))
		case 4:
			return fmt.Sprintf("(%s %s: flow | %s)", g.pick("forall", "exists"), name, g.formula(depth-1, parties, append(slices.Clone(flows), name)))
		}
	}
	zone := func() string {
		if g.IntN(3) == 0 {
			return g.pick(flows...) + g.pick(".source", ".target") + ".zone"
		}
		return g.pick(parties...) + ".zone"
	}
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("%s %s %s", zone(), g.pick("=", "!="), zone())
	case 1:
		return fmt.Sprintf("%s in %s", zone(), g.pick("Back", "Core"))
	case 2:
		return fmt.Sprintf("(count c: component | c.zone = %s) > %d", zone(), g.IntN(3))
	}
	return fmt.Sprintf("%s is %s", zone(), g.pick("public", "private"))
}

// evaluation reads formulas by their definition.
type evaluation struct {
	d     *models.Design
	env   map[string]*models.Element
	zones map[string]*models.Element // the zone that is chosen for a term
}

// choose tries all choices of the zones of the terms that speak of vars and are not chosen yet.
func (e *evaluation) choose(f *models.Expr, vars []*models.Var, all bool) bool {
	var terms []*models.Expr
	f.Walk(func(x *models.Expr) bool {
		free := true // of variables that are bound further in
		x.Walk(func(y *models.Expr) bool {
			free = free && (y.Op != models.OpVar || e.env[y.Var.Name] != nil)
			return true
		})
		if _, done := e.zones[x.String()]; x.Op == models.OpZone && free && !done && (vars == nil || slices.ContainsFunc(vars, x.Uses)) &&
			!slices.ContainsFunc(terms, func(o *models.Expr) bool { return o.String() == x.String() }) {
			terms = append(terms, x)
		}
		return true
	})
	var visit func(i int) bool
	visit = func(i int) bool {
		if i == len(terms) {
			return e.truth(f)
		}
		name := terms[i].String()
		defer delete(e.zones, name)
		zones := e.term(terms[i].Args[0]).Zones
		if len(zones) == 0 {
			zones = []*models.Element{nil}
		}
		out := all
		for _, z := range zones {
			e.zones[name] = z
			if visit(i+1) != all {
				out = !all
			}
		}
		return out
	}
	return visit(0)
}

func (e *evaluation) truth(f *models.Expr) bool {
	switch f.Op {
	case models.OpNot:
		return !e.truth(f.Args[0])
	case models.OpAnd, models.OpOr:
		for _, a := range f.Args {
			if e.truth(a) == (f.Op == models.OpOr) {
				return f.Op == models.OpOr
			}
		}
		return f.Op == models.OpAnd
	case models.OpImplies:
		return !e.truth(f.Args[0]) || e.truth(f.Args[1])
	case models.OpForall, models.OpExists:
		all := f.Op == models.OpForall
		return (e.count(f, all, all) > 0) != all
	case models.OpGt:
		return int64(e.count(f.Args[0], true, false)) > f.Args[1].Int
	case models.OpEq, models.OpNe:
		x, y := e.term(f.Args[0]), e.term(f.Args[1])
		return (x != nil && x == y) == (f.Op == models.OpEq)
	case models.OpIn:
		x, y := e.term(f.Args[0]), e.term(f.Args[1])
		return x != nil && x.Inside(y)
	case models.OpIs:
		x := e.term(f.Args[0])
		return x != nil && slices.ContainsFunc(x.Kinds, func(k *models.Kind) bool { return k.Name == f.Kind.Name })
	}
	panic(fmt.Sprint("operator ", f.Op))
}

// count returns for how many elements the body has a truth value, or, with not set, has not.
func (e *evaluation) count(f *models.Expr, all, not bool) int {
	n := 0
	v := f.Vars[0]
	for _, x := range e.d.Elements {
		if !slices.ContainsFunc(x.Kinds, func(k *models.Kind) bool { return k.Root().Name == v.Type.Kind.Name }) {
			continue
		}
		e.env[v.Name] = x
		if e.choose(f.Args[0], f.Vars, all && f.Op == models.OpForall) != not {
			n++
		}
		delete(e.env, v.Name)
	}
	return n
}

func (e *evaluation) term(t *models.Expr) *models.Element {
	switch t.Op {
	case models.OpVar:
		return e.env[t.Var.Name]
	case models.OpElement:
		return e.d.Lookup(t.Element.Name)
	case models.OpSource:
		return e.d.Lookup(e.term(t.Args[0]).Flow.Source.Name)
	case models.OpTarget:
		return e.d.Lookup(e.term(t.Args[0]).Flow.Target.Name)
	case models.OpZone:
		if z, ok := e.zones[t.String()]; ok {
			return z
		}
		return e.term(t.Args[0]).Place(t)
	}
	panic(fmt.Sprint("operator ", t.Op))
}
