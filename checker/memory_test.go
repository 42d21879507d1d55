package checker

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
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
		"no decisions": func(p *system.Proposal) { p.Sufficient = nil },
		"an invariant of what is not there": func(p *system.Proposal) {
			*p = system.Proposal{Holds: &system.Certificate{Invariant: &system.Invariant{Clauses: [][]system.Lit{{1 << 31}, {3}}}}}
		},
	} {
		memory := &Memory{}
		if got := check(memory); got != want {
			t.Fatalf("with an empty memory:\n%s\nwithout:\n%s", got, want)
		}
		for key, r := range memory.now {
			lie(&r.Proposal)
			memory.now[key] = r
		}
		if got := check(memory); got != want {
			t.Errorf("%s:\n%s\nwithout a memory:\n%s", name, got, want)
		}
		if got := check(memory); got != want {
			t.Errorf("%s, again:\n%s\nwithout a memory:\n%s", name, got, want)
		}
	}
}

// TestMemoryIsBounded: what has not been asked for since the half before was full goes.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := &Memory{}
	big := system.Proposal{Attacks: []system.Run{{Rules: make([]int32, maxMemory/16)}}}
	for i := range 100 {
		m.keep(memoryKey{byte(i)}, big)
		if i >= 2 {
			if _, ok := m.recall(memoryKey{byte(i - 2)}); !ok {
				t.Errorf("%d is forgotten when %d comes", i-2, i)
			}
		}
		if len(m.now)+len(m.before) > 32 || m.size > maxMemory {
			t.Fatalf("%d and %d entries, %d numbers", len(m.now), len(m.before), m.size)
		}
	}
	if _, ok := m.recall(memoryKey{0}); ok {
		t.Error("what nobody asks for stays")
	}
	m.keep(memoryKey{200}, system.Proposal{Attacks: []system.Run{{Rules: make([]int32, maxMemory+1)}}})
	if _, ok := m.recall(memoryKey{200}); ok {
		t.Error("what is larger than a memory is kept")
	}
}
