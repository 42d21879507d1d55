package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// LogOptions say what a log is made of.
type LogOptions struct {
	Cases     int
	Seed      uint64
	Per       string // a domain, of which each case is about one value; "" leaves it
	Faults    map[Fault]int
	Incidents []Incident
}

// Incident is a case in which attackers break a requirement.
type Incident struct {
	Requirement *models.Requirement
	Coalition   []*models.Attacker
	Choices     []string // such as `mtls on Notify fails`
}

// Entry is an event of a log.
type Entry struct {
	Case string   `json:"case"`
	Time string   `json:"time"`
	Step string   `json:"step"`
	Args []string `json:"args"`

	Source string `json:"source,omitempty"` // whose log it is in

	at time.Time
	by string // who took the step
}

// Told is what a log hides.
type Told struct {
	Case string
	What string
}

// maxWalk bounds the moves of one case.
const maxWalk = 64

// beginning is when logs begin; that it is no day in particular makes the same log of the same seed.
var beginning = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// Log makes the log of a design: cases in which honest parties take steps by chance until none is left, and among them incidents, in which attackers break a requirement by the
// first run that the engines find. The same seed gives the same log.
func Log(ctx context.Context, m *threats.Model, opt LogOptions) ([]Entry, []Told, error) {
	rng := rand.New(rand.NewPCG(opt.Seed, opt.Seed^0x9e3779b97f4a7c15))
	honest, err := newCaster(ctx, m, nil, nil, opt.Per)
	if err != nil {
		return nil, nil, err
	}
	at := map[int]Incident{} // by case
	for _, x := range opt.Incidents {
		n := rng.IntN(opt.Cases)
		for at[n].Requirement != nil {
			n = (n + 1) % opt.Cases
		}
		at[n] = x
	}
	faults := map[int]Fault{} // by case
	for _, f := range Faults {
		if f.Fault == Skewed {
			continue
		}
		for range opt.Faults[f.Fault] {
			n := rng.IntN(opt.Cases)
			for faults[n] != "" || at[n].Requirement != nil {
				n = (n + 1) % opt.Cases
			}
			faults[n] = f.Fault
		}
	}
	var all []Entry
	var told []Told
	start := beginning
	for n := range opt.Cases {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		name := caseName(n)
		cast, by := honest, at[n]
		honest.walked = nil
		if by.Requirement != nil {
			if cast, err = newCaster(ctx, m, by.Coalition, by.Choices, opt.Per); err != nil {
				return nil, nil, err
			}
			if err := cast.attack(ctx, by.Requirement); err != nil {
				return nil, nil, err
			}
			told = append(told, Told{name, "breaks " + by.Requirement.Name})
		}
		cast.finish(rng)
		entries := cast.entries(name, start, rng)
		if f := faults[n]; f != "" {
			spoilt, said := f.spoil(entries, caseName((n+1)%opt.Cases), rng)
			if entries = spoilt; said != "" {
				told = append(told, Told{name, said})
			}
		}
		all = append(all, entries...)
		start = start.Add(time.Duration(20+rng.IntN(400)) * time.Second)
	}
	if n := opt.Faults[Skewed]; n > 0 {
		told = append(told, skew(all, time.Duration(n)*time.Second)...)
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return strings.Compare(a.Time, b.Time) })
	return all, told, nil
}

func caseName(n int) string { return fmt.Sprintf("order-%04d", n+1) }

// caster plays cases of one cast: nobody attacks, or somebody does.
type caster struct {
	*Simulation
	rules  []int32 // honest ones, which a case may take
	only   string  // the value of the domain that cases are about
	per    string
	walked []int32 // the rules of the case
}

func newCaster(ctx context.Context, m *threats.Model, coalition []*models.Attacker, choices []string, per string) (*caster, error) {
	s, err := New(ctx, m, coalition, choices)
	if err != nil {
		return nil, err
	}
	c := &caster{Simulation: s, per: per}
	if per != "" {
		var domain *models.ProcessDomain
		for _, p := range m.Design.Processes {
			for _, d := range p.Domains {
				if d.Name == per {
					domain = d
				}
			}
		}
		if domain == nil || domain.Size() == 0 {
			return nil, fmt.Errorf("the design has no domain %q", per)
		}
		if c.only = fmt.Sprint(domain.Lo); !domain.Range {
			c.only = domain.Members[0].Name
		}
	}
	for r := range int32(s.g.System.Rules()) {
		if step, forced := s.g.Step(r); step != nil && !forced && s.of.Question.Enabled(r) && c.about(step, s.g.Rule(r).Bindings) {
			c.rules = append(c.rules, r)
		}
	}
	return c, nil
}

// about reports whether a step is about nothing else than the one value that cases are about.
func (c *caster) about(step *models.Step, args []ground.Binding) bool {
	for i, p := range step.Params {
		if p.Type.Domain != nil && p.Type.Domain.Name == c.per && args[i].Value != c.only {
			return false
		}
	}
	return true
}

// attack takes the run by which the coalition breaks a requirement.
func (c *caster) attack(ctx context.Context, r *models.Requirement) error {
	for i, cases := range c.g.Cases {
		if c.g.Model.Design.Requirements[i] != r {
			continue
		}
		for _, from := range cases {
			if !slices.Equal(from.Attackers, c.of.Attackers) || from.Possible || slices.ContainsFunc(from.Bindings, func(b ground.Binding) bool {
				_, other := c.value(r, b)
				return other
			}) {
				continue
			}
			q := *from.Question
			q.Fixed = slices.Concat(q.Fixed, c.choices)
			q.MaxFailures = c.g.System.Choices()
			p, err := judge.Answer(ctx, &q, func(ctx context.Context, q *system.Question) (system.Proposal, error) {
				return portfolio.Run(ctx, q, portfolio.Options{})
			})
			if err != nil {
				return err
			}
			if len(p.Attacks) > 0 {
				c.walked = slices.Clone(p.Attacks[0].Rules)
				return nil
			}
		}
	}
	return fmt.Errorf("%s does not break %s with these controls: an incident needs an attack", names(c.of.Attackers), r.Name)
}

// value reports whether a binding is of the domain that cases are about, and whether it is of another value of it.
func (c *caster) value(r *models.Requirement, b ground.Binding) (of, other bool) {
	for _, v := range r.For {
		if v.Name == b.Var && v.Type.Domain != nil && v.Type.Domain.Name == c.per {
			return true, b.Value != c.only
		}
	}
	return false, false
}

func names(list []*models.Attacker) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Name)
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, " + ")
}

// finish goes on with honest steps by chance, until there is none that changes anything.
func (c *caster) finish(rng *rand.Rand) {
	st, err := system.NewState(c.g.System, c.of.Question.Start, c.choices)
	if err != nil {
		panic(judge.ErrInternal.Error() + ": " + err.Error())
	}
	for _, r := range c.walked {
		if _, err := st.Take(r); err != nil {
			panic(judge.ErrInternal.Error() + ": " + err.Error())
		}
	}
	for range maxWalk {
		var open []int32
		for _, r := range c.rules {
			if slices.ContainsFunc(c.g.System.Guard(r), func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
				continue
			}
			open = append(open, r)
		}
		moved := false
		for len(open) > 0 && !moved {
			k := rng.IntN(len(open))
			r := open[k]
			open = slices.Delete(open, k, k+1)
			change, err := st.Take(r)
			if moved = err == nil && len(change.Added)+len(change.Removed) > 0 && c.allowed(st); moved {
				c.walked = append(c.walked, r)
			} else if err == nil && len(change.Added)+len(change.Removed) > 0 {
				panic(judge.ErrInternal.Error() + ": an honest step breaks an assumption")
			}
		}
		if !moved {
			break
		}
	}
}

// entries are the steps of a case as a log has them.
func (c *caster) entries(name string, at time.Time, rng *rand.Rand) []Entry {
	var out []Entry
	for _, r := range c.walked {
		step, forced := c.g.Step(r)
		if step == nil || forced {
			continue
		}
		e := Entry{Case: name, Step: step.Name, Args: []string{}, Time: at.Format(time.RFC3339), at: at}
		if len(step.By) > 0 {
			e.by = step.By[0].Name
		}
		for _, b := range c.g.Rule(r).Bindings {
			e.Args = append(e.Args, b.Value)
		}
		out = append(out, e)
		at = at.Add(time.Duration(5+rng.IntN(1800)) * time.Second)
	}
	return out
}
