package certify_test

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/explicit"
	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/systemtest"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

var questions = flag.Int64("questions", 2500, "random questions whose certificates are forged")

// forger changes proofs and the questions that they are for.
type forger struct {
	*rand.Rand
	d systemtest.Design
}

func (f *forger) lit() system.Lit {
	s := f.d.Q.System
	switch f.Intn(4) {
	case 0:
		return s.Taken(int32(f.Intn(s.Rules()))) ^ system.Lit(f.Intn(2))
	case 1:
		if s.Choices() > 0 {
			return s.Choice(int32(f.Intn(s.Choices()))) ^ system.Lit(f.Intn(2))
		}
	}
	return s.Fact(int32(f.Intn(s.Facts()))) ^ system.Lit(f.Intn(2))
}

func (f *forger) cut() system.Cut {
	s := f.d.Q.System
	var c system.Cut
	for i := range int32(s.Choices()) {
		if f.Intn(3) == 0 {
			c.Choices = append(c.Choices, s.Choice(i)^system.Lit(f.Intn(2)))
		}
	}
	for r := range int32(s.Rules()) {
		if f.Intn(4) == 0 {
			c.Rules = append(c.Rules, r)
		}
	}
	return c
}

// invented returns a proof out of nothing.
func (f *forger) invented() *system.Certificate {
	c := &system.Certificate{}
	switch f.Intn(4) {
	case 0:
		c.States = f.states()
		return c
	case 3:
		c.Split = &system.Split{Choice: f.lit(), Given: *f.invented(), Not: *f.invented()}
		return c
	case 1:
		for range f.Intn(4) {
			c.Cuts = append(c.Cuts, f.cut())
		}
		return c
	}
	c.Invariant = &system.Invariant{}
	for range 1 + f.Intn(4) {
		var clause []system.Lit
		for range 1 + f.Intn(3) {
			clause = append(clause, f.lit())
		}
		c.Invariant.Clauses = append(c.Invariant.Clauses, clause)
	}
	return c
}

// states returns states out of nothing.
func (f *forger) states() *system.States {
	s := f.d.Q.System
	st := &system.States{}
	for n := range int32(s.Nodes()) {
		if kind, _ := s.Node(n); (kind == system.FactNode || kind == system.ChoiceNode) && f.Intn(4) == 0 && len(st.Of) < 5 {
			st.Of = append(st.Of, system.Lit(n)<<1)
		}
	}
	for b := range 1 << len(st.Of) {
		if f.Intn(4) > 0 {
			st.Each = append(st.Each, string([]byte{byte(b)})[:(len(st.Of)+7)/8])
		}
	}
	return st
}

// split returns a proof by two, of a question with choices that has one.
func (f *forger) split(t *testing.T) *system.Certificate {
	t.Helper()
	choices := slices.DeleteFunc(slices.Concat(f.d.Decisions, f.d.Failures), func(l system.Lit) bool {
		return slices.Contains(f.d.Q.Fixed, l) || slices.Contains(f.d.Q.Fixed, l.Not())
	})
	if len(choices) == 0 {
		return nil
	}
	x := &system.Split{Choice: choices[f.Intn(len(choices))] ^ system.Lit(f.Intn(2))}
	for l, proof := range map[system.Lit]*system.Certificate{x.Choice: &x.Given, x.Choice.Not(): &x.Not} {
		part := *f.d.Q
		part.Fixed = append(slices.Clone(part.Fixed), l)
		_, cert, _, err := portfolio.Any(t.Context(), &part, portfolio.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if cert == nil {
			return nil
		}
		*proof = *cert
	}
	return &system.Certificate{Split: x}
}

// changed returns a proof that differs from another in one place.
func (f *forger) changed(cert *system.Certificate) *system.Certificate {
	out := &system.Certificate{}
	if cert.Split != nil {
		x := *cert.Split
		switch f.Intn(4) {
		case 0:
			x.Given = *f.changed(&x.Given)
		case 1:
			x.Not = *f.changed(&x.Not)
		case 2:
			x.Given, x.Not = x.Not, x.Given
		default:
			x.Choice = f.lit()
		}
		out.Split = &x
		return out
	}
	if cert.States != nil {
		st := &system.States{Of: slices.Clone(cert.States.Of), Each: slices.Clone(cert.States.Each)}
		if len(st.Each) == 0 {
			return f.invented()
		}
		i := f.Intn(len(st.Each))
		switch k := f.Intn(3); {
		case k == 0 || len(st.Of) == 0:
			st.Each = slices.Delete(st.Each, i, i+1)
		case k == 1:
			b := []byte(st.Each[i])
			b[f.Intn(len(b))] ^= 1 << f.Intn(8)
			st.Each[i] = string(b)
		default: // one that tells less
			at := f.Intn(len(st.Of))
			st.Of = slices.Delete(st.Of, at, at+1)
			for i, state := range st.Each {
				b := make([]byte, (len(st.Of)+7)/8)
				for k := range st.Of {
					from := k
					if k >= at {
						from++
					}
					b[k/8] |= state[from/8] >> (from % 8) & 1 << (k % 8)
				}
				st.Each[i] = string(b)
			}
		}
		out.States = st
		return out
	}
	for _, c := range cert.Cuts {
		out.Cuts = append(out.Cuts, system.Cut{Choices: slices.Clone(c.Choices), Rules: slices.Clone(c.Rules)})
	}
	if cert.Invariant != nil {
		out.Invariant = &system.Invariant{}
		for _, c := range cert.Invariant.Clauses {
			out.Invariant.Clauses = append(out.Invariant.Clauses, slices.Clone(c))
		}
		clauses := out.Invariant.Clauses
		if len(clauses) == 0 {
			return out
		}
		i := f.Intn(len(clauses))
		switch k := f.Intn(4); {
		case k == 0 || len(clauses[i]) == 0:
			out.Invariant.Clauses = slices.Delete(clauses, i, i+1)
		case k == 1:
			clauses[i][f.Intn(len(clauses[i]))] ^= 1
		case k == 2:
			at := f.Intn(len(clauses[i]))
			clauses[i] = slices.Delete(clauses[i], at, at+1)
		default:
			clauses[i][f.Intn(len(clauses[i]))] = f.lit()
		}
		return out
	}
	if len(out.Cuts) == 0 {
		return out
	}
	i := f.Intn(len(out.Cuts))
	c := &out.Cuts[i]
	switch k := f.Intn(5); {
	case k == 0:
		out.Cuts = slices.Delete(out.Cuts, i, i+1)
	case k == 1 && len(c.Choices) > 0:
		at := f.Intn(len(c.Choices))
		c.Choices = slices.Delete(c.Choices, at, at+1)
	case k == 2 && len(c.Rules) > 0:
		at := f.Intn(len(c.Rules))
		c.Rules = slices.Delete(c.Rules, at, at+1)
	case k == 3 && len(c.Choices) > 0:
		c.Choices[f.Intn(len(c.Choices))] ^= 1
	default:
		*c = f.cut()
	}
	return out
}

// cases returns a proof by cases: what is in cuts is split on, until a cut has nothing left to be hit by, which is weighed then, or everything is decided, or at random, with weights at random.
func (f *forger) cases(q *system.Question, cuts []system.Cut, hit, not []system.Lit) []system.Case {
	s := q.System
	const most = 8
	var leaf system.Case
	var open system.Lit
	for i, c := range cuts {
		items := slices.Clone(c.Choices)
		for _, r := range c.Rules {
			items = append(items, s.Taken(r))
		}
		stands := true
		for _, l := range items {
			if stands = stands && slices.Contains(not, l); open == 0 && !slices.Contains(hit, l) && !slices.Contains(not, l) {
				open = l
			}
		}
		if stands {
			return []system.Case{{Weights: []system.Weight{{Cut: int32(i), Parts: (max(q.Budget, q.MaxFailures, 0) + 1) * system.Parts}}}}
		}
		if f.Intn(3) > 0 {
			leaf.Weights = append(leaf.Weights, system.Weight{Cut: int32(i), Parts: f.Intn(5) * system.Parts / 2})
		}
	}
	paid := 0
	for _, l := range hit {
		if r := int(l.Node()) - s.Nodes(); r >= 0 {
			paid += int(s.Cost(int32(r)))
		}
	}
	if q.Budget >= 0 && paid > q.Budget {
		leaf.Weights = nil
		return []system.Case{leaf}
	}
	if open == 0 || len(hit)+len(not) == most || f.Intn(12) == 0 {
		return []system.Case{leaf}
	}
	return slices.Concat([]system.Case{{Split: open}}, f.cases(q, cuts, append(slices.Clone(hit), open), not), f.cases(q, cuts, hit, append(slices.Clone(not), open)))
}

// changedCases returns a proof by cases that differs from another in one place.
func (f *forger) changedCases(cert *system.Certificate) *system.Certificate {
	out := &system.Certificate{Cuts: slices.Clone(cert.Cuts), Cases: slices.Clone(cert.Cases)}
	i := f.Intn(len(out.Cases))
	c := &out.Cases[i]
	c.Weights = slices.Clone(c.Weights)
	switch k := f.Intn(5); {
	case k == 0:
		out.Cases = slices.Delete(out.Cases, i, i+1)
	case k == 1:
		out.Cases = slices.Insert(out.Cases, i, out.Cases[f.Intn(len(out.Cases))])
	case k == 2 && len(c.Weights) > 0:
		c.Weights[f.Intn(len(c.Weights))].Parts += (f.Intn(9) - 4) * system.Parts / 2
	case k == 3 && len(c.Weights) > 0:
		c.Weights[f.Intn(len(c.Weights))].Cut = int32(f.Intn(len(out.Cuts) + 1))
	default:
		c.Split = f.lit()
	}
	return out
}

// harder returns a question in which attackers can do more: a proof of the question is seldom one of this.
func (f *forger) harder(q *system.Question) *system.Question {
	out := *q
	switch f.Intn(7) {
	case 0:
		if out.Budget >= 0 {
			out.Budget += 1 + f.Intn(3)
		}
	case 1:
		out.MaxFailures++
	case 2:
		if len(q.Fixed) > 0 {
			out.Fixed = q.Fixed[:len(q.Fixed)-1]
		}
	case 3:
		if len(q.Assume) > 0 {
			out.Assume = q.Assume[:len(q.Assume)-1]
		}
	case 4:
		out.Off = nil
	case 5:
		more := append(slices.Clone(q.Start), int32(f.Intn(q.System.Facts())))
		slices.Sort(more)
		out.Start = slices.Compact(more)
	default:
		out.Bad = q.System.Fact(int32(f.Intn(q.System.Facts())))
	}
	return &out
}

// TestAcceptedProofsAreTrue forges proofs of random questions: out of nothing, from a proof by a change, and by handing in a proof for a question that it is
// not for. What is accepted must be so by going through all states. How many are accepted shows that it is put to the test.
func TestAcceptedProofsAreTrue(t *testing.T) {
	t.Parallel()
	accepted, refused := map[string]int{}, map[string]int{}
	for seed := range *questions {
		rng := rand.New(rand.NewSource(seed))
		d := systemtest.Random(rng, rng.Intn(3) == 0)
		f := &forger{rng, d}
		p, err := portfolio.Solve(t.Context(), d.Q, portfolio.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		type proof struct {
			q    *system.Question
			cert *system.Certificate
		}
		var genuine []proof
		if p.Holds != nil {
			genuine = append(genuine, proof{d.Q, p.Holds})
		}
		if p.Bound != nil {
			less := *d.Q
			less.Budget = p.AtLeast - 1
			genuine = append(genuine, proof{&less, p.Bound})
		}
		for i := range p.Sufficient {
			decided := *d.Q
			decided.Fixed = slices.Concat(d.Q.Fixed, p.Sufficient[i].Decisions)
			genuine = append(genuine, proof{&decided, &p.Sufficient[i].Proof})
		}
		if sl := slice.Of(d.Q); sl.Question.MaxFailures >= 0 {
			if x := explicit.New(sl.Question); x.Run(1<<20) == explicit.Safe {
				genuine = append(genuine, proof{d.Q, &system.Certificate{States: x.States(d.Q.System, sl)}})
			}
		}
		if p.Holds != nil {
			if cert := f.split(t); cert != nil {
				genuine = append(genuine, proof{d.Q, cert})
			}
		}
		truth := map[string]bool{} // by question: nothing attacks it
		look := func(how string, q *system.Question, cert *system.Certificate) {
			t.Helper()
			if err := certify.Certificate(t.Context(), q, cert); err != nil {
				refused[how]++
				return
			}
			accepted[how]++
			key := fmt.Sprint(q.Start, q.Bad, q.Assume, q.Off, q.Fixed, q.MaxFailures, q.Budget)
			holds, known := truth[key]
			if !known {
				asked := d
				asked.Q = q
				holds = systemtest.Explore(asked).Cost < 0
				truth[key] = holds
			}
			if !holds {
				t.Errorf("seed %d: a proof %s is accepted of what does not hold\n%+v\n%+v, invariant %+v, states %+v", seed, how, *q, cert, cert.Invariant, cert.States)
			}
		}
		for range 12 {
			look("out of nothing", d.Q, f.invented())
		}
		for _, g := range genuine {
			look("by an engine", g.q, g.cert)
			for range 6 {
				look("with a change", g.q, f.changed(g.cert))
				look("of another question", f.harder(g.q), g.cert)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("accepted %v, refused %v", accepted, refused)
}

// TestAcceptedProposalsAreTrue changes what is proposed: sets of decisions, attacks, bounds. What is accepted must be the truth.
func TestAcceptedProposalsAreTrue(t *testing.T) {
	t.Parallel()
	accepted, refused := 0, 0
	for seed := range *questions {
		rng := rand.New(rand.NewSource(1e6 + seed))
		d := systemtest.Random(rng, rng.Intn(3) == 0)
		p, err := portfolio.Solve(t.Context(), d.Q, portfolio.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if len(p.Attacks) == 0 || d.Decided() {
			continue
		}
		tr := systemtest.Explore(d)
		var sets []string
		if tr.Verdict(d) == "depends" {
			sets = systemtest.MinimalSets(d, tr)
		}
		for range 8 {
			bad := p
			bad.Attacks, bad.Sufficient = slices.Clone(p.Attacks), slices.Clone(p.Sufficient)
			i := rng.Intn(len(bad.Attacks))
			switch k := rng.Intn(8); {
			case k == 0:
				bad.Attacks = slices.Delete(bad.Attacks, i, i+1)
			case k == 1 && len(bad.Attacks[i].Choices) > 0:
				at := rng.Intn(len(bad.Attacks[i].Choices))
				bad.Attacks[i].Choices = slices.Delete(slices.Clone(bad.Attacks[i].Choices), at, at+1)
			case k == 2 && len(bad.Attacks[i].Choices) > 0:
				bad.Attacks[i].Choices = slices.Clone(bad.Attacks[i].Choices)
				bad.Attacks[i].Choices[rng.Intn(len(bad.Attacks[i].Choices))] ^= 1
			case k == 3 && len(d.Decisions) > 0:
				bad.Attacks[i].Choices = append(slices.Clone(bad.Attacks[i].Choices), d.Decisions[rng.Intn(len(d.Decisions))])
			case k == 4:
				bad.AtLeast++
			case k == 5 && len(bad.Sufficient) > 0:
				at := rng.Intn(len(bad.Sufficient))
				bad.Sufficient = slices.Delete(bad.Sufficient, at, at+1)
			case k == 6 && len(bad.Sufficient) > 0:
				set := &bad.Sufficient[rng.Intn(len(bad.Sufficient))]
				set.Decisions = slices.Clone(set.Decisions)
				if len(set.Decisions) > 0 && rng.Intn(2) == 0 {
					set.Decisions = set.Decisions[1:]
				} else {
					set.Decisions = append(set.Decisions, d.Decisions[rng.Intn(len(d.Decisions))]^system.Lit(rng.Intn(2)))
				}
			default:
				bad.Attacks[i].Rules = slices.Clone(bad.Attacks[i].Rules)
				bad.Attacks[i].Rules = append(bad.Attacks[i].Rules, int32(rng.Intn(d.Q.System.Rules())))
			}
			if err := certify.Proposal(t.Context(), d.Q, &bad); err != nil {
				refused++
				continue
			}
			accepted++
			for i := range bad.Attacks {
				if _, err := system.Replay(d.Q, &bad.Attacks[i]); err != nil {
					t.Errorf("seed %d: an attack is accepted that does not replay: %v", seed, err)
				}
			}
			if bad.AtLeast > tr.Cost {
				t.Errorf("seed %d: %d is accepted for the least cost, which is %d", seed, bad.AtLeast, tr.Cost)
			}
			var got []string
			for _, s := range bad.Sufficient {
				decisions := slices.Clone(s.Decisions)
				slices.Sort(decisions)
				got = append(got, fmt.Sprint(slices.Compact(decisions)))
			}
			slices.Sort(got)
			if bad.Incomplete == "" && !slices.Equal(slices.Compact(got), sets) {
				t.Errorf("seed %d: the sets %v are accepted, they are %v", seed, got, sets)
			}
			if t.Failed() {
				t.Fatalf("%+v\n%+v", *d.Q, bad)
			}
		}
	}
	t.Logf("accepted %d, refused %d", accepted, refused)
}
