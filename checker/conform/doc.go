// Package conform holds what was observed against a design that was verified: conformance checking, with attackers.
//
// A log of one case is a list of events of observed steps. [ground.Watched.Log] builds of it a system whose runs leave just this log; what is asked of
// that system is asked and judged like any requirement:
//
//   - normal: an honest run, in which nobody attacks, leaves the log. It is replayed.
//   - explained: no honest run does, which is certified, and a run of an attacker does, which is replayed, with a bound on its cost, which is certified.
//   - unexplained: certified that no run of any declared attacker leaves it. The longest first part that some run leaves is shown, and the first
//     event that does not fit. The model, the attackers or the mapping are too small for what happened.
//   - unknown: neither was found.
//
// Most logs are honest, so honest runs are looked for by a walk of its own (walk.go): event by event it keeps the states that a run may be in, and nothing of
// how often the log got there. What it finds is a proposal: a run that is replayed, or the states as a certificate. Attackers are left to the engines where a log is
// short. Where it is long, engines would unroll it event by event, so walks lead them: a greedy one, in which an attacker has at once whatever can only help him, finds a run; a blind
// one, to which all that may hold or not, finds the states that prove that there is none.
//
// After the log comes what can follow (next.go): from the state that the run ends in, each requirement is asked again. Where nothing breaks it from
// there, all runs that leave the log are asked, whatever else happened in them, so that `cannot` never rests on one run that was shown.
//
// [Monitor] answers for the cases of a running system entry by entry (monitor.go). Of a case that honest runs leave so far it keeps the states that they may be in, and takes these one event
// further (ahead.go); other cases are explained as a whole with each event.
//
// # Limitations
//
// An observed step of a party that is controlled is still taken as it is meant: the observer is a party whom nobody controls, and what an attacker writes into a log
// himself is no event. The cheapest run is not the likeliest one. What remains to be paid is counted from the state after the log, so a threat that was paid
// for before counts again where it is needed again. Whether a domain stops a step is told as in a check: then the answer is unknown.
//
// Sources: van der Aalst 2016, "Process Mining", ch. 8 (conformance checking, alignments); Carmona et al. 2018, "Conformance Checking".
package conform
