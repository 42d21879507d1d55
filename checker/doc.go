// Package checker answers the requirements of a design: it grounds the design against its catalogue, asks the engines, and judges
// what they propose.
//
// Engines propose, one judge decides. An engine returns a [system.Proposal]: runs, certificates, sets of decisions. Before anything
// of it becomes a verdict, [certify] replays every run and checks every certificate against the ground system; what fails is an
// internal error, never a verdict. So a wrong `holds` needs a mistake in the trusted base (packages ground, system and certify), not just in a solver.
//
// [Cover] asks the same of threats: can some attacker of the design carry this one out, and if not, why not? [Options.By] groups both under the entries of a
// published list.
//
// # Limitations
//
// That a threat cannot be carried out is proved with all controls working, and says nothing of what a design does not draw. A requirement over the state of a process is judged for its domains as they are declared. What the engines do not settle within their
// limits is `unknown`.
package checker
