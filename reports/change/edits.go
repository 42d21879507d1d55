package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/wording"
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
		out = append([]string{"gone: " + wording.List(gone, maxEdits)}, out...)
	}
	if len(added) > 0 {
		out = append([]string{"new: " + wording.List(added, maxEdits)}, out...)
	}
	return append(out, attackers(old, now)...)
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
	more("stores", stored(was), stored(is))
	for _, s := range is.Stores {
		if i := slices.IndexFunc(was.Stores, func(o models.Stored) bool { return o.Data.Name == s.Data.Name }); i >= 0 {
			out = append(out, controls(" on stored "+s.Data.Name, was.Stores[i].Controls, s.Controls)...)
		}
	}
	more("handles", names(was.Handles), names(is.Handles))
	more("accepts", names(was.Accepts), names(is.Accepts))
	more("runs on", names(was.RunsOn), names(is.RunsOn))
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
		more("carries", names(a.Carries), names(b.Carries))
		more("returns", names(a.Returns), names(b.Returns))
		more("authenticated by", names(a.Authenticated), names(b.Authenticated))
		more("goes through", names(a.Through), names(b.Through))
	}
	return append(out, relations(was, is)...)
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
func attackers(old, now *models.Design) []string {
	describe := func(a *models.Attacker) string {
		var parts []string
		for _, s := range a.Start {
			parts = append(parts, s.Predicate.Name+" "+strings.Join(names(s.Args), ", "))
		}
		for _, s := range a.Secrets {
			parts = append(parts, "knows "+s.Name)
		}
		slices.Sort(parts)
		if a.Budget >= 0 {
			parts = append(parts, fmt.Sprintf("budget %d", a.Budget))
		}
		for _, id := range a.Without {
			parts = append(parts, "without "+id)
		}
		return strings.Join(parts, ", ")
	}
	before := map[string]string{}
	for _, a := range old.Attackers {
		before[a.Name] = describe(a)
	}
	var out []string
	for _, a := range now.Attackers {
		was, ok := before[a.Name]
		switch is := describe(a); {
		case !ok:
			out = append(out, "new attacker "+a.Name+": "+is)
		case was != is:
			out = append(out, fmt.Sprintf("attacker %s: %s; before: %s", a.Name, is, was))
		}
		delete(before, a.Name)
	}
	for _, a := range old.Attackers {
		if _, ok := before[a.Name]; ok {
			out = append(out, "attacker "+a.Name+" is gone")
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

func stored(e *models.Element) []string {
	var out []string
	for _, s := range e.Stores {
		out = append(out, s.Data.Name)
	}
	return out
}

func protocol(f *models.FlowEnds) string {
	if f.Protocol == nil {
		return "no protocol"
	}
	return f.Protocol.Name
}
