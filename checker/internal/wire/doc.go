// Package wire writes questions and proposals as bytes, for those who answer elsewhere or keep answers: a worker in another process, a store.
//
// A question is the slice of one, and the engine that is asked with its limits. Facts, choices and rules are numbers there, so no name of a design is in it, and equal questions of different designs are
// the same bytes: their digest is the address of an answer. A proposal speaks in the numbers of the slice.
//
// The form is canonical: what [ParseQuestion] and [ParseProposal] take, [Question.Append] and [AppendProposal] write back as the same bytes. The bytes that are read may be anybody's: what they make grows
// with how many there are, whatever they claim, and nothing that they say is believed; the judge decides on a proposal as on one of an engine.
//
// # Limitations
//
// The form has no version of its own: addresses and subjects have the digest of the program in them, and what another program has written is never read.
package wire
