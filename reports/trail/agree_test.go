package trail

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/notary/notarytest"
)

var (
	mutations    = flag.Int("mutations", 100, "how many changed trails both verifiers are asked about")
	firstMutated = flag.Uint64("mutations-from", 0, "the number of the first of them")
)

// question is what both verifiers are asked.
type question struct {
	in     *Input
	before *world // the trail that it goes on from, if one is given
}

func given(t testing.TB, in *Input) (out []notarytest.TrailEntry) {
	t.Helper()
	for item, err := range in.Entries {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, notarytest.TrailEntry{Envelope: item.Files[0], Receipt: item.Receipt, Sealed: item.Files[1], Proof: item.Proof})
	}
	return out
}

// agree asks the replay and the second verifier, which package notarytest has from FORMAT.md alone, and fails where one of them refuses by a check that the other does not refuse by.
func (q *question) agree(t testing.TB, what string) *Result {
	t.Helper()
	in := q.in
	trust, err := in.Trust.JSON()
	if err != nil {
		t.Fatal(err)
	}
	asked := notarytest.Asked{Trust: trust, Trail: in.Trail, AsOf: in.AsOf, MaxAge: in.MaxAge, Document: in.Document, Salt: in.Salt}
	if k := in.Known; k != nil {
		asked.Known = &notarytest.Head{Trail: k.Trail, Number: int(k.Number), SHA256: k.SHA256}
	}
	if in.Searched {
		asked.Ledger = [][]byte{}
		for _, f := range in.Ledger {
			asked.Ledger = append(asked.Ledger, f.Data)
		}
	}
	if in.Before = nil; q.before != nil {
		before := q.before.input(nil)
		asked.Before = given(t, before)
		before = &Input{Entries: before.Entries, Trust: in.Trust, AsOf: in.AsOf, Drafting: true} // as the command does
		in.Before = mustVerify(t, before)
	}
	r := mustVerify(t, in)
	second, err := notarytest.Trail(given(t, in), asked)
	if err != nil {
		t.Fatal(err)
	}
	names, says := failed(r)
	other := slices.Sorted(maps.Keys(second.Failed))
	if slices.Sort(names); !slices.Equal(names, other) || r.Passed != second.Passed() {
		t.Errorf("%s: the verifiers do not agree\n  %v %q %s\n  %v %v, not made: %v", what, r.Passed, says, r.Summary, second.Passed(), second.Failed, second.Open)
	}
	return r
}

// Both verifiers say the same of trails that were changed at random: what entries say, who signs them and when, the bytes of each file, what is asked. Most are signed and put on the ledger after the change, so
// that no signature gives it away.
func TestMutations(t *testing.T) {
	t.Parallel()
	refused, taken := map[string]int{}, 0
	for i := range *mutations {
		seed := *firstMutated + uint64(i)
		m := newMutator(t, seed)
		q := m.mutated()
		r := q.agree(t, fmt.Sprintf("-mutations-from %d -mutations 1: %s", seed, strings.Join(m.log, ", ")))
		if r.Passed {
			taken++
		}
		names, _ := failed(r)
		for _, name := range names {
			refused[name]++
		}
	}
	t.Logf("%d changed trails, of which both take %d; refused by check: %v", *mutations, taken, refused)
	if *mutations >= 100 && (taken < *mutations/20 || taken > *mutations/2) {
		t.Errorf("both take %d of %d: are the changes still right?", taken, *mutations)
	}
	for _, c := range mustVerify(t, honest(t).input(nil)).Checks {
		if *mutations >= 10_000 && refused[c.Name] == 0 {
			t.Errorf("the check %s refused none", c.Name)
		}
	}
}

// mutator changes trails.
type mutator struct {
	*rand.Rand
	t   testing.TB
	log []string
}

func newMutator(t testing.TB, seed uint64) *mutator {
	return &mutator{Rand: rand.New(rand.NewPCG(seed, 2)), t: t}
}

func (m *mutator) say(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf(format, args...))
}

// mutated is a trail with up to three changes, and a question about it.
func (m *mutator) mutated() *question {
	s := m.script()
	for range pick(m.Rand, 0, 1, 1, 1, 1, 1, 2, 3) {
		pick(m.Rand, m.entry, m.entry, m.entry, m.genesis, m.order, m.moment, m.text, m.raw)(s)
	}
	w, q := s.build(m.t)
	if m.IntN(6) == 0 {
		m.witnessed(w, q)
	}
	for range pick(m.Rand, 0, 0, 0, 1, 1, 2) {
		pick(m.Rand, m.files, m.ask)(w, q)
	}
	if q.in.Searched {
		q.in.Ledger = w.ledger
	}
	return q
}
