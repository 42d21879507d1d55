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
// Processes become rules of the same system: a step one for each binding of its parameters, taken honestly or forced by who controls its parties;
// what an attacker reads, and sends on a flow that it injects on, one for each message instance that a step sends or receives. How
// state is encoded is said in state.go. What is left out is exact, and argued where it is left out: rules that need a power which no
// threat and no start gives, steps that differ in nothing but parameters that no longer matter, messages that nobody sends or receives.
// Where a domain stops a step, that is noted as a [Bound]: a proof must show that no reachable state has it.
//
// A grounder (ground.go) makes a [Grounding] (grounding.go), and is then gone: with it go the indexes, the tables and the formulas, so nothing that reads a finished grounding can add to it. The
// grounder's work is to bind variables (join.go orders them, propose.go finds their candidates, fewer.go leaves out those that a shared element has too many of, index.go and notions.go look up what the design fixes), to evaluate under a binding (eval.go, sums.go, and
// state.go with universe.go for processes), and to make of that rules (ground.go, steps.go, wire.go) and questions (question.go, bounds.go).
//
// Package ground also knows the way back: which threat, step or message and which elements a rule stands for, what a fact or a choice is
// called, and the sentence of a step.
//
// [Survey] grounds a design to ask of each threat whether it can be carried out, and tells which conditions and controls keep it from fitting.
//
// # Limitations
//
// The conditions that [Survey] names for a threat that fits nowhere are as few as can be, unless the search for them takes too long. At most [MaxRules]
// threat instances and [MaxProcessRules] rules of processes. An argument that is no value of its sort (an integer outside the range, `none`) makes a fact false, gives a variable no
// value, and stops a step that would set or send it, as leaving a domain does. What is computed of a number that is `none`, a sum too, has no value, and no comparison but `!=`
// holds with it; package resolve warns of that where a property needs the number. Whether a bound matters to a requirement is judged by the names of what
// it depends on: that a step is stopped for one order counts for all orders.
package ground
