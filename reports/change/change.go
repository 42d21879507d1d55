package change

import "slices"

// Schema names the form of the JSON.
const Schema = "vauban.diff/1"

// Trend says whether something is for the worse or for the better.
type Trend string

// The trends.
const (
	Worse  Trend = "worse"
	Better Trend = "better"
	Same   Trend = "same"
)

// Kind says what a remark is about.
type Kind string

// The kinds.
const (
	AttackNew         Kind = "attack-new"
	AttackCheaper     Kind = "attack-cheaper"
	AttackCertain     Kind = "attack-certain" // it went through for some decisions only, and now does whatever is decided
	AttackGone        Kind = "attack-gone"
	AttackDearer      Kind = "attack-dearer"
	AttackOpen        Kind = "attack-open" // the other way round
	BreakNew          Kind = "break-new"
	BreakGone         Kind = "break-gone"
	UnknownNew        Kind = "unknown-new"
	UnknownGone       Kind = "unknown-gone"
	RestsOnLess       Kind = "rests-on-less"
	RestsOnOther      Kind = "rests-on-other"
	RestsOnMore       Kind = "rests-on-more"
	AssumesMore       Kind = "assumes-more"
	AssumesLess       Kind = "assumes-less"
	Required          Kind = "requirement-new"
	Dropped           Kind = "requirement-dropped"
	Reworded          Kind = "requirement-reworded"
	SeverityChanged   Kind = "severity-changed"
	LessTolerant      Kind = "tolerates-less"
	MoreTolerant      Kind = "tolerates-more"
	CaseNew           Kind = "case-new"
	CaseDropped       Kind = "case-dropped"
	WaiverNew         Kind = "waiver-new"
	WaiverGone        Kind = "waiver-gone"
	WaiverChanged     Kind = "waiver-changed"
	WaiverExpired     Kind = "waiver-expired"
	WaiverUnused      Kind = "waiver-unmatched"
	DesignNew         Kind = "design-new"
	DesignGone        Kind = "design-gone"
	DesignOut         Kind = "design-out" // it is there, and no longer checked
	AttackerWeaker    Kind = "attacker-weaker"
	AttackerOther     Kind = "attacker-other" // new, or stronger
	AssumptionNew     Kind = "assumption-new"
	AssumptionChanged Kind = "assumption-changed"
	AssumptionGone    Kind = "assumption-gone"
	InputsChanged     Kind = "inputs-changed"   // of a design: a catalogue
	SettingsChanged   Kind = "settings-changed" // of the configuration
)

// IsFinding reports whether a remark of this kind is a finding that was not there before: an attack, a broken rule, or something that is unknown.
func (k Kind) IsFinding() bool {
	switch k {
	case AttackNew, AttackCheaper, AttackCertain, BreakNew, UnknownNew:
		return true
	}
	return false
}

// Review is what a change does. Other programs may rely on the JSON names.
type Review struct {
	Schema  string   `json:"schema"`
	Old     string   `json:"old"` // as the user named it
	New     string   `json:"new"`
	Remarks []Remark `json:"remarks"` // about the configuration
	Designs []Design `json:"designs"` // all that are on one of the sides
}

// Design is one design before and after.
type Design struct {
	Name         string         `json:"name"`
	Title        string         `json:"title"`
	Old          bool           `json:"old"` // it was there before
	New          bool           `json:"new"` // it is there now
	Before       map[string]int `json:"before"`
	After        map[string]int `json:"after"` // how often each verdict occurs
	Edits        []string       `json:"edits"` // what was changed in the design, a line for each element
	Remarks      []Remark       `json:"remarks"`
	Requirements []Requirement  `json:"requirements"` // those about which there is something to say, worst first
}

// Requirement is a requirement before and after.
type Requirement struct {
	Name     string   `json:"name"`
	About    string   `json:"about"`
	Severity string   `json:"severity,omitempty"`
	Before   string   `json:"before,omitempty"` // its verdict; "" when it was not there
	After    string   `json:"after,omitempty"`
	Trend    Trend    `json:"trend"`
	Source   string   `json:"source,omitempty"` // file:line, now or before
	Remarks  []Remark `json:"remarks"`
}

// Remark is one thing to say.
type Remark struct {
	Kind  Kind     `json:"kind"`
	Trend Trend    `json:"trend"`
	Text  string   `json:"text"`
	Steps []string `json:"steps,omitempty"` // of an attack that was not there before, or not like this

	waived bool // a waiver in force covers it
}

// Findings counts the findings that were not there before and that no waiver covers.
func (r *Review) Findings() int {
	return r.count(func(m Remark) bool { return m.Kind.IsFinding() && !m.waived })
}

// Worsenings counts all that is for the worse, whether a waiver covers it or not.
func (r *Review) Worsenings() int {
	return r.count(func(m Remark) bool { return m.Trend == Worse })
}

func (r *Review) count(of func(Remark) bool) int {
	lists := [][]Remark{r.general()}
	for _, d := range r.Designs {
		for _, q := range d.Requirements {
			lists = append(lists, q.Remarks)
		}
	}
	n := 0
	for _, list := range lists {
		for _, m := range list {
			if of(m) {
				n++
			}
		}
	}
	return n
}

// general returns the remarks that are about no requirement.
func (r *Review) general() []Remark {
	out := slices.Clone(r.Remarks)
	for _, d := range r.Designs {
		out = append(out, d.Remarks...)
	}
	return out
}
