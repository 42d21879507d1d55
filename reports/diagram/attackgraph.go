package diagram

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// maxGraph is how many facts and actions of an attack graph are laid out; a text for another program may have more.
const maxGraph = 600

// ErrTooLarge says that an attack graph is too large for a picture.
var ErrTooLarge = errors.New("the attack graph is too large for a picture")

// graphTitle says what an attack graph is about.
func graphTitle(name string, g *explain.AttackGraph) string {
	c := &checker.Case{Attackers: g.Attackers, Bindings: g.Bindings}
	title := "every way to break " + name
	if who := wording.Coalition(c); who != "" {
		title += ", for " + who
	}
	if b := wording.Bound(c.Bindings); b != "" {
		title += ", where " + b
	}
	return title
}

// actionNote says what an action takes, in a few words.
func actionNote(a explain.Action) string {
	var parts []string
	if a.Kind != ground.ByThreat {
		parts = append(parts, string(a.Kind))
	}
	parts = append(parts, a.ID)
	if a.Cost > 0 {
		parts = append(parts, fmt.Sprintf("cost %d", a.Cost))
	}
	if len(a.Unless) > 0 {
		parts = append(parts, "depends on "+strings.Join(a.Unless, ", "))
	}
	return strings.Join(parts, " · ")
}

// sentence is what happens in an action.
func sentence(a explain.Action) string {
	if a.Says != "" {
		return a.Says
	}
	return a.ID
}

// goalOf tells which facts the requirement speaks of.
func goalOf(g *explain.AttackGraph) map[int]bool {
	goal := map[int]bool{}
	for _, f := range g.Goal {
		goal[f] = true
	}
	return goal
}

// AttackGraphDOT writes an attack graph in the language of Graphviz: facts are ovals, actions are boxes that need all of what leads to them.
func AttackGraphDOT(w io.Writer, requirement string, g *explain.AttackGraph) error {
	var b strings.Builder
	goal := goalOf(g)
	fmt.Fprintf(&b, "digraph {\n  label=%s labelloc=t fontname=Helvetica rankdir=LR\n  node [fontname=Helvetica shape=oval]\n", dotText(graphTitle(requirement, g)))
	for i, f := range g.Facts {
		mark := ""
		if goal[i] {
			mark = ` color="#c4262e" fontcolor="#c4262e" penwidth=2`
		}
		fmt.Fprintf(&b, "  f%d [label=%s%s]\n", i, dotText(f), mark)
	}
	for i, a := range g.Actions {
		// DOT breaks a line at \n, which quoting must not touch.
		text := strings.TrimSuffix(dotText(sentence(a)), `"`) + `\n` + strings.TrimPrefix(dotText(actionNote(a)), `"`)
		fmt.Fprintf(&b, "  a%d [shape=box style=rounded label=%s]\n", i, text)
		for _, f := range a.Needs {
			fmt.Fprintf(&b, "  f%d -> a%d\n", f, i)
		}
		for _, f := range a.Gives {
			fmt.Fprintf(&b, "  a%d -> f%d\n", i, f)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// AttackGraphMermaid writes an attack graph as a Mermaid flowchart.
func AttackGraphMermaid(w io.Writer, requirement string, g *explain.AttackGraph) error {
	var b strings.Builder
	goal := goalOf(g)
	fmt.Fprintf(&b, "---\ntitle: %s\n---\nflowchart LR\n", mermaidText(graphTitle(requirement, g)))
	for i, f := range g.Facts {
		mark := ""
		if goal[i] {
			mark = ":::goal"
		}
		fmt.Fprintf(&b, "  f%d([%s])%s\n", i, mermaidText(f), mark)
	}
	for i, a := range g.Actions {
		text := strings.TrimSuffix(mermaidText(sentence(a)), `"`) + "<br>" + strings.TrimPrefix(mermaidText(actionNote(a)), `"`)
		fmt.Fprintf(&b, "  a%d[%s]\n", i, text)
		for _, f := range a.Needs {
			fmt.Fprintf(&b, "  f%d --> a%d\n", f, i)
		}
		for _, f := range a.Gives {
			fmt.Fprintf(&b, "  a%d --> f%d\n", i, f)
		}
	}
	fmt.Fprintf(&b, "  classDef goal stroke:%s,stroke-width:3px\n", frameColors[attackFrame])
	_, err := io.WriteString(w, b.String())
	return err
}

// AttackGraphSVG draws an attack graph. Of one that is too large the error is [ErrTooLarge].
func AttackGraphSVG(w io.Writer, requirement string, g *explain.AttackGraph) error {
	if n := len(g.Facts) + len(g.Actions); n > maxGraph {
		return fmt.Errorf("%w: it has %d facts and actions, and %d is the most", ErrTooLarge, n, maxGraph)
	}
	const (
		wide  = 230 // of the text of an action
		title = 30
	)
	in := &layered.Graph{}
	for _, f := range g.Facts {
		in.Boxes = append(in.Boxes, layered.Box{Parent: -1, W: textWidth(fit(label(f), 11, wide), 11) + 24, H: 24})
	}
	texts := make([][]string, len(g.Actions))
	for i, a := range g.Actions {
		texts[i] = wrap(label(sentence(a)), 11, wide, 3)
		in.Boxes = append(in.Boxes, layered.Box{Parent: -1, W: wide + 20, H: 14*len(texts[i]) + 26})
		at := len(g.Facts) + i
		for _, f := range a.Needs {
			in.Edges = append(in.Edges, layered.Edge{From: f, To: at, Weight: 1})
		}
		for _, f := range a.Gives {
			in.Edges = append(in.Edges, layered.Edge{From: at, To: f, Weight: 2})
		}
	}
	r := layered.Layout(in, layered.Options{Gap: 14, Column: 46, Lane: 8})
	name := graphTitle(requirement, g)
	width, height := max(r.W, textWidth(name, 13))+2*margin, r.H+2*margin+title
	c := &canvas{}
	c.put(`<svg xmlns="http://www.w3.org/2000/svg" class="vd" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n", width, height, width, height)
	c.put("<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", escape(name),
		escape(plain.Number(len(g.Facts), "fact")+", "+plain.Number(len(g.Actions), "action")+"; an action needs all of the facts that lead to it"), CSS, width, height)
	c.put("<text class=\"zt\" x=\"%d\" y=\"%d\">%s</text>\n<g class=\"graph\" transform=\"translate(%d %d)\">\n", margin, margin+14, escape(name), margin, margin+title)
	for _, route := range r.Routes {
		if p := route.Points; len(p) > 1 {
			c.put("<g class=\"line\"><path d=\"%s\"/><path class=\"head\" d=\"%s\"/></g>\n", path(p, true), head(p[len(p)-2], p[len(p)-1]))
		}
	}
	goal := goalOf(g)
	for i, f := range g.Facts {
		b := r.Boxes[i]
		kind := ""
		if goal[i] {
			kind = "goal"
		}
		c.put("<g class=\"%s\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"12\"/><text class=\"nt small mid\" x=\"%d\" y=\"%d\">%s</text></g>\n",
			class("node actor", kind), escape(f), b.X, b.Y, b.W, b.H, b.X+b.W/2, b.Y+b.H/2+4, escape(fit(label(f), 11, wide)))
	}
	for i, a := range g.Actions {
		b := r.Boxes[len(g.Facts)+i]
		c.put("<g class=\"node\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>", escape(sentence(a)+" · "+actionNote(a)), b.X, b.Y, b.W, b.H)
		y := b.Y + (b.H-14*len(texts[i])-14)/2 + 11
		for _, line := range texts[i] {
			c.put("<text x=\"%d\" y=\"%d\">%s</text>", b.X+10, y, escape(line))
			y += 14
		}
		c.put("<text class=\"nk\" x=\"%d\" y=\"%d\">%s</text></g>\n", b.X+10, y, escape(fit(label(actionNote(a)), 11, wide)))
	}
	c.put("</g>\n</svg>\n")
	_, err := io.WriteString(w, c.String())
	return err
}

// wrap breaks a text into at most so many lines of a width.
func wrap(s string, size, width, lines int) []string {
	var out []string
	words := strings.Fields(s)
	for len(words) > 0 && len(out) < lines-1 {
		n := 1
		for n < len(words) && textWidth(strings.Join(words[:n+1], " "), size) <= width {
			n++
		}
		out = append(out, fit(strings.Join(words[:n], " "), size, width))
		words = words[n:]
	}
	if len(words) > 0 {
		out = append(out, fit(strings.Join(words, " "), size, width))
	}
	return out
}
