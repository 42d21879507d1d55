// Package explicit decides questions by visiting their states one by one, breadth first: what few counters and processes do together is over in an instant so,
// while a proof by clauses has to find out how the counters hang together.
//
//  1. New: a state is the values of all facts and choices, a bit each. The starts are those under all choices that the question allows.
//  2. meet: a state that is new, and that no assumption excludes, gets a number and remembers where it came from. If it is bad, the search ends.
//  3. Run: the states are visited in the order in which they were met. Each rule that is enabled in one is applied to it, clearing before setting, and what comes of it is met.
//  4. Attack: the way back from the bad state is a run of the fewest steps.
//  5. States: where none is left to visit, all that were met are the proof: every start is among them, and no rule leads out of them.
//
// What differs from model checkers of the kind: every state is kept as it is, without hashing, bits lost or an order of steps reduced, since the states are the certificate.
//
// What a run costs is not looked at: a proof holds whatever is spent, and an attack may cost too much and is then refused. Without a start of step 1, or a rule in step 3, the states would be no proof; package
// certify looks for both by itself. They are states of a slice, so it is asked whether they prove the whole question, too.
//
// # Limitations
//
// Up to 200,000 states, and starts under up to 16 choices. No symmetry is made use of: the check of the certificate would have to know it.
//
// Source: Holzmann, "The model checker SPIN", 1997.
package explicit
