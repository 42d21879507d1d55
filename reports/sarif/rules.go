package sarif

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/markdown"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

// severities are the severities of requirements, worst first, and what code scanning makes of these numbers: critical from 9.0, high from 7.0,
// medium from 4.0, low below. A requirement that says nothing is of medium severity.
var severities = []struct{ name, number string }{
	{"critical", "9.5"}, {"high", "8.0"}, {"", "5.5"}, {"medium", "5.5"}, {"low", "2.5"}, {"info", "0.5"},
}

// rank of a severity: lower is worse.
func rank(severity string) int {
	for i, s := range severities {
		if s.name == severity {
			return i
		}
	}
	return len(severities)
}

// rule returns the index of a rule, which make makes when it is new. It is as severe as the worst requirement that it is used for.
func (b *builder) rule(id string, q *checker.Requirement, words []string, create func() descriptor) int {
	i, ok := b.rules[id]
	if !ok {
		i = len(b.run.Tool.Driver.Rules)
		b.rules[id] = i
		d := create()
		d.ID = id
		d.Properties = &ruleProperties{Tags: tags(words), Precision: "very-high", SecuritySeverity: severities[len(severities)-1].number}
		b.run.Tool.Driver.Rules = append(b.run.Tool.Driver.Rules, d)
	}
	p := b.run.Tool.Driver.Rules[i].Properties
	if s := severities[min(rank(q.Source.Severity), len(severities)-1)].number; s > p.SecuritySeverity {
		p.SecuritySeverity = s
	}
	return i
}

// tags are what code scanning filters by: "security" makes a rule one of security, without which its severity is not shown.
func tags(words []string) []string {
	out := []string{"security"}
	for _, w := range words {
		if w = shorten(w); len(out) < maxTags && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// threat returns the rule of a threat, with its documentation from the catalogue.
func (b *builder) threat(t *threats.Threat, q *checker.Requirement) int {
	return b.rule("threat/"+shorten(t.ID), q, append(slices.Clone(t.Stride), t.Refs...), func() descriptor {
		title := t.Title
		if title == "" {
			title = t.ID
		}
		short, full := text(sentence(title)), text(sentence(title))
		if t.Doc != "" {
			full = text(sentence(t.Doc))
		}
		help := threatHelp(t)
		return descriptor{Name: pascal(t.ID), ShortDescription: &short, FullDescription: &full, Help: &help}
	})
}

// threatHelp says when a threat applies, what stops it, and where to read on.
func threatHelp(t *threats.Threat) message {
	type line struct{ label, words string }
	var lines []line
	add := func(label, words string) {
		if words != "" {
			lines = append(lines, line{label, shorten(words)})
		}
	}
	if t.Condition() != nil {
		add("Applies when", t.Condition().String())
	}
	if t.Unless != nil {
		add("Stopped by", t.Unless.String())
	}
	for _, h := range t.Harder {
		add("Made more expensive by", fmt.Sprintf("%s has %s (cost +%d)", h.Var.Name, h.Control.Name, h.Cost))
	}
	var vars []string
	for _, v := range t.For {
		vars = append(vars, v.Name+": "+v.Type.String())
	}
	add("Where", strings.Join(vars, ", "))
	add("STRIDE", strings.Join(t.Stride, ", "))
	add("References", strings.Join(t.Refs, ", "))
	var m message
	for _, l := range lines {
		m.Text += l.label + ": " + l.words + ". "
		m.Markdown += fmt.Sprintf("- **%s** %s\n", l.label, markdown.Code(l.words))
	}
	for _, words := range []string{t.Rationale, t.Doc} {
		if words != "" {
			words = sentence(shorten(words))
			m.Text += words + " "
			m.Markdown += "\n" + markdown.Text(words) + "\n"
		}
	}
	show := "vauban catalogue show " + shorten(t.ID)
	m.Text = strings.TrimSpace(m.Text + "See `" + show + "`.")
	m.Markdown += "\n" + markdown.Code(show) + "\n"
	return message{protect(m.Text), braces.Replace(m.Markdown)}
}

// property returns the rule of a requirement that is broken without a threat.
func (b *builder) property(q *checker.Requirement) int {
	return b.rule("requirement/"+b.within+q.Source.Name, q, q.Source.Refs, func() descriptor {
		short, full := text(sentence(wording.About(q))), text(sentence(q.Source.Text))
		if q.Source.Doc != "" {
			full = text(sentence(q.Source.Doc))
		}
		words := shorten(q.Source.Text)
		help := message{protect("Requires: " + words), braces.Replace("- **Requires** " + markdown.Code(words) + "\n")}
		return descriptor{Name: pascal(q.Source.Name), ShortDescription: &short, FullDescription: &full, Help: &help}
	})
}

// pascal writes an identifier as a name of capitalised words, which is what viewers expect.
func pascal(s string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		first, n := utf8.DecodeRuneInString(word)
		out.WriteString(strings.ToUpper(string(first)) + word[n:])
	}
	return shorten(out.String())
}
