package members

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// Design is a design with members.
type Design struct {
	*models.Design
	copies [][]*models.Element // by ID of the declared element and choice; nil where no actor stands for many
	owners [][]*models.Element // by the same ID
}

// Split returns the design with members. Where no actor stands for many that is the design itself. The elements that are declared keep their IDs and
// names, and copies follow them. Requirements, assumptions, attackers and their formulas are those of the design: they speak of elements by their IDs.
func Split(d *models.Design) *Design {
	if !slices.ContainsFunc(d.Elements, func(e *models.Element) bool { return e.Members != nil }) {
		return &Design{Design: d}
	}
	s := &splitter{
		to: &models.Design{
			Title: d.Title, Vocabulary: d.Vocabulary, Attackers: d.Attackers, Requirements: d.Requirements, Assumptions: d.Assumptions,
			Waivers: d.Waivers, Files: d.Files,
		},
		copies: make([][]*models.Element, len(d.Elements)),
		owners: make([][]*models.Element, len(d.Elements)), messages: map[*models.Message][]*models.Message{},
	}
	for _, e := range d.Elements {
		s.owners[e.ID] = models.Owners(e)
		s.add(e, 0)
	}
	for _, e := range d.Elements {
		for own := choice(1); own < 1<<len(s.owners[e.ID]); own++ {
			s.add(e, own)
		}
	}
	for _, e := range d.Elements {
		for own, c := range s.copies[e.ID] {
			s.fill(c, context{s.owners[e.ID], choice(own)})
		}
	}
	for _, p := range d.Processes {
		s.to.Processes = append(s.to.Processes, s.process(p))
	}
	for i, p := range d.Processes { // a step may take messages of any process
		for _, x := range p.Steps {
			owners := x.Owners()
			for own := range choice(1) << len(owners) {
				s.to.Processes[i].Steps = append(s.to.Processes[i].Steps, s.step(x, context{owners, own}))
			}
		}
	}
	return &Design{s.to, s.copies, s.owners}
}

// Own returns the copy of an actor, or of what is his, that is the attacker's own; an element that has none it returns as it is.
func (d *Design) Own(e *models.Element) *models.Element {
	if d.copies == nil {
		return e
	}
	return d.copies[e.ID][len(d.copies[e.ID])-1]
}

// Others reports whether an element is that of somebody else than the attacker, of those whom an actor stands for.
func (d *Design) Others(e, actor *models.Element) bool {
	owners := d.owners[e.Like.ID]
	own := slices.Index(d.copies[e.Like.ID], e)
	return own>>slices.Index(owners, actor)&1 == 0
}

// With returns the copy of a declared element that goes with other elements of the design: of what is somebody's whom one of them tells to be the
// attacker, the attacker's.
func (d *Design) With(e *models.Element, others []*models.Element) *models.Element {
	if d.copies == nil {
		return e
	}
	var in context
	for _, x := range others {
		if x.Own {
			in.owners = append(in.owners, d.owners[x.Like.ID]...)
			in.own |= choice(slices.Index(d.copies[x.Like.ID], x)) << (len(in.owners) - len(d.owners[x.Like.ID]))
		}
	}
	return d.copies[e.ID][in.of(d.owners[e.ID])]
}

// choice says of each of some owners whether it is the attacker's own one, by bits in the order of the owners.
type choice uint

// context says of some owners who of them is meant.
type context struct {
	owners []*models.Element
	own    choice
}

// of returns what a context chooses of other owners. Those that it does not have are somebody else's.
func (c context) of(owners []*models.Element) choice {
	var own choice
	for i, o := range owners {
		if at := slices.Index(c.owners, o); at >= 0 {
			own |= c.own >> at & 1 << i
		}
	}
	return own
}

// name is what the copy of something is called.
func (c context) name(declared string) string {
	var own []string
	for i, o := range c.owners {
		if c.own>>i&1 != 0 {
			own = append(own, "own "+o.Name)
		}
	}
	switch len(own) {
	case 0:
		return declared
	case len(c.owners):
		return "own " + declared
	}
	return declared + " of " + strings.Join(own, " and ")
}

type splitter struct {
	to       *models.Design
	copies   [][]*models.Element                   // by ID and choice
	owners   [][]*models.Element                   // by ID
	messages map[*models.Message][]*models.Message // by choice
}

// add makes a copy, whose references are still those of the declared element.
func (s *splitter) add(e *models.Element, own choice) {
	c := *e
	c.ID, c.Like, c.Own = len(s.to.Elements), e, own != 0
	c.Name = context{s.owners[e.ID], own}.name(e.Name)
	s.to.Elements = append(s.to.Elements, &c)
	s.copies[e.ID] = append(s.copies[e.ID], &c)
}

// fill replaces the references of a copy by those to copies.
func (s *splitter) fill(c *models.Element, in context) {
	c.Zones, c.Handles, c.Accepts, c.RunsOn = s.all(c.Zones, in), s.all(c.Handles, in), s.all(c.Accepts, in), s.all(c.RunsOn, in)
	if c.Of != nil {
		c.Of = s.one(c.Of, in)
	}
	stores := c.Stores
	c.Stores = nil
	for _, x := range stores {
		for _, d := range s.all([]*models.Element{x.Data}, in) {
			c.Stores = append(c.Stores, models.Stored{Data: d, Controls: x.Controls, Span: x.Span})
		}
	}
	relations := c.Relations
	c.Relations = make(map[*models.Relation][]*models.Element, len(relations))
	for r, list := range relations {
		c.Relations[r] = s.all(list, in)
	}
	if c.Flow == nil {
		return
	}
	f := *c.Flow
	f.Source, f.Target = s.one(f.Source, in), s.one(f.Target, in)
	f.Through, f.Carries, f.Returns, f.Authenticated = s.all(f.Through, in), s.all(f.Carries, in), s.all(f.Returns, in), s.all(f.Authenticated, in)
	c.Flow = &f
}

// one returns the copy of an element that a context means.
func (s *splitter) one(e *models.Element, in context) *models.Element {
	return s.copies[e.ID][in.of(s.owners[e.ID])]
}

// all returns the copies of elements that go with a context: of what it does not tell whose it is, each.
func (s *splitter) all(list []*models.Element, in context) []*models.Element {
	var out []*models.Element
	for _, e := range list {
		for own, c := range s.copies[e.ID] {
			agrees := func(o *models.Element) bool {
				at, i := slices.Index(in.owners, o), slices.Index(s.owners[e.ID], o)
				return at < 0 || in.own>>at&1 == choice(own)>>i&1
			}
			if !slices.ContainsFunc(s.owners[e.ID], func(o *models.Element) bool { return !agrees(o) }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// process returns a process with the messages of each member, and no steps yet.
func (s *splitter) process(p *models.Process) *models.Process {
	out := *p
	out.Messages, out.Steps = nil, nil
	for _, m := range p.Messages {
		owners := s.owners[m.Over.ID]
		for own := range choice(1) << len(owners) {
			c := m
			if own != 0 {
				in := context{owners, own}
				c = new(models.Message)
				*c = *m
				c.Name, c.Like, c.Over, c.Signed = in.name(m.Name), m, s.one(m.Over, in), s.term(m.Signed, in, nil)
			}
			s.messages[m] = append(s.messages[m], c)
			out.Messages = append(out.Messages, c)
		}
	}
	return &out
}

// step returns the step of some members.
func (s *splitter) step(x *models.Step, in context) *models.Step {
	if len(in.owners) == 0 {
		return x
	}
	callers := map[*models.Var]*models.Element{}
	for _, v := range x.For {
		callers[v] = s.one(v.Type.Kind.Actor, in)
	}
	terms := func(list []models.MessageTerm) []models.MessageTerm {
		var out []models.MessageTerm
		for _, t := range list {
			m := s.messages[t.Message][in.of(s.owners[t.Message.Over.ID])]
			out = append(out, models.MessageTerm{Message: m, Args: s.terms(t.Args, in, callers), Span: t.Span})
		}
		return out
	}
	c := *x
	c.Name, c.Like, c.For, c.By = in.name(x.Name), x, nil, s.all(x.By, in)
	c.Receives, c.Sends = terms(x.Receives), terms(x.Sends)
	c.When, c.Do = s.term(x.When, in, callers), nil
	for _, e := range x.Do {
		e.Args, e.Value = s.terms(e.Args, in, callers), s.term(e.Value, in, callers)
		c.Do = append(c.Do, e)
	}
	return &c
}

// term returns an expression in which names are those that a context means, and callers are who they are.
func (s *splitter) term(e *models.Expr, in context, callers map[*models.Var]*models.Element) *models.Expr {
	switch {
	case e == nil:
		return nil
	case e.Op == models.OpElement:
		out := *e
		out.Element = s.one(e.Element, in)
		return &out
	case e.Op == models.OpVar && callers[e.Var] != nil:
		return &models.Expr{Op: models.OpElement, Element: callers[e.Var], Span: e.Span, Type: e.Type}
	case len(e.Args) == 0:
		return e
	}
	out := *e
	out.Args, out.Written = s.terms(e.Args, in, callers), s.term(e.Written, in, callers)
	return &out
}

func (s *splitter) terms(list []*models.Expr, in context, callers map[*models.Var]*models.Element) []*models.Expr {
	var out []*models.Expr
	for i, e := range list {
		if i > 0 && e == list[0] { // so that `x.port != none` still says it
			out = append(out, out[0])
			continue
		}
		out = append(out, s.term(e, in, callers))
	}
	return out
}
