package wire_test

import (
	"bytes"
	"math/rand"
	"reflect"
	"testing"

	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/internal/wire"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// random is a question as it is asked, with its bytes.
func random(rng *rand.Rand) (*wire.Question, []byte) {
	d := systemtest.Random(rng, rng.Intn(2) == 0)
	q := &wire.Question{Engine: wire.Engine(rng.Intn(3)), Limits: portfolio.Options{Large: rng.Intn(2) == 0}.Shared(1 + rng.Intn(5000)), Of: slice.Of(d.Q).Question}
	return q, q.Append(nil)
}

// TestRoundTrip: what is read is what was written, and an engine says the same of both, whatever the question.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	kinds := map[string]int{}
	for n := range 400 {
		q, data := random(rng)
		got, err := wire.ParseQuestion(data)
		if err != nil {
			t.Fatalf("question %d: %v", n, err)
		}
		if !reflect.DeepEqual(got.Limits, q.Limits) || got.Engine != q.Engine || !bytes.Equal(got.Append(nil), data) {
			t.Fatalf("question %d is another one", n)
		}
		want, err := q.Ask(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := got.Ask(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := wire.AppendProposal(nil, &want)
		if !bytes.Equal(answer, wire.AppendProposal(nil, &p)) {
			t.Fatalf("question %d: the engines say something else of what was read", n)
		}
		if p, err = wire.ParseProposal(answer, got.Of.System); err != nil || !bytes.Equal(answer, wire.AppendProposal(nil, &p)) {
			t.Fatalf("question %d: the answer is another one: %v", n, err)
		}
		count(kinds, &p)
	}
	for _, kind := range []string{"attack", "decisions", "cuts", "bound", "invariant", "given up"} {
		if kinds[kind] == 0 {
			t.Errorf("no answer has %s: %v", kind, kinds)
		}
	}
}

func count(kinds map[string]int, p *system.Proposal) {
	for kind, is := range map[string]bool{
		"attack": len(p.Attacks) > 0, "decisions": len(p.Sufficient) > 0, "bound": p.Bound != nil, "given up": p.Incomplete != "",
		"cuts": p.Holds != nil && p.Holds.Cuts != nil, "invariant": p.Holds != nil && p.Holds.Invariant != nil,
	} {
		if is {
			kinds[kind]++
		}
	}
}

// TestLimitsAreWhole: a number that is added to the limits of engines is in the question, too; else two questions with other limits would have one address.
func TestLimitsAreWhole(t *testing.T) {
	t.Parallel()
	q, _ := random(rand.New(rand.NewSource(2)))
	before := q.Append(nil)
	fields := 0
	var change func(v reflect.Value)
	change = func(v reflect.Value) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				change(v.Field(i))
			}
			return
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Uint8:
			v.SetUint(v.Uint() + 1)
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Func:
			return
		default:
			t.Fatalf("a limit is a %s", v.Kind())
		}
		if fields++; bytes.Equal(before, q.Append(nil)) {
			t.Errorf("limit %d is not written", fields)
		}
		v.Set(old)
	}
	change(reflect.ValueOf(&q.Limits).Elem())
	if fields < 18 {
		t.Errorf("%d limits", fields)
	}
}

// TestHostileBytes: what is cut off, changed or longer is refused or read as something that is written back as the same bytes; nothing panics.
func TestHostileBytes(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(3))
	read := 0
	for range 300 {
		q, data := random(rng)
		p, err := q.Ask(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if facts := min(q.Of.System.Facts(), 8); facts > 0 && rng.Intn(2) == 0 {
			p.Bound = &system.Certificate{States: &system.States{Each: []string{"\x00", "\x01"}}}
			for i := range facts {
				p.Bound.States.Of = append(p.Bound.States.Of, q.Of.System.Fact(int32(i)))
			}
		}
		if rules := q.Of.System.Rules(); rules > 0 && rng.Intn(3) == 0 {
			leaf := system.Case{Weights: []system.Weight{{Cut: 0, Parts: system.Parts / 3}, {Cut: 1, Parts: 1 << 40}}}
			p.Bound = &system.Certificate{
				Cuts:  []system.Cut{{Rules: []int32{0}}, {Rules: []int32{int32(rules - 1)}}},
				Cases: []system.Case{{Split: q.Of.System.Taken(0)}, leaf, {}},
			}
		}
		if q.Of.System.Choices() > 0 && rng.Intn(2) == 0 {
			part := system.Certificate{}
			if p.Bound != nil {
				part = *p.Bound
			}
			l := q.Of.System.Choice(0).Not()
			p.Bound = &system.Certificate{Split: &system.Split{Choice: l, Given: part, Not: system.Certificate{Split: &system.Split{Choice: l, Not: part}}}}
		}
		answer := wire.AppendProposal(nil, &p)
		if !again(t, data, answer, q.Of.System) {
			t.Fatal("a question and its answer are refused")
		}
		for range 20 {
			if again(t, spoil(rng, data), spoil(rng, answer), q.Of.System) {
				read++
			}
		}
	}
	q, _ := random(rng)
	for q.Of.System.Choices() == 0 {
		q, _ = random(rng)
	}
	deep := system.Certificate{}
	for range 100_000 {
		deep = system.Certificate{Split: &system.Split{Choice: q.Of.System.Choice(0), Given: deep}}
	}
	if _, err := wire.ParseProposal(wire.AppendProposal(nil, &system.Proposal{Holds: &deep}), q.Of.System); err == nil {
		t.Error("a proof that is split without end is read")
	}
	if read == 0 {
		t.Error("nothing that was changed is read: the changes are too coarse to test anything")
	}
	if _, err := wire.ParseQuestion(append(make([]byte, 18), 0xff, 0xff, 0xff, 0xff, 0x0f)); err == nil {
		t.Error("four billion nodes in a few bytes")
	}
}

// TestDeep: gates upon gates are read as deep as designs have them, and asked about; without end they are refused.
func TestDeep(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{100_000, 1 << 18} {
		b := system.NewBuilder()
		b.Fact()
		l := b.Choice(system.Decision)
		for range depth {
			l = b.Gate(b.FactLit(0), l).Not()
		}
		q := &wire.Question{Of: &system.Question{System: b.System(), Bad: l, Budget: -1}}
		read, err := wire.ParseQuestion(q.Append(nil))
		if (err == nil) != (depth == 100_000) {
			t.Fatalf("%d deep: %v", depth, err)
		}
		if err == nil {
			if _, err := read.Ask(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
	}
}

func spoil(rng *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	at := rng.Intn(len(data))
	switch rng.Intn(4) {
	case 0:
		return data[:at]
	case 1:
		return append(data, byte(rng.Intn(256)))
	case 2:
		data[at] ^= 1 << rng.Intn(8)
	default:
		data[at] = byte(rng.Intn(256))
	}
	return data
}

// again reads both as whoever receives them does.
func again(t *testing.T, question, answer []byte, s *system.System) bool {
	t.Helper()
	q, err := wire.ParseQuestion(question)
	if err == nil && !bytes.Equal(q.Append(nil), question) {
		t.Fatalf("%x is not what is written of it", question)
	}
	p, other := wire.ParseProposal(answer, s)
	if other == nil && !bytes.Equal(wire.AppendProposal(nil, &p), answer) {
		t.Fatalf("%x is not what is written of it", answer)
	}
	return err == nil || other == nil
}

// FuzzParse: whatever the bytes, they are refused, or read and written back.
func FuzzParse(f *testing.F) {
	rng := rand.New(rand.NewSource(4))
	for range 20 {
		_, data := random(rng)
		f.Add(data, wire.AppendProposal(nil, &system.Proposal{Holds: &system.Certificate{Cuts: []system.Cut{{Weight: 2}}}}))
	}
	whole, _ := random(rng)
	f.Fuzz(func(t *testing.T, question, answer []byte) {
		again(t, question, answer, whole.Of.System)
	})
}
