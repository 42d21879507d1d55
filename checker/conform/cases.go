package conform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/threats"
)

// Trace is the log of a case in the words of the design. Cases that have equal traces have one answer.
type Trace struct {
	Events  []ground.Event
	Sources []string
	Key     string
}

// Translator makes traces of cases.
type Translator struct{ threats map[string]*threats.Threat }

// NewTranslator returns what makes traces of cases for a model.
func NewTranslator(m *threats.Model) *Translator {
	t := &Translator{map[string]*threats.Threat{}}
	for _, x := range m.Catalogue.Threats {
		t.threats[x.ID] = x
	}
	return t
}

// Refs returns the IDs of the threats of a model by what they refer to.
func Refs(m *threats.Model) map[string][]string {
	out := map[string][]string{}
	for _, t := range m.Catalogue.Threats {
		for _, r := range t.Refs {
			out[r] = append(out[r], t.ID)
		}
	}
	return out
}

// Sight returns what a mapping observes: its steps, and attempts of threats that it speaks of, or of any where references lead to them.
func Sight(mapping *logs.Mapping, m *threats.Model) ground.Sight {
	s := ground.Sight{Steps: mapping.Observed}
	for _, t := range m.Catalogue.Threats {
		if slices.ContainsFunc(mapping.Rules, func(r *logs.Rule) bool {
			return slices.Contains(r.Attempt, t.ID) || r.Refs != "" && slices.ContainsFunc(t.Refs, func(ref string) bool {
				return strings.HasPrefix(ref, "CAPEC-") || strings.HasPrefix(ref, "ATTACK-")
			})
		}) {
			s.Attempts = append(s.Attempts, t)
		}
	}
	return s
}

// Trace returns the trace of a case, of which all is told.
func (t *Translator) Trace(c *logs.Case) Trace {
	out := Trace{Sources: c.Sources}
	var key strings.Builder
	for i, e := range c.Events {
		x := ground.Event{Source: slices.Index(c.Sources, e.Source), After: c.After[i], Step: e.Step, Args: e.Args, On: e.On, Effect: e.Effect}
		for _, id := range e.Attempt {
			if threat := t.threats[id]; threat != nil {
				x.Attempts = append(x.Attempts, threat)
			}
		}
		out.Events = append(out.Events, x)
		fmt.Fprintf(&key, "%d%v%s\n", x.Source, x.After, x.String())
	}
	out.Key = key.String()
	return out
}

// Group is cases with equal traces, and what is known of each of them.
type Group struct {
	Trace  Trace
	Cases  [][]string // the objects of each
	Answer *Answer
}

// Result is what became of logs.
type Result struct {
	Model      *threats.Model
	Coalitions [][]*models.Attacker
	Observed   []*models.Step
	Options    Options
	Mapping    *source.File // nil: the logs speak of steps by their names
	Logs       []LogRead
	Groups     []*Group
}

// LogRead is a log that was read.
type LogRead struct {
	Name     string // as answers tell it
	Format   string
	SHA256   string // of its bytes, in hexadecimal
	Entries  int
	Ignored  int // of a type that the mapping ignores
	Problems []string
}

// Cases counts the cases with a verdict.
func (r *Result) Cases(v Verdict) int {
	n := 0
	for _, g := range r.Groups {
		if g.Answer.Verdict == v {
			n += len(g.Cases)
		}
	}
	return n
}

// Exit returns the exit status: 0 where every case is normal and every entry was read, 1 where one is explained or unexplained, else 3.
func (r *Result) Exit() int {
	code := 0
	for _, l := range r.Logs {
		if len(l.Problems) > 0 {
			code = 3
		}
	}
	switch {
	case r.Cases(Explained)+r.Cases(Unexplained) > 0:
		return 1
	case r.Cases(Unknown) > 0:
		return 3
	}
	return code
}
