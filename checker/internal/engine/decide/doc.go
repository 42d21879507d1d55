// Package decide finds all minimal sets of decisions after which a question holds, whatever engine answers what remains.
//
// An attack relies on a cube of decisions, and a set prevents it exactly when it has the complement of one of them. So the minimal
// sets are the minimal consistent hitting sets of the complements. [Sets] finds both as they are needed:
//
//  1. learn: each attack that is known is a clause over "the set has this literal", of the complements of what the attack relies on.
//  2. sat.Solve: a solver proposes a set that hits all clauses and contains the superset of none that is proved.
//  3. holds: the oracle answers for it with an attack that the set misses, which is learnt, or with a proof.
//  4. holds: a set that is proved is made minimal. One literal after the other is left out, and the oracle asked. Then its supersets are excluded.
//  5. Sets: where nothing is proposed any more, the list of sets is complete, and the attacks cover all decisions that the sets leave.
//
// What differs from MARCO: the seed of step 2 need not be maximal, since an attack is a small clause already. That the list is complete is not trusted: it follows from the
// attacks by a refutation that package certify finds for itself.
//
// # Limitations
//
// There can be exponentially many minimal sets; the caller says how many are wanted.
//
// Sources: Reiter 1987 (hitting sets); Liffiton, Previti, Malik & Marques-Silva 2016 (MARCO).
package decide
