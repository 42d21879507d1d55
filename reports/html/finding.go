package html

import (
	"cmp"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
	"github.com/vauban-verifier/vauban/threats"
)

func itoa(n int) string { return strconv.Itoa(n) }

// finding is a requirement with its evidence.
type finding struct {
	ID, Name, Title, Property, Severity, Verdict, Doc, Basis string
	Refs                                                     []string
	Failures                                                 int
	Source                                                   *excerpt
	Waiver                                                   *waiver
	Cases                                                    []caseData
	Rest                                                     string // what is not written out
	Extent                                                   string // whether there are more attacks
	Ways                                                     []ways
	Hangs                                                    []link // of a proof: questions whose answers may break it
	OffPaper                                                 bool   // it is not printed
}

// ways are threats that give what a requirement forbids, and what became of them.
type ways struct {
	Became  string
	Threats []control // Phrase and Title
}

// caseData is one attacker, or one proof.
type caseData struct {
	ID               string
	Who, How, Given  string
	Others, Likewise string
	Player           *player
	Steps            []step
	Breaks           []broken
	MoreBreaks       int
	Once             []string // sets of decisions after which it holds
	MoreOnce         int
	Unknown          string
	Proof            *proof
}

// player is a drawing with a scene over it.
type player struct {
	ID            string
	Label         string
	Kind          string // attack or proof
	Steps         int
	Crop, Full    string        // view boxes
	W, H          int           // of the crop
	Base          template.HTML // of a drawing of its own; "": the architecture
	Over          template.HTML
	Paper         template.HTML // what is printed in its place, of an attack: no more than it is about
	PaperW        int
	PaperH        int
	Captions      []string // by step
	StartsCropped bool
}

// step is a step of an attack.
type step struct {
	N        int
	Regular  bool // a step of a process as it is meant
	Sentence string
	Effect   string
	Source   *excerpt
	Threat   *threat
	Stops    []string
}

// threat is the documentation of a threat.
type threat struct {
	ID, Title, When, Unless, Rationale, Doc, Command string
	Stride, Refs                                     []string
}

// excerpt is a line of an input.
type excerpt struct{ Where, Before, Marked, After string }

type broken struct {
	What, Where string
	Open        bool
}

// proof tells what a proof rests on.
type proof struct {
	How          string
	Controls     []control
	Assumptions  []string
	Decisions    string
	Gains        []string
	MoreGains    int
	MoreControls int    // that it relies on
	relied       string // all of them
	Cuts         []cut
	Live         string
}

type control struct {
	Letter, Phrase, Title string
	Where                 string
}

type cut struct{ Controls, Rules []string }

func relations(e *models.Element) []*models.Relation {
	return slices.SortedFunc(maps.Keys(e.Relations), func(a, b *models.Relation) int { return cmp.Compare(a.Name, b.Name) })
}

func (b *builder) finding(i int, q *checker.Requirement) finding {
	s := q.Source
	f := finding{
		ID: "r" + itoa(i), Name: plain.Clean(s.Name), Title: plain.Clean(s.Title), Property: plain.Clean(s.Text), Severity: plain.Clean(s.Severity),
		Verdict: string(q.Verdict), Doc: clean(s.Doc), Refs: cleaned(s.Refs), Failures: s.Failures, Source: b.excerpt(s.Span),
	}
	if w := q.Waiver; w != nil {
		f.Waiver = &waiver{Until: plain.Clean(w.Until), Because: plain.Clean(w.Because), InForce: q.InForce}
	}
	if q.Verdict == checker.Holds {
		f.Basis = plain.Clean(wording.Basis(q))
		b.proofs(&f, q)
		f.Ways = b.ways(q.Ways)
		return f
	}
	shown, rest := wording.Groups(q, maxCases)
	for _, g := range shown {
		c := b.caseOf(f.ID+"c"+itoa(len(f.Cases)), q, g)
		c.Others, c.Likewise = plain.Clean(g.Others()), plain.Clean(g.Likewise())
		f.Cases = append(f.Cases, c)
	}
	if len(rest) > 0 {
		f.Rest = plain.Clean(wording.Rest(rest))
	}
	f.Extent = plain.Clean(wording.Extent(q))
	return f
}

func (b *builder) caseOf(id string, q *checker.Requirement, g *wording.Group) caseData {
	c := g.Case
	d := b.r.Model.Design
	out := caseData{ID: id}
	switch {
	case q.Source.Static:
		b.breaks(&out, q, c)
	case c.Attack != nil:
		who, how, given := wording.Head(c)
		out.Who, out.How, out.Given = plain.Clean(who), plain.Clean(how), plain.Clean(given)
		for i, s := range c.Attack.Steps {
			out.Steps = append(out.Steps, b.step(i+1, s))
		}
		out.Player = b.player(id, "attack", diagram.Attack(d, c.Attackers, c.Attack), out.Steps)
	case c.Verdict == checker.Violated:
		out.How = plain.Clean(wording.Unreachable(c))
	}
	if len(c.Breaks) == 0 {
		out.How += reports.Mark(b.known.Group(q, g))
	}
	for i, set := range c.Sufficient {
		if i == maxSets {
			out.MoreOnce = len(c.Sufficient) - i
			break
		}
		out.Once = append(out.Once, plain.Clean(wording.Choices(set)))
	}
	if c.Unknown != nil {
		out.Unknown = plain.Clean(wording.Why(c.Unknown))
	}
	return out
}

// breaks lists what breaks an architecture rule.
func (b *builder) breaks(out *caseData, q *checker.Requirement, c *checker.Case) {
	if len(c.Breaks) == 0 {
		out.How = "broken by the design as a whole"
		return
	}
	out.How = "broken by " + plain.Number(len(c.Breaks), "instance")
	for i, k := range c.Breaks {
		if i == maxBreaks {
			out.MoreBreaks = len(c.Breaks) - i
			break
		}
		var at []string
		for _, e := range k.Elements {
			if place := b.where(e.Span); place != "" && !slices.Contains(at, place) {
				at = append(at, place)
			}
		}
		out.Breaks = append(out.Breaks, broken{plain.Clean(wording.Broken(k)), strings.Join(at, ", ") + reports.Mark(b.known.Has(q, c, &k)), k.Open})
	}
	if len(c.Breaks) <= maxDrawn {
		out.Player = b.player(out.ID, "broken", diagram.Broken(c), nil)
	}
}

// proofs writes the cases of a requirement that holds; those that rest on the same are told once.
func (b *builder) proofs(f *finding, q *checker.Requirement) {
	told := map[string]int{}
	more := 0
	for _, c := range q.Cases {
		p := b.proof(c)
		key := p.How + p.relied
		if at, ok := told[key]; ok {
			if who := plain.Clean(wording.Coalition(c)); who != "" {
				f.Cases[at].Who += ", " + who
			}
			continue
		}
		if len(f.Cases) == maxProofs {
			more++
			continue
		}
		told[key] = len(f.Cases)
		out := caseData{ID: f.ID + "c" + itoa(len(f.Cases)), Who: plain.Clean(wording.Coalition(c)), Proof: p}
		switch {
		case p.MoreControls > 0:
		case c.Proof != nil && len(c.Proof.RestsOn) > 0:
			out.Player = b.player(out.ID, "proof", diagram.Proof(b.r.Model.Design, c.Proof), nil)
		case len(c.Runs) > 0:
			for i, s := range c.Runs[0].Steps {
				out.Steps = append(out.Steps, b.step(i+1, s))
			}
			out.Player = b.player(out.ID, "run", diagram.Attack(b.r.Model.Design, nil, c.Runs[0]), out.Steps)
		}
		f.Cases = append(f.Cases, out)
	}
	if more > 0 {
		f.Rest = plain.Number(more, "more proof")
	}
}

// ways lists the threats that give what a requirement forbids.
func (b *builder) ways(w *explain.Ways) []ways {
	if w == nil {
		return nil
	}
	var out []ways
	for _, x := range []struct {
		became string
		list   []*threats.Threat
	}{{"Stopped by controls", w.Stopped}, {"Out of reach for every attacker", w.OutOfReach}, {"Not applicable to this design", w.Absent}} {
		if len(x.list) == 0 {
			continue
		}
		g := ways{Became: x.became}
		for _, t := range x.list {
			g.Threats = append(g.Threats, control{Phrase: plain.Clean(t.ID), Title: plain.Clean(t.Title)})
		}
		out = append(out, g)
	}
	return out
}

// hows says what a kind of proof means.
var hows = map[explain.ProofKind]string{
	explain.Closure:   "The set of all that the attacker can gain was computed to its end; no rule leads out of it, and what the requirement forbids is not in it.",
	explain.Cuts:      "However the controls fail, are decided, or the budget is spent within what is allowed, the attack meets a barrier that stands: each barrier was checked, and no allowed combination passes them all.",
	explain.Invariant: "An invariant, of clauses and of sums that stay the same, holds at the start, no step leads out of it, and it excludes what the requirement forbids: for runs of any length.",
	explain.States:    "All states that anything can lead to were visited, with what matters of each: no step leads out of them, and in none is there what the requirement forbids.",
	explain.Parts:     "Whether controls are decided for and whether they fail was gone through case by case, and each case has a proof of its own: no case is left out.",
}

func (b *builder) proof(c *checker.Case) *proof {
	out := &proof{}
	if c.LiveRules > 0 {
		out.Live = plain.Number(c.LiveRules, "possible attacker action") + " considered"
	}
	p := c.Proof
	switch {
	case c.Vacuous != nil:
		out.How = "Vacuous, so it says nothing about the design: " + clean(c.Vacuous.Text) + "."
		return out
	case p == nil && len(c.Runs) > 0:
		out.How = "An honest run reaches it for every combination of choices; this is the first."
		return out
	case p == nil:
		out.How = "An architecture rule: it was evaluated over the design, and no element breaks it."
		return out
	}
	out.How = hows[p.Kind]
	if out.How == "" {
		out.How = "Proof by " + plain.Clean(string(p.Kind)) + "."
	}
	var relied strings.Builder
	for i, x := range p.RestsOn {
		x.Is = true
		phrase := plain.Clean(wording.Phrase(x))
		relied.WriteString("|" + phrase)
		if i >= maxRelied {
			out.MoreControls++
			continue
		}
		k := control{Letter: diagram.Letter(i), Phrase: phrase}
		if v := b.r.Model.Design.Vocabulary.Controls[x.Control]; v != nil {
			k.Title = plain.Clean(v.Title)
		}
		if e := b.r.Model.Design.Lookup(x.On); e != nil {
			k.Where = b.where(e.Span)
		}
		out.Controls = append(out.Controls, k)
	}
	out.relied = relied.String()
	out.Assumptions = cleaned(p.Assumptions)
	if len(p.Decisions) > 0 {
		out.Decisions = plain.Clean(wording.Choices(p.Decisions))
	}
	out.Gains = cleaned(p.Gains[:min(len(p.Gains), maxGains)])
	out.MoreGains = len(p.Gains) - len(out.Gains)
	for _, x := range p.Cuts[:min(len(p.Cuts), maxBreaks)] {
		var names []string
		for _, k := range x.Choices {
			names = append(names, plain.Clean(wording.Phrase(k)))
		}
		out.Cuts = append(out.Cuts, cut{names, cleaned(x.Rules[:min(len(x.Rules), plain.MaxList)])})
	}
	return out
}

func (b *builder) step(n int, s explain.Step) step {
	out := step{N: n, Regular: s.Kind == ground.ByStep, Sentence: plain.Clean(wording.Sentence(s)), Effect: plain.Clean(wording.Effect(s)), Source: b.excerpt(s.Source)}
	if t := s.Threat; t != nil {
		out.Threat = b.documentation(t)
		if s.Cost > 0 {
			out.Stops = cleaned(stops(t, s))
		}
	}
	return out
}

func (b *builder) documentation(t *threats.Threat) *threat {
	out := &threat{
		Command: plain.Clean(b.show(t)),
		ID:      plain.Clean(t.ID), Title: plain.Clean(t.Title), Rationale: clean(t.Rationale), Doc: clean(t.Doc),
		Stride: cleaned(t.Stride), Refs: cleaned(t.Refs), When: plain.Clean(t.Condition().String()),
	}
	if t.Unless != nil {
		out.Unless = plain.Clean(t.Unless.String())
	}
	return out
}

// excerpt is the line of a span, with the span marked.
func (b *builder) excerpt(s source.Span) *excerpt {
	if !s.IsValid() {
		return nil
	}
	n := s.Position().Line
	line := ""
	if !s.File.Withheld {
		line = s.File.LineText(n)
	}
	start := min(s.Start-s.File.LineStart(n), len(line))
	end := min(max(s.End-s.File.LineStart(n), start), len(line))
	const limit = 240
	after := line[end:]
	if len(after) > limit {
		after = plain.Shorten(after, limit)
	}
	return &excerpt{b.where(s), clean(strings.TrimLeft(line[:start], " \t")), clean(line[start:end]), clean(after)}
}

// smallScene is which part of a drawing a scene must leave out for the drawing to be cropped to it, in percent.
const smallScene = 30

func (b *builder) player(id, kind string, s diagram.Scene, steps []step) *player {
	g := b.drawing
	own := diagram.Large(b.r.Model.Design)
	if own {
		g = diagram.About(b.r.Model.Design, s)
	}
	crop := g.Bounds(s)
	full := "0 0 " + itoa(g.W) + " " + itoa(g.H)
	p := &player{
		ID: id, Kind: kind, Label: plain.Clean(g.Describe(s)), Full: full, Crop: full, W: g.W, H: g.H,
		Over: template.HTML(g.Over(s)), //nolint:gosec // escaped there
	}
	if own {
		p.Base = template.HTML(g.Base(nil)) //nolint:gosec // escaped there
	} else if crop.W*crop.H*100 < g.W*g.H*(100-smallScene) {
		p.StartsCropped, p.W, p.H = true, crop.W, crop.H
		p.Crop = itoa(crop.X) + " " + itoa(crop.Y) + " " + itoa(crop.W) + " " + itoa(crop.H)
	}
	if kind == "attack" && !own {
		part := diagram.About(diagram.Excerpt(b.r.Model.Design, s), s)
		p.Paper = template.HTML(part.Base(nil) + part.Over(s)) //nolint:gosec // escaped there
		p.PaperW, p.PaperH = part.W, part.H
	}
	for _, x := range steps {
		p.Captions = append(p.Captions, x.Sentence)
	}
	if kind == "proof" {
		for _, f := range s.Frames {
			name := ""
			if f.Focus != nil {
				name = " of " + plain.Clean(f.Focus.Name)
			}
			p.Captions = append(p.Captions, f.Note+name)
		}
	}
	p.Steps = len(p.Captions)
	return p
}
