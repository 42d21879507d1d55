// Package simulate steps through a design by hand: what the ground system says a run is, one rule at a time.
//
// # Limitations
//
// It shows what can be done, never that something cannot.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Simulation steps through a design: what [system] says a run is, one rule at a time.
type Simulation struct {
	g       *ground.Grounding
	of      *ground.Case
	words   *evidence.Words
	choices []system.Lit
	path    []position // the start, and the state after each step
}

// position is a state on the way.
type position struct {
	facts []int32
	rule  int32 // that led here; -1 at the start
	cost  int   // of the different rules taken so far
}

// Move is a rule that can be taken now, or that was.
type Move struct {
	Name string       // as evidence has it, such as `step Ship(o1)`
	Step explain.Step // Adds and Removes are filled in once it is taken
	rule int32
}

// New starts a simulation: what the coalition can do, and the honest steps. The choices are literals such as `waf on Shop` and `waf on Shop fails`; what
// is open and not decided for is not there.
func New(ctx context.Context, m *threats.Model, coalition []*models.Attacker, choices []string) (*Simulation, error) {
	g, of, err := ground.Play(ctx, m, coalition)
	if err != nil {
		return nil, err
	}
	s := &Simulation{g: g, of: of, words: evidence.NewWords(g)}
	given := map[system.Lit]bool{}
	for _, name := range choices {
		l, ok := s.words.Choice(name)
		if !ok {
			return nil, fmt.Errorf("the design has no choice %q: write CONTROL on ELEMENT for what is open, CONTROL on ELEMENT fails for what is there", name)
		}
		given[l] = true
	}
	for i := range int32(g.System.Choices()) {
		l := g.System.Choice(i)
		if given[l] && given[l.Not()] {
			return nil, fmt.Errorf("%q is chosen both ways", g.ChoiceName(l))
		}
		if !given[l] {
			l = l.Not()
		}
		s.choices = append(s.choices, l)
	}
	s.path = []position{{facts: of.Question.Start, rule: -1}}
	if st := s.state(); !s.allowed(st) {
		return nil, errors.New("the assumptions rule out the initial state, so there are no runs: drop the assumption, or choose other attackers")
	}
	return s, nil
}

func (s *Simulation) state() *system.State {
	st, err := system.NewState(s.g.System, s.path[len(s.path)-1].facts, s.choices)
	if err != nil {
		panic(judge.ErrInternal.Error() + ": " + err.Error())
	}
	return st
}

func (s *Simulation) allowed(st *system.State) bool {
	return !slices.ContainsFunc(s.of.Question.Assume, func(l system.Lit) bool { return st.Eval(l) != system.Yes })
}

// Moves returns what can be taken now and changes something: in the order of the system, honest steps first.
func (s *Simulation) Moves() []Move {
	st := s.state()
	var honest, others []Move
	for r := range int32(s.g.System.Rules()) {
		if !s.of.Question.Enabled(r) || slices.ContainsFunc(s.g.System.Guard(r), func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
			continue
		}
		after := s.state()
		c, err := after.Take(r)
		if err != nil || len(c.Added)+len(c.Removed) == 0 || !s.allowed(after) {
			continue
		}
		m := s.move(r)
		m.Step.Cost = c.Cost
		if m.Step.Kind == ground.ByStep {
			honest = append(honest, m)
		} else {
			others = append(others, m)
		}
	}
	return append(honest, others...)
}

func (s *Simulation) move(rule int32) Move {
	return Move{Name: s.g.RuleName(rule), rule: rule, Step: explain.NewStep(s.g, rule)}
}

// Take takes a move, by its name, and returns what it did. It is an error where nothing has that name or it cannot be taken now.
func (s *Simulation) Take(name string) (Move, error) {
	rule, ok := s.words.Rule(name)
	if !ok {
		return Move{}, fmt.Errorf("the design has no step or threat %q", name)
	}
	if !s.of.Question.Enabled(rule) {
		return Move{}, fmt.Errorf("%q is not a move of these attackers: `moves` lists theirs", name)
	}
	st := s.state()
	c, err := st.Take(rule)
	if err != nil {
		return Move{}, fmt.Errorf("%q cannot be taken now", name)
	}
	if !s.allowed(st) {
		return Move{}, fmt.Errorf("%q would break an assumption", name)
	}
	m := s.move(rule)
	m.Step.Cost = c.Cost
	m.Step.Adds, m.Step.Removes = s.g.Changes(c.Added, c.Removed)
	next := position{rule: rule, cost: s.path[len(s.path)-1].cost}
	if !slices.ContainsFunc(s.path, func(p position) bool { return p.rule == rule }) {
		next.cost += c.Cost
	}
	for f := range int32(s.g.System.Facts()) {
		if st.Fact(f) {
			next.facts = append(next.facts, f)
		}
	}
	s.path = append(s.path, next)
	return m, nil
}

// Back undoes the last move; it returns false at the start.
func (s *Simulation) Back() bool {
	if len(s.path) == 1 {
		return false
	}
	s.path = s.path[:len(s.path)-1]
	return true
}

// Steps returns how many steps were taken, and Cost what they cost together, different ones each once.
func (s *Simulation) Steps() int { return len(s.path) - 1 }

// Cost returns the cost of the run so far.
func (s *Simulation) Cost() int { return s.path[len(s.path)-1].cost }

// State names what is true now: what happened in processes, which messages are in flight, and what the attackers have.
func (s *Simulation) State() (process, flight, attackers []string) {
	now := s.path[len(s.path)-1].facts
	for f := range int32(s.g.System.Facts()) {
		_, holds := slices.BinarySearch(now, f)
		name, says := s.g.Says(f, holds)
		if !says {
			continue
		}
		switch s.g.Sort(f) {
		case ground.OfProcess:
			process = append(process, name)
		case ground.OfFlight:
			flight = append(flight, strings.TrimSuffix(name, " in flight"))
		case ground.OfAttacker:
			attackers = append(attackers, name)
		}
	}
	return process, flight, attackers
}

// Reached is a requirement with the case of it that the state is about.
type Reached struct {
	Requirement *models.Requirement
	Bindings    []ground.Binding
}

// Broken returns the requirements against these attackers that the run so far breaks, and those that it meets: that something is possible without any.
func (s *Simulation) Broken() (broken, met []Reached) {
	for i, cases := range s.g.Cases {
		for _, c := range cases {
			r := s.g.Model.Design.Requirements[i]
			if r.Static || !slices.Equal(c.Attackers, s.of.Attackers) || s.excused(c) {
				continue
			}
			if s.state().Eval(c.Question.Bad) != system.Yes {
				continue
			}
			if at := (Reached{r, c.Bindings}); c.Possible {
				met = append(met, at)
			} else {
				broken = append(broken, at)
			}
		}
	}
	return broken, met
}

// excused reports whether a state on the way has what the requirement wants to see first.
func (s *Simulation) excused(c *ground.Case) bool {
	for i := range s.path {
		at := Simulation{g: s.g, of: s.of, choices: s.choices, path: s.path[:i+1]}
		if st := at.state(); slices.ContainsFunc(c.Question.Assume[:c.Own], func(l system.Lit) bool { return st.Eval(l) != system.Yes }) {
			return true
		}
	}
	return false
}
