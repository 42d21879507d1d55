package wording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Account is what became of logs, in words that all formats share. Names of designs and logs are in it as they are: escape them.
type Account struct {
	Title string
	Cases []CaseAccount // that somebody should look at, the worst first; of a single trace, whatever it is
	More  int           // traces that are left out
	Tally string
	Rests []string // what the answers rest on
}

// CaseAccount is what became of cases with equal traces.
type CaseAccount struct {
	Names   string
	Verdict conform.Verdict
	Head    string // what follows the verdict
	Log     string
	Notes   []string
	Steps   []StepAccount
	Or      []string // other explanations
	Follows []FollowAccount
}

// StepAccount is a step of a run.
type StepAccount struct {
	Says  string
	Event int // that it leaves, from 1; 0: none
	Cost  int
}

// FollowAccount is what can follow for a requirement.
type FollowAccount struct {
	Outlook conform.Outlook
	Word    string
	Says    string
	Steps   []StepAccount
	Stops   string
}

// How much is told.
const (
	maxTold   = 20 // traces
	maxNamed  = 4
	maxEvents = 12
	maxSteps  = 8 // names of steps
	maxFaults = 10
)

// Tell tells what became of logs.
func Tell(r *conform.Result) Account {
	a := Account{Title: r.Model.Design.Title, Tally: tally(r), Rests: rests(r)}
	for _, v := range conform.WorstFirst {
		for _, g := range r.Groups {
			if g.Answer.Verdict != v || v == conform.Normal && len(r.Groups) > 1 {
				continue
			}
			if len(a.Cases) == maxTold {
				a.More++
				continue
			}
			a.Cases = append(a.Cases, caseOf(g))
		}
	}
	return a
}

func caseOf(g *conform.Group) CaseAccount {
	a, events := g.Answer, g.Trace.Events
	var names []string
	for _, c := range g.Cases {
		names = append(names, plain.List(c, 2))
	}
	out := CaseAccount{Names: plain.List(names, maxNamed), Verdict: a.Verdict}
	event := func(n int) string { return fmt.Sprintf("event %d, %s", n+1, events[n].String()) }
	switch a.Verdict {
	case conform.Normal:
		out.Head = strings.TrimPrefix(missing(a.Lost), ", ")
	case conform.Explained:
		out.Head = fmt.Sprintf("by %s %s", conform.Names(a.By), how(a.Run))
	case conform.Unexplained:
		out.Head = event(min(a.Events, len(events)-1)) + ", does not fit"
		out.Notes = append(out.Notes, "no declared attacker and no honest run leaves this log: the design, its attackers or the mapping lack something that happened")
	case conform.Unknown:
		out.Head = a.Why
	}
	var texts []string
	for i := range events {
		texts = append(texts, events[i].String())
	}
	out.Log = plain.List(texts, maxEvents)
	if a.Verdict != conform.Explained && a.Verdict != conform.Unexplained {
		out.Follows = follows(a)
		return out
	}
	if a.Honest < len(events) && len(a.Wants) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("an honest run does not come to %s: it lacks %s", event(a.Honest), plain.List(a.Wants, maxNamed)))
	}
	if a.Run != nil {
		if out.Steps = steps(a.Run.Attack.Steps, a.Run.Leaves); a.Verdict == conform.Unexplained && len(out.Steps) > 0 {
			out.Notes = append(out.Notes, "up to there it is left by "+conform.Names(a.Run.By)+":")
		}
	}
	for _, r := range a.Also {
		out.Or = append(out.Or, fmt.Sprintf("or by %s %s", conform.Names(r.By), how(r)))
	}
	out.Follows = follows(a)
	return out
}

// how says what a run takes.
func how(r *conform.Run) string {
	text := fmt.Sprintf("in %s, %s", plain.Number(len(r.Attack.Steps), "step"), Cost(r.Attack)) + missing(r.Lost)
	for _, c := range r.Attack.Failures {
		text += ", " + c.Control + " of " + cmp.Or(c.Data, c.On) + " fails"
	}
	if len(r.Attack.Choices) > 0 {
		text += ", if " + Choices(r.Attack.Choices)
	}
	return text
}

func missing(n int) string {
	if n == 0 {
		return ""
	}
	return ", if " + plain.Number(n, "event") + " went missing"
}

func steps(list []explain.Step, leaves []int) []StepAccount {
	var out []StepAccount
	for i, s := range list {
		step := StepAccount{Says: Sentence(s), Cost: s.Cost}
		if leaves != nil {
			step.Event = leaves[i]
		}
		out = append(out, step)
	}
	return out
}

func follows(a *conform.Answer) []FollowAccount {
	var out []FollowAccount
	for _, f := range a.Next {
		name := f.Requirement.Name
		if b := Bound(f.Bindings); b != "" {
			name += ", where " + b
		}
		if f.Cases > 1 {
			name += fmt.Sprintf(" (%d of %d cases)", f.Cases, f.Of)
		}
		x := FollowAccount{Outlook: f.Outlook}
		if f.Attack != nil {
			x.Steps = steps(f.Attack.Steps, nil)
		}
		switch f.Outlook {
		case conform.Broken:
			x.Word, x.Says = "broken", fmt.Sprintf("%s, after step %d", name, f.Step)
		case conform.Breaks:
			x.Word, x.Says = "can break", fmt.Sprintf("%s: %s needs %s more, %s", name, conform.Names(f.By), plain.Number(len(f.Attack.Steps), "step"), Cost(f.Attack))
			x.Stops = strings.Join(f.Stops, ", ")
		case conform.Hidden:
			x.Word, x.Says = "may break", fmt.Sprintf("%s: only if %s did before what no event tells:", name, conform.Names(f.By))
		case conform.Cannot:
			x.Word, x.Says = "cannot break", f.Requirement.Name+": no run that leaves this log goes on to break it"
			if f.ByDesign {
				x.Says = f.Requirement.Name + ": no run of the design breaks it"
			}
		case conform.Unclear:
			x.Word, x.Says = "unclear", name+": "+f.Why
		}
		out = append(out, x)
	}
	return out
}

// tally counts cases.
func tally(r *conform.Result) string {
	var parts []string
	total := 0
	for _, v := range conform.WorstFirst {
		if n := r.Cases(v); n > 0 {
			parts = append(parts, plain.Thousands(n)+" "+string(v))
			total += n
		}
	}
	s := plain.Number(total, "case")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	return s + " · " + plain.Number(len(r.Groups), "different trace")
}

// rests says what the answers rest on.
func rests(r *conform.Result) []string {
	var observed, blind, who, out []string
	for _, s := range r.Observed {
		observed = append(observed, s.Name)
	}
	for _, process := range r.Model.Design.Processes {
		for _, s := range process.Steps {
			if !slices.Contains(r.Observed, s) {
				blind = append(blind, s.Name)
			}
		}
	}
	line := "observed: " + cmp.Or(plain.List(observed, maxSteps), "nothing")
	if len(blind) > 0 {
		line += " · not observed, so free: " + plain.List(blind, maxSteps)
	}
	for _, c := range r.Coalitions {
		who = append(who, conform.Names(c))
	}
	out = append(out, line, fmt.Sprintf("attackers: %s · controls that may have failed: %d · events that may be lost: %d", cmp.Or(plain.List(who, maxSteps), "nobody"), r.Options.Failures, r.Options.Lost))
	if len(r.Logs) > 0 {
		out = append(out, document.AsGiven)
	}
	for _, l := range r.Logs {
		entries := "1 entry"
		if l.Entries != 1 {
			entries = plain.Thousands(l.Entries) + " entries"
		}
		line := l.Name + ": " + entries
		if l.Ignored > 0 {
			line += fmt.Sprintf(", %s ignored", plain.Thousands(l.Ignored))
		}
		line += ", sha256 " + l.SHA256
		out = append(out, line)
		for i, problem := range l.Problems {
			if i == maxFaults {
				out = append(out, "and "+plain.Number(len(l.Problems)-i, "more problem"))
				break
			}
			out = append(out, problem)
		}
	}
	return out
}
