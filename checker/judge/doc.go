// Package judge turns what engines propose into verdicts. It is trusted, and as small as that allows: it knows the ground system, what a case of a requirement
// is, and the checker of certificates, and nothing of engines, explanations or reports.
//
// An engine is a function that answers a question with a [system.Proposal]. Nothing in an answer is believed: [certify.Proposal] replays every run and
// checks every certificate first, and what fails is an error, never a verdict. From there each verdict is one step: a certificate that nothing bad is reached is
// `holds`; attacks that cover all decisions are `violated`; attacks with all sets of decisions that stop them are `depends`; what is left is `unknown`.
//
// # Limitations
//
// A verdict is about the ground system, not about the design: that the one says what the other means is for package ground to get right. Where a domain stops a
// step, `holds` is taken back ([Ruling.Bound]). `possible` gives up beyond 4,096 branches of decisions and failures.
package judge
