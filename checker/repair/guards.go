package repair

import (
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

// Limits of the search for guards: of checks for one requirement, and of guards that are proposed for it.
const (
	maxGuardTrials = 150
	maxGuards      = 2
)

// counterexample is an attack on a requirement by way of steps of processes.
type counterexample struct {
	requirement string
	steps       []string // that are taken as they are meant, last first
}

// condition is what a step may wait for besides.
type condition struct {
	text, do string // do makes it false after the step; ""
	fact     string // declaration of what do sets, ""
	of       string // who else knows whether it is so, ""
}

// guards returns the conditions that end an attack by business logic. A step is one that was taken out of order if the design's own software takes it in the attack as
// it is meant, and a condition that honest runs meet, but not this one, is what was missing. Each is checked: the requirement holds with it,
// what is possible stays possible, and the step can still be taken by honest parties.
func (s *searcher) guards(m *threats.Model) ([]*Change, error) {
	steps, fit := stepsOf(m.Design), ground.Fit(m)
	var out []*Change
	for _, ce := range s.best.counterexamples {
		left, found := maxGuardTrials, 0
		for _, name := range ce.steps {
			st := steps[name]
			if st == nil || barred(s.opt.Without, string(models.Await), st.step.By[0]) {
				continue
			}
			repair := fit.Repair(models.Await, st.step.By[0])
			if repair == nil {
				continue
			}
			for _, c := range conditions(st.process, st.step) {
				key := ce.requirement + "\n" + name + "\n" + c.text
				if found == maxGuards || left == 0 || s.tried[key] {
					continue
				}
				left--
				s.tried[key] = true
				ok, err := s.serves(st, c, ce.requirement)
				if err != nil {
					return nil, err
				}
				if !ok {
					continue
				}
				found++
				change := &Change{
					Kind: Guard, On: []*models.Element{st.step.By[0]}, Cost: repair.Cost, edits: st.edits(c, false),
					says:  "step " + name + " waits for " + c.text,
					what:  "A comparison that the attack on " + ce.requirement + " does not pass",
					users: repair.Users,
				}
				if c.of != "" {
					change.Cost++ // the question
					change.what += "; " + c.of + " knows, and is asked"
				}
				if c.do != "" {
					change.Cost++ // the record
					change.says = "step " + name + " is taken once for each " + strings.Join(parameters(st.step), ", ") + ": it waits for " + c.text + " and sets it"
					change.what = "A record of what was done, so that nothing is done twice"
				}
				out = append(out, change)
			}
		}
	}
	return out, nil
}

// parameters names the parameters of a step.
func parameters(s *models.Step) []string {
	var names []string
	for _, v := range s.Params {
		names = append(names, v.Name)
	}
	return names
}

// place is a step with where it is written.
type place struct {
	process *models.Process
	step    *models.Step
	in      *dsl.Process
	at      *dsl.Step
}

// stepsOf finds the steps that components take, by name.
func stepsOf(d *models.Design) map[string]*place {
	out := map[string]*place{}
	by := map[source.Span]*place{}
	for _, p := range d.Processes {
		for _, s := range p.Steps {
			if len(s.By) > 0 && s.By[0].Root() == models.ComponentRoot {
				by[s.Span] = &place{process: p, step: s}
			}
		}
	}
	for _, f := range d.Files {
		for _, x := range dsl.Parse(f, &diag.List{}).Decls {
			p, ok := x.(*dsl.Process)
			if !ok {
				continue
			}
			for _, x := range p.Members {
				if s, ok := x.(*dsl.Step); ok && by[s.Name.Span] != nil {
					found := by[s.Name.Span]
					found.in, found.at = p, s
					out[s.Name.Text] = found
				}
			}
		}
	}
	return out
}

// marker is a fact that tells whether a step was taken.
const marker = "taken_by_honest_parties"

// edits returns the edits that write a condition to the step, on trial with a fact that says whether it was taken.
func (p *place) edits(c condition, trial bool) map[*source.File][]dsl.Edit {
	do, facts := c.do, c.fact
	if trial {
		do, facts = strings.TrimPrefix(do+", "+marker, ", "), strings.TrimPrefix(facts+"\nfact "+marker, "\n")
	}
	out := dsl.Await(p.at, c.text, do)
	if facts != "" {
		first := p.in.Members[0].Pos()
		lead := first.File.Text[strings.LastIndexByte(first.File.Text[:first.Start], '\n')+1 : first.Start]
		if strings.TrimSpace(lead) != "" {
			lead = " "
		}
		text := strings.ReplaceAll(facts, "\n", "\n"+lead) + "\n" + lead
		out = append(out, dsl.Edit{Span: source.Span{File: first.File, Start: first.Start, End: first.Start}, Text: text})
	}
	return map[*source.File][]dsl.Edit{p.at.Span.File: out}
}

// serves reports whether a requirement holds with a condition, nothing that was possible is lost, and the step can be taken.
func (s *searcher) serves(p *place, c condition, requirement string) (bool, error) {
	texts := s.with(p.edits(c, true))
	name := p.at.Span.File.Name
	if _, ok := texts[name]; !ok {
		return false, nil
	}
	texts[name] += "\nrequire " + marker + "_requirement: possible " + marker + "\n"
	m, err := s.load(texts)
	if err != nil || m == nil {
		return false, err
	}
	wanted := append(slices.Clone(s.possible), requirement, marker+"_requirement")
	m.Design.Requirements = slices.DeleteFunc(m.Design.Requirements, func(r *models.Requirement) bool { return !slices.Contains(wanted, r.Name) })
	r, err := checker.Check(s.ctx, m, checker.Options{})
	if err != nil {
		return false, err
	}
	for _, q := range r.Requirements {
		if q.Verdict != checker.Holds {
			return false, nil
		}
	}
	return true, nil
}

// conditions returns what a step might wait for, in the words of its process: that what it was told is what is on record, first; then facts, constants, and
// last that it was not taken before.
func conditions(p *models.Process, s *models.Step) []condition {
	var compare, facts, constants []condition
	seen := map[string]bool{}
	add := func(list *[]condition, of, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if !seen[text] {
			seen[text] = true
			*list = append(*list, condition{text: text, of: of})
		}
	}
	names := func(t models.Type) []string { // parameters of a type
		var out []string
		for _, v := range s.Params {
			if same(v.Type, t) {
				out = append(out, v.Name)
			}
		}
		return out
	}
	for _, v := range p.Values {
		for _, args := range tuples(v.Params, func(t models.Type) []string { return append(names(t), variables(p, t)...) }) {
			for _, x := range names(v.Result) {
				add(&compare, "", "%s = %s", x, call(v.Name, args))
			}
		}
	}
	for _, v := range p.Vars {
		for _, args := range tuples(v.Params, names) {
			term, of := call(v.Name, args), keeper(p, s, nil, v)
			for _, x := range names(v.Result) {
				add(&compare, of, "%s = %s", term, x)
			}
			for _, x := range variables(p, v.Result) {
				if x != term && x > term {
					add(&compare, of, "%s = %s", term, x)
				}
			}
			if v.Result.Maybe {
				add(&facts, of, "%s = none", term)
			}
			for _, c := range literals(v.Result) {
				add(&constants, of, "%s = %s", term, c)
			}
		}
	}
	sets := map[*models.ProcessFact]bool{}
	for _, x := range p.Steps {
		for _, e := range x.Do {
			sets[e.Fact] = true
		}
	}
	var record condition
	for _, f := range p.Facts {
		for _, args := range tuples(f.Params, names) {
			term := call(f.Name, args)
			switch {
			case sets[f]:
				add(&facts, keeper(p, s, f, nil), "not %s", term)
				add(&facts, keeper(p, s, f, nil), "%s", term)
			case record.text == "" && len(args) == len(s.Params) && !f.Init: // declared for this, and forgotten
				record = condition{text: "not " + term, do: term}
			}
		}
	}
	for _, v := range s.Params {
		for _, c := range literals(v.Type) {
			add(&constants, "", "%s = %s", v.Name, c)
		}
	}
	if record.text == "" {
		name := s.Name + "_done"
		term := call(name, parameters(s))
		var sorts []string
		for _, v := range s.Params {
			if v.Type.Domain == nil {
				return slices.Concat(compare, facts, constants)
			}
			sorts = append(sorts, v.Type.Domain.Name)
		}
		record = condition{text: "not " + term, do: term, fact: "fact " + call(name, sorts)}
	}
	return append(slices.Concat(compare, facts, constants), record)
}

// keeper returns who has a fact or a variable on record, if that is not who takes the step: a party that sets it.
func keeper(p *models.Process, s *models.Step, fact *models.ProcessFact, v *models.ProcessVar) string {
	other := ""
	for _, x := range p.Steps {
		for _, e := range x.Do {
			switch {
			case e.Fact != fact || e.Var != v:
			case x.By[0] == s.By[0]:
				return ""
			default:
				other = x.By[0].Name
			}
		}
	}
	return other
}

func same(a, b models.Type) bool { return a.Base == b.Base && a.Domain != nil && a.Domain == b.Domain }

// variables returns the variables without arguments of a type.
func variables(p *models.Process, t models.Type) []string {
	var out []string
	for _, v := range p.Vars {
		if len(v.Params) == 0 && same(v.Result, t) {
			out = append(out, v.Name)
		}
	}
	return out
}

// literals returns the values of a small domain.
func literals(t models.Type) []string {
	const small = 4
	if t.Domain == nil || t.Domain.Size() > small || t.Domain.Secret {
		return nil
	}
	var out []string
	for _, m := range t.Domain.Members {
		out = append(out, m.Name)
	}
	for i := range t.Domain.Size() {
		if t.Domain.Range {
			out = append(out, fmt.Sprint(t.Domain.Lo+int64(i)))
		}
	}
	return out
}

// tuples returns the arguments that could be given for parameters, few of them.
func tuples(params []models.Type, of func(models.Type) []string) [][]string {
	const few = 8
	out := [][]string{nil}
	for _, t := range params {
		var next [][]string
		for _, head := range out {
			for _, x := range of(t) {
				if len(next) < few {
					next = append(next, append(slices.Clone(head), x))
				}
			}
		}
		out = next
	}
	return out
}

func call(name string, args []string) string {
	if len(args) == 0 {
		return name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
