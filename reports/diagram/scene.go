package diagram

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
)

// The kinds of frames.
const (
	startFrame   = "start"   // where the attackers are from the beginning
	attackFrame  = "attack"  // a step of an attack
	regularFrame = "regular" // a step of a process as it is meant
	proofFrame   = "proof"   // a control that a proof rests on
	missingFrame = "missing" // a control that is decided against, or that fails
	brokenFrame  = "broken"  // an element that breaks an architecture rule
)

// Scene is what stands out on a drawing.
type Scene struct {
	Title  string // what it shows, for who cannot see it
	Frames []Frame
}

// Frame is one part of a scene: a step of an attack, or a control.
type Frame struct {
	Kind     string
	Badge    string            // a short mark on the focus; "" for none
	Note     string            // a few words beside the focus
	Elements []*models.Element // what stands out
	Focus    *models.Element   // where the badge is; nil: nowhere
}

// Attack is the scene of a run: a counterexample, or an honest one. Frame 0 is where the attackers start, frame n is step n.
func Attack(d *models.Design, attackers []*models.Attacker, run *explain.Attack) Scene {
	s := Scene{Title: "a run, step by step, drawn over the architecture"}
	start := Frame{Kind: startFrame}
	for _, a := range attackers {
		for _, at := range a.Start {
			start.Elements = append(start.Elements, at.Args...)
		}
	}
	s.Frames = append(s.Frames, start)
	for i, step := range run.Steps {
		f := Frame{Kind: attackFrame, Badge: itoa(i + 1), Note: label(strings.Join(step.Adds, ", ")), Elements: unique(step.Elements)}
		if step.Kind == ground.ByStep {
			f.Kind = regularFrame
		}
		gained := named(d, step.Adds)
		for _, e := range gained {
			f.Elements = unique(append(f.Elements, e))
			if f.Focus == nil && (party(e) || e.Flow != nil) {
				f.Focus = e
			}
		}
		if f.Focus == nil {
			f.Focus = focus(f.Elements)
		}
		s.Frames = append(s.Frames, f)
	}
	for _, x := range run.Failures {
		s.Frames = append(s.Frames, control(d, x, missingFrame, "✕"))
	}
	for _, x := range run.Choices {
		s.Frames = append(s.Frames, control(d, x, missingFrame, "?"))
	}
	return s
}

// Proof is the scene of a proof: the controls that it rests on, lettered in their order.
func Proof(d *models.Design, p *explain.Proof) Scene {
	s := Scene{Title: "the controls that the proof relies on, drawn on the architecture"}
	for i, c := range p.RestsOn {
		s.Frames = append(s.Frames, control(d, c, proofFrame, Letter(i)))
	}
	return s
}

// Broken is the scene of an architecture rule: the elements that break it.
func Broken(c *checker.Case) Scene {
	s := Scene{Title: "what breaks the rule, drawn on the architecture"}
	for i, b := range c.Breaks {
		s.Frames = append(s.Frames, Frame{Kind: brokenFrame, Badge: itoa(i + 1), Elements: unique(b.Elements), Focus: focus(b.Elements)})
	}
	return s
}

// Letter names the n-th control of a proof: A to Z, then AA.
func Letter(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return Letter(n/26-1) + Letter(n%26)
}

func control(d *models.Design, c explain.Choice, kind, badge string) Frame {
	f := Frame{Kind: kind, Badge: badge, Note: label(c.Control)}
	if e := d.Lookup(c.On); e != nil {
		f.Elements, f.Focus = []*models.Element{e}, e
	}
	return f
}

// named finds the elements that facts such as `controls(Shop)` are about.
func named(d *models.Design, facts []string) []*models.Element {
	var out []*models.Element
	for _, fact := range facts {
		_, args, _ := strings.Cut(fact, "(")
		for _, name := range strings.FieldsFunc(args, func(r rune) bool { return strings.ContainsRune("(),: =", r) }) {
			if e := d.Lookup(name); e != nil {
				out = append(out, e)
			}
		}
	}
	return out
}

// focus is what a reader should look at: a flow, else a party, else a zone.
func focus(list []*models.Element) *models.Element {
	for _, want := range []func(*models.Element) bool{
		func(e *models.Element) bool { return e.Flow != nil },
		party,
		func(e *models.Element) bool { return e.Root() == models.ZoneRoot },
	} {
		for _, e := range list {
			if want(e) {
				return e
			}
		}
	}
	return nil
}

func unique(list []*models.Element) []*models.Element {
	seen := map[*models.Element]bool{}
	var out []*models.Element
	for _, e := range list {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}

// Bounds is the part of a drawing that a scene is about, with the ends of its flows and some of what is around it.
func (g *Drawing) Bounds(s Scene) layered.Rect {
	const around, least = 50, 1000
	x0, y0, x1, y1 := g.W, g.H, 0, 0
	take := func(r layered.Rect) {
		x0, y0, x1, y1 = min(x0, r.X), min(y0, r.Y), max(x1, r.X+r.W), max(y1, r.Y+r.H)
	}
	party := func(e *models.Element) {
		if i, ok := g.nodeOf[e]; ok {
			take(g.nodes[i].rect)
		}
	}
	for _, f := range s.Frames {
		for _, e := range f.Elements {
			party(e)
			for _, i := range g.lineOf[e] {
				party(g.lines[i].from)
				party(g.lines[i].to)
				for _, p := range g.lines[i].route.Points {
					take(layered.Rect{X: p.X, Y: p.Y})
				}
			}
		}
	}
	if x0 > x1 { // nothing that has a place of its own
		return layered.Rect{W: g.W, H: g.H}
	}
	x0, x1 = widen(x0-around, x1+around, least, g.W)
	y0, y1 = widen(y0-around, y1+around, least/3, g.H)
	return layered.Rect{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}
}

// widen makes a range at least so long, within 0 and limit.
func widen(lo, hi, least, limit int) (int, int) {
	if more := least - (hi - lo); more > 0 {
		lo, hi = lo-more/2, hi+more/2
	}
	if lo < 0 {
		lo, hi = 0, hi-lo
	}
	if hi > limit {
		lo, hi = lo-(hi-limit), limit
	}
	return max(lo, 0), hi
}
