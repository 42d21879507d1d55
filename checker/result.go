package checker

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// Verdict is the answer to a requirement or to one of its cases.
type Verdict string

// The verdicts, as LANGUAGE.md defines them. The zero value is no verdict.
const (
	Holds    Verdict = "holds"
	Violated Verdict = "violated"
	Depends  Verdict = "depends"
	Waived   Verdict = "waived"
	Unknown  Verdict = "unknown"
)

// WorstFirst has the verdicts in the order in which somebody should look at them.
var WorstFirst = []Verdict{Violated, Unknown, Depends, Waived, Holds}

// Rank orders verdicts from best to worst; what is none is as bad as the worst.
func (v Verdict) Rank() int { return len(WorstFirst) - 1 - max(0, slices.Index(WorstFirst, v)) }

// Result is the outcome of a check: what every report is made from.
type Result struct {
	Model        *threats.Model
	AsOf         string // the date that waivers are judged by, YYYY-MM-DD
	Requirements []*Requirement
	Warnings     *diag.List
	View         *View    // nil when nobody asked for one
	Attacks      int      // how many were asked for of each case; below 2, only the cheapest
	Facts, Rules int      // the size of the ground system
	Unneeded     []Choice // controls that no proof needs: all that holds would hold without them
}

// Requirement is a requirement with its verdict.
type Requirement struct {
	Source  *models.Requirement
	Verdict Verdict
	Waiver  *models.Waiver // nil when none names it
	InForce bool           // the waiver has not expired
	Cases   []*Case
	Guesses []*models.Element // of holds: of what it hangs on, something was guessed
	Ways    *Ways             // of holds: what became of the threats that give what is forbidden; nil where there are none

	empty *Vacuity // of one without cases
}

// Case is one coalition of attackers with one binding of the `for` variables.
type Case struct {
	Attackers  []*models.Attacker // empty: the honest system, or an architecture rule
	Bindings   []ground.Binding
	Verdict    Verdict
	Domains    []*models.ProcessDomain // of processes, that the verdict is about: so many orders, so many requests
	Runs       []*Attack               // of `possible`: honest runs that reach it, for each combination of choices one that goes through
	Attack     *Attack                 // of violated and depends, the cheapest
	Attacks    []*Attack               // where Options.Attacks asks for it: Attack, and those that other things stop, cheapest first
	More       int                     // attacks that were found besides Attacks
	AllAttacks bool                    // proved: whatever stops Attacks and the More others stops every attack
	Breaks     []Break                 // of an architecture rule: what breaks it
	Sufficient [][]Choice              // of depends: every minimal set of decisions that makes it hold
	Proof      *Proof                  // of holds; of depends: with the first sufficient set
	Unknown    *Reason                 // of unknown; of violated and depends: why something is not settled
	LiveRules  int                     // how many rule instances could be taken at all
	Resilience *Resilience             // nil when nobody asked for it, and of `possible`
	Vacuous    *Vacuity                // of holds: why that says nothing about the design; nil where it does say something

	proposal  *system.Proposal   // what the verdict was judged by
	further   []*system.Proposal // what it was judged by besides: whether a domain stops a step; of `possible`, all; then what Attacks were found by
	verdictBy int                // how many of further the verdict was judged by
	grounding *ground.Grounding
}

// Attack is a counterexample that has been replayed: each step in order, and none can be left out.
type Attack struct {
	// Way is what it does that something in the design could stop, such as `injection(Shop)`, sorted: its costly threats, what it forges, and where
	// there is neither, what it does for free. Attacks of one way are stopped by the same, whatever they cost and wherever the design lies.
	Way         []string
	Honest      bool // nobody attacks: the steps of processes as they are meant do it
	Cost        int
	CostAtLeast int // proved: no attack costs less
	Choices     []Choice
	Failures    []Choice
	Steps       []Step
}

// Step is one step of an attack.
type Step struct {
	Kind     string // threat, step, forced, inject or read
	ID       string
	Threat   *threats.Threat // of kind threat
	Bindings []ground.Binding
	Elements []*models.Element // what the bindings name
	Cost     int
	Adds     []string
	Removes  []string
	Says     string
	Source   source.Span // of what the step acts on, in the design
}

// Choice is a control at its place, decided or failed.
type Choice struct {
	Control string
	On      string
	Data    string // of data at rest on the component On; "" otherwise
	Is      bool   // of a decision
}

// Proof tells how a case was proved. It has been checked by package certify.
type Proof struct {
	Kind        string    // runs: of possible; closure: nothing leads there; cuts: every combination of choices and cost is blocked; invariant: no rule leads out of it; from-start: what must come first is so already; no-runs: an assumption excludes the start
	RestsOn     []Choice  // controls without which the proof breaks down
	Assumptions []string  // names of the assumptions in force
	Gains       []string  // all that the attacker can gain at the most, within the slice of the requirement (closure only)
	Cuts        []Barrier // of cuts
	Clauses     int       // of an invariant
	Decisions   []Choice  // of depends: the decisions that the proof is given; of possible, where it fails: those under which no run gets there
	Failures    []Choice  // of possible: the failures under which no run gets there
}

// Barrier is a cut: an attack must use one of these rules, or one of these choices must have gone wrong.
type Barrier struct {
	Choices []Choice
	Rules   []string // sentences of the rule instances
}

// Break is an instance that breaks an architecture rule.
type Break struct {
	Bindings []ground.Binding
	Elements []*models.Element
	What     string // the part of the rule that is false, or true where it must not be, in words
	Open     bool   // only for some decisions
}

// Reason says why something is unknown, and how far it got.
type Reason struct {
	Text              string
	NoViolationWithin int // steps; -1 when it is not known
}

// Exit returns the exit status of a check: 0, 1 (violated or depends) or 3 (unknown, and whatever is no verdict).
func (r *Result) Exit() int {
	code := 0
	for _, q := range r.Requirements {
		switch q.Verdict {
		case Holds, Waived:
		case Violated, Depends:
			code = max(code, 1)
		default:
			return 3
		}
	}
	return code
}

// Limited returns the result as it is where so many attacks of each case were asked for, and not more. Attacks that keep, which may be nil,
// is true of stay.
func (r *Result) Limited(attacks int, keep func(*Requirement, *Case, *Attack) bool) *Result {
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
				one.further = c.further[:min(c.verdictBy, len(c.further))]
			}
			requirement.Cases = append(requirement.Cases, &one)
		}
		out.Requirements = append(out.Requirements, &requirement)
	}
	return &out
}
