package portfolio

import (
	"context"
	"errors"
	"math/rand"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// splitNow splits a question, as a search does that takes its time. It returns what each piece is under, too; nothing where there is one.
func splitNow(t *testing.T, q *system.Question, opt Options) (f found, under [][]system.Lit) {
	t.Helper()
	s := &solver{ctx: t.Context(), opt: opt.defaults(), q: q}
	x := newSplitter(s, q, slice.Of(q))
	f, _, err := x.try(1<<18, 1<<19)
	if err != nil {
		t.Fatal(err)
	}
	if x.root.yes != nil {
		for _, p := range x.root.pieces() {
			under = append(under, p.under)
		}
	}
	return f, under
}

// TestSplit splits random questions: what comes of it is the truth and certified, and has nothing to do with who answers the parts, in which order, or that some lie about them.
func TestSplit(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for seed := range int64(3000) {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, rng.Intn(4) == 0)
		if slice.Of(d.Q).Question.MaxFailures < 0 {
			continue
		}
		want, under := splitNow(t, d.Q, Options{})
		if own, also := splitNow(t, slice.Of(d.Q).Question, Options{}); !reflect.DeepEqual(under, also) || (own.run == nil) != (want.run == nil) {
			t.Fatalf("seed %d: whoever has only what matters of it splits it into %v instead of %v", seed, also, under)
		}
		if under == nil {
			counts["whole"]++
			continue
		}
		holds := systemtest.Explore(d).Cost < 0
		switch {
		case (want.proof != nil) != holds || (want.run != nil) == holds:
			t.Fatalf("seed %d: %+v, and it holds: %t", seed, want, holds)
		case holds:
			counts["proofs"]++
			if err := certify.Certificate(t.Context(), d.Q, want.proof); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		default:
			counts["attacks"]++
			if _, err := certify.Attack(t.Context(), d.Q, want.run); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		var lies atomic.Int64
		for name, elsewhere := range map[string]func(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error){
			"side by side": func(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
				runtime.Gosched()
				return Run(ctx, q, opt)
			},
			"nobody": func(context.Context, *system.Question, Options) (system.Proposal, error) {
				return system.Proposal{}, errors.New("nobody is there")
			},
			"everything holds": func(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
				p, err := Run(ctx, q, opt)
				if p.Holds == nil {
					lies.Add(1)
					p = system.Proposal{Holds: &system.Certificate{Invariant: &system.Invariant{}}}
				}
				return p, err
			},
			"attacks that are none": func(ctx context.Context, q *system.Question, opt Options) (system.Proposal, error) {
				p, err := Run(ctx, q, opt)
				if p.Holds != nil {
					lies.Add(1)
					p = system.Proposal{Attacks: []system.Run{{Rules: []int32{0}}}, Incomplete: reason.Quick}
				}
				return p, err
			},
			"what is no system's": func(context.Context, *system.Question, Options) (system.Proposal, error) {
				lies.Add(1)
				return system.Proposal{Holds: &system.Certificate{Split: &system.Split{Choice: 1 << 30}}}, nil
			},
		} {
			got, _ := splitNow(t, d.Q, Options{Elsewhere: elsewhere})
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %s: %+v, alone %+v", seed, name, got, want)
			}
		}
		counts["lies"] += int(lies.Load())
	}
	t.Log(counts)
	for _, kind := range []string{"whole", "proofs", "attacks", "lies"} {
		if counts[kind] < 100 {
			t.Errorf("only %d of %s", counts[kind], kind)
		}
	}
}

// counting asks for a run that counts in binary to the largest number of so many bits, where each bit can be set as long as one of two controls fails.
func counting(bits int) *system.Question {
	b := system.NewBuilder()
	var all []system.Lit
	for range bits {
		all = append(all, b.FactLit(b.Fact()))
	}
	for i, bit := range all {
		guard := []system.Lit{bit.Not(), b.Or(b.Choice(system.Failure), b.Choice(system.Failure))}
		effects := []system.Effect{{Fact: int32(i), Set: true, When: system.True}}
		for j, low := range all[:i] {
			guard = append(guard, low)
			effects = append(effects, system.Effect{Fact: int32(j), When: system.True})
		}
		b.Rule(guard, effects, 0, nil)
	}
	return &system.Question{Bad: b.And(all...), Budget: -1, MaxFailures: 2 * bits, System: b.System()}
}

// TestSplitIsBounded splits what is too hard in parts, too: they take no more than is said, and there are not too many; the first that is given up ends it. A part is not split.
func TestSplitIsBounded(t *testing.T) {
	t.Parallel()
	q := counting(24)
	var asked atomic.Int64
	opt := Options{Elsewhere: func(_ context.Context, _ *system.Question, limits Options) (system.Proposal, error) {
		if asked.Add(1); !limits.Part {
			t.Error("a part is not said to be one")
		}
		return system.Proposal{Incomplete: reason.Limits}, nil
	}}
	s := &solver{ctx: t.Context(), opt: opt.defaults(), q: q}
	x := newSplitter(s, q, slice.Of(q))
	last := 0
	for done := int64(splitAfter); done < 1<<24; done *= splitAgain {
		if _, aside, err := x.try(done-1, 1<<40); aside != 0 || err != nil {
			t.Errorf("it is split after %d, %v", done-1, err)
		}
		f, aside, err := x.try(done, 1<<40)
		n := len(x.root.pieces())
		if err != nil || f.run != nil || f.proof != nil || n < 2 || n > maxParts || aside > done/pieceWork || aside < min(done/pieceWork, splitWork*done/int64(n)) {
			t.Errorf("after %d: %+v, %d for one of %d parts, %v", done, f, aside, n, err)
		}
		last = n
	}
	if last != maxParts || int(asked.Load()) < last {
		t.Errorf("%d parts in the end, of which %d were asked", last, asked.Load())
	}
	s.opt.Part = true
	if _, aside, _ := newSplitter(s, q, slice.Of(q)).try(1<<20, 1<<40); aside != 0 {
		t.Error("a part is split")
	}
}
