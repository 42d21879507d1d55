// Package checker answers the requirements of a design: it grounds the design against its catalogue, asks the engines, and judges
// what they propose.
//
// Engines propose, one judge decides. An engine returns a [system.Proposal]: runs, certificates, sets of decisions. Before anything
// of it becomes a verdict, package judge has every run replayed and every certificate checked against the ground system; what fails is an error that wraps
// [judge.ErrInternal], never a verdict. So a wrong `holds` needs a mistake in the trusted base (packages ground, system, certify and judge), not just in a solver.
//
// As a library it is closed by default: without a date no waiver is in force, and [Result.Exit] is 3 for whatever was not judged.
//
// # Limitations
//
// A requirement over the state of a process is judged for its domains as they are declared. What the engines do not settle within their
// limits is `unknown`.
package checker
