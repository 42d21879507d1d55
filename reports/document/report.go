package document

import "github.com/vauban-verifier/vauban/checker/evidence/form"

// Schema names the form of the report. Another form gets another number.
const Schema = "vauban.report/1"

// Report is what a check found. Other programs may rely on the JSON names.
type Report struct {
	Schema       string        `json:"schema"`
	Tool         Tool          `json:"tool"`
	Design       string        `json:"design"`
	Inputs       []Input       `json:"inputs"` // design files in the order read, then catalogues in the order loaded
	Options      Options       `json:"options"`
	System       System        `json:"system"`
	Requirements []Requirement `json:"requirements"`
	Unneeded     []Place       `json:"unneeded_controls,omitempty"` // no proof needs them: all that holds would hold without them
	Claims       []Claim       `json:"claims,omitempty"`            // relations that the design says elements not to have: nobody has checked that
	Warnings     []Warning     `json:"warnings"`
}

// ToolName is what the tool calls itself in documents.
const ToolName = "vauban"

// Tool is what made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Input is a file that the verdicts depend on.
type Input struct {
	Path   string `json:"path"` // relative to the directory of the first design file; "builtin:NAME" for an embedded catalogue, "pack:NAME" for a pack
	Role   string `json:"role"` // design or catalogue
	SHA256 string `json:"sha256"`
}

// Options are the settings that can change a verdict.
type Options struct {
	AsOf          string `json:"as_of"`
	MaxIterations int    `json:"max_iterations,omitempty"` // 0: the default
	Attacks       int    `json:"attacks,omitempty"`        // how many of each case were asked for; 0: the cheapest
	Quick         bool   `json:"quick,omitempty"`          // only what is found at once was looked for
}

// System is the size of the ground system.
type System struct {
	Facts int `json:"facts"`
	Rules int `json:"rules"`
}

// Source is a place in an input.
type Source struct {
	Path   string  `json:"path"`
	Line   int     `json:"line"`
	Column int     `json:"column"`
	Origin *Origin `json:"origin,omitempty"` // what it was made from, as `from` says
}

// Origin is a line of a file that is no input: a part of the design was made from it.
type Origin struct {
	Path string `json:"path"`
	Line int    `json:"line,omitempty"`
}

// Requirement is a requirement with its verdict, which is the worst of its cases' unless a waiver covers it.
type Requirement struct {
	Name     string   `json:"name"`
	Title    string   `json:"title,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Refs     []string `json:"refs,omitempty"`
	Doc      string   `json:"doc,omitempty"`
	Property string   `json:"property"`
	Failures int      `json:"failures,omitempty"` // how many controls may fail
	Source   *Source  `json:"source,omitempty"`
	Verdict  string   `json:"verdict"`
	Waiver   *Waiver  `json:"waiver,omitempty"`
	Vacuous  string   `json:"vacuous,omitempty"` // of holds: why that says nothing about the design
	Cases    []Case   `json:"cases"`
	Guesses  []Guess  `json:"guesses,omitempty"` // of holds: it hangs on them
	Ways     *Ways    `json:"ways,omitempty"`    // of holds: what became of the threats that give what is forbidden
}

// Guess is an element of which something was guessed.
type Guess struct {
	Element string   `json:"element"`
	Guessed []string `json:"guessed"`
	Source  *Source  `json:"source,omitempty"`
}

// Claim is a relation that an element is said not to have.
type Claim struct {
	Element  string  `json:"element"`
	Relation string  `json:"relation"`
	Source   *Source `json:"source,omitempty"`
}

// Ways lists threats by their IDs, each in the first list that it belongs to.
type Ways struct {
	Stopped    []string `json:"stopped"`      // some attacker could carry it out if controls failed
	OutOfReach []string `json:"out_of_reach"` // the design has something that it fits, and no attacker gets there, whatever fails
	Absent     []string `json:"absent"`       // the design has nothing that it fits
}

// Waiver accepts that a requirement is not met.
type Waiver struct {
	Until   string `json:"until"`
	Because string `json:"because"`
	InForce bool   `json:"in_force"`
}

// Case is one attacker or coalition with one instance of the `for` variables.
type Case struct {
	Attackers  []string          `json:"attackers"` // empty: the honest system, or an architecture rule
	Bindings   map[string]string `json:"bindings"`
	Domains    []Domain          `json:"domains,omitempty"` // of processes, that the verdict is about
	Verdict    string            `json:"verdict"`
	Runs       []Attack          `json:"runs,omitempty"` // of `possible`: honest runs, one that goes through for each combination of choices
	Attack     *Attack           `json:"attack,omitempty"`
	Attacks    []Attack          `json:"attacks,omitempty"`      // where options.attacks is more than 1: attack, and those that other things stop, cheapest first
	More       int               `json:"more_attacks,omitempty"` // found besides
	All        bool              `json:"all_attacks,omitempty"`  // proved: whatever stops attacks and more_attacks stops every attack
	Breaks     []Break           `json:"breaks,omitempty"`
	Sufficient [][]Decision      `json:"sufficient,omitempty"`
	Proof      *Proof            `json:"proof,omitempty"`
	Unknown    *Unknown          `json:"unknown,omitempty"`
	Vacuous    string            `json:"vacuous,omitempty"` // of holds: why that says nothing about the design
	LiveRules  int               `json:"live_rules"`

	// Evidence is what the verdict follows from, for [checker.Recheck]; nil where the verdict needs none.
	Evidence *form.Answer `json:"evidence,omitempty"`
}

// Domain is a domain of a process with the number of its values: a verdict about two orders says nothing of a third.
type Domain struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// Attack is a run that violates the requirement. No step can be left out.
type Attack struct {
	Way         []string   `json:"way,omitempty"`    // of attacks: what it does that something could stop
	Honest      bool       `json:"honest,omitempty"` // nobody attacks
	Cost        int        `json:"cost"`
	CostAtLeast int        `json:"cost_at_least"`
	Reach       string     `json:"reach,omitempty"` // of what each of many has: one, where some step takes one of them at a time; all, where what it does goes for all alike
	Choices     []Decision `json:"choices"`
	Failures    []Place    `json:"failures"`
	Steps       []Step     `json:"steps"`
}

// Step is one step of an attack.
type Step struct {
	Kind     string            `json:"kind"` // threat, step, forced, inject or read
	ID       string            `json:"id"`
	Bindings map[string]string `json:"bindings"`
	Cost     int               `json:"cost"`
	Adds     []string          `json:"adds"`
	Removes  []string          `json:"removes"`
	Says     string            `json:"says"`
	Source   *Source           `json:"source,omitempty"`
}

// Place is where a control stands: on an element, or on data at rest there.
type Place struct {
	Control string `json:"control"`
	On      string `json:"on"`
	Data    string `json:"data,omitempty"`
}

// Decision is a control that is there, or is not.
type Decision struct {
	Control string `json:"control"`
	On      string `json:"on"`
	Data    string `json:"data,omitempty"`
	Is      bool   `json:"is"`
}

// Proof tells how a case was proved.
type Proof struct {
	Kind        string     `json:"kind"` // closure, cuts, invariant, states, runs or no-runs
	RestsOn     []Place    `json:"rests_on"`
	Assumptions []string   `json:"assumptions"`
	Gains       []string   `json:"gains,omitempty"`     // all that the attacker can gain at the most
	Cuts        []Cut      `json:"cuts,omitempty"`      // every attack must pass each of these
	Clauses     int        `json:"clauses,omitempty"`   // of an invariant
	Laws        int        `json:"laws,omitempty"`      // of an invariant: how many sums stay the same
	States      int        `json:"states,omitempty"`    // how many there are at the most
	Parts       int        `json:"parts,omitempty"`     // how many combinations of choices have a proof of their own
	Decisions   []Decision `json:"decisions,omitempty"` // what the proof is given
	Failures    []Place    `json:"failures,omitempty"`  // of `possible`: the controls that fail where no run reaches it
}

// Cut is a barrier: an attack needs one of these rules, or one of these controls missing.
type Cut struct {
	Controls []Place  `json:"controls"`
	Rules    []string `json:"rules"`
}

// Break is an instance that breaks an architecture rule.
type Break struct {
	Bindings map[string]string `json:"bindings"`
	Sources  []Source          `json:"sources"`        // where the elements stand
	What     string            `json:"what,omitempty"` // the part of the rule that is false, where no binding says it
	Open     bool              `json:"open"`           // only for some decisions
}

// Unknown says why there is no verdict, and how far it got.
type Unknown struct {
	Reason            string `json:"reason"`
	NoViolationWithin *int   `json:"no_violation_within,omitempty"` // steps
}

// Warning is something that a user should know before trusting a verdict.
type Warning struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Help    string  `json:"help,omitempty"`
	Source  *Source `json:"source,omitempty"`
}
