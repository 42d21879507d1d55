package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// edits says what was changed in a design, apart from its requirements: one line for each element.
func edits(old, now *models.Design) []string {
	before, after := elements(old), elements(now)
	var out, added, gone []string
	for _, e := range now.Elements {
		was := before[e.Name]
		if was == nil || was.Root() != e.Root() {
			added = append(added, e.Root()+" "+e.Name)
			continue
		}
		if list := edit(was, e); len(list) > 0 {
			out = append(out, e.Name+": "+strings.Join(list, "; "))
		}
	}
	for _, e := range old.Elements {
		if is := after[e.Name]; is == nil || is.Root() != e.Root() {
			gone = append(gone, e.Root()+" "+e.Name)
		}
	}
	if len(gone) > 0 {
		out = append([]string{"gone: " + plain.List(gone, maxEdits)}, out...)
	}
	if len(added) > 0 {
		out = append([]string{"new: " + plain.List(added, maxEdits)}, out...)
	}
	return out
}

// maxEdits is how many elements of a list are named.
const maxEdits = 20

func elements(d *models.Design) map[string]*models.Element {
	out := map[string]*models.Element{}
	for _, e := range d.Elements {
		out[e.Name] = e
	}
	return out
}

// edit says how an element differs.
func edit(was, is *models.Element) []string {
	var out []string
	moved := func(what string, a, b *models.Element) {
		if x, y := named(a), named(b); x != y {
			out = append(out, fmt.Sprintf("%s %s instead of %s", what, y, x))
		}
	}
	more := func(verb string, a, b []string) {
		if list := without(b, a); len(list) > 0 {
			out = append(out, "now "+verb+" "+strings.Join(list, ", "))
		}
		if list := without(a, b); len(list) > 0 {
			out = append(out, "no longer "+verb+" "+strings.Join(list, ", "))
		}
	}
	more("is", kinds(was), kinds(is))
	if x, y := places(was), places(is); x != y {
		out = append(out, fmt.Sprintf("in %s instead of %s", y, x))
	}
	out = append(out, controls("", was.Controls, is.Controls)...)
	a, b := said(was), said(is)
	more("stores", a["stores"], b["stores"])
	for _, s := range is.Stores {
		if i := slices.IndexFunc(was.Stores, func(o models.Stored) bool { return o.Data.Name == s.Data.Name }); i >= 0 {
			out = append(out, controls(" on stored "+s.Data.Name, was.Stores[i].Controls, s.Controls)...)
		}
	}
	if was.Flow != nil && is.Flow != nil {
		a, b := was.Flow, is.Flow
		moved("from", a.Source, b.Source)
		moved("to", a.Target, b.Target)
		if x, y := protocol(a), protocol(b); x != y {
			out = append(out, fmt.Sprintf("over %s instead of %s", y, x))
		}
		if a.Blocked != b.Blocked {
			out = append(out, map[bool]string{true: "blocked now", false: "no longer blocked"}[b.Blocked])
		}
	}
	for _, word := range models.Sayings()[1:] {
		more(strings.Replace(word, "through", "goes through", 1), a[word], b[word])
	}
	more("guessed:", was.Guessed, is.Guessed)
	more("without any", claims(was), claims(is))
	return append(out, relations(was, is)...)
}

// claims names the relations that an element is said not to have.
func claims(e *models.Element) []string {
	var out []string
	for _, c := range e.None {
		out = append(out, "`"+c.Relation+"`")
	}
	return out
}

// controls says which controls came, went, were decided or opened.
func controls(on string, was, is []models.ControlState) []string {
	state := func(list []models.ControlState) map[string]string {
		out := map[string]string{}
		for _, c := range list {
			switch {
			case c.Given: // its protocol gives it, and that is told
			case c.Open:
				out[c.Control.Name] = "?"
			default:
				out[c.Control.Name] = "has"
			}
		}
		return out
	}
	a, b := state(was), state(is)
	groups := map[string][]string{}
	for _, list := range [][]models.ControlState{was, is} {
		for _, c := range list {
			n := c.Control.Name
			verb := map[string]string{
				"|has": "now has", "has|": "no longer has", "?|has": "has decided on", "has|?": "has opened again",
				"|?": "may come to have", "?|": "has decided against",
			}[a[n]+"|"+b[n]]
			if verb != "" && !slices.Contains(groups[verb], n) {
				groups[verb] = append(groups[verb], n)
			}
		}
	}
	var out []string
	for _, verb := range []string{"now has", "no longer has", "has decided on", "has decided against", "has opened again", "may come to have"} {
		if list := groups[verb]; len(list) > 0 {
			out = append(out, verb+" "+strings.Join(list, ", ")+on)
		}
	}
	return out
}

// relations says how relations and attributes that a catalogue declares differ.
func relations(was, is *models.Element) []string {
	words := func(e *models.Element) []string {
		var out []string
		for r, list := range e.Relations {
			for _, to := range list {
				out = append(out, r.Name+" "+to.Name)
			}
		}
		for a, v := range e.Attributes {
			if v.Word != "" {
				out = append(out, a.Name+" "+v.Word)
			} else {
				out = append(out, fmt.Sprintf("%s %d", a.Name, v.Int))
			}
		}
		slices.Sort(out)
		return out
	}
	a, b := words(was), words(is)
	var out []string
	if list := without(b, a); len(list) > 0 {
		out = append(out, "now "+strings.Join(list, ", "))
	}
	if list := without(a, b); len(list) > 0 {
		out = append(out, "no longer "+strings.Join(list, ", "))
	}
	return out
}

// attackers says how those who attack differ: a weaker attacker makes requirements hold, too.
func attackers(old, now *models.Design) []Remark {
	var out []Remark
	say := func(k Kind, t Trend, format string, args ...any) {
		out = append(out, Remark{Kind: k, Trend: t, Text: fmt.Sprintf(format, args...)})
	}
	before := map[string]*models.Attacker{}
	for _, a := range old.Attackers {
		before[a.Name] = a
	}
	for _, is := range now.Attackers {
		was := before[is.Name]
		delete(before, is.Name)
		if was == nil {
			say(AttackerOther, Same, "the attacker %s is new: %s", is.Name, strings.Join(append(starts(is), limits(is)...), ", "))
			continue
		}
		var lost []string
		for _, s := range without(starts(was), starts(is)) {
			lost = append(lost, "not "+s)
		}
		won := without(starts(is), starts(was))
		if was.Budget != is.Budget {
			text := budget(is) + ", " + budget(was) + " before"
			if is.Budget >= 0 && (was.Budget < 0 || is.Budget < was.Budget) {
				lost = append(lost, text)
			} else {
				won = append(won, text)
			}
		}
		for _, id := range without(is.Without, was.Without) {
			lost = append(lost, "without "+id)
		}
		for _, id := range without(was.Without, is.Without) {
			won = append(won, "no longer without "+id)
		}
		if len(lost) > 0 {
			say(AttackerWeaker, Worse, "the attacker %s has become weaker: %s", is.Name, strings.Join(lost, "; "))
		}
		if len(won) > 0 {
			say(AttackerOther, Same, "the attacker %s has become stronger: %s", is.Name, strings.Join(won, "; "))
		}
	}
	for _, a := range old.Attackers {
		if before[a.Name] != nil {
			say(AttackerWeaker, Worse, "the attacker %s is gone", a.Name)
		}
	}
	return out
}

// starts says what an attacker has from the beginning.
func starts(a *models.Attacker) []string {
	var out []string
	for _, s := range a.Start {
		out = append(out, s.Predicate.Name+" "+strings.Join(names(s.Args), ", "))
	}
	for _, s := range a.Secrets {
		out = append(out, "knows "+s.Name)
	}
	slices.Sort(out)
	return out
}

func limits(a *models.Attacker) []string {
	var out []string
	if a.Budget >= 0 {
		out = append(out, budget(a))
	}
	for _, id := range a.Without {
		out = append(out, "without "+id)
	}
	return out
}

func budget(a *models.Attacker) string {
	if a.Budget < 0 {
		return "no budget"
	}
	return fmt.Sprintf("budget %d", a.Budget)
}

// assumptions says how what is taken for granted differs: whatever breaks an assumption is no attack.
func assumptions(old, now *models.Design) []Remark {
	var out []Remark
	before := map[string]string{}
	for _, a := range old.Assumptions {
		before[a.Name] = a.Text
	}
	for _, a := range now.Assumptions {
		switch was, ok := before[a.Name]; {
		case !ok:
			out = append(out, Remark{Kind: AssumptionNew, Trend: Worse, Text: fmt.Sprintf("it now assumes %s: %s", a.Name, a.Text)})
		case was != a.Text:
			out = append(out, Remark{Kind: AssumptionChanged, Trend: Worse, Text: fmt.Sprintf("it now assumes of %s: %s; before: %s", a.Name, a.Text, was)})
		}
		delete(before, a.Name)
	}
	for _, a := range old.Assumptions {
		if _, ok := before[a.Name]; ok {
			out = append(out, Remark{Kind: AssumptionGone, Trend: Better, Text: "it no longer assumes " + a.Name})
		}
	}
	return out
}

func named(e *models.Element) string {
	if e == nil {
		return "nothing"
	}
	return e.Name
}

// places names the zones that an element stands in.
func places(e *models.Element) string {
	if len(e.Zones) == 0 {
		return "no place"
	}
	return strings.Join(names(e.Zones), " and ")
}

func names(list []*models.Element) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name)
	}
	return out
}

func kinds(e *models.Element) []string {
	var out []string
	for _, k := range e.Kinds {
		out = append(out, k.Name)
	}
	return out
}

// said are the names that an element states relations to, by the words of these.
func said(e *models.Element) map[string][]string {
	out := map[string][]string{}
	for _, s := range e.Said() {
		out[s.Word] = names(s.To)
	}
	return out
}

func protocol(f *models.FlowEnds) string {
	if f.Protocol == nil {
		return "no protocol"
	}
	return f.Protocol.Name
}
