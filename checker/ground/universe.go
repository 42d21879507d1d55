package ground

import (
	"fmt"
	"math"

	"github.com/vauban-verifier/vauban/checker/ground/term"
	"github.com/vauban-verifier/vauban/models"
)

// universe is a sort of the language with its values in order: the members of a domain, the integers of a range, the elements of a kind, and
// `none` at the end where a variable may be that.
type universe struct {
	values []term.Value
	index  map[term.Value]int // nil for a range
	lo     int64              // of a range
	span   int                // how many integers a range has
}

// sortKey tells sorts apart.
type sortKey struct {
	domain *models.ProcessDomain
	kind   *models.Kind
	maybe  bool
}

// universe returns the values of a type.
func (g *grounder) universe(t models.Type) *universe {
	k := sortKey{t.Domain, t.Kind, t.Maybe}
	if s := g.universes[k]; s != nil {
		return s
	}
	s := &universe{}
	if t.Base == models.IntegerType {
		s.lo, s.span = t.Domain.Lo, t.Domain.Size()
	} else {
		s.index = map[term.Value]int{}
	}
	for _, x := range g.design.Literals(models.Type{Base: t.Base, Kind: t.Kind, Domain: t.Domain}) {
		s.values = append(s.values, g.literal(x))
	}
	if t.Maybe {
		s.values = append(s.values, term.Value{None: true})
	}
	for i, v := range s.values {
		if s.index != nil {
			s.index[v] = i
		}
	}
	g.universes[k] = s
	return s
}

// literal is the value that a literal stands for.
func (g *grounder) literal(x *models.Expr) term.Value {
	switch x.Op {
	case models.OpInt:
		return term.Value{Number: x.Int}
	case models.OpNone:
		return term.Value{None: true}
	case models.OpMember:
		return term.Value{Member: x.Member}
	case models.OpElement:
		return term.Value{Element: g.design.Elements[x.Element.ID]}
	case models.OpWord:
		return term.Value{Name: x.Word}
	case models.OpProtocolName:
		return term.Value{Name: x.Protocol.Name}
	}
	panic(fmt.Sprintf("vauban: internal error: operator %d is no literal", x.Op))
}

// at returns the index of a value among those of the sort; ok is false where it is none of them.
func (s *universe) at(v term.Value) (i int, ok bool) {
	if s.index != nil {
		i, ok = s.index[v]
		return i, ok
	}
	if v.None {
		return s.span, len(s.values) > s.span
	}
	n := v.Number - s.lo
	return int(n), n >= 0 && n < int64(s.span)
}

// shape numbers the tuples of arguments of a symbol: the last argument counts fastest.
type shape []*universe

func (g *grounder) shape(types []models.Type) shape {
	out := make(shape, len(types))
	size := int64(1)
	for i, t := range types {
		out[i] = g.universe(t)
		if n := int64(len(out[i].values)); n > 0 && size > math.MaxInt64/n {
			g.fail(fmt.Errorf("%w: a fact, variable or message of a process has more than 2^63 instances", ErrTooLarge))
			return out[:0]
		}
		size *= max(1, int64(len(out[i].values)))
	}
	return out
}

// number returns the number of a tuple; ok is false where a value is outside its sort.
func (s shape) number(tuple []term.Value) (n int64, ok bool) {
	for i, v := range tuple {
		at, ok := s[i].at(v)
		if !ok {
			return 0, false
		}
		n = n*int64(len(s[i].values)) + int64(at)
	}
	return n, true
}

// tuple returns the tuple of a number.
func (s shape) tuple(n int64) []term.Value {
	out := make([]term.Value, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		size := int64(len(s[i].values))
		out[i] = s[i].values[n%size]
		n /= size
	}
	return out
}
