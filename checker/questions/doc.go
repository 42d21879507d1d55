// Package questions finds what a design is silent about and what would change a verdict.
//
// A catalogue says which of its relations and attributes decide (`ask`). An element of a kind that such a relation leads from, which neither states the relation nor
// claims that there is none (`embeds none`), is silent about it. A silence matters if some answer breaks a requirement that holds: the requirement then
// hangs on the answer, though no warning and no control says so.
//
// Every answer is tried: it is written as an `extend` declaration beside the design, and the whole is checked again. All answers together come first; where they
// break nothing, nothing is asked. Otherwise the silences are halved until each that remains breaks something by itself, so that few trials are needed where few of
// many matter (group testing: Dorfman, "The detection of defective members of large populations", 1943).
//
// # Limitations
//
// Silences that matter only together with others are found only if one half of all has them together. Kinds that carry `ask` are not tried, since a
// design has no way to say no to a kind. Trials are bounded; [Found.Complete] says whether all were made.
package questions
