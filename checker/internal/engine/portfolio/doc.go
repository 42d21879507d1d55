// Package portfolio answers questions with all engines: which one runs, for how long, and what is made of it.
//
// The relaxation engine (package reach) goes first: it takes milliseconds, and its answer is the best one wherever rules are monotone. Where
// they are not, what it proves is proved, and what it finds is found, but there may be a shorter or cheaper attack; and where its attack does
// not replay, nothing is known yet. Then bounded model checking and IC3 take turns on the circuit of the question's slice, each
// turn longer than the last, until one of them answers. Cheaper attacks are asked for under a smaller budget until that is refuted, and the shortest
// one under the budget that is left; sets of decisions are found by the same loop as the relaxation's (package decide), with this engine behind it.
//
// # Limitations
//
// Limits are counted in conflicts and questions, never in time. That an attack has the fewest steps of its cost is a bound of the relaxation, or was
// searched for within such a limit; nothing proves it. The engines take turns in one goroutine, so that the
// same question gives the same answer. Symmetry between the members of a domain is used by IC3 alone, as a hint: a clause that was found for one member
// is tried for the others, each with a question of its own, so that nothing has to be argued; a certificate names them all. The search for runs does
// not use it, nor that independent steps commute.
package portfolio
