package checker

import (
	"context"
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

// bound takes a `holds` back where a domain stops a step in a state that can be reached: what the step would have led to was not looked at. The
// same goes for what would hold with a sufficient set of decisions.
func (j *judge) bound(ctx context.Context, jb job) error {
	from, c := jb.from, jb.at
	var given []*system.Question
	switch c.Verdict {
	case Holds:
		given = append(given, from.Question)
	case Depends:
		for _, s := range c.proposal.Sufficient {
			q := *from.Question
			q.Fixed = append(append([]system.Lit(nil), q.Fixed...), s.Decisions...)
			given = append(given, &q)
		}
	}
	for _, q := range given {
		reason, err := j.stopped(ctx, jb, q)
		if err != nil {
			return err
		}
		if reason != nil {
			c.Verdict, c.Unknown, c.Proof, c.Sufficient = Unknown, reason, nil, nil
			return nil
		}
	}
	return nil
}

// stopped says where a domain stops a step in a state that some run of the question reaches; nil where it is proved that none does.
func (j *judge) stopped(ctx context.Context, jb job, q *system.Question) (*Reason, error) {
	from := jb.from
	if len(from.Bounds) == 0 {
		return nil, nil
	}
	// Without the requirement's own assumption the question is the same for all its cases, and mostly settles them.
	all := *q
	all.Bad, all.Assume = from.Bound, q.Assume[from.Own:]
	reason, err := j.stop(ctx, jb, &all)
	if reason == nil || err != nil || from.Own == 0 {
		return reason, err
	}
	all.Assume = q.Assume
	return j.stop(ctx, jb, &all)
}

// stop answers one question of stopped.
func (j *judge) stop(ctx context.Context, jb job, q *system.Question) (*Reason, error) {
	p, err := j.more(ctx, jb, q)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Holds != nil:
		return nil, nil
	case len(p.Attacks) == 0:
		return &Reason{Text: "it holds within its domains, but whether a domain stops a step was not settled: " + p.Incomplete, NoViolationWithin: -1}, nil
	}
	st, err := system.NewState(q.System, q.Start, append(append([]system.Lit(nil), q.Fixed...), p.Attacks[0].Choices...))
	if err != nil {
		return nil, err
	}
	for _, r := range p.Attacks[0].Rules {
		if _, err := st.Take(r); err != nil {
			return nil, err
		}
	}
	for _, b := range jb.from.Bounds {
		if st.Eval(b.When) == system.Yes {
			return &Reason{Text: boundText(b), NoViolationWithin: -1}, nil
		}
	}
	return nil, fmt.Errorf("a run ends where no domain stops a step")
}

// boundText says what a domain stops, and what to do about it.
func boundText(b ground.Bound) string {
	var args []string
	for _, a := range b.Args {
		args = append(args, a.Value)
	}
	step := b.Step.Name
	if len(args) > 0 {
		step += "(" + strings.Join(args, ", ") + ")"
	}
	if b.Forced {
		step += ", forced,"
	}
	if b.Twice {
		return fmt.Sprintf("it holds for as long as no step sets a variable twice, but step %s can come to give %s two values at once", step, b.Target)
	}
	text := fmt.Sprintf("it holds within its domains only: step %s can come to take %s out of %s", step, b.Target, b.Domain)
	return text + "; widen the domain, or declare the variable `bounded` where the real system refuses there, too"
}

// scope returns the domains that a case speaks of: a verdict is about so many orders, and so many requests.
func (j *judge) scope(r *models.Requirement, from *ground.Case) []*models.ProcessDomain {
	if len(j.g.Model.Design.Processes) == 0 {
		return nil
	}
	used := map[*models.ProcessDomain]bool{}
	variables := func(vars []*models.Var) {
		for _, v := range vars {
			if v.Type.Domain != nil {
				used[v.Type.Domain] = true
			}
		}
	}
	variables(r.For)
	for _, f := range []*models.Expr{r.F, r.G} {
		f.Walk(func(e *models.Expr) bool {
			variables(e.Vars)
			return true
		})
	}
	if !r.Static {
		s := slice.Of(from.Question)
		for _, d := range j.g.Scope(s.Facts, s.Rules) {
			used[d] = true
		}
	}
	var out []*models.ProcessDomain
	for _, p := range j.g.Model.Design.Processes {
		for _, d := range p.Domains {
			if used[d] {
				out = append(out, d)
			}
		}
	}
	return out
}
