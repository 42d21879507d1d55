package wire

import (
	"encoding/binary"
	"errors"

	"github.com/vauban-verifier/vauban/checker/system"
)

var errForm = errors.New("the bytes are not what a program of this version writes")

// reader reads numbers and lists, until something is wrong; from then on all is zero.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail() {
	r.data, r.err = nil, errForm
}

// number reads a number from 0 to most.
func (r *reader) number(most uint64) uint64 {
	x, n := binary.Uvarint(r.data)
	if n <= 0 || x > most {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return x
}

// signed reads a number that may be negative.
func (r *reader) signed() int64 {
	x, n := binary.Varint(r.data)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return x
}

func (r *reader) flag() bool { return r.number(1) == 1 }

// count reads how many things follow, each of which takes so many bytes or more.
func (r *reader) count(bytes int) int { return int(r.number(uint64(len(r.data) / bytes))) }

// text reads so many bytes.
func (r *reader) text(n int) string {
	if n > len(r.data) {
		r.fail()
		return ""
	}
	out := string(r.data[:n])
	r.data = r.data[n:]
	return out
}

// lits reads literals of nodes below a bound.
func (r *reader) lits(nodes int) []system.Lit {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	out := make([]system.Lit, n)
	for i := range out {
		out[i] = r.lit(nodes)
	}
	return out
}

func (r *reader) lit(nodes int) system.Lit {
	if nodes == 0 {
		r.fail()
		return 0
	}
	return system.Lit(r.number(uint64(2*nodes - 1)))
}

// indices reads numbers below a bound.
func (r *reader) indices(below int) []int32 {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = r.index(below)
	}
	return out
}

func (r *reader) index(below int) int32 {
	if below == 0 {
		r.fail()
		return 0
	}
	return int32(r.number(uint64(below - 1)))
}

func number[T ~int | ~int32 | ~int64 | ~uint32 | ~uint8](b []byte, x T) []byte {
	return binary.AppendUvarint(b, uint64(x))
}

func flag(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}

func numbers[T ~int32 | ~uint32](b []byte, list []T) []byte {
	b = number(b, len(list))
	for _, x := range list {
		b = number(b, x)
	}
	return b
}
