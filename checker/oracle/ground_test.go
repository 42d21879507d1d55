package oracle_test

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
)

var (
	designs = flag.Int("designs", 60, "how many random designs are compared")
	first   = flag.Int64("seed", 0, "the seed of the first one")
	kept    = flag.String("answers", "", "a file that keeps the oracle's answers: for whoever changes anything but the oracle")
)

// limit is how many states a random design may have.
const limit = 800

// answer is what the ground system says of a case, by brute force too.
type answer struct {
	verdict     string
	cost, steps int
	stopped     bool
}

// brute answers a case of the ground system as [oracle.Oracle.Case] does from the language.
func brute(from *ground.Case) answer {
	q := from.Question
	var decisions, failures []system.Lit
	for i := range int32(q.System.Choices()) {
		if l := q.System.Choice(i); q.System.ChoiceKind(i) == system.Decision {
			decisions = append(decisions, l)
		} else {
			failures = append(failures, l)
		}
	}
	out := answer{cost: -1}
	var bad []bool
	for mask := range 1 << len(decisions) {
		attacked, stopped := false, false
		for failed := range 1 << len(failures) {
			n := 0
			var choices []system.Lit
			for i, l := range decisions {
				choices = append(choices, l^system.Lit(1-mask>>i&1))
			}
			for i, l := range failures {
				choices = append(choices, l^system.Lit(1-failed>>i&1))
				n += failed >> i & 1
			}
			if n > q.MaxFailures {
				continue
			}
			cost, steps, stop := dijkstra(q, from, choices)
			switch {
			case from.Possible:
				attacked = attacked || cost < 0
				stopped = stopped || stop && cost < 0
				continue
			case cost >= 0:
				attacked = true
				if out.cost < 0 || cost < out.cost || cost == out.cost && steps < out.steps {
					out.cost, out.steps = cost, steps
				}
			}
			stopped = stopped || stop
		}
		out.stopped = out.stopped || stopped && attacked == from.Possible
		bad = append(bad, attacked)
	}
	switch {
	case out.stopped:
		out.verdict = "unknown"
	case !slices.Contains(bad, true):
		out.verdict = "holds"
	case !slices.Contains(bad, false):
		out.verdict = "violated"
	default:
		out.verdict = "depends"
	}
	return out
}

type node struct {
	facts       []int32
	paid        []int32
	cost, steps int
}

type queue []*node

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].cost, q[j].cost), cmp.Compare(q[i].steps, q[j].steps)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*node)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func dijkstra(q *system.Question, from *ground.Case, choices []system.Lit) (cost, steps int, stopped bool) {
	cost = -1
	at := func(facts []int32) *system.State {
		st, err := system.NewState(q.System, facts, choices)
		if err != nil {
			panic(err)
		}
		return st
	}
	allowed := func(st *system.State) bool {
		return !slices.ContainsFunc(q.Assume, func(l system.Lit) bool { return st.Eval(l) != system.Yes })
	}
	if !allowed(at(q.Start)) {
		return
	}
	open := &queue{{facts: q.Start}}
	done := map[string]bool{}
	for open.Len() > 0 {
		n := heap.Pop(open).(*node)
		key := fmt.Sprint(n.facts, n.paid)
		if done[key] {
			continue
		}
		done[key] = true
		st := at(n.facts)
		if cost < 0 && st.Eval(q.Bad) == system.Yes {
			cost, steps = n.cost, n.steps
		}
		stopped = stopped || len(from.Bounds) > 0 && st.Eval(from.Bound) == system.Yes
		for r := range int32(q.System.Rules()) {
			if !q.Enabled(r) || slices.ContainsFunc(q.System.Guard(r), func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
				continue
			}
			after := at(n.facts)
			c, err := after.Take(r)
			if err != nil {
				panic(err)
			}
			if len(c.Added)+len(c.Removed) == 0 || !allowed(after) {
				continue
			}
			next := &node{paid: n.paid, cost: n.cost, steps: n.steps + 1}
			for f := range int32(q.System.Facts()) {
				if after.Fact(f) {
					next.facts = append(next.facts, f)
				}
			}
			if c.Cost > 0 && !slices.Contains(n.paid, r) {
				next.paid = append(slices.Clone(n.paid), r)
				slices.Sort(next.paid)
				next.cost += c.Cost
			}
			if q.Budget < 0 || next.cost <= q.Budget {
				heap.Push(open, next)
			}
		}
	}
	return
}

// memory is what the oracle has answered.
type memory map[string]oracle.Answer

// remembered returns the answers that are kept, and has them kept when the test ends.
func remembered(t *testing.T) memory {
	m := memory{}
	if *kept == "" {
		return m
	}
	if text, err := os.ReadFile(*kept); err == nil {
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	t.Cleanup(func() {
		if text, err := json.Marshal(m); err != nil {
			t.Error(err)
		} else if err := os.WriteFile(*kept, text, 0o600); err != nil {
			t.Error(err)
		}
	})
	return m
}

func (m memory) of(key string, answer func() oracle.Answer) oracle.Answer {
	if _, ok := m[key]; !ok {
		m[key] = answer()
	}
	return m[key]
}

func attackers(c *ground.Case) []string {
	var out []string
	for _, a := range c.Attackers {
		out = append(out, a.Name)
	}
	return out
}

// each calls f for every case of many random designs that the oracle could answer.
func each(t *testing.T, f func(t *testing.T, text string, g *ground.Grounding, result *checker.Result, r *models.Requirement, i, k int, want oracle.Answer)) {
	cases, unfolded, compared, by := 0, 0, 0, map[string]int{}
	answers := remembered(t)
	for seed := *first; seed < *first+int64(*designs); seed++ {
		text := oracle.Random(rand.New(rand.NewSource(seed)))
		m, _ := load(text)
		if m == nil {
			continue
		}
		g, err := ground.Ground(t.Context(), m)
		if mistakes := (*ground.Mistakes)(nil); errors.As(err, &mistakes) {
			continue
		} else if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		result, err := checker.Check(context.Background(), m, checker.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		again, refused, err := checker.Recheck(context.Background(), m, checker.Options{}, func(requirement, at int) *evidence.Answer {
			return result.Requirements[requirement].Cases[at].Evidence()
		})
		if err != nil || len(refused) > 0 {
			t.Fatalf("seed %d: the evidence is refused: %v %v\n%s", seed, refused, err, text)
		}
		for i, q := range result.Requirements {
			if other := again.Requirements[i].Verdict; other != q.Verdict {
				t.Errorf("seed %d, %s: %s, by its evidence %s\n%s", seed, q.Source.Name, q.Verdict, other, text)
			}
		}
		unfolded++
		before := cases
		o := oracle.New(m, 2)
		for i, r := range m.Design.Requirements {
			idle := inert(m.Design, r)
			for k, c := range g.Cases[i] {
				bindings := texts(c.Bindings)
				want := answers.of(fmt.Sprint(seed, r.Name, attackers(c), bindings), func() oracle.Answer { return o.Case(r, c.Attackers, bindings, limit) })
				if want.Large {
					continue
				}
				cases++
				if !slices.ContainsFunc(steps(m.Design), func(s *models.Step) bool { return want.Stopped[s.Name] && !idle[s] }) {
					want.Verdict = want.Within
				}
				f(t, fmt.Sprintf("seed %d, %s %v\n%s", seed, r.Name, bindings, text), g, result, r, i, k, want)
				if t.Failed() {
					return
				}
			}
		}
		if cases > before {
			compared++
			for name := range features(text, m) {
				by[name]++
			}
		}
	}
	t.Logf("%d cases of %d designs; by feature: %s", cases, unfolded, often(compared, by))
	if unfolded < *designs/2 {
		t.Errorf("only %d of %d designs could be compared", unfolded, *designs)
	}
}

func size(set map[any]bool) int {
	n := 0
	for _, in := range set {
		if in {
			n++
		}
	}
	return n
}

func steps(d *models.Design) []*models.Step {
	var out []*models.Step
	for _, p := range d.Processes {
		out = append(out, p.Steps...)
	}
	return out
}

func messages(d *models.Design) []*models.Message {
	var out []*models.Message
	for _, p := range d.Processes {
		out = append(out, p.Messages...)
	}
	return out
}

// inert returns the steps that set nothing and send and take away only what leads nobody to set anything: whether a domain stops one matters to no
// requirement that mentions all of the state. A message with a secret tells it, which matters where something asks what is known.
func inert(d *models.Design, r *models.Requirement) map[*models.Step]bool {
	matters := map[any]bool{} // steps and messages
	asked := false
	asks := func(e *models.Expr) {
		e.Walk(func(x *models.Expr) bool {
			asked = asked || x.Op == models.OpKnowsValue
			return true
		})
	}
	asks(r.F)
	asks(r.G)
	for _, a := range d.Assumptions {
		asks(a.F)
	}
	for before, knew := -1, false; before != size(matters) || knew != asked; {
		before, knew = size(matters), asked
		for _, m := range messages(d) {
			if slices.ContainsFunc(m.Fields, func(f *models.Var) bool { return f.Type.Domain != nil && f.Type.Domain.Secret }) {
				asked = asked || matters[m] // who sends it has to know
				matters[m] = matters[m] || asked
			}
		}
		for _, x := range steps(d) {
			if len(x.Do) == 0 && !slices.ContainsFunc(slices.Concat(x.Sends, x.Receives), func(t models.MessageTerm) bool { return matters[t.Message] }) {
				continue
			}
			matters[x] = true
			asks(x.When)
			for _, e := range x.Do {
				asks(e.Value)
				for _, a := range e.Args {
					asks(a)
				}
			}
			for _, t := range slices.Concat(x.Sends, x.Receives) {
				for _, a := range t.Args {
					asks(a)
				}
			}
			for _, t := range x.Receives {
				matters[t.Message] = true
			}
		}
	}
	out := map[*models.Step]bool{}
	for _, x := range steps(d) {
		out[x] = !matters[x]
	}
	return out
}

// TestGrounding holds the ground system to the definition of the language, and the verdicts of [checker.Check] to both.
func TestGrounding(t *testing.T) {
	alone(t)
	t.Parallel()
	verdicts := map[string]int{}
	each(t, func(t *testing.T, text string, g *ground.Grounding, result *checker.Result, r *models.Requirement, i, k int, want oracle.Answer) {
		got := brute(g.Cases[i][k])
		if r.Static {
			return
		}
		if strings.HasPrefix(r.Name, "L") && got.verdict == want.Within {
			want.Verdict = want.Within // the steps that a domain stops do not matter to it
		}
		if got.verdict != want.Verdict || got.cost != want.Cost || got.cost >= 0 && got.steps != want.Steps {
			t.Errorf("the ground system says %+v, the language %+v\n%s", got, want, text)
		}
		c := result.Requirements[i].Cases[k]
		verdict := string(c.Verdict)
		verdicts[verdict+"/"+want.Verdict]++
		if g.Cases[i][k].Question.Bad == system.False { // whatever the state: no domain can matter then
			want.Verdict = want.Within
		}
		if verdict != want.Verdict && verdict != "unknown" {
			t.Errorf("the verdict is %s, the language says %s\n%s", verdict, want.Verdict, text)
		}
		if a := c.Attack; a != nil && verdict != "unknown" && (a.Cost != want.Cost || len(a.Steps) != want.Steps) {
			t.Errorf("the attack costs %d in %d steps, the best one %d in %d\n%s", a.Cost, len(a.Steps), want.Cost, want.Steps, text)
		}
	})
	t.Logf("verdict/truth: %v", verdicts)
}
