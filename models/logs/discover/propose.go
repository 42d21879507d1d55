package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// Proposal is a rule as a requirement of a design.
type Proposal struct {
	Rule        Rule
	Name        string // of the requirement; "" where the design has no words for the rule
	Requirement string // as the language has it
}

// record returns the fact by which a design knows that a step was taken, with its arguments; nil where there is none.
func record(d *models.Design, name string) (*models.Step, *models.Effect) {
	for _, p := range d.Processes {
		for _, s := range p.Steps {
			if s.Name != name {
				continue
			}
			for i := range s.Do {
				e := &s.Do[i]
				if e.Fact != nil && len(e.Forall) == 0 && e.Value.Op == models.OpTrue && !slices.ContainsFunc(e.Args, func(a *models.Expr) bool { return a.Op != models.OpVar }) {
					return s, e
				}
			}
			return s, nil
		}
	}
	return nil, nil
}

// Propose writes the rules of a log in the words of a design whose steps its events are. Of a precedence, the facts that the steps make true are compared; rules of other forms
// speak of what a design has no words for, and have no requirement.
func Propose(d *models.Design, rules []Rule) []Proposal {
	taken := map[string]bool{}
	for _, r := range d.Requirements {
		taken[r.Name] = true
	}
	var out []Proposal
	for _, r := range rules {
		p := Proposal{Rule: r}
		if r.Form == Precedence {
			_, a := record(d, r.A)
			_, b := record(d, r.B)
			if a != nil && b != nil && a.Fact != b.Fact {
				p.Name = "Learnt" + r.B + "After" + r.A
				for taken[p.Name] {
					p.Name += "x"
				}
				taken[p.Name] = true
				p.Requirement = precedence(p.Name, r, a, b)
			}
		}
		out = append(out, p)
	}
	return out
}

// precedence writes that the fact of b only comes after that of a, about the same where both speak of one domain.
func precedence(name string, r Rule, a, b *models.Effect) string {
	var vars, some []string
	args := make([]string, len(b.Args))
	used := make([]bool, len(b.Args))
	for i, x := range b.Args {
		args[i] = fmt.Sprintf("x%d", i+1)
		vars = append(vars, args[i]+": "+x.Var.Type.String())
	}
	of := make([]string, len(a.Args))
	for i, x := range a.Args {
		for k, y := range b.Args {
			if !used[k] && of[i] == "" && x.Var.Type.String() == y.Var.Type.String() {
				of[i], used[k] = args[k], true
			}
		}
		if of[i] == "" {
			of[i] = fmt.Sprintf("y%d", i+1)
			some = append(some, of[i]+": "+x.Var.Type.String())
		}
	}
	call := func(e *models.Effect, args []string) string {
		if len(args) == 0 {
			return e.Fact.Name
		}
		return e.Fact.Name + "(" + strings.Join(args, ", ") + ")"
	}
	text := "require " + name
	if len(vars) > 0 {
		text += " for " + strings.Join(vars, ", ")
	}
	after := call(a, of)
	if len(some) > 0 {
		after = "(exists " + strings.Join(some, ", ") + " | " + after + ")"
	}
	return fmt.Sprintf("%s: %s only after %s { title \"Learnt: %s, never broken in %d cases\" }", text, call(b, args), after, r.Pattern, r.Learnt+r.Judged)
}
