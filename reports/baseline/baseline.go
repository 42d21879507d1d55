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
	"github.com/vauban-verifier/vauban/reports/wording"
)

// Schema names the form of the file.
const Schema = "vauban.baseline/1"

// MaxBytes is the largest file that is read.
const MaxBytes = 16 << 20

// List is what is known.
type List struct {
	Schema   string    `json:"schema"`
	Findings []Finding `json:"findings"`
}

// Finding is a requirement that is not met in one way.
type Finding struct {
	Design      string `json:"design"` // its root file, from the root of the repository
	Requirement string `json:"requirement"`
	Who         string `json:"who,omitempty"`   // the attackers; "" of the honest system and of architecture rules
	Where       string `json:"where,omitempty"` // values, or what breaks an architecture rule
	Cost        int    `json:"cost"`            // of the cheapest attack
	Open        bool   `json:"open,omitempty"`  // for some decisions only
}

// key is what a finding is known by; its cost is not part of it.
func (f Finding) key() [4]string { return [4]string{f.Design, f.Requirement, f.Who, f.Where} }

// String tells a finding in a line.
func (f Finding) String() string {
	s := f.Requirement
	if f.Who != "" {
		s += fmt.Sprintf(" against %s, cost %d", f.Who, f.Cost)
	}
	if f.Where != "" {
		s += ", where " + f.Where
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

// Of returns the findings of a result that no waiver covers, sorted.
func Of(design string, r *checker.Result) []Finding {
	var out []Finding
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds || q.Verdict == checker.Waived {
			continue
		}
		for _, c := range q.Cases {
			if c.Verdict != checker.Violated && c.Verdict != checker.Depends {
				continue
			}
			f := Finding{Design: design, Requirement: q.Source.Name, Who: diag.Escape(wording.Coalition(c)), Where: diag.Escape(wording.Bound(c.Bindings)), Open: c.Verdict == checker.Depends}
			if c.Attack != nil {
				f.Cost = c.Attack.Cost
			}
			if len(c.Breaks) == 0 {
				out = append(out, f)
			}
			for _, b := range c.Breaks {
				f.Where, f.Open = diag.Escape(wording.Broken(b)), b.Open
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, order)
	return slices.CompactFunc(out, func(x, y Finding) bool { return x.key() == y.key() }) // the cheapest of each
}

// New returns a list of findings.
func New(findings []Finding) *List {
	l := &List{Schema, append([]Finding{}, findings...)}
	slices.SortFunc(l.Findings, order)
	return l
}

// Unknown returns the findings that are not in the list, are cheaper than there, or were there for some decisions only and now are whatever is decided.
func (l *List) Unknown(findings []Finding) []Finding {
	known := l.index()
	var out []Finding
	for _, f := range findings {
		if k, ok := known[f.key()]; !ok || f.Cost < k.Cost || k.Open && !f.Open {
			out = append(out, f)
		}
	}
	return out
}

// Gone returns what is in the list about some designs and was not found any more.
func (l *List) Gone(designs []string, findings []Finding) []Finding {
	found := New(findings).index()
	var out []Finding
	for _, k := range l.Findings {
		if _, ok := found[k.key()]; !ok && slices.Contains(designs, k.Design) {
			out = append(out, k)
		}
	}
	return out
}

// Shrink drops what is gone of some designs. An attack that has become dearer is known at its new cost alone, and one that has come to depend on
// what is open, only as that. It reports whether anything changed.
func (l *List) Shrink(designs []string, findings []Finding) bool {
	found := New(findings).index()
	changed := false
	l.Findings = slices.DeleteFunc(l.Findings, func(k Finding) bool {
		_, ok := found[k.key()]
		drop := !ok && slices.Contains(designs, k.Design)
		changed = changed || drop
		return drop
	})
	for i := range l.Findings {
		k := &l.Findings[i]
		f, ok := found[k.key()]
		if ok && f.Cost > k.Cost {
			k.Cost, changed = f.Cost, true
		}
		if ok && f.Open && !k.Open {
			k.Open, changed = true, true
		}
	}
	return changed
}

func (l *List) index() map[[4]string]Finding {
	out := map[[4]string]Finding{}
	for _, f := range l.Findings {
		out[f.key()] = f
	}
	return out
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
	if l.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, expected %q", l.Schema, Schema)
	}
	for i, f := range l.Findings {
		switch {
		case f.Design == "" || f.Requirement == "":
			return nil, fmt.Errorf("finding %d names no design or no requirement", i+1)
		case f.Cost < 0:
			return nil, fmt.Errorf("finding %d has the cost %d, expected none below 0", i+1, f.Cost)
		case i > 0 && l.Findings[i-1].key() == f.key():
			return nil, fmt.Errorf("finding %d stands there twice: %s", i+1, f)
		case i > 0 && order(l.Findings[i-1], f) > 0:
			return nil, fmt.Errorf("finding %d is out of order: %s", i+1, f)
		}
	}
	return l, nil
}
