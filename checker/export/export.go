package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/encode"
	"github.com/vauban-verifier/vauban/checker/internal/format/aiger"
	"github.com/vauban-verifier/vauban/checker/internal/format/dimacs"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Names says what parts of a question are called.
type Names struct {
	Title   string                    // of the question
	Literal func(l system.Lit) string // of a fact, a choice, or System.Taken
	Rule    func(r int32) string
}

// comments tell what the inputs mean.
func comments(e *encode.Encoding, n Names) []string {
	out := []string{n.Title}
	for i, r := range e.Rules() {
		out = append(out, fmt.Sprintf("step %d: %s", i, n.Rule(r)))
	}
	return out
}

func latches(e *encode.Encoding, n Names) []string {
	out := make([]string, len(e.Circuit.Latches))
	for i := range out {
		out[i] = n.Literal(e.Latch(i))
	}
	return out
}

// AIGER writes a question as an AIGER file, in binary or as text.
func AIGER(w io.Writer, e *encode.Encoding, n Names, binary bool) error {
	c := e.Circuit.Plain()
	names := aiger.Names{Bad: "bad", Comments: comments(e, n)}
	for i := range e.Circuit.Inputs {
		names.Inputs = append(names.Inputs, fmt.Sprintf("step bit %d", i))
	}
	for i, s := range latches(e, n) {
		switch e.Circuit.Latches[i].Init {
		case circuit.Free:
			names.Inputs = append(names.Inputs, "at the start: "+s)
		case circuit.One:
			s = "not " + s
		}
		names.Latches = append(names.Latches, s)
	}
	return aiger.Write(w, c, binary, names)
}

// formula collects clauses.
type formula struct{ dimacs.Formula }

// NewVar implements circuit.Sink.
func (f *formula) NewVar() cdcl.Lit {
	f.Variables++
	return cdcl.Lit(f.Variables-1) << 1
}

// AddClause implements circuit.Sink.
func (f *formula) AddClause(lits ...cdcl.Lit) {
	c := make([]int32, len(lits))
	for i, l := range lits {
		c[i] = int32(l>>1) + 1
		if l&1 == 1 {
			c[i] = -c[i]
		}
	}
	f.Clauses = append(f.Clauses, c)
}

// DIMACS writes the question whether bad can be reached in at most depth steps.
func DIMACS(w io.Writer, e *encode.Encoding, n Names, depth int) error {
	f := &formula{}
	u := circuit.Unroll(e.Circuit, f)
	for k := range depth + 1 {
		for _, l := range e.Circuit.Constraints {
			f.AddClause(u.Lit(k, l))
		}
	}
	f.AddClause(u.Lit(depth, e.Circuit.Bad))
	say := append([]string{fmt.Sprintf("bad within %d steps", depth)}, comments(e, n)...)
	for k := range depth {
		for i, l := range e.Circuit.Inputs {
			if x, ok := u.Loaded(k, l); ok {
				say = append(say, fmt.Sprintf("variable %d: bit %d of step number %d", x>>1+1, i, k+1))
			}
		}
	}
	names := latches(e, n)
	for i, l := range e.Circuit.Latches {
		if x, ok := u.Loaded(0, l.Lit); ok && l.Init == circuit.Free {
			say = append(say, fmt.Sprintf("variable %d: %s", x>>1+1, names[i]))
		}
	}
	return dimacs.Write(w, &f.Formula, say...)
}

// SMT2 writes a question as constrained Horn clauses.
func SMT2(w io.Writer, e *encode.Encoding, n Names) error {
	out := bufio.NewWriter(w)
	c := e.Circuit
	for _, s := range comments(e, n) {
		fmt.Fprintf(out, "; %s\n", oneLine(s))
	}
	for i, s := range latches(e, n) {
		fmt.Fprintf(out, "; s%d: %s\n", i, oneLine(s))
	}
	fmt.Fprintln(out, "(set-logic HORN)")
	fmt.Fprintf(out, "(declare-fun reached (%s) Bool)\n", strings.TrimSpace(strings.Repeat("Bool ", len(c.Latches))))
	// The constraints are asked of every state, so that only allowed ones lead on.
	h := &horn{w: out, c: c}
	start := []string{}
	for i, l := range c.Latches {
		switch l.Init {
		case circuit.Zero:
			start = append(start, fmt.Sprintf("(not s%d)", i))
		case circuit.One:
			start = append(start, fmt.Sprintf("s%d", i))
		}
	}
	h.clause(nil, start, h.state(func(l circuit.Latch) circuit.Lit { return l.Lit }))
	reached := h.state(func(l circuit.Latch) circuit.Lit { return l.Lit })
	next := make([]circuit.Lit, 0, len(c.Latches))
	for _, l := range c.Latches {
		next = append(next, l.Next)
	}
	h.clause(append(next, c.Constraints...), append([]string{reached}, h.lits(c.Constraints)...), h.state(func(l circuit.Latch) circuit.Lit { return l.Next }))
	bad := append([]circuit.Lit{c.Bad}, c.Constraints...)
	h.clause(bad, append([]string{reached}, h.lits(bad)...), "false")
	fmt.Fprintln(out, "(check-sat)")
	return out.Flush()
}

func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }

// horn writes Horn clauses over the nodes of a circuit.
type horn struct {
	w io.Writer
	c *circuit.Circuit
}

func (h *horn) lit(l circuit.Lit) string {
	n := l.Node()
	var s string
	switch h.c.Kind(n) {
	case circuit.Const:
		s = "false"
	case circuit.Input:
		s = fmt.Sprintf("i%d", h.c.Index(n))
	case circuit.State:
		s = fmt.Sprintf("s%d", h.c.Index(n))
	case circuit.And:
		s = fmt.Sprintf("g%d", n)
	}
	if l.Negated() {
		s = "(not " + s + ")"
	}
	return s
}

func (h *horn) lits(list []circuit.Lit) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = h.lit(l)
	}
	return out
}

// state says that a state is reached.
func (h *horn) state(of func(circuit.Latch) circuit.Lit) string {
	if len(h.c.Latches) == 0 {
		return "reached"
	}
	parts := []string{"reached"}
	for _, l := range h.c.Latches {
		parts = append(parts, h.lit(of(l)))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

// clause writes that a head follows from a body, which speaks of the cones of some literals, for all states and inputs.
func (h *horn) clause(cones []circuit.Lit, body []string, head string) {
	in := map[int32]bool{}
	stack := append([]circuit.Lit(nil), cones...)
	for len(stack) > 0 {
		n := stack[len(stack)-1].Node()
		stack = stack[:len(stack)-1]
		if in[n] || h.c.Kind(n) != circuit.And {
			continue
		}
		in[n] = true
		a, b := h.c.Gate(n)
		stack = append(stack, a, b)
	}
	var vars []string
	for i := range h.c.Latches {
		vars = append(vars, fmt.Sprintf("(s%d Bool)", i))
	}
	for i := range h.c.Inputs {
		vars = append(vars, fmt.Sprintf("(i%d Bool)", i))
	}
	for n := range int32(h.c.Nodes()) {
		if in[n] {
			a, b := h.c.Gate(n)
			vars = append(vars, fmt.Sprintf("(g%d Bool)", n))
			body = append(body, fmt.Sprintf("(= g%d (and %s %s))", n, h.lit(a), h.lit(b)))
		}
	}
	rule := fmt.Sprintf("(=> (and %s true) %s)", strings.Join(body, " "), head)
	if len(vars) > 0 {
		rule = fmt.Sprintf("(forall (%s) %s)", strings.Join(vars, " "), rule)
	}
	fmt.Fprintf(h.w, "(assert %s)\n", rule)
}
