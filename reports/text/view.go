package text

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// maxPossible is how many threats that can be carried out are written out under an entry of a list.
const maxPossible = 3

var statusColors = map[coverage.Status]string{
	coverage.Attacked: red, coverage.Unsettled: magenta, coverage.Undecided: yellow, coverage.NotPossible: green, coverage.Outside: dim,
}

// view writes what was found under the entries of a list.
func view(p *page, v *coverage.View) {
	p.line("")
	p.line("%s", p.in(bold, "By "+plain.Clean(v.List.Title)))
	p.line("")
	width := 0
	for _, i := range v.Items {
		width = max(width, utf8.RuneCountInString(plain.Clean(i.ID)))
	}
	count, absent := map[coverage.Status]int{}, 0
	for _, i := range v.Items {
		count[i.Status]++
		name := named[i.Status]
		if i.Absent {
			name = nothing
			absent++
		}
		p.line("  %s  %s  %s", p.in(statusColors[i.Status], pad(name, 14)), pad(plain.Clean(i.ID), width), plain.Clean(i.Title))
		item(p, i)
	}
	var parts []string
	for _, s := range coverage.Statuses {
		n := count[s]
		if s == coverage.NotPossible {
			n -= absent
		}
		if n > 0 {
			parts = append(parts, p.in(statusColors[s], fmt.Sprintf("%d %s", n, named[s])))
		}
		if s == coverage.NotPossible && absent > 0 {
			parts = append(parts, p.in(statusColors[s], fmt.Sprintf("%d %s", absent, nothing)))
		}
	}
	p.line("")
	p.line("%s: %s", plain.Number(len(v.Items), "id"), strings.Join(parts, ", "))
	for _, line := range legend {
		p.line("  %s", p.in(dim, line))
	}
	if s := v.List.Scope; s != "" {
		p.line("  %s", p.in(dim, "threats count where they touch "+plain.Clean(s)+", what keeps it or passes it on, what is tied to that, and what these run on or lie in"))
	}
}

// nothing is what an entry is called whose threats the design has nothing for.
const nothing = "not applicable"

var legend = []string{
	"attack found: an attacker of the design can do it whatever is decided, or a requirement that names it is not met",
	"no attack: proved for each attacker of the design, with all controls working",
	"not applicable: proved like that, but only because the design has nothing that its threats are about",
	"not covered: no threat of the catalogue is about it, and no requirement of the design",
}

// named are the statuses as people read them, beside the title of an entry: which may be an attack ("Carding") or a defence ("web applications are protected"), so that
// "not possible" could say the opposite of what it means.
var named = map[coverage.Status]string{
	coverage.Attacked: "attack found", coverage.Undecided: "depends", coverage.Unsettled: "unknown", coverage.NotPossible: "no attack", coverage.Outside: "not covered",
}

// item writes what an entry of a list rests on.
func item(p *page, i *coverage.ViewItem) {
	say := func(what, text string) { p.line("                    %s%s", pad(what, 16), text) }
	if i.Status == coverage.Outside {
		say("", p.in(dim, plain.Clean(i.Why)))
		return
	}
	for _, q := range i.Requirements {
		say(string(q.Verdict), plain.Clean("requirement "+q.Source.Name+": "+wording.About(q)))
	}
	shown, more := 0, 0
	for _, v := range []checker.Verdict{checker.Violated, checker.Unknown, checker.Depends} {
		for _, x := range i.Threats {
			switch {
			case x.Verdict != v:
			case shown == maxPossible:
				more++
			default:
				shown++
				say(possible[v], plain.Clean(x.Threat.ID)+p.in(dim, " · "+plain.Clean(outcome(x))))
			}
		}
	}
	if more > 0 {
		say("", fmt.Sprintf("and %d more", more))
	}
	for _, g := range groups {
		var names []string
		why := ""
		for _, x := range i.Threats {
			if g.verdict == checker.Holds && x.Verdict == checker.Holds && x.Because == g.because {
				names = append(names, x.Threat.ID)
				why = x.Why
			}
		}
		label := "not possible"
		if g.because == coverage.Absent {
			label = nothing
		}
		switch {
		case len(names) == 1:
			say(label, plain.Clean(names[0])+p.in(dim, " · "+plain.Clean(why)))
		case len(names) > 1:
			say(label, plain.Clean(plain.List(names, maxPossible))+p.in(dim, " · "+g.title[strings.Index(g.title, ": ")+2:]))
		}
	}
}

var possible = map[checker.Verdict]string{checker.Violated: "possible", checker.Unknown: "unknown", checker.Depends: "depends"}
