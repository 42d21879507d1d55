package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/checker/evidence/form"
)

// ExplanationSchema names the form of an explanation. Another form gets another number.
const ExplanationSchema = "vauban.explanation/1"

// Explanation is what became of logs held against a design. Other programs may rely on the JSON names.
type Explanation struct {
	Schema    string         `json:"schema"`
	Tool      Tool           `json:"tool"`
	Design    string         `json:"design"`
	Inputs    []Input        `json:"inputs"` // design files, catalogues, the mapping, the logs
	Options   ExplainOptions `json:"options"`
	Observed  []string       `json:"observed"`  // steps: that one is missing in a log counts as evidence, and for no others
	Attackers [][]string     `json:"attackers"` // whose runs were looked for, besides honest ones
	Logs      []LogRead      `json:"logs"`
	Counts    map[string]int `json:"counts"` // cases, by verdict
	Groups    []Explained    `json:"groups"` // of cases with equal traces
}

// ExplainOptions are the settings that can change a verdict.
type ExplainOptions struct {
	Lost       int `json:"lost"`
	Tolerating int `json:"tolerating"`
}

// LogRead tells of a log how much of it was read.
type LogRead struct {
	Path     string   `json:"path"`
	Format   string   `json:"format"`
	Entries  int      `json:"entries"`
	Ignored  int      `json:"ignored,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

// Explained is what became of cases with equal traces.
type Explained struct {
	Cases     [][]string    `json:"cases"` // the objects of each
	Events    []string      `json:"events"`
	Verdict   string        `json:"verdict"` // normal, explained, unexplained or unknown
	By        []string      `json:"by,omitempty"`
	Run       *LeavingRun   `json:"run,omitempty"`        // of unexplained: it leaves the first events
	Also      []LeavingRun  `json:"also,omitempty"`       // of explained: of other attackers
	Lost      int           `json:"lost,omitempty"`       // events that the run lost
	Fits      *int          `json:"fits,omitempty"`       // of unexplained: how many first events some run leaves; the next one does not fit
	HonestFit *int          `json:"honest_fit,omitempty"` // of explained and unexplained: how many an honest run leaves
	Wants     []string      `json:"wants,omitempty"`      // what an honest run lacks for the next one
	Why       string        `json:"why,omitempty"`        // of unknown
	Next      []Follow      `json:"next,omitempty"`       // of normal and explained
	Evidence  []LogEvidence `json:"evidence,omitempty"`   // what the verdict follows from
}

// LeavingRun is a run that leaves events of a log.
type LeavingRun struct {
	By     []string `json:"by"`
	Leaves []int    `json:"leaves"` // by step: the event that it leaves, from 1; 0 of others
	Lost   int      `json:"lost,omitempty"`
	Attack Attack   `json:"run"`
}

// Follow is what can follow for a requirement.
type Follow struct {
	Requirement string            `json:"requirement"`
	Outlook     string            `json:"outlook"` // broken, breaks, hidden, cannot or unclear
	By          []string          `json:"by"`
	Bindings    map[string]string `json:"bindings"`
	Cases       int               `json:"cases"` // with this outlook
	Of          int               `json:"of"`
	Step        int               `json:"step,omitempty"` // of broken
	Attack      *Attack           `json:"run,omitempty"`
	Stops       []string          `json:"stops,omitempty"`
	ByDesign    bool              `json:"by_design,omitempty"`
	Why         string            `json:"why,omitempty"`
	Evidence    []*form.Answer    `json:"evidence,omitempty"`
}

// LogEvidence is a question about a log, and what its answer follows from.
type LogEvidence struct {
	By         []string     `json:"by"`
	Events     int          `json:"events"` // the first ones, which a run must leave
	Tolerating int          `json:"tolerating"`
	Lost       int          `json:"lost"`
	Verdict    string       `json:"verdict,omitempty"` // holds: no run leaves them; "" of a run that is its own evidence
	Answer     *form.Answer `json:"answer,omitempty"`
}

// Canonical returns the explanation as canonical JSON (RFC 8785), without a line end after it.
func (e *Explanation) Canonical() ([]byte, error) { return marshal(e) }

// ParseExplanation reads an explanation. It refuses whatever [Explanation.Canonical] would not write.
func ParseExplanation(data []byte) (*Explanation, error) {
	fail := func(err error) (*Explanation, error) { return nil, fmt.Errorf("read explanation: %w", err) }
	if len(data) > MaxBytes {
		return fail(fmt.Errorf("it is larger than %d MB", MaxBytes>>20))
	}
	if err := bounded(data); err != nil {
		return fail(err)
	}
	e := &Explanation{}
	if err := json.Unmarshal(data, e); err != nil {
		return fail(err)
	}
	if e.Schema != ExplanationSchema {
		return fail(fmt.Errorf("its schema is %q, expected %q", e.Schema, ExplanationSchema))
	}
	if err := e.validate(); err != nil {
		return fail(err)
	}
	if err := e.Same(data); err != nil { // unknown fields, too
		return fail(fmt.Errorf("it is not in canonical form (RFC 8785): %w", err))
	}
	return e, nil
}

// Digest returns the SHA-256 of the canonical bytes in hexadecimal.
func (e *Explanation) Digest() (string, error) { return digest(e) }

// Same checks that the canonical bytes of the explanation are those given.
func (e *Explanation) Same(data []byte) error { return same(e, data) }

// validate checks what the types do not say. Whether it follows from anything is for an audit to say.
func (e *Explanation) validate() error {
	if e.Inputs == nil || e.Observed == nil || e.Attackers == nil || e.Logs == nil || e.Groups == nil {
		return errEmptyList
	}
	if err := made(e.Tool, e.Inputs, "design", "catalogue", "mapping", "log"); err != nil {
		return err
	}
	if e.Options.Lost < 0 || e.Options.Lost > MaxLost || !count(e.Options.Tolerating) {
		return errors.New("what it tolerates is out of range")
	}
	have := e.Head().Verdicts
	for i, g := range e.Groups {
		if !slices.Contains(Outcomes, g.Verdict) {
			return fmt.Errorf("unknown verdict %q", g.Verdict)
		}
		if len(g.Cases) == 0 || g.Events == nil {
			return fmt.Errorf("trace %d has no case, or no events", i+1)
		}
	}
	for v, n := range e.Counts {
		if have[v] != n {
			return fmt.Errorf("it counts %d cases that are %s, and has %d", n, v, have[v])
		}
	}
	if len(e.Counts) != len(Outcomes) {
		return errors.New("it does not count the cases with each verdict")
	}
	return nil
}
