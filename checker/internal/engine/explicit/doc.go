// Package explicit decides questions by visiting their states one by one, breadth first: what few counters and processes do together is over in an instant so,
// while a proof by clauses has to find out how the counters hang together.
//
// A state is the values of all facts and choices; the starts are those under all choices that the question allows. Where no state is left to visit and none is
// bad, the states are the proof. Otherwise the way to the first bad one is an attack of the fewest steps. What a run costs is not looked at: a proof holds whatever
// is spent, and an attack may cost too much.
//
// # Limitations
//
// Up to 200,000 states, and starts under up to 16 choices. No symmetry is made use of: the check of the certificate would have to know it.
//
// Source: Holzmann, "The model checker SPIN", 1997.
package explicit
