// Package conserve finds what stays the same in all runs of a question: sums of what facts weigh, such as "what is in stock, reserved and shipped is as much as there was".
//
//  1. about: the facts that laws may be about, those of the question's slice with the groups of facts that they are of.
//  2. Laws: all ways in which each rule may change them, which are few where a rule changes a counter by so much from each of its values. The checker tells them, so that they are those that it will ask about.
//  3. newPairs, close, take: which values of variables may be there together, by a fixpoint over pairs that rules lead to. clauses, possible: what may not is a clause, and ways that need it fall away.
//  4. solve: that no way changes a sum are linear equations for what facts weigh: all ways of a group of facts change it by the same, and all groups of a rule together by nothing. add, kernel, fraction: Gaussian elimination modulo a prime,
//     and weights back as integers. Laws that the checker would not believe are dropped.
//
// What differs from Karr and from sampling: laws are exact, and not read off runs. Every solution of the equations is kept by all rules, and no run has to reach a value for its weight to be found, where a law that was sampled is true of
// the runs that were seen, and leaves open what weighs that was not. What differs from invariants of places: rules change a counter by other facts from each of its values, and not always.
//
// Nothing of it is trusted. Laws and clauses become an invariant, which package certify checks; were step 3 wrong, its clauses would be refused, and were step 4, its laws.
//
// # Limitations
//
// Laws are equations that hold in every state. What is no more than something else, or holds in some states, is left to package ic3. Of the laws of a question, which form a linear space, there is one basis: where only a combination of two excludes what is bad,
// it is not found. Where facts, ways or clauses are too many there are no laws but those of groups.
//
// Sources: Karr, "Affine relationships among variables of a program", 1976; Lautenbach, "Linear algebraic techniques for place/transition nets", 1987 (invariants of places); Haslum & Geffner,
// "Admissible heuristics for optimal planning", 2000 (pairs, h²); Wang, "A p-adic algorithm for univariate partial fractions", 1981.
package conserve
