package register

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/reports/baseline"
)

func severity(string, string) string { return "high" }

// anyFindings draws different findings of two designs.
func anyFindings(t *rapid.T, label string) []baseline.Finding {
	var out []baseline.Finding
	for i := range 6 {
		if rapid.Bool().Draw(t, fmt.Sprint(label, i)) {
			f := baseline.Finding{Design: []string{"a.vbn", "b.vbn"}[i%2], Title: "T", Requirement: fmt.Sprint("R", i/2), Who: "Outsider", Way: []string{fmt.Sprint("w(", i, ")")}}
			f.Cost = rapid.IntRange(0, 9).Draw(t, "cost")
			out = append(out, f)
		}
	}
	return out
}

// Whatever is found one after the other: an entry is open or fixed as the last check of its design says, what people wrote stays, a second update changes nothing, and the
// file is read back as it was written.
func TestUpdate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := New()
		owners := map[string]string{}
		for round := range rapid.IntRange(1, 4).Draw(t, "rounds") {
			designs := rapid.SampledFrom([][]string{{"a.vbn"}, {"b.vbn"}, {"a.vbn", "b.vbn"}}).Draw(t, "designs")
			found := slices.DeleteFunc(anyFindings(t, fmt.Sprint("round", round)), func(f baseline.Finding) bool { return !slices.Contains(designs, f.Design) })
			r.Update(designs, found, nil, severity)
			for _, e := range r.Entries {
				is := slices.ContainsFunc(found, func(f baseline.Finding) bool { return e.Finding.Is(f) })
				if slices.Contains(designs, e.Finding.Design) && is != (e.State != Fixed) {
					t.Fatalf("found: %t, and the entry is %s: %v", is, e.State, e)
				}
				if owners[e.ID] != e.Owner {
					t.Fatalf("%s belonged to %q and belongs to %q", e.ID, owners[e.ID], e.Owner)
				}
			}
			for _, f := range found {
				if _, ok := r.Of(f); !ok {
					t.Fatalf("%v is not in the register", f)
				}
			}
			if len(r.Entries) > 0 {
				e := &r.Entries[rapid.IntRange(0, len(r.Entries)-1).Draw(t, "entry")]
				e.Owner = rapid.SampledFrom([]string{"", "alice", "=cmd()"}).Draw(t, "owner")
				owners[e.ID] = e.Owner
			}
			if done := r.Update(designs, found, nil, severity); done != (Changes{}) {
				t.Fatalf("a second update did %+v", done)
			}
		}
		data, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(string(data))
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := back.JSON(); !bytes.Equal(again, data) {
			t.Fatal("what is read is written in another way")
		}
	})
}

// A finding that has more to do than before is the same, also if it was fixed in between; one that a waiver covers is accepted, and not fixed.
func TestStates(t *testing.T) {
	t.Parallel()
	f := baseline.Finding{Design: "a.vbn", Title: "T", Requirement: "R", Who: "Outsider", Way: []string{"w(C)"}}
	designs := []string{"a.vbn"}
	r := New()
	r.Update(designs, []baseline.Finding{f}, nil, severity)
	id := r.Entries[0].ID
	if r.Update(designs, nil, nil, severity); r.Entries[0].State != Fixed {
		t.Errorf("what is gone is %s", r.Entries[0].State)
	}
	more := f
	more.Way = []string{"v(C)", "w(C)"}
	if done := r.Update(designs, []baseline.Finding{more}, nil, severity); done.Reopened != 1 || len(r.Entries) != 1 || r.Entries[0].ID != id || r.Entries[0].State != Open {
		t.Errorf("what comes back did %+v: %+v", done, r.Entries)
	}
	if r.Update(designs, nil, []baseline.Finding{more}, severity); r.Entries[0].State != Open {
		t.Errorf("what people have to decide is %s", r.Entries[0].State)
	}
	r = New()
	if r.Update(designs, nil, []baseline.Finding{f}, severity); r.Entries[0].State != Accepted {
		t.Errorf("what a waiver covers is entered as %s", r.Entries[0].State)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	r := &Register{Entries: []Entry{
		{ID: "1", State: Open, Severity: "low", Due: "2027-01-01"},
		{ID: "2", State: Open, Severity: "high", Due: "2026-01-01", Owner: "alice"},
		{ID: "3", State: Fixed, Severity: "critical", Due: "2026-01-01"},
		{ID: "4", State: Open, Severity: "high"},
	}}
	for _, c := range []struct {
		f    Filter
		want string
	}{
		{Filter{}, "2 4 1 3"},
		{Filter{States: []string{Fixed}}, "3"},
		{Filter{Owner: "alice"}, "2"},
		{Filter{Overdue: "2026-06-01"}, "2"},
		{Filter{Overdue: "2026-01-01"}, ""},
	} {
		var ids []string
		for _, e := range r.Select(c.f) {
			ids = append(ids, e.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
}

// Names come from designs and people: no cell is a formula.
func TestCSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCSV(&b, []Entry{{ID: "12345678", Owner: "=HYPERLINK(1)", Note: "@x", Ticket: "-1", Finding: baseline.Finding{Who: "+A"}}}); err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{"=HYPERLINK", "@x", "-1", "+A"} {
		if !strings.Contains(b.String(), ",'"+cell) {
			t.Errorf("%s can be a formula in %s", cell, &b)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"schema":"vauban.register/1","entries":[{"id":"12345678","state":"open","finding":{"design":"a","title":"","requirement":"R","cost":0}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		data, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(string(data)); err != nil {
			t.Fatalf("what was read is not read again: %v", err)
		}
	})
}
