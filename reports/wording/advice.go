package wording

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Next says what a reader would best do now. Commands in it work as they stand in the directory in which the files are the design; without files, which stands for a
// design that cannot be read again, none that needs it is named.
func Next(r *checker.Result, files ...string) []string {
	decide, repair, unknown, fix := "", "", "", ""
	for _, q := range r.Requirements {
		name := q.Source.Name
		if (q.Verdict == checker.Violated || q.Verdict == checker.Depends) && q.Source.Kind != models.Possible && fix == "" {
			fix = "save the design to a file, and `vauban fix FILE` proposes changes after which the requirements hold"
			if len(files) > 0 {
				fix = "`vauban fix " + plain.Shell(files...) + "` proposes changes after which the requirements hold"
			}
		}
		switch {
		case q.Verdict == checker.Depends && decide == "":
			if set := Settles(q); set != nil {
				decide = fmt.Sprintf("decide that %s: then %s holds", Choices(set), name)
			} else {
				decide = fmt.Sprintf("decide what %s depends on: for each attack, one of the sets after `holds if`", name)
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
			from = " --catalogue " + plain.Shell(in.Path)
		}
	}
	return "vauban catalogue show" + from + " " + plain.Shell(s.ID)
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

// Overall returns the verdict of a whole of which each verdict occurs so often: the one that asks for the highest exit status, and of these the worst. So `unknown` stands
// before `violated`: nobody may take a whole for known in which something is not, such as where a baseline knows what is violated. Whatever speaks of a whole goes by this.
func Overall(counts map[checker.Verdict]int) checker.Verdict {
	out := checker.Holds
	for v, n := range counts {
		if n > 0 && (v.Exit() > out.Exit() || v.Exit() == out.Exit() && v.Rank() > out.Rank()) {
			out = v
		}
	}
	return out
}

// Counts counts how often each verdict occurs.
func Counts(r *checker.Result) map[checker.Verdict]int {
	count := map[checker.Verdict]int{}
	for _, q := range r.Requirements {
		count[q.Verdict]++
	}
	return count
}
