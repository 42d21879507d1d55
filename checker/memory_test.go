package checker

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/internal/wire"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestMemoryThatLies spoils everything that a memory has, each time in another way: no verdict, cost or set changes, nothing fails, and what is spoilt is forgotten.
func TestMemoryThatLies(t *testing.T) {
	t.Parallel()
	m := threatstest.Load(t, threatstest.Disk, filepath.Join("..", "examples", "first", "first.vbn"))
	told := func(r *Result) string {
		out := ""
		for _, q := range r.Requirements {
			for _, c := range q.Cases {
				out += fmt.Sprintf("%s %s %v", q.Source.Name, c.Verdict, c.Sufficient)
				if c.Attack != nil {
					out += fmt.Sprintf(" %d %d", c.Attack.Cost, len(c.Attack.Steps))
				}
				out += fmt.Sprintf(" %d others\n", len(c.Attacks))
			}
		}
		return out
	}
	check := func(memory *Memory) string {
		t.Helper()
		r, err := Check(t.Context(), m, Options{Memory: memory, Attacks: 3})
		if err != nil {
			t.Fatal(err)
		}
		return told(r)
	}
	want := check(nil)
	for name, lie := range map[string]func(*system.Proposal){
		"everything holds": func(p *system.Proposal) { *p = system.Proposal{Holds: &system.Certificate{}} },
		"nothing is known": func(p *system.Proposal) { *p = system.Proposal{} },
		"no step":          func(p *system.Proposal) { *p = system.Proposal{Attacks: []system.Run{{}}} },
		"a rule too many":  func(p *system.Proposal) { *p = system.Proposal{Attacks: []system.Run{{Rules: []int32{1 << 30}}}} },
		"a negative rule":  func(p *system.Proposal) { *p = system.Proposal{Attacks: []system.Run{{Rules: []int32{-1}}}} },
		"a choice too many": func(p *system.Proposal) {
			*p = system.Proposal{Attacks: []system.Run{{Choices: []system.Lit{1 << 31}}}}
		},
		"another cost": func(p *system.Proposal) {
			if p.Bound != nil {
				p.AtLeast++
			}
		},
		"a cut less": func(p *system.Proposal) {
			if p.Holds != nil && len(p.Holds.Cuts) > 0 {
				p.Holds = &system.Certificate{Cuts: p.Holds.Cuts[1:]}
			}
		},
		"first steps alone": func(p *system.Proposal) {
			for i, a := range p.Attacks {
				p.Attacks[i].Rules = a.Rules[:len(a.Rules)/2]
			}
		},
		"given up": func(p *system.Proposal) { *p = system.Proposal{Incomplete: reason.Limits} },
		"given up with an attack": func(p *system.Proposal) {
			p.Incomplete, p.AtLeast, p.Bound, p.Sufficient, p.Attacks = reason.Limits, 0, nil, nil, p.Attacks[:min(1, len(p.Attacks))]
		},
		"no decisions": func(p *system.Proposal) { p.Sufficient = nil },
		"an invariant of what is not there": func(p *system.Proposal) {
			*p = system.Proposal{Holds: &system.Certificate{Invariant: &system.Invariant{Clauses: [][]system.Lit{{1 << 31}, {3}}}}}
		},
	} {
		kept := &liar{lie: lie, kept: map[Key][]byte{}}
		memory := &Memory{Fleet: kept}
		if got := check(memory); got != want {
			t.Errorf("%s, said by a fleet:\n%s\nwithout:\n%s", name, got, want)
		}
		memory = &Memory{Store: kept}
		if got := check(memory); got != want {
			t.Errorf("%s, said by a store:\n%s\nwithout:\n%s", name, got, want)
		}
		before := memory.Counts()
		if got := check(memory); got != want {
			t.Errorf("%s, again:\n%s\nwithout a memory:\n%s", name, got, want)
		}
		if now := memory.Counts(); kept.lied == 0 || before.Stored == 0 && before.Refused == 0 && before.Asked == 0 || now.Refused != before.Refused {
			t.Errorf("%s: %d lies, %+v, then %+v", name, kept.lied, before, now)
		}
	}
}

// liar is a fleet, and a store of what it has said, that spoils all answers.
type liar struct {
	lie  func(*system.Proposal)
	mu   sync.Mutex
	kept map[Key][]byte
	lied int
}

func (l *liar) Ask(ctx context.Context, key Key, question []byte, _ bool) ([]byte, error) {
	q, err := wire.ParseQuestion(question)
	if err != nil {
		return nil, err
	}
	p, err := q.Ask(ctx, nil)
	if err != nil {
		return nil, err
	}
	l.lie(&p)
	answer := wire.AppendProposal(nil, &p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lied++
	l.kept[key] = answer
	return answer, nil
}

func (l *liar) Get(key Key) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept[key]
}

func (l *liar) Put(Key, []byte) {}

func (l *liar) Drop(key Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.kept, key)
}

// house is a fleet in this process, in which whoever answers a question has its parts answered by the house, which spoils what is said of them.
type house struct {
	lie   func(*system.Proposal)
	mu    sync.Mutex
	parts int
}

func (h *house) Ask(ctx context.Context, _ Key, question []byte, _ bool) ([]byte, error) {
	answer, err := (&Memory{Fleet: h}).Answer(ctx, question)
	q, bad := wire.ParseQuestion(question)
	if err != nil || bad != nil || !q.Limits.Part {
		return answer, err
	}
	p, err := wire.ParseProposal(answer, q.Of.System)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.parts++
	h.mu.Unlock()
	h.lie(&p)
	return wire.AppendProposal(nil, &p), nil
}

// first returns the verdict of the first requirement, and what is said of it.
func first(t *testing.T, m *threats.Model, memory *Memory) (Verdict, string) {
	t.Helper()
	r, err := Check(t.Context(), m, Options{Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Requirements[0].Cases[0]
	said, err := json.Marshal(evidence.Of(c.grounding, c.ruling, nil))
	if err != nil {
		t.Fatal(err)
	}
	return c.Verdict, fmt.Sprintf("%+v %s", c.Proof, said)
}

// TestLawsElsewhere: laws are about a whole of which others have a slice. The same comes of a question that they are asked, whether laws prove it, at once or after a search, or are not enough.
func TestLawsElsewhere(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"much is added up":     orders.Ledger(20),
		"a search comes first": orders.Points(6, 8),
		"no laws are enough":   orders.Design(4, true),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := threatstest.Load(t, threatstest.Texts(map[string]string{"process.vbn": text}), "process.vbn")
			verdict, want := first(t, m, nil)
			if is := strings.Contains(want, `"laws"`); is == (name == "no laws are enough") {
				t.Errorf("proved by laws: %t", is)
			}
			memory := &Memory{Fleet: &clerk{}}
			if _, got := first(t, m, memory); got != want || memory.Counts().Fleet == 0 {
				t.Errorf("%d bytes instead of %d, %+v", len(got), len(want), memory.Counts())
			}
			if got, _ := first(t, m, &Memory{Fleet: &clerk{reason.Laws}}); got != verdict { // that a search ended there nothing can check, so that another proof may be found
				t.Errorf("%s instead of %s", got, verdict)
			}
		})
	}
}

// clerk is a fleet in this process, which has slices alone; or it says the same of all questions.
type clerk struct{ says string }

func (c *clerk) Ask(ctx context.Context, _ Key, question []byte, _ bool) ([]byte, error) {
	if c.says != "" {
		return wire.AppendProposal(nil, &system.Proposal{Incomplete: c.says}), nil
	}
	return (&Memory{}).Answer(ctx, question)
}

// TestParts: a question that is split has the same proof where its parts are answered elsewhere, whatever is said of them. Only where a part is said to be too hard, which nothing can check, another proof may be found.
func TestParts(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(orders.Safeguards{There: 6, Failing: 5}.Counters(20), "require Counted")
	m := threatstest.Load(t, threatstest.Texts(map[string]string{"counters.vbn": text}), "counters.vbn")
	check := func(memory *Memory) (Verdict, string) { return first(t, m, memory) }
	_, want := check(nil)
	var once atomic.Bool
	for name, lie := range map[string]func(*system.Proposal){
		"the truth":        func(*system.Proposal) {},
		"everything holds": func(p *system.Proposal) { *p = system.Proposal{Holds: &system.Certificate{}} },
		"no step":          func(p *system.Proposal) { *p = system.Proposal{Attacks: []system.Run{{}}, Incomplete: reason.Quick} },
		"a state less": func(p *system.Proposal) {
			if p.Holds != nil && p.Holds.States != nil {
				p.Holds.States.Each = p.Holds.States.Each[1:]
			}
		},
		"too hard": func(p *system.Proposal) {
			if !once.Swap(true) {
				*p = system.Proposal{Incomplete: reason.Limits}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{lie: lie}
			verdict, got := check(&Memory{Fleet: h})
			if verdict != Holds || got != want && name != "too hard" {
				t.Errorf("%s by another proof, of %d bytes instead of %d", verdict, len(got), len(want))
			}
			if h.parts < 2 && name != "too hard" || h.parts == 0 {
				t.Errorf("%d parts", h.parts)
			}
		})
	}
}

// TestMemoryIsBounded: what has not been asked for since the half before was full goes.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := &Memory{}
	big := make([]byte, maxMemory/16)
	for i := range 100 {
		m.keep(Key{byte(i)}, big)
		if i >= 2 {
			if data, _ := m.recall(Key{byte(i - 2)}); data == nil {
				t.Errorf("%d is forgotten when %d comes", i-2, i)
			}
		}
		if len(m.now)+len(m.before) > 32 || m.size > maxMemory {
			t.Fatalf("%d and %d entries, %d bytes", len(m.now), len(m.before), m.size)
		}
	}
	if data, _ := m.recall(Key{0}); data != nil {
		t.Error("what nobody asks for stays")
	}
	m.keep(Key{200}, make([]byte, maxMemory+1))
	if data, _ := m.recall(Key{200}); data != nil {
		t.Error("what is larger than a memory is kept")
	}
}
