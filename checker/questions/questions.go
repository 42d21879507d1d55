package questions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Options are the limits of a search. Zero fields take the defaults.
type Options struct {
	Check     checker.Options
	MaxTrials int // checks of the design with answers; default 400
	MaxRules  int // rule instances of a design beyond which nothing is tried; 0: no limit
}

// Load loads the design again, with declarations added to it. It returns nil where these make no sense, and an error where the design cannot be read.
type Load func(declarations string) (*threats.Model, error)

// answers is what declarations that are tried are called; no file has that name.
const answers = "<answers>"

// Beside returns the Load of a design whose files, the root first, are read by read: declarations stand in a further file.
func Beside(read source.Reader, names []string) Load {
	return func(declarations string) (*threats.Model, error) {
		diags := &diag.List{}
		m := threats.Load(func(name string) (string, error) {
			if name == answers {
				return declarations, nil
			}
			return read(name)
		}, append(slices.Clone(names), answers), diags)
		return m, nil // none where an answer makes no sense
	}
}

// Small are the limits within which answers are tried beside a check.
var Small = Options{MaxTrials: 60, MaxRules: 20_000}

// Question is a silence of the design that matters.
type Question struct {
	On       *models.Element
	Text     string   // a sentence with the element in it
	Yes      []string // declarations that answer it and that break something, at most a few
	No       string   // the declaration that says no; "" for an attribute, which takes a value
	Breaks   []Broken // requirements that hold now and do not with Yes, worst first
	severity int
}

// Broken is a requirement that hangs on an answer.
type Broken struct {
	Requirement string
	Verdict     checker.Verdict // with the answer
	Cost        int             // of the cheapest attack; 0 where there is none to show
}

// Found is what a search found.
type Found struct {
	Questions []Question // those that change most first
	Silent    int        // silences that were looked at
	Complete  bool       // all of them
}

// Silence is an element that does not say whether a relation or an attribute is there.
type Silence struct {
	On   *models.Element
	Text string // a sentence with the element in it
	No   string // the declaration that says no; "" for an attribute, which takes a value

	says string            // the relation, or the attribute with one of its words
	to   []*models.Element // what it may be to, and perhaps On itself; all silences about a relation share it. Nil for an attribute
	rank int               // 0: all clauses may be true together; else which word of an attribute it is
}

// Clauses returns what may be said of it.
func (s *Silence) Clauses() []string {
	if s.to == nil {
		return []string{s.says}
	}
	var out []string
	for _, x := range s.to {
		if x != s.On {
			out = append(out, s.says+" "+x.Name)
		}
	}
	return out
}

// Find returns the questions of a design whose result is given.
func Find(ctx context.Context, base *checker.Result, load Load, opt Options) (*Found, error) {
	opt.MaxTrials = cmp.Or(opt.MaxTrials, 400)
	f := &finder{ctx: ctx, opt: opt, load: load, left: opt.MaxTrials, now: map[string]*checker.Requirement{}}
	for _, q := range base.Requirements {
		if q.Verdict == checker.Holds && q.Source.Kind != models.Possible {
			f.now[q.Source.Name] = q
		}
	}
	if opt.MaxRules > 0 && base.Rules > opt.MaxRules && len(f.now) > 0 {
		return &Found{}, nil // what could be answered grows with the square of a design
	}
	silent := Silences(base.Model.Design)
	out := &Found{Silent: len(silent), Complete: true}
	if len(f.now) == 0 || len(silent) == 0 {
		return out, nil
	}
	// A value excludes the others of its attribute, so that a group has one of each.
	rank := 0
	for _, s := range silent {
		rank = max(rank, s.rank)
	}
	for k := range rank + 1 {
		of := slices.DeleteFunc(slices.Clone(silent), func(s Silence) bool { return s.rank != k })
		if err := f.halve(of); err != nil {
			return nil, err
		}
	}
	out.Questions, out.Complete = f.merged(), f.left > 0 && ctx.Err() == nil
	slices.SortStableFunc(out.Questions, func(a, b Question) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(len(b.Breaks), len(a.Breaks)), cmp.Compare(a.Breaks[0].Cost, b.Breaks[0].Cost))
	})
	return out, nil
}

// merged joins the questions about one attribute of one element.
func (f *finder) merged() []Question {
	var out []Question
	for _, q := range f.questions {
		i := slices.IndexFunc(out, func(o Question) bool { return o.On == q.On && o.Text == q.Text })
		if i < 0 {
			out = append(out, q)
			continue
		}
		o := &out[i]
		o.Yes = append(o.Yes, q.Yes...)
		o.severity = min(o.severity, q.severity)
		for _, b := range q.Breaks {
			if !slices.ContainsFunc(o.Breaks, func(x Broken) bool { return x.Requirement == b.Requirement }) {
				o.Breaks = append(o.Breaks, b)
			}
		}
	}
	return out
}

// Silences returns what the elements of a design do not say though a catalogue asks for it, in their order. Whether it matters, [Find] tells.
func Silences(d *models.Design) []Silence {
	var out []Silence
	v := d.Vocabulary
	relations := sorted(v.Relations)
	attributes := sorted(v.Attributes)
	to := make([][]*models.Element, len(relations)) // what each may be to
	for i, r := range relations {
		for _, x := range d.Of(r.To) {
			if among(x, r.AskTo) {
				to[i] = append(to[i], x)
			}
		}
	}
	for _, e := range d.Elements {
		for i, r := range relations {
			if r.Ask == "" || !e.Is(r.From) || !among(e, r.AskOf) || len(e.Relations[r]) > 0 || claims(e, r.Name) {
				continue
			}
			if len(to[i]) > 1 || len(to[i]) == 1 && to[i][0] != e {
				out = append(out, Silence{On: e, Text: strings.ReplaceAll(r.Ask, "{0}", e.Name), No: declaration(e, r.Name+" none"), says: r.Name, to: to[i]})
			}
		}
		for _, a := range attributes {
			if _, there := e.Attributes[a]; there || a.Ask == "" || !slices.ContainsFunc(a.Of, e.Is) {
				continue
			}
			for i, word := range a.Words {
				out = append(out, Silence{On: e, Text: strings.ReplaceAll(a.Ask, "{0}", e.Name), rank: i + 1, says: a.Name + " " + word})
			}
		}
	}
	return out
}

func sorted[T any](all map[string]*T) []*T {
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	out := make([]*T, len(names))
	for i, n := range names {
		out[i] = all[n]
	}
	return out
}

// among reports whether an element is of one of the kinds; nil: of any.
func among(e *models.Element, kinds []*models.Kind) bool {
	return kinds == nil || slices.ContainsFunc(kinds, e.Is)
}

func claims(e *models.Element, relation string) bool {
	return slices.ContainsFunc(e.None, func(c models.Claim) bool { return c.Relation == relation })
}

func declaration(e *models.Element, clauses ...string) string {
	return fmt.Sprintf("extend %s { %s }", e.Name, strings.Join(clauses, " "))
}

// finder tries answers.
type finder struct {
	ctx       context.Context
	opt       Options
	load      Load
	left      int
	now       map[string]*checker.Requirement // that hold
	questions []Question
}

// halve tries silences together, and each by itself where together they break something.
func (f *finder) halve(list []Silence) error {
	if len(list) == 0 || f.left <= 0 || f.ctx.Err() != nil {
		return nil
	}
	var all []string
	for _, s := range list {
		all = append(all, declaration(s.On, s.Clauses()...))
	}
	broken, ok, err := f.try(all)
	if err != nil || ok && len(broken) == 0 || !ok && len(list) == 1 {
		return err
	}
	if len(list) > 1 {
		half := len(list) / 2
		if err := f.halve(list[:half]); err != nil {
			return err
		}
		return f.halve(list[half:])
	}
	s := list[0]
	q := Question{On: s.On, Text: s.Text, No: s.No, Breaks: broken, severity: models.SeverityRank("")}
	for _, a := range s.Clauses() {
		if len(q.Yes) == maxAnswers {
			break
		}
		yes := declaration(s.On, a)
		if b, _, err := f.try([]string{yes}); err != nil {
			return err
		} else if len(b) > 0 {
			q.Yes = append(q.Yes, yes)
		}
	}
	if len(q.Yes) == 0 {
		q.Yes = all // only several together break something
	}
	for _, b := range broken {
		q.severity = min(q.severity, models.SeverityRank(f.now[b.Requirement].Source.Severity))
	}
	f.questions = append(f.questions, q)
	return nil
}

// maxAnswers bounds the answers that are shown of a question.
const maxAnswers = 3

// try checks the design with declarations, and returns which of the requirements that hold now do not then; ok is false where it says nothing of them.
func (f *finder) try(declarations []string) (broken []Broken, ok bool, err error) {
	if f.left--; f.left < 0 {
		return nil, true, nil
	}
	m, err := f.load(strings.Join(declarations, "\n"))
	if err != nil || m == nil {
		return nil, false, err
	}
	m.Design.Requirements = slices.DeleteFunc(m.Design.Requirements, func(r *models.Requirement) bool { return f.now[r.Name] == nil })
	opt := f.opt.Check
	opt.Progress, opt.Resilience = nil, false
	r, err := checker.Check(f.ctx, m, opt)
	if err != nil {
		return nil, false, err
	}
	for _, q := range r.Requirements {
		if q.Verdict != checker.Violated && q.Verdict != checker.Depends && q.Verdict != checker.Waived {
			continue
		}
		b := Broken{Requirement: q.Source.Name, Verdict: q.Verdict}
		for _, c := range q.Cases {
			if c.Attack != nil && (b.Cost == 0 || c.Attack.Cost < b.Cost) {
				b.Cost = c.Attack.Cost
			}
		}
		broken = append(broken, b)
	}
	return broken, true, nil
}
