package encode

import (
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Symmetry guesses which facts play the same part for the members of a domain, such as the orders of a workflow: facts that look alike from the
// rules around them make a class, and facts that stand together in rules make a member, which has one fact of each class.
//
// It is a guess and is used as one: what holds of one member is tried for the others. Nothing is believed because of it.
type Symmetry struct {
	c       *circuit.Circuit
	class   []int32   // by fact, or -1
	member  []int32   // by fact, or -1
	members [][]int32 // by member and class: the fact
}

// rounds is how far the surroundings of a fact are looked at.
const rounds = 6

// Symmetry returns the symmetry of the question, or nil when none is seen.
func (e *Encoding) Symmetry() *Symmetry {
	s := e.Question.System
	colors := e.colors()
	classes := map[uint64][]int32{}
	for f, c := range colors {
		classes[c] = append(classes[c], int32(f))
	}
	// The size that most facts are in a class of is the number of members.
	facts := map[int]int{}
	size := 0
	for _, list := range classes {
		n := len(list)
		if n < 2 {
			continue
		}
		facts[n] += n
		if facts[n] > facts[size] || facts[n] == facts[size] && n > size {
			size = n
		}
	}
	if size == 0 {
		return nil
	}
	y := &Symmetry{c: e.Circuit, class: make([]int32, s.Facts()), member: make([]int32, s.Facts())}
	n := int32(0)
	number := map[uint64]int32{}
	for f, c := range colors {
		y.class[f], y.member[f] = -1, -1
		if len(classes[c]) != size {
			continue
		}
		if _, ok := number[c]; !ok {
			number[c] = n
			n++
		}
		y.class[f] = number[c]
	}
	// Facts that are wanted or set by the same rule belong together.
	group := make([]int32, s.Facts())
	for f := range group {
		group[f] = int32(f)
	}
	var root func(f int32) int32
	root = func(f int32) int32 {
		if group[f] != f {
			group[f] = root(group[f])
		}
		return group[f]
	}
	for _, r := range e.rules {
		first := int32(-1)
		join := func(f int32) {
			if y.class[f] < 0 {
				return
			}
			if first < 0 {
				first = f
			}
			group[root(f)] = root(first)
		}
		for _, l := range s.Guard(r) {
			if kind, f := s.Node(l.Node()); kind == system.FactNode {
				join(f)
			}
		}
		for _, x := range s.Effects(r) {
			if x.Set {
				join(x.Fact)
			}
		}
	}
	at := map[int32]int32{}
	for f := range int32(s.Facts()) {
		c := y.class[f]
		if c < 0 {
			continue
		}
		m, ok := at[root(f)]
		if !ok {
			m = int32(len(y.members))
			at[root(f)] = m
			y.members = append(y.members, slices.Repeat([]int32{-1}, int(n)))
		}
		if y.members[m][c] >= 0 {
			return nil // a member with two facts of a class
		}
		y.members[m][c], y.member[f] = f, m
	}
	if len(y.members) != size {
		return nil
	}
	return y
}

// Images returns what becomes of a cube over the facts of one member for each other member; nothing for other cubes.
func (y *Symmetry) Images(cube []circuit.Lit) [][]circuit.Lit {
	index := y.c.Index
	from := int32(-1)
	for _, l := range cube {
		f := index(l.Node())
		if f >= len(y.member) || y.member[f] < 0 {
			continue
		}
		if from >= 0 && y.member[f] != from {
			return nil
		}
		from = y.member[f]
	}
	if from < 0 {
		return nil
	}
	var out [][]circuit.Lit
	for m := range int32(len(y.members)) {
		if m == from {
			continue
		}
		image := slices.Clone(cube)
		for i, l := range cube {
			if f := index(l.Node()); f < len(y.member) && y.member[f] >= 0 {
				image[i] = y.c.Latches[y.members[m][y.class[f]]].Lit ^ (l & 1)
			}
		}
		slices.Sort(image)
		out = append(out, image)
	}
	return out
}

// colors tells facts apart by the rules around them.
func (e *Encoding) colors() []uint64 {
	s := e.Question.System
	colors := make([]uint64, s.Facts())
	for _, f := range e.Question.Start {
		colors[f] = 1
	}
	nodes := make([]uint64, s.Nodes())
	around := make([][]uint64, s.Facts())
	for range rounds {
		of := func(l system.Lit) uint64 { return mix(nodes[l.Node()], uint64(l&1)) }
		for n := range nodes {
			switch kind, ref := s.Node(int32(n)); kind {
			case system.FactNode:
				nodes[n] = mix(2, colors[ref])
			case system.ChoiceNode:
				nodes[n] = mix(3, uint64(ref))
			case system.GateNode:
				in := []uint64{4}
				for _, l := range s.Gate(ref) {
					in = append(in, of(l))
				}
				slices.Sort(in[1:])
				nodes[n] = mix(in...)
			}
		}
		for f := range around {
			around[f] = append(around[f][:0], colors[f], 0)
		}
		for _, r := range e.rules {
			parts := []uint64{uint64(s.Cost(r))}
			for _, l := range s.Guard(r) {
				parts = append(parts, of(l))
			}
			for _, x := range s.Effects(r) {
				parts = append(parts, effect(x, of(x.When), colors[x.Fact]))
			}
			slices.Sort(parts[1:])
			rule := mix(parts...)
			for _, l := range s.Guard(r) {
				if kind, f := s.Node(l.Node()); kind == system.FactNode {
					around[f] = append(around[f], mix(rule, 5, uint64(l&1)))
				}
			}
			for _, x := range s.Effects(r) {
				around[x.Fact] = append(around[x.Fact], mix(rule, effect(x, of(x.When), 0)))
			}
		}
		for f, list := range around {
			slices.Sort(list[2:])
			colors[f] = mix(list...)
		}
	}
	return colors
}

func effect(x system.Effect, when, color uint64) uint64 {
	if x.Set {
		return mix(6, when, color)
	}
	return mix(7, when, color)
}

func mix(parts ...uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(b[:], p)
		_, _ = h.Write(b[:])
	}
	return h.Sum64()
}
