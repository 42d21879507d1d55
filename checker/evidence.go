package checker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats"
)

// Evidence is all that was found out about a case, in the names of the design, so that a report can carry it and [Recheck] can judge it again
// without any engine. It is a [system.Proposal]: nothing in it is believed.
type Evidence struct {
	Attacks    []Run     `json:"attacks,omitempty"`    // the first is the one to show; together they cover all decisions that Sufficient leaves
	Sufficient []Decided `json:"sufficient,omitempty"` // the sets of decisions that make it hold
	Holds      *CutProof `json:"holds,omitempty"`
	AtLeast    int       `json:"at_least,omitempty"` // no attack costs less
	Bound      *CutProof `json:"bound,omitempty"`    // why
	Incomplete string    `json:"incomplete,omitempty"`

	// Further are the answers to further questions, in the order in which they come up: whether a domain stops a step, and of `possible` whether it is
	// reached under one combination of choices after another.
	Further []*Evidence `json:"further,omitempty"`
}

// Run is an attack: literals such as `not waf on Shop` that it relies on, and the instances of threats such as `exploit(Browse, Shop)` that it takes, in order.
type Run struct {
	Choices []string `json:"choices,omitempty"`
	Rules   []string `json:"rules,omitempty"`
}

// Decided is a set of decisions with the proof that the case holds after it.
type Decided struct {
	Decisions []string `json:"decisions,omitempty"`
	Proof     CutProof `json:"proof"`
}

// CutProof is a [system.Certificate]: barriers that no allowed combination of choices and instances of threats passes, or an invariant.
type CutProof struct {
	Cuts      []CutNames `json:"cuts,omitempty"`
	Invariant [][]string `json:"invariant,omitzero"` // clauses of literals: facts, choices, and `taken` with an instance of a threat
}

// CutNames is a [system.Cut].
type CutNames struct {
	Choices []string `json:"choices,omitempty"`
	Rules   []string `json:"rules,omitempty"`
}

// Evidence returns what the verdict of a case was judged by; nil where it needs none: the case was not put to an engine, or has no runs.
func (c *Case) Evidence() *Evidence {
	n := namer{c.grounding}
	e := &Evidence{}
	switch {
	case c.proposal != nil:
		e = n.evidence(c.proposal)
	case len(c.further) == 0:
		return nil
	}
	for _, p := range c.further {
		e.Further = append(e.Further, n.evidence(p))
	}
	return e
}

// namer writes parts of a proposal in names.
type namer struct{ g *ground.Grounding }

func (n namer) evidence(p *system.Proposal) *Evidence {
	e := &Evidence{Holds: n.proof(p.Holds), AtLeast: p.AtLeast, Bound: n.proof(p.Bound), Incomplete: p.Incomplete}
	for i, a := range p.Attacks {
		if slices.ContainsFunc(p.Attacks[:i], func(o system.Run) bool {
			return slices.Equal(o.Choices, a.Choices) && slices.Equal(o.Rules, a.Rules)
		}) {
			continue
		}
		e.Attacks = append(e.Attacks, Run{n.choices(a.Choices), n.rules(a.Rules)})
	}
	for _, s := range p.Sufficient {
		e.Sufficient = append(e.Sufficient, Decided{n.choices(s.Decisions), *n.proof(&s.Proof)})
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

func (n namer) proof(c *system.Certificate) *CutProof {
	if c == nil {
		return nil
	}
	out := &CutProof{Cuts: make([]CutNames, len(c.Cuts))}
	for i, cut := range c.Cuts {
		out.Cuts[i] = CutNames{n.choices(cut.Choices), n.rules(cut.Rules)}
	}
	if c.Invariant != nil {
		out.Invariant = make([][]string, len(c.Invariant.Clauses))
		for i, clause := range c.Invariant.Clauses {
			out.Invariant[i] = make([]string, len(clause))
			for k, l := range clause {
				out.Invariant[i][k] = n.literal(l)
			}
		}
	}
	return out
}

// literal names a literal of an invariant.
func (n namer) literal(l system.Lit) string {
	s := n.g.System
	var name string
	if r := int(l.Node()) - s.Nodes(); r >= 0 {
		name = taken + n.g.RuleName(int32(r))
	} else if kind, ref := s.Node(l.Node()); kind == system.FactNode {
		name = n.g.FactName(ref)
	} else {
		return n.g.ChoiceName(l)
	}
	if l.Negated() {
		name = "not " + name
	}
	return name
}

// taken stands before the name of a rule that was taken.
const taken = "taken "

// dictionary finds what names stand for.
type dictionary struct {
	choices map[string]system.Lit
	rules   map[string]int32
	all     map[string]system.Lit // what invariants are made of
}

func newDictionary(g *ground.Grounding) *dictionary {
	d := &dictionary{choices: map[string]system.Lit{}, rules: make(map[string]int32, g.System.Rules()), all: map[string]system.Lit{}}
	n := namer{g}
	put := func(l system.Lit) { d.all[n.literal(l)], d.all[n.literal(l.Not())] = l, l.Not() }
	for i := range int32(g.System.Choices()) {
		l := g.System.Choice(i)
		d.choices[g.ChoiceName(l)], d.choices[g.ChoiceName(l.Not())] = l, l.Not()
		put(l)
	}
	for f := range int32(g.System.Facts()) {
		put(g.System.Fact(f))
	}
	for r := range int32(g.System.Rules()) {
		d.rules[g.RuleName(r)] = r
		put(g.System.Taken(r))
	}
	return d
}

// proposal reads evidence. It is an error where a name stands for nothing in the design.
func (d *dictionary) proposal(e *Evidence) (system.Proposal, error) {
	if e == nil {
		return system.Proposal{}, errors.New("the report has no evidence for it")
	}
	r := &translator{dictionary: d}
	p := system.Proposal{Holds: r.proof(e.Holds), AtLeast: e.AtLeast, Bound: r.proof(e.Bound), Incomplete: e.Incomplete}
	for _, a := range e.Attacks {
		p.Attacks = append(p.Attacks, system.Run{Choices: r.lits(a.Choices), Rules: r.instances(a.Rules)})
	}
	for _, s := range e.Sufficient {
		p.Sufficient = append(p.Sufficient, system.Sufficient{Decisions: r.lits(s.Decisions), Proof: *r.proof(&s.Proof)})
	}
	return p, r.err
}

// translator reads one case's evidence and keeps the first error.
type translator struct {
	*dictionary
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

func (t *translator) proof(p *CutProof) *system.Certificate {
	if p == nil {
		return nil
	}
	out := &system.Certificate{Cuts: make([]system.Cut, len(p.Cuts))}
	for i, c := range p.Cuts {
		out.Cuts[i] = system.Cut{Choices: t.lits(c.Choices), Rules: t.instances(c.Rules)}
	}
	if p.Invariant != nil {
		out.Invariant = &system.Invariant{}
		for _, clause := range p.Invariant {
			lits := make([]system.Lit, len(clause))
			for i, n := range clause {
				l, ok := t.all[n]
				if !ok && t.err == nil {
					t.err = fmt.Errorf("the design has no fact, choice or instance of a threat %q", n)
				}
				lits[i] = l
			}
			out.Invariant.Clauses = append(out.Invariant.Clauses, lits)
		}
	}
	return out
}

// Refused is a case whose evidence does not show what it should.
type Refused struct {
	Requirement, Case int // in the order of the design
	Err               error
}

// Recheck judges a model by evidence alone: no engine runs. The evidence is given by requirement and case, both in the order of the design; it may be
// anybody's. Cases whose evidence is refused get no verdict, and are returned beside the result. Errors are those of [Check].
func Recheck(ctx context.Context, m *threats.Model, opt Options, evidence func(requirement, at int) *Evidence) (*Result, []Refused, error) {
	var (
		mu      sync.Mutex
		refused []Refused
		once    sync.Once
		words   *dictionary
	)
	j := &judge{opt: opt}
	j.propose = func(_ context.Context, jb job, _ *system.Question, asked int) (system.Proposal, error) {
		once.Do(func() { words = newDictionary(j.g) })
		e := evidence(jb.requirement, jb.index)
		if jb.from.Possible {
			asked++ // it has no question of its own
		}
		if asked > 0 && e != nil {
			if asked > len(e.Further) {
				return system.Proposal{}, errors.New("the report does not answer all that its verdict depends on")
			}
			e = e.Further[asked-1]
		}
		return words.proposal(e)
	}
	j.refuse = func(jb job, err error) {
		mu.Lock()
		defer mu.Unlock()
		refused = append(refused, Refused{jb.requirement, jb.index, err})
	}
	result, err := j.check(ctx, m)
	slices.SortFunc(refused, func(a, b Refused) int {
		return cmp.Or(cmp.Compare(a.Requirement, b.Requirement), cmp.Compare(a.Case, b.Case))
	})
	return result, refused, err
}
