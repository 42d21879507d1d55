package junit

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/text"
	"github.com/vauban-verifier/vauban/reports/wording"
)

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	counts
	Suites []suite `xml:"testsuite"`
}

type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

func (c *counts) add(other counts) {
	c.Tests += other.Tests
	c.Failures += other.Failures
	c.Errors += other.Errors
	c.Skipped += other.Skipped
}

type suite struct {
	Name string `xml:"name,attr"`
	counts
	Cases []test `xml:"testcase"`
}

type test struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	File    string   `xml:"file,attr,omitempty"`
	Line    int      `xml:"line,attr,omitempty"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Skipped *problem `xml:"skipped"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

// Write writes a suite for each design.
func Write(w io.Writer, outcomes []reports.Outcome) error {
	var out suites
	for _, o := range outcomes {
		s := newSuite(o)
		out.add(s.counts)
		out.Suites = append(out.Suites, s)
	}
	data, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

func newSuite(o reports.Outcome) suite {
	name := diag.Escape(o.Name)
	if o.Result == nil {
		var b strings.Builder
		_ = diag.Render(&b, o.Errors, diag.Options{Max: 50}) // a strings.Builder never fails
		return suite{name, counts{Tests: 1, Errors: 1}, []test{{
			Class: name, Name: "design", File: name, Error: &problem{"the design has errors: nothing was verified", "design", valid(b.String())},
		}}}
	}
	s := suite{Name: name + ": " + diag.Escape(o.Result.Model.Design.Title)}
	if len(o.Result.Requirements) == 0 {
		s.Tests, s.Errors = 1, 1
		s.Cases = append(s.Cases, test{Class: name, Name: "requirements", File: name, Error: &problem{Message: "the design has no requirement, so nothing was verified", Type: "empty"}})
	}
	for _, q := range o.Result.Requirements {
		t := test{Class: name, Name: diag.Escape(q.Source.Name + ": " + wording.About(q))}
		if at := q.Source.Span; at.IsValid() {
			t.File, t.Line = diag.Escape(at.File.Name), at.Position().Line
		}
		p := &problem{Message: diag.Escape(wording.Gist(q)), Type: string(q.Verdict)}
		s.Tests++
		switch {
		case o.Known.All(q):
			p.Message = string(q.Verdict) + ", which the baseline knows: " + p.Message
			t.Skipped, p.Type, p.Text = p, "", valid(text.Details(q, o.Known))
			s.Skipped++
		case q.Verdict == checker.Violated || q.Verdict == checker.Depends:
			t.Failure, p.Text = p, valid(text.Details(q, o.Known))
			s.Failures++
		case q.Verdict == checker.Unknown:
			t.Error, p.Text = p, valid(text.Details(q, o.Known))
			s.Errors++
		case q.Verdict == checker.Waived:
			p.Message = "waived: " + p.Message
			t.Skipped, p.Type = p, ""
			s.Skipped++
		}
		s.Cases = append(s.Cases, t)
	}
	return s
}

// valid replaces the two characters that XML has no way to write and that are no control characters.
func valid(s string) string {
	return strings.NewReplacer("\uFFFE", "\uFFFD", "\uFFFF", "\uFFFD").Replace(s)
}
