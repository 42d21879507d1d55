package discover

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Event is an entry of a case.
type Event struct {
	Name   string
	Fields map[string]string // what it says besides
}

// Case is what was observed of one order, parcel or session.
type Case struct {
	Name   string
	Start  time.Time
	Events []Event
}

// Form is the form of a rule.
type Form string

// The forms.
const (
	Precedence   Form = "precedence"    // B only after A
	AtMostOnce   Form = "at most once"  // A
	Response     Form = "response"      // after A comes B
	Absence      Form = "absence"       // after A no B comes
	CoOccurrence Form = "co-occurrence" // A and B, or none of them
	Equality     Form = "equality"      // field F of A is field G of B
	Order        Form = "order"         // field F of A is at most field G of B
)

// Pattern is what a rule says.
type Pattern struct {
	Form Form
	A, B string // names of events; B is "" of AtMostOnce
	F, G string // fields, of Equality and Order
}

// Rule is a rule with how it fared.
type Rule struct {
	Pattern
	Learnt     int      // cases of the first part in which it applies
	Judged     int      // and of the rest
	Broken     int      // of these
	Bound      float64  // upper bound of the error there, at 95 %
	Exceptions []string // cases of both parts in which it is broken: the first ones
	Breaks     int      // how many there are
}

// String says the rule in words.
func (r Pattern) String() string {
	switch r.Form {
	case Precedence:
		return fmt.Sprintf("%s only after %s", r.B, r.A)
	case AtMostOnce:
		return fmt.Sprintf("%s at most once", r.A)
	case Response:
		return fmt.Sprintf("after %s comes %s", r.A, r.B)
	case Absence:
		return fmt.Sprintf("after %s no %s comes", r.A, r.B)
	case CoOccurrence:
		return fmt.Sprintf("%s and %s, or none of them", r.A, r.B)
	case Equality:
		return fmt.Sprintf("%s of %s is %s of %s", r.F, r.A, r.G, r.B)
	}
	return fmt.Sprintf("%s of %s is at most %s of %s", r.F, r.A, r.G, r.B)
}

// Found is what a log teaches.
type Found struct {
	Cases, Learnt int // in all, and of the first part
	Events        []string
	Proposals     []Rule // never broken
	Fleeting      []Rule // never broken in the first part, and broken in the rest
	Nearly        []Rule // broken in the first part, in a few cases
}

// Limits of what is looked for.
const (
	share     = 0.7  // of the cases, from which is learnt
	support   = 30   // cases in which a rule must apply, at the least
	nearly    = 0.01 // of the cases in which a rule applies: so many may break it to be told as nearly one
	maxNames  = 200  // different events
	maxFields = 12   // of an event, that are compared
	shown     = 20   // cases in which a rule is broken, that are named
)

// tally counts how a rule fares.
type tally struct {
	applies, broken [2]int // of the first part and of the rest
	cases           []string
}

// Learn looks for rules. It is an error where there are too many different events.
func Learn(cases []Case) (*Found, error) {
	cases = slices.Clone(cases)
	slices.SortStableFunc(cases, func(a, b Case) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Name, b.Name)) })
	l := &learner{cases: cases, first: int(math.Ceil(share * float64(len(cases)))), rules: map[Pattern]*tally{}}
	if err := l.look(); err != nil {
		return nil, err
	}
	for part, list := range [][]Case{cases[:l.first], cases[l.first:]} {
		for i := range list {
			l.count(&list[i], part)
		}
	}
	return l.found(), nil
}

type learner struct {
	cases  []Case
	first  int
	names  []string
	ends   map[string]bool     // events that end cases
	fields map[string][]string // by event: fields that each of it has
	rules  map[Pattern]*tally
}

// look collects the names of events, what ends cases, and the fields that events have.
func (l *learner) look() error {
	count := map[string]int{}
	has := map[string]map[string]int{}
	last := map[string]int{}
	for _, c := range l.cases[:l.first] {
		for _, e := range c.Events {
			count[e.Name]++
			if has[e.Name] == nil {
				has[e.Name] = map[string]int{}
			}
			for f := range e.Fields {
				has[e.Name][f]++
			}
		}
		if n := len(c.Events); n > 0 {
			last[c.Events[n-1].Name]++
		}
	}
	if len(count) > maxNames {
		return fmt.Errorf("the log has %d different events, and at most %d are compared: map them to fewer", len(count), maxNames)
	}
	l.fields, l.ends = map[string][]string{}, map[string]bool{}
	for name, n := range count {
		l.names = append(l.names, name)
		for f, k := range has[name] {
			if k == n {
				l.fields[name] = append(l.fields[name], f)
			}
		}
		slices.Sort(l.fields[name])
		l.fields[name] = l.fields[name][:min(len(l.fields[name]), maxFields)]
		l.ends[name] = last[name]*20 >= l.first // of one case in twenty at the least
	}
	slices.Sort(l.names)
	return nil
}

// note notes that a rule applies to a case, and whether the case keeps it.
func (l *learner) note(c *Case, part int, kept bool, r Pattern) {
	t := l.rules[r]
	if t == nil {
		t = &tally{}
		l.rules[r] = t
	}
	if t.applies[part]++; !kept {
		if t.broken[part]++; len(t.cases) < shown {
			t.cases = append(t.cases, c.Name)
		}
	}
}

// count counts all rules of one case.
func (l *learner) count(c *Case, part int) {
	first, last, times := map[string]int{}, map[string]int{}, map[string]int{}
	for i, e := range c.Events {
		if _, ok := first[e.Name]; !ok {
			first[e.Name] = i
		}
		last[e.Name] = i
		times[e.Name]++
	}
	ended := len(c.Events) > 0 && l.ends[c.Events[len(c.Events)-1].Name]
	for _, a := range l.names {
		if times[a] > 0 {
			l.note(c, part, times[a] == 1, Pattern{Form: AtMostOnce, A: a})
		}
		for _, b := range l.names {
			if a == b {
				continue
			}
			if times[b] > 0 {
				at, ok := first[a]
				l.note(c, part, ok && at < first[b], Pattern{Form: Precedence, A: a, B: b})
			}
			if times[a] > 0 {
				if ended {
					l.note(c, part, times[b] > 0 && last[b] > last[a], Pattern{Form: Response, A: a, B: b})
				}
				l.note(c, part, times[b] == 0 || last[b] < first[a], Pattern{Form: Absence, A: a, B: b})
			}
			if a < b && ended && times[a]+times[b] > 0 {
				l.note(c, part, times[a] > 0 && times[b] > 0, Pattern{Form: CoOccurrence, A: a, B: b})
			}
			if times[a] == 1 && times[b] == 1 && a < b {
				l.compare(c, part, c.Events[first[a]], c.Events[first[b]])
			}
		}
	}
}

// compare notes how the fields of two events compare.
func (l *learner) compare(c *Case, part int, x, y Event) {
	for _, f := range l.fields[x.Name] {
		for _, g := range l.fields[y.Name] {
			l.note(c, part, x.Fields[f] == y.Fields[g], Pattern{Form: Equality, A: x.Name, F: f, B: y.Name, G: g})
			p, q := logs.Number(x.Fields[f]), logs.Number(y.Fields[g])
			if p == nil || q == nil {
				continue
			}
			l.note(c, part, p.Cmp(q) <= 0, Pattern{Form: Order, A: x.Name, F: f, B: y.Name, G: g})
			l.note(c, part, q.Cmp(p) <= 0, Pattern{Form: Order, A: y.Name, F: g, B: x.Name, G: f})
		}
	}
}

// found sorts out what was counted.
func (l *learner) found() *Found {
	out := &Found{Cases: len(l.cases), Learnt: l.first, Events: l.names}
	kept := map[Pattern]bool{}
	for r, t := range l.rules {
		if t.applies[0] >= support && t.broken[0] == 0 {
			kept[r] = true
		}
	}
	for r, t := range l.rules {
		if t.applies[0] < support || follows(r, kept, l.names) || l.empty(r) {
			continue
		}
		full := Rule{Pattern: r}
		full.Learnt, full.Judged, full.Broken = t.applies[0], t.applies[1], t.broken[1]
		full.Bound = ClopperPearson(t.broken[1], t.applies[1])
		full.Exceptions, full.Breaks = t.cases, t.broken[0]+t.broken[1]
		switch {
		case t.broken[0] == 0 && t.broken[1] == 0:
			out.Proposals = append(out.Proposals, full)
		case t.broken[0] == 0:
			out.Fleeting = append(out.Fleeting, full)
		case float64(t.broken[0]) <= nearly*float64(t.applies[0]) && (r.Form == Precedence || r.Form == Equality || r.Form == AtMostOnce):
			out.Nearly = append(out.Nearly, full)
		}
	}
	for _, list := range [][]Rule{out.Proposals, out.Fleeting, out.Nearly} {
		slices.SortFunc(list, func(a, b Rule) int {
			return cmp.Or(cmp.Compare(rank(a.Form), rank(b.Form)), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.F, b.F), cmp.Compare(a.G, b.G))
		})
	}
	return out
}

func rank(f Form) int {
	return slices.Index([]Form{Precedence, Equality, Order, AtMostOnce, Response, CoOccurrence, Absence}, f)
}

// empty reports whether a rule says nothing: it compares a field that is the same in all cases.
func (l *learner) empty(r Pattern) bool {
	if r.Form == Equality || r.Form == Order {
		seen := map[string]bool{}
		for _, c := range l.cases[:l.first] {
			for _, e := range c.Events {
				if e.Name == r.A {
					seen[e.Fields[r.F]] = true
				}
			}
		}
		return len(seen) < 2
	}
	return false
}

// follows reports whether a rule follows from others that are kept.
func follows(r Pattern, kept map[Pattern]bool, names []string) bool {
	is := func(form Form, a, b string) bool { return kept[Pattern{Form: form, A: a, B: b}] }
	between := func(form Form) bool {
		return slices.ContainsFunc(names, func(m string) bool { return m != r.A && m != r.B && is(form, r.A, m) && is(form, m, r.B) })
	}
	switch r.Form {
	case Precedence, Response:
		return between(r.Form)
	case Absence: // B only after A and B before A ... : where A is only after B, and B comes once, no B comes after A
		return is(Precedence, r.B, r.A) && kept[Pattern{Form: AtMostOnce, A: r.B}] || slices.ContainsFunc(names, func(m string) bool {
			return m != r.A && m != r.B && is(Precedence, m, r.A) && is(Absence, m, r.B)
		})
	case CoOccurrence: // each comes with the other
		return (is(Precedence, r.A, r.B) || is(Response, r.B, r.A)) && (is(Precedence, r.B, r.A) || is(Response, r.A, r.B))
	case Order:
		eq := Pattern{Form: Equality, A: r.A, F: r.F, B: r.B, G: r.G}
		if r.A > r.B {
			eq = Pattern{Form: Equality, A: r.B, F: r.G, B: r.A, G: r.F}
		}
		return kept[eq]
	case Equality: // through a third event, which comes first in the order of names
		for m := range kept {
			if m.Form == Equality && m.A < r.A && m.B == r.A && m.G == r.F && kept[Pattern{Form: Equality, A: m.A, F: m.F, B: r.B, G: r.G}] {
				return true
			}
		}
	}
	return false
}

// ClopperPearson returns the upper bound, at 95 %, of the probability of what happened k times in n: the largest p for which that few happen with a probability of 5 % at the least.
func ClopperPearson(k, n int) float64 {
	if n == 0 || k >= n {
		return 1
	}
	low, high := 0.0, 1.0
	for range 60 {
		p := (low + high) / 2
		if atMost(k, n, p) > 0.05 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// atMost is the probability of at most k of n.
func atMost(k, n int, p float64) float64 {
	sum := 0.0
	for i := 0; i <= k; i++ {
		lgN, _ := math.Lgamma(float64(n + 1))
		lgI, _ := math.Lgamma(float64(i + 1))
		lgR, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(lgN - lgI - lgR + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
