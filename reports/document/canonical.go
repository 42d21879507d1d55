package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// MaxBytes is the largest report that is read.
const MaxBytes = 32 << 20

// maxInteger is the largest integer that every JSON reader keeps exactly.
const maxInteger = 1<<53 - 1

// Canonical returns the report as canonical JSON (RFC 8785), without a line end after it.
func (r *Report) Canonical() ([]byte, error) { return marshal(r) }

func marshal(v any) ([]byte, error) {
	out, err := canonical.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return out, nil
}

// Digest returns the SHA-256 of the canonical bytes in hexadecimal.
func (r *Report) Digest() (string, error) { return digest(r) }

// Same checks that the canonical bytes of the report are those given.
func (r *Report) Same(data []byte) error { return same(r, data) }

// Parse reads a report. It refuses whatever [Report.Canonical] would not write: unknown fields, other schemas and
// verdicts, and any bytes but the canonical ones.
func Parse(data []byte) (*Report, error) {
	r, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return r, nil
}

func parse(data []byte) (*Report, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	if err := bounded(data); err != nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, err
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, expected %q", r.Schema, Schema)
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := r.Same(data); err != nil { // unknown fields, too
		return nil, fmt.Errorf("it is not in canonical form (RFC 8785): %w", err)
	}
	return r, nil
}

// Limits of a report, so that reading one that somebody else has made takes no more memory than a few times its size. The report on ten thousand
// components has 30,000 values.
const (
	maxValues = 1 << 19
	maxDepth  = 32
)

// bounded looks over a JSON text before anything is made of it: how many values it has, how deep they nest, and that no list repeats the one value that takes
// most memory for the fewest bytes, the empty object.
func bounded(data []byte) error {
	type level struct{ list, empty bool }
	var open []level
	values := 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[', ',':
			if values++; values > maxValues {
				return fmt.Errorf("it has more than %d values", maxValues)
			}
			if c == ',' {
				continue
			}
			if open = append(open, level{list: c == '['}); len(open) > maxDepth {
				return fmt.Errorf("it nests deeper than %d levels", maxDepth)
			}
		case '}', ']':
			if len(open) == 0 {
				return errors.New("it is not JSON")
			}
			open = open[:len(open)-1]
			if n := len(open); n > 0 && c == '}' && data[i-1] == '{' && open[n-1].list {
				if open[n-1].empty {
					return errors.New("a list has an empty object twice")
				}
				open[n-1].empty = true
			}
		case ' ', '\t', '\r', '\n':
			return errors.New("it is not in canonical form (RFC 8785): it has blanks between values")
		}
	}
	return nil
}

var (
	stepKinds    = map[string]bool{"threat": true, "step": true, "forced": true, "inject": true, "read": true}
	version      = regexp.MustCompile(`^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9A-Za-z.-]{1,64})?$`) // nothing can check it, so it may say nothing else
	errEmptyList = errors.New("a list is null, expected []")
)

// validate checks what the types do not say.
func (r *Report) validate() error {
	if r.Inputs == nil || r.Requirements == nil || r.Warnings == nil {
		return errEmptyList
	}
	if err := made(r.Tool, r.Inputs, "design", "catalogue"); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, r.Options.AsOf); err != nil {
		return fmt.Errorf("as_of is %q, expected YYYY-MM-DD", r.Options.AsOf)
	}
	if !count(r.System.Facts) || !count(r.System.Rules) || !count(r.Options.MaxIterations) || r.Options.Attacks < 0 || r.Options.Attacks > MaxAttacks {
		return errors.New("a number is out of range")
	}
	for i := range r.Requirements {
		if err := r.Requirements[i].validate(); err != nil {
			return fmt.Errorf("requirement %q: %w", r.Requirements[i].Name, err)
		}
	}
	return nil
}

// made checks what a document says of what made it, and of what: inputs with these roles.
func made(by Tool, of []Input, roles ...string) error {
	if by.Name != ToolName || !version.MatchString(by.Version) {
		return fmt.Errorf("it says that %q made it in version %q, expected %q and a version such as 0.1.0", by.Name, by.Version, ToolName)
	}
	for _, in := range of {
		if !slices.Contains(roles, in.Role) {
			return fmt.Errorf("input %q has the role %q, expected %s", in.Path, in.Role, strings.Join(roles, " or "))
		}
		if !isDigest(in.SHA256) {
			return fmt.Errorf("input %q has the digest %q, expected 64 hexadecimal digits", in.Path, in.SHA256)
		}
	}
	return nil
}

func (q *Requirement) validate() error {
	if !slices.Contains(Verdicts, q.Verdict) {
		return fmt.Errorf("unknown verdict %q", q.Verdict)
	}
	if q.Cases == nil {
		return errEmptyList
	}
	if !count(q.Failures) {
		return errors.New("a number is out of range")
	}
	for i := range q.Cases {
		if err := q.Cases[i].validate(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Case) validate() error {
	if !slices.Contains(Verdicts, c.Verdict) || c.Verdict == "waived" {
		return fmt.Errorf("unknown verdict %q", c.Verdict)
	}
	if c.Attackers == nil || c.Bindings == nil {
		return errEmptyList
	}
	if a := c.Attack; a != nil {
		if a.Choices == nil || a.Failures == nil || a.Steps == nil {
			return errEmptyList
		}
		if !count(a.Cost) || !count(a.CostAtLeast) || a.CostAtLeast > a.Cost {
			return errors.New("the costs of an attack are out of range")
		}
		if a.Reach != "" && a.Reach != "one" && a.Reach != "all" {
			return fmt.Errorf("an attack takes %q of them", a.Reach)
		}
		for _, s := range a.Steps {
			if s.Bindings == nil || s.Adds == nil || s.Removes == nil {
				return errEmptyList
			}
			if !stepKinds[s.Kind] || !count(s.Cost) {
				return fmt.Errorf("step %q has an unknown kind or cost", s.ID)
			}
		}
	}
	if p := c.Proof; p != nil {
		if p.RestsOn == nil || p.Assumptions == nil {
			return errEmptyList
		}
		if !count(p.Clauses) || !count(p.Laws) || !count(p.States) || !count(p.Parts) {
			return errors.New("a number is out of range")
		}
		for _, k := range p.Cuts {
			if k.Controls == nil || k.Rules == nil {
				return errEmptyList
			}
		}
	}
	for _, k := range c.Breaks {
		if k.Bindings == nil || k.Sources == nil {
			return errEmptyList
		}
	}
	for _, set := range c.Sufficient {
		if set == nil {
			return errEmptyList
		}
	}
	if !count(c.LiveRules) {
		return errors.New("a number is out of range")
	}
	return nil
}

func count(n int) bool { return n >= 0 && int64(n) <= maxInteger }

func isDigest(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
