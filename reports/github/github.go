package github

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

const (
	maxOfAKind = 10   // annotations that GitHub shows of a step
	maxText    = 2000 // characters of a text
)

// Options say how paths are written.
type Options struct {
	Path func(name string) string // the path of an input from the root of the repository; nil: as it is named
}

// The kinds of annotations, in the order written.
const (
	isError = iota
	isWarning
	isNotice
)

var commands = [...]string{"error", "warning", "notice"}

// annotation is a workflow command.
type annotation struct {
	kind        int
	rank        int // lower is written first
	at          source.Span
	title, text string
}

// Write writes a command for each thing that was found.
func Write(w io.Writer, outcomes []reports.Outcome, opt Options) error {
	if opt.Path == nil {
		opt.Path = func(name string) string { return name }
	}
	var all [len(commands)][]annotation
	for _, o := range outcomes {
		for _, a := range collect(o) {
			all[a.kind] = append(all[a.kind], a)
		}
	}
	var b strings.Builder
	for kind, list := range all {
		slices.SortStableFunc(list, func(x, y annotation) int { return cmp.Compare(x.rank, y.rank) })
		if len(list) > maxOfAKind {
			rest := len(list) - maxOfAKind + 1
			list = append(list[:maxOfAKind-1:maxOfAKind-1], annotation{
				kind: kind, title: plain.Thousands(rest) + " more", text: fmt.Sprintf("%s not shown here: see the report", plain.Number(rest, "more annotation")),
			})
		}
		for _, a := range list {
			a.write(&b, opt)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a annotation) write(b *strings.Builder, opt Options) {
	fmt.Fprintf(b, "::%s ", commands[a.kind])
	s := a.at
	if o, ok := s.Origin(); ok { // where a reader can change it
		fmt.Fprintf(b, "file=%s,line=%d,", property(opt.Path(o.File)), max(o.Line, 1))
		a.text += fmt.Sprintf("\nin the design: %s:%d", opt.Path(s.File.Name), s.Position().Line)
	} else if s.IsValid() && !source.Embedded(s.File.Name) {
		from, to := s.Position(), s.File.Position(max(s.Start, s.End))
		fmt.Fprintf(b, "file=%s,line=%d,", property(opt.Path(s.File.Name)), from.Line)
		if to.Line == from.Line { // columns are refused where the lines differ
			fmt.Fprintf(b, "col=%d,endColumn=%d,", from.Column, max(to.Column, from.Column+1))
		} else {
			fmt.Fprintf(b, "endLine=%d,", to.Line)
		}
	}
	fmt.Fprintf(b, "title=%s::%s\n", property(plain.Shorten(a.title, maxText)), data(plain.Shorten(a.text, maxText)))
}

// data escapes the text of a command: lines of it are kept, other control characters are shown.
func data(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(diag.Escape(l), "%", "%25")
	}
	return strings.Join(lines, "%0A")
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(diag.Escape(s))
}

// collect makes the annotations of a design.
func collect(o reports.Outcome) []annotation {
	var out []annotation
	if o.Result == nil {
		return diagnostics(o.Errors)
	}
	if len(o.Result.Requirements) == 0 {
		a := annotation{kind: isWarning, rank: -1, title: "No requirement", text: o.Name + " has no requirement, so nothing was verified"}
		if files := o.Result.Model.Design.Files; len(files) > 0 {
			a.at = source.Span{File: files[0], End: min(1, len(files[0].Text))}
		}
		out = append(out, a)
	}
	for _, q := range o.Result.Requirements {
		switch q.Verdict {
		case checker.Violated, checker.Depends, checker.Unknown:
			out = append(out, requirement(q, o.Known)...)
		case checker.Waived:
			out = append(out, annotation{isNotice, 0, q.Waiver.Span, q.Source.Name + " is waived", wording.About(q) + ": " + wording.Gist(q)})
		}
	}
	if o.Result.Warnings != nil {
		out = append(out, diagnostics(o.Result.Warnings.Sorted())...)
	}
	return out
}

func diagnostics(list []diag.Diagnostic) []annotation {
	var out []annotation
	for _, d := range list {
		a := annotation{isError, -1, d.Primary.Span, string(d.Code), d.Message}
		if d.Severity == diag.Warning {
			a.kind = isWarning
		}
		if d.Help != "" {
			a.text += "\nhelp: " + d.Help
		}
		out = append(out, a)
	}
	return out
}

var severities = []string{"critical", "high", "", "medium", "low", "info"}

// requirement makes an annotation for each way in which a requirement is not met.
func requirement(q *checker.Requirement, known reports.Known) []annotation {
	base := annotation{isError, slices.Index(severities, q.Source.Severity), q.Source.Span, fmt.Sprintf("%s is %s", q.Source.Name, q.Verdict), wording.About(q)}
	if q.Verdict == checker.Depends {
		base.kind = isWarning
		base.title = q.Source.Name + " depends on what is open"
	}
	if q.Source.Static {
		return broken(q, base, known)
	}
	var out []annotation
	groups, _ := wording.Groups(q, len(q.Cases))
	for _, g := range groups {
		a := base
		if s := wording.Decisive(g.Case); s != nil && s.Source.IsValid() {
			a.at = s.Source
		}
		switch {
		case g.Attack != nil:
			a.text += "\n" + story(g)
		case g.Verdict == checker.Violated:
			a.text += "\n" + wording.Unreachable(g.Case)
		}
		if u := g.Unknown; u != nil {
			a.text += "\nincomplete: " + wording.Why(u)
		}
		a.known(known.Group(q, g))
		out = append(out, a)
	}
	if extent := wording.Extent(q); extent != "" && len(out) > 0 {
		out[len(out)-1].text += "\n" + extent
	}
	return out
}

// known makes what a baseline has a notice.
func (a *annotation) known(is bool) {
	if is {
		a.kind = isNotice
		a.title += ", which the baseline knows"
	}
}

// story tells an attack, a line for each step.
func story(g *wording.Group) string {
	who, how, given := wording.Head(g.Case)
	s := strings.TrimSpace(who + " " + how)
	if given != "" {
		s += ", " + given
	}
	for i, step := range g.Attack.Steps {
		s += fmt.Sprintf("\n%d. %s", i+1, wording.Sentence(step))
	}
	if len(g.Sufficient) > 0 {
		s += "\nIt holds if " + wording.Choices(g.Sufficient[0])
	}
	if others := g.Others(); others != "" {
		s += "\n" + others + " can do the same"
	}
	if also := g.Likewise(); also != "" {
		s += "\nLikewise where " + also
	}
	return s
}

// broken makes an annotation for each instance that breaks an architecture rule.
func broken(q *checker.Requirement, base annotation, known reports.Known) []annotation {
	var out []annotation
	for _, c := range q.Cases {
		for _, k := range c.Breaks {
			a := base
			a.text += "\nbroken by " + wording.Broken(k)
			if k.Open {
				a.kind = isWarning
				a.text += ", for some decisions only"
			}
			if e := wording.Focus(k); e != nil {
				a.at = e.Span
			}
			a.known(known.Has(q, c, &k))
			out = append(out, a)
		}
		if len(c.Breaks) == 0 && c.Verdict != checker.Holds {
			a := base
			a.text += "\nbroken by the design as a whole"
			a.known(known.Has(q, c, nil))
			out = append(out, a)
		}
	}
	return out
}
