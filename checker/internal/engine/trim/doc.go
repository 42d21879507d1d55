// Package trim makes what an engine found an attack to show: rules in an order that replays, none of which can be left out, and only the
// choices that the run relies on.
//
// # Limitations
//
// What is left is minimal, not smallest: another set of steps or choices may be smaller. Another order of the rules is looked for in a
// bounded number of states.
package trim
