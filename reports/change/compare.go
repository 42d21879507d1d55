package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// Pair is a design before and after; one of the two may be nil, but not both.
type Pair struct {
	Name     string
	Old, New *checker.Result
	Out      bool // New is no longer checked: the configuration no longer names it
}

// Compare makes the review of a change of some designs, with remarks about the settings that they are checked with.
func Compare(old, now string, pairs []Pair, settings ...Remark) *Review {
	r := &Review{Schema: Schema, Old: old, New: now, Remarks: append([]Remark{}, settings...), Designs: []Design{}}
	for _, p := range pairs {
		r.Designs = append(r.Designs, compare(p))
	}
	return r
}

func compare(p Pair) Design {
	d := Design{
		Name: p.Name, Old: p.Old != nil, New: p.New != nil, Before: counts(p.Old), After: counts(p.New),
		Edits: []string{}, Remarks: []Remark{}, Requirements: []Requirement{},
	}
	shown := p.New
	if shown == nil {
		shown = p.Old
	}
	d.Title = shown.Model.Design.Title
	switch {
	case p.Old == nil:
		d.Remarks = append(d.Remarks, Remark{Kind: DesignNew, Trend: Same, Text: "the design is new"})
	case p.New == nil:
		d.Remarks = append(d.Remarks, Remark{Kind: DesignGone, Trend: Worse, Text: "the design is gone, and its requirements are no longer checked"})
		return d
	default:
		d.Remarks = append(d.Remarks, inputs(p.Old, p.New)...)
		d.Remarks = append(d.Remarks, attackers(p.Old.Model.Design, p.New.Model.Design)...)
		d.Remarks = append(d.Remarks, assumptions(p.Old.Model.Design, p.New.Model.Design)...)
		d.Edits = append(d.Edits, edits(p.Old.Model.Design, p.New.Model.Design)...)
	}
	if p.Out {
		d.Remarks = append([]Remark{{Kind: DesignOut, Trend: Worse, Text: "the design is no longer checked: the configuration no longer names it"}}, d.Remarks...)
	}
	before := byName(p.Old)
	add := func(old, now *checker.Requirement) {
		q := requirement(old, now, p.New.Model.Design)
		if p.Old == nil { // that each of its requirements is new goes without saying
			q.Remarks = slices.DeleteFunc(q.Remarks, func(m Remark) bool { return m.Kind == Required })
			if len(q.Remarks) == 0 {
				return
			}
		}
		if len(q.Remarks) > 0 || q.Before != q.After {
			d.Requirements = append(d.Requirements, q)
		}
	}
	for _, q := range p.New.Requirements {
		add(before[q.Source.Name], q)
		delete(before, q.Source.Name)
	}
	if p.Old != nil {
		for _, q := range p.Old.Requirements {
			if before[q.Source.Name] != nil {
				add(q, nil)
			}
		}
	}
	slices.SortStableFunc(d.Requirements, func(x, y Requirement) int { return order(x.Trend) - order(y.Trend) })
	return d
}

func order(t Trend) int { return slices.Index([]Trend{Worse, Better, Same}, t) }

func byName(r *checker.Result) map[string]*checker.Requirement {
	out := map[string]*checker.Requirement{}
	if r != nil {
		for _, q := range r.Requirements {
			out[q.Source.Name] = q
		}
	}
	return out
}

func counts(r *checker.Result) map[string]int {
	out := map[string]int{}
	if r != nil {
		for v, n := range wording.Counts(r) {
			out[string(v)] = n
		}
	}
	return out
}

// inputs says what else than the design differs.
func inputs(old, now *checker.Result) []Remark {
	digests := func(r *checker.Result) map[string]string {
		out := map[string]string{}
		for _, in := range r.Model.Catalogue.Inputs {
			if in.File != nil {
				out[in.Name] = document.Digest([]byte(in.File.Text))
			}
		}
		return out
	}
	var out []Remark
	say := func(t Trend, format string, args ...any) {
		out = append(out, Remark{Kind: InputsChanged, Trend: t, Text: fmt.Sprintf(format, args...)})
	}
	before, after := digests(old), digests(now)
	for _, in := range now.Model.Catalogue.Inputs {
		switch was, ok := before[in.Name]; {
		case !ok:
			say(Same, "it now uses the catalogue %s", in.Name)
		case was != after[in.Name]:
			say(Same, "the catalogue %s has changed, too", in.Name)
		}
	}
	for _, in := range old.Model.Catalogue.Inputs {
		if _, ok := after[in.Name]; !ok {
			say(Worse, "it no longer uses the catalogue %s", in.Name)
		}
	}
	threats := map[string]string{}
	for _, t := range now.Model.Catalogue.Threats {
		threats[t.ID] = terse(t)
	}
	for _, t := range old.Model.Catalogue.Threats {
		switch is, ok := threats[t.ID]; {
		case after[t.Catalogue] == "": // said above
		case !ok:
			say(Worse, "the threat %s is gone from the catalogue %s", t.ID, t.Catalogue)
		case is != terse(t):
			say(Worse, "the threat %s of the catalogue %s is different now: %s; before: %s", t.ID, t.Catalogue, is, terse(t))
		}
	}
	return out
}

// terse is what a threat can do, and at what cost.
func terse(t *threats.Threat) string {
	s := "when " + t.Condition().String()
	if t.Unless != nil {
		s += " unless " + t.Unless.String()
	}
	for _, e := range t.Then {
		s += " then " + map[bool]string{true: "", false: "not "}[e.Set] + e.Predicate.Name
		for _, a := range e.Args {
			s += " " + a.String()
		}
	}
	s += fmt.Sprintf(", cost %d", t.Cost)
	for _, h := range t.Harder {
		s += fmt.Sprintf(", %d more where %s has %s", h.Cost, h.Var.Name, h.Control.Name)
	}
	return s
}

// remarks collects what there is to say about a requirement.
type remarks struct {
	list   []Remark
	waived bool
}

func (m *remarks) say(k Kind, t Trend, format string, args ...any) *Remark {
	m.list = append(m.list, Remark{Kind: k, Trend: t, Text: fmt.Sprintf(format, args...), waived: m.waived})
	return &m.list[len(m.list)-1]
}

// requirement compares a requirement; one of the two may be nil. The design is the one that it is in now.
func requirement(old, now *checker.Requirement, design *models.Design) Requirement {
	m := &remarks{}
	out := Requirement{Trend: Same}
	shown := now
	if now == nil {
		shown = old
	}
	out.Name, out.About, out.Severity, out.Source = shown.Source.Name, wording.About(shown), shown.Source.Severity, wording.Where(shown.Source.Span)
	if old != nil {
		out.Before = string(old.Verdict)
	}
	if now != nil {
		out.After = string(now.Verdict)
		m.waived = now.Verdict == checker.Waived
	}
	switch {
	case now == nil:
		m.say(Dropped, Worse, "it is no longer required")
	case old == nil:
		m.say(Required, Same, "it is required now")
		cases(m, nil, now)
	default:
		terms(m, old, now)
		cases(m, old, now)
		proofs(m, old, now, design)
	}
	waivers(m, old, now)
	out.Remarks = m.list
	out.Trend = trend(old, now, m.list)
	return out
}

// trend is that of the verdict where it changed; else that of the remarks, the worst first.
func trend(old, now *checker.Requirement, list []Remark) Trend {
	if old != nil && now != nil {
		switch x, y := old.Verdict.Rank(), now.Verdict.Rank(); {
		case y > x:
			return Worse
		case y < x:
			return Better
		}
	}
	for _, t := range []Trend{Worse, Better} {
		if slices.ContainsFunc(list, func(m Remark) bool { return m.Trend == t }) {
			return t
		}
	}
	return Same
}

// terms says how what is required has changed.
func terms(m *remarks, old, now *checker.Requirement) {
	a, b := old.Source, now.Source
	if a.Text != b.Text {
		m.say(Reworded, Worse, "it no longer says: %s; now: %s", a.Text, b.Text)
	}
	if x, y := models.SeverityRank(a.Severity), models.SeverityRank(b.Severity); x != y {
		t := Better
		if y > x {
			t = Worse
		}
		m.say(SeverityChanged, t, "its severity is %s, %s before", cmp.Or(b.Severity, "not given"), cmp.Or(a.Severity, "not given"))
	}
	switch {
	case b.Failures < a.Failures:
		m.say(LessTolerant, Worse, "it tolerates %s, %d before", plain.Number(b.Failures, "failure"), a.Failures)
	case b.Failures > a.Failures:
		m.say(MoreTolerant, Better, "it tolerates %s, %d before", plain.Number(b.Failures, "failure"), a.Failures)
	}
}

// waivers says what became of the waiver of a requirement.
func waivers(m *remarks, old, now *checker.Requirement) {
	m.waived = false // what is said about a waiver is not covered by it
	if now != nil && now.Waiver != nil {
		w := now.Waiver
		switch {
		case old == nil || old.Waiver == nil:
			m.say(WaiverNew, Worse, "it is waived until %s: %s", w.Until, w.Because)
		case old.Waiver.Until != w.Until || old.Waiver.Because != w.Because:
			t := Better
			if w.Until > old.Waiver.Until { // both YYYY-MM-DD
				t = Worse
			} else if w.Until == old.Waiver.Until {
				t = Same
			}
			m.say(WaiverChanged, t, "it is waived until %s now: %s; before until %s: %s", w.Until, w.Because, old.Waiver.Until, old.Waiver.Because)
		}
		switch {
		case now.Verdict == checker.Holds:
			m.say(WaiverUnused, Same, "its waiver covers nothing, as it holds: remove the waiver")
		case !now.InForce:
			m.say(WaiverExpired, Same, "its waiver ended on %s", w.Until)
		}
	}
	if old != nil && old.Waiver != nil && now != nil && now.Waiver == nil {
		t := Same
		if now.Verdict == checker.Holds {
			t = Better
		}
		m.say(WaiverGone, t, "its waiver is gone; it was until %s", old.Waiver.Until)
	}
}

// key identifies a case: who attacks, and with which values.
func key(c *checker.Case) string {
	names := strings.Split(wording.Coalition(c), " + ")
	slices.Sort(names)
	return strings.Join(names, " + ") + "|" + wording.Bound(c.Bindings)
}

// name names a case for a reader.
func name(c *checker.Case) string {
	who := wording.Who(c)
	if b := wording.Bound(c.Bindings); b != "" {
		return strings.TrimSpace(who + " where " + b)
	}
	return who
}
