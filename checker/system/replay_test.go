package system_test

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
)

// TestChange checks that a change tells what became true and what became false where several effects of a rule are about one fact.
func TestChange(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	gone, stays, comes, never := b.Fact(), b.Fact(), b.Fact(), b.Fact()
	b.Rule([]system.Lit{system.True}, []system.Effect{
		{When: system.True, Fact: never},
		{When: b.FactLit(gone), Fact: gone},
		{When: system.True, Fact: gone},
		{When: system.True, Fact: stays},
		{When: system.True, Fact: stays, Set: true},
		{When: system.True, Fact: comes, Set: true},
		{When: system.True, Fact: comes},
		{When: b.FactLit(comes).Not(), Fact: comes, Set: true},
	}, 0, nil)
	st, err := system.NewState(b.System(), []int32{gone, stays}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := st.Take(0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Added, []int32{comes}) || !slices.Equal(c.Removed, []int32{gone}) {
		t.Errorf("added %v, removed %v, expected %d and %d", c.Added, c.Removed, comes, gone)
	}
}

// TestOneOf checks that the interpreter stops a run in which a variable has two values, or none.
func TestOneOf(t *testing.T) {
	t.Parallel()
	b := system.NewBuilder()
	first, second, other := b.Fact(), b.Fact(), b.Fact()
	b.OneOf([]int32{first, second})
	set := func(f int32) system.Effect { return system.Effect{When: system.True, Fact: f, Set: true} }
	both := b.Rule(nil, []system.Effect{set(second)}, 0, nil)
	none := b.Rule(nil, []system.Effect{{When: system.True, Fact: first}}, 0, nil)
	turn := b.Rule(nil, []system.Effect{{When: system.True, Fact: first}, set(second), set(other)}, 0, nil)
	q := &system.Question{System: b.System(), Start: []int32{first}, Budget: -1}
	for r, wrong := range map[int32]bool{both: true, none: true, turn: false} {
		if _, err := system.Replay(q, &system.Run{Rules: []int32{r}}); (err != nil) != wrong {
			t.Errorf("rule %d: %v", r, err)
		}
	}
	// A step that is refused leaves the run as it was.
	q.Bad = q.System.Fact(other)
	p, err := system.NewPlay(q, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []int32{both, none, turn} {
		if err := p.Take(r); (err != nil) != (r != turn) {
			t.Errorf("rule %d: %v", r, err)
		}
	}
	if _, err := p.End(); err != nil {
		t.Errorf("a step that was refused changed something: %v", err)
	}
	q.Start = []int32{first, second}
	if _, err := system.Replay(q, &system.Run{}); err == nil {
		t.Error("a start with two values passes")
	}
}
