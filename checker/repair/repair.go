package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/engine/sat"
	"github.com/vauban-verifier/vauban/checker/internal/engine/trim"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Options are what a repair is looked for with. Zero fields take the defaults.
type Options struct {
	Requirements []*models.Requirement // of the model; nil: all that can be repaired
	Without      []string              // what must not be added: a control, or a control at a place such as `waf on Shop`
	Portfolio    portfolio.Options
	MaxRounds    int // of proposals
	Alternatives int // of equal cost, besides the first
	Progress     func(clauses, cost int)
}

// Plan is a set of changes after which the requirements hold, and no cheaper one does.
type Plan struct {
	Changes      []*Change
	Cost         int
	Alternatives [][]*Change // of the same cost
	Hopeless     []*Hopeless // requirements that no set of controls is enough for; the plan is for the others
	Conflict     []string    // requirements that can be repaired one by one but not together; there are no changes then
}

// Hopeless is a requirement that no controls make hold.
type Hopeless struct {
	Requirement *models.Requirement
	Steps       []string // of an attack that goes through whatever is added
}

// ErrLimits says that the search ended before it had an answer.
var ErrLimits = errors.New("the search for a repair reached its limits")

// goal is a case that must hold.
type goal struct {
	of       *models.Requirement
	question *system.Question
	clauses  [][]want
	hopeless bool
}

// want is a literal of a clause: that a change is made, or is not.
type want struct {
	change *Change
	not    bool
}

// met reports whether a set of changes is as wanted.
func (w want) met(set []*Change) bool { return slices.Contains(set, w.change) != w.not }

// finder looks for a plan.
type finder struct {
	ctx   context.Context
	opt   Options
	g     *ground.Grounding
	w     *widened
	lits  map[system.Lit]decision
	goals []*goal
	plan  *Plan
}

// Find returns the cheapest plan. It changes the model, which must have no errors. It is an error when the limits or the context end the search.
func Find(ctx context.Context, m *threats.Model, opt Options) (*Plan, error) {
	if opt.MaxRounds == 0 {
		opt.MaxRounds = 2000
	}
	f := &finder{ctx: ctx, opt: opt, plan: &Plan{}}
	f.w = widen(m, opt.Without)
	var err error
	if f.g, err = ground.Ground(ctx, m); err != nil {
		return nil, err
	}
	f.lits = f.w.decisions(f.g)
	free := f.g.System.WithoutCosts()
	for i, r := range m.Design.Requirements {
		if opt.Requirements != nil && !slices.Contains(opt.Requirements, r) {
			continue
		}
		for _, c := range f.g.Cases[i] {
			if c.Possible || c.Question == nil {
				continue
			}
			q := *c.Question
			if q.Budget < 0 {
				q.System = free // so that what only changes the cost of an attack is no matter
			}
			f.goals = append(f.goals, &goal{of: r, question: &q})
		}
	}
	return f.plan, f.find()
}

func (f *finder) find() error {
	cost := 0
	for range f.opt.MaxRounds {
		set, c, conflict, err := f.propose(cost, nil)
		if err != nil {
			return err
		}
		if conflict != nil {
			f.plan.Conflict = conflict
			return nil
		}
		cost = c
		if f.opt.Progress != nil {
			f.opt.Progress(f.clauses(), cost)
		}
		passes, err := f.refute(set)
		if err != nil {
			return err
		}
		if passes {
			f.plan.Changes, f.plan.Cost = set, cost
			return f.alternatives()
		}
	}
	return ErrLimits
}

// alternatives looks for other plans of the same cost.
func (f *finder) alternatives() error {
	known := [][]*Change{f.plan.Changes}
	for range f.opt.MaxRounds {
		if len(f.plan.Changes) == 0 || len(f.plan.Alternatives) >= f.opt.Alternatives {
			return nil
		}
		set, cost, conflict, err := f.propose(f.plan.Cost, known)
		if err != nil {
			return err
		}
		if conflict != nil || cost > f.plan.Cost {
			return nil
		}
		passes, err := f.refute(set)
		if err != nil {
			return err
		}
		if passes {
			f.plan.Alternatives = append(f.plan.Alternatives, set)
			known = append(known, set)
		}
	}
	return nil
}

func (f *finder) clauses() int {
	n := 0
	for _, g := range f.goals {
		n += len(g.clauses)
	}
	return n
}

// refute looks for attacks that pass a set, and learns from them. It reports whether there are none. A goal that an attack passes whatever is
// changed is given up.
func (f *finder) refute(set []*Change) (bool, error) {
	passes := true
	for _, g := range f.goals {
		now := slices.Clone(set)
		for !g.hopeless {
			under := f.under(g.question, now)
			run, proof, why, err := portfolio.Any(f.ctx, under, f.opt.Portfolio)
			switch {
			case err != nil:
				return false, err
			case f.ctx.Err() != nil:
				return false, f.ctx.Err()
			case run == nil && proof == nil:
				return false, fmt.Errorf("requirement %s: %w: %s", g.of.Name, ErrLimits, why)
			}
			if run == nil {
				break
			}
			passes = false
			// What was given is now for the replay to ask for, as far as the attack relies on it.
			run = trim.Attack(g.question, run.Rules, slices.Concat(run.Choices, under.Fixed[len(g.question.Fixed):]))
			if run == nil {
				return false, fmt.Errorf("%w: an attack on requirement %s does not replay", judge.ErrInternal, g.of.Name)
			}
			clause := f.learn(run)
			if len(clause) == 0 {
				g.hopeless = true
				f.giveUp(g, run)
				break
			}
			g.clauses = append(g.clauses, clause)
			more := len(now)
			for _, w := range clause {
				if c := w.change; !w.not && !slices.Contains(now, c) && (c.twin == nil || !slices.Contains(now, c.twin)) {
					now = append(now, c)
				}
			}
			if len(now) == more {
				break // something that was added helps the attacker: the next proposal sorts it out
			}
		}
	}
	return passes, nil
}

// giveUp notes that a requirement cannot be repaired, once for each requirement.
func (f *finder) giveUp(g *goal, run *system.Run) {
	if slices.ContainsFunc(f.plan.Hopeless, func(h *Hopeless) bool { return h.Requirement == g.of }) {
		return
	}
	h := &Hopeless{Requirement: g.of}
	for _, r := range run.Rules {
		h.Steps = append(h.Steps, f.g.Rule(r).Says)
	}
	f.plan.Hopeless = append(f.plan.Hopeless, h)
}

// under returns the question with a set of changes made, and nothing else added.
func (f *finder) under(q *system.Question, set []*Change) *system.Question {
	made := make([]bool, len(f.w.changes))
	for _, c := range set {
		made[c.number] = true
	}
	out := *q
	out.Fixed = slices.Clone(q.Fixed)
	for i := range int32(q.System.Choices()) {
		d, ok := f.lits[q.System.Choice(i)]
		if !ok {
			continue
		}
		switch {
		case made[d.yes.number]:
			out.Fixed = append(out.Fixed, d.lit)
		case d.yes.twin == nil, made[d.yes.twin.number]:
			out.Fixed = append(out.Fixed, d.lit.Not())
		}
	}
	return &out
}

// learn returns the clause that every repair satisfies: what the attack relies on is made otherwise.
func (f *finder) learn(run *system.Run) []want {
	var out []want
	for _, l := range run.Choices {
		d, ok := f.lits[l&^1]
		if !ok {
			continue
		}
		switch {
		case l.Negated():
			out = append(out, want{change: d.yes})
		case d.yes.twin != nil:
			out = append(out, want{change: d.yes.twin})
		default:
			out = append(out, want{change: d.yes, not: true}) // relies on what a proposal has added
		}
	}
	slices.SortFunc(out, func(a, b want) int { return cmp.Compare(a.change.number, b.change.number) })
	return slices.Compact(out)
}

// propose returns the cheapest set that satisfies all clauses, of at least that cost and none of the known sets (nor one with all of its
// changes); or the requirements whose clauses contradict each other.
func (f *finder) propose(cost int, known [][]*Change) (set []*Change, least int, conflict []string, err error) {
	s := sat.New(0)
	lits := map[*Change]sat.Lit{}
	var order []*Change
	var counted []sat.Lit
	made := func(c *Change) sat.Lit {
		l, ok := lits[c]
		if !ok {
			l = s.NewVar()
			lits[c] = l
			order = append(order, c)
			for range c.Cost {
				counted = append(counted, l)
			}
			if t, ok := lits[c.twin]; ok {
				s.AddClause(l.Not(), t.Not())
			}
		}
		return l
	}
	var assumptions []sat.Lit
	of := map[sat.Lit]string{}
	for _, g := range f.goals {
		if g.hopeless || len(g.clauses) == 0 {
			continue
		}
		on := s.NewVar()
		of[on] = g.of.Name
		assumptions = append(assumptions, on)
		for _, c := range g.clauses {
			clause := []sat.Lit{on.Not()}
			for _, w := range c {
				l := made(w.change)
				if w.not {
					l = l.Not()
				}
				clause = append(clause, l)
			}
			s.AddClause(clause...)
		}
	}
	for _, k := range known {
		var clause []sat.Lit
		for _, c := range k {
			clause = append(clause, made(c).Not())
		}
		s.AddClause(clause...)
	}
	var total *sat.Totalizer
	if len(counted) > 0 {
		total = sat.NewTotalizer(s, counted)
	}
	st, err := s.Solve(f.ctx, assumptions)
	if err != nil {
		return nil, 0, nil, err
	}
	if st == sat.Unsat {
		conflict = []string{}
		for _, l := range s.Core() {
			if !slices.Contains(conflict, of[l]) {
				conflict = append(conflict, of[l])
			}
		}
		slices.Sort(conflict)
		return nil, 0, conflict, nil
	}
	for ; st == sat.Sat; cost++ {
		ask := assumptions
		if cost < len(counted) {
			ask = append(slices.Clone(assumptions), total.AtLeast(cost+1).Not())
		}
		if st, err = s.Solve(f.ctx, ask); err != nil {
			return nil, 0, nil, err
		}
		if st == sat.Sat {
			break
		}
		if st == sat.Unsat {
			st = sat.Sat // a little more, then
		}
	}
	if st != sat.Sat {
		return nil, 0, nil, cmp.Or(f.ctx.Err(), ErrLimits)
	}
	for _, c := range order {
		if s.Value(lits[c]) {
			set = append(set, c)
		}
	}
	slices.SortFunc(set, func(a, b *Change) int { return cmp.Compare(a.number, b.number) })
	return f.needed(set), cost, nil, nil
}

// needed leaves out what no clause needs: dropping costs nothing, so a proposal may drop too much.
func (f *finder) needed(set []*Change) []*Change {
	satisfied := func(set []*Change) bool {
		for _, g := range f.goals {
			for _, c := range g.clauses {
				if !g.hopeless && !slices.ContainsFunc(c, func(w want) bool { return w.met(set) }) {
					return false
				}
			}
		}
		return true
	}
	for i := len(set) - 1; i >= 0; i-- {
		if less := slices.Delete(slices.Clone(set), i, i+1); set[i].Cost == 0 && satisfied(less) {
			set = less
		}
	}
	return set
}

// Edits returns the edits of the design's files that make changes. What was made from other files is not edited: the root file says it by `extend`.
func Edits(d *models.Design, changes []*Change) map[*source.File][]dsl.Edit {
	root := d.Files[0]
	made := map[*source.File]bool{}
	for _, e := range d.Elements {
		made[e.Span.File] = made[e.Span.File] || e.Origin.File != "" && e.Span.File != root
	}
	out := map[*source.File][]dsl.Edit{}
	put := func(e dsl.Edit) { out[e.Span.File] = append(out[e.Span.File], e) }
	var apart []*Change
	changes = slices.DeleteFunc(slices.Clone(changes), func(c *Change) bool {
		at := c.stands()
		if c.Kind == Drop && c.Data != nil || !made[at] { // `has not` is not for data at rest
			return false
		}
		apart = append(apart, c)
		return true
	})
	if len(apart) > 0 {
		put(dsl.Edit{Span: source.Span{File: root, Start: len(root.Text), End: len(root.Text)}, Text: extends(root, apart)})
	}
	var decls []dsl.Decl
	var clauses []*dsl.Clause
	has := map[dsl.Decl][]string{}
	with := map[*dsl.Clause][]string{}
	there := map[*dsl.Clause]map[source.Span]bool{}
	for _, c := range changes {
		if c.clause == nil {
			if has[c.decl] == nil {
				decls = append(decls, c.decl)
			}
			has[c.decl] = append(has[c.decl], c.Control.Name)
			continue
		}
		if there[c.clause] == nil {
			clauses = append(clauses, c.clause)
			there[c.clause] = map[source.Span]bool{}
		}
		if c.Kind == Add {
			with[c.clause] = append(with[c.clause], c.Control.Name)
		} else {
			there[c.clause][c.place] = c.Kind == Settle
		}
	}
	for _, d := range decls {
		put(dsl.AddControls(d, has[d]))
	}
	for _, c := range clauses {
		for _, e := range dsl.Settle(c, there[c], with[c]) {
			put(e)
		}
	}
	return out
}

// stands returns the file that has what is changed.
func (c *Change) stands() *source.File {
	if c.clause != nil {
		return c.clause.Span.File
	}
	return c.decl.Pos().File
}

// extends writes changes as `extend`, one for the elements that they are about together.
func extends(root *source.File, changes []*Change) string {
	join := func(list []*models.Element) string {
		var names []string
		for _, e := range list {
			names = append(names, e.Name)
		}
		return strings.Join(names, ", ")
	}
	var order []string
	clauses := map[string][]string{}
	for _, c := range changes {
		on, clause := join(c.On), "has "
		if clauses[on] == nil {
			order = append(order, on)
		}
		switch {
		case c.Data != nil:
			clause = "stores " + join(c.Data) + " with "
		case c.Kind == Drop:
			clause = "has not "
		}
		clauses[on] = append(clauses[on], clause+c.Control.Name)
	}
	var b strings.Builder
	if !strings.HasSuffix(root.Text, "\n") {
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, on := range order {
		b.WriteString("extend " + on + " { " + strings.Join(clauses[on], "  ") + " }\n")
	}
	return b.String()
}
