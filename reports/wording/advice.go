package wording

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/models"
)

// Next says what a reader would best do now.
func Next(r *checker.Result) []string {
	decide, repair, unknown, fix := "", "", "", ""
	for _, q := range r.Requirements {
		name := q.Source.Name
		if (q.Verdict == checker.Violated || q.Verdict == checker.Depends) && q.Source.Kind != models.Possible && fix == "" {
			fix = "`vauban fix` proposes changes after which the requirements hold"
		}
		switch {
		case q.Verdict == checker.Depends && decide == "":
			if set := Settles(q); set != nil {
				decide = fmt.Sprintf("decide that %s: then %s holds", Choices(set), name)
			} else {
				decide = fmt.Sprintf("decide what %s depends on: for each attack, one of the sets after `holds once`", name)
			}
		case q.Verdict == checker.Violated && repair == "":
			for _, c := range q.Cases {
				if show := stop(r, c); show != "" {
					repair = fmt.Sprintf("`%s` says what stops the attack on %s", show, name)
					break
				}
			}
		case q.Verdict == checker.Unknown:
			unknown = "do not rely on what is `unknown`: nothing is proved about it"
		}
	}
	return without([]string{decide, repair, fix, unknown}, "")
}

// stop is the command that shows the threat that does the work in an attack.
func stop(r *checker.Result, c *checker.Case) string {
	s := Decisive(c)
	if s == nil || s.Threat == nil || s.Cost == 0 {
		return ""
	}
	from := ""
	for _, in := range r.Model.Catalogue.Inputs {
		if in.Name == s.Threat.Catalogue && !in.BuiltIn() {
			from = " --catalogue " + in.Path
		}
	}
	return fmt.Sprintf("vauban catalogue show%s %s", from, s.ID)
}

// Decisive returns the step that does the work in an attack: the first one that costs anything; where none does, what the attacker first makes a process
// do, a message or a step that it has forged; else the first threat, and the last step where there is none. It is nil where there is no step.
func Decisive(c *checker.Case) *explain.Step {
	if c.Attack == nil || len(c.Attack.Steps) == 0 {
		return nil
	}
	steps := c.Attack.Steps
	for _, decisive := range []func(explain.Step) bool{
		func(s explain.Step) bool { return s.Threat != nil && s.Cost > 0 },
		func(s explain.Step) bool { return s.Kind == ground.ByInject || s.Kind == ground.ByForced },
		func(s explain.Step) bool { return s.Threat != nil },
	} {
		if i := slices.IndexFunc(steps, decisive); i >= 0 {
			return &steps[i]
		}
	}
	return &steps[len(steps)-1]
}

// Focus returns the element where a broken architecture rule is in general put right: a flow before its ends; nil where none is named.
func Focus(b judge.Broken) *models.Element {
	for _, e := range b.Elements {
		if e.Flow != nil {
			return e
		}
	}
	if len(b.Elements) > 0 {
		return b.Elements[0]
	}
	return nil
}

// Guessed counts the requirements that hold only if guesses are right.
func Guessed(r *checker.Result) int {
	n := 0
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds && len(q.Guesses) > 0 {
			n++
		}
	}
	return n
}

// Vacuous counts the requirements that hold vacuously.
func Vacuous(r *checker.Result) int {
	n := 0
	for _, q := range r.Requirements {
		if q.Vacuous() != nil {
			n++
		}
	}
	return n
}

// Counts counts how often each verdict occurs.
func Counts(r *checker.Result) map[checker.Verdict]int {
	count := map[checker.Verdict]int{}
	for _, q := range r.Requirements {
		count[q.Verdict]++
	}
	return count
}
