package explain

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/engine/reach"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
)

// ProofKind says how a case was proved.
type ProofKind string

// The kinds of proofs.
const (
	Runs      ProofKind = "runs"      // of possible
	Closure   ProofKind = "closure"   // nothing leads there
	Cuts      ProofKind = "cuts"      // every combination of choices and cost is blocked
	Invariant ProofKind = "invariant" // no rule leads out of it
	States    ProofKind = "states"    // all that are reached, at the most
	Parts     ProofKind = "parts"     // one proof for each of some combinations of choices
	FromStart           = ProofKind(judge.FromStart)
	NoRuns              = ProofKind(judge.NoRuns)
)

// Proof tells how a case was proved. What it describes has been checked by package certify.
type Proof struct {
	Kind        ProofKind
	RestsOn     []Choice  // controls without which the proof breaks down
	Assumptions []string  // names of the assumptions in force
	Gains       []string  // all that the attacker can gain at the most, within the slice of the requirement (closure only)
	Cuts        []Barrier // of cuts
	Clauses     int       // of an invariant, or of those of all parts
	Laws        int       // the same
	States      int       // how many, in all parts
	Parts       int       // how many; 0: it is not in parts
	Decisions   []Choice  // of depends: the decisions that the proof is given; of possible, where it fails: those under which no run gets there
	Failures    []Choice  // of possible: the failures under which no run gets there

	closes *system.Question // of a closure of which it is not said yet what it rests on
}

// Barrier is a cut: an attack must use one of these rules, or one of these choices must have gone wrong.
type Barrier struct {
	Choices []Choice
	Rules   []string // sentences of the rule instances
}

// Empty describes why a case had nothing to be proved.
func Empty(from *ground.Case, e judge.Empty) *Proof {
	p := &Proof{Kind: ProofKind(e)}
	if e == judge.NoRuns {
		p.Assumptions = assumptions(from)
	}
	return p
}

func assumptions(from *ground.Case) []string {
	var out []string
	for _, a := range from.Assumed {
		out = append(out, a.Name)
	}
	return out
}

// Certified describes a certificate: what the attacker gains at the most, and which controls keep it so, which [Rest] says of closures.
func Certified(ctx context.Context, g *ground.Grounding, from *ground.Case, q *system.Question, cert *system.Certificate, decisions []system.Lit) *Proof {
	p := &Proof{Kind: Cuts, Assumptions: assumptions(from), Decisions: Choices(g, decisions)}
	for part := range cert.Leaves {
		p.Parts++
		if part.Invariant != nil {
			p.Kind = Invariant
			p.Clauses += len(part.Invariant.Clauses)
			p.Laws += len(part.Invariant.Laws)
		}
		if part.States != nil {
			p.Kind = States
			p.States += len(part.States.Each)
		}
	}
	if cert.Split == nil {
		p.Parts = 0
	} else {
		p.Kind = Parts
	}
	if len(cert.Cuts) == 1 && len(cert.Cuts[0].Choices) == 0 && len(cert.Cuts[0].Rules) == 0 {
		p.Kind, p.closes = Closure, q
		return p
	}
	rests := needed(ctx, q, cert)
	for part := range cert.Leaves {
		for _, cut := range part.Cuts {
			if rests = append(rests, cut.Choices...); cert.Split == nil { // else it is one in its part alone
				p.Cuts = append(p.Cuts, barrier(g, cut))
			}
		}
	}
	p.RestsOn = restsOn(g, rests)
	return p
}

// Rest says what proofs by closure rest on. It takes long in large designs, and less for all proofs together than one by one.
func Rest(g *ground.Grounding, proofs []*Proof) {
	var open []*Proof
	var qs []*system.Question
	for _, p := range proofs {
		if p != nil && p.closes != nil {
			open, qs = append(open, p), append(qs, p.closes)
		}
	}
	var before []system.Lit
	for i, lits := range reach.RestsOn(qs, reach.Options{}) {
		if i > 0 && slices.Equal(lits, before) { // what many requirements rest on is said once
			open[i].RestsOn = open[i-1].RestsOn
		} else {
			open[i].RestsOn = restsOn(g, lits)
		}
		open[i].closes, before = nil, lits
	}
}

// restsOn returns the controls that choices are about, in the order of the system.
func restsOn(g *ground.Grounding, lits []system.Lit) []Choice {
	if len(lits) == 0 {
		return nil
	}
	lits = slices.Clone(lits)
	slices.Sort(lits)
	out := make([]Choice, 0, len(lits))
	for i, l := range lits {
		if i > 0 && lits[i-1].Node() == l.Node() {
			continue
		}
		_, ref := g.System.Node(l.Node())
		c := choice(g, g.System.Choice(ref))
		c.Is = g.System.ChoiceKind(ref) == system.Failure
		if !c.Is {
			_, c.Is = slices.BinarySearch(lits, g.System.Choice(ref).Not())
		}
		if n := len(out); n == 0 || out[n-1] != c { // an open control has two choices, one made after the other: that it fails, and that it is there
			out = append(out, c)
		}
	}
	return out
}

func barrier(g *ground.Grounding, cut system.Cut) Barrier {
	b := Barrier{}
	for _, l := range cut.Choices {
		c := choice(g, l)
		_, ref := g.System.Node(l.Node())
		if g.System.ChoiceKind(ref) == system.Decision {
			c.Is = !c.Is // the barrier stands while the literal is false
		}
		b.Choices = append(b.Choices, c)
	}
	for _, r := range cut.Rules {
		b.Rules = append(b.Rules, g.Rule(r).Says)
	}
	return b
}

// Reached describes what `possible` was decided by: the runs, and the proof, which tells what they rest on or, where there is a combination of choices
// under which there is none, that nothing gets there.
func Reached(ctx context.Context, g *ground.Grounding, from *ground.Case, r *judge.Reach) (runs []*Attack, proof *Proof, err error) {
	for i := range r.Runs {
		trace, err := system.Replay(from.Question, &r.Runs[i].Whole)
		if err != nil {
			return nil, nil, err
		}
		runs = append(runs, describe(g, from.Question, &r.Runs[i].Run, trace))
	}
	if r.Wanting == nil {
		return runs, &Proof{Kind: Runs, RestsOn: runsRestOn(g, from, r.Runs), Assumptions: assumptions(from)}, nil
	}
	var given, failed []system.Lit
	for _, l := range r.Wanting.Fixed[len(from.Question.Fixed):] {
		if _, i := g.System.Node(l.Node()); g.System.ChoiceKind(i) == system.Decision {
			given = append(given, l)
		} else if !l.Negated() {
			failed = append(failed, l)
		}
	}
	proof = Certified(ctx, g, from, r.Wanting, r.Proof, given)
	proof.Failures = Choices(g, failed)
	return runs, proof, nil
}

// uniqueChoices drops repeated controls: an open control has two choices, that it is there and that it fails.
func uniqueChoices(in []Choice) []Choice {
	seen := map[Choice]bool{}
	var out []Choice
	for _, c := range in {
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}
