package checker

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Memory keeps what engines proposed, so that of a design that has changed only those questions are asked again that have changed, too. Questions are known by what can matter to them
// ([slice.Slice.Digest]), without any name. Nothing in a memory is believed: the judge decides on it as on every proposal, and what it refuses is asked afresh. It is safe for concurrent use. The zero Memory is empty and ready to use.
//
// Proofs by explicit states are not kept.
type Memory struct {
	mu          sync.Mutex
	now, before map[memoryKey]remembered // of the last checks, and of those before them
	size        int                      // of now, in numbers
	asked, hit  int
}

// maxMemory is how many numbers the proposals of a half of a memory may have together: some 64 MB.
const maxMemory = 1 << 24

// memoryKey is a question, for an engine with its limits.
type memoryKey [sha256.Size]byte

// remembered is a proposal over the numbers of the slice.
type remembered struct {
	system.Proposal
	size int
}

// Counts returns how many questions were asked, and how many of them were answered from the memory.
func (m *Memory) Counts() (asked, answered int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked, m.hit
}

// answer returns what is remembered of a question, unless it is to be fresh, or what an engine says, which is then remembered.
func (m *Memory) answer(ctx context.Context, q *system.Question, engine string, fresh bool, ask func() (system.Proposal, error)) (system.Proposal, error) {
	s := slice.Of(q)
	digest := s.Digest()
	key := memoryKey(sha256.Sum256(append([]byte(engine+"\x00"), digest[:]...)))
	if p, ok := m.recall(key); ok && !fresh {
		if p, ok = outward(s, q.System, p); ok {
			m.mu.Lock()
			m.hit++
			m.mu.Unlock()
			return p, nil
		}
	}
	m.forget(key)
	p, err := ask()
	if err == nil && ctx.Err() == nil && (p.Incomplete == "" || len(p.Attacks) > 0) { // why it was given up, nothing can check
		if own, ok := inward(s, q.System, p); ok {
			m.keep(key, own)
		}
	}
	return p, err
}

func (m *Memory) recall(key memoryKey) (system.Proposal, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	r, ok := m.now[key]
	if !ok {
		if r, ok = m.before[key]; ok {
			m.put(key, r)
		}
	}
	return r.Proposal, ok
}

func (m *Memory) keep(key memoryKey, p system.Proposal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, remembered{p, sizeOf(&p)})
}

// put enters what is remembered. What has not been asked for since the half before was full goes.
func (m *Memory) put(key memoryKey, r remembered) {
	if r.size > maxMemory {
		return
	}
	if m.size+r.size > maxMemory || m.now == nil {
		m.before, m.now, m.size = m.now, map[memoryKey]remembered{}, 0
	}
	if _, ok := m.now[key]; !ok {
		m.size += r.size
	}
	m.now[key] = r
}

func (m *Memory) forget(key memoryKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.now, key)
	delete(m.before, key)
}

// sizeOf is how many numbers a proposal has, and some for each of its parts.
func sizeOf(p *system.Proposal) int {
	n := 16
	cert := func(c *system.Certificate) {
		if c == nil {
			return
		}
		for _, cut := range c.Cuts {
			n += len(cut.Choices) + len(cut.Rules) + 8
		}
		if c.Invariant != nil {
			for _, clause := range c.Invariant.Clauses {
				n += len(clause) + 8
			}
		}
	}
	for _, a := range p.Attacks {
		n += len(a.Choices) + len(a.Rules) + 8
	}
	for i := range p.Sufficient {
		n += len(p.Sufficient[i].Decisions) + 8
		cert(&p.Sufficient[i].Proof)
	}
	cert(p.Holds)
	cert(p.Bound)
	return n
}

// translator replaces the numbers in a proposal by others; bad says that one has none.
type translator struct {
	rule   func(int32) (int32, bool)
	choice func(system.Lit) (system.Lit, bool)
	any    func(system.Lit) (system.Lit, bool) // facts, choices, and that a rule was taken
	bad    bool
}

// inward writes a proposal over a question in the numbers of its slice; false where it speaks of what is not in the slice.
func inward(s *slice.Slice, original *system.System, p system.Proposal) (system.Proposal, bool) {
	own := s.Question.System
	rules := make(map[int32]int32, len(s.Rules))
	all := make(map[system.Lit]system.Lit, len(s.Rules)+len(s.Facts)+len(s.Choices))
	for i, r := range s.Rules {
		rules[r] = int32(i)
		all[original.Taken(r)] = own.Taken(int32(i))
	}
	for i, f := range s.Facts {
		all[original.Fact(f)] = own.Fact(int32(i))
	}
	for i, l := range s.Choices {
		all[l] = own.Choice(int32(i))
	}
	lit := func(l system.Lit) (system.Lit, bool) {
		to, ok := all[l&^1]
		return to ^ (l & 1), ok
	}
	t := &translator{rule: func(r int32) (int32, bool) { i, ok := rules[r]; return i, ok }, choice: lit, any: lit}
	out := t.proposal(p)
	return out, !t.bad
}

// outward writes a proposal in the numbers of a slice over the question that the slice is of; false where the slice has no such numbers.
func outward(s *slice.Slice, original *system.System, p system.Proposal) (system.Proposal, bool) {
	own := s.Question.System
	choice := func(l system.Lit) (system.Lit, bool) {
		if int(l.Node()) >= own.Nodes() {
			return 0, false
		}
		if kind, _ := own.Node(l.Node()); kind != system.ChoiceNode {
			return 0, false
		}
		return s.Original(l), true
	}
	t := &translator{
		choice: choice,
		rule: func(r int32) (int32, bool) {
			if r < 0 || int(r) >= len(s.Rules) {
				return 0, false
			}
			return s.Rules[r], true
		},
		any: func(l system.Lit) (system.Lit, bool) {
			n := int(l.Node())
			if n >= own.Nodes()+own.Rules() {
				return 0, false
			}
			if n < own.Nodes() {
				if kind, _ := own.Node(l.Node()); kind != system.FactNode && kind != system.ChoiceNode {
					return 0, false
				}
			}
			return s.Source(original, l), true
		},
	}
	out := t.proposal(p)
	return out, !t.bad
}

func (t *translator) proposal(p system.Proposal) system.Proposal {
	out := system.Proposal{Holds: t.certificate(p.Holds), AtLeast: p.AtLeast, Bound: t.certificate(p.Bound), Incomplete: p.Incomplete, Depth: p.Depth}
	for _, a := range p.Attacks {
		out.Attacks = append(out.Attacks, system.Run{Choices: each(t, t.choice, a.Choices), Rules: each(t, t.rule, a.Rules)})
	}
	for i := range p.Sufficient {
		decisions := each(t, t.choice, p.Sufficient[i].Decisions)
		slices.Sort(decisions)
		out.Sufficient = append(out.Sufficient, system.Sufficient{Decisions: decisions, Proof: *t.certificate(&p.Sufficient[i].Proof)})
	}
	slices.SortStableFunc(out.Sufficient, func(a, b system.Sufficient) int {
		return cmp.Or(cmp.Compare(len(a.Decisions), len(b.Decisions)), slices.Compare(a.Decisions, b.Decisions))
	})
	return out
}

func (t *translator) certificate(c *system.Certificate) *system.Certificate {
	if c == nil {
		return nil
	}
	if c.States != nil {
		t.bad = true
		return c
	}
	out := &system.Certificate{}
	for _, cut := range c.Cuts {
		choices := each(t, t.choice, cut.Choices)
		slices.Sort(choices)
		out.Cuts = append(out.Cuts, system.Cut{Choices: choices, Rules: each(t, t.rule, cut.Rules), Weight: cut.Weight})
	}
	if c.Invariant != nil {
		out.Invariant = &system.Invariant{}
		for _, clause := range c.Invariant.Clauses {
			out.Invariant.Clauses = append(out.Invariant.Clauses, each(t, t.any, clause))
		}
	}
	return out
}

func each[T any](t *translator, of func(T) (T, bool), list []T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, x := range list {
		var ok bool
		if out[i], ok = of(x); !ok {
			t.bad = true
		}
	}
	return out
}

// engineKey says which engine is asked with which limits.
func engineKey(jb job, c *check) string {
	return fmt.Sprintf("%t|%t|%v", jb.quick, jb.from.Possible, c.limits())
}
