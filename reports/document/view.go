package document

// ViewSchema names the form of a view document.
const ViewSchema = "vauban.view/1"

// View groups what was found about a design under the entries of a published list. Other programs may rely on the JSON names.
type View struct {
	Schema       string            `json:"schema"`
	Tool         Tool              `json:"tool"`
	Design       string            `json:"design"`
	Inputs       []Input           `json:"inputs"`
	Options      Options           `json:"options"`
	List         string            `json:"list"`
	Title        string            `json:"title"`
	Scope        string            `json:"scope,omitempty"` // the class of data that the list is about
	Requirements []ViewRequirement `json:"requirements"`    // of the design, all
	Items        []ViewItem        `json:"items"`           // in the order of the list
}

// ViewRequirement is a requirement of the design with its verdict.
type ViewRequirement struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Verdict string `json:"verdict"`
}

// ViewItem is an entry of a list.
type ViewItem struct {
	ID           string       `json:"id"`
	Title        string       `json:"title"`
	Status       string       `json:"status"`           // attacked, unknown, depends, not-possible or outside
	Absent       bool         `json:"absent,omitempty"` // of not-possible: just because the design has nothing that its threats fit
	Why          string       `json:"why,omitempty"`    // of outside
	Requirements []string     `json:"requirements"`     // of the design, that refer to it
	Threats      []ViewThreat `json:"threats"`          // of the catalogue, that refer to it
}

// ViewThreat is what became of a threat.
type ViewThreat struct {
	ID        string   `json:"id"`
	Verdict   string   `json:"verdict"` // violated: it can be carried out; depends; holds: it cannot, proved; unknown
	Because   string   `json:"because,omitempty"`
	Why       string   `json:"why,omitempty"`
	Attackers []string `json:"attackers,omitempty"` // who carries it out at the least cost
	Cost      *int     `json:"cost,omitempty"`
}

// Canonical returns the document as canonical JSON (RFC 8785), without a line end after it.
func (v *View) Canonical() ([]byte, error) { return marshal(v) }
