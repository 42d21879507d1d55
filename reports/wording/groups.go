package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Group is an attack, or a case without one, that stands for others.
type Group struct {
	*checker.Case                 // with the attack to show, which need not be its cheapest
	Same          []*checker.Case // the same is done by somebody else
	Alike         []*checker.Case // the same is done with other values
}

// Others names those who do the same; "" where there is none.
func (g *Group) Others() string {
	var others []string
	for _, c := range g.Same {
		others = append(others, Coalition(c))
	}
	return plain.List(others, plain.MaxList)
}

// Likewise names the values of the cases that are alike; "" where there is none.
func (g *Group) Likewise() string {
	var others []string
	for _, c := range g.Alike {
		others = append(others, Bound(c.Bindings))
	}
	return plain.List(others, plain.MaxList)
}

// Each returns a case as it is to be shown for each of its attacks.
func Each(c *checker.Case) []*checker.Case {
	out := []*checker.Case{c}
	for _, a := range c.Attacks {
		if a != c.Attack {
			further := *c
			further.Attack, further.Sufficient, further.Unknown = a, nil, nil
			out = append(out, &further)
		}
	}
	return out
}

// Groups returns the cases of a requirement that do not hold, each of their attacks for itself, at most limit cases, and the rest.
func Groups(q *checker.Requirement, limit int) (shown []*Group, rest []*checker.Case) {
	told, like := map[string]*Group{}, map[string]*Group{}
	honest := map[string]bool{}
	cases := 0
	for _, c := range q.Cases {
		if c.Verdict == checker.Holds {
			continue
		}
		open := false // something of it is shown
		for _, one := range Each(c) {
			if one.Attack != nil && one.Attack.Honest { // that is so whoever else might attack
				if b := Bound(one.Bindings); honest[b] {
					continue
				} else {
					honest[b] = true
				}
			}
			if g := told[deed(one)]; g != nil {
				if !slices.ContainsFunc(g.Same, func(s *checker.Case) bool { return Coalition(s) == Coalition(one) }) {
					g.Same = append(g.Same, one)
				}
				continue
			}
			if g := like[likeness(one)]; g != nil && q.Source.Each == nil { // what was named one by one is told one by one
				if !slices.ContainsFunc(g.Alike, func(s *checker.Case) bool { return Bound(s.Bindings) == Bound(one.Bindings) }) {
					g.Alike = append(g.Alike, one)
				}
				continue
			}
			if !open && cases == limit {
				rest = append(rest, c)
				break
			}
			if !open {
				open = true
				cases++
			}
			g := &Group{Case: one}
			if key := deed(one); key != "" {
				told[key] = g
			}
			if key := likeness(one); key != "" {
				like[key] = g
			}
			shown = append(shown, g)
		}
	}
	return shown, rest
}

// Extent says whether there are more attacks on a requirement than those shown; "" where nobody asked for more than the cheapest.
func Extent(q *checker.Requirement) string {
	more, most, all, asked := 0, 0, true, false
	for _, c := range q.Cases {
		if c.Attacks == nil {
			continue
		}
		asked, all = true, all && c.AllAttacks
		more, most = max(more, c.More), max(most, c.More+len(c.Attacks))
	}
	switch {
	case !asked:
		return ""
	case more > 0 && all:
		return fmt.Sprintf("%s not shown here, which other controls stop: `--attacks %d` shows all of them", plain.Number(more, "attack"), most)
	case more > 0:
		return fmt.Sprintf("%s not shown here, which other controls stop: `--attacks %d` shows them; whether there are more is unknown", plain.Number(more, "attack"), most)
	case !all:
		return "whether there are other attacks is unknown: the search reached its limits"
	}
	return "complete: it is proved that controls that stop these attacks stop every attack"
}

// AlsoDoes says of a case of [Group.Same] who does the same.
func AlsoDoes(c *checker.Case) (who, how string) {
	return Coalition(c), fmt.Sprintf("can do the same: %s, cost %d", plain.Number(len(c.Attack.Steps), "step"), c.Attack.Cost)
}

// Rest counts cases that are not written out.
func Rest(cases []*checker.Case) string {
	var names []string
	for _, c := range cases {
		names = append(names, brief(c))
	}
	return plain.Number(len(cases), "more case") + ": " + plain.List(names, plain.MaxList)
}

// Identity says in what a requirement is not met: against whom, with which values or in which instance of an architecture rule, and in which way. It
// says nothing of costs, and nothing of where the design lies.
type Identity struct{ Requirement, Who, Where, Way string }

// Finding identifies a case with the attack to show, or an instance that breaks an architecture rule.
func Finding(q *checker.Requirement, c *checker.Case, b *judge.Broken) Identity {
	id := Identity{Requirement: q.Source.Name, Who: Who(c), Where: Bound(c.Bindings)}
	switch {
	case b != nil:
		id.Where = Broken(*b)
	case c.Attack != nil:
		id.Way = strings.Join(c.Attack.Way, " · ")
	}
	return id
}

// deed identifies what an attacker does and under which choices, without the steps that cost nothing. It is "" where there is nothing to tell apart.
func deed(c *checker.Case) string {
	a := c.Attack
	if a == nil || c.Unknown != nil || len(c.Attackers) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%v|%v|%v", Bound(c.Bindings), a.Choices, a.Failures, c.Sufficient)
	costly := false
	for _, s := range a.Steps {
		if s.Cost > 0 {
			costly = true
			fmt.Fprintf(&b, "|%s %v", s.ID, s.Bindings)
		}
	}
	if !costly {
		return ""
	}
	return b.String()
}

// likeness identifies what an attacker does by the names of its steps alone, so that cases that differ only in values are alike. It is "" where
// there is nothing to compare.
func likeness(c *checker.Case) string {
	a := c.Attack
	if a == nil || c.Unknown != nil || len(c.Bindings) == 0 || len(a.Steps) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%d|%v|%v|%v|", Coalition(c), a.Cost, a.Choices, a.Failures, c.Sufficient)
	var steps []string
	for _, s := range a.Steps {
		steps = append(steps, string(s.Kind)+" "+s.ID)
	}
	slices.Sort(steps)
	return b.String() + strings.Join(steps, "|")
}

// brief names a case in a few words.
func brief(c *checker.Case) string {
	s := Coalition(c)
	if s == "" {
		s = string(c.Verdict)
	}
	if b := Bound(c.Bindings); b != "" {
		s += " where " + b
	}
	if c.Attack != nil {
		s += fmt.Sprintf(" at cost %d", c.Attack.Cost)
	}
	return s
}
