package judge

import (
	"errors"
	"slices"
)

// Verdict is the answer to a requirement or to one of its cases. The zero value is no verdict.
type Verdict string

// The verdicts, as the reference of the language defines them.
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

// Worst returns the worst of some verdicts; of none, [Holds].
func Worst(verdicts ...Verdict) Verdict {
	out := Holds
	for _, v := range verdicts {
		if v.Rank() > out.Rank() {
			out = v
		}
	}
	return out
}

// Exit returns the exit status that a verdict alone asks for: 0, 1 (violated or depends), or 3 (unknown, and whatever is no verdict).
func (v Verdict) Exit() int {
	switch v {
	case Holds, Waived:
		return 0
	case Violated, Depends:
		return 1
	}
	return 3
}

// ErrInternal is what errors wrap that are faults of the program and not of what it was given. No verdict comes with one.
var ErrInternal = errors.New("vauban: internal error")
