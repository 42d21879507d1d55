// Package evidence writes what a verdict was judged by in the names of the design, and reads it back. A report carries it, so that anybody can judge a
// case again without any engine.
//
// # Limitations
//
// Nothing in evidence is believed: that names stand for something, and that nothing is said twice or to no purpose, is all that is checked here. What it shows is
// for package judge to find out. Names are those of the design and catalogue that the evidence was written for.
package evidence

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence/form"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
)

// The forms, which whoever reads reports needs without what judges them.
type (
	Answer  = form.Answer
	Run     = form.Run
	Decided = form.Decided
	Proof   = form.Proof
	Law     = form.Law
	Mass    = form.Mass
	States  = form.States
	Part    = form.Part
	Cut     = form.Cut
	Case    = form.Case
	Weight  = form.Weight
)

// Of returns what a ruling was judged by, and the answers to what was asked besides; nil where it needs none: the case was put to no engine.
func Of(g *ground.Grounding, r *judge.Ruling, besides []*system.Proposal) *Answer {
	n := namer{g}
	e := &Answer{}
	further := slices.Concat(r.Further, besides)
	switch {
	case r.Answer != nil:
		e = n.answer(r.Answer)
	case len(further) == 0:
		return nil
	}
	for _, p := range further {
		e.Further = append(e.Further, n.answer(p))
	}
	return e
}

// namer writes parts of a proposal in names.
type namer struct{ g *ground.Grounding }

func (n namer) answer(p *system.Proposal) *Answer {
	e := &Answer{Holds: n.proof(p.Holds), Incomplete: p.Incomplete}
	if p.Incomplete != "" {
		e.Depth = p.Depth
	}
	if p.Holds != nil { // nothing else matters then
		return e
	}
	if p.AtLeast > 0 {
		e.AtLeast, e.Bound = p.AtLeast, n.proof(p.Bound)
	}
	for i, a := range p.Attacks {
		if slices.ContainsFunc(p.Attacks[:i], func(o system.Run) bool {
			return slices.Equal(o.Choices, a.Choices) && slices.Equal(o.Rules, a.Rules)
		}) {
			continue
		}
		e.Attacks = append(e.Attacks, Run{Choices: n.choices(a.Choices), Rules: n.rules(a.Rules)})
	}
	for _, s := range p.Sufficient {
		e.Sufficient = append(e.Sufficient, Decided{Decisions: n.choices(s.Decisions), Proof: *n.proof(&s.Proof)})
	}
	return e
}

func (n namer) choices(lits []system.Lit) []string {
	out := make([]string, len(lits))
	for i, l := range lits {
		out[i] = n.g.ChoiceName(l)
	}
	return out
}

func (n namer) rules(rules []int32) []string {
	out := make([]string, len(rules))
	for i, r := range rules {
		out[i] = n.g.RuleName(r)
	}
	return out
}

func (n namer) proof(c *system.Certificate) *Proof {
	if c == nil {
		return nil
	}
	out := &Proof{Cuts: make([]Cut, len(c.Cuts))}
	for i, cut := range c.Cuts {
		out.Cuts[i] = Cut{Choices: n.choices(cut.Choices), Rules: n.rules(cut.Rules), Weight: cut.Weight}
	}
	for _, x := range c.Cases {
		var to Case
		if x.Split != 0 {
			to.Split = Literal(n.g, x.Split)
		}
		for _, w := range x.Weights {
			to.Weights = append(to.Weights, Weight(w))
		}
		out.Cases = append(out.Cases, to)
	}
	if c.Invariant != nil {
		out.Invariant = make([][]string, len(c.Invariant.Clauses))
		for i, clause := range c.Invariant.Clauses {
			out.Invariant[i] = make([]string, len(clause))
			for k, l := range clause {
				out.Invariant[i][k] = Literal(n.g, l)
			}
		}
		for _, law := range c.Invariant.Laws {
			to := Law{Total: law.Total}
			for _, m := range law.Of {
				to.Of = append(to.Of, Mass{Fact: n.g.FactName(m.Fact), Weight: m.Weight})
			}
			out.Laws = append(out.Laws, to)
		}
	}
	if c.States != nil {
		out.States = &States{Of: make([]string, len(c.States.Of)), Each: make([]string, len(c.States.Each))}
		for i, l := range c.States.Of {
			out.States.Of[i] = Literal(n.g, l)
		}
		for i, state := range c.States.Each {
			out.States.Each[i] = hex.EncodeToString([]byte(state))
		}
	}
	if c.Split != nil {
		out.Parts = n.parts(c)
	}
	return out
}

func (n namer) parts(c *system.Certificate) []Part {
	x := c.Split
	if x == nil {
		return []Part{{Proof: n.proof(c)}}
	}
	return slices.Concat([]Part{{Choice: n.g.ChoiceName(x.Choice)}}, n.parts(&x.Given), n.parts(&x.Not))
}

// Literal names a literal of an invariant: a fact, a choice, or that a rule was taken.
func Literal(g *ground.Grounding, l system.Lit) string {
	s := g.System
	var name string
	if r := int(l.Node()) - s.Nodes(); r >= 0 {
		name = taken + g.RuleName(int32(r))
	} else if kind, ref := s.Node(l.Node()); kind == system.FactNode {
		name = g.FactName(ref)
	} else {
		return g.ChoiceName(l)
	}
	if l.Negated() {
		name = "not " + name
	}
	return name
}

// taken stands before the name of a rule that was taken.
const taken = "taken "

// Words finds what names stand for.
type Words struct {
	choices map[string]system.Lit
	rules   map[string]int32
	facts   map[string]int32
	all     map[string]system.Lit // what invariants are made of
}

// NewWords returns the words of a grounding.
func NewWords(g *ground.Grounding) *Words {
	d := &Words{choices: map[string]system.Lit{}, rules: make(map[string]int32, g.System.Rules()), facts: make(map[string]int32, g.System.Facts()), all: map[string]system.Lit{}}
	put := func(l system.Lit) { d.all[Literal(g, l)], d.all[Literal(g, l.Not())] = l, l.Not() }
	for i := range int32(g.System.Choices()) {
		l := g.System.Choice(i)
		d.choices[g.ChoiceName(l)], d.choices[g.ChoiceName(l.Not())] = l, l.Not()
		put(l)
	}
	for f := range int32(g.System.Facts()) {
		put(g.System.Fact(f))
		d.facts[g.FactName(f)] = f
	}
	for r := range int32(g.System.Rules()) {
		d.rules[g.RuleName(r)] = r
		put(g.System.Taken(r))
	}
	return d
}

// Choice returns the literal of a choice, such as `not waf on Shop`.
func (d *Words) Choice(name string) (system.Lit, bool) {
	l, ok := d.choices[name]
	return l, ok
}

// Rule returns the rule with a name, such as `exploit(Browse, Shop)`.
func (d *Words) Rule(name string) (int32, bool) {
	r, ok := d.rules[name]
	return r, ok
}

// Proposal reads an answer, without those to further questions. It is an error where a name stands for nothing in the design.
func (d *Words) Proposal(e *Answer) (system.Proposal, error) {
	if e == nil {
		return system.Proposal{}, errors.New("the report has no evidence for it")
	}
	if err := wellFormed(e); err != nil {
		return system.Proposal{}, err
	}
	r := &translator{Words: d}
	p := system.Proposal{Holds: r.proof(e.Holds), AtLeast: e.AtLeast, Bound: r.proof(e.Bound), Incomplete: e.Incomplete, Depth: e.Depth}
	for _, a := range e.Attacks {
		p.Attacks = append(p.Attacks, system.Run{Choices: r.lits(a.Choices), Rules: r.instances(a.Rules)})
	}
	for _, s := range e.Sufficient {
		p.Sufficient = append(p.Sufficient, system.Sufficient{Decisions: r.lits(s.Decisions), Proof: *r.proof(&s.Proof)})
	}
	return p, r.err
}

// wellFormed refuses what no engine says, and what would pass because nothing looks at it.
func wellFormed(e *Answer) error {
	switch {
	case e.Incomplete != "" && !reason.Known(e.Incomplete):
		return fmt.Errorf("no engine gives up because %q", e.Incomplete)
	case e.Depth < 0 || e.Depth > 0 && e.Incomplete == "":
		return errors.New("it says how far a search got that was not given up")
	case e.Holds != nil && (e.AtLeast != 0 || len(e.Attacks)+len(e.Sufficient) > 0):
		return errors.New("it has more than the proof that the case holds")
	case (e.Bound != nil) != (e.AtLeast > 0):
		return errors.New("the bound on the cost and its proof go together")
	case len(e.Attacks) == 0 && (len(e.Sufficient) > 0 || e.Bound != nil):
		return errors.New("it has sets of decisions, or a bound on the cost, of no attack")
	}
	for _, p := range []*Proof{e.Holds, e.Bound} {
		if p != nil && repeats(p) {
			return errRepeats
		}
	}
	for i := range e.Sufficient {
		if repeats(&e.Sufficient[i].Proof) {
			return errRepeats
		}
	}
	if repeated(len(e.Sufficient), func(i int) []string { return e.Sufficient[i].Decisions }) {
		return errRepeats
	}
	seen := make(map[string]bool, len(e.Attacks))
	for _, a := range e.Attacks { // which may well take a step twice
		key := strings.Join(a.Choices, "\x00") + "\x01" + strings.Join(a.Rules, "\x00")
		if seen[key] {
			return errRepeats
		}
		seen[key] = true
	}
	return nil
}

var errRepeats = errors.New("it lists an entry twice")

// repeats reports whether a proof has a barrier, a clause or a state twice, in whatever order, or several kinds of them.
func repeats(p *Proof) bool {
	kinds := 0
	for _, there := range []bool{len(p.Cuts)+len(p.Cases) > 0, p.Invariant != nil, p.States != nil, len(p.Parts) > 0} {
		if there {
			kinds++
		}
	}
	return kinds > 1 || len(p.Laws) > 0 && p.Invariant == nil || p.States != nil && !ascending(p.States.Each) ||
		slices.ContainsFunc(p.Parts, func(x Part) bool { return x.Proof != nil && repeats(x.Proof) }) ||
		repeated(len(p.Cuts), func(i int) []string {
			return slices.Concat(p.Cuts[i].Choices, p.Cuts[i].Rules, []string{fmt.Sprint(p.Cuts[i].Weight)})
		}) ||
		repeated(len(p.Invariant), func(i int) []string { return p.Invariant[i] }) ||
		repeated(len(p.Laws), func(i int) (names []string) {
			for _, m := range p.Laws[i].Of {
				names = append(names, fmt.Sprint(m))
			}
			return names
		})
}

// ascending reports whether each of a list comes after the one before.
func ascending(list []string) bool {
	for i := range list {
		if i > 0 && list[i] <= list[i-1] {
			return false
		}
	}
	return true
}

// repeated reports whether one of n sets of names is there twice, or has a name twice.
func repeated(n int, at func(int) []string) bool {
	seen := make(map[string]bool, n)
	for i := range n {
		names := slices.Sorted(slices.Values(at(i)))
		if len(slices.Compact(slices.Clone(names))) < len(names) {
			return true
		}
		key := strings.Join(names, "\x00")
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// Distinct takes out of an engine's proposal what it says twice, so that evidence that says something twice can be refused.
func Distinct(p *system.Proposal) {
	certificate(p.Holds)
	certificate(p.Bound)
	for i := range p.Sufficient {
		certificate(&p.Sufficient[i].Proof)
	}
}

func certificate(c *system.Certificate) {
	switch {
	case c == nil:
	case c.Split != nil:
		*c = system.Certificate{Split: c.Split}
		certificate(&c.Split.Given)
		certificate(&c.Split.Not)
	case c.Invariant != nil:
		c.Cuts, c.Cases = nil, nil
		for i, clause := range c.Invariant.Clauses {
			c.Invariant.Clauses[i] = set(clause)
		}
		c.Invariant.Clauses = unique(c.Invariant.Clauses)
	case c.States != nil:
		c.Cuts, c.Cases = nil, nil
	default:
		for i, cut := range c.Cuts {
			c.Cuts[i].Choices, c.Cuts[i].Rules = set(cut.Choices), set(cut.Rules)
		}
		if len(c.Cases) == 0 { // which number them
			c.Cuts = unique(c.Cuts)
		}
	}
}

// set returns the elements of a list in ascending order, each once.
func set[T cmp.Ordered](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

// unique returns the elements of a list in their order, each once.
func unique[T any](list []T) []T {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool {
		key := fmt.Sprint(x)
		known := seen[key]
		seen[key] = true
		return known
	})
}

// translator reads one case's evidence and keeps the first error.
type translator struct {
	*Words
	err error
}

func (t *translator) lits(names []string) []system.Lit {
	out := make([]system.Lit, len(names))
	for i, n := range names {
		l, ok := t.choices[n]
		if !ok && t.err == nil {
			t.err = fmt.Errorf("the design has no choice %q", n)
		}
		out[i] = l
	}
	return out
}

func (t *translator) instances(names []string) []int32 {
	out := make([]int32, len(names))
	for i, n := range names {
		r, ok := t.rules[n]
		if !ok && t.err == nil {
			t.err = fmt.Errorf("no threat has the instance %q", n)
		}
		out[i] = r
	}
	return out
}

func (t *translator) proof(p *Proof) *system.Certificate {
	if p == nil {
		return nil
	}
	out := &system.Certificate{Cuts: make([]system.Cut, len(p.Cuts))}
	for i, c := range p.Cuts {
		out.Cuts[i] = system.Cut{Choices: t.lits(c.Choices), Rules: t.instances(c.Rules), Weight: c.Weight}
	}
	for _, c := range p.Cases {
		var to system.Case
		if c.Split != "" {
			to.Split = t.literals([]string{c.Split})[0]
		}
		for _, w := range c.Weights {
			to.Weights = append(to.Weights, system.Weight(w))
		}
		out.Cases = append(out.Cases, to)
	}
	if p.Invariant != nil {
		out.Invariant = &system.Invariant{}
		for _, clause := range p.Invariant {
			out.Invariant.Clauses = append(out.Invariant.Clauses, t.literals(clause))
		}
		for _, law := range p.Laws {
			to := system.Law{Total: law.Total}
			for _, m := range law.Of {
				to.Of = append(to.Of, system.Mass{Fact: t.fact(m.Fact), Weight: m.Weight})
			}
			out.Invariant.Laws = append(out.Invariant.Laws, to)
		}
	}
	if p.States != nil {
		out.States = t.states(p.States)
	}
	if len(p.Parts) > 0 {
		rest := p.Parts
		part := t.part(&rest)
		if out.Split = part.Split; t.err == nil && (len(rest) > 0 || part.Split == nil) {
			t.err = errParts
		}
	}
	return out
}

var errParts = errors.New("its parts are not a choice with what comes of it, a part for each way")

// part reads the first of some parts, with what belongs to it, and leaves the rest.
func (t *translator) part(rest *[]Part) system.Certificate {
	if len(*rest) == 0 || ((*rest)[0].Choice == "") == ((*rest)[0].Proof == nil) || (*rest)[0].Proof != nil && len((*rest)[0].Proof.Parts) > 0 {
		t.err = cmp.Or(t.err, errParts)
		return system.Certificate{}
	}
	x := (*rest)[0]
	*rest = (*rest)[1:]
	if x.Proof != nil {
		return *t.proof(x.Proof)
	}
	return system.Certificate{Split: &system.Split{Choice: t.lits([]string{x.Choice})[0], Given: t.part(rest), Not: t.part(rest)}}
}

func (t *translator) literals(names []string) []system.Lit {
	out := make([]system.Lit, len(names))
	for i, n := range names {
		l, ok := t.all[n]
		if !ok && t.err == nil {
			t.err = fmt.Errorf("the design has no fact, choice or instance of a threat %q", n)
		}
		out[i] = l
	}
	return out
}

func (t *translator) fact(name string) int32 {
	f, ok := t.facts[name]
	if !ok && t.err == nil {
		t.err = fmt.Errorf("the design has no fact %q for a law to weigh", name)
	}
	return f
}

func (t *translator) states(s *States) *system.States {
	out := &system.States{Of: t.literals(s.Of), Each: make([]string, len(s.Each))}
	for i, state := range s.Each {
		b, err := hex.DecodeString(state)
		if (err != nil || hex.EncodeToString(b) != state) && t.err == nil {
			t.err = fmt.Errorf("state %d is not written in hexadecimal digits", i+1)
		}
		out.Each[i] = string(b)
	}
	return out
}

// Effort is about how long it takes to check a proposal, in barriers, clauses and states times the rules and nodes that each is tried with.
func Effort(p *system.Proposal, s *system.System) int64 {
	n, visited := 0, int64(0)
	leaf := func(c *system.Certificate) {
		if n += len(c.Cuts); c.Invariant != nil {
			n += len(c.Invariant.Clauses) + len(c.Invariant.Laws)
		}
		for _, x := range c.Cases {
			for _, w := range x.Weights {
				if w.Cut >= 0 && int(w.Cut) < len(c.Cuts) {
					visited += int64(len(c.Cuts[w.Cut].Choices) + len(c.Cuts[w.Cut].Rules))
				}
			}
		}
		if c.States != nil {
			visited += int64(len(c.States.Each)) * int64(changing(c.States, s))
		}
	}
	count := func(c *system.Certificate) {
		if c == nil {
			return
		}
		for part := range c.Leaves {
			leaf(part)
		}
	}
	count(p.Holds)
	count(p.Bound)
	for i := range p.Sufficient {
		count(&p.Sufficient[i].Proof)
	}
	for _, a := range p.Attacks {
		n += len(a.Rules) // each is tried without
	}
	return int64(n)*int64(s.Rules()+s.Nodes()) + visited
}

// changing returns how many rules change what states tell.
func changing(states *system.States, s *system.System) int {
	told := map[system.Lit]bool{}
	for _, l := range states.Of {
		told[l] = true
	}
	n := 0
	for r := range int32(s.Rules()) {
		if slices.ContainsFunc(s.Effects(r), func(e system.Effect) bool { return told[s.Fact(e.Fact)] }) {
			n++
		}
	}
	return n
}
