// Package coverage asks of threats what requirements ask of facts: can some attacker of a design carry this one out, and if not, why not? It also groups what was
// found under the entries of a published list.
//
// # Limitations
//
// That a threat cannot be carried out is proved with all controls working, and says nothing of what a design does not draw.
package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Coverage tells of every threat in use whether somebody can carry it out in a design, and where not, why.
type Coverage struct {
	Model      *threats.Model
	Coalitions [][]*models.Attacker // each declared attacker alone, then the coalitions that requirements name
	Threats    []*Considered        // in the order of the catalogue
}

// Considered is a threat with what became of it. Its verdict is that of a requirement that it is never carried out, with all controls working: `violated`
// when some coalition can, whatever is decided; `depends` when the open decisions settle it; `holds` when none can, proved; `unknown` when
// that was not settled, or when the design declares no attacker.
type Considered struct {
	Threat    *threats.Threat
	Verdict   judge.Verdict
	Cases     []*checker.Case // by coalition
	Instances int             // ways to bind it to elements that fit the design, controls aside
	Stopped   int             // of these, how many a control stops
	Stops     []Stop          // these controls
	Because   Because         // of holds
	Why       string          // of holds and unknown: the reason, for people
}

// Because says what kind of reason there is for a threat not to be carried out.
type Because string

// The kinds of reasons.
const (
	Absent     Because = "absent"       // the design has nothing that the threat fits
	Stopped    Because = "stopped"      // a control stops it wherever it fits
	OutOfReach Because = "out-of-reach" // no attacker gets as far as it needs
	Excluded   Because = "excluded"     // every attacker is declared without it, or an assumption excludes the start
)

// Stop is a control that stops instances of a threat, with the places where it does.
type Stop struct {
	Control string
	On      []string
}

// Cover asks of every threat in use whether a coalition of the design can carry it out. Of a class of data, if one is given, only what has to do with such
// data counts. Errors are those of [checker.Check].
func Cover(ctx context.Context, m *threats.Model, class string, opt checker.Options) (*Coverage, error) {
	out := &Coverage{Model: m, Coalitions: coalitions(m.Design)}
	g, all, err := ground.Survey(ctx, m, out.Coalitions, concerned(m, class))
	if err != nil || len(all) == 0 {
		return out, err
	}
	closed := make([]judge.Closed, len(out.Coalitions)) // one closure settles most threats: no engine is asked
	for k := range closed {
		closed[k] = judge.NewClosed(ctx, all[0].Cases[k].Question)
	}
	var (
		open  []*ground.Case
		names []string
		at    []**checker.Case
	)
	for _, from := range all {
		c := &Considered{Threat: from.Threat, Instances: from.Instances, Stopped: from.Stopped, Cases: make([]*checker.Case, len(from.Cases))}
		for _, s := range from.Stops {
			stop := Stop{Control: s.Control.Name}
			for _, at := range s.On {
				stop.On = append(stop.On, place(at))
			}
			c.Stops = append(c.Stops, stop)
		}
		for k, q := range from.Cases {
			if r := closed[k].Rule(ctx, q, from.Fact); r != nil {
				c.Cases[k] = &checker.Case{Attackers: q.Attackers, Verdict: r.Verdict, Proof: &explain.Proof{Kind: explain.Closure}}
				continue
			}
			open, names, at = append(open, q), append(names, from.Threat.ID), append(at, &c.Cases[k])
		}
		out.Threats = append(out.Threats, c)
	}
	decided, err := checker.Decide(ctx, g, open, names, opt)
	if err != nil {
		return nil, err
	}
	for i, c := range decided {
		*at[i] = c
	}
	reached := make([]bool, g.System.Facts()) // by some coalition
	for f := range reached {
		reached[f] = slices.ContainsFunc(closed, func(c judge.Closed) bool { return !c.Never(int32(f)) })
	}
	for i, c := range out.Threats {
		for _, k := range c.Cases {
			if k.Attack != nil {
				for n := range k.Attack.Steps {
					step := &k.Attack.Steps[n]
					step.Adds = slices.DeleteFunc(step.Adds, func(s string) bool { return s == ground.CarriedOut })
				}
			}
		}
		c.Verdict = judge.Unknown // nothing is shown against attackers that are not there
		if len(c.Cases) > 0 {
			c.Verdict = checker.Worst(c.Cases)
		}
		c.explain(g, all[i], reached, class != "")
	}
	return out, nil
}

// coalitions returns each attacker of a design alone, and the coalitions that its requirements name, each once.
func coalitions(d *models.Design) [][]*models.Attacker {
	var out [][]*models.Attacker
	add := func(c []*models.Attacker) {
		if len(c) > 0 && !slices.ContainsFunc(out, func(o []*models.Attacker) bool { return slices.Equal(o, c) }) {
			out = append(out, c)
		}
	}
	for _, a := range d.Attackers {
		add([]*models.Attacker{a})
	}
	for _, r := range d.Requirements {
		for _, c := range r.Coalitions {
			add(c)
		}
	}
	return out
}

// concerned returns what has to do with data of a class: the data, the flows that it goes over, their ends and intermediaries, what keeps it or works on it,
// the parties that relations tie to these, and the hosts and zones that all these are on and in. Without a class it is everything.
func concerned(m *threats.Model, class string) ground.Concerned {
	if class == "" {
		return nil
	}
	in := ground.Concerned{}
	k := m.Catalogue.Vocabulary.Kinds[class]
	if k == nil {
		return in
	}
	of := func(list []*models.Element) bool {
		return slices.ContainsFunc(list, func(d *models.Element) bool { return d.Is(k) })
	}
	for _, e := range m.Design.Elements {
		switch f := e.Flow; {
		case e.Is(k), of(e.Handles), slices.ContainsFunc(e.Stores, func(s models.Stored) bool { return s.Data.Is(k) }):
			in[e] = true
		case f != nil && (of(f.Carries) || of(f.Returns)):
			for _, x := range append([]*models.Element{e, f.Source, f.Target}, f.Through...) {
				in[x] = true
			}
		}
	}
	isParty := func(e *models.Element) bool { return e.Root() == models.ActorRoot || e.Root() == models.ComponentRoot }
	for grows := true; grows; {
		grows = false
		for _, e := range m.Design.Elements {
			for _, list := range e.Relations {
				for _, x := range list {
					if isParty(e) && isParty(x) && in[e] != in[x] {
						in[e], in[x], grows = true, true, true
					}
				}
			}
		}
	}
	for _, e := range m.Design.Elements {
		if !in[e] || !isParty(e) {
			continue
		}
		for _, host := range e.RunsOn {
			in[host] = true
		}
		if e.Root() == models.ComponentRoot {
			for _, z := range e.Zones {
				in[z] = true
			}
		}
	}
	return in
}

func place(p ground.Place) string {
	if p.Data != nil {
		return p.Data.Name + " in " + p.On.Name
	}
	return p.On.Name
}

// explain says why a threat cannot be carried out, or why that is not known.
func (c *Considered) explain(g *ground.Grounding, from *ground.Considered, reached []bool, some bool) {
	switch {
	case len(c.Cases) == 0:
		c.Why = "the design declares no attacker"
	case c.Verdict == judge.Unknown:
		for _, k := range c.Cases {
			if k.Verdict == judge.Unknown && k.Unknown != nil && c.Why == "" {
				c.Why = k.Unknown.Text
			}
		}
	case c.Verdict != judge.Holds:
	case from.Missing != nil:
		c.Because, c.Why = Absent, "the design has no "+from.Missing.Type.Kind.Name
		if title := from.Missing.Type.Kind.Title; title != "" && !strings.EqualFold(title, strings.ReplaceAll(from.Missing.Type.Kind.Name, "_", " ")) {
			c.Why += " (" + title + ")"
		}
	case from.Unmet != nil:
		c.Because, c.Why = Absent, "nothing in the design meets "+unmet(from)
	case c.Instances == 0:
		c.Because, c.Why = Absent, "does not apply to this design"
		if some {
			c.Why = "no matching element is in scope of this list"
		}
	case c.Stopped == c.Instances:
		c.Because, c.Why = Stopped, "stopped wherever it fits by "+stops(c.Stops)
	default:
		if c.Because, c.Why = c.excluded(), ""; c.Because == Excluded {
			c.Why = "every attacker is declared without it, or excluded by an assumption"
			return
		}
		if c.Stopped > 0 {
			c.Why = fmt.Sprintf("stopped in %d of %d places by %s; ", c.Stopped, c.Instances, stops(c.Stops))
		}
		var needs []string
		for _, f := range from.Needs {
			if !reached[f] {
				needs = append(needs, g.FactName(f))
			}
		}
		if len(needs) == 0 {
			c.Why += "no attacker gets all of what it needs at once within the budget"
		} else {
			c.Why += "no attacker gains " + someOf(needs, "or")
			if len(from.Needs) == ground.MaxNeeds {
				c.Why += ", and many others"
			}
		}
	}
}

// excluded tells whether the declaration of every attacker or an assumption about it is what excludes the threat.
func (c *Considered) excluded() Because {
	for _, k := range c.Cases {
		if k.Proof != nil && k.Proof.Kind == explain.NoRuns {
			continue
		}
		for _, a := range k.Attackers {
			if !slices.Contains(a.Without, c.Threat.ID) {
				return OutOfReach
			}
		}
	}
	return Excluded
}

// unmet names conditions, and the kinds of their variables.
func unmet(c *ground.Considered) string {
	var of []string
	for _, v := range c.Threat.For {
		if slices.ContainsFunc(c.Unmet, func(e *models.Expr) bool { return e.Uses(v) }) {
			of = append(of, v.Name+": "+v.Type.String())
		}
	}
	all := c.Unmet[0]
	if len(c.Unmet) > 1 {
		all = &models.Expr{Op: models.OpAnd, Args: c.Unmet}
	}
	text := "`" + all.String() + "`"
	if len(of) > 0 {
		text += " for " + strings.Join(of, ", ")
	}
	return text
}

func stops(list []Stop) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, s.Control+" ("+someOf(s.On, "and")+")")
	}
	return someOf(parts, "and")
}

// someOf joins the first items of a list and counts the others.
func someOf(items []string, word string) string {
	const most = 3
	switch n := len(items); {
	case n > most+1:
		return fmt.Sprintf("%s %s %d more", strings.Join(items[:most], ", "), word, n-most)
	case n > 1:
		return strings.Join(items[:n-1], ", ") + " " + word + " " + items[n-1]
	}
	return items[0]
}

// Cheapest returns the case with the cheapest attack, or nil.
func (c *Considered) Cheapest() *checker.Case {
	var best *checker.Case
	for _, k := range c.Cases {
		if k.Attack != nil && (best == nil || k.Verdict.Rank() > best.Verdict.Rank() || k.Verdict == best.Verdict && k.Attack.Cost < best.Attack.Cost) {
			best = k
		}
	}
	return best
}
