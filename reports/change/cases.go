package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// cases compares the cases of a requirement; old may be nil.
func cases(m *remarks, old, now *checker.Requirement) {
	if now.Source.Static {
		breaks(m, old, now)
		return
	}
	before := map[string]*checker.Case{}
	if old != nil {
		for _, c := range old.Cases {
			before[key(c)] = c
		}
	}
	unwaived := old != nil && old.Verdict == checker.Waived && now.Verdict != checker.Waived
	told := map[string]int{} // by what is done, the remark about it
	for _, c := range now.Cases {
		was := before[key(c)]
		delete(before, key(c))
		if was == nil && old != nil && c.Verdict == checker.Holds {
			m.say(CaseNew, Better, "now also checked against %s, holds", name(c))
		}
		if unwaived && bad(was) && bad(c) {
			fresh(m, told, AttackNew, "no longer waived: ", c)
			continue
		}
		attack(m, told, was, c)
	}
	if old == nil {
		return
	}
	for _, c := range old.Cases {
		if before[key(c)] != nil {
			m.say(CaseDropped, Worse, "no longer checked against %s", name(c))
		}
	}
}

// bad reports whether a case is known not to hold; nil was not asked of.
func bad(c *checker.Case) bool {
	return c != nil && (c.Verdict == checker.Violated || c.Verdict == checker.Depends)
}

// attack compares one case; was may be nil.
func attack(m *remarks, told map[string]int, was, now *checker.Case) {
	switch {
	case now.Verdict == checker.Unknown:
		if was == nil || was.Verdict != checker.Unknown {
			text := "it is unknown"
			if who := name(now); who != "" {
				text += " against " + who
			}
			if now.Unknown != nil {
				text += ": " + wording.Why(now.Unknown)
			}
			m.say(UnknownNew, Worse, "%s", text)
		}
	case bad(now) && !bad(was):
		if r := fresh(m, told, AttackNew, "", now); r != nil && len(now.Attacks)+now.More > 1 {
			r.Text += "; other controls stop " + plain.Number(len(now.Attacks)+now.More-1, "more attack")
		}
	case bad(now):
		further(m, told, was, now)
	case bad(was):
		gone(m, told, was)
	case was != nil && was.Verdict == checker.Unknown:
		text := "it is proved now"
		if who := name(now); who != "" {
			text += " against " + who
		}
		m.say(UnknownGone, Better, "%s; it was unknown", text)
	}
}

// further compares a case that did not hold before and does not hold now, attack by attack.
func further(m *remarks, told map[string]int, was, now *checker.Case) {
	certain := was.Verdict == checker.Depends && now.Verdict == checker.Violated
	switch {
	case certain:
		fresh(m, told, AttackCertain, "it depended on open decisions, and is now possible whichever way they go: ", now)
	case was.Verdict == checker.Violated && now.Verdict == checker.Depends:
		m.say(AttackOpen, Better, "it now depends on open decisions: %s", blow(now))
	}
	if was.Attack == nil || now.Attack == nil {
		return
	}
	before, after := wording.Each(was), wording.Each(now)
	for _, c := range after {
		old := counterpart(before, c)
		switch {
		case certain && c.Attack == now.Attack: // told already
		case old == nil:
			fresh(m, told, AttackNew, "", c)
		case c.Attack.Cost < old.Attack.Cost:
			fresh(m, told, AttackCheaper, fmt.Sprintf("cheaper, at cost %d before: ", old.Attack.Cost), c)
		case len(c.Attack.Failures) < len(old.Attack.Failures):
			fresh(m, told, AttackCheaper, fmt.Sprintf("with fewer failures, %d before: ", len(old.Attack.Failures)), c)
		case c.Attack.Cost > old.Attack.Cost:
			m.say(AttackDearer, Better, "more expensive, at cost %d before: %s", old.Attack.Cost, blow(c))
		case len(c.Attack.Failures) > len(old.Attack.Failures):
			m.say(AttackDearer, Better, "with more failures, %d before: %s", len(old.Attack.Failures), blow(c))
		}
	}
	for _, c := range before {
		if !slices.ContainsFunc(after, func(o *checker.Case) bool { return counterpart([]*checker.Case{c}, o) != nil }) {
			gone(m, told, c)
		}
	}
	if complete(was) && !complete(now) {
		m.say(UnknownNew, Worse, "there may be attacks beyond those found, which was ruled out before")
	}
}

// complete reports whether all attacks on a case are known.
func complete(c *checker.Case) bool { return c.Attacks == nil || c.AllAttacks && c.More == 0 }

// counterpart returns the attack that was of the same way, or else one of which it does everything, and more; nil where there is none. What
// an attack does besides was of no need before.
func counterpart(before []*checker.Case, now *checker.Case) *checker.Case {
	var less *checker.Case
	for _, c := range before {
		x, y := c.Attack.Way, now.Attack.Way
		switch {
		case slices.Equal(x, y):
			return c
		case len(x) > 0 && c.Attack.Cost <= now.Attack.Cost && len(without(x, y)) == 0:
			less = c
		}
	}
	return less
}

// fresh tells an attack that a reviewer has not seen yet, step by step. Who else can do the same is named with it; then there is no new remark.
func fresh(m *remarks, told map[string]int, k Kind, prefix string, c *checker.Case) *Remark {
	if c.Attack == nil {
		return m.say(k, Worse, "%s%s", prefix, wording.Unreachable(c))
	}
	done := string(k) + "|" + prefix + "|" + way(c)
	if i, ok := told[done]; ok {
		m.list[i].Text += "; " + name(c) + " can do the same"
		return nil
	}
	told[done] = len(m.list)
	r := m.say(k, Worse, "%s%s", prefix, blow(c))
	for _, s := range c.Attack.Steps {
		text := wording.Sentence(s)
		if at := wording.Where(s.Source); at != "" {
			text += " · " + at
		}
		r.Steps = append(r.Steps, text)
	}
	return r
}

// gone tells an attack that no longer goes through.
func gone(m *remarks, told map[string]int, c *checker.Case) {
	done := string(AttackGone) + "|" + way(c)
	if i, ok := told[done]; ok && c.Attack != nil {
		m.list[i].Text += "; the same for " + name(c)
		return
	}
	told[done] = len(m.list)
	text := "gone: " + blow(c)
	if c.Attack != nil && len(c.Attack.Way) > 0 {
		text += ", by " + plain.List(c.Attack.Way, plain.MaxList)
	}
	m.say(AttackGone, Better, "%s", text)
}

// blow says who does it, at what cost, under which choices.
func blow(c *checker.Case) string {
	if c.Attack == nil {
		return name(c)
	}
	who, how, given := wording.Head(c)
	text := strings.TrimSpace(who + " " + how)
	if given != "" {
		text += ", " + given
	}
	return text
}

// way is what an attack does.
func way(c *checker.Case) string {
	if c.Attack == nil {
		return ""
	}
	return strings.Join(c.Attack.Way, "|")
}

// breaks compares what breaks an architecture rule; old may be nil.
func breaks(m *remarks, old, now *checker.Requirement) {
	list := func(q *checker.Requirement) (names []string, places map[string]string) {
		places = map[string]string{}
		if q == nil {
			return nil, places
		}
		for _, c := range q.Cases {
			for _, b := range c.Breaks {
				n := wording.Broken(b)
				if b.Open {
					n += ", for some decisions"
				}
				names = append(names, n)
				places[n] = strings.Join(wording.Places(b), ", ")
			}
			if len(c.Breaks) == 0 && c.Verdict != checker.Holds {
				names = append(names, "the design as a whole")
			}
		}
		return names, places
	}
	before, _ := list(old)
	after, places := list(now)
	for _, n := range after {
		if !slices.Contains(before, n) {
			text := "newly broken by " + n
			if at := places[n]; at != "" {
				text += " · " + at
			}
			m.say(BreakNew, Worse, "%s", text)
		}
	}
	for _, n := range before {
		if !slices.Contains(after, n) {
			m.say(BreakGone, Better, "no longer broken by %s", n)
		}
	}
}

// proofs compares what the proofs of a requirement rely on that held before and holds now.
func proofs(m *remarks, old, now *checker.Requirement, design *models.Design) {
	if old.Verdict != checker.Holds || now.Verdict != checker.Holds {
		return
	}
	rests, assumes := basis(old)
	restsNow, assumesNow := basis(now)
	lost, won := without(rests, restsNow), without(restsNow, rests)
	removed := slices.DeleteFunc(slices.Clone(lost), func(c explain.Choice) bool { return !removed(design, c) })
	left := "no control at all"
	if len(restsNow) > 0 {
		left = phrases(restsNow)
	}
	switch {
	case len(removed) > 0:
		m.say(RestsOnLess, Worse, "still proved, but a control that it relied on is gone: %s. Now it relies on %s", phrases(removed), left)
	case len(lost) > 0:
		m.say(RestsOnOther, Same, "still proved, but no longer relies on %s: now on %s", phrases(lost), left)
	case len(won) > 0:
		m.say(RestsOnMore, Same, "still proved, and now also relies on %s", phrases(won))
	}
	if more := without(assumesNow, assumes); len(more) > 0 {
		m.say(AssumesMore, Worse, "its proof now assumes %s, too", plain.List(more, plain.MaxList))
	}
	if less := without(assumes, assumesNow); len(less) > 0 {
		m.say(AssumesLess, Better, "its proof no longer assumes %s", plain.List(less, plain.MaxList))
	}
}

// removed reports whether a control was taken from something that is still there.
func removed(d *models.Design, c explain.Choice) bool {
	has := func(list []models.ControlState) bool {
		return slices.ContainsFunc(list, func(s models.ControlState) bool { return s.Control.Name == c.Control })
	}
	for _, e := range d.Elements {
		if e.Name != c.On {
			continue
		}
		if c.Data == "" {
			return !has(e.Controls)
		}
		for _, s := range e.Stores {
			if s.Data.Name == c.Data {
				return !has(s.Controls)
			}
		}
	}
	return false
}

func phrases(list []explain.Choice) string {
	var out []string
	for _, c := range list {
		out = append(out, wording.Phrase(c))
	}
	return plain.List(out, plain.MaxList)
}

// basis returns the controls and assumptions that the proofs of a requirement rest on.
func basis(q *checker.Requirement) (rests []explain.Choice, assumes []string) {
	for _, c := range q.Cases {
		if c.Proof == nil {
			continue
		}
		for _, choice := range c.Proof.RestsOn {
			choice.Is = true
			rests = append(rests, choice)
		}
		assumes = append(assumes, c.Proof.Assumptions...)
	}
	slices.SortFunc(rests, func(a, b explain.Choice) int { return strings.Compare(wording.Phrase(a), wording.Phrase(b)) })
	slices.Sort(assumes)
	return slices.Compact(rests), slices.Compact(assumes)
}

func without[T comparable](list, drop []T) []T {
	var out []T
	for _, s := range list {
		if !slices.Contains(drop, s) {
			out = append(out, s)
		}
	}
	return out
}
