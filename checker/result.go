package checker

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Verdict is the answer to a requirement or to one of its cases.
type Verdict = judge.Verdict

// The verdicts, as package judge gives them.
const (
	Holds    = judge.Holds
	Violated = judge.Violated
	Depends  = judge.Depends
	Waived   = judge.Waived
	Unknown  = judge.Unknown
)

// Result is the outcome of a check: what every report is made from.
type Result struct {
	Model        *threats.Model
	AsOf         string // the date that waivers are judged by, YYYY-MM-DD
	Requirements []*Requirement
	Warnings     *diag.List
	Attacks      int              // how many were asked for of each case; below 2, only the cheapest
	Quick        bool             // only what is found at once was looked for
	Facts, Rules int              // the size of the ground system
	Unneeded     []explain.Choice // controls that no proof needs: all that holds would hold without them
}

// Requirement is a requirement with its verdict.
type Requirement struct {
	Source  *models.Requirement
	Verdict Verdict
	Waiver  *models.Waiver // nil when none names it
	InForce bool           // the waiver has not expired
	Cases   []*Case
	Guesses []*models.Element // of holds: of what it hangs on, something was guessed
	Ways    *explain.Ways     // of holds: what became of the threats that give what is forbidden; nil where there are none

	empty *explain.Vacuity // of one without cases
}

// Case is one coalition of attackers with one binding of the `for` variables.
type Case struct {
	Attackers  []*models.Attacker // empty: the honest system, or an architecture rule
	Bindings   []ground.Binding
	Verdict    Verdict
	Domains    []*models.ProcessDomain // of processes, that the verdict is about: so many orders, so many requests
	Runs       []*explain.Attack       // of `possible`: honest runs that reach it, for each combination of choices one that goes through
	Attack     *explain.Attack         // of violated and depends, the cheapest
	Attacks    []*explain.Attack       // where Options.Attacks asks for it: Attack, and those that other things stop, cheapest first
	More       int                     // attacks that were found besides Attacks
	AllAttacks bool                    // proved: whatever stops Attacks and the More others stops every attack
	Breaks     []judge.Broken          // of an architecture rule: what breaks it
	Sufficient [][]explain.Choice      // of depends: every minimal set of decisions that makes it hold
	Proof      *explain.Proof          // of holds; of depends: with the first sufficient set
	Unknown    *Reason                 // of unknown; of violated and depends: why something is not settled
	LiveRules  int                     // how many rule instances could be taken at all
	Resilience *Resilience             // nil when nobody asked for it, and of `possible`
	Vacuous    *explain.Vacuity        // of holds: why that says nothing about the design; nil where it does say something

	ruling    *judge.Ruling      // nil where it was not decided
	besides   []*system.Proposal // what Attacks were found by, besides the first
	grounding *ground.Grounding
}

// Evidence returns what the verdict of a case was judged by; nil where it needs none: the case was put to no engine.
func (c *Case) Evidence() *evidence.Answer {
	if c.ruling == nil {
		return nil
	}
	return evidence.Of(c.grounding, c.ruling, c.besides)
}

// Reason says why something is unknown, and how far it got.
type Reason struct {
	Text              string
	NoViolationWithin int // steps; -1 when it is not known
}

// Exit returns the exit status of a check: 0, 1 (violated or depends) or 3 (unknown, and whatever is no verdict, or is one that nothing was judged by). A
// Result that no check made has 3.
func (r *Result) Exit() int {
	if r.Model == nil {
		return Unknown.Exit()
	}
	code := 0
	for _, q := range r.Requirements {
		code = max(code, q.exit())
	}
	return code
}

// exit returns the exit status of a requirement. That it holds or is waived must have been found out: every case ruled on by package judge.
func (q *Requirement) exit() int {
	switch {
	case q.Verdict != Holds && q.Verdict != Waived:
		return q.Verdict.Exit()
	case len(q.Cases) == 0 && q.empty == nil,
		slices.ContainsFunc(q.Cases, func(c *Case) bool { return c.ruling == nil || c.ruling.Verdict != c.Verdict }),
		q.Verdict == Holds && Worst(q.Cases) != Holds,
		q.Verdict == Waived && !q.InForce:
		return Unknown.Exit()
	}
	return q.Verdict.Exit()
}

// Worst returns the worst verdict of cases.
func Worst(cases []*Case) Verdict {
	v := Holds
	for _, c := range cases {
		v = judge.Worst(v, c.Verdict)
	}
	return v
}

// Vacuous returns why a requirement that holds says nothing: each of its cases is vacuous, or it has none. It returns nil for any other.
func (q *Requirement) Vacuous() *explain.Vacuity {
	if q.Verdict != Holds {
		return nil
	}
	if len(q.Cases) == 0 {
		return q.empty
	}
	for _, c := range q.Cases {
		if c.Vacuous == nil {
			return nil
		}
	}
	return q.Cases[0].Vacuous
}

// Limited returns the result as it is where so many attacks of each case were asked for, and not more. Attacks that keep, which may be nil,
// is true of stay.
func (r *Result) Limited(attacks int, keep func(*Requirement, *Case, *explain.Attack) bool) *Result {
	out := *r
	out.Attacks, out.Requirements = attacks, nil
	for _, q := range r.Requirements {
		requirement := *q
		requirement.Cases = nil
		for _, c := range q.Cases {
			one := *c
			one.Attacks = nil
			for i, a := range c.Attacks {
				if i < max(1, attacks) || keep != nil && keep(q, c, a) {
					one.Attacks = append(one.Attacks, a)
				}
			}
			one.More += len(c.Attacks) - len(one.Attacks)
			if attacks < 2 && len(one.Attacks) < 2 {
				one.Attacks, one.More, one.AllAttacks = nil, 0, false
				one.besides = nil
			}
			requirement.Cases = append(requirement.Cases, &one)
		}
		out.Requirements = append(out.Requirements, &requirement)
	}
	return &out
}
