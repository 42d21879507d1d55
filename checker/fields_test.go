package checker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

const fieldsCatalogue = `catalogue: fields
kinds: {server: {is: component}, place: {is: zone}}
protocols: {http: {}, https: {is: http}}
attributes: {port: {of: [component, flow], type: integer}, tier: {of: [zone], type: [web, app]}}
threats: []
`

// A field of one thing or another, by the state, may be the same of both: its alternatives are then one. Each line has a value, and the value written
// out without that field; the process with the one and with the other must be answered alike.
func TestFieldsOfVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, short, long string }{
		{"attribute", "who.port", "if who = A then A.port else if who = B then B.port else C.port"},
		{"attribute of a field", "way.source.port", "if way = F then A.port else if way = G then B.port else C.port"},
		{"attribute of an optional variable", "(if at = none then A else B).port", "if at = none then A.port else B.port"},
		{"source", "if way.source = A then 1 else 0", "if way = F then 1 else 0"},
		{"target", "if way.target = C then 1 else 0", "if way = F or way = G then 1 else 0"},
		{"protocol", "if way.protocol = http then 1 else 0", "if way = F or way = G then 1 else 0"},
		{"zone", "if who.zone = Core then 1 else 0", "if who = A or who = B then 1 else 0"},
		{"word", "if who.zone.tier = app then 1 else 0", "if who = C then 0 else 1"},
		{"arithmetic", "who.port * 2 - who.port", "if who = C then 2 else 1"},
		{"argument", "price(who.port)", "if who = C then 2 else 3"},
		{"argument of a variable", "slot(who.port)", "if who = C then slot(2) else slot(1)"},
		{"count", "count z: Port | z = who.port", "1"},
		{"sum", "sum z: Port | z where z = who.port", "if who = C then 2 else 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var answers []string
			for _, value := range []string{c.short, c.long} {
				answers = append(answers, fieldAnswers(t, "p := "+value))
			}
			if answers[0] != answers[1] {
				t.Errorf("p := %s\n%s\np := %s\n%s", c.short, answers[0], c.long, answers[1])
			}
		})
	}
	for _, c := range []struct{ name, short, long string }{
		{"assigned place", "slot(who.port) := p + 1", "slot(if who = C then 2 else 1) := p + 1"},
		{"assigned fact", "done(who.port) := p = 0", "done(if who = C then 2 else 1) := p = 0"},
		{"assigned word", "p := if who.zone.tier = app then 2 else 1", "p := if who = C then 1 else 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if a, b := fieldAnswers(t, c.short), fieldAnswers(t, c.long); a != b {
				t.Errorf("%s\n%s\n%s\n%s", c.short, a, c.long, b)
			}
		})
	}
}

// fieldAnswers asks what a step can bring about: each value of what it changes, with the number of steps that it takes.
func fieldAnswers(t *testing.T, do string) string {
	t.Helper()
	design := `design "Fields" use "fields.yaml"
zone Core: place { tier app }  zone Edge: place { tier web }
component A: server in Core { port 1 }  component B: server in Core { port 1 }  component C: server in Edge { port 2 }
flow F: A -> C over http  flow G: B -> C over http  flow H: C -> A over https
process P {
  domain Port = 0..3
  value price(Port): Port = { 0: 0, 1: 3, 2: 2, 3: 1 }
  var who: server = A  var way: flow = F  var at: server? = none
  var p: Port = 0  var slot(Port): Port = 0  fact done(Port)
  step Turn(s: server) by A do who := s
  step Switch(f: flow) by A do way := f
  step Land by A do at := B
  step Move by A when who != C or slot(1) = 0 do ` + do + `
}
`
	for i := range 4 {
		design += fmt.Sprintf("require P%d: never p = %d\nrequire Q%d: never p = %d and (who = B or at = B or way = G)\nrequire S%d: never slot(%d) > 0\nrequire D%d: never done(%d) and who = B\n", i, i, i, i, i, i, i, i)
	}
	m := threatstest.Load(t, func(name string) (string, error) {
		if name == "fields.yaml" {
			return fieldsCatalogue, nil
		}
		return design, nil
	}, "design.vbn")
	r, err := checker.Check(t.Context(), m, checker.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, design)
	}
	var out strings.Builder
	for _, q := range r.Requirements {
		fmt.Fprintf(&out, "%s %s", q.Source.Name, q.Verdict)
		if a := q.Cases[0].Attack; a != nil {
			fmt.Fprintf(&out, " in %d steps", len(a.Steps))
		}
		out.WriteByte('\n')
	}
	return out.String()
}
