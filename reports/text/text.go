package text

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
)

// Options say how much is written, and how.
type Options struct {
	Color bool
	Quiet bool // only the line of each requirement
}

// maxWarnings is how many warnings are written out.
const maxWarnings = 20

// Write writes a result.
func Write(w io.Writer, r *checker.Result, opt Options) error {
	p := &page{color: opt.Color}
	table(p, r)
	if !opt.Quiet {
		for _, q := range r.Requirements {
			switch q.Verdict {
			case checker.Violated, checker.Depends:
				details(p, q)
			case checker.Unknown:
				if !told(q) {
					details(p, q)
				}
			}
		}
		proofs(p, r)
		if err := warnings(p, r, opt); err != nil {
			return err
		}
		p.line("")
		p.line("%s", summary(p, r))
		for _, hint := range next(r) {
			p.line("%s %s", p.in(bold, "next:"), hint)
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

var colors = map[checker.Verdict]string{
	checker.Holds: green, checker.Violated: red, checker.Depends: yellow, checker.Waived: cyan, checker.Unknown: magenta,
}

// table writes a line for each requirement.
func table(p *page, r *checker.Result) {
	p.line("%s", p.in(bold, Clean(r.Model.Design.Title)))
	if len(r.Requirements) == 0 {
		p.line("")
		p.line("  the design has no requirement, so there is nothing to verify: add one, such as `require Secret: confidential NAME`")
		return
	}
	p.line("")
	width := 0
	for _, q := range r.Requirements {
		width = max(width, utf8.RuneCountInString(Clean(q.Source.Name)))
	}
	width = min(width, 40)
	for _, q := range r.Requirements {
		line := fmt.Sprintf("  %s  %s  %s", p.in(colors[q.Verdict], pad(string(q.Verdict), 8)), pad(Clean(q.Source.Name), width), shorten(about(q), 72))
		if gist := gist(q); gist != "" {
			line += p.in(dim, " · "+gist)
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// about is the title of a requirement, or its property where it has none.
func about(q *checker.Requirement) string {
	if q.Source.Title != "" {
		return Clean(q.Source.Title)
	}
	return Clean(q.Source.Text)
}

// gist says in a few words what is behind a verdict.
func gist(q *checker.Requirement) string {
	var parts []string
	switch q.Verdict {
	case checker.Violated, checker.Depends:
		if w := q.Waiver; w != nil && !q.InForce {
			parts = append(parts, "its waiver ended on "+w.Until)
		}
		parts = append(parts, worst(q))
		if once := settles(q); once != nil {
			parts = append(parts, "holds once "+choices(once))
		}
	case checker.Waived:
		parts = append(parts, "accepted until "+q.Waiver.Until+": "+Clean(q.Waiver.Because), worst(q))
	case checker.Unknown:
		for _, c := range q.Cases {
			if c.Verdict == checker.Unknown && c.Unknown != nil {
				parts = append(parts, Clean(c.Unknown.Text))
				break
			}
		}
	}
	return strings.Join(without(parts, ""), " · ")
}

// told reports whether the line of an unknown requirement says all that there is to say about it.
func told(q *checker.Requirement) bool {
	reason := ""
	for _, c := range q.Cases {
		if c.Verdict == checker.Holds {
			continue
		}
		if c.Attack != nil || c.Unknown == nil || c.Unknown.NoViolationWithin >= 0 || reason != "" && reason != c.Unknown.Text {
			return false
		}
		reason = c.Unknown.Text
	}
	return true
}

// settles returns the set of decisions that makes a requirement hold, where there is just one, the same in all cases.
func settles(q *checker.Requirement) []checker.Choice {
	var set []checker.Choice
	for _, c := range q.Cases {
		switch {
		case c.Verdict == checker.Holds:
			continue
		case c.Verdict != checker.Depends || len(c.Sufficient) != 1:
			return nil
		case set != nil && !slices.Equal(set, c.Sufficient[0]):
			return nil
		}
		set = c.Sufficient[0]
	}
	return set
}

// worst tells the cheapest attack of a requirement, or what breaks it.
func worst(q *checker.Requirement) string {
	if q.Source.Static {
		breaks := 0
		for _, c := range q.Cases {
			breaks += len(c.Breaks)
		}
		if breaks == 0 {
			return ""
		}
		return "broken by " + number(breaks, "instance")
	}
	var best *checker.Case
	attacks := 0
	for _, c := range q.Cases {
		if c.Attack == nil {
			continue
		}
		attacks++
		if best == nil || c.Attack.Cost < best.Attack.Cost {
			best = c
		}
	}
	switch {
	case best != nil && len(best.Attackers) == 0:
		return "it happens without any attacker"
	case best != nil:
		s := fmt.Sprintf("%s, cost %d", coalition(best), best.Attack.Cost)
		if attacks > 1 {
			s += fmt.Sprintf(" (%d of %d cases)", attacks, len(q.Cases))
		}
		return s
	}
	return ""
}

// warnings writes what the reader should know before trusting a verdict.
func warnings(p *page, r *checker.Result, opt Options) error {
	if r.Warnings == nil {
		return nil
	}
	list := r.Warnings.Sorted()
	if len(list) == 0 {
		return nil
	}
	p.line("")
	return diag.Render(p, list, diag.Options{Color: opt.Color, Max: maxWarnings})
}

// summary counts the verdicts.
func summary(p *page, r *checker.Result) string {
	count := map[checker.Verdict]int{}
	waivers := false
	for _, q := range r.Requirements {
		count[q.Verdict]++
		waivers = waivers || q.Waiver != nil
	}
	var parts []string
	for _, v := range []checker.Verdict{checker.Holds, checker.Violated, checker.Depends, checker.Waived, checker.Unknown} {
		if n := count[v]; n > 0 {
			parts = append(parts, p.in(colors[v], fmt.Sprintf("%d %s", n, v)))
		}
	}
	s := number(len(r.Requirements), "requirement")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	s += p.in(dim, " · "+number(r.Rules, "rule instance")+" over "+number(r.Facts, "fact"))
	if waivers {
		s += p.in(dim, " · waivers judged as of "+r.AsOf)
	}
	return s
}

// next says what a reader would best do now.
func next(r *checker.Result) []string {
	decide, repair, unknown := "", "", ""
	for _, q := range r.Requirements {
		name := Clean(q.Source.Name)
		switch {
		case q.Verdict == checker.Depends && decide == "":
			if set := settles(q); set != nil {
				decide = fmt.Sprintf("decide that %s: then %s holds", choices(set), name)
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
	return without([]string{decide, repair, unknown}, "")
}

// stop is the command that shows the threat that does the work in an attack: the first one that costs anything.
func stop(r *checker.Result, c *checker.Case) string {
	if c.Attack == nil {
		return ""
	}
	for _, s := range c.Attack.Steps {
		if s.Threat == nil || s.Cost == 0 {
			continue
		}
		from := ""
		for _, in := range r.Model.Catalogue.Inputs {
			if in.Name == s.Threat.Catalogue && !strings.HasPrefix(in.Path, "builtin:") {
				from = " --catalogue " + in.Path
			}
		}
		return fmt.Sprintf("vauban catalogue show%s %s", Clean(from), Clean(s.ID))
	}
	return ""
}

func without(items []string, drop string) []string {
	var out []string
	for _, s := range items {
		if s != drop {
			out = append(out, s)
		}
	}
	return out
}
