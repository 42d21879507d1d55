package logs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vauban-verifier/vauban/models"
)

// Samples is how many records a draft is made of at the most.
const Samples = 10_000

// alike are words of logs, each with what designs call the same.
var alike = map[string][]string{
	"pay":    {"charge", "capture", "settle", "payment", "paid", "captured", "charged", "succeeded"},
	"ship":   {"send", "dispatch", "deliver", "sent", "shipped", "dispatched", "delivered", "parcel", "shipment"},
	"place":  {"order", "create", "submit", "placed", "ordered", "created", "submitted", "checkout"},
	"refund": {"reimburse", "refunded", "return", "returned", "chargeback"},
	"cancel": {"void", "abort", "cancelled", "canceled", "voided"},
	"book":   {"record", "enter", "booked", "recorded", "entered", "posted"},
}

// words splits a name into small words: at cases, digits and signs.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
		}
		word = nil
	}
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c):
			flush()
		case unicode.IsUpper(c) && len(word) > 0 && unicode.IsLower(word[len(word)-1]):
			flush()
			word = append(word, c)
		default:
			word = append(word, c)
		}
	}
	flush()
	return out
}

// stem is what a word means, as far as the table tells.
func stem(word string) string {
	for _, k := range sortedKeys(alike) {
		if k == word || slices.Contains(alike[k], word) {
			return k
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(word, "s"), "ed")
}

// likeness counts the words that two names share, the same word twice as much as one that means the same.
func likeness(a, b string) int {
	n := 0
	for _, x := range words(a) {
		for _, y := range words(b) {
			switch {
			case x == y:
				n += 2
			case stem(x) == stem(y):
				n++
			}
		}
	}
	return n
}

// drafter makes a draft.
type drafter struct {
	d       *models.Design
	records []Record
	fields  []string                  // of all records, sorted
	texts   map[string]map[string]int // by field: its texts
	m       Defaults
}

// Draft proposes a mapping of records for a design: what can be told from names. All of it is a guess, and the text says so; where nothing can be told, it leaves a line to fill in.
func Draft(d *models.Design, records []Record, format string, defaults Defaults) string {
	x := &drafter{d: d, records: records, texts: map[string]map[string]int{}, m: defaults}
	for _, r := range records {
		for f, t := range r.Fields {
			if x.texts[f] == nil {
				x.texts[f] = map[string]int{}
			}
			x.texts[f][t]++
		}
	}
	x.fields = sortedKeys(x.texts)
	x.m.Type = x.field(defaults.Type, []string{"type", "event", "activity", "action", "step", "name"}, func(texts map[string]int, n int) bool { return len(texts) <= 200 })
	x.m.Case = x.field(defaults.Case, []string{"case", "order", "parcel", "session", "customer", "id"}, func(texts map[string]int, n int) bool { return len(texts) > 1 || n == 1 })
	x.m.Time = x.field(defaults.Time, []string{"time", "timestamp", "at", "date", "created"}, func(texts map[string]int, _ int) bool {
		for t := range texts {
			if _, ok := Time(t); !ok {
				return false
			}
		}
		return true
	})
	return x.write(format)
}

// field returns the field that the format has, or one of a good name for which something is true; "" where there is none.
func (x *drafter) field(usual string, names []string, good func(texts map[string]int, n int) bool) string {
	if x.texts[usual] != nil || x.listed(usual) {
		return usual
	}
	for _, name := range names {
		for _, f := range x.fields {
			if likeness(f, name) > 1 && good(x.texts[f], len(x.records)) {
				return f
			}
		}
	}
	return ""
}

func (x *drafter) listed(field string) bool { return field != "" && x.texts[field+".0"] != nil }

// told writes a field, or that it is to be filled in.
func told(key, field string) string {
	if field == "" {
		return "# " + key + ": FIELD   # nothing looks like it\n"
	}
	return key + ": " + quote(field) + "\n"
}

// quote writes a text as YAML has it.
func quote(text string) string {
	for _, c := range text {
		if !unicode.IsLetter(c) && c != '_' && c != '.' {
			return strconv.Quote(text)
		}
	}
	switch strings.ToLower(text) {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(text)
	}
	return text
}

func (x *drafter) write(format string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A draft of a mapping, made from %d entries. Every line is a guess: read it against the design before anything is explained by it.\n", len(x.records))
	fmt.Fprintf(&b, "format: %s\n%s%s%s", quote(format), told("case", x.m.Case), told("time", x.m.Time), told("type", x.m.Type))
	if x.m.Source != "" && (x.texts[x.m.Source] != nil) {
		b.WriteString(told("source", x.m.Source))
	}
	kinds := sortedKeys(x.texts[x.m.Type])
	var ignored []string
	taken := map[string]bool{}
	domains := map[string]string{} // with a field that has its values
	var events strings.Builder
	for _, kind := range kinds {
		s := x.step(kind)
		if s == nil {
			ignored = append(ignored, quote(kind))
			continue
		}
		taken[s.Name] = true
		fmt.Fprintf(&events, "  - {type: %s, step: %s", quote(kind), s.Name)
		var args []string
		for _, p := range s.Params {
			f := x.arg(kind, p)
			if f == "" {
				args = append(args, p.Name+": {any: true}")
				continue
			}
			if p.Type.Domain != nil && domains[p.Type.Domain.Name] == "" {
				domains[p.Type.Domain.Name] = f
			}
			args = append(args, p.Name+": "+quote(f))
		}
		if len(args) > 0 {
			fmt.Fprintf(&events, ", args: {%s}", strings.Join(args, ", "))
		}
		events.WriteString("}\n")
	}
	if len(ignored) > 0 {
		fmt.Fprintf(&b, "ignore: [%s]   # no step has a name like these\n", strings.Join(ignored, ", "))
	}
	x.values(&b, domains)
	if events.Len() == 0 {
		b.WriteString("events: []   # no type of entry has a name like a step\n")
	} else {
		b.WriteString("events:\n" + events.String())
	}
	for _, s := range steps(x.d) {
		if !taken[s.Name] {
			fmt.Fprintf(&b, "# no entries look like step %s: it is taken to be not observed\n", s.Name)
		}
	}
	return b.String()
}

// step returns the step whose name is most like a type; nil where none is.
func (x *drafter) step(kind string) *models.Step {
	var best *models.Step
	most := 0
	for _, s := range steps(x.d) {
		if n := likeness(kind, s.Name); n > most {
			best, most = s, n
		}
	}
	return best
}

// arg returns the field of a type of entries that is most like a parameter.
func (x *drafter) arg(kind string, p *models.Var) string {
	best, most := "", 0
	for _, f := range x.fields {
		n := likeness(f, p.Name)
		if t := sortName(p.Type); t != "" {
			n += 2 * likeness(f, t)
		}
		if n > most && slices.ContainsFunc(x.records, func(r Record) bool { _, ok := r.Fields[f]; return ok && r.Fields[x.m.Type] == kind }) {
			best, most = f, n
		}
	}
	return best
}

// maxShown is how many texts of a field are shown.
const maxShown = 6

// values writes what the values of domains may be.
func (x *drafter) values(b *strings.Builder, domains map[string]string) {
	var lines []string
	for _, p := range x.d.Processes {
		for _, d := range p.Domains {
			f := domains[d.Name]
			if f == "" {
				continue
			}
			names := Names(x.d, d.Type())
			texts := sortedKeys(x.texts[f])
			switch {
			case !slices.ContainsFunc(texts, func(t string) bool { return !slices.Contains(names, t) }):
			case f == x.m.Case || len(texts) > 10*len(names):
				lines = append(lines, fmt.Sprintf("  %s: in order   # %s has %d texts: are the values of %s alike?", d.Name, quote(f), len(texts), d.Name))
			default:
				seen := texts[:min(len(texts), maxShown)]
				for i := range seen {
					seen[i] = strconv.Quote(seen[i])
				}
				lines = append(lines, fmt.Sprintf("  %s:   # say which of these each value means: %s has %s", d.Name, quote(f), strings.Join(seen, ", ")))
				for _, n := range names {
					lines = append(lines, fmt.Sprintf("    %s: [%s]", quote(n), quote(n)))
				}
			}
		}
	}
	if len(lines) > 0 {
		b.WriteString("values:\n" + strings.Join(lines, "\n") + "\n")
	}
}
