package register

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/baseline"
)

// Schema names the form of the file.
const Schema = "vauban.register/1"

// MaxBytes is the largest file that is read.
const MaxBytes = 16 << 20

// maxField is the longest text that people may enter, in bytes.
const maxField = 2000

// The states of a finding. A check sets open and fixed; people set the others.
const (
	Open     = "open"
	Planned  = "planned"
	Accepted = "accepted"
	Fixed    = "fixed"
)

// States are all states, in the order in which they are listed.
var States = []string{Open, Planned, Accepted, Fixed}

// Register is what a team knows of its findings.
type Register struct {
	Schema  string  `json:"schema"`
	Entries []Entry `json:"entries"` // by their identifiers
}

// Entry is a finding with what the team says of it.
type Entry struct {
	ID       string           `json:"id"`
	State    string           `json:"state"`
	Severity string           `json:"severity,omitempty"` // of the requirement
	Owner    string           `json:"owner,omitempty"`
	Ticket   string           `json:"ticket,omitempty"`
	Due      string           `json:"due,omitempty"` // YYYY-MM-DD
	Note     string           `json:"note,omitempty"`
	Finding  baseline.Finding `json:"finding"`
}

// Overdue reports whether something is still to be done on a day, and was due before.
func (e Entry) Overdue(day string) bool {
	return e.Due != "" && e.Due < day && (e.State == Open || e.State == Planned)
}

// New returns a register without entries.
func New() *Register { return &Register{Schema: Schema, Entries: []Entry{}} }

// Changes says what an update did to a register.
type Changes struct{ New, Fixed, Reopened int }

// Update brings the entries of some designs to what was found in them: what is open, and what a waiver covers. Severity tells how severe a requirement of a design is.
func (r *Register) Update(designs []string, open, waived []baseline.Finding, severity func(design, requirement string) string) Changes {
	var done Changes
	there := map[int]bool{}
	enter := func(f baseline.Finding, state string) {
		i := r.find(f)
		if i < 0 {
			done.New++
			r.Entries = append(r.Entries, Entry{ID: r.identify(f), State: state})
			i = len(r.Entries) - 1
		}
		e := &r.Entries[i]
		if e.State == Fixed {
			e.State = state
			done.Reopened++
		}
		e.Finding, e.Severity = f, severity(f.Design, f.Requirement)
		there[i] = true
	}
	for _, f := range open {
		enter(f, Open)
	}
	for _, f := range waived {
		enter(f, Accepted)
	}
	for i := range r.Entries {
		if e := &r.Entries[i]; !there[i] && e.State != Fixed && slices.Contains(designs, e.Finding.Design) {
			e.State = Fixed
			done.Fixed++
		}
	}
	slices.SortFunc(r.Entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return done
}

// find returns the entry of a finding: the same, or else one that has to do more now; -1 where there is none.
func (r *Register) find(f baseline.Finding) int {
	best := -1
	for i, e := range r.Entries {
		if e.Finding.Is(f) {
			if f.Is(e.Finding) { // the very same
				return i
			}
			best = i
		}
	}
	return best
}

// Of returns the entry of a finding.
func (r *Register) Of(f baseline.Finding) (Entry, bool) {
	if i := r.find(f); i >= 0 {
		return r.Entries[i], true
	}
	return Entry{}, false
}

// identify makes an identifier: the first digits of a hash of what the finding is known by, as many as make it the only one.
func (r *Register) identify(f baseline.Finding) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{f.Title, f.Requirement, f.Who, f.Where, strconv.FormatBool(f.More)}, f.Way...), "\x00")))
	digits := hex.EncodeToString(sum[:])
	for n := 8; n < len(digits); n++ {
		if _, err := r.Get(digits[:n]); err != nil {
			return digits[:n]
		}
	}
	return digits
}

// Get returns the entry with an identifier.
func (r *Register) Get(id string) (*Entry, error) {
	i := slices.IndexFunc(r.Entries, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("no finding has the identifier %q", id)
	}
	return &r.Entries[i], nil
}

// Filter says which entries are asked for. The zero value asks for all.
type Filter struct {
	States  []string
	Owner   string
	Overdue string // on that day
}

// Select returns the entries that a filter asks for: the most severe first, then what is due first.
func (r *Register) Select(f Filter) []Entry {
	var out []Entry
	for _, e := range r.Entries {
		if (len(f.States) == 0 || slices.Contains(f.States, e.State)) && (f.Owner == "" || e.Owner == f.Owner) && (f.Overdue == "" || e.Overdue(f.Overdue)) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(slices.Index(States, a.State)-slices.Index(States, b.State), cmp.Compare(models.SeverityRank(a.Severity), models.SeverityRank(b.Severity)),
			cmp.Compare(cmp.Or(a.Due, "9"), cmp.Or(b.Due, "9")))
	})
	return out
}

// JSON returns the file of a register.
func (r *Register) JSON() ([]byte, error) { return encode(r) }

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// WriteJSON writes entries for other programs.
func WriteJSON(w io.Writer, entries []Entry) error {
	data, err := encode(append([]Entry{}, entries...))
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// WriteCSV writes entries as a table for spreadsheets. A cell that one would take for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, entries []Entry) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"id", "state", "severity", "design", "requirement", "who", "where", "way", "cost", "owner", "ticket", "due", "note"}}
	for _, e := range entries {
		f := e.Finding
		rows = append(rows, []string{e.ID, e.State, e.Severity, f.Design, f.Requirement, f.Who, f.Where, strings.Join(f.Way, "; "), strconv.Itoa(f.Cost), e.Owner, e.Ticket, e.Due, e.Note})
	}
	for _, row := range rows {
		for i, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				row[i] = "'" + cell
			}
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	return c.Error()
}

// Parse reads the file of a register, strictly.
func Parse(text string) (*Register, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	r := &Register{}
	if err := d.Decode(r); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the register")
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, expected %q", r.Schema, Schema)
	}
	for i, e := range r.Entries {
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if i > 0 && r.Entries[i-1].ID >= e.ID {
			return nil, fmt.Errorf("entry %d: the identifier %q is out of order, or appears twice", i+1, e.ID)
		}
	}
	return r, nil
}

// Validate checks an entry.
func (e Entry) Validate() error {
	switch {
	case len(e.ID) < 8 || len(e.ID) > 64 || strings.Trim(e.ID, "0123456789abcdef") != "":
		return fmt.Errorf("the identifier is %q, expected eight or more hexadecimal digits", e.ID)
	case !slices.Contains(States, e.State):
		return fmt.Errorf("the state is %q, expected one of %s", e.State, strings.Join(States, ", "))
	case e.Finding.Design == "" || e.Finding.Requirement == "":
		return errors.New("the finding names no design or no requirement")
	case max(len(e.Owner), len(e.Ticket), len(e.Note)) > maxField:
		return fmt.Errorf("a text is longer than %d bytes", maxField)
	}
	if _, err := time.Parse(time.DateOnly, e.Due); e.Due != "" && err != nil {
		return fmt.Errorf("it is due %q, expected a date such as 2027-01-31", e.Due)
	}
	return nil
}
