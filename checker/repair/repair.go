package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
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
	Requirements []string // names; nil: all that can be repaired
	Without      []string // what must not be done: a control, a protocol or a kind of change, or one of these at a place such as `waf on Shop`
	Portfolio    portfolio.Options
	MaxRounds    int      // of proposals
	Alternatives int      // of equal cost, besides the first
	From         []string // names of the facts that hold now: what must hold is asked from there on; nil: from the start
	Progress     func(clauses, cost int)
}

// Plan is a set of changes after which the requirements hold, and no cheaper set of controls and protocols makes them hold.
type Plan struct {
	Changes      []*Change
	Cost         int
	Alternatives [][]*Change // of the same cost
	Hopeless     []*Hopeless // requirements that no set of changes is enough for; the plan is for the others
	Conflict     []string    // requirements that can be repaired one by one but not together; there are no changes then

	// Of Search.
	Controls int               // what the cheapest set of controls and protocols alone costs; 0 where none is enough
	Texts    map[string]string // of the files that change, by name, after the changes

	model           *threats.Model
	rules           int
	touched         map[string]bool // elements that attacks go by
	counterexamples []counterexample
}

// Hopeless is a requirement that no changes make hold.
type Hopeless struct {
	Requirement *models.Requirement
	Steps       []string // of an attack that goes through whatever is added
	breaks      []ground.Break
}

// Limits of the search for one proposal.
const (
	maxConflicts = 1 << 20
	maxLooks     = 1 << 36
)

// ErrLimits says that the search ended before it had an answer.
var ErrLimits = errors.New("the search for a repair reached its limits")

// goal is a case that must hold.
type goal struct {
	of       *models.Requirement
	question *system.Question
	clauses  [][]want
	hopeless bool
	seen     bool           // an attack on the design as it is
	breaks   []ground.Break // of an architecture rule
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

// Find returns the cheapest plan for a model, which must have no errors. It is an error when the limits or the context end the search.
func Find(ctx context.Context, m *threats.Model, opt Options) (*Plan, error) {
	if opt.MaxRounds == 0 {
		opt.MaxRounds = 2000
	}
	f := &finder{ctx: ctx, opt: opt, plan: &Plan{touched: map[string]bool{}}}
	f.w = widen(m, opt.Without)
	var err error
	if f.g, err = ground.GroundWith(ctx, m, f.w.further); err != nil {
		return nil, err
	}
	f.lits, f.plan.rules = f.w.decisions(f.g), f.g.System.Rules()
	free := f.g.System.WithoutCosts()
	now := f.now()
	for i, r := range m.Design.Requirements {
		if opt.Requirements != nil && !slices.Contains(opt.Requirements, r.Name) {
			continue
		}
		for _, c := range f.g.Cases[i] {
			if c.Possible || c.Question == nil {
				continue
			}
			if opt.From != nil {
				c = f.g.From(c, now)
			}
			q := *c.Question
			if q.Budget < 0 {
				q.System = free // so that what only changes the cost of an attack is no matter
			}
			f.goals = append(f.goals, &goal{of: r, question: &q, breaks: c.Breaks})
			for _, b := range c.Breaks {
				f.touch(b.Elements)
			}
		}
	}
	return f.plan, f.find()
}

// now returns the facts that hold now. What only the design as it is has a name for plays no part in the widened one.
func (f *finder) now() []int32 {
	if f.opt.From == nil {
		return nil
	}
	hold := map[string]bool{}
	for _, name := range f.opt.From {
		hold[name] = true
	}
	var out []int32
	for i := range int32(f.g.System.Facts()) {
		if hold[f.g.FactName(i)] {
			out = append(out, i)
		}
	}
	return out
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
			f.observe(g, run)
			clause := f.learn(run, now)
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

func (f *finder) touch(list []*models.Element) {
	for _, e := range list {
		f.plan.touched[e.Name] = true
		if e.Flow != nil {
			f.plan.touched[e.Flow.Target.Name] = true
		}
	}
}

// observe notes what an attack goes by, and of the first one on a requirement, which steps of processes are taken as they are meant.
func (f *finder) observe(g *goal, run *system.Run) {
	ce := counterexample{requirement: g.of.Name}
	for _, r := range run.Rules {
		f.touch(f.g.Rule(r).Elements)
		if s, forced := f.g.Step(r); s != nil && !forced {
			ce.steps = slices.Insert(ce.steps, 0, s.Name)
		}
	}
	if g.seen || len(ce.steps) == 0 || slices.ContainsFunc(f.plan.counterexamples, func(x counterexample) bool { return x.requirement == ce.requirement }) {
		return
	}
	g.seen = true
	f.plan.counterexamples = append(f.plan.counterexamples, ce)
}

// giveUp notes that a requirement cannot be repaired, once for each requirement.
func (f *finder) giveUp(g *goal, run *system.Run) {
	if slices.ContainsFunc(f.plan.Hopeless, func(h *Hopeless) bool { return h.Requirement == g.of }) {
		return
	}
	h := &Hopeless{Requirement: g.of, breaks: g.breaks}
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
		given := slices.ContainsFunc(d.swaps, func(c *Change) bool { return made[c.number] })
		switch {
		case d.failure:
			if given {
				out.Fixed = append(out.Fixed, d.lit.Not())
			}
		case given, d.yes != nil && made[d.yes.number]:
			out.Fixed = append(out.Fixed, d.lit)
		case d.yes == nil, d.yes.twin == nil, made[d.yes.twin.number]:
			out.Fixed = append(out.Fixed, d.lit.Not())
		}
	}
	return &out
}

// learn returns a clause that every repair satisfies: what an attack that passes a set relies on is made otherwise.
func (f *finder) learn(run *system.Run, now []*Change) []want {
	var out []want
	for _, l := range run.Choices {
		d, ok := f.lits[l&^1]
		if !ok || d.failure && l.Negated() {
			continue
		}
		made := slices.IndexFunc(d.swaps, func(c *Change) bool { return slices.Contains(now, c) })
		switch {
		case d.failure || l.Negated():
			if d.yes != nil && !d.failure {
				out = append(out, want{change: d.yes})
			}
			for _, c := range d.swaps {
				out = append(out, want{change: c})
			}
		case made >= 0: // relies on what a proposal has added
			out = append(out, want{change: d.swaps[made], not: true})
		case d.yes.twin != nil:
			out = append(out, want{change: d.yes.twin})
		default:
			out = append(out, want{change: d.yes, not: true})
		}
	}
	slices.SortFunc(out, func(a, b want) int { return cmp.Compare(a.change.number, b.change.number) })
	return slices.Compact(out)
}

// propose returns the cheapest set that satisfies all clauses, of at least that cost and none of the known sets (nor one with all of its
// changes); or the requirements whose clauses contradict each other.
func (f *finder) propose(cost int, known [][]*Change) (set []*Change, least int, conflict []string, err error) {
	s := sat.New(maxConflicts, maxLooks)
	lits := map[*Change]cdcl.Lit{}
	var order []*Change
	var counted, added []cdcl.Lit
	made := func(c *Change) cdcl.Lit {
		l, ok := lits[c]
		if !ok {
			l = s.NewVar()
			lits[c] = l
			order = append(order, c)
			for range c.Cost {
				counted = append(counted, l)
			}
			if c.Kind == Add || c.Kind == Swap {
				added = append(added, l)
			}
			for _, other := range order[:len(order)-1] {
				if c.twin == other || c.Kind == Swap && other.Kind == Swap && c.decl == other.decl {
					s.AddClause(l.Not(), lits[other].Not())
				}
			}
		}
		return l
	}
	var assumptions []cdcl.Lit
	of := map[cdcl.Lit]string{}
	for _, g := range f.goals {
		if g.hopeless || len(g.clauses) == 0 {
			continue
		}
		on := s.NewVar()
		of[on] = g.of.Name
		assumptions = append(assumptions, on)
		for _, c := range g.clauses {
			clause := []cdcl.Lit{on.Not()}
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
		var clause []cdcl.Lit
		for _, c := range k {
			clause = append(clause, made(c).Not())
		}
		s.AddClause(clause...)
	}
	var total, few *sat.Totalizer
	if len(counted) > 0 {
		total = sat.NewTotalizer(s, counted)
	}
	if len(added) > 0 {
		few = sat.NewTotalizer(s, added)
	}
	st := s.Solve(f.ctx, assumptions)
	if st == cdcl.Unsat {
		conflict = []string{}
		for _, l := range s.Core() {
			if !slices.Contains(conflict, of[l]) {
				conflict = append(conflict, of[l])
			}
		}
		slices.Sort(conflict)
		return nil, 0, conflict, nil
	}
	for ; st == cdcl.Sat; cost++ {
		ask := assumptions
		if cost < len(counted) {
			ask = append(slices.Clone(assumptions), total.AtLeast(cost+1).Not())
		}
		if st = s.Solve(f.ctx, ask); st == cdcl.Sat {
			break
		}
		if st == cdcl.Unsat {
			st = cdcl.Sat // a little more, then
		}
	}
	if st != cdcl.Sat {
		return nil, 0, nil, cmp.Or(f.ctx.Err(), ErrLimits)
	}
	// Of those that cost the same, one with few changes that the design does not think of: what is open is to be decided first.
	for {
		set = set[:0]
		n := 0
		for _, c := range order {
			if s.Value(lits[c]) {
				set = append(set, c)
				if c.Kind == Add || c.Kind == Swap {
					n++
				}
			}
		}
		if n == 0 {
			break
		}
		ask := append(slices.Clone(assumptions), few.AtLeast(n).Not())
		if cost < len(counted) {
			ask = append(ask, total.AtLeast(cost+1).Not())
		}
		if s.Solve(f.ctx, ask) != cdcl.Sat {
			break
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
	made := generated(d)
	out := map[*source.File][]dsl.Edit{}
	put := func(e dsl.Edit) { out[e.Span.File] = append(out[e.Span.File], e) }
	var apart []*Change
	changes = slices.DeleteFunc(slices.Clone(changes), func(c *Change) bool {
		at := c.stands()
		if c.Kind == Drop && c.Data != nil || c.Kind == Swap || !made[at] { // `has not` is not for data at rest
			return false
		}
		apart = append(apart, c)
		return true
	})
	if len(apart) > 0 {
		put(dsl.Append(root, extends(apart)))
	}
	var decls []dsl.Decl
	var clauses []*dsl.Clause
	has := map[dsl.Decl][]string{}
	with := map[*dsl.Clause][]string{}
	there := map[*dsl.Clause]map[source.Span]bool{}
	for _, c := range changes {
		if c.Kind == Swap {
			put(dsl.Over(c.decl.(*dsl.Flow), c.Protocol.Name))
			continue
		}
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

// generated tells which files were made from other files, and are not edited: the root never is one.
func generated(d *models.Design) map[*source.File]bool {
	made := map[*source.File]bool{}
	for _, e := range d.Elements {
		made[e.Span.File] = made[e.Span.File] || e.Origin.File != "" && e.Span.File != d.Files[0]
	}
	return made
}

// stands returns the file that has what is changed.
func (c *Change) stands() *source.File {
	if c.clause != nil {
		return c.clause.Span.File
	}
	return c.decl.Pos().File
}

// extends writes changes as `extend`, one for the elements that they are about together.
func extends(changes []*Change) string {
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
	for _, on := range order {
		b.WriteString("extend " + on + " { " + strings.Join(clauses[on], "  ") + " }\n")
	}
	return b.String()
}
