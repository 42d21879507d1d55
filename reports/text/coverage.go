package text

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// groups are the parts of the page about a coverage, in their order.
var groups = []struct {
	title   string
	verdict checker.Verdict
	because coverage.Because
}{
	{"can be carried out", checker.Violated, ""},
	{"unknown: not decided within the limits", checker.Unknown, ""},
	{"depends on open decisions", checker.Depends, ""},
	{"not possible: a control stops it wherever it fits", checker.Holds, coverage.Stopped},
	{"not possible: out of reach for every attacker", checker.Holds, coverage.OutOfReach},
	{"not possible: excluded for every attacker by declaration or assumption", checker.Holds, coverage.Excluded},
	{"not applicable: the design has no element that the threat applies to", checker.Holds, coverage.Absent},
}

// WriteCoverage writes what became of every threat of the catalogue.
func WriteCoverage(w io.Writer, c *coverage.Coverage, opt Options) error {
	p := &page{color: opt.Color}
	p.line("%s", p.in(bold, plain.Clean(c.Model.Design.Title)))
	p.line("")
	p.line("  %s considered, against %s", plain.Number(len(c.Threats), "threat"), opponents(c))
	width := 0
	for _, x := range c.Threats {
		width = max(width, utf8.RuneCountInString(plain.Clean(x.Threat.ID)))
	}
	for _, g := range groups {
		var of []*coverage.Considered
		for _, x := range c.Threats {
			if x.Verdict == g.verdict && x.Because == g.because {
				of = append(of, x)
			}
		}
		if len(of) == 0 {
			continue
		}
		p.line("")
		p.line("%s", p.in(colors[g.verdict], fmt.Sprintf("%d %s", len(of), g.title)))
		for _, x := range of {
			p.line("  %s  %s%s", pad(plain.Clean(x.Threat.ID), width), plain.Clean(x.Threat.Title), p.in(dim, " · "+plain.Clean(outcome(x))))
		}
	}
	p.line("")
	p.line("%s", p.in(dim, "“not possible” is proved for these attackers with all controls working; parts that the design does not draw were not checked"))
	_, err := w.Write(p.Bytes())
	return err
}

// opponents names the attackers that were asked about.
func opponents(c *coverage.Coverage) string {
	if len(c.Coalitions) == 0 {
		return "nobody, so nothing is shown: declare one, such as `attacker Outsider { in Internet }`"
	}
	var names []string
	for _, list := range c.Coalitions {
		names = append(names, wording.Coalition(&checker.Case{Attackers: list}))
	}
	return plain.Clean(plain.List(names, 6))
}

// outcome says in a few words what became of a threat.
func outcome(x *coverage.Considered) string {
	best := x.Cheapest()
	if x.Why != "" || best == nil {
		return x.Why
	}
	words := by(x)
	if len(best.Sufficient) == 1 {
		return words + ", unless " + wording.Choices(best.Sufficient[0])
	}
	if len(best.Sufficient) > 1 {
		return fmt.Sprintf("%s, unless one of %d sets of decisions is taken", words, len(best.Sufficient))
	}
	return words
}

// by names who carries a threat out, and at what cost: those to whom nobody needs to be added, cheapest first.
func by(x *coverage.Considered) string {
	var few []*checker.Case
	for _, k := range x.Cases {
		if k.Attack != nil && !slices.ContainsFunc(x.Cases, func(o *checker.Case) bool { return o != k && o.Attack != nil && dispensable(k, o) }) {
			few = append(few, k)
		}
	}
	slices.SortStableFunc(few, func(a, b *checker.Case) int { return cmp.Compare(a.Attack.Cost, b.Attack.Cost) })
	var parts []string
	for i := 0; i < len(few); {
		var names []string
		cost := few[i].Attack.Cost
		for ; i < len(few) && few[i].Attack.Cost == cost; i++ {
			names = append(names, wording.Coalition(few[i]))
		}
		parts = append(parts, fmt.Sprintf("%s, cost %d", strings.Join(names, " or "), cost))
	}
	return strings.Join(parts, "; ")
}

// dispensable reports whether some of the attackers of k alone, those of o, do it for no more.
func dispensable(k, o *checker.Case) bool {
	for _, a := range o.Attackers {
		if !slices.Contains(k.Attackers, a) {
			return false
		}
	}
	return o.Attack.Cost <= k.Attack.Cost
}
