package notary

import (
	"bytes"
	"slices"
	"testing"
)

func TestSign(t *testing.T) {
	t.Parallel()
	w := newWorld()
	keys := slices.Clone(w.keys)
	slices.Reverse(keys)
	raw := w.stone.Sign(keys...)
	if want := sign(w.stone.essence(), w.keys...); !bytes.Equal(raw, want) {
		t.Error("the signatures are not in the order of their keys")
	}
	block, err := MilestoneBlock(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(block, raw) || len(block) != 1+1+32*len(w.stone.Parents)+4+len(raw)+8 {
		t.Errorf("the block has %d bytes around a payload of %d", len(block), len(raw))
	}
	if _, err := MilestoneBlock(raw[1:]); err == nil {
		t.Error("a block around something that is no milestone")
	}
}

func TestSortParents(t *testing.T) {
	t.Parallel()
	got := SortParents([]ID{{3}, {1}, {3}, {2}, {1}})
	if want := []ID{{1}, {2}, {3}}; !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
}
