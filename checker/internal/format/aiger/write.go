package aiger

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// Names are what a file says of a circuit beside its gates. Missing names are left out.
type Names struct {
	Inputs, Latches []string
	Bad             string
	Comments        []string
}

// Write writes a circuit, in binary or as text. A circuit without constraints whose latches all start at 0 has the bad literal as its one output, which readers of any
// version take; other circuits need a reader of version 1.9.
func Write(w io.Writer, c *circuit.Circuit, binary bool, names Names) error {
	out := bufio.NewWriter(w)
	plain := len(c.Constraints) == 0
	for _, l := range c.Latches {
		plain = plain && l.Init == circuit.Zero
	}
	lits := make([]uint32, c.Nodes()) // by node
	next := uint32(2)
	number := func(n int32) {
		lits[n] = next
		next += 2
	}
	for _, l := range c.Inputs {
		number(l.Node())
	}
	for _, l := range c.Latches {
		number(l.Lit.Node())
	}
	gates := 0
	for n := range int32(c.Nodes()) {
		if c.Kind(n) == circuit.And {
			number(n)
			gates++
		}
	}
	of := func(l circuit.Lit) uint32 { return lits[l.Node()] ^ uint32(l&1) }
	format := "aag"
	if binary {
		format = "aig"
	}
	fmt.Fprintf(out, "%s %d %d %d", format, next/2-1, len(c.Inputs), len(c.Latches))
	if plain {
		fmt.Fprintf(out, " 1 %d\n", gates)
	} else {
		fmt.Fprintf(out, " 0 %d 1 %d\n", gates, len(c.Constraints))
	}
	if !binary {
		for _, l := range c.Inputs {
			fmt.Fprintln(out, of(l))
		}
	}
	for _, l := range c.Latches {
		if !binary {
			fmt.Fprintf(out, "%d ", of(l.Lit))
		}
		fmt.Fprint(out, of(l.Next))
		switch l.Init {
		case circuit.One:
			fmt.Fprint(out, " 1")
		case circuit.Free:
			fmt.Fprintf(out, " %d", of(l.Lit))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, of(c.Bad))
	for _, l := range c.Constraints {
		fmt.Fprintln(out, of(l))
	}
	for n := range int32(c.Nodes()) {
		if c.Kind(n) != circuit.And {
			continue
		}
		a, b := c.Gate(n)
		g, x, y := lits[n], of(a), of(b)
		if x < y {
			x, y = y, x
		}
		if binary {
			delta(out, g-x)
			delta(out, x-y)
		} else {
			fmt.Fprintln(out, g, x, y)
		}
	}
	symbols := func(kind string, list []string) {
		for i, s := range list {
			if s != "" {
				fmt.Fprintf(out, "%s%d %s\n", kind, i, line(s))
			}
		}
	}
	symbols("i", names.Inputs)
	symbols("l", names.Latches)
	if plain {
		symbols("o", []string{names.Bad})
	} else {
		symbols("b", []string{names.Bad})
	}
	if len(names.Comments) > 0 {
		fmt.Fprintln(out, "c")
		for _, s := range names.Comments {
			fmt.Fprintln(out, line(s))
		}
	}
	return out.Flush()
}

// line keeps a name on one line.
func line(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }

func delta(w *bufio.Writer, n uint32) {
	for n >= 0x80 {
		w.WriteByte(byte(n) | 0x80)
		n >>= 7
	}
	w.WriteByte(byte(n))
}
