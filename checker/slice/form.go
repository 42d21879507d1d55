package slice

import (
	"encoding/binary"

	"github.com/vauban-verifier/vauban/checker/system"
)

// AppendForm writes a question in which nothing is off or fixed. Two questions are the same, number by number, where the bytes are.
func AppendForm(b []byte, q *system.Question) []byte {
	s := q.System
	b = number(b, s.Nodes()-1)
	for n := int32(1); n < int32(s.Nodes()); n++ {
		kind, ref := s.Node(n)
		switch b = number(b, kind); kind {
		case system.ChoiceNode:
			b = number(b, s.ChoiceKind(ref))
		case system.GateNode:
			b = numbers(b, s.Gate(ref))
		}
	}
	b = number(b, s.Rules())
	for r := range int32(s.Rules()) {
		b = numbers(b, s.Guard(r))
		b = number(b, len(s.Effects(r)))
		for _, e := range s.Effects(r) {
			set := 0
			if e.Set {
				set = 1
			}
			b = number(number(number(b, e.When), e.Fact), set)
		}
		b = number(b, s.Cost(r))
		b = number(b, len(s.Extras(r)))
		for _, x := range s.Extras(r) {
			b = binary.AppendVarint(number(b, x.When), int64(x.Cost))
		}
	}
	b = numbers(numbers(b, q.Start), q.Assume)
	b = number(b, q.Bad)
	return binary.AppendVarint(binary.AppendVarint(b, int64(q.MaxFailures)), int64(q.Budget))
}

// Form is the question of a slice with what its numbers stand for: what is proved of one slice is proved of each with the same.
func (s *Slice) Form() string {
	b := numbers(numbers(numbers(nil, s.Facts), s.Rules), s.Choices)
	return string(AppendForm(b, s.Question))
}

func number[T ~int | ~int32 | ~uint32 | ~uint8](b []byte, x T) []byte {
	return binary.AppendUvarint(b, uint64(x))
}

func numbers[T ~int32 | ~uint32](b []byte, list []T) []byte {
	b = number(b, len(list))
	for _, x := range list {
		b = number(b, x)
	}
	return b
}
