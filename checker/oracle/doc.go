// Package oracle runs a design by brute force, straight from the definition of the language: it is what tests hold the grounding and the engines
// to. It shares no code with them. States are maps of names, every step is tried with every binding, and all
// decisions and all sets of failures are gone through one by one.
//
// [New] takes a resolved design with its catalogue; [Oracle.Case] answers a case of a requirement. [Random] writes small designs whose processes use
// all that the language has.
//
// # Limitations
//
// It is for small designs: a few thousand states, a handful of controls. It knows the operators that designs written by [Random] and their
// catalogue use, and panics on others.
package oracle
