package ground

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// MaxNeeds bounds the facts that a survey collects for one threat.
const MaxNeeds = 64

// Concerned are the elements that a survey is about; nil: all.
type Concerned map[*models.Element]bool

// has reports whether a binding has to do with them. Zones count only where a threat is about nothing else: a public network is part of
// everything that goes over it.
func (s Concerned) has(t *threats.Threat, env *scope) bool {
	if s == nil {
		return true
	}
	zones, others := false, false
	for _, v := range t.For {
		switch e := declared(env.element(v)); {
		case e.Root() == models.ZoneRoot:
			zones = zones || s[e]
		case s[e]:
			return true
		default:
			others = true
		}
	}
	return zones && !others
}

// Considered is what became of a threat in a design.
type Considered struct {
	Threat    *threats.Threat
	Fact      int32          // that it was carried out
	Cases     []*Case        // by coalition: can that become true?
	Missing   *models.Var    // nothing that is not blocked is of the kind of this variable; nil otherwise
	Unmet     []*models.Expr // nothing in the design meets these conditions together, whatever attackers gain and controls do; as few as can be
	Instances int            // bindings that meet all that the design fixes, controls aside
	Stopped   int            // of these, how many a control stops that is there and works
	Stops     []Stop         // these controls
	Needs     []int32        // facts, one of which at least each of the others needs; not all where there are many
}

// Stop is a control that stops instances of a threat, and where it stands.
type Stop struct {
	Control *models.Control
	On      []Place
}

// Place is an element, or data at rest on it.
type Place struct{ On, Data *models.Element }

// Survey grounds a design to ask of each threat whether it can be carried out. Every rule of its system makes a further fact true, which says that
// the threat was carried out; a case asks for that fact, for a coalition and without failures. With elements in question, only instances that bind
// an element in it count, though all can lead there.
func Survey(ctx context.Context, m *threats.Model, coalitions [][]*models.Attacker, about Concerned) (*Grounding, []*Considered, error) {
	g, err := newGrounder(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	g.about = about
	g.carriedOut = []int32{}
	for range m.Catalogue.Threats {
		g.carriedOut = append(g.carriedOut, g.b.Fact())
		g.facts.add(factKey{g.numbered(carriedOut), -1, -1, -1})
	}
	g.rules()
	var all []*Considered
	var cases [][]*Case
	for i, t := range m.Catalogue.Threats {
		c := g.consider(t)
		c.Fact = g.carriedOut[i]
		all = append(all, c)
	}
	for _, coalition := range coalitions {
		q := g.question(coalition, 0)
		for i := range all {
			p := property{bad: g.b.FactLit(g.carriedOut[i])}
			g.assume(&p)
			asked := *q
			asked.Bad, asked.Assume = p.bad, p.assume
			all[i].Cases = append(all[i].Cases, &Case{Question: &asked, Attackers: coalition, Assumed: p.assumed, Frozen: p.frozen})
		}
	}
	for _, c := range all {
		cases = append(cases, c.Cases)
	}
	out, err := g.finish(cases...)
	return out, all, err
}

// carriedOut is the predicate of what a survey asks for.
var carriedOut = &models.Predicate{Name: "carried out"}

// CarriedOut is what [Grounding.FactName] calls the fact that a threat was carried out.
const CarriedOut = "carried out()"

// consider looks at a threat without regard to attackers.
func (g *grounder) consider(t *threats.Threat) *Considered {
	c := &Considered{Threat: t}
	for _, v := range t.For {
		if !slices.ContainsFunc(g.design.Of(v.Type.Kind), func(e *models.Element) bool { return e.Flow == nil || !e.Flow.Blocked }) {
			c.Missing = v
			return c
		}
	}
	var fixed, open []*models.Expr
	for _, e := range g.flatten(t.When, false, nil) {
		if isStatic(e) {
			fixed = append(fixed, e)
		} else {
			open = append(open, e)
		}
	}
	seen := map[stopAt]bool{}
	var unfit *models.Expr
	g.join(t.For, fixed, func(env *scope) bool {
		if !g.about.has(t, env) || !g.fits(fixed, env) || len(g.effects(t, env)) == 0 {
			return true
		}
		stopped := false
		var needs []int32
		for _, e := range open {
			if g.now(e, env, &needs) != system.No {
				continue
			}
			if !g.stops(c, seen, e, env) { // no control is to blame: an argument without a value, or of the wrong sort
				unfit = e
				return true
			}
			stopped = true
		}
		c.Instances++
		if stopped {
			c.Stopped++
			return true
		}
		for _, f := range needs {
			if len(c.Needs) < MaxNeeds && !slices.Contains(c.Needs, f) {
				c.Needs = append(c.Needs, f)
			}
		}
		return g.err == nil
	})
	if c.Instances == 0 {
		if c.Unmet = g.unmet(t, fixed); c.Unmet == nil && unfit != nil {
			c.Unmet = []*models.Expr{unfit}
		}
	}
	return c
}

// fits reports whether fixed conditions hold.
func (g *grounder) fits(fixed []*models.Expr, env *scope) bool {
	for _, e := range fixed {
		if g.formula(e, env) == system.False {
			return false
		}
	}
	return true
}

// unmet returns as few of the fixed conditions as nothing meets together. Where that takes too long to find out, it returns more than needed.
func (g *grounder) unmet(t *threats.Threat, fixed []*models.Expr) []*models.Expr {
	n := 1
	for n < len(fixed) && g.someMeets(t, fixed[:n]) {
		n++
	}
	if n > len(fixed) || n == len(fixed) && g.someMeets(t, fixed) {
		return nil
	}
	core := slices.Clone(fixed[:n])
	for i := n - 2; i >= 0; i-- {
		if less := slices.Delete(slices.Clone(core), i, i+1); !g.someMeets(t, less) {
			core = less
		}
	}
	return core
}

// maxTried bounds the bindings that are tried to find one that meets conditions.
const maxTried = 20_000

// someMeets reports whether some binding meets fixed conditions, or might, as far as a bounded search tells.
func (g *grounder) someMeets(t *threats.Threat, conds []*models.Expr) bool {
	meets := false
	done := g.search(t.For, conds, maxTried, func(env *scope) bool {
		meets = g.fits(conds, env)
		return !meets
	})
	return meets || !done
}

// flatten splits a condition, or with negated its complement, into the conditions whose conjunction it is.
func (g *grounder) flatten(e *models.Expr, negated bool, out []*models.Expr) []*models.Expr {
	switch {
	case e.Op == models.OpNot:
		return g.flatten(e.Args[0], !negated, out)
	case e.Op == models.OpDefined && !isStatic(e):
		return g.flatten(g.body(e), negated, out)
	case e.Op == models.OpAnd && !negated, e.Op == models.OpOr && negated:
		for _, a := range e.Args {
			out = g.flatten(a, negated, out)
		}
		return out
	case negated:
		e = &models.Expr{Op: models.OpNot, Args: []*models.Expr{e}, Span: e.Span, Type: e.Type}
	}
	return append(out, e)
}

// now evaluates a condition where no control fails and facts and open decisions may be either. It collects the facts.
func (g *grounder) now(e *models.Expr, env *scope, facts *[]int32) system.Value {
	switch e.Op {
	case models.OpNot:
		return g.now(e.Args[0], env, facts).Not()
	case models.OpAnd, models.OpOr:
		decisive := system.No
		if e.Op == models.OpOr {
			decisive = system.Yes
		}
		out := decisive.Not()
		for _, a := range e.Args {
			switch g.now(a, env, facts) {
			case decisive:
				return decisive
			case system.Unknown:
				out = system.Unknown
			}
		}
		return out
	case models.OpDefined:
		return g.now(g.body(e), env, facts)
	case models.OpExists, models.OpForall:
		decisive := system.Yes
		if e.Op == models.OpForall {
			decisive = system.No
		}
		out := decisive.Not()
		g.each(e.Vars, e.Args[0], env, e.Op == models.OpForall, func(inner *scope) bool {
			switch g.now(e.Args[0], inner, facts) {
			case decisive:
				out = decisive
				return false
			case system.Unknown:
				out = system.Unknown
			}
			return true
		})
		return out
	case models.OpHas, models.OpStores:
		states, _ := g.asked(e, env)
		if e.Control != nil {
			out := system.No
			for _, s := range states {
				if s.Control == e.Control && !s.Open {
					return system.Yes
				} else if s.Control == e.Control {
					out = system.Unknown
				}
			}
			return out
		}
	case models.OpPredicate:
		args, ok := g.fixed(e.Args, env)
		if !ok || !accepts(e.Predicate, args) {
			break
		}
		if f, ok := g.Lookup(e.Predicate, args); ok {
			*facts = append(*facts, f)
		}
		return system.Unknown
	}
	switch g.formula(e, env) {
	case system.True:
		return system.Yes
	case system.False:
		return system.No
	}
	return system.Unknown
}

// asked returns the controls at the place that an atom asks a control of. The place has no element where the term has no value.
func (g *grounder) asked(e *models.Expr, env *scope) ([]models.ControlState, Place) {
	args, ok := g.fixed(e.Args, env)
	if !ok || e.Control == nil {
		return nil, Place{}
	}
	if e.Op == models.OpHas {
		return args[0].Controls, Place{On: declared(args[0])}
	}
	for _, s := range args[0].Stores {
		if s.Data == args[1] {
			return s.Controls, Place{On: declared(args[0]), Data: declared(args[1])}
		}
	}
	return nil, Place{}
}

// fixed evaluates terms that stand for one element each, whatever the state; ok is false where one does not.
func (g *grounder) fixed(terms []*models.Expr, env *scope) (out []*models.Element, ok bool) {
	for _, t := range terms {
		x := g.single(t, env)
		if x == nil {
			return nil, false
		}
		out = append(out, x)
	}
	return out, true
}

// single evaluates a term that stands for one element, whatever the state; it is nil where it does not.
func (g *grounder) single(t *models.Expr, env *scope) *models.Element {
	x, plain := g.plain(t, env)
	if !plain {
		if v, ok := g.term(t, env).Constant(); ok {
			x = v.Element
		}
	}
	return x
}

// stopAt is a control at its place.
type stopAt struct {
	control *models.Control
	at      Place
}

// stops collects the controls that make a condition false, and reports whether there are any.
func (g *grounder) stops(c *Considered, seen map[stopAt]bool, e *models.Expr, env *scope) bool {
	if len(e.Vars) > 0 {
		some := false
		g.each(e.Vars, e.Args[0], env, e.Op == models.OpForall, func(inner *scope) bool {
			some = g.stops(c, seen, e.Args[0], inner) || some
			return true
		})
		return some
	}
	if e.Op == models.OpDefined {
		return g.stops(c, seen, g.body(e), env)
	}
	if e.Op != models.OpHas && e.Op != models.OpStores {
		some := false
		for _, a := range e.Args {
			some = g.stops(c, seen, a, env) || some
		}
		return some
	}
	states, at := g.asked(e, env)
	if !slices.ContainsFunc(states, func(s models.ControlState) bool { return s.Control == e.Control && !s.Open }) {
		return false
	}
	if seen[stopAt{e.Control, at}] {
		return true
	}
	seen[stopAt{e.Control, at}] = true
	i := slices.IndexFunc(c.Stops, func(s Stop) bool { return s.Control == e.Control })
	if i < 0 {
		i = len(c.Stops)
		c.Stops = append(c.Stops, Stop{Control: e.Control})
	}
	c.Stops[i].On = append(c.Stops[i].On, at)
	return true
}
