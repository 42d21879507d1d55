package portfolio

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// Schema names the form of a portfolio in JSON.
const Schema = "vauban.portfolio/1"

// Empty is the verdict on a design without requirements: nothing was checked, which is no success.
const Empty = "empty"

// Portfolio is what reports on several designs say. Other programs may rely on the JSON names.
type Portfolio struct {
	Schema  string   `json:"schema"`
	Verdict string   `json:"verdict"` // the worst of the designs'
	Designs []Design `json:"designs"` // the worst first, then by path
	Gone    []string `json:"gone"`    // reports that there were before, and are no longer
}

// Design is what a report says.
type Design struct {
	Report   string         `json:"report"` // its path
	SHA256   string         `json:"sha256"` // of the report
	Title    string         `json:"title"`
	Version  string         `json:"version"` // of the tool that made it
	Verdict  string         `json:"verdict"` // the worst of its requirements', or [Empty]
	Verdicts map[string]int `json:"verdicts"`
	Vacuous  int            `json:"vacuous"` // how many requirements hold vacuously
	Guessed  int            `json:"guessed"` // how many hang on guesses
	Unmet    []Requirement  `json:"unmet"`   // the worst first
	New      bool           `json:"new,omitempty"`
	Changed  []Change       `json:"changed"` // since the report before
	Behind   []string       `json:"behind"`  // built-in catalogues that the program has otherwise
}

// Requirement is one that is not met.
type Requirement struct {
	Name     string `json:"name"`
	Severity string `json:"severity,omitempty"`
	Verdict  string `json:"verdict"`
}

// Change is what became of a requirement; "" where there is none of that name.
type Change struct {
	Requirement string `json:"requirement"`
	Was         string `json:"was"`
	Is          string `json:"is"`
	Says        string `json:"says,omitempty"` // where it is judged as before, and says something else
}

// String tells the change on a line.
func (c Change) String() string {
	switch {
	case c.Was == "":
		return c.Requirement + " is new: " + c.Is
	case c.Is == "":
		return c.Requirement + " is gone; it was " + c.Was
	case c.Says != "":
		return c.Requirement + " says something else than before: " + c.Says
	}
	return c.Requirement + ": " + c.Was + " → " + c.Is
}

// Of makes the portfolio of reports by path. Earlier reports, which may be nil, are compared with; builtin are the digests of the program's catalogues by the path that reports have for them.
func Of(now, before map[string]*document.Report, builtin map[string]string) (*Portfolio, error) {
	p := &Portfolio{Schema: Schema, Verdict: "holds", Designs: []Design{}, Gone: []string{}}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		d, err := designOf(path, now[path], builtin)
		if err != nil {
			return nil, err
		}
		if before != nil {
			old := before[path]
			d.New = old == nil
			if old != nil {
				d.Changed = Changes(old, now[path])
			}
		}
		p.Designs = append(p.Designs, d)
		if rank(d.Verdict) < rank(p.Verdict) {
			p.Verdict = d.Verdict
		}
	}
	for path := range before {
		if now[path] == nil {
			p.Gone = append(p.Gone, path)
		}
	}
	slices.Sort(p.Gone)
	slices.SortStableFunc(p.Designs, func(a, b Design) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) })
	return p, nil
}

// overall are the verdicts on a whole, the worst first: as all that speaks of a whole has them (a test holds this to that), with a design in which nothing was checked
// before those that are accepted.
var overall = []string{"unknown", "violated", "depends", Empty, "waived", "holds"}

func rank(verdict string) int { return slices.Index(overall, verdict) }

func designOf(path string, r *document.Report, builtin map[string]string) (Design, error) {
	digest, err := r.Digest()
	if err != nil {
		return Design{}, err
	}
	d := Design{
		Report: path, SHA256: digest, Title: r.Design, Version: r.Tool.Version, Verdict: Empty, Verdicts: map[string]int{},
		Unmet: []Requirement{}, Changed: []Change{}, Behind: []string{},
	}
	for i, q := range r.Requirements {
		if d.Verdicts[q.Verdict]++; i == 0 || rank(q.Verdict) < rank(d.Verdict) {
			d.Verdict = q.Verdict
		}
		if q.Vacuous != "" {
			d.Vacuous++
		}
		if len(q.Guesses) > 0 {
			d.Guessed++
		}
		if q.Verdict != "holds" && q.Verdict != "waived" {
			d.Unmet = append(d.Unmet, Requirement{q.Name, q.Severity, q.Verdict})
		}
	}
	slices.SortStableFunc(d.Unmet, func(a, b Requirement) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) })
	for _, in := range r.Inputs {
		if want, ok := builtin[in.Path]; in.Role == "catalogue" && ok && want != in.SHA256 {
			d.Behind = append(d.Behind, strings.TrimPrefix(in.Path, "builtin:"))
		}
	}
	return d, nil
}

// Changes are the requirements that are otherwise in a report than in one before: in the order of the new one, then those that are gone.
func Changes(before, now *document.Report) []Change {
	out := []Change{}
	find := func(r *document.Report, name string) *document.Requirement {
		if i := slices.IndexFunc(r.Requirements, func(q document.Requirement) bool { return q.Name == name }); i >= 0 {
			return &r.Requirements[i]
		}
		return nil
	}
	for _, q := range now.Requirements {
		switch was := find(before, q.Name); {
		case was == nil:
			out = append(out, Change{Requirement: q.Name, Is: q.Verdict})
		case was.Verdict != q.Verdict:
			out = append(out, Change{Requirement: q.Name, Was: was.Verdict, Is: q.Verdict})
		case was.Property != q.Property:
			out = append(out, Change{Requirement: q.Name, Was: was.Verdict, Is: q.Verdict, Says: q.Property})
		}
	}
	for _, q := range before.Requirements {
		if find(now, q.Name) == nil {
			out = append(out, Change{Requirement: q.Name, Was: q.Verdict})
		}
	}
	return out
}

// Changed reports whether anything is otherwise than it was.
func (p *Portfolio) Changed() bool {
	return len(p.Gone) > 0 || slices.ContainsFunc(p.Designs, func(d Design) bool { return d.New || len(d.Changed) > 0 })
}

// JSON returns the portfolio as canonical JSON (RFC 8785), with a line end.
func (p *Portfolio) JSON() ([]byte, error) {
	data, err := canonical.Marshal(p)
	return append(data, '\n'), err
}
