package document

// CoverageSchema names the form of a coverage document.
const CoverageSchema = "vauban.coverage/1"

// Coverage is what became of every threat of the catalogue in a design. Other programs may rely on the JSON names.
type Coverage struct {
	Schema    string       `json:"schema"`
	Tool      Tool         `json:"tool"`
	Design    string       `json:"design"`
	Inputs    []Input      `json:"inputs"`
	Attackers [][]string   `json:"attackers"` // each attacker alone, then the coalitions that requirements name
	Threats   []Considered `json:"threats"`   // in the order of the catalogue
}

// Considered is a threat with what became of it.
type Considered struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Area      string       `json:"area,omitempty"`
	Stride    []string     `json:"stride"`
	Refs      []string     `json:"refs"`
	Verdict   string       `json:"verdict"`           // violated: it can be carried out; depends; holds: it cannot, proved; unknown
	Because   string       `json:"because,omitempty"` // of holds: absent, stopped, out-of-reach or excluded
	Why       string       `json:"why,omitempty"`     // the same for people; of unknown: why it is not known
	Instances int          `json:"instances"`         // ways to bind it to elements that fit the design, controls aside
	Stopped   int          `json:"stopped"`           // of these, how many a control stops
	Stops     []Stop       `json:"stops,omitempty"`
	Cases     []CoverageOf `json:"cases"` // as attackers above
	Attack    *Attack      `json:"attack,omitempty"`
}

// Stop is a control that stops instances of a threat, with the places where it does.
type Stop struct {
	Control string   `json:"control"`
	On      []string `json:"on"`
}

// CoverageOf is what one coalition can do.
type CoverageOf struct {
	Attackers  []string     `json:"attackers"`
	Verdict    string       `json:"verdict"`
	Cost       *int         `json:"cost,omitempty"`       // of its cheapest way there, where there is one
	Sufficient [][]Decision `json:"sufficient,omitempty"` // of depends: what rules it out
}

// Canonical returns the document as canonical JSON (RFC 8785), without a line end after it.
func (c *Coverage) Canonical() ([]byte, error) { return marshal(c) }
