package diagram

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// How much it matters that lines are short and point to the right.
const (
	flowWeight     = 4
	relationWeight = 1
)

// addLines adds flows and relations, those of folded zones merged, and those of one meaning and target, or source, as a bus.
func (g *Drawing) addLines(in *layered.Graph, box map[*models.Element]int) {
	g.merge()
	g.thin()
	g.bundle()
	for i := range g.lines {
		l := &g.lines[i]
		for _, f := range l.members {
			g.lineOf[f] = append(g.lineOf[f], i)
		}
		if l.mesh {
			continue
		}
		e := layered.Edge{From: box[l.from], To: box[l.to], Weight: relationWeight, Bus: l.bus}
		if l.flow != nil {
			e.Weight = flowWeight
		}
		if l.labelled(g.Compact) {
			e.LabelW = max(textWidth(l.title, textSize), textWidth(l.subtitle, textSize)+lockWidth(*l)) + 4
			e.LabelH = 32
		}
		in.Edges = append(in.Edges, e)
	}
}

// labelled reports whether a line has a label of its own: the lines of a bus have one.
func (l *line) labelled(compact bool) bool {
	return (l.title != "" || l.subtitle != "") && (l.bus == 0 || l.lead) && (!compact || l.merged && l.bus > 0)
}

// runsOn is the relation between what runs and its host.
const runsOn = "runs on"

// merge makes the lines of the view: one for each flow and relation between what is shown, and one for all between a folded zone and something else.
func (g *Drawing) merge() {
	type key struct {
		from, to *models.Element
		flow     bool
		relation string
	}
	at := map[key]int{}
	g.connect(func(l line) {
		from, to := g.view.of(l.from), g.view.of(l.to)
		l.merged = g.view.folded[from] || g.view.folded[to]
		switch {
		case from == to && l.from != l.to: // within a folded zone
			return
		case g.marks && l.relation != "" && !g.view.folded[from] && l.relation == runsOn: // a mark in the box of what runs
			return
		}
		l.from, l.to, l.count = from, to, 1
		if l.flow != nil {
			l.members = []*models.Element{l.flow}
		}
		k := key{from, to, l.flow != nil, l.relation}
		i, ok := at[k]
		if !l.merged || !ok {
			at[k] = len(g.lines)
			g.lines = append(g.lines, l)
			return
		}
		m := &g.lines[i]
		m.count++
		m.members = append(m.members, l.members...)
		m.clear, m.hidden = m.clear || l.clear, m.hidden && l.hidden
		m.blocked, m.returns = m.blocked && l.blocked, m.returns || l.returns
	})
	for i := range g.lines {
		if l := &g.lines[i]; l.merged {
			g.title(l, l.count, l.members)
		}
	}
}

// title names a line that stands for several.
func (g *Drawing) title(l *line, n int, flows []*models.Element) {
	if l.flow == nil {
		if n > 1 {
			l.title = fit(label(spaced(l.relation)+" × "+itoa(n)), textSize, 140)
		}
		return
	}
	l.title = plain.Number(n, "flow")
	if n == 1 && !generated(l.flow) {
		l.title = fit(label(l.flow.Name), textSize, 120)
	}
	var protocols []string
	for _, f := range flows {
		if p := f.Flow.Protocol; p != nil && !slices.Contains(protocols, spaced(p.Name)) {
			protocols = append(protocols, spaced(p.Name))
		}
	}
	l.subtitle = ""
	if len(protocols) > 0 {
		l.subtitle = label(listFit(protocols, textSize, 110))
	}
}

// thin leaves out what hides the rest: bare flows where there are many, and all lines that stand for one flow where there are too many to follow.
func (g *Drawing) thin() {
	out := func(l *line) bool { return l.flow != nil && !l.merged && bare(l.flow) }
	count := func() (n int) {
		for i := range g.lines {
			if out(&g.lines[i]) {
				n++
			}
		}
		return n
	}
	if g.Mesh = count(); g.Mesh < meshFrom {
		g.Mesh = 0
	}
	if n := len(g.lines) - g.Mesh; n > maxLines && n > 2*len(g.nodes) {
		out = func(l *line) bool { return l.flow != nil && !l.merged }
		g.Mesh = count()
	}
	for i := range g.lines {
		g.lines[i].mesh = g.Mesh > 0 && out(&g.lines[i])
	}
}

// bundle finds buses: relations of one name, and flows of one style without names of their own, to one target or from one source, whichever are more.
func (g *Drawing) bundle() {
	type key struct {
		end    *models.Element
		source bool
		what   string
	}
	keys := func(l *line) (to, from key, ok bool) {
		what := "relation " + l.relation
		switch {
		case l.mesh || l.from == l.to:
			return to, from, false
		case l.flow != nil && (l.merged || g.Compact):
			what = "flow" + l.style()
		case l.flow != nil:
			return to, from, false
		}
		return key{l.to, false, what}, key{l.from, true, what}, true
	}
	count := map[key]int{}
	for i := range g.lines {
		if to, from, ok := keys(&g.lines[i]); ok {
			count[to]++
			count[from]++
		}
	}
	buses := map[key][]int{}
	var order []key
	for i := range g.lines {
		to, from, ok := keys(&g.lines[i])
		k := to
		if ok && count[from] > count[to] {
			k = from
		}
		if ok && count[k] > 1 {
			if buses[k] == nil {
				order = append(order, k)
			}
			buses[k] = append(buses[k], i)
		}
	}
	for n, k := range order {
		total := 0
		var flows []*models.Element
		for _, i := range buses[k] {
			l := &g.lines[i]
			l.bus, l.fans = n+1, k.source
			total += l.count
			flows = append(flows, l.members...)
		}
		lead := &g.lines[buses[k][0]]
		lead.lead = true
		if lead.flow != nil {
			g.title(lead, total, flows)
		}
	}
}

// style is how a line looks.
func (l *line) style() string {
	switch {
	case l.flow == nil:
		return "relation"
	case l.blocked:
		return "blocked"
	case l.clear:
		return "clear"
	}
	return ""
}

// spaced is a word of the language as people read it.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

// connect calls add for each stretch of each flow, and for each relation that can be drawn.
func (g *Drawing) connect(add func(line)) {
	for _, e := range g.design.Elements {
		if e.Flow == nil {
			continue
		}
		stops := append(append([]*models.Element{e.Flow.Source}, e.Flow.Through...), e.Flow.Target)
		for i := range len(stops) - 1 {
			l := g.flow(e, stops[i], stops[i+1])
			l.first, l.last = i == 0, i == len(stops)-2
			if i > 0 {
				l.subtitle = ""
			}
			add(l)
		}
	}
	there := map[*models.Element]bool{} // of an excerpt, not all that relations lead to
	for _, e := range g.design.Elements {
		there[e] = true
	}
	for _, e := range g.design.Elements {
		if !party(e) && e.Root() != models.ZoneRoot {
			continue
		}
		relate := func(to *models.Element, relation string) {
			if there[to] && (party(to) || to.Root() == models.ZoneRoot) {
				add(line{from: e, to: to, relation: relation, title: fit(label(spaced(relation)), textSize, 120), first: true, last: true})
			}
		}
		for _, s := range e.Said() {
			for _, to := range s.To {
				relate(to, s.Word)
			}
		}
		for _, r := range sortedBy(e.Relations, func(r *models.Relation) string { return r.Name }) {
			for _, to := range e.Relations[r] {
				relate(to, r.Name)
			}
		}
	}
}

// flow describes a stretch of a flow.
func (g *Drawing) flow(e, from, to *models.Element) line {
	f := e.Flow
	l := line{flow: e, from: from, to: to, blocked: f.Blocked, returns: len(f.Returns) > 0}
	if !generated(e) {
		l.title = fit(label(e.Name), textSize, 130)
	}
	var about []string
	if f.Protocol != nil {
		about = append(about, spaced(f.Protocol.Name))
	}
	for _, k := range e.Kinds {
		if k.Parent != nil {
			about = append(about, spaced(k.Name))
		}
	}
	if f.Blocked {
		about = append(about, "blocked")
	}
	l.subtitle = fit(label(strings.Join(about, ", ")), textSize, 120)
	if g.design.Vocabulary.Controls["encryption"] != nil {
		l.hidden = has(e, "encryption")
		l.clear = !l.hidden && !(f.Source.Root() == models.ActorRoot && f.Target.Root() == models.ActorRoot)
	}
	return l
}

func lockWidth(l line) int {
	if l.hidden {
		return 12
	}
	return 0
}

// has reports whether a control is there and decided.
func has(e *models.Element, control string) bool {
	for _, c := range e.Controls {
		if c.Control.Name == control && !c.Open {
			return true
		}
	}
	return false
}

// bare reports whether a flow has neither a name of its own nor data.
func bare(e *models.Element) bool {
	return e.Flow != nil && generated(e) && len(e.Flow.Carries)+len(e.Flow.Returns)+len(e.Flow.Through)+len(e.Flow.Authenticated) == 0
}

// generated reports whether a flow has the name that the language gave it.
func generated(e *models.Element) bool { return strings.Contains(e.Name, "->") }
