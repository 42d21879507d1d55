// Package portfolio answers questions with all engines: which one runs, for how long, and what is made of it.
//
//  1. Solve: the relaxation (package reach) goes first. It takes milliseconds.
//  2. closes: what it proved is kept if it can be checked by closure, and dropped otherwise: a slice may know more than the closure of the whole question sees.
//     fewer: a proof loses the cuts that it does without.
//  3. monotone: where facts never become false and are nowhere wanted false, the relaxation's answer is the best one, and final.
//  4. run, search: where it is not, or its attack does not replay, bounded model checking, IC3 and the search through all states take turns on the circuit of the question's slice. Each turn is
//     twice as long as the last. visit, attack, certificate: the first answer is turned into one to the question, in its own literals.
//     laws: after the second turn, or before the first where the circuit is large beside its latches, it is tried whether sums that stay the same are a proof.
//     try, divide: a search that takes its time splits its question by the choices that leave least of it. The pieces are questions of their own, which may be answered elsewhere (Elsewhere); their proofs
//     together are a proof (system.Split), and the first attack on one is an attack.
//  5. cheapest: a cheaper attack is asked for under a budget of one less (settle: steps 1, 2 and 4 for any attack), until that is refuted, which is the proof of the cost; then a shorter one, with less effort.
//  6. decide: package decide asks settle for all minimal sets of decisions.
//
// [First] is steps 1 and 2 for any attack, for who wants to see what is found at once; [Any] and [Run] are settle alone.
//
// What differs from cube and conquer: the split is a part of the algorithm and not of a fleet, so that whoever answers the pieces, here or on many machines, the same comes of it. It is tried when a certain work was done in
// vain, and again after twice as much. All pieces together may take twice what was done, and none more than a third of it, the largest first; one that is given up ends it, and the search goes on. So a question whose
// pieces are as hard as itself takes little more. Choices are looked ahead: which is best is told by the sizes of the two slices.
//
// What differs from portfolios that run engines side by side: these take turns in one goroutine, in work that is counted, so that the same question gets the same answer.
//
// Step 3 must not call a question monotone that is not: its least cost and its sets would be said to be all there are on the word of an engine that does not look at deletions. Even then nothing wrong
// would pass, since bounds and sets are certified; but what is said to be the fewest steps is believed. Step 5 is sound since the question with the smaller budget is another question with a proof of its own.
//
// # Limitations
//
// Limits are counted in conflicts and questions, never in time. That an attack has the fewest steps of its cost is a bound of the relaxation, or was
// searched for within such a limit; nothing proves it. Symmetry between the members of a domain is used by IC3 alone, as a hint: a clause that was found for one member
// is tried for the others, each with a question of its own, so that nothing has to be argued; a certificate names them all. The search for runs does
// not use it, nor that independent steps commute.
//
// Proofs by the relaxation alone are not split.
//
// Sources: Huberman, Lukose & Hogg, "An economics approach to hard computational problems", Science 275, 1997 (portfolios); Heule, Kullmann, Wieringa & Biere, "Cube and conquer", 2011.
package portfolio
