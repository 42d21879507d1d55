package html

import (
	"html/template"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// How much is written out in full.
const (
	maxCases  = 6 // attacks of a requirement
	maxProofs = 3 // proofs of a requirement
	maxBreaks = 200
	maxDrawn  = 24 // instances that break a rule: of more, a drawing would show nothing but a tangle
	maxSets   = 8
	maxRelied = 200 // controls that a proof relies on: of more, the list has the first ones, and a drawing would show nothing but a tangle
	maxGains  = 400
	maxViews  = 60 // zones that are drawn opened
)

// pageData is what the template is filled with.
type pageData struct {
	Style  template.CSS
	Script template.JS
	Policy string

	Title    string
	Lead     string // in one sentence, how it stands
	Facts    []string
	Counts   []count
	Groups   []group
	Since    *since
	Tracked  bool // a register says something of findings
	Asked    int  // questions that are open
	OffPaper int  // findings that are not printed
	Drawing  drawing
	Views    []zoneView
	Unopened []string // zones that are folded, and not drawn opened
	Zones    []element
	Parties  []element
	Flows    []element
	Data     []element
	Findings []finding
	Proofs   []finding
	Next     [][]span

	Questions []question
	Silence   string // how complete they are, where there is something to say

	Assumptions []assumption
	Waivers     []waiver
	Open        []open
	Warnings    []warning
	Unneeded    string // controls that no proof needs

	Digest  string
	Inputs  []document.Input
	Command string
	Tool    string
}

type count struct {
	N       int
	Verdict string
}

// group is a part of the table at the top: requirements of which the same is to be said.
type group struct {
	Title string
	Rows  []row
}

// row is a requirement at a glance.
type row struct {
	ID, Name, Title, Property, Severity, Verdict, Gist string
	Tracked                                            []string // what the register says of its findings
}

// since is what changed since an earlier report.
type since struct {
	Report, AsOf string
	Changes      []changed
}

type changed struct {
	ID, Requirement, Text string
	Worse                 bool
}

type drawing struct {
	W, H    int
	About   string
	Base    template.HTML
	Legend  template.HTML
	LegendW int
	LegendH int
}

// zoneView is the architecture with one zone opened.
type zoneView struct {
	ID, Name, About string
	Drawing         drawing
}

// element is an element of the design in a table.
type element struct {
	ID, Name, Title, Kind, Place, Doc, From, To, Protocol string
	Show                                                  string // IDs of what stands for it on the drawing
	Controls                                              []string
	Lists                                                 []list
}

// list is a few names with what they are.
type list struct {
	What  string
	Names []string
}

type assumption struct {
	Name, Text, Where string
	Touches           []string
}

type waiver struct {
	Requirement, Until, Because, Where string
	InForce                            bool
}

// open is a control that is not decided.
type open struct {
	Phrase, Where string
	Matters       []string // requirements that depend on it
}

type warning struct {
	Message, Help []span
	Where         string
}

// span is a stretch of a text, which may be code.
type span struct {
	Text string
	Code bool
}

// spans tells apart what stands between backquotes.
func spans(s string) []span {
	var out []span
	for i, part := range strings.Split(s, "`") {
		if part != "" {
			out = append(out, span{plain.Clean(part), i%2 == 1})
		}
	}
	return out
}

// builder makes the parts of a page.
type builder struct {
	r       *checker.Result
	report  *document.Report
	outcome reports.Outcome
	known   reports.Known
	drawing *diagram.Drawing
	path    func(string) string
}

func newBuilder(o reports.Outcome, report *document.Report) *builder {
	return &builder{o.Result, report, o, o.Known, diagram.New(o.Result.Model.Design), reports.Paths(o.Result.Model)}
}

// files are those of the design, from its own directory.
func (b *builder) files() []string {
	var out []string
	for _, f := range b.outcome.Files {
		out = append(out, b.path(f))
	}
	return out
}

// clean makes a text of the design fit to be shown; its lines stay lines.
func clean(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain.Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

func cleaned(items []string) []string {
	out := make([]string, len(items))
	for i, s := range items {
		out[i] = plain.Clean(s)
	}
	return out
}

// where is the file and line of a place, the same from wherever the design was named; "" for no place.
func (b *builder) where(s source.Span) string {
	if !s.IsValid() {
		return ""
	}
	at := plain.Clean(b.path(s.File.Name)) + ":" + itoa(s.Position().Line)
	if o, ok := s.Origin(); ok {
		return plain.Clean(source.Origin{File: b.path(o.File), Line: o.Line}.String()) + " (" + at + ")"
	}
	return at
}

func (b *builder) page() *pageData {
	d := b.r.Model.Design
	p := &pageData{
		Title: plain.Clean(d.Title),
		Tool:  b.report.Tool.Name + " " + b.report.Tool.Version,
		Facts: []string{
			plain.Number(len(b.r.Requirements), "requirement"),
			plain.Number(b.r.Rules, "possible attacker action") + ", " + plain.Number(b.r.Facts, "fact"),
			"waivers judged as of " + b.r.AsOf,
		},
		Inputs: b.report.Inputs,
	}
	for _, next := range wording.Next(b.r, b.files()...) {
		p.Next = append(p.Next, spans(next))
	}
	counts := wording.Counts(b.r)
	for _, v := range wording.Verdicts {
		if counts[v] > 0 {
			p.Counts = append(p.Counts, count{counts[v], string(v)})
		}
	}
	p.Lead = lead(counts, len(b.r.Requirements))
	b.requirements(p)
	paper(p)
	b.drawings(p)
	b.elements(p)
	b.conditions(p)
	b.questions(p, b.outcome.Questions)
	b.since(p)
	p.Command = b.command()
	return p
}

// requirements fills in the table at the top, the worst first, what holds for a poor reason apart, and the evidence of each.
func (b *builder) requirements(p *pageData) {
	open, proved, guessed, vacuous := group{Title: "Not met, the most severe first"}, group{Title: "Proved"}, group{Title: "Proved only if guesses are right"},
		group{Title: "Vacuous: these hold, and that says nothing about the design"}
	for i, q := range wording.Sorted(b.r, "severity").Requirements {
		s := q.Source
		r := row{
			ID: "r" + itoa(i), Name: plain.Clean(s.Name), Title: plain.Clean(s.Title), Property: plain.Clean(s.Text),
			Severity: plain.Clean(s.Severity), Verdict: string(q.Verdict), Gist: plain.Clean(wording.Gist(q)), Tracked: cleaned(b.outcome.Tracked.Of(q)),
		}
		p.Tracked = p.Tracked || len(r.Tracked) > 0
		if b.known.All(q) {
			r.Gist += " · known"
		}
		if q.Verdict != checker.Holds {
			p.Findings = append(p.Findings, b.finding(i, q))
			open.Rows = append(open.Rows, r)
			continue
		}
		r.Gist = plain.Clean(wording.Basis(q))
		p.Proofs = append(p.Proofs, b.finding(i, q))
		of := &proved
		switch {
		case q.Vacuous() != nil:
			of = &vacuous
		case len(q.Guesses) > 0:
			of = &guessed
		}
		of.Rows = append(of.Rows, r)
	}
	for _, g := range []group{open, guessed, vacuous, proved} {
		if len(g.Rows) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
}

// since tells what changed since an earlier report.
func (b *builder) since(p *pageData) {
	s := b.outcome.Since
	if s == nil {
		return
	}
	p.Since = &since{Report: plain.Clean(s.Report), AsOf: plain.Clean(s.AsOf)}
	ids := map[string]string{}
	for _, g := range p.Groups {
		for _, r := range g.Rows {
			ids[r.Name] = r.ID
		}
	}
	for _, c := range s.Changes {
		name := plain.Clean(c.Requirement)
		p.Since.Changes = append(p.Since.Changes, changed{ids[name], name, plain.Clean(c.Text), c.Worse})
	}
}

// drawings draws the architecture, and each of its folded zones opened.
func (b *builder) drawings(p *pageData) {
	zones := diagram.Foldable(b.r.Model.Design)
	views := map[*models.Element]bool{}
	for _, z := range zones[:min(len(zones), maxViews)] {
		views[z] = true
	}
	to := func(e *models.Element, folded bool) string {
		switch {
		case !folded:
			return diagram.Anchor(e)
		case views[e]:
			return opensAt(e)
		}
		return ""
	}
	draw := func(g *diagram.Drawing) drawing {
		legend, w, h := g.LegendText(diagram.Scene{})
		return drawing{
			W: g.W, H: g.H, About: g.Describe(diagram.Scene{}), Base: template.HTML(g.Base(to)), //nolint:gosec // escaped there
			Legend: template.HTML(legend), LegendW: w, LegendH: h, //nolint:gosec // escaped there
		}
	}
	p.Drawing = draw(b.drawing)
	for _, z := range zones {
		if !views[z] {
			p.Unopened = append(p.Unopened, plain.Clean(z.Name))
			continue
		}
		g := diagram.Open(b.r.Model.Design, z)
		p.Views = append(p.Views, zoneView{opensAt(z), plain.Clean(z.Name), g.Describe(diagram.Scene{}), draw(g)})
	}
}

// opensAt is the anchor of the drawing with a zone opened.
func opensAt(zone *models.Element) string { return "open-" + diagram.Anchor(zone) }

// lead says in a sentence how a design stands.
func lead(counts map[checker.Verdict]int, total int) string {
	broken := ""
	if n := counts[checker.Violated]; n > 0 {
		broken = plain.Number(n, "requirement") + map[bool]string{true: " is", false: " are"}[n == 1] + " broken, whichever way the open decisions go."
	}
	switch overall := wording.Overall(counts); {
	case total == 0:
		return "The design states no requirement, so nothing was verified."
	case overall == checker.Unknown:
		return strings.TrimSpace("Some results are unknown: do not rely on them. " + broken)
	case overall == checker.Violated:
		return broken
	case overall == checker.Depends:
		return "Some requirements depend on open decisions: " + plain.Number(counts[checker.Depends], "requirement") + "."
	case overall == checker.Waived:
		return "Everything is proved, except for " + plain.Number(counts[checker.Waived], "requirement") + " whose risk was accepted."
	}
	return "Every requirement is proved, for runs of any length, under the assumptions and against the threats stated here."
}

// elements fills the tables of what the design is made of.
func (b *builder) elements(p *pageData) {
	d := b.r.Model.Design
	for _, e := range d.Elements {
		x := element{
			ID: diagram.Anchor(e), Name: plain.Clean(e.Name), Title: plain.Clean(e.Title), Doc: clean(e.Doc), Show: itoa(e.ID),
			Controls: cleaned(diagram.Controls(e.Controls)),
		}
		var kinds []string
		for _, k := range e.Kinds {
			kinds = append(kinds, strings.ReplaceAll(k.Name, "_", " "))
		}
		x.Kind = plain.Clean(strings.Join(kinds, ", "))
		for i, z := range e.Zones {
			if i > 0 {
				x.Place += ", "
			}
			x.Place += plain.Clean(z.Name)
		}
		add := func(what string, items []*models.Element) {
			if len(items) > 0 {
				l := list{What: what}
				for _, item := range items {
					l.Names = append(l.Names, plain.Clean(item.Name))
				}
				x.Lists = append(x.Lists, l)
			}
		}
		for _, s := range e.Stores {
			for _, c := range diagram.Controls(s.Controls) {
				x.Controls = append(x.Controls, plain.Clean(c+" on "+s.Data.Name))
			}
		}
		for _, s := range e.Said() {
			add(s.Word, s.To)
		}
		for _, r := range relations(e) {
			add(plain.Clean(strings.ReplaceAll(r.Name, "_", " ")), e.Relations[r])
		}
		if len(e.Guessed) > 0 {
			x.Lists = append(x.Lists, list{What: "guessed", Names: cleaned(e.Guessed)})
		}
		for _, c := range e.None {
			x.Lists = append(x.Lists, list{What: plain.Clean(strings.ReplaceAll(c.Relation, "_", " ")), Names: []string{"none, as the design says"}})
		}
		switch {
		case e.Flow != nil:
			x.From, x.To = plain.Clean(e.Flow.Source.Name), plain.Clean(e.Flow.Target.Name)
			if e.Flow.Protocol != nil {
				x.Protocol = plain.Clean(e.Flow.Protocol.Name)
			}
			if e.Flow.Blocked {
				x.Protocol = strings.TrimPrefix(x.Protocol+", blocked", ", ")
			}
			p.Flows = append(p.Flows, x)
		case e.Root() == models.ZoneRoot:
			p.Zones = append(p.Zones, x)
		case e.Root() == models.DataRoot:
			b.whereabouts(&x, e)
			p.Data = append(p.Data, x)
		default:
			p.Parties = append(p.Parties, x)
		}
	}
}

// whereabouts finds where a data item is: at rest, in use, on the way.
func (b *builder) whereabouts(x *element, data *models.Element) {
	var at, on []string
	var show []string
	note := func(list *[]string, e *models.Element) {
		*list = append(*list, plain.Clean(e.Name))
		show = append(show, itoa(e.ID))
	}
	for _, e := range b.r.Model.Design.Elements {
		stored := slices.ContainsFunc(e.Stores, func(s models.Stored) bool { return s.Data == data })
		switch {
		case stored, slices.Contains(e.Handles, data), slices.Contains(e.Accepts, data):
			note(&at, e)
		case e.Flow != nil && (slices.Contains(e.Flow.Carries, data) || slices.Contains(e.Flow.Returns, data) || slices.Contains(e.Flow.Authenticated, data)):
			note(&on, e)
		}
	}
	if len(at) > 0 {
		x.Lists = append(x.Lists, list{"is at", at})
	}
	if len(on) > 0 {
		x.Lists = append(x.Lists, list{"goes over", on})
	}
	x.Show = strings.Join(show, " ")
}

// conditions fills in what the verdicts depend on.
func (b *builder) conditions(p *pageData) {
	d := b.r.Model.Design
	for _, a := range d.Assumptions {
		x := assumption{Name: plain.Clean(a.Name), Text: plain.Clean(a.Text), Where: b.where(a.Span)}
		for _, q := range b.r.Requirements {
			if slices.ContainsFunc(q.Cases, func(c *checker.Case) bool { return c.Proof != nil && slices.Contains(c.Proof.Assumptions, a.Name) }) {
				x.Touches = append(x.Touches, plain.Clean(q.Source.Name))
			}
		}
		p.Assumptions = append(p.Assumptions, x)
	}
	for _, q := range b.r.Requirements {
		if w := q.Waiver; w != nil {
			p.Waivers = append(p.Waivers, waiver{plain.Clean(q.Source.Name), plain.Clean(w.Until), plain.Clean(w.Because), b.where(w.Span), q.InForce})
		}
	}
	for _, e := range d.Elements {
		for _, c := range e.Controls {
			if c.Open {
				p.Open = append(p.Open, b.open(explain.Choice{Control: c.Control.Name, On: e.Name, Is: true}, c.Span))
			}
		}
		for _, s := range e.Stores {
			for _, c := range s.Controls {
				if c.Open {
					p.Open = append(p.Open, b.open(explain.Choice{Control: c.Control.Name, On: e.Name, Data: s.Data.Name, Is: true}, c.Span))
				}
			}
		}
	}
	if len(b.r.Unneeded) > 0 {
		p.Unneeded = plain.Clean(wording.Unneeded(b.r))
	}
	for _, w := range b.r.Warnings.Sorted() {
		if w.Severity == diag.Warning {
			p.Warnings = append(p.Warnings, warning{spans(w.Message), spans(w.Help), b.where(w.Primary.Span)})
		}
	}
}

func (b *builder) open(c explain.Choice, at source.Span) open {
	o := open{Phrase: plain.Clean(wording.Phrase(c)), Where: b.where(at)}
	for _, q := range b.r.Requirements {
		matters := slices.ContainsFunc(q.Cases, func(k *checker.Case) bool {
			return slices.ContainsFunc(k.Sufficient, func(set []explain.Choice) bool {
				return slices.ContainsFunc(set, func(x explain.Choice) bool { return x.Control == c.Control && x.On == c.On && x.Data == c.Data })
			})
		})
		if matters {
			o.Matters = append(o.Matters, plain.Clean(q.Source.Name))
		}
	}
	return o
}

// command makes the report again, in the directory of the design.
func (b *builder) command() string {
	command := "vauban check --as-of " + b.r.AsOf
	if n := b.report.Options.MaxIterations; n > 0 {
		command += " --max-iterations " + itoa(n)
	}
	if n := b.report.Options.Attacks; n > 0 {
		command += " --attacks " + itoa(n)
	}
	if b.report.Options.Quick {
		command += " --quick"
	}
	root := ""
	if len(b.report.Inputs) > 0 {
		root = b.report.Inputs[0].Path
	}
	return plain.Clean(command + " --format json --out report.json " + root)
}
