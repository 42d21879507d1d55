package document

// ResilienceSchema names the form of a resilience document.
const ResilienceSchema = "vauban.resilience/1"

// Resilience says of each requirement how many controls must fail at once to break it. Other programs may rely on the JSON names.
type Resilience struct {
	Schema       string                  `json:"schema"`
	Tool         Tool                    `json:"tool"`
	Design       string                  `json:"design"`
	Inputs       []Input                 `json:"inputs"`
	Options      Options                 `json:"options"`
	Requirements []ResilienceRequirement `json:"requirements"`
}

// ResilienceRequirement is a requirement with its cases.
type ResilienceRequirement struct {
	Name    string           `json:"name"`
	Title   string           `json:"title,omitempty"`
	Verdict string           `json:"verdict"`
	Cases   []ResilienceCase `json:"cases"`
}

// ResilienceCase is one attacker or coalition with one instance of the `for` variables.
type ResilienceCase struct {
	Attackers []string          `json:"attackers"`
	Bindings  map[string]string `json:"bindings"`
	Least     *int              `json:"least,omitempty"` // failures that break it; left out when none do, however many
	MoreThan  bool              `json:"more_than"`       // fewer than least are proved not to, and least may be more
	Sets      [][]Place         `json:"sets"`            // of least controls, whose failure breaks it
	Complete  bool              `json:"complete"`        // sets has all of them
	Why       string            `json:"why,omitempty"`   // why it is not known better
}

// Canonical returns the document as canonical JSON (RFC 8785).
func (r *Resilience) Canonical() ([]byte, error) { return marshal(r) }
