package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// maxFailures is how many sets of failures are written out for a requirement.
const maxFailures = 12

// resilience writes how many controls must fail for each requirement to break: what breaks first comes first.
func resilience(p *page, r *checker.Result) {
	type row struct {
		q    *checker.Requirement
		c    *checker.Case
		rank int
	}
	var rows []row
	width := 0
	for _, q := range r.Requirements {
		for _, c := range q.Cases {
			if c.Resilience == nil {
				continue
			}
			rank := 2 * c.Resilience.Least
			switch {
			case c.Resilience.Least < 0:
				rank = 1 << 30
			case c.Resilience.More:
				rank++
			}
			rows = append(rows, row{q, c, rank})
			width = max(width, utf8.RuneCountInString(plain.Clean(q.Source.Name)))
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.rank - b.rank })
	p.line("")
	p.line("%s", p.in(bold, "Resilience: how many controls must fail at once"))
	p.line("")
	for _, x := range rows {
		s := x.c.Resilience
		of := ""
		if len(x.c.Attackers) > 0 {
			of = " · " + wording.Coalition(x.c)
		}
		if b := wording.Bound(x.c.Bindings); b != "" {
			of += " · " + b
		}
		p.line("  %s  %s%s", pad(plain.Clean(x.q.Source.Name), min(width, 40)), said(p, s), p.in(dim, plain.Clean(of)))
		for i, set := range s.Sets {
			if i == maxFailures {
				p.line("      … and %d more: --format json has them", len(s.Sets)-maxFailures)
				break
			}
			var names []string
			for _, c := range set {
				names = append(names, wording.Failing(c))
			}
			p.line("      %s", plain.Clean(strings.Join(names, " and ")))
		}
		if !s.All && len(s.Sets) > 0 {
			p.line("      … and there may be more")
		}
	}
}

// said says how many failures it takes.
func said(p *page, s *checker.Resilience) string {
	switch {
	case s.Least < 0:
		return p.in(green, "no failures break it, however many")
	case s.More && s.Why != "":
		return p.in(magenta, fmt.Sprintf("%s or more; how many is unknown: %s", plain.Number(s.Least, "failure"), plain.Clean(s.Why)))
	case s.More:
		return p.in(green, fmt.Sprintf("more than %s", plain.Number(s.Least, "failure")))
	case s.Least == 0:
		return p.in(red, "broken without any failure")
	case s.Least == 1:
		return p.in(red, plain.Number(len(s.Sets), "single point")+" of failure")
	}
	return p.in(yellow, fmt.Sprintf("%d failures, %s", s.Least, plain.Number(len(s.Sets), "way")))
}
