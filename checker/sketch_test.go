package checker_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// sketch is a design with one attacker and one requirement that tests change at random and print under any names and in any order.
type sketch struct {
	parts   []part
	start   []tie // what the attacker has: in, controls, knows
	without []string
	goal    string // a predicate
	about   int    // the part that the requirement forbids it of
	scale   bool   // at scale
	or      []int  // further parts that it forbids it of
}

// part is an element.
type part struct {
	root     string
	kinds    []string
	zone     int // -1 for none
	from, to int // of flows
	protocol string
	blocked  bool
	has      []string
	ties     []tie
}

// tie is a clause that names another part; with are the controls on data at rest.
type tie struct {
	word string
	to   int
	with []string
}

// sketchOf reads a sketch from a design with one attacker and one requirement of the form `never predicate(element)`.
func sketchOf(d *models.Design) *sketch {
	s := sketchFor(partsOf(d), d.Attackers[0])
	s.scale = d.Requirements[0].AtScale
	d.Requirements[0].F.Walk(func(x *models.Expr) bool {
		if x.Op == models.OpPredicate {
			s.goal, s.about = x.Predicate.Name, x.Args[0].Element.ID
		}
		return true
	})
	return s
}

func sketchFor(drawn []part, a *models.Attacker) *sketch {
	s := (&sketch{parts: drawn}).clone()
	for _, f := range a.Start {
		s.start = append(s.start, tie{word: startWords[f.Predicate.Name], to: f.Args[0].ID})
	}
	for _, e := range a.Is {
		s.start = append(s.start, tie{word: "is", to: e.ID})
	}
	s.without = a.Without
	return s
}

// sketchesOf reads a sketch for each attacker without a budget, and each fact of an element that a requirement forbids it, of any design. What is open is there.
func sketchesOf(d *models.Design) []*sketch {
	drawn := partsOf(d)
	var out []*sketch
	for _, r := range d.Requirements {
		if r.Kind != models.Never || r.Process || len(r.For) > 0 {
			continue
		}
		var facts []*models.Expr
		r.F.Walk(func(x *models.Expr) bool {
			if x.Op == models.OpPredicate && len(x.Args) == 1 && x.Args[0].Op == models.OpElement {
				facts = append(facts, x)
			}
			return x.Op == models.OpOr || x.Op == models.OpDefined
		})
		for _, c := range r.Coalitions {
			if len(c) != 1 || c[0].Budget >= 0 {
				continue
			}
			for _, f := range facts {
				s := sketchFor(drawn, c[0])
				s.goal, s.about, s.scale = f.Predicate.Name, f.Args[0].Element.ID, r.AtScale
				out = append(out, s)
			}
		}
	}
	return out
}

// partsOf reads the parts of a design.
func partsOf(d *models.Design) []part {
	s := &sketch{}
	for _, e := range d.Elements {
		p := part{root: e.Root(), zone: -1}
		for _, k := range e.Kinds {
			if k.Parent != nil {
				p.kinds = append(p.kinds, k.Name)
			}
		}
		if z := e.Zone(); z != nil {
			p.zone = z.ID
		}
		for _, c := range e.Controls {
			p.has = append(p.has, c.Control.Name)
		}
		link := func(word string, list []*models.Element) {
			for _, x := range list {
				p.ties = append(p.ties, tie{word: word, to: x.ID})
			}
		}
		for _, x := range e.Stores {
			t := tie{word: "stores", to: x.Data.ID}
			for _, c := range x.Controls {
				t.with = append(t.with, c.Control.Name)
			}
			p.ties = append(p.ties, t)
		}
		if e.Of != nil {
			link("of", []*models.Element{e.Of})
		}
		link("handles", e.Handles)
		link("accepts", e.Accepts)
		link("runs on", e.RunsOn)
		for _, name := range relationNames() {
			link(name, e.Relations[builtin().Vocabulary.Relations[name]])
		}
		if f := e.Flow; f != nil {
			p.from, p.to, p.protocol, p.blocked = f.Source.ID, f.Target.ID, f.Protocol.Name, f.Blocked
			link("carries", f.Carries)
			link("returns", f.Returns)
			link("authenticated by", f.Authenticated)
			link("through", f.Through)
		}
		s.parts = append(s.parts, p)
	}
	return s.parts
}

// startWords are how an attacker's start is written.
var startWords = map[string]string{"present": "in", "controls": "controls", "knows": "knows"}

func relationNames() []string {
	var out []string
	for name := range builtin().Vocabulary.Relations {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// join adds the parts of another sketch to a sketch. Zones of one kind become one where the other has nothing to say about them.
func (s *sketch) join(o *sketch) { s.joinWith(o, map[int]int{}, func(int) bool { return false }) }

// joinWith is join, in which some parts of the other are had in common, with what they are of. What is not there yet, is from then on. It returns where the other's parts are.
func (s *sketch) joinWith(o *sketch, common map[int]int, shared func(part int) bool) (at []int) {
	at = make([]int, len(o.parts))
	for i, p := range o.parts {
		at[i] = -1
		if c, ok := common[i]; ok {
			at[i] = c
		} else if p.root == models.ZoneRoot && len(p.ties) == 0 && len(p.has) == 0 && p.zone < 0 {
			at[i] = slices.IndexFunc(s.parts, func(q part) bool { return q.root == p.root && slices.Equal(q.kinds, p.kinds) })
		}
		if at[i] < 0 {
			at[i] = len(s.parts)
			p.ties = nil
			s.parts = append(s.parts, p)
		}
		if shared(i) || slices.ContainsFunc(o.ownedBy(i), shared) {
			common[i] = at[i]
		}
	}
	for i, p := range o.parts {
		q := &s.parts[at[i]]
		if p.zone >= 0 {
			q.zone = at[p.zone]
		}
		if p.root == models.FlowRoot {
			q.from, q.to = at[p.from], at[p.to]
		}
		for _, t := range p.ties {
			t.to = at[t.to]
			if !slices.ContainsFunc(q.ties, func(u tie) bool { return u.word == t.word && u.to == t.to }) {
				q.ties = append(q.ties, t)
			}
		}
	}
	for _, t := range o.start {
		t.to = at[t.to]
		if !slices.ContainsFunc(s.start, func(u tie) bool { return u.word == t.word && u.to == t.to }) {
			s.start = append(s.start, t)
		}
	}
	s.without = slices.DeleteFunc(s.without, func(id string) bool { return !slices.Contains(o.without, id) })
	return at
}

// ownedBy returns the parts that are of a part.
func (s *sketch) ownedBy(part int) []int {
	var out []int
	for i, p := range s.parts {
		if slices.ContainsFunc(p.ties, func(t tie) bool { return t.word == "of" && t.to == part }) {
			out = append(out, i)
		}
	}
	return out
}

func (s *sketch) clone() *sketch {
	c := *s
	c.parts = slices.Clone(s.parts)
	for i := range c.parts {
		p := &c.parts[i]
		p.has, p.ties = slices.Clone(p.has), slices.Clone(p.ties)
		for k := range p.ties {
			p.ties[k].with = slices.Clone(p.ties[k].with)
		}
	}
	c.start, c.without, c.or = slices.Clone(s.start), slices.Clone(s.without), slices.Clone(s.or)
	return &c
}

// kind returns the kinds of a part, its root included.
func (p *part) is(name string) bool {
	v := builtin().Vocabulary
	want := v.Kinds[name]
	if v.Kinds[p.root].Is(want) {
		return true
	}
	return slices.ContainsFunc(p.kinds, func(k string) bool { return v.Kinds[k].Is(want) })
}

// fits reports whether a control is made for a part.
func (p *part) fits(c *models.Control) bool {
	return slices.ContainsFunc(c.Of, func(k *models.Kind) bool { return p.is(k.Name) })
}

// print writes the sketch as a design. names are by part; order is the order of the declarations.
func (s *sketch) print(names []string, order []int) string {
	var b strings.Builder
	b.WriteString("design \"sketch\"\n")
	for _, i := range order {
		p := &s.parts[i]
		switch {
		case p.root == models.FlowRoot:
			fmt.Fprintf(&b, "flow %s: %s -> %s over %s", names[i], names[p.from], names[p.to], p.protocol)
			if p.blocked {
				b.WriteString(" blocked")
			}
		default:
			kinds := p.root
			if len(p.kinds) > 0 {
				kinds = strings.Join(p.kinds, ", ")
			}
			fmt.Fprintf(&b, "%s %s: %s", p.root, names[i], kinds)
			if p.zone >= 0 {
				b.WriteString(" in " + names[p.zone])
			}
			for _, t := range p.ties {
				if t.word == "of" {
					b.WriteString(" of " + names[t.to])
				}
			}
		}
		b.WriteString(" {")
		if p.root == models.FlowRoot && len(p.kinds) > 0 {
			b.WriteString(" is " + strings.Join(p.kinds, ", "))
		}
		if len(p.has) > 0 {
			b.WriteString(" has " + strings.Join(p.has, ", "))
		}
		for _, t := range p.ties {
			if t.word == "of" {
				continue
			}
			b.WriteString(" " + t.word + " " + names[t.to])
			if len(t.with) > 0 {
				b.WriteString(" with " + strings.Join(t.with, ", "))
			}
		}
		b.WriteString(" }\n")
	}
	b.WriteString("attacker Attacker {")
	for _, t := range s.start {
		b.WriteString(" " + t.word + " " + names[t.to])
	}
	if len(s.without) > 0 {
		b.WriteString(" without " + strings.Join(s.without, ", "))
	}
	property := fmt.Sprintf("never %s(%s)", s.goal, names[s.about])
	if short := map[string]string{"knows": "confidential", "tampers": "integrity"}[s.goal]; s.scale && short != "" && s.parts[s.about].is(models.DataRoot) && slices.ContainsFunc(s.parts[s.about].ties, func(t tie) bool { return t.word == "of" }) {
		property = short + " " + names[s.about] + " at scale"
	}
	fmt.Fprintf(&b, " }\nrequire Goal: %s", property)
	for _, i := range s.or {
		fmt.Fprintf(&b, " or %s(%s)", s.goal, names[i])
	}
	b.WriteString("\n")
	return b.String()
}

// plain names parts by their place, in the order that they have.
func (s *sketch) plain() string {
	names, order := make([]string, len(s.parts)), make([]int, len(s.parts))
	for i := range s.parts {
		names[i], order[i] = fmt.Sprintf("X%d", i), i
	}
	return s.print(names, order)
}

// cases are the designs that belong to the built-in threats.
func cases(t *testing.T) []*sketch {
	t.Helper()
	var out []*sketch
	for _, threat := range builtin().Threats {
		pairs := threats.CasesOf(threat.ID)
		if len(pairs) == 0 {
			t.Fatalf("%s has no case", threat.ID)
		}
		for _, c := range pairs {
			for _, text := range []string{c.Attacked, c.Stopped} {
				out = append(out, sketchOf(resolve(t, text, builtin()).Design))
			}
		}
	}
	return out
}

// random joins a case with up to two others and adds elements, flows, clauses and controls at random.
func random(rng *rand.Rand, first *sketch, from []*sketch) *sketch {
	v := builtin().Vocabulary
	s := first.clone()
	for range rng.IntN(3) {
		s.join(from[rng.IntN(len(from))])
	}
	pick := func(root string) int {
		var of []int
		for i := range s.parts {
			if s.parts[i].is(root) {
				of = append(of, i)
			}
		}
		if len(of) == 0 {
			return -1
		}
		return of[rng.IntN(len(of))]
	}
	for range rng.IntN(3) {
		root := []string{models.ComponentRoot, models.ActorRoot, models.DataRoot}[rng.IntN(3)]
		p := part{root: root, zone: -1, kinds: []string{kindBelow(rng, root)}}
		if root != models.DataRoot {
			p.zone = pick(models.ZoneRoot)
		}
		s.parts = append(s.parts, p)
	}
	protocols := sortedNames(v.Protocols)
	for range rng.IntN(4) {
		from, to := pick(models.PartyRoot), pick(models.PartyRoot)
		if from < 0 || to < 0 || from == to {
			continue
		}
		p := part{root: models.FlowRoot, zone: -1, from: from, to: to, protocol: protocols[rng.IntN(len(protocols))]}
		if rng.IntN(4) == 0 {
			p.kinds = []string{kindBelow(rng, models.FlowRoot)}
		}
		for _, word := range []string{"carries", "returns"} {
			if d := pick(models.DataRoot); d >= 0 && rng.IntN(2) == 0 {
				p.ties = append(p.ties, tie{word: word, to: d})
			}
		}
		if d := pick(models.Credential); d >= 0 && rng.IntN(3) == 0 {
			p.ties = append(p.ties, tie{word: "authenticated by", to: d})
		}
		s.parts = append(s.parts, p)
	}
	names := relationNames()
	for range rng.IntN(5) {
		r := v.Relations[names[rng.IntN(len(names))]]
		if from, to := pick(r.From.Name), pick(r.To.Name); from >= 0 && to >= 0 && from != to {
			p := &s.parts[from]
			if !slices.ContainsFunc(p.ties, func(x tie) bool { return x.word == r.Name && x.to == to }) {
				p.ties = append(p.ties, tie{word: r.Name, to: to})
			}
		}
	}
	for range rng.IntN(4) {
		addControl(rng, s, func(*models.Control) bool { return true })
	}
	if rng.IntN(4) == 0 {
		s.start = nil // an attacker of its own, elsewhere
	}
	for range rng.IntN(2) + 1 {
		addPower(rng, s)
	}
	if rng.IntN(4) == 0 {
		list := sortedNames(v.Predicates)
		p := v.Predicates[list[rng.IntN(len(list))]]
		if i := pick(p.Args[0].Name); i >= 0 && len(p.Args) == 1 {
			s.goal, s.about = p.Name, i
		}
	}
	return s
}

func kindBelow(rng *rand.Rand, root string) string {
	v := builtin().Vocabulary
	var of []string
	for _, name := range sortedNames(v.Kinds) {
		if k := v.Kinds[name]; k != v.Kinds[root] && k.Is(v.Kinds[root]) && name != models.Idle { // an idle flow carries nothing
			of = append(of, name)
		}
	}
	return of[rng.IntN(len(of))]
}

func sortedNames[T any](m map[string]T) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// addControl gives some part, or data where some part stores it, one more control that it can have. It returns what was added.
func addControl(rng *rand.Rand, s *sketch, may func(*models.Control) bool) string {
	v := builtin().Vocabulary
	names := sortedNames(v.Controls)
	for range 100 {
		c := v.Controls[names[rng.IntN(len(names))]]
		i := rng.IntN(len(s.parts))
		p := &s.parts[i]
		if !may(c) {
			continue
		}
		if len(p.ties) > 0 && rng.IntN(3) == 0 {
			t := &p.ties[rng.IntN(len(p.ties))]
			if t.word == "stores" && s.parts[t.to].fits(c) && !slices.Contains(t.with, c.Name) {
				t.with = append(t.with, c.Name)
				return fmt.Sprintf("X%d with %s at X%d", t.to, c.Name, i)
			}
		}
		if p.fits(c) && !slices.Contains(p.has, c.Name) {
			p.has = append(p.has, c.Name)
			return fmt.Sprintf("X%d has %s", i, c.Name)
		}
	}
	return ""
}

// addPower gives the attacker one more thing to start with.
func addPower(rng *rand.Rand, s *sketch) string {
	for range 100 {
		i := rng.IntN(len(s.parts))
		word := map[string]string{
			models.ZoneRoot: "in", models.ActorRoot: "controls", models.ComponentRoot: "controls", models.DataRoot: "knows",
		}[s.parts[i].root]
		if word != "" && !slices.ContainsFunc(s.start, func(t tie) bool { return t.word == word && t.to == i }) {
			s.start = append(s.start, tie{word: word, to: i})
			return fmt.Sprintf("%s X%d", word, i)
		}
	}
	return ""
}
