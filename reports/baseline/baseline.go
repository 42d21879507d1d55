package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// Schema names the form of the file.
const Schema = "vauban.baseline/2"

// MaxBytes is the largest file that is read.
const MaxBytes = 16 << 20

// List is what is known.
type List struct {
	Schema   string    `json:"schema"`
	Findings []Finding `json:"findings"`
}

// Finding is a requirement that is not met against somebody, in one way.
type Finding struct {
	Design      string   `json:"design"` // its root file, from the root of the repository
	Title       string   `json:"title"`  // of the design, by which it is found again where it was moved
	Requirement string   `json:"requirement"`
	Who         string   `json:"who,omitempty"`      // the attackers; "" where nobody attacks, and of architecture rules
	Where       string   `json:"where,omitempty"`    // values, or what breaks an architecture rule
	Way         []string `json:"way,omitempty"`      // what the attack does that something could stop, such as injection(Shop)
	Cost        int      `json:"cost"`               // of the cheapest attack of this way
	Failures    int      `json:"failures,omitempty"` // how many controls must fail for it
	Open        bool     `json:"open,omitempty"`     // for some decisions only
	More        bool     `json:"more,omitempty"`     // there are more ways than were looked for

	ID wording.Identity `json:"-"` // of one that was found
}

// key is what a finding is known by; its cost is not part of it.
func (f Finding) key() [5]string {
	way := strings.Join(f.Way, "\n")
	if f.More {
		way = "\nmore"
	}
	return [5]string{f.Design, f.Requirement, f.Who, f.Where, way}
}

func (f Finding) place() [4]string {
	return [4]string{f.Design, f.Requirement, f.Who, f.Where}
}

// Is reports whether k and f are one finding, whatever it costs. An attack that now has to do more than before is the same: what it does besides was of no need.
func (k Finding) Is(f Finding) bool {
	return k.key() == f.key() || k.place() == f.place() && !k.More && !f.More && len(k.Way) > 0 &&
		!slices.ContainsFunc(k.Way, func(d string) bool { return !slices.Contains(f.Way, d) })
}

// covers reports whether a finding is known where k is.
func (k Finding) covers(f Finding) bool {
	return k.Is(f) && f.Cost >= k.Cost && f.Failures >= k.Failures && (f.Open || !k.Open)
}

// String tells a finding in a line.
func (f Finding) String() string {
	s := f.Requirement
	if f.Who != "" {
		s += " against " + f.Who
	}
	switch {
	case f.More:
		s += " in more ways than were looked for"
	case len(f.Way) > 0:
		s += fmt.Sprintf(" by %s, cost %d", plain.List(f.Way, plain.MaxList), f.Cost)
	case f.Who != "":
		s += fmt.Sprintf(", cost %d", f.Cost)
	}
	if f.Where != "" {
		s += ", where " + f.Where
	}
	if f.Failures > 0 {
		s += ", if " + plain.Number(f.Failures, "control") + " fail" + map[bool]string{true: "s"}[f.Failures == 1]
	}
	if f.Open {
		s += ", for some decisions"
	}
	return s + " (" + f.Design + ")"
}

func order(x, y Finding) int {
	for i, k := range x.key() {
		if c := cmp.Compare(k, y.key()[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(x.Cost, y.Cost)
}

// Of returns the findings of a result that no waiver covers, sorted. All ways are found where the result has [checker.MaxAttacks].
func Of(design string, r *checker.Result) []Finding {
	return findings(design, r, func(q *checker.Requirement) bool { return q.Verdict != checker.Holds && q.Verdict != checker.Waived })
}

// Waived returns the findings that waivers cover.
func Waived(design string, r *checker.Result) []Finding {
	return findings(design, r, func(q *checker.Requirement) bool { return q.Verdict == checker.Waived })
}

func findings(design string, r *checker.Result, of func(*checker.Requirement) bool) []Finding {
	var out []Finding
	for _, q := range r.Requirements {
		if !of(q) {
			continue
		}
		for _, c := range q.Cases {
			if c.Verdict != checker.Violated && c.Verdict != checker.Depends {
				continue
			}
			for _, f := range inCase(q, c) {
				f.Design, f.Title = design, diag.Escape(r.Model.Design.Title)
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, order)
	return slices.CompactFunc(out, func(x, y Finding) bool { return x.key() == y.key() }) // the cheapest of each
}

// inCase returns the findings of a case.
func inCase(q *checker.Requirement, c *checker.Case) []Finding {
	var out []Finding
	for i := range c.Breaks {
		f := identified(wording.Finding(q, c, &c.Breaks[i]))
		f.Open = c.Breaks[i].Open
		out = append(out, f)
	}
	if out != nil {
		return out
	}
	for _, one := range wording.Each(c) {
		f := identified(wording.Finding(q, one, nil))
		f.Open = c.Verdict == checker.Depends
		if a := one.Attack; a != nil {
			f.Cost, f.Failures, f.Open = a.Cost, len(a.Failures), f.Open || len(a.Choices) > 0
			for _, d := range a.Way {
				f.Way = append(f.Way, diag.Escape(d))
			}
		}
		out = append(out, f)
	}
	if c.Attacks != nil && (!c.AllAttacks || c.More > 0) {
		f := identified(wording.Finding(q, c, nil))
		f.More, f.ID.Way = true, "more"
		out = append(out, f)
	}
	return out
}

func identified(id wording.Identity) Finding {
	return Finding{ID: id, Requirement: id.Requirement, Who: diag.Escape(id.Who), Where: diag.Escape(id.Where)}
}

// New returns a list of findings.
func New(findings []Finding) *List {
	l := &List{Schema, append([]Finding{}, findings...)}
	slices.SortFunc(l.Findings, order)
	return l
}

// places are findings by all of their key but the way.
type places map[[4]string][]Finding

func placed(findings []Finding) places {
	out := places{}
	for _, f := range findings {
		out[f.place()] = append(out[f.place()], f)
	}
	return out
}

// at returns the findings of a place.
func (p places) at(f Finding) []Finding { return p[f.place()] }

// know reports whether a finding is among them: in the same way, no cheaper, and not whatever is decided where it was there for some decisions only.
func (p places) know(f Finding) bool {
	return slices.ContainsFunc(p.at(f), func(k Finding) bool { return k.covers(f) })
}

// Unknown returns the findings that the list does not know.
func (l *List) Unknown(findings []Finding) []Finding {
	known := placed(l.Findings)
	var out []Finding
	for _, f := range findings {
		if !known.know(f) {
			out = append(out, f)
		}
	}
	return out
}

// Gone returns what is in the list about some designs and was not found any more.
func (l *List) Gone(designs []string, findings []Finding) []Finding {
	found := placed(findings)
	var out []Finding
	for _, k := range l.Findings {
		if slices.Contains(designs, k.Design) && !slices.ContainsFunc(found.at(k), func(f Finding) bool { return f.key() == k.key() || k.covers(f) }) {
			out = append(out, k)
		}
	}
	return out
}

// Weaker returns the findings that are known, but are dearer now, have more to do, or are there for some decisions only. The list should be made to
// say so, lest it knows what becomes worse again.
func (l *List) Weaker(findings []Finding) []Finding {
	known := placed(l.Findings)
	var out []Finding
	for _, f := range findings {
		exact := func(k Finding) bool {
			return k.key() == f.key() && k.Cost == f.Cost && k.Failures == f.Failures && k.Open == f.Open
		}
		if known.know(f) && !slices.ContainsFunc(known.at(f), exact) {
			out = append(out, f)
		}
	}
	return out
}

// Moved tells the list where designs lie now: a design whose file is gone is the one of its title that the list does not have yet, where there is just
// one. It reports whether any was moved.
func (l *List) Moved(titles map[string]string, exists func(design string) bool) bool {
	to := map[string]string{} // by the old path
	for _, k := range l.Findings {
		if _, ok := titles[k.Design]; ok || to[k.Design] != "" || exists(k.Design) {
			continue
		}
		var candidates []string
		for path, title := range titles {
			if title == k.Title && !slices.ContainsFunc(l.Findings, func(o Finding) bool { return o.Design == path }) {
				candidates = append(candidates, path)
			}
		}
		if len(candidates) == 1 {
			to[k.Design] = candidates[0]
		}
	}
	taken := map[string]int{}
	for _, path := range to {
		taken[path]++
	}
	moved := false
	for i := range l.Findings {
		if path := to[l.Findings[i].Design]; path != "" && taken[path] == 1 {
			l.Findings[i].Design, moved = path, true
		}
	}
	slices.SortFunc(l.Findings, order)
	return moved
}

// Shrink drops what is gone of some designs. What is known, but only dearer now, with more to do or for some decisions, is known as that alone.
// It reports whether anything changed.
func (l *List) Shrink(designs []string, findings []Finding) bool {
	known, found := placed(l.Findings), placed(findings)
	var kept []Finding
	for _, k := range l.Findings {
		worse := func(f Finding) bool { return f.key() == k.key() && !known.know(f) }
		if !slices.Contains(designs, k.Design) || slices.ContainsFunc(found.at(k), worse) {
			kept = append(kept, k)
		}
	}
	for _, f := range findings {
		if known.know(f) {
			kept = append(kept, f)
		}
	}
	now := New(kept)
	same := slices.EqualFunc(l.Findings, now.Findings, func(x, y Finding) bool {
		return x.key() == y.key() && x.Cost == y.Cost && x.Failures == y.Failures && x.Open == y.Open && x.Title == y.Title
	})
	l.Findings = now.Findings
	return !same
}

// JSON returns the file of a list.
func (l *List) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(l)
	return b.Bytes(), err
}

// Parse reads the file of a list: strictly, as something that is not understood may be something that is accepted by mistake.
func Parse(text string) (*List, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	l := &List{}
	if err := d.Decode(l); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the list")
	}
	if l.Schema == "vauban.baseline/1" {
		return nil, errors.New("it is of an earlier vauban, which knew findings by their cost")
	}
	if l.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, expected %q", l.Schema, Schema)
	}
	for i, f := range l.Findings {
		switch {
		case f.Design == "" || f.Requirement == "":
			return nil, fmt.Errorf("finding %d names no design or no requirement", i+1)
		case !slices.IsSorted(f.Way) || len(slices.Compact(slices.Clone(f.Way))) != len(f.Way) || slices.Contains(f.Way, "") || f.More && f.Way != nil:
			return nil, fmt.Errorf("finding %d has a way that is not sorted", i+1)
		case f.Cost < 0 || f.Failures < 0:
			return nil, fmt.Errorf("finding %d has the cost %d and %d failures, expected none below 0", i+1, f.Cost, f.Failures)
		case i > 0 && l.Findings[i-1].key() == f.key():
			return nil, fmt.Errorf("finding %d appears twice: %s", i+1, f)
		case i > 0 && order(l.Findings[i-1], f) > 0:
			return nil, fmt.Errorf("finding %d is out of order: %s", i+1, f)
		}
	}
	return l, nil
}
