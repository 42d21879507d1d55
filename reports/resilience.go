package reports

import "github.com/vauban-verifier/vauban/checker"

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

// NewResilience makes the document of a result that was asked for it. Version is the version of the tool.
func NewResilience(r *checker.Result, version string) *Resilience {
	b := newBuilder(r.Model)
	out := &Resilience{
		Schema: ResilienceSchema, Tool: Tool{"vauban", version}, Design: r.Model.Design.Title, Inputs: b.inputs(r.Model), Options: Options{AsOf: r.AsOf, Quick: r.Quick},
		Requirements: []ResilienceRequirement{},
	}
	for _, q := range r.Requirements {
		x := ResilienceRequirement{Name: q.Source.Name, Title: q.Source.Title, Verdict: string(q.Verdict), Cases: []ResilienceCase{}}
		for _, c := range q.Cases {
			if c.Resilience == nil {
				continue
			}
			k := ResilienceCase{
				Attackers: attackers(c.Attackers), Bindings: bindings(c.Bindings), MoreThan: c.Resilience.More,
				Sets: [][]Place{}, Complete: c.Resilience.All, Why: c.Resilience.Why,
			}
			if n := c.Resilience.Least; n >= 0 {
				k.Least = &n
			}
			for _, set := range c.Resilience.Sets {
				k.Sets = append(k.Sets, places(set))
			}
			x.Cases = append(x.Cases, k)
		}
		out.Requirements = append(out.Requirements, x)
	}
	return out
}

// Canonical returns the document as canonical JSON (RFC 8785).
func (r *Resilience) Canonical() ([]byte, error) { return marshal(r) }
