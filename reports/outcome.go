package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/coverage"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// Outcome is what came of one design: a result, or the errors because of which nothing was verified.
type Outcome struct {
	Name   string            // the root file, as the user named it
	Files  []string          // all its files, as the user named them; none where it cannot be read again
	Result *checker.Result   // nil: nothing was verified
	Errors []diag.Diagnostic // in their order; warnings stand among them
	Known  Known             // what a baseline has; nil where there is none

	View      *coverage.View   // by a list; nil where nobody asked
	Since     *Since           // what changed since an earlier report; nil where none is given
	Tracked   Tracked          // what the register of the team says of findings; nil where there is none
	Questions *questions.Found // what the design is silent about and verdicts hang on; nil where nobody asked
}

// Track is what a team's register says of a finding.
type Track struct {
	ID, State, Owner, Ticket, Due string
	Overdue                       bool
}

// String says it in a few words.
func (t Track) String() string {
	due := ""
	if t.Due != "" {
		due = "due " + t.Due
	}
	if t.Overdue {
		due = "overdue since " + t.Due
	}
	var parts []string
	for _, s := range []string{t.ID, t.State, t.Owner, t.Ticket, due} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// Tracked are the findings that a register has.
type Tracked map[wording.Identity]Track

// maxTracked is how many findings of a requirement are told one by one.
const maxTracked = 5

// Of returns what the register says of the findings of a requirement: how many are in each state, then those of which people have said something, what is overdue first.
func (t Tracked) Of(q *checker.Requirement) []string {
	all := map[string]Track{}
	count := map[string]int{}
	for id, track := range t {
		if _, twice := all[track.ID]; id.Requirement == q.Source.Name && !twice {
			all[track.ID] = track
			count[track.State]++
		}
	}
	if len(all) == 0 {
		return nil
	}
	var states []string
	for _, s := range slices.Sorted(maps.Keys(count)) {
		states = append(states, fmt.Sprintf("%d %s", count[s], s))
	}
	out := []string{strings.Join(states, ", ")}
	said := slices.DeleteFunc(slices.Collect(maps.Values(all)), func(x Track) bool { return x.Owner == "" && x.Ticket == "" && x.Due == "" })
	slices.SortFunc(said, func(a, b Track) int {
		if a.Overdue != b.Overdue {
			if a.Overdue {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	for i, x := range said {
		if i == maxTracked && len(said) > i+1 {
			return append(out, fmt.Sprintf("and %d more that somebody owns, or has a ticket for", len(said)-i))
		}
		out = append(out, x.String())
	}
	return out
}

// Known are the findings that a baseline has.
type Known map[wording.Identity]bool

// All reports whether a requirement is not met, and in no way that is not known.
func (k Known) All(q *checker.Requirement) bool {
	return k[wording.Identity{Requirement: q.Source.Name}]
}

// Mark is put behind what is known; "" behind what is not.
func Mark(known bool) string {
	if known {
		return " (known)"
	}
	return ""
}

// Group reports whether all is known that a group stands for.
func (k Known) Group(q *checker.Requirement, g *wording.Group) bool {
	for _, c := range append(append([]*checker.Case{g.Case}, g.Same...), g.Alike...) {
		if !k.Has(q, c, nil) {
			return false
		}
	}
	return true
}

// Has reports whether a case with the attack to show, or an instance that breaks an architecture rule, is known.
func (k Known) Has(q *checker.Requirement, c *checker.Case, b *judge.Broken) bool {
	return k[wording.Finding(q, c, b)]
}
