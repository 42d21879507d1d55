// Package audit says of files that somebody hands over whether they show what they claim, offline and trusting neither who wrote the design, nor the
// tool that made the report, nor a node.
//
// [Run] makes every check that there is, each on its own, and says of each what it means and whether it passed, failed or could not be made; a check that
// could not be made is not a pass. The report is read only in its canonical form; the statement has to be the one that follows from the report, signed; the record
// on the Tangle has to open to that statement, and its receipt to be signed for by the coordinators that the auditor's own trust file names. The verdicts are judged
// again from the inputs and the evidence in the report: every attack is replayed and every certificate checked (see [checker.Recheck]), without any engine;
// the report made from that has to be the same, byte for byte. With Rerun the engines run too.
//
// [Claims] are what all that amounts to. They come from what was judged again. The few things in a report that nothing can check (the version of the tool, why a
// verdict is unknown, the limits of the engines) can hold no text of the forger's own, and are listed as unchecked. Authentic evidence may claim
// little, or what is bad: an auditor demands verdicts ([Demand]) or more ([Policy]), and each demand is a check of its own. Waivers are judged by the day of the
// milestone and again by that of the audit.
//
// An explanation of logs is another kind of document, on the same path: its inputs are the logs and the mapping besides, its verdicts are judged by [conform.Explainer.Recheck], and
// what can follow, for which it has no evidence for every case, by Rerun alone. An audit vouches that it follows from these logs, and not that they are true.
//
// [Chain] checks a design's whole history: each entry by itself, and that each record names the one before it.
//
// # Limitations
//
// What the inputs mean is judged by the checker in use: a catalogue that lacks a threat, or a mistake in grounding, is the same for the report and
// for the audit. A verdict of `unknown` claims nothing and so always passes. Another chain of records that was kept from the auditor does not show in
// the one that he has.
//
// Sources: see packages attest, notary and checker.
package audit
