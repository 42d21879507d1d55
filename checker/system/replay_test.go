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
	gone, stays, comes := b.Fact(), b.Fact(), b.Fact()
	b.Rule([]system.Lit{system.True}, []system.Effect{
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
