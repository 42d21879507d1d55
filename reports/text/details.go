package text

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// How much of a requirement is written out.
const (
	maxCases  = 3
	maxBreaks = 20
	maxSets   = 5
)

// details writes what is behind a verdict: each case that does not hold.
func details(p *page, q *checker.Requirement, known reports.Known) {
	p.line("")
	head := p.in(bold, plain.Clean(q.Source.Name)) + ": " + plain.Clean(wording.About(q))
	if q.Source.Severity != "" {
		head += p.in(dim, " ["+plain.Clean(q.Source.Severity)+"]")
	}
	if at := wording.Where(q.Source.Span); at != "" {
		head += p.in(dim, "  "+plain.Clean(at))
	}
	p.line("%s", head)
	if q.Source.Title != "" {
		p.line("  %s", p.in(dim, plain.Clean(q.Source.Text)))
	}
	groups, rest := wording.Groups(q, maxCases)
	for _, g := range groups {
		caseOf(p, q, g, known)
		for _, c := range g.Same {
			who, how := wording.AlsoDoes(c)
			p.line("  %s %s", p.in(bold, plain.Clean(who)), how)
		}
		if also := g.Likewise(); also != "" {
			p.line("  likewise where %s", plain.Clean(also))
		}
	}
	if len(rest) > 0 {
		p.line("  and %s", plain.Clean(wording.Rest(rest)))
	}
	if extent := wording.Extent(q); extent != "" {
		p.line("  %s", p.in(dim, extent))
	}
}

func caseOf(p *page, q *checker.Requirement, g *wording.Group, known reports.Known) {
	c, mark := g.Case, reports.Mark(known.Group(q, g))
	place := ""
	if b := wording.Bound(c.Bindings); b != "" {
		place = ", where " + plain.Clean(b)
	}
	switch {
	case q.Source.Static:
		breaks(p, q, c, known)
	case c.Attack != nil:
		attack(p, c, mark)
	case c.Verdict == checker.Violated:
		p.line("  %s%s", plain.Clean(wording.Unreachable(c)), mark)
	}
	for i, set := range c.Sufficient {
		if i == maxSets {
			p.line("  %s", p.in(dim, "… and "+plain.Number(len(c.Sufficient)-i, "more minimal set")+" of decisions"))
			break
		}
		label := "holds if:"
		if i > 0 {
			label = "      or:"
		}
		p.line("  %s %s", p.in(green, label), plain.Clean(wording.Choices(set)))
	}
	if u := c.Unknown; u != nil {
		if c.Verdict == checker.Unknown {
			who := plain.Clean(wording.Coalition(c))
			if who != "" {
				who = " against " + who
			}
			p.line("  %s%s%s: %s", p.in(magenta, "unknown"), who, place, plain.Clean(wording.Why(u)))
		} else {
			p.line("  %s", p.in(dim, "incomplete: "+plain.Clean(wording.Why(u))))
		}
	}
}

// attack writes a counterexample as sentences.
func attack(p *page, c *checker.Case, known string) {
	who, how, given := wording.Head(c)
	head := plain.Clean(how)
	if who != "" {
		head = p.in(bold, plain.Clean(who)) + " " + head
	}
	if given != "" {
		head += ", " + p.in(yellow, plain.Clean(given))
	}
	p.line("  %s%s", head, known)
	digits := len(fmt.Sprint(len(c.Attack.Steps)))
	for i, s := range c.Attack.Steps {
		p.line("  %s %s", p.in(bold, fmt.Sprintf("%*d.", digits+1, i+1)), plain.Clean(wording.Sentence(s)))
		effect := wording.Effect(s)
		if at := wording.Where(s.Source); at != "" {
			effect += " · " + at
		}
		p.line("  %s %s", strings.Repeat(" ", digits+2), p.in(dim, plain.Clean(effect)))
	}
}

// breaks lists the instances that break an architecture rule.
func breaks(p *page, q *checker.Requirement, c *checker.Case, known reports.Known) {
	if len(c.Breaks) == 0 {
		p.line("  broken by the design as a whole%s", reports.Mark(known.Has(q, c, nil)))
		return
	}
	p.line("  broken by %s", plain.Number(len(c.Breaks), "instance"))
	width := 0
	for _, b := range c.Breaks {
		width = max(width, utf8.RuneCountInString(plain.Clean(wording.Broken(b))))
	}
	width = min(width, 60)
	for i, b := range c.Breaks {
		if i == maxBreaks {
			p.line("    %s", p.in(dim, fmt.Sprintf("… and %s more", plain.Thousands(len(c.Breaks)-i))))
			return
		}
		line := "    " + pad(plain.Clean(wording.Broken(b)), width) + "  " + p.in(dim, plain.Clean(strings.Join(wording.Places(b), ", ")))
		if b.Open {
			line += p.in(yellow, "  for some decisions only")
		}
		line += reports.Mark(known.Has(q, c, &b))
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// proofs writes a line for each requirement that holds.
func proofs(p *page, r *checker.Result) {
	width, some := 0, false
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			some = true
			width = max(width, utf8.RuneCountInString(plain.Clean(q.Source.Name)))
		}
	}
	if !some {
		return
	}
	width = min(width, 40)
	p.line("")
	p.line("%s", p.in(bold, "Proofs"))
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			p.line("  %s  %s", pad(plain.Clean(q.Source.Name), width), plain.Clean(wording.Basis(q)))
		}
	}
	if len(r.Unneeded) > 0 {
		p.line("  %s", p.in(dim, plain.Clean(wording.Unneeded(r))))
	}
	if claims := wording.Claims(r); claims != "" {
		p.line("  %s", p.in(dim, plain.Clean(claims)))
	}
}
