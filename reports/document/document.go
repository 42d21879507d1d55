package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// What documents say, the worst first. A test holds these words and limits to those of the checker.
var (
	Verdicts = []string{"violated", "unknown", "depends", "waived", "holds"} // of requirements; cases are not waived
	Outcomes = []string{"unexplained", "explained", "unknown", "normal"}     // of cases of logs
)

// What a document may have asked for.
const (
	MaxAttacks = 100 // of each case
	MaxLost    = 8   // events of a case
)

// AsGiven says what an answer about logs vouches for.
const AsGiven = "the answer follows from the log as it was given, known by its digest, and does not show that the log is true"

// Document is what is signed, put on a Tangle and audited: a [*Report] or an [*Explanation].
type Document interface {
	Head() Head
	Canonical() ([]byte, error)
	Digest() (string, error)
	Same(data []byte) error
}

// Head is what a document says of itself, of whichever kind it is.
type Head struct {
	Kind     string // "report" or "explanation"
	Tool     Tool
	Design   string
	Inputs   []Input
	AsOf     string         // the date that waivers were judged by; "" of an explanation, which has none
	Verdicts map[string]int // how many requirements, or cases of logs, have each
	Passed   bool           // nothing in it is bad, or not known
}

// ParseDocument reads a document of the kind that its schema names, as [Parse] and [ParseExplanation] do.
func ParseDocument(data []byte) (Document, error) {
	var named struct {
		Schema string `json:"schema"`
	}
	if len(data) <= MaxBytes && bytes.Contains(data, []byte(ExplanationSchema)) && bounded(data) == nil && json.Unmarshal(data, &named) == nil && named.Schema == ExplanationSchema {
		e, err := ParseExplanation(data)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	r, err := Parse(data)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Head returns what the report says of itself.
func (r *Report) Head() Head {
	h := Head{"report", r.Tool, r.Design, r.Inputs, r.Options.AsOf, map[string]int{}, true}
	for _, q := range r.Requirements {
		h.Verdicts[q.Verdict]++
		h.Passed = h.Passed && (q.Verdict == "holds" || q.Verdict == "waived")
	}
	return h
}

// Head returns what the explanation says of itself.
func (e *Explanation) Head() Head {
	h := Head{"explanation", e.Tool, e.Design, e.Inputs, "", map[string]int{}, true}
	for _, g := range e.Groups {
		h.Verdicts[g.Verdict] += len(g.Cases)
		h.Passed = h.Passed && g.Verdict == "normal"
	}
	for _, l := range e.Logs {
		h.Passed = h.Passed && len(l.Problems) == 0
	}
	return h
}

// digest returns the SHA-256 of canonical bytes in hexadecimal.
func digest(v any) (string, error) {
	sum := sha256.New()
	if err := canonical.Write(sum, v); err != nil {
		return "", fmt.Errorf("write report: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// same checks that the canonical bytes of a document are those given.
func same(v any, data []byte) error {
	at, instead, err := canonical.Difference(v, data)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if at >= 0 {
		return fmt.Errorf("it differs from byte %d on: found %q, expected %q", at, data[min(at, len(data)):min(at+30, len(data))], instead)
	}
	return nil
}

// Digest returns the SHA-256 of data in hexadecimal.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
