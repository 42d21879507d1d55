package discover

import (
	"fmt"
	"strings"
	"unicode"
)

// namer makes names of the language of names of events, each once.
type namer struct {
	of   map[string]string
	used map[string]bool
}

func newNamer() *namer { return &namer{of: map[string]string{}, used: map[string]bool{}} }

// name returns the name of an event in the language: letters and digits, the first a capital.
func (n *namer) name(event string) string {
	if x, ok := n.of[event]; ok {
		return x
	}
	var b strings.Builder
	up := true
	for _, c := range event {
		switch {
		case c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c):
			up = true
		case b.Len() == 0 && unicode.IsDigit(c):
			b.WriteString("E")
			b.WriteRune(c)
		case up:
			b.WriteRune(unicode.ToUpper(c))
			up = false
		default:
			b.WriteRune(c)
		}
	}
	base := b.String()
	if base == "" {
		base = "Event"
	}
	name := base
	for i := 2; n.used[strings.ToLower(name)]; i++ {
		name = fmt.Sprint(base, "x", i)
	}
	n.used[strings.ToLower(name)] = true
	n.of[event] = name
	return name
}

// Skeleton writes a design with the process that a log suggests: a step for each event, in the order that was never broken. It holds a place for what a log cannot tell: who takes
// the steps, what is sent, and who attacks. Its requirements are the precedences.
func Skeleton(f *Found, from string) string {
	n := newNamer()
	before := map[string][]string{}
	once := map[string]bool{}
	for _, r := range f.Proposals {
		switch r.Form {
		case Precedence:
			before[r.B] = append(before[r.B], r.A)
		case AtMostOnce:
			once[r.A] = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// A skeleton guessed from %d cases of %q: everything in it is a guess until somebody confirms it. A log does not tell who takes a step,\n", f.Cases, from)
	b.WriteString("// what is sent and over what, and who attacks: without these, what holds here says nothing about attackers.\n")
	fmt.Fprintf(&b, "design %q\nuse \"retail\"\n\nzone Internal: private\ncomponent System: service in Internal { guessed kind, zone }\n\nprocess Guessed {\n  domain Case = c1, c2\n", "Guessed from "+from)
	for _, e := range f.Events {
		fmt.Fprintf(&b, "  fact did%s(Case)\n", n.name(e))
	}
	for _, e := range f.Events {
		var when []string
		if once[e] {
			when = append(when, "not did"+n.name(e)+"(c)")
		}
		for _, a := range before[e] {
			when = append(when, "did"+n.name(a)+"(c)")
		}
		fmt.Fprintf(&b, "\n  /// Guessed from %q.\n  step %s(c: Case) by System\n", e, n.name(e))
		if len(when) > 0 {
			fmt.Fprintf(&b, "    when %s\n", strings.Join(when, " and "))
		}
		fmt.Fprintf(&b, "    do did%s(c)\n", n.name(e))
	}
	b.WriteString("}\n")
	for _, r := range f.Proposals {
		if r.Form == Precedence {
			fmt.Fprintf(&b, "\nrequire %sAfter%s for c: Case: did%s(c) only after did%s(c) { title \"Guessed: never broken in %d cases\" }", n.name(r.B), n.name(r.A), n.name(r.B), n.name(r.A), r.Learnt+r.Judged)
		}
	}
	if len(before) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
