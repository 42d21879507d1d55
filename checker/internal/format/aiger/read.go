package aiger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// maxVariable bounds the indices of variables.
const maxVariable = 1 << 26

// maxLine bounds a line of text.
const maxLine = 1 << 16

// File is what an AIGER file holds.
type File struct {
	Circuit  *circuit.Circuit // Bad is the disjunction of all bad literals, or else of all outputs
	Outputs  int
	Bads     int
	Justice  int
	Fairness int
	Symbols  map[string]string // by place, such as i0, l12 or b1
}

// Safety reports whether there is something that must never happen: a bad literal, or an output in a file without any other property.
func (f *File) Safety() bool {
	return f.Bads > 0 || f.Outputs > 0 && f.Justice == 0
}

// reader reads numbers and lines, and knows where it is.
type reader struct {
	in   *bufio.Reader
	line int
	at   int64
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("read AIGER: line %d (byte %d): %s", r.line, r.at, fmt.Sprintf(format, args...))
	}
}

func (r *reader) byte() (byte, bool) {
	c, err := r.in.ReadByte()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			r.fail("%v", err)
		}
		return 0, false
	}
	r.at++
	return c, true
}

// text returns the next line, without its end. It is an error when there is none.
func (r *reader) text() string {
	s, ok := r.maybe()
	if !ok {
		r.fail("the file ends too early")
	}
	return s
}

// maybe returns the next line, if there is one.
func (r *reader) maybe() (string, bool) {
	r.line++
	var b []byte
	for r.err == nil {
		c, ok := r.byte()
		if !ok {
			if len(b) > 0 {
				r.fail("the last line has no end")
			}
			return "", false
		}
		if c == '\n' {
			return string(b), true
		}
		if b = append(b, c); len(b) > maxLine {
			r.fail("the line is longer than %d bytes", maxLine)
		}
	}
	return "", false
}

// numbers returns the numbers of a line, separated by one space each.
func (r *reader) numbers(s string, least, most int) []uint32 {
	var out []uint32
	for _, f := range strings.Split(s, " ") {
		n := uint32(0)
		if f == "" || len(f) > 1 && f[0] == '0' {
			r.fail("%q is not a list of numbers", s)
			return make([]uint32, least)
		}
		for _, c := range []byte(f) {
			if c < '0' || c > '9' || n > (2*maxVariable+1)/10 {
				r.fail("%q is not a list of numbers up to %d", s, 2*maxVariable+1)
				return make([]uint32, least)
			}
			n = 10*n + uint32(c-'0')
		}
		out = append(out, n)
	}
	if len(out) < least || len(out) > most {
		r.fail("expected %d to %d numbers, got %d", least, most, len(out))
		return make([]uint32, least)
	}
	return out
}

// gate is an and-gate as the file has it.
type gate struct{ out, a, b uint32 }

// content is a file before its literals are resolved.
type content struct {
	most, inputs, latches, outputs, gates uint32
	bad, constraints, justice, fairness   uint32

	in       []uint32
	states   [][3]uint32 // literal, next, reset
	outs     []uint32
	bads     []uint32
	invars   []uint32
	ands     []gate
	symbols  map[string]string
	isBinary bool
}

// Read reads a file.
func Read(in io.Reader) (*File, error) {
	r := &reader{in: bufio.NewReader(in)}
	c := r.header()
	if r.err == nil {
		r.body(c)
	}
	if r.err == nil {
		r.tail(c)
	}
	if r.err != nil {
		return nil, r.err
	}
	return c.build()
}

func (r *reader) header() *content {
	c := &content{symbols: map[string]string{}}
	s := r.text()
	rest, text := strings.CutPrefix(s, "aag ")
	if !text {
		var ok bool
		if rest, ok = strings.CutPrefix(s, "aig "); !ok {
			r.fail("the file begins neither with \"aag \" nor with \"aig \"")
			return c
		}
		c.isBinary = true
	}
	n := append(r.numbers(rest, 5, 9), 0, 0, 0, 0)
	c.most, c.inputs, c.latches, c.outputs, c.gates = n[0], n[1], n[2], n[3], n[4]
	c.bad, c.constraints, c.justice, c.fairness = n[5], n[6], n[7], n[8]
	sum := uint64(c.inputs) + uint64(c.latches) + uint64(c.gates)
	switch {
	case c.most > maxVariable:
		r.fail("there are more than %d variables", maxVariable)
	case sum > uint64(c.most) || c.isBinary && sum != uint64(c.most):
		r.fail("%d inputs, latches and gates do not fit %d variables", sum, c.most)
	}
	return c
}

// lits reads n literals, one a line.
func (r *reader) lits(c *content, n uint32) (out []uint32) {
	for range n {
		if r.err != nil {
			return nil
		}
		out = append(out, r.lit(c, r.numbers(r.text(), 1, 1)[0]))
	}
	return out
}

func (r *reader) lit(c *content, l uint32) uint32 {
	if l>>1 > c.most {
		r.fail("literal %d is beyond the %d variables", l, c.most)
	}
	return l
}

// variable checks that a literal can be defined.
func (r *reader) variable(c *content, l uint32) uint32 {
	if l < 2 || l&1 == 1 {
		r.fail("literal %d cannot be defined", l)
	}
	return r.lit(c, l)
}

func (r *reader) body(c *content) {
	for i := range c.inputs {
		if r.err != nil {
			return
		}
		if c.isBinary {
			c.in = append(c.in, 2*(i+1))
		} else {
			c.in = append(c.in, r.variable(c, r.numbers(r.text(), 1, 1)[0]))
		}
	}
	for i := range c.latches {
		if r.err != nil {
			return
		}
		s := r.text()
		var n []uint32
		if c.isBinary {
			n = append([]uint32{2 * (c.inputs + i + 1)}, r.numbers(s, 1, 2)...)
		} else {
			n = r.numbers(s, 2, 3)
			r.variable(c, n[0])
		}
		n = append(n, 0)
		if n[2] > 1 && n[2] != n[0] {
			r.fail("the reset value %d is none of 0, 1 and %d", n[2], n[0])
		}
		c.states = append(c.states, [3]uint32{n[0], r.lit(c, n[1]), n[2]})
	}
	c.outs = r.lits(c, c.outputs)
	c.bads = r.lits(c, c.bad)
	c.invars = r.lits(c, c.constraints)
	sizes := uint64(0)
	for range c.justice {
		if r.err != nil {
			return
		}
		sizes += uint64(r.numbers(r.text(), 1, 1)[0])
	}
	for range sizes {
		if r.err != nil {
			return
		}
		r.lits(c, 1)
	}
	r.lits(c, c.fairness)
	for i := range c.gates {
		if r.err != nil {
			return
		}
		if c.isBinary {
			out := 2 * (c.inputs + c.latches + i + 1)
			a := out - r.delta(out)
			b := a - r.delta(a)
			if a == out {
				r.fail("gate %d is its own input", out)
			}
			c.ands = append(c.ands, gate{out, a, b})
			continue
		}
		n := r.numbers(r.text(), 3, 3)
		c.ands = append(c.ands, gate{r.variable(c, n[0]), r.lit(c, n[1]), r.lit(c, n[2])})
	}
}

// delta reads a difference to a literal, which cannot be larger.
func (r *reader) delta(most uint32) uint32 {
	n, shift := uint64(0), 0
	for r.err == nil {
		b, ok := r.byte()
		if !ok {
			r.fail("the file ends within the gates")
			return 0
		}
		n |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
		if shift += 7; shift > 28 {
			r.fail("a difference is too large")
		}
	}
	if n > uint64(most) {
		r.fail("a difference of %d leads below 0", n)
		return 0
	}
	return uint32(n)
}

// tail reads symbols and comments.
func (r *reader) tail(c *content) {
	counts := map[byte]uint32{'i': c.inputs, 'l': c.latches, 'o': c.outputs, 'b': c.bad, 'c': c.constraints, 'j': c.justice, 'f': c.fairness}
	for r.err == nil {
		s, ok := r.maybe()
		if !ok {
			return
		}
		if s == "c" {
			_, err := io.Copy(io.Discard, r.in)
			if err != nil {
				r.fail("%v", err)
			}
			return
		}
		place, name, ok := strings.Cut(s, " ")
		if !ok || len(place) < 2 || name == "" {
			r.fail("%q is neither a symbol nor a comment", s)
			return
		}
		n, known := counts[place[0]]
		if at := r.numbers(place[1:], 1, 1)[0]; r.err == nil && (!known || at >= n) {
			r.fail("symbol %q names nothing", place)
		}
		if c.symbols[place] != "" {
			r.fail("symbol %q appears twice", place)
		}
		c.symbols[place] = name
	}
}

// build resolves literals.
func (c *content) build() (*File, error) {
	out := circuit.New()
	f := &File{
		Circuit: out, Outputs: len(c.outs), Bads: len(c.bads), Justice: int(c.justice), Fairness: int(c.fairness), Symbols: c.symbols,
	}
	lits := map[uint32]circuit.Lit{0: circuit.False} // by variable
	gates := map[uint32]gate{}
	fail := func(format string, args ...any) (*File, error) {
		return nil, fmt.Errorf("read AIGER: "+format, args...)
	}
	for _, l := range c.in {
		if _, twice := lits[l>>1]; twice {
			return fail("literal %d is defined twice", l)
		}
		lits[l>>1] = out.Input()
	}
	for _, s := range c.states {
		if _, twice := lits[s[0]>>1]; twice {
			return fail("literal %d is defined twice", s[0])
		}
		init := circuit.Free
		if s[2] < 2 {
			init = circuit.Init(s[2])
		}
		lits[s[0]>>1] = out.Latch(init)
	}
	for _, g := range c.ands {
		_, twice := lits[g.out>>1]
		if _, gate := gates[g.out>>1]; twice || gate {
			return fail("literal %d is defined twice", g.out)
		}
		gates[g.out>>1] = g
	}
	of := func(l uint32) circuit.Lit { return lits[l>>1] ^ circuit.Lit(l&1) }
	open := map[uint32]bool{}
	resolve := func(root uint32) error {
		stack := []uint32{root}
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			if _, ok := lits[v]; ok {
				stack = stack[:len(stack)-1]
				continue
			}
			g, ok := gates[v]
			if !ok {
				return fmt.Errorf("read AIGER: literal %d is not defined", 2*v)
			}
			open[v] = true
			ready := true
			for _, in := range []uint32{g.a >> 1, g.b >> 1} {
				if _, ok := lits[in]; !ok {
					if open[in] {
						return fmt.Errorf("read AIGER: literal %d depends on itself", 2*in)
					}
					ready = false
					stack = append(stack, in)
				}
			}
			if ready {
				lits[v] = out.And(of(g.a), of(g.b))
				open[v] = false
				stack = stack[:len(stack)-1]
			}
		}
		return nil
	}
	for _, g := range c.ands {
		if err := resolve(g.out >> 1); err != nil {
			return nil, err
		}
	}
	all := func(list []uint32) ([]circuit.Lit, error) {
		var out []circuit.Lit
		for _, l := range list {
			if err := resolve(l >> 1); err != nil {
				return nil, err
			}
			out = append(out, of(l))
		}
		return out, nil
	}
	for i, s := range c.states {
		if err := resolve(s[1] >> 1); err != nil {
			return nil, err
		}
		out.Latches[i].Next = of(s[1])
	}
	var err error
	if out.Constraints, err = all(c.invars); err != nil {
		return nil, err
	}
	outs, err := all(c.outs)
	if err != nil {
		return nil, err
	}
	bads, err := all(c.bads)
	if err != nil {
		return nil, err
	}
	if len(bads) == 0 {
		bads = outs
	}
	out.Bad = out.Any(bads)
	return f, nil
}
