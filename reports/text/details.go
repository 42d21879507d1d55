package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// How much of a requirement is written out.
const (
	maxCases  = 3
	maxBreaks = 20
	maxSets   = 5
	maxList   = 6
)

// details writes what is behind a verdict: each case that does not hold.
func details(p *page, q *checker.Requirement) {
	p.line("")
	head := p.in(bold, Clean(q.Source.Name)) + ": " + about(q)
	if q.Source.Severity != "" {
		head += p.in(dim, " ["+Clean(q.Source.Severity)+"]")
	}
	p.line("%s%s", head, p.in(dim, where("  ", q.Source.Span)))
	if q.Source.Title != "" {
		p.line("  %s", p.in(dim, Clean(q.Source.Text)))
	}
	shown := 0
	var rest []string
	told := map[string]bool{}
	for _, c := range q.Cases {
		if c.Verdict == checker.Holds {
			continue
		}
		if key := deed(c); key != "" {
			if told[key] {
				p.line("  %s can do the same: %s, cost %d", p.in(bold, coalition(c)), number(len(c.Attack.Steps), "step"), c.Attack.Cost)
				continue
			}
			told[key] = true
		}
		if shown == maxCases {
			rest = append(rest, brief(c))
			continue
		}
		shown++
		caseOf(p, q, c)
	}
	if len(rest) > 0 {
		p.line("  and %s: %s", number(len(rest), "more case"), list(rest, maxList))
	}
}

// deed identifies what an attacker does and under which choices, without the steps that cost nothing. It is "" where there is nothing to tell apart.
func deed(c *checker.Case) string {
	a := c.Attack
	if a == nil || c.Unknown != nil || len(c.Attackers) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%v|%v|%v", bound(c.Bindings), a.Choices, a.Failures, c.Sufficient)
	costly := false
	for _, s := range a.Steps {
		if s.Cost > 0 {
			costly = true
			fmt.Fprintf(&b, "|%s %v", s.ID, s.Bindings)
		}
	}
	if !costly {
		return ""
	}
	return b.String()
}

// brief names a case that is not written out.
func brief(c *checker.Case) string {
	s := coalition(c)
	if s == "" {
		s = string(c.Verdict)
	}
	if b := bound(c.Bindings); b != "" {
		s += " where " + b
	}
	if c.Attack != nil {
		s += fmt.Sprintf(" at cost %d", c.Attack.Cost)
	}
	return s
}

func caseOf(p *page, q *checker.Requirement, c *checker.Case) {
	place := ""
	if b := bound(c.Bindings); b != "" {
		place = ", where " + b
	}
	switch {
	case q.Source.Static:
		breaks(p, c)
	case c.Attack != nil:
		attack(p, c, place)
	case c.Verdict == checker.Violated:
		p.line("  no run of the honest system reaches it%s", place)
	}
	for i, set := range c.Sufficient {
		if i == maxSets {
			p.line("  %s", p.in(dim, "… and "+number(len(c.Sufficient)-i, "more minimal set")+" of decisions"))
			break
		}
		label := "holds once:"
		if i > 0 {
			label = "        or:"
		}
		p.line("  %s %s", p.in(green, label), choices(set))
	}
	if u := c.Unknown; u != nil {
		text := Clean(u.Text)
		if u.NoViolationWithin >= 0 {
			text += "; no violation within " + number(u.NoViolationWithin, "step")
		}
		if c.Verdict == checker.Unknown {
			who := coalition(c)
			if who != "" {
				who = " against " + who
			}
			p.line("  %s%s%s: %s", p.in(magenta, "unknown"), who, place, text)
		} else {
			p.line("  %s", p.in(dim, "not settled: "+text))
		}
	}
}

// attack writes a counterexample as sentences.
func attack(p *page, c *checker.Case, place string) {
	a := c.Attack
	who := coalition(c)
	var head string
	switch {
	case len(a.Steps) == 0 && who != "":
		head = fmt.Sprintf("%s breaks it from the start%s", p.in(bold, who), place)
	case len(a.Steps) == 0:
		head = "it is broken from the start" + place
	case who == "":
		head = fmt.Sprintf("it happens without any attacker, in %s%s", number(len(a.Steps), "step"), place)
	default:
		head = fmt.Sprintf("%s breaks it in %s, cost %d%s", p.in(bold, who), number(len(a.Steps), "step"), a.Cost, place)
		if a.CostAtLeast < a.Cost {
			head += fmt.Sprintf(" (no attack costs less than %d)", a.CostAtLeast)
		}
	}
	var given []string
	if len(a.Choices) > 0 {
		given = append(given, "if "+choices(a.Choices))
	}
	if len(a.Failures) > 0 {
		given = append(given, failed(a.Failures))
	}
	if len(given) > 0 {
		head += ", " + p.in(yellow, strings.Join(given, ", and "))
	}
	p.line("  %s", head)
	digits := len(fmt.Sprint(len(a.Steps)))
	for i, s := range a.Steps {
		p.line("  %s %s", p.in(bold, fmt.Sprintf("%*d.", digits+1, i+1)), sentence(s))
		p.line("  %s %s", strings.Repeat(" ", digits+2), p.in(dim, effect(s)))
	}
}

func sentence(s checker.Step) string {
	if s.Says != "" {
		return Clean(s.Says)
	}
	out := Clean(s.ID)
	if b := bound(s.Bindings); b != "" {
		out += " (" + b + ")"
	}
	return out
}

// effect is the line below a sentence: what it gives, which rule it is, what it costs, and where.
func effect(s checker.Step) string {
	var parts []string
	if len(s.Adds) > 0 {
		parts = append(parts, "gives "+Clean(list(s.Adds, maxList)))
	}
	if len(s.Removes) > 0 {
		parts = append(parts, "ends "+Clean(list(s.Removes, maxList)))
	}
	switch {
	case s.Cost > 0:
		parts = append(parts, fmt.Sprintf("cost %d", s.Cost))
	case s.Kind == "threat":
		parts = append(parts, "free")
	}
	if s.Kind == "threat" {
		parts = append(parts, Clean(s.ID))
	} else {
		parts = append(parts, Clean(s.Kind+" "+s.ID))
	}
	if at := where("", s.Source); at != "" {
		parts = append(parts, at)
	}
	return strings.Join(parts, " · ")
}

// breaks lists the instances that break an architecture rule.
func breaks(p *page, c *checker.Case) {
	if len(c.Breaks) == 0 {
		p.line("  broken by the design as a whole")
		return
	}
	p.line("  broken by %s", number(len(c.Breaks), "instance"))
	width := 0
	for _, b := range c.Breaks {
		width = max(width, utf8.RuneCountInString(bound(b.Bindings)))
	}
	width = min(width, 60)
	for i, b := range c.Breaks {
		if i == maxBreaks {
			p.line("    %s", p.in(dim, fmt.Sprintf("… and %s more", thousands(len(c.Breaks)-i))))
			return
		}
		name := bound(b.Bindings)
		if name == "" {
			name = "the rule as a whole"
		}
		var at []string
		for _, e := range b.Elements {
			if s := where("", e.Span); s != "" && !slices.Contains(at, s) {
				at = append(at, s)
			}
		}
		line := "    " + pad(name, width) + "  " + p.in(dim, strings.Join(at, ", "))
		if b.Open {
			line += p.in(yellow, "  for some decisions only")
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// proofs writes a line for each requirement that holds.
func proofs(p *page, r *checker.Result) {
	width, some := 0, false
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			some = true
			width = max(width, utf8.RuneCountInString(Clean(q.Source.Name)))
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
			p.line("  %s  %s", pad(Clean(q.Source.Name), width), basis(q))
		}
	}
}

// basis says what the proofs of a requirement rest on.
func basis(q *checker.Requirement) string {
	var rests, assumed []string
	live := 0
	for _, c := range q.Cases {
		live = max(live, c.LiveRules)
		if c.Proof == nil {
			continue
		}
		for _, choice := range c.Proof.RestsOn {
			choice.Is = true
			rests = append(rests, phrase(choice))
		}
		assumed = append(assumed, c.Proof.Assumptions...)
	}
	for _, c := range q.Cases {
		if c.Proof != nil && c.Proof.Kind == "no-runs" {
			return "holds of nothing: the start breaks an assumption, so there are no runs (" + Clean(list(unique(assumed), maxList)) + ")"
		}
	}
	if q.Source.Static {
		return "an architecture rule that no element breaks"
	}
	rests, assumed = unique(rests), unique(assumed)
	var parts []string
	if len(rests) > 0 {
		parts = append(parts, "rests on: "+list(rests, maxList))
	} else {
		parts = append(parts, "rests on no control: nothing in the design leads there")
	}
	if len(assumed) > 0 {
		parts = append(parts, "assuming "+Clean(list(assumed, maxList)))
	}
	parts = append(parts, number(live, "live rule"))
	return strings.Join(parts, " · ")
}

func unique(items []string) []string {
	slices.Sort(items)
	return slices.Compact(items)
}

// coalition names the attackers of a case.
func coalition(c *checker.Case) string {
	var names []string
	for _, a := range c.Attackers {
		names = append(names, Clean(a.Name))
	}
	return strings.Join(names, " + ")
}

func bound(bindings []ground.Binding) string {
	var parts []string
	for _, b := range bindings {
		parts = append(parts, Clean(b.Var)+" = "+Clean(b.Value))
	}
	return strings.Join(parts, ", ")
}

func choices(set []checker.Choice) string {
	if len(set) == 0 {
		return "nothing is decided"
	}
	var parts []string
	for _, c := range set {
		parts = append(parts, phrase(c))
	}
	return strings.Join(parts, " and ")
}

func phrase(c checker.Choice) string {
	switch {
	case c.Data != "" && c.Is:
		return Clean(fmt.Sprintf("%s stores %s with %s", c.On, c.Data, c.Control))
	case c.Data != "":
		return Clean(fmt.Sprintf("%s stores %s without %s", c.On, c.Data, c.Control))
	case c.Is:
		return Clean(fmt.Sprintf("%s has %s", c.On, c.Control))
	}
	return Clean(fmt.Sprintf("%s has no %s", c.On, c.Control))
}

func failed(set []checker.Choice) string {
	var parts []string
	for _, c := range set {
		at := c.On
		if c.Data != "" {
			at = c.Data + " in " + c.On
		}
		parts = append(parts, Clean(fmt.Sprintf("%s of %s", c.Control, at)))
	}
	verb := " fails"
	if len(parts) > 1 {
		verb = " fail"
	}
	return "if " + strings.Join(parts, " and ") + verb
}

// where is file:line, after a prefix, or "".
func where(prefix string, s source.Span) string {
	if !s.IsValid() {
		return ""
	}
	return fmt.Sprintf("%s%s:%d", prefix, Clean(s.File.Name), s.Position().Line)
}
