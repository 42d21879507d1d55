package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/system"
)

// maxReason bounds the text that says why an engine gave up.
const maxReason = 256

// The kinds of certificates.
const (
	none = iota
	cuts
	invariant
	states
	cases // cuts with a proof by cases
	split // two, by a choice
)

// maxSplits is how often a proof is split on the way to a part, at the most.
const maxSplits = 64

// AppendProposal writes a proposal over the numbers of a slice.
func AppendProposal(b []byte, p *system.Proposal) []byte {
	b = number(b, len(p.Attacks))
	for _, a := range p.Attacks {
		b = numbers(numbers(b, a.Choices), a.Rules)
	}
	b = number(b, len(p.Sufficient))
	for i := range p.Sufficient {
		b = certificate(numbers(b, p.Sufficient[i].Decisions), &p.Sufficient[i].Proof)
	}
	b = certificate(b, p.Holds)
	b = certificate(number(b, p.AtLeast), p.Bound)
	b = append(number(b, len(p.Incomplete)), p.Incomplete...)
	return number(b, p.Depth)
}

func certificate(b []byte, c *system.Certificate) []byte {
	switch {
	case c == nil:
		return number(b, none)
	case c.Split != nil:
		return certificate(certificate(number(number(b, split), c.Split.Choice), &c.Split.Given), &c.Split.Not)
	case c.States != nil:
		b = numbers(number(b, states), c.States.Of)
		b = number(b, len(c.States.Each))
		for _, state := range c.States.Each {
			b = append(number(b, len(state)), state...)
		}
	case c.Invariant != nil:
		b = number(number(b, invariant), len(c.Invariant.Clauses))
		for _, clause := range c.Invariant.Clauses {
			b = numbers(b, clause)
		}
		b = number(b, len(c.Invariant.Laws))
		for _, law := range c.Invariant.Laws {
			b = number(binary.AppendVarint(b, int64(law.Total)), len(law.Of))
			for _, m := range law.Of {
				b = binary.AppendVarint(number(b, m.Fact), int64(m.Weight))
			}
		}
	case len(c.Cases) > 0:
		b = barriers(number(b, cases), c.Cuts)
		b = number(b, len(c.Cases))
		for _, x := range c.Cases {
			b = number(number(b, x.Split), len(x.Weights))
			for _, w := range x.Weights {
				b = number(number(b, w.Cut), w.Parts)
			}
		}
	default:
		b = barriers(number(b, cuts), c.Cuts)
	}
	return b
}

func barriers(b []byte, list []system.Cut) []byte {
	b = number(b, len(list))
	for _, cut := range list {
		b = number(numbers(numbers(b, cut.Choices), cut.Rules), cut.Weight)
	}
	return b
}

// ParseProposal reads a proposal over the numbers of a system. It may be anybody's: that numbers are those of choices, rules, or what a certificate may speak of is all that is known of it.
func ParseProposal(data []byte, s *system.System) (system.Proposal, error) {
	var p system.Proposal
	if len(data) > MaxBytes {
		return p, fmt.Errorf("an answer of %d bytes is larger than the limit of %d", len(data), MaxBytes)
	}
	r := &reader{data: data}
	for range r.count(2) {
		p.Attacks = append(p.Attacks, system.Run{Choices: r.choices(s), Rules: r.indices(s.Rules())})
	}
	for range r.count(2) {
		set := system.Sufficient{Decisions: r.choices(s)}
		set.Proof = r.proof(s, 0)
		p.Sufficient = append(p.Sufficient, set)
	}
	p.Holds = r.certificate(s, 0)
	p.AtLeast = int(r.number(math.MaxInt32))
	p.Bound = r.certificate(s, 0)
	p.Incomplete = r.text(int(r.number(maxReason)))
	p.Depth = int(r.number(math.MaxInt32))
	if r.err != nil || len(r.data) > 0 || p.Incomplete != "" && !reason.Known(p.Incomplete) {
		return system.Proposal{}, errForm
	}
	if !bytes.Equal(AppendProposal(make([]byte, 0, len(data)), &p), data) {
		return system.Proposal{}, errForm
	}
	return p, nil
}

// choices reads literals of choices.
func (r *reader) choices(s *system.System) []system.Lit {
	list := r.lits(s.Nodes())
	for _, l := range list {
		r.isChoice(s, l)
	}
	return list
}

func (r *reader) choice(s *system.System) system.Lit {
	l := r.lit(s.Nodes())
	r.isChoice(s, l)
	return l
}

func (r *reader) isChoice(s *system.System, l system.Lit) {
	if kind, _ := s.Node(l.Node()); kind != system.ChoiceNode {
		r.fail()
	}
}

// state reads literals of facts and choices, and where rules may be spoken of, that one was taken.
func (r *reader) state(s *system.System, taken bool) []system.Lit {
	nodes := s.Nodes()
	if taken {
		nodes += s.Rules()
	}
	list := r.lits(nodes)
	for _, l := range list {
		if int(l.Node()) >= s.Nodes() {
			continue
		}
		if kind, _ := s.Node(l.Node()); kind != system.FactNode && kind != system.ChoiceNode {
			r.fail()
			return nil
		}
	}
	return list
}

// cases reads a proof by cases over so many cuts.
func (r *reader) cases(s *system.System, cuts int) []system.Case {
	out := make([]system.Case, r.count(2))
	if len(out) == 0 {
		r.fail() // else it is a list of cuts
	}
	for i := range out {
		split := r.lit(s.Nodes() + s.Rules())
		if int(split.Node()) < s.Nodes() && split != 0 {
			if kind, _ := s.Node(split.Node()); kind != system.ChoiceNode {
				r.fail()
			}
		}
		out[i].Split = split
		for range r.count(2) {
			out[i].Weights = append(out[i].Weights, system.Weight{Cut: r.index(cuts), Parts: int(r.number(math.MaxInt32 * system.Parts))})
		}
	}
	return out
}

// proof reads a certificate that has to be there.
func (r *reader) proof(s *system.System, splits int) system.Certificate {
	c := r.certificate(s, splits)
	if c == nil {
		r.fail()
		return system.Certificate{}
	}
	return *c
}

func (r *reader) certificate(s *system.System, splits int) *system.Certificate {
	c := &system.Certificate{}
	switch kind := r.number(split); kind {
	case none:
		return nil
	case cuts, cases:
		for range r.count(3) {
			c.Cuts = append(c.Cuts, system.Cut{Choices: r.choices(s), Rules: r.indices(s.Rules()), Weight: int(r.number(math.MaxInt32))})
		}
		if kind == cases {
			c.Cases = r.cases(s, len(c.Cuts))
		}
	case invariant:
		c.Invariant = &system.Invariant{}
		for range r.count(1) {
			c.Invariant.Clauses = append(c.Invariant.Clauses, r.state(s, true))
		}
		for range r.count(2) {
			law := system.Law{Total: int(r.signed())}
			for range r.count(2) {
				law.Of = append(law.Of, system.Mass{Fact: r.index(s.Facts()), Weight: int(r.signed())})
			}
			c.Invariant.Laws = append(c.Invariant.Laws, law)
		}
	case states:
		c.States = &system.States{Of: r.state(s, false)}
		for range r.count(1) {
			state := r.text(int(r.number(uint64(len(r.data)))))
			if len(state) != (len(c.States.Of)+7)/8 {
				r.fail()
				return nil
			}
			c.States.Each = append(c.States.Each, state)
		}
	case split:
		l := r.choice(s)
		if splits++; splits > maxSplits {
			r.fail()
			return nil
		}
		c.Split = &system.Split{Choice: l, Given: r.proof(s, splits), Not: r.proof(s, splits)}
	}
	return c
}
