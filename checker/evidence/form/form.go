// Package form is what evidence looks like in a document: proposals in the names of the design.
//
// It knows no judge: package evidence makes these of what engines proposed, and reads them back, and whatever they say is judged anew.
//
// # Limitations
//
// A form says nothing by itself. Names are those of one design with its catalogues.
package form

// Answer is a `system.Proposal` in names.
type Answer struct {
	Attacks    []Run     `json:"attacks,omitempty"`    // the first is the one to show; together they cover all decisions that Sufficient leaves
	Sufficient []Decided `json:"sufficient,omitempty"` // the sets of decisions that make it hold
	Holds      *Proof    `json:"holds,omitempty"`
	AtLeast    int       `json:"at_least,omitempty"`   // no attack costs less
	Bound      *Proof    `json:"bound,omitempty"`      // why
	Incomplete string    `json:"incomplete,omitempty"` // why it was given up, in the words of an engine; nothing can check that
	Depth      int       `json:"depth,omitempty"`      // no attack takes fewer steps, where it was given up; nothing checks that either

	// Further are the answers to further questions, in the order in which they come up: whether a domain stops a step, and of `possible` whether it is
	// reached under one combination of choices after another.
	Further []*Answer `json:"further,omitempty"`
}

// Run is an attack: literals such as `not waf on Shop` that it relies on, and the instances of threats such as `exploit(Browse, Shop)` that it takes, in order.
type Run struct {
	Choices []string `json:"choices,omitempty"`
	Rules   []string `json:"rules,omitempty"`
}

// Decided is a set of decisions with the proof that the case holds after it.
type Decided struct {
	Decisions []string `json:"decisions,omitempty"`
	Proof     Proof    `json:"proof"`
}

// Proof is a `system.Certificate`: barriers that no allowed combination of choices and instances of threats passes, or an invariant, or states, or a proof for
// each of some combinations of choices.
type Proof struct {
	Cuts      []Cut      `json:"cuts,omitempty"`
	Cases     []Case     `json:"cases,omitempty"`    // that what passes all barriers exceeds the limits, in preorder
	Invariant [][]string `json:"invariant,omitzero"` // clauses of literals: facts, choices, and `taken` with an instance of a threat
	Laws      []Law      `json:"laws,omitempty"`     // of the invariant
	States    *States    `json:"states,omitzero"`
	Parts     []Part     `json:"parts,omitempty"` // of a split, in preorder
}

// Part is a node of `system.Split`: a choice, after which come the part in which it is so and the one in which it is not; or the proof of a part.
type Part struct {
	Choice string `json:"choice,omitempty"`
	Proof  *Proof `json:"proof,omitempty"`
}

// Law is a `system.Law`.
type Law struct {
	Of    []Mass `json:"of"` // in the order of the system
	Total int    `json:"total"`
}

// Mass is a `system.Mass`.
type Mass struct {
	Fact   string `json:"fact"`
	Weight int    `json:"weight"`
}

// States are `system.States`.
type States struct {
	Of   []string `json:"of"`   // facts and choices, in the order of the system
	Each []string `json:"each"` // ascending: in hexadecimal digits, as many as the bytes of a state take
}

// Case is a `system.Case`.
type Case struct {
	Split   string   `json:"split,omitempty"` // a choice, or `taken` with an instance of a threat
	Weights []Weight `json:"weights,omitempty"`
}

// Weight is a `system.Weight`.
type Weight struct {
	Cut   int32 `json:"cut"` // from 0
	Parts int   `json:"parts"`
}

// Cut is a `system.Cut`.
type Cut struct {
	Choices []string `json:"choices,omitempty"`
	Rules   []string `json:"rules,omitempty"`
	Weight  int      `json:"weight,omitempty"`
}
