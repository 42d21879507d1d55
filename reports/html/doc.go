// Package html writes what a check found as one web page, for a design review.
//
// The page stands alone: it loads nothing, its content security policy allows nothing but its own style sheet and its own script (both by their hash), and without
// scripts it says the same. It has the verdicts at a glance, the architecture drawn (package diagram), for each requirement that does not hold the
// attack drawn over it with the sentence, the source line and the documentation of each step and what would stop it, for each proof the controls that it rests on, and
// what the whole depends on: assumptions, waivers, open choices, digests, and how to make and check it again. With scripts, attacks can be played step by step, drawings
// zoomed, and whatever a table names be shown on the drawing.
//
// The architecture is in the page once; each finding shows it again by reference and draws over it only what stands out. A large design is an overview in which
// zones are folded; each can be opened, one at a time, without scripts too, and a finding draws only what it is about. The same result gives the same bytes.
//
// # Limitations
//
// What would stop a step are the controls that the threat itself names, each for that step alone: whether the requirement then holds, only another check
// says. The page has at most [maxCases] attacks of a requirement and [maxProofs] of its proofs in full, and
// draws at most [maxDrawn] instances that break a rule, and proofs that rely on at most [maxRelied] controls; the JSON report has all.
//
// Sources: Content Security Policy Level 3 (W3C); WAI-ARIA 1.2.
package html
