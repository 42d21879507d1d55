package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"
)

// MaxBytes is the largest report that is read.
const MaxBytes = 256 << 20

// maxInteger is the largest integer that every JSON reader keeps exactly.
const maxInteger = 1<<53 - 1

// Canonical returns the report as canonical JSON (RFC 8785), without a line end after it.
func (r *Report) Canonical() ([]byte, error) { return marshal(r) }

func marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	out, err := jcs.Transform(text)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return out, nil
}

// Digest returns the SHA-256 of the canonical bytes in hexadecimal.
func (r *Report) Digest() (string, error) {
	data, err := r.Canonical()
	if err != nil {
		return "", err
	}
	return Digest(data), nil
}

// Parse reads a report. It refuses whatever [Report.Canonical] would not write: unknown fields, other schemas and
// verdicts, and any bytes but the canonical ones.
func Parse(data []byte) (*Report, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("read report: it is larger than %d MB", MaxBytes>>20)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	r := &Report{}
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("read report: its schema is %q, expected %q", r.Schema, Schema)
	}
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	again, err := r.Canonical()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return nil, fmt.Errorf("read report: it is not in canonical form (RFC 8785): it differs at byte %d", difference(again, data))
	}
	return r, nil
}

func difference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

var (
	verdicts     = map[string]bool{"holds": true, "violated": true, "depends": true, "unknown": true}
	roles        = map[string]bool{"design": true, "catalogue": true}
	stepKinds    = map[string]bool{"threat": true, "step": true, "forced": true, "inject": true, "read": true}
	errEmptyList = errors.New("a list is null, expected []")
)

// validate checks what the types do not say.
func (r *Report) validate() error {
	if r.Inputs == nil || r.Requirements == nil || r.Warnings == nil {
		return errEmptyList
	}
	for _, in := range r.Inputs {
		if !roles[in.Role] {
			return fmt.Errorf("input %q has the role %q, expected design or catalogue", in.Path, in.Role)
		}
		if !isDigest(in.SHA256) {
			return fmt.Errorf("input %q has the digest %q, expected 64 hexadecimal digits", in.Path, in.SHA256)
		}
	}
	if _, err := time.Parse(time.DateOnly, r.Options.AsOf); err != nil {
		return fmt.Errorf("as_of is %q, expected YYYY-MM-DD", r.Options.AsOf)
	}
	if !count(r.System.Facts) || !count(r.System.Rules) || !count(r.Options.MaxIterations) {
		return errors.New("a number is out of range")
	}
	for i := range r.Requirements {
		if err := r.Requirements[i].validate(); err != nil {
			return fmt.Errorf("requirement %q: %w", r.Requirements[i].Name, err)
		}
	}
	return nil
}

func (q *Requirement) validate() error {
	if !verdicts[q.Verdict] && q.Verdict != "waived" {
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
	if !verdicts[c.Verdict] {
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
		if !count(p.Clauses) {
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
