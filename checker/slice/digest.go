package slice

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"

	"github.com/vauban-verifier/vauban/checker/system"
)

// Digest is the address of a slice by its content: of two with the same digest, each part of the one is the part of the other with the same number, whatever it is called and
// wherever it stands in the system that it comes from.
func (s *Slice) Digest() [sha256.Size]byte {
	sum := sha256.New()
	w := bufio.NewWriterSize(sum, 1<<14)
	var word [4]byte
	put := func(numbers ...int) {
		for _, n := range numbers {
			binary.LittleEndian.PutUint32(word[:], uint32(n))
			_, _ = w.Write(word[:]) // a hash takes everything
		}
	}
	lits := func(list []system.Lit) {
		put(len(list))
		for _, l := range list {
			put(int(l))
		}
	}
	q, own := s.Question, s.Question.System
	put(own.Nodes(), own.Facts(), own.Choices(), own.Rules(), int(q.Bad), q.MaxFailures, q.Budget)
	lits(q.Assume)
	put(len(q.Start))
	for _, f := range q.Start {
		put(int(f))
	}
	for n := range int32(own.Nodes()) {
		kind, ref := own.Node(n)
		put(int(kind))
		switch kind {
		case system.ChoiceNode:
			put(int(own.ChoiceKind(ref)))
		case system.GateNode:
			lits(own.Gate(ref))
		}
	}
	for r := range int32(own.Rules()) {
		put(int(own.Cost(r)), len(own.Effects(r)), len(own.Extras(r)))
		lits(own.Guard(r))
		for _, e := range own.Effects(r) {
			set := 0
			if e.Set {
				set = 1
			}
			put(int(e.When), int(e.Fact), set)
		}
		for _, x := range own.Extras(r) {
			put(int(x.When), int(x.Cost))
		}
	}
	_ = w.Flush()
	return [sha256.Size]byte(sum.Sum(nil))
}
