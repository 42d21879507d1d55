package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/gowebpki/jcs"

	"github.com/vauban-verifier/vauban/reports/text"
)

// JSON writes the result as canonical JSON (RFC 8785).
func (r *Result) JSON() ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write audit: %w", err)
	}
	return jcs.Transform(data)
}

// marks say how a check came out, in a column.
var marks = map[Status]string{Passed: "passed", Failed: "FAILED", NotMade: "-"}

// maxDetail is how much of a detail is written: it may hold what somebody else has made up.
const maxDetail = 400

// Text writes a line for each check, and what it amounts to.
func (r *Result) Text(w io.Writer) error {
	counts := map[Status]int{}
	for _, c := range r.Checks {
		counts[c.Status]++
		detail := text.Clean(c.Detail)
		if utf8.RuneCountInString(detail) > maxDetail {
			detail = string([]rune(detail)[:maxDetail]) + "…"
		}
		means := c.Means
		switch c.Status {
		case Failed:
			means = "not so: " + means
		case NotMade:
			means = "could not be made"
		}
		if _, err := fmt.Fprintf(w, "%-6s  %-10s  %s: %s\n", marks[c.Status], c.Name, means, detail); err != nil {
			return err
		}
	}
	verdict := "the evidence holds"
	if !r.Passed {
		verdict = "the evidence does not hold"
		if counts[Failed] == 0 {
			verdict = "the evidence is not complete"
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d checks passed, %d failed, %d could not be made\n", verdict, counts[Passed], counts[Failed], counts[NotMade])
	return err
}
