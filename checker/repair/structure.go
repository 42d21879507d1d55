package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Load reads the design again, with other texts for the files named. It returns nil where the texts make no design, and an error where it cannot be read.
type Load func(texts map[string]string) (*threats.Model, error)

// Limits of the search for changes of the structure: it asks for a plan again with each of them.
const (
	maxTrials = 60
	maxRules  = 20_000
)

// Search returns a plan in which the structure may change besides controls and protocols: flows that nobody needs go, stores leave public zones, data is
// not sent or kept where nothing is done with it, steps of processes wait for what honest runs have. A change is taken up if fewer requirements are hopeless
// with it, or the whole costs less. It is an error when the limits or the context end the search.
func Search(ctx context.Context, load Load, opt Options) (*Plan, error) {
	s := &searcher{ctx: ctx, opt: opt, load: load, texts: map[string]string{}, left: maxTrials, tried: map[string]bool{}}
	m, err := load(nil)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New("vauban: internal error: a design that was checked cannot be read")
	}
	if s.possible, err = s.reached(m); err != nil {
		return nil, err
	}
	if s.best, err = s.find(nil); err != nil {
		return nil, err
	}
	if len(s.best.Hopeless) == 0 && s.best.Conflict == nil {
		s.best.Controls = s.best.Cost
	}
	controls := s.best.Controls
	for more := s.best.rules <= maxRules && !s.best.whole(); more; {
		if more, err = s.climb(); err != nil {
			return nil, err
		}
	}
	s.best.Controls = controls
	return s.best, nil
}

// Structural reports whether a plan changes the structure. If not, nothing cheaper is enough.
func (p *Plan) Structural() bool {
	return slices.ContainsFunc(p.Changes, func(c *Change) bool { return c.Kind == Structure || c.Kind == Guard })
}

// whole reports whether nothing is to be changed.
func (p *Plan) whole() bool { return len(p.Changes) == 0 && len(p.Hopeless) == 0 && p.Conflict == nil }

// better orders plans: fewer requirements that stay broken, then less cost, then fewer controls to keep.
func (p *Plan) better(q *Plan) int {
	open := func(p *Plan) int { return len(p.Hopeless) + len(p.Conflict) }
	added := func(p *Plan) int {
		n := 0
		for _, c := range p.Changes {
			if c.Kind == Add {
				n++
			}
		}
		return n
	}
	return cmp.Or(cmp.Compare(open(p), open(q)), cmp.Compare(p.Cost, q.Cost), cmp.Compare(added(p), added(q)))
}

// searcher looks for changes of the structure.
type searcher struct {
	ctx      context.Context
	opt      Options
	load     Load
	texts    map[string]string // of files that the structure of best changes
	changes  []*Change         // of the structure, in best
	possible []string          // requirements of the form `possible` that hold
	best     *Plan
	left     int
	tried    map[string]bool
}

// find returns the cheapest plan of controls and protocols for the design with its structure changed, as one plan. What depends on the name of a protocol
// may not be as the plan promises: then that protocol is left alone.
func (s *searcher) find(structure []*Change) (*Plan, error) {
	opt := s.opt
	for {
		m, err := s.load(s.texts)
		if err != nil || m == nil {
			return nil, err
		}
		plan, err := Find(s.ctx, m, opt)
		if err != nil {
			return nil, err
		}
		texts := s.with(Edits(m.Design, plan.Changes))
		if slices.ContainsFunc(plan.Changes, func(c *Change) bool { return c.Kind == Swap }) && plan.Conflict == nil {
			again, err := s.load(texts)
			if err != nil {
				return nil, err
			}
			var after *Plan
			if again != nil {
				if after, err = Find(s.ctx, again, opt); err != nil {
					return nil, err
				}
			}
			if after == nil || len(after.Changes) > 0 || len(after.Hopeless) > len(plan.Hopeless) {
				for _, c := range plan.Changes {
					if c.Kind == Swap {
						opt.Without = append(slices.Clone(opt.Without), c.Protocol.Name+" on "+c.On[0].Name)
					}
				}
				continue
			}
		}
		for _, c := range structure {
			plan.Cost += c.Cost
		}
		plan.Changes = slices.Concat(structure, plan.Changes)
		for i, a := range plan.Alternatives {
			plan.Alternatives[i] = slices.Concat(structure, a)
		}
		plan.Texts, plan.model = texts, m
		return plan, nil
	}
}

// with returns the texts after edits.
func (s *searcher) with(edits map[*source.File][]dsl.Edit) map[string]string {
	out := map[string]string{}
	for name, text := range s.texts {
		out[name] = text
	}
	for f, e := range edits {
		if len(e) > 0 {
			out[f.Name] = dsl.Apply(f, e)
		}
	}
	return out
}

// climb tries what could be changed next, and takes up the first change that makes the plan better. It reports whether there is one.
func (s *searcher) climb() (bool, error) {
	m, err := s.load(s.texts)
	if err != nil || m == nil {
		return false, err
	}
	candidates := structures(m, s.best.touched, s.opt.Without)
	guards, err := s.guards(m)
	if err != nil {
		return false, err
	}
	was, texts := s.best, s.texts
	for _, c := range slices.Concat(guards, closed(m, was, s.opt.Without), candidates) {
		if s.left--; s.left < 0 {
			return false, nil
		}
		s.texts = texts
		s.texts = s.with(c.edits)
		plan, err := s.find(append(slices.Clone(s.changes), c))
		if errors.Is(err, ErrLimits) || err == nil && plan == nil {
			continue
		}
		if err != nil {
			return false, err
		}
		switch order := plan.better(was); {
		case order > 0:
			continue
		case order == 0:
			if len(was.Alternatives) < s.opt.Alternatives {
				was.Alternatives = append(was.Alternatives, plan.Changes)
			}
			continue
		}
		if lost, err := s.loses(plan.Texts); err != nil {
			return false, err
		} else if lost {
			continue
		}
		s.best, s.changes = plan, append(s.changes, c)
		return true, nil
	}
	s.texts = texts
	return false, nil
}

// reached returns the requirements of the form `possible` that hold.
func (s *searcher) reached(m *threats.Model) ([]string, error) {
	m.Design.Requirements = slices.DeleteFunc(m.Design.Requirements, func(r *models.Requirement) bool { return r.Kind != models.Possible })
	if len(m.Design.Requirements) == 0 {
		return nil, nil
	}
	r, err := checker.Check(s.ctx, m, checker.Options{})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			out = append(out, q.Source.Name)
		}
	}
	return out, nil
}

// loses reports whether something that was possible is not any more.
func (s *searcher) loses(texts map[string]string) (bool, error) {
	m, err := s.load(texts)
	if err != nil || m == nil {
		return true, err
	}
	now, err := s.reached(m)
	return len(now) < len(s.possible), err
}

// structures returns the changes of the structure that the catalogue says take nothing from anybody, of what attacks go by.
func structures(m *threats.Model, touched map[string]bool, without []string) []*Change {
	d := m.Design
	fit, at := ground.Fit(m), places(d)
	var out []*Change
	propose := func(kind models.RepairKind, edits map[*source.File][]dsl.Edit, says, what string, of ...*models.Element) {
		if len(edits) == 0 || barred(without, string(kind), of[0]) {
			return
		}
		r := fit.Repair(kind, of...)
		if r == nil {
			return
		}
		out = append(out, &Change{Kind: Structure, On: of, Cost: r.Cost, says: says, what: what, users: told(r, of...), edits: edits})
	}
	for _, e := range d.Elements {
		if !touched[e.Name] {
			continue
		}
		if f := e.Flow; f != nil {
			if !f.Blocked {
				propose(models.Close, at.block([]*models.Element{e}), e.Name+" blocked", "It is not permitted, or its port is not published", e)
			}
			for _, w := range []struct {
				word string
				data []*models.Element
			}{{"carries", f.Carries}, {"returns", f.Returns}} {
				for _, x := range w.data {
					if touched[x.Name] {
						propose(models.Withhold, at.drop(e, w.word, x), e.Name+" no longer "+w.word+" "+x.Name, "What nobody needs is not sent", e, x)
					}
				}
			}
			continue
		}
		for _, k := range e.Accepts {
			propose(models.Refuse, at.drop(e, "accepts", k), e.Name+" no longer accepts "+k.Name, "A login that nobody uses is gone", e, k)
		}
		for _, st := range e.Stores {
			if touched[st.Data.Name] {
				propose(models.Forget, at.drop(e, "stores", st.Data), e.Name+" no longer stores "+st.Data.Name, "What nobody reads is not kept", e, st.Data)
			}
		}
		var zones []*models.Element
		for _, f := range d.Elements {
			if f.Flow == nil || f.Flow.Target != e {
				continue
			}
			for _, z := range f.Flow.Source.Zones {
				if !slices.Contains(zones, z) && !slices.Contains(e.Zones, z) {
					zones = append(zones, z)
					propose(models.Move, at.move(e, z), e.Name+" in "+z.Name, "It is where its clients are", e, z)
				}
			}
		}
	}
	return out
}

// closed returns, for each architecture rule that no controls make true, the changes by which all flows that break it are not permitted, or not there, if
// nobody needs them. Each target costs once: one policy says who may connect to it.
func closed(m *threats.Model, plan *Plan, without []string) []*Change {
	fit, at := ground.Fit(m), places(m.Design)
	var out []*Change
	for _, h := range plan.Hopeless {
		var flows []*models.Element
		var targets []*models.Element
		cost, users := 0, ""
		dispensable := len(h.breaks) > 0
		for _, b := range h.breaks {
			i := slices.IndexFunc(b.Elements, func(e *models.Element) bool { return e.Flow != nil })
			if i < 0 {
				dispensable = false
				break
			}
			e := m.Design.Lookup(b.Elements[i].Name)
			r := fit.Repair(models.Close, e)
			if dispensable = r != nil && !barred(without, string(models.Close), e); !dispensable {
				break
			}
			if slices.Contains(flows, e) {
				continue
			}
			if !slices.Contains(targets, e.Flow.Target) {
				targets = append(targets, e.Flow.Target)
				cost += r.Cost
			}
			flows, users = append(flows, e), told(r, e)
		}
		if !dispensable {
			continue
		}
		if len(flows) > 1 {
			users = "who connects by these flows no longer can; all others are unaffected"
		}
		c := Change{Kind: Structure, On: flows, Cost: cost, users: users}
		blocked, removed := c, c
		blocked.says, blocked.what, blocked.edits = few(flows)+" blocked", "They are not permitted, or their ports are not published", at.block(flows)
		removed.says, removed.what, removed.edits = "no flow "+few(flows), "They are not there: their ports are not published", at.remove(flows)
		out = append(out, &blocked)
		if len(removed.edits) > 0 {
			out = append(out, &removed)
		}
	}
	return out
}

// few names the first ones of many.
func few(list []*models.Element) string {
	const some = 6
	if n := len(list) - some; n > 1 {
		return fmt.Sprintf("%s and %d more", names(list[:some]), n)
	}
	return names(list)
}

// told says what a repair does to those who use what it is about.
func told(r *models.Repair, of ...*models.Element) string {
	text := r.Users
	for i, v := range r.Vars {
		text = strings.ReplaceAll(text, "{"+v.Name+"}", of[i].Name)
	}
	if e := of[0]; e.Flow != nil {
		text = strings.NewReplacer("{source}", e.Flow.Source.Name, "{target}", e.Flow.Target.Name).Replace(text)
	}
	return text
}

// written tells where elements are declared, and where their clauses stand.
type written struct {
	design  *models.Design
	decls   map[string]dsl.Decl // that declare one element alone
	flows   map[string]*dsl.Flow
	fans    map[*dsl.Flow][]string // the flows that one declaration makes
	clauses map[string][]*dsl.Clause
}

// places finds out where everything is written that can be changed for one element alone.
func places(d *models.Design) *written {
	w := &written{d, map[string]dsl.Decl{}, map[string]*dsl.Flow{}, map[*dsl.Flow][]string{}, map[string][]*dsl.Clause{}}
	made := generated(d)
	for _, f := range d.Files {
		if made[f] {
			continue
		}
		dsl.Parse(f, &diag.List{}).Walk(func(x dsl.Decl) {
			name := ""
			switch x := x.(type) {
			case *dsl.Element:
				if len(x.Names) == 1 {
					name = x.Names[0].Text
				}
			case *dsl.Flow:
				all := flowsOf(x)
				for _, n := range all {
					w.flows[n] = x
				}
				if w.fans[x] = all; len(all) == 1 {
					name = all[0]
				}
			case *dsl.Extend:
				if len(x.Names) == 1 {
					w.clauses[x.Names[0].Text] = append(w.clauses[x.Names[0].Text], x.Body.Clauses()...)
				}
			}
			if name != "" {
				w.decls[name] = x
				w.clauses[name] = append(w.clauses[name], dsl.BodyOf(x).Clauses()...)
			}
		})
	}
	return w
}

// flowsOf names the flows that a declaration makes.
func flowsOf(f *dsl.Flow) []string {
	if f.Name != nil {
		return []string{f.Name.Text}
	}
	var out []string
	for _, a := range f.Sources {
		for _, b := range f.Targets {
			if out = append(out, a.Text+"->"+b.Text); f.Both {
				out = append(out, b.Text+"->"+a.Text)
			}
		}
	}
	return out
}

// block returns the edits by which flows are not permitted: where they are declared, if the declaration makes no others.
func (w *written) block(flows []*models.Element) map[*source.File][]dsl.Edit {
	wanted, done := map[string]bool{}, map[*dsl.Flow]bool{}
	for _, e := range flows {
		wanted[e.Name] = true
	}
	out := map[*source.File][]dsl.Edit{}
	var apart []string
	for _, e := range flows {
		f := w.flows[e.Name]
		switch {
		case f == nil || slices.ContainsFunc(w.fans[f], func(n string) bool { return !wanted[n] }):
			apart = append(apart, e.Name)
		case !done[f]:
			done[f] = true
			out[f.Span.File] = append(out[f.Span.File], dsl.Block(f))
		}
	}
	if root := w.design.Files[0]; len(apart) > 0 {
		out[root] = append(out[root], dsl.Append(root, "extend "+strings.Join(apart, ", ")+" blocked\n"))
	}
	return out
}

// remove returns the edits by which flows are not there; none where one is declared with others.
func (w *written) remove(flows []*models.Element) map[*source.File][]dsl.Edit {
	out := map[*source.File][]dsl.Edit{}
	for _, e := range flows {
		d := w.decls[e.Name]
		if d == nil {
			return nil
		}
		edit := dsl.Remove(d)
		out[edit.Span.File] = append(out[edit.Span.File], edit)
	}
	return out
}

// drop returns the edits that take an item from the clauses of an element; none where it is written for others, too.
func (w *written) drop(e *models.Element, word string, item *models.Element) map[*source.File][]dsl.Edit {
	out := map[*source.File][]dsl.Edit{}
	for _, c := range w.clauses[e.Name] {
		if c.Keyword.Text != word {
			continue
		}
		for _, x := range c.Items {
			if x.Text == item.Name {
				out[c.Span.File] = append(out[c.Span.File], dsl.Settle(c, map[source.Span]bool{x.Span: false}, nil)...)
			}
		}
	}
	return out
}

// move returns the edits by which a component stands in another zone; none where it is written with others.
func (w *written) move(e *models.Element, z *models.Element) map[*source.File][]dsl.Edit {
	d, ok := w.decls[e.Name].(*dsl.Element)
	if !ok || len(d.In) > 1 {
		return nil
	}
	return map[*source.File][]dsl.Edit{d.Span.File: dsl.Relocate(d, z.Name)}
}
