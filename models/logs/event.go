package logs

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// Event is a record in the words of the design.
type Event struct {
	Entry   int    // which one of all that were read, where somebody counts
	Log     string // the name of the file
	Line    int
	Cases   []string  // the objects that it is about
	Source  string    // whose log it is in; where nothing says so, that of the file
	Time    time.Time // zero: the record has none
	Step    *models.Step
	Args    []string // "" is any
	raw     []string // by argument: the text that a value in order stands for; "" of others
	Attempt []string // IDs of threats
	On      []string
	Effect  string
}

// Meaning is what came of a record.
type Meaning struct {
	Event   *Event // nil where it means nothing
	Ignored bool   // its type is one that the mapping ignores
	Problem string // what stands against mapping it; the case that it is part of cannot be judged
	Help    string // what to do about it
}

// At says where the record is: `orders.jsonl:17`.
func (e *Event) At() string { return fmt.Sprintf("%s:%d", e.Log, e.Line) }

// Interpreter says what records mean.
type Interpreter struct {
	m     *Mapping
	d     *models.Design
	refs  map[string][]string // threats by their references
	plain map[string]*models.Step
	names map[string][]string // of the values of a sort
}

// NewInterpreter returns what says in the words of a design what records mean; refs has the IDs of threats by their references, such as CAPEC-66.
func NewInterpreter(m *Mapping, d *models.Design, refs map[string][]string) *Interpreter {
	x := &Interpreter{m: m, d: d, refs: refs, plain: map[string]*models.Step{}, names: map[string][]string{}}
	for _, s := range steps(d) {
		x.plain[s.Name] = s
	}
	return x
}

// Raw says which cases a record is of, and when it was, and nothing of what it means.
func Raw(m *Mapping, r Record, log string) Event {
	e := Event{Log: log, Line: r.Line, Source: cmp.Or(r.Fields[m.Source], log)}
	for _, field := range m.Case {
		for _, t := range r.Texts(field) {
			if !slices.Contains(e.Cases, t) {
				e.Cases = append(e.Cases, t)
			}
		}
	}
	e.Time, _ = Time(r.Fields[m.Time])
	return e
}

// Mean says what a record of a file means.
func (x *Interpreter) Mean(r Record, log string) Meaning {
	raw := Raw(x.m, r, log)
	e := &raw
	kind := r.Fields[x.m.Type]
	var problem, help string
	if x.m.File == nil {
		problem, help = x.named(e, r, kind)
	} else {
		if x.m.Ignore[kind] {
			return Meaning{Ignored: true}
		}
		problem, help = x.mapped(e, r, kind)
	}
	if problem == "" && len(e.Cases) == 0 {
		problem, help = fmt.Sprintf("the entry has no case: no field %s", strings.Join(quoted(x.m.Case), " or ")), "name the field that has the case in the mapping: case: FIELD"
	}
	if text := r.Fields[x.m.Time]; problem == "" && text != "" {
		if _, ok := Time(text); !ok {
			problem, help = fmt.Sprintf("time %q is neither RFC 3339 nor seconds or milliseconds since 1970", text), "name the field that has the time in the mapping: time: FIELD"
		}
	} else if problem == "" && (x.m.Sorted || len(x.m.Clocks) > 0) {
		problem, help = fmt.Sprintf("the entry has no time: no field %q", x.m.Time), "name the field that has the time in the mapping: time: FIELD"
	}
	if problem != "" {
		return Meaning{Event: e, Problem: problem, Help: help}
	}
	return Meaning{Event: e}
}

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = strconv.Quote(t)
	}
	return out
}

// named reads a record that names a step, with its arguments in `args`: a list, an object, or a text with commas.
func (x *Interpreter) named(e *Event, r Record, name string) (problem, help string) {
	const how = "write `step` and `args` as the design names them, or map the log with --map"
	s := x.plain[name]
	if s == nil {
		known := make([]string, 0, len(x.plain))
		for n := range x.plain {
			known = append(known, n)
		}
		slices.Sort(known)
		return fmt.Sprintf("the design has no step %q%s", name, diag.DidYouMean(name, known)), how
	}
	e.Step = s
	given := r.Texts("args")
	if text, ok := r.Fields["args"]; ok {
		given = strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' })
	}
	for i, v := range s.Params {
		var text string
		if byName, ok := r.Fields["args."+v.Name]; ok {
			text = byName
		} else if len(given) == len(s.Params) {
			text = given[i]
		} else {
			return fmt.Sprintf("step %q has %d arguments, expected %d", s.Name, len(given), len(s.Params)), how
		}
		e.raw = append(e.raw, "")
		if problem, _ := x.value(e, v.Type, text); problem != "" {
			return problem, how
		}
	}
	return "", ""
}

// mapped reads a record by the first rule that it fits.
func (x *Interpreter) mapped(e *Event, r Record, kind string) (problem, help string) {
	for _, rule := range x.m.Rules {
		if rule.Type != "" && rule.Type != kind || slices.ContainsFunc(rule.Where, func(w Where) bool { return !w.fits(r) }) {
			continue
		}
		e.Step, e.Effect, e.Attempt = rule.Step, rule.Effect, rule.Attempt
		for _, a := range rule.Args {
			e.raw = append(e.raw, "")
			switch {
			case a.Any:
				e.Args = append(e.Args, "")
			case a.Value != "":
				e.Args = append(e.Args, a.Value)
			default:
				text, ok := r.Fields[a.Field]
				if !ok {
					return fmt.Sprintf("the entry has no field %q", a.Field), "name another field, or say that the log does not tell: {any: true}"
				}
				if problem, help = x.value(e, a.Of, text); problem != "" {
					return problem, help
				}
			}
		}
		for _, a := range rule.On {
			on := a.Value
			if a.Field != "" {
				if on, problem, help = x.element(r.Fields[a.Field]); problem != "" {
					return problem, help
				}
			}
			e.On = append(e.On, on)
		}
		if rule.Refs != "" {
			if e.Attempt = x.referred(r.Texts(rule.Refs)); len(e.Attempt) == 0 {
				return fmt.Sprintf("no reference of the alert leads to a threat: %s", strings.Join(quoted(r.Texts(rule.Refs)), ", ")), "name the threat in the mapping, or add the type to `ignore`"
			}
		}
		return "", ""
	}
	return fmt.Sprintf("the mapping does not know the type %q, or its conditions", kind), "say what it means under `events`, or add it to `ignore`"
}

func (w Where) fits(r Record) bool {
	return slices.ContainsFunc(r.Texts(w.Field), func(t string) bool { return slices.Contains(w.Is, t) })
}

// value adds an argument.
func (x *Interpreter) value(e *Event, t models.Type, text string) (problem, help string) {
	sort := sortName(t)
	v := x.m.Values[sort]
	if v != nil && v.InOrder {
		e.Args, e.raw[len(e.raw)-1] = append(e.Args, ""), text
		return "", ""
	}
	key := fmt.Sprint(sort, t.Maybe)
	names, ok := x.names[key]
	if !ok {
		names = Names(x.d, t)
		x.names[key] = names
	}
	if v == nil {
		if !slices.Contains(names, text) {
			return fmt.Sprintf("%q is not a value of %s%s", text, sort, diag.DidYouMean(text, names)), "say which value it means in the mapping: values: {" + sort + ": …}"
		}
		e.Args = append(e.Args, text)
		return "", ""
	}
	name := v.of(text)
	if name == "" {
		return fmt.Sprintf("the mapping does not say which value of %s %q means", sort, text), "add it to a value there, or a range, or one that is meant `otherwise`"
	}
	e.Args = append(e.Args, name)
	return "", ""
}

// of returns the value that a text means; "" where it means none.
func (v *Values) of(text string) string {
	other := ""
	n := Number(text)
	for _, x := range v.Of {
		switch {
		case slices.Contains(x.Texts, text):
			return x.Name
		case n != nil && (x.From != nil || x.Below != nil) && (x.From == nil || n.Cmp(x.From) >= 0) && (x.Below == nil || n.Cmp(x.Below) < 0):
			return x.Name
		case x.Else:
			other = x.Name
		}
	}
	return other
}

// element returns the element that a text means: by the values of its kind, or by its name.
func (x *Interpreter) element(text string) (name, problem, help string) {
	for _, k := range sortedKeys(x.m.Values) {
		if x.d.Vocabulary.Kind(k) != nil {
			if name := x.m.Values[k].of(text); name != "" {
				return name, "", ""
			}
		}
	}
	if x.d.Lookup(text) != nil {
		return text, "", ""
	}
	return "", fmt.Sprintf("%q is not an element of the design", text), "say which one it means in the mapping: values: {component: {NAME: [" + strconv.Quote(text) + "]}}"
}

func sortName(t models.Type) string {
	switch {
	case t.Domain != nil:
		return t.Domain.Name
	case t.Kind != nil:
		return t.Kind.Name
	}
	return ""
}

var (
	capec     = regexp.MustCompile(`(?i)\bcapec[-_/: ](?:\d+/)*(\d+)\b`)
	technique = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(t\d{4})(\.\d{3})?\b`)
)

// referred returns the threats that references lead to, by whatever spelling: `CAPEC-66`, `capec/1000/152/248/66`, `attack.t1059.001`, `T1190`. A sub-technique leads to the
// threats of its technique where it has none.
func (x *Interpreter) referred(texts []string) []string {
	var out []string
	for _, t := range texts {
		var keys []string
		if m := capec.FindStringSubmatch(t); m != nil {
			keys = append(keys, "CAPEC-"+m[1])
		}
		if m := technique.FindStringSubmatch(t); m != nil {
			sub := "ATTACK-" + strings.ToUpper(m[1]) + m[2]
			if keys = append(keys, sub); len(x.refs[sub]) == 0 {
				keys = append(keys, "ATTACK-"+strings.ToUpper(m[1]))
			}
		}
		for _, k := range keys {
			out = append(out, x.refs[k]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Time reads RFC 3339, or seconds or milliseconds since 1970.
func Time(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05Z07:00", time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	n := Number(text)
	if n == nil {
		return time.Time{}, false
	}
	f, _ := n.Float64()
	switch {
	case f < 0 || f > 1e14:
		return time.Time{}, false
	case f > 1e11: // milliseconds
		f /= 1000
	}
	whole, part := math.Modf(f)
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), true
}
