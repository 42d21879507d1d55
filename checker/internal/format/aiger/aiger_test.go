package aiger_test

import (
	"bytes"
	"encoding/csv"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/go-air/gini"
	"github.com/go-air/gini/z"
	"github.com/vauban-verifier/vauban/checker/internal/engine/bmc"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/ic3"
	"github.com/vauban-verifier/vauban/checker/internal/format/aiger"
	"github.com/vauban-verifier/vauban/checker/internal/kerneltest"
)

func read(tb testing.TB, path string) *aiger.File {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := aiger.Read(bytes.NewReader(b))
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return f
}

// TestVerdicts compares with the verdicts of a peer, and checks runs by simulation and invariants with another solver.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	dir := kerneltest.Dir(t, "aiger")
	table, err := os.Open(filepath.Join(dir, "verdicts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	decided := 0
	for _, row := range rows[1:] {
		f := read(t, filepath.Join(dir, row[0]))
		c := f.Circuit
		want := map[string]int{"inputs": len(c.Inputs), "latches": len(c.Latches), "outputs": f.Outputs, "bad": f.Bads, "constraints": len(c.Constraints), "justice": f.Justice, "fairness": f.Fairness}
		for i, column := range rows[0] {
			if n, ok := want[column]; ok && strconv.Itoa(n) != row[i] {
				t.Errorf("%s: %d %s, want %s", row[0], n, column, row[i])
			}
		}
		verdict, depth := row[10], row[11]
		if f.Safety() == strings.HasPrefix(verdict, "n/a") {
			t.Errorf("%s: a safety property: %v, want %s", row[0], f.Safety(), verdict)
		}
		if !f.Safety() {
			continue
		}
		k := ic3.New(c, nil)
		switch st := k.Run(1_500); {
		case st == ic3.Unknown:
			t.Logf("%s: unknown, no violation within %d steps", row[0], k.Depth())
		case (st == ic3.Safe) != (verdict == "SAFE"):
			t.Errorf("%s: %v, want %s", row[0], st, verdict)
		case st == ic3.Safe:
			decided++
			certify(t, row[0], c, k.Invariant())
		default:
			decided++
			if err := c.Replay(k.Trace()); err != nil {
				t.Errorf("%s: %v", row[0], err)
			}
		}
		b := bmc.New(c, nil)
		st, trace := cdcl.Unsat, (*circuit.Trace)(nil)
		for b.Depth() < 20 && st == cdcl.Unsat {
			st, trace = b.Next(20_000)
		}
		if st != cdcl.Sat {
			if verdict == "UNSAFE" {
				t.Errorf("%s: no violation within %d steps, want %s", row[0], b.Depth(), depth)
			}
			continue
		}
		if err := c.Replay(trace); err != nil || verdict != "UNSAFE" {
			t.Errorf("%s: a run of %d steps, want %s: %v", row[0], trace.Steps(), verdict, err)
		}
		if at, found := strings.CutPrefix(depth, "cex@"); found && at != strconv.Itoa(trace.Steps()) {
			t.Errorf("%s: %d steps, want %s", row[0], trace.Steps(), at)
		}
	}
	if decided < 10 {
		t.Errorf("only %d decided", decided)
	}
}

// other is a solver that shares nothing with the engines.
type other struct{ *gini.Gini }

func (s other) AddClause(lits ...z.Lit) {
	for _, l := range lits {
		s.Add(l)
	}
	s.Add(z.LitNull)
}

// certify asks gini whether clauses are an invariant of a circuit.
func certify(t *testing.T, name string, c *circuit.Circuit, clauses [][]circuit.Lit) {
	t.Helper()
	for step := range 3 {
		s := other{gini.NewV(4 * c.Nodes())}
		frame := func(state func(i int) z.Lit) func(circuit.Lit) z.Lit {
			lits := make([]z.Lit, c.Nodes())
			of := func(l circuit.Lit) z.Lit { return lits[l.Node()] ^ z.Lit(l&1) }
			for n := range int32(c.Nodes()) {
				if c.Kind(n) == circuit.State {
					lits[n] = state(c.Index(n))
					continue
				}
				lits[n] = s.Lit()
				switch c.Kind(n) {
				case circuit.Const:
					s.AddClause(lits[n].Not())
				case circuit.And:
					a, b := c.Gate(n)
					s.AddClause(lits[n].Not(), of(a))
					s.AddClause(lits[n].Not(), of(b))
					s.AddClause(lits[n], of(a).Not(), of(b).Not())
				}
			}
			for _, l := range c.Constraints {
				s.AddClause(of(l))
			}
			return of
		}
		now := frame(func(int) z.Lit { return s.Lit() })
		holds := func(of func(circuit.Lit) z.Lit) {
			for _, clause := range clauses {
				var out []z.Lit
				for _, l := range clause {
					out = append(out, of(l))
				}
				s.AddClause(out...)
			}
		}
		fails := func(of func(circuit.Lit) z.Lit) {
			var some []z.Lit
			for _, clause := range clauses {
				x := s.Lit()
				for _, l := range clause {
					s.AddClause(x.Not(), of(l).Not())
				}
				some = append(some, x)
			}
			s.AddClause(some...)
		}
		switch step {
		case 0:
			for _, l := range c.Latches {
				if l.Init != circuit.Free {
					s.AddClause(now(l.Lit) ^ z.Lit(1-l.Init))
				}
			}
			fails(now)
		case 1:
			holds(now)
			fails(frame(func(i int) z.Lit { return now(c.Latches[i].Next) }))
		case 2:
			holds(now)
			s.AddClause(now(c.Bad))
		}
		if st := s.Solve(); st != -1 {
			t.Errorf("%s: question %d about the invariant: %v", name, step, st)
		}
	}
}

// TestMalformed wants errors, not circuits.
func TestMalformed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":           "",
		"header":          "aag 1 1 0 0\n2\n",
		"junk":            "aag 0 0 0 0 0 \n",
		"leading zero":    "aag 01 1 0 0 0\n2\n",
		"counts":          "aag 1 1 1 0 0\n2\n4 2\n",
		"beyond":          "aag 1 1 0 1 0\n2\n4\n",
		"twice":           "aag 2 2 0 0 0\n2\n2\n",
		"negated":         "aag 1 1 0 0 0\n3\n",
		"undefined":       "aag 2 1 0 1 0\n2\n4\n",
		"too short":       "aag 1 1 0 1 0\n2\n",
		"no line end":     "aag 1 1 0 1 0\n2\n2",
		"no such symbol":  "aag 1 1 0 0 0\n2\ni1 x\n",
		"symbol twice":    "aag 1 1 0 0 0\n2\ni0 x\ni0 y\n",
		"bytes after":     "aag 1 1 0 0 0\n2\nhello\n",
		"huge":            "aag 4294967295 1 0 0 0\n2\n",
		"hungry":          "aag 67108864 67108864 0 0 0\n2\n",
		"binary sum":      "aig 2 1 0 0 0\n",
		"binary own":      "aig 2 1 0 0 1\n\x00\x00",
		"binary below":    "aig 2 1 0 0 1\n\x05\x00",
		"binary cut":      "aig 2 1 0 0 1\n\x02",
		"binary too long": "aig 2 1 0 0 1\n\xff\xff\xff\xff\xff\xff\x01\x00",
		"reset":           "aag 1 0 1 0 0\n2 2 3\n",
	} {
		if _, err := aiger.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	paths, err := filepath.Glob(filepath.Join(kerneltest.Dir(t, "malformed"), "*.a[ai]g"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no malformed files", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := aiger.Read(bytes.NewReader(b)); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// behaviour simulates a circuit on random inputs.
func behaviour(c *circuit.Circuit, seed int64) []bool {
	rng := rand.New(rand.NewSource(seed))
	state := make([]bool, len(c.Latches))
	for i, l := range c.Latches {
		state[i] = l.Init == circuit.One
	}
	var out, values []bool
	of := func(l circuit.Lit) bool { return values[l.Node()] != l.Negated() }
	for range 30 {
		in := make([]bool, len(c.Inputs))
		for i := range in {
			in[i] = rng.Intn(2) == 0
		}
		values = c.Eval(state, in, values)
		out = append(out, of(c.Bad))
		for _, l := range c.Constraints {
			out = append(out, of(l))
		}
		for i, l := range c.Latches {
			state[i] = of(l.Next)
		}
		out = append(out, state...)
	}
	return out
}

// roundTrip writes a circuit in both forms, and wants it to behave as before.
func roundTrip(tb testing.TB, c *circuit.Circuit) {
	tb.Helper()
	want := behaviour(c, 1)
	for _, binary := range []bool{false, true} {
		var b bytes.Buffer
		if err := aiger.Write(&b, c, binary, aiger.Names{Bad: "two\nlines", Comments: []string{"a comment"}}); err != nil {
			tb.Fatal(err)
		}
		f, err := aiger.Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			tb.Fatalf("binary %v: %v\n%q", binary, err, b.String())
		}
		if !reflect.DeepEqual(behaviour(f.Circuit, 1), want) {
			tb.Fatalf("binary %v: it behaves otherwise\n%q", binary, b.String())
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(kerneltest.Dir(t, "aiger"), "*.a[ai]g"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range paths {
		roundTrip(t, read(t, path).Circuit)
	}
}

// FuzzRead wants an error or a circuit that can be written and read again, whatever the bytes.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"aag 5 1 1 0 3 1\n2\n4 10\n4\n6 5 3\n8 4 2\n10 9 7\nb0 NEVER\n",
		"aag 3 0 1 1 0 0 1 1 1\n2 3 1\n2\n2\n1\n2\n3\nl0 x\nc\nbye\n",
		"aig 5 2 1 1 2\n10\n9\n\x02\x02\x02\x03c\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := aiger.Read(bytes.NewReader(b))
		if err != nil || file.Circuit.Nodes() > 1000 {
			return
		}
		roundTrip(t, file.Circuit)
	})
}
