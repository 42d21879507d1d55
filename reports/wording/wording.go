package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Verdicts are in the order in which they are counted.
var Verdicts = []checker.Verdict{checker.Holds, checker.Violated, checker.Depends, checker.Waived, checker.Unknown}

// Progress says how far a check is: `12 of 20 cases · Secret · an attack of cost 4, none below 2`.
func Progress(p checker.Progress) string {
	var parts []string
	if p.Total > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d cases", p.Done, p.Total))
	}
	for _, s := range []string{p.Requirement, p.Detail} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// About is the title of a requirement, or its property where it has none.
func About(q *checker.Requirement) string {
	if q.Source.Title != "" {
		return q.Source.Title
	}
	return q.Source.Text
}

// Gist says in a few words what is behind a verdict; "" where the verdict says it all.
func Gist(q *checker.Requirement) string {
	var parts []string
	switch q.Verdict {
	case checker.Violated, checker.Depends:
		if w := q.Waiver; w != nil && !q.InForce {
			parts = append(parts, "its waiver ended on "+w.Until)
		}
		parts = append(parts, worst(q))
		if once := Settles(q); once != nil {
			parts = append(parts, "holds if "+Choices(once))
		}
	case checker.Waived:
		parts = append(parts, "accepted until "+q.Waiver.Until+": "+q.Waiver.Because, worst(q))
	case checker.Unknown:
		for _, c := range q.Cases {
			if c.Verdict == checker.Unknown && c.Unknown != nil {
				parts = append(parts, c.Unknown.Text)
				break
			}
		}
	}
	if sizes := Sizes(q); sizes != "" {
		parts = append(parts, sizes)
	}
	return strings.Join(without(parts, ""), " · ")
}

// Sizes says how large the domains are that a verdict is about: a proof for two orders and one request says nothing of a third order. It is "" where
// the requirement depends on no process.
func Sizes(q *checker.Requirement) string {
	var parts []string
	seen := map[string]bool{}
	for _, c := range q.Cases {
		for _, d := range c.Domains {
			if !seen[d.Name] {
				seen[d.Name] = true
				parts = append(parts, plain.Thousands(d.Size())+" "+d.Name)
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "for " + strings.Join(parts, ", ")
}

// Settles returns the set of decisions that makes a requirement hold, where there is just one, the same in all cases.
func Settles(q *checker.Requirement) []explain.Choice {
	var set []explain.Choice
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
		return "broken by " + plain.Number(breaks, "instance")
	}
	var best *checker.Case
	attacks := 0
	for _, c := range q.Cases {
		if c.Attack == nil {
			continue
		}
		attacks++
		if best == nil || c.Attack.Cost < best.Attack.Cost || c.Attack.Cost == best.Attack.Cost && c.Attack.Honest && !best.Attack.Honest {
			best = c
		}
	}
	switch {
	case best != nil && (len(best.Attackers) == 0 || best.Attack.Honest):
		return "it happens without any attacker"
	case best != nil:
		s := Coalition(best) + ", " + Cost(best.Attack)
		if attacks > 1 {
			s += fmt.Sprintf(" (%d of %d cases)", attacks, len(q.Cases))
		}
		return s
	}
	return ""
}

// Told reports whether the gist of an unknown requirement says all that there is to say about it.
func Told(q *checker.Requirement) bool {
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

// Why says why a case is unknown, or not settled.
func Why(u *checker.Reason) string {
	if u.NoViolationWithin >= 0 {
		return u.Text + "; no violation within " + plain.Number(u.NoViolationWithin, "step")
	}
	return u.Text
}

// Unreachable says of a case of `possible` under which choices no honest run reaches it.
func Unreachable(c *checker.Case) string {
	text := "no honest run reaches it"
	if b := Bound(c.Bindings); b != "" {
		text += ", where " + b
	}
	if c.Proof == nil {
		return text
	}
	if c.Proof.Kind == explain.NoRuns {
		return text + ": the assumptions rule out the initial state (" + plain.List(c.Proof.Assumptions, plain.MaxList) + ")"
	}
	if len(c.Proof.Decisions) > 0 {
		text += ", if " + Choices(c.Proof.Decisions)
	}
	if len(c.Proof.Failures) > 0 {
		text += ", " + failed(c.Proof.Failures)
	}
	return text
}

// Broken names an instance that breaks an architecture rule.
func Broken(b judge.Broken) string {
	if s := Bound(b.Bindings); s != "" {
		return s
	}
	return b.What
}

// Places are the places of the elements that break an architecture rule, each once.
func Places(b judge.Broken) []string {
	var at []string
	for _, e := range b.Elements {
		if s := Where(e.Span); s != "" && !slices.Contains(at, s) {
			at = append(at, s)
		}
	}
	return at
}

// Cost says what the cheapest attack costs, as far as that is known.
func Cost(a *explain.Attack) string {
	if a.CostAtLeast < a.Cost {
		return fmt.Sprintf("cost between %d and %d", a.CostAtLeast, a.Cost)
	}
	return fmt.Sprintf("cost %d", a.Cost)
}

// Head says who breaks a requirement, how, and under which choices: the sentence above the steps of an attack. The parts are apart because formats
// set them apart; who is "" for the honest system.
func Head(c *checker.Case) (who, how, given string) {
	a := c.Attack
	who = Who(c)
	breaks := "breaks"
	if len(c.Attackers) > 1 {
		breaks = "break"
	}
	switch {
	case len(a.Steps) == 0 && who != "":
		how = breaks + " it from the start"
	case len(a.Steps) == 0:
		how = "it is broken from the start"
	case who == "":
		how = "it happens without any attacker, in " + plain.Number(len(a.Steps), "step")
	default:
		how = fmt.Sprintf("%s it in %s, cost %d", breaks, plain.Number(len(a.Steps), "step"), a.Cost)
	}
	how += map[explain.Reach]string{explain.OfOne: ", for one of them at a time", explain.OfAll: ", for all of them alike"}[a.Reach]
	if b := Bound(c.Bindings); b != "" {
		how += ", where " + b
	}
	if who != "" && len(a.Steps) > 0 && a.CostAtLeast < a.Cost {
		how += fmt.Sprintf(" (the least cost is between %d and %d)", a.CostAtLeast, a.Cost)
	}
	var parts []string
	if len(a.Choices) > 0 {
		parts = append(parts, "if "+Choices(a.Choices))
	}
	if len(a.Failures) > 0 {
		parts = append(parts, failed(a.Failures))
	}
	given = strings.Join(parts, ", and ")
	if len(a.Choices) > 0 && c.Verdict == checker.Violated {
		given += "; if that is decided otherwise, another attack goes through"
	}
	return who, how, given
}

// Sentence says what happens in a step.
func Sentence(s explain.Step) string {
	if s.Says != "" {
		return s.Says
	}
	if b := Bound(s.Bindings); b != "" {
		return s.ID + " (" + b + ")"
	}
	return s.ID
}

// Effect says what a step gives, what it costs and which rule it is.
func Effect(s explain.Step) string {
	var parts []string
	if len(s.Adds) > 0 {
		parts = append(parts, "gives "+plain.List(s.Adds, plain.MaxList))
	}
	if len(s.Removes) > 0 {
		parts = append(parts, "ends "+plain.List(s.Removes, plain.MaxList))
	}
	switch {
	case s.Cost > 0:
		parts = append(parts, fmt.Sprintf("cost %d", s.Cost))
	case s.Kind == ground.ByThreat:
		parts = append(parts, "free")
	}
	if s.Kind == ground.ByThreat {
		parts = append(parts, s.ID)
	} else {
		parts = append(parts, string(s.Kind)+" "+s.ID)
	}
	return strings.Join(parts, " · ")
}

// Basis says what the proofs of a requirement rely on.
func Basis(q *checker.Requirement) string {
	var rests, assumed []string
	live, clauses, laws, states, split, priced := 0, 0, 0, 0, 0, false
	for _, c := range q.Cases {
		live = max(live, c.LiveRules)
		if c.Proof == nil {
			continue
		}
		for _, cut := range c.Proof.Cuts {
			priced = priced || len(cut.Rules) > 0
		}
		clauses, laws, states, split = max(clauses, c.Proof.Clauses), max(laws, c.Proof.Laws), max(states, c.Proof.States), max(split, c.Proof.Parts)
		for _, choice := range c.Proof.RestsOn {
			choice.Is = true
			rests = append(rests, Phrase(choice))
		}
		assumed = append(assumed, c.Proof.Assumptions...)
	}
	guessed := ""
	if len(q.Guesses) > 0 {
		guessed = " · relies on guesses: " + plain.List(Guesses(q), plain.MaxList)
	}
	if v := q.Vacuous(); v != nil {
		return "vacuous: " + v.Text + guessed
	}
	if q.Source.Static {
		return "an architecture rule that no element breaks" + guessed
	}
	if text := witnesses(q); text != "" {
		return text + guessed
	}
	rests, assumed = unique(rests), unique(assumed)
	var parts []string
	if split > 0 {
		parts = append(parts, "in "+plain.Number(split, "case")+" of what is decided or fails")
	}
	if laws > 0 {
		parts = append(parts, "by "+plain.Number(laws, "conservation law"))
	}
	if clauses > 0 {
		parts = append(parts, "by an invariant of "+plain.Number(clauses, "clause"))
	}
	if states > 0 {
		parts = append(parts, "by "+plain.Number(states, "state")+" that no step leaves")
	}
	switch {
	case len(rests) > 0:
		parts = append(parts, "relies on: "+plain.List(rests, plain.MaxList))
	case Sizes(q) != "":
		parts = append(parts, "relies on no control: the steps of the process prevent it, "+Sizes(q))
	case priced:
		parts = append(parts, "relies on no control: every attack costs more than the budget")
	case clauses+laws+states+split == 0:
		parts = append(parts, "relies on no control: nothing in the design leads there")
	}
	if len(assumed) > 0 {
		parts = append(parts, "assuming "+plain.List(assumed, plain.MaxList))
	}
	if w := q.Ways; w != nil {
		parts = append(parts, Ways(w))
	}
	parts = append(parts, plain.Number(live, "rule")+" considered")
	return strings.Join(parts, " · ") + guessed
}

// Guesses names the elements that a requirement relies on and of which something was guessed.
func Guesses(q *checker.Requirement) []string {
	var out []string
	for _, e := range q.Guesses {
		out = append(out, e.Name+" ("+strings.Join(e.Guessed, ", ")+")")
	}
	return out
}

// Ways says what became of the threats that give what a requirement forbids.
func Ways(w *explain.Ways) string {
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{{len(w.Stopped), "stopped by controls"}, {len(w.OutOfReach), "out of reach"}, {len(w.Absent), "not applicable"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	return plain.Number(w.Len(), "threat") + " could break it: " + strings.Join(parts, ", ")
}

// Claims says which relations the design says elements not to have, or "".
func Claims(r *checker.Result) string {
	var parts []string
	for _, e := range r.Model.Design.Elements {
		for _, c := range e.None {
			parts = append(parts, e.Name+" "+strings.ReplaceAll(c.Relation, "_", " ")+" none")
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "as the design claims: " + plain.List(parts, plain.MaxList)
}

// Unneeded names the controls that no proof needs.
func Unneeded(r *checker.Result) string {
	var parts []string
	for _, c := range r.Unneeded {
		parts = append(parts, Phrase(c))
	}
	return "no proof needs: " + plain.List(parts, plain.MaxList)
}

// witnesses tells the honest runs that show that something is possible.
func witnesses(q *checker.Requirement) string {
	var first *explain.Attack
	runs := 0
	for _, c := range q.Cases {
		runs += len(c.Runs)
		for _, r := range c.Runs {
			if first == nil {
				first = r
			}
		}
	}
	switch {
	case first == nil:
		return ""
	case len(first.Steps) == 0:
		return "true from the start"
	}
	var steps []string
	for _, s := range first.Steps {
		var args []string
		for _, b := range s.Bindings {
			args = append(args, b.Value)
		}
		if len(args) > 0 {
			steps = append(steps, s.ID+"("+strings.Join(args, ", ")+")")
		} else {
			steps = append(steps, s.ID)
		}
	}
	text := "an honest run reaches it: " + plain.List(steps, plain.MaxList)
	if runs > len(q.Cases) {
		text = fmt.Sprintf("%s cover all decisions and failures; the first: %s", plain.Number(runs, "honest run"), plain.List(steps, plain.MaxList))
	}
	return text
}

func unique(items []string) []string {
	slices.Sort(items)
	return slices.Compact(items)
}

// Coalition names the attackers of a case; "" is the honest system.
func Coalition(c *checker.Case) string {
	var names []string
	for _, a := range c.Attackers {
		names = append(names, a.Name)
	}
	return strings.Join(names, " + ")
}

// Who names those who attack in a case as it is shown; "" where nobody does.
func Who(c *checker.Case) string {
	if c.Attack != nil && c.Attack.Honest {
		return ""
	}
	return Coalition(c)
}

// Bound writes bindings as "o = o1, p = p2".
func Bound(bindings []ground.Binding) string {
	var parts []string
	for _, b := range bindings {
		parts = append(parts, b.Var+" = "+b.Value)
	}
	return strings.Join(parts, ", ")
}

// Choices says what is decided.
func Choices(set []explain.Choice) string {
	if len(set) == 0 {
		return "nothing is decided"
	}
	var parts []string
	for _, c := range set {
		parts = append(parts, Phrase(c))
	}
	return strings.Join(parts, " and ")
}

// Phrase says where a control is, or is not.
func Phrase(c explain.Choice) string {
	switch {
	case c.Data != "" && c.Is:
		return fmt.Sprintf("%s stores %s with %s", c.On, c.Data, c.Control)
	case c.Data != "":
		return fmt.Sprintf("%s stores %s without %s", c.On, c.Data, c.Control)
	case c.Is:
		return fmt.Sprintf("%s has %s", c.On, c.Control)
	}
	return fmt.Sprintf("%s has no %s", c.On, c.Control)
}

// Failing names a control that fails.
func Failing(c explain.Choice) string {
	if c.Data != "" {
		return c.Control + " of " + c.Data + " in " + c.On
	}
	return c.Control + " of " + c.On
}

func failed(set []explain.Choice) string {
	var parts []string
	for _, c := range set {
		parts = append(parts, Failing(c))
	}
	verb := " fails"
	if len(parts) > 1 {
		verb = " fail"
	}
	return "if " + strings.Join(parts, " and ") + verb
}

// Where is file:line, or "". What was made from another file stands there first.
func Where(s source.Span) string {
	if !s.IsValid() {
		return ""
	}
	at := fmt.Sprintf("%s:%d", s.File.Name, s.Position().Line)
	if o, ok := s.Origin(); ok {
		return fmt.Sprintf("%s (%s)", o, at)
	}
	return at
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
