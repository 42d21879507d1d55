package text

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// How much of an explanation is written out.
const (
	maxGroups   = 20
	maxNames    = 4
	maxProblems = 10
)

var tints = map[conform.Verdict]string{conform.Normal: green, conform.Explained: yellow, conform.Unexplained: red, conform.Unknown: magenta}

// Explanation writes what became of logs: the cases that somebody should look at, the worst first, then counts and what the answers rest on.
func Explanation(w io.Writer, r *conform.Result, color bool) error {
	p := &page{color: color}
	p.line("%s", p.in(bold, Clean(r.Model.Design.Title)))
	var list []*conform.Group
	for _, v := range conform.WorstFirst {
		for _, g := range r.Groups {
			if g.Answer.Verdict == v && (v != conform.Normal || len(r.Groups) == 1) {
				list = append(list, g)
			}
		}
	}
	for _, g := range list[:min(len(list), maxGroups)] {
		p.line("")
		explained(p, g)
	}
	if n := len(list) - maxGroups; n > 0 {
		p.line("")
		p.line("%s not shown: `--format json` has them all", wording.Number(n, "more trace"))
	}
	p.line("")
	p.line("%s", tally(p, r))
	for _, line := range rests(r) {
		p.line("%s", p.in(dim, Clean(line)))
	}
	_, err := w.Write(p.Bytes())
	return err
}

// named names the cases of a group.
func named(g *conform.Group) string {
	var names []string
	for _, c := range g.Cases {
		names = append(names, wording.List(c.Names, 2))
	}
	return wording.List(names, maxNames)
}

// explained writes one group.
func explained(p *page, g *conform.Group) {
	a := g.Answer
	head := p.in(bold, Clean(named(g))) + ": " + p.in(tints[a.Verdict], string(a.Verdict))
	switch a.Verdict {
	case conform.Normal:
		head += lost(a.Lost)
	case conform.Explained:
		head += fmt.Sprintf(" by %s in %s, %s", p.in(bold, Clean(conform.Names(a.By))), wording.Number(len(a.Run.Attack.Steps), "step"), wording.Cost(a.Run.Attack)) + lost(a.Lost)
		if given := relies(a.Run.Attack); given != "" {
			head += ", " + p.in(yellow, Clean(given))
		}
	case conform.Unexplained:
		head += fmt.Sprintf(": event %d does not fit, %s", a.Events+1, Clean(g.Trace.Events[min(a.Events, len(g.Trace.Events)-1)].String()))
	case conform.Unknown:
		head += ": " + Clean(a.Why)
	}
	p.line("%s", head)
	if len(g.Trace.Events) > 0 {
		texts := make([]string, len(g.Trace.Events))
		for i, e := range g.Trace.Events {
			texts[i] = e.String()
		}
		p.line("  %s", p.in(dim, Clean("log: "+wording.List(texts, 12))))
	}
	if a.Verdict == conform.Unexplained {
		p.line("  no declared attacker and no honest run leaves this log: the design, its attackers or the mapping lack something that happened")
	}
	if (a.Verdict == conform.Explained || a.Verdict == conform.Unexplained) && a.Honest < len(g.Trace.Events) && len(a.Wants) > 0 {
		p.line("  an honest run does not come to event %d, %s: it lacks %s", a.Honest+1, Clean(g.Trace.Events[a.Honest].String()), Clean(wording.List(a.Wants, maxNames)))
	}
	if a.Run != nil && (a.Verdict == conform.Explained || a.Verdict == conform.Unexplained && len(a.Run.Attack.Steps) > 0) {
		if a.Verdict == conform.Unexplained {
			p.line("  up to there it is left by %s:", Clean(conform.Names(a.Run.By)))
		}
		steps(p, a.Run.Attack.Steps, a.Run.Leaves)
	}
	for _, r := range a.Also {
		line := fmt.Sprintf("  or by %s in %s, %s", p.in(bold, Clean(conform.Names(r.By))), wording.Number(len(r.Attack.Steps), "step"), wording.Cost(r.Attack)) + lost(r.Lost)
		if given := relies(r.Attack); given != "" {
			line += ", " + p.in(yellow, Clean(given))
		}
		p.line("%s", line)
	}
	follows(p, a)
}

// lost says how many events a run lost.
func lost(n int) string {
	if n == 0 {
		return ""
	}
	return ", if " + wording.Number(n, "event") + " went missing"
}

// relies says which controls failed, and what is decided.
func relies(a *explain.Attack) string {
	var parts []string
	for _, c := range a.Failures {
		parts = append(parts, c.Control+" of "+cmp.Or(c.Data, c.On)+" fails")
	}
	if len(a.Choices) > 0 {
		parts = append(parts, "if "+wording.Choices(a.Choices))
	}
	return strings.Join(parts, ", ")
}

// steps writes the steps of a run, with the events that they leave.
func steps(p *page, list []explain.Step, leaves []int) {
	digits := len(fmt.Sprint(len(list)))
	for i, s := range list {
		line := fmt.Sprintf("  %s %s", p.in(bold, fmt.Sprintf("%*d.", digits+1, i+1)), Clean(wording.Sentence(s)))
		if leaves != nil && leaves[i] > 0 {
			line += p.in(dim, fmt.Sprintf(" · event %d", leaves[i]))
		}
		if s.Cost > 0 {
			line += p.in(dim, fmt.Sprintf(" · cost %d", s.Cost))
		}
		p.line("%s", line)
	}
}

// follows writes what can follow.
func follows(p *page, a *conform.Answer) {
	for _, f := range a.Next {
		name := Clean(f.Requirement.Name)
		if b := wording.Bound(f.Bindings); b != "" {
			name += ", where " + Clean(b)
		}
		if f.Cases > 1 {
			name += fmt.Sprintf(" (%d of %d cases)", f.Cases, f.Of)
		}
		switch f.Outlook {
		case conform.Broken:
			p.line("  %s %s, after step %d", p.in(red, "broken"), name, f.Step)
		case conform.Breaks:
			p.line("  %s %s: %s needs %s more, %s", p.in(yellow, "can break"), name, Clean(conform.Names(f.By)), wording.Number(len(f.Attack.Steps), "step"), wording.Cost(f.Attack))
			steps(p, f.Attack.Steps, nil)
			if len(f.Stops) > 0 {
				p.line("     would still stop it: %s", Clean(strings.Join(f.Stops, ", ")))
			}
		case conform.Hidden:
			p.line("  %s %s: only if %s did before what no event tells:", p.in(yellow, "may break"), name, Clean(conform.Names(f.By)))
			steps(p, f.Attack.Steps, nil)
		case conform.Cannot:
			how := "no run that leaves this log goes on to break it"
			if f.ByDesign {
				how = "no run of the design breaks it"
			}
			p.line("  %s %s: %s", p.in(green, "cannot break"), Clean(f.Requirement.Name), how)
		case conform.Unclear:
			p.line("  %s %s: %s", p.in(magenta, "unclear"), name, Clean(f.Why))
		}
	}
}

// tally counts cases.
func tally(p *page, r *conform.Result) string {
	var parts []string
	total := 0
	for _, v := range conform.WorstFirst {
		if n := r.Cases(v); n > 0 {
			parts = append(parts, p.in(tints[v], wording.Thousands(n)+" "+string(v)))
			total += n
		}
	}
	s := wording.Number(total, "case")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	return s + p.in(dim, " · "+wording.Number(len(r.Groups), "different trace"))
}

// rests says what the answers rest on.
func rests(r *conform.Result) []string {
	var out []string
	var observed, who []string
	for _, s := range r.Observed {
		observed = append(observed, s.Name)
	}
	var blind []string
	for _, process := range r.Model.Design.Processes {
		for _, s := range process.Steps {
			if !slices.ContainsFunc(r.Observed, func(o *models.Step) bool { return o == s }) {
				blind = append(blind, s.Name)
			}
		}
	}
	line := "observed: " + wording.List(observed, 8)
	if len(blind) > 0 {
		line += " · not observed, so free: " + wording.List(blind, 8)
	}
	out = append(out, line)
	for _, c := range r.Coalitions {
		who = append(who, conform.Names(c))
	}
	if len(who) == 0 {
		who = []string{"nobody"}
	}
	out = append(out, fmt.Sprintf("attackers: %s · controls that may have failed: %d · events that may be lost: %d", wording.List(who, 8), r.Options.Failures, r.Options.Lost))
	for _, l := range r.Logs {
		line := fmt.Sprintf("%s: %s", l.Name, entries(l.Entries))
		if l.Ignored > 0 {
			line += fmt.Sprintf(", %s ignored", wording.Thousands(l.Ignored))
		}
		out = append(out, line)
		for i, problem := range l.Problems {
			if i == maxProblems {
				out = append(out, fmt.Sprintf("  and %s", wording.Number(len(l.Problems)-i, "more problem")))
				break
			}
			out = append(out, "  "+problem)
		}
	}
	return out
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return wording.Thousands(n) + " entries"
}
