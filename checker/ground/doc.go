// Package ground turns a design and a catalogue into a [system.System]: each threat becomes one rule for each way to
// bind its variables to elements of the design, everything that the design fixes is evaluated on the way, and what stays is a
// circuit over facts (what the attacker has gained) and choices (controls that are open, or that may fail).
//
// Binding is a join, not a product: the conjuncts of a threat's condition propose the candidates of each variable (`f.target = c` one,
// `f carries d` those on the flow, `f.source in z` the zones around the source), so a rule over a flow and its target costs the
// number of flows. An `or` proposes what its branches propose; a variable that nothing restricts ranges over its kind.
//
// The same evaluation grounds requirements and assumptions: quantifiers unfold into conjunctions and disjunctions, an integer term becomes the list of
// its possible values, each with the condition under which it has it.
//
// Package ground also knows the way back: which threat and which elements a rule stands for, what a fact or a choice is
// called, and the sentence of a step.
//
// # Limitations
//
// At most [MaxRules] rule instances. Requirements and assumptions over the state of a process are not grounded: their cases say so.
package ground
