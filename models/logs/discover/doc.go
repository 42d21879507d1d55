// Package discover learns rules from logs: declarative process discovery. It looks for rules of a few forms (precedence, at most once, response, absence, co-occurrence, equality and order
// between fields), counts exactly in how many cases each applies and in which it is broken, and proposes those that were never broken.
//
// Cases are ordered by the times of their first events. What the first 70 % teach is judged on the rest: the error there, with its upper bound by Clopper and Pearson at 95 %, is what
// a proposal is worth. Rules with a few exceptions are no proposals: the exceptions are listed with their cases, for they are often what somebody looks for.
//
// Proposals are reduced: what follows from others by transitivity is left out. The same log gives the same proposals, in the same order.
//
// # Limitations
//
// A rule that was never broken may be broken tomorrow: nothing here is a requirement until a person makes it one. Rules of other forms are not found. A response is
// judged only in cases that had time to end: those in which the last event is one that ends other cases, too. Thresholds above zero teach wrong rules, so there is none.
//
// Sources: Pesic & van der Aalst 2006 (DECLARE); Maggi, Mooij & van der Aalst 2011 (discovery of declarative models); Clopper & Pearson 1934.
package discover
