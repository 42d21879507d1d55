// Package system is the ground transition system that every question about a design is asked of, with the
// interpreter that gives it its meaning. It is the trusted base: it is small, it knows no solver and no engine, and
// whatever an engine claims is judged by what this package says a run is.
//
// A [System] is a Boolean circuit over two kinds of inputs, facts and choices, and a list of rules. Facts change as
// rules are taken; choices (a control that is not decided yet, a control that may fail) are frozen: they are the
// same in all states of a run. A rule may be taken in a state where each literal of its guard is true; its effects
// are then applied at once, read in the state before, and what becomes true wins over what becomes false.
//
// A [Question] adds what one case of a requirement adds: where the attacker starts, what must never be reached,
// which states are assumed away, how many controls may fail and how much may be spent. A [Run] answers it with an
// attack, and [Replay] says whether that attack is real, leaving choices that the run does not name undetermined:
// the run must go through whatever they are.
//
// # Limitations
//
// Everything is finite and dense: at most 2^30 circuit nodes. Names, sentences and places in the source are the business of package
// ground.
package system
