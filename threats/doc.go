// Package threats reads threat catalogues: YAML files that say which kinds, controls, protocols and predicates a design may use, and
// which threats there are. A threat is a rule: for these elements, when this holds, an attacker may make that true.
//
// Files are decoded to YAML nodes and interpreted here, key by key, so that every mistake has a line and a column and nothing that YAML
// guesses (dates, octal numbers, yes and no) reaches a rule. Formulas inside are parsed by package dsl and typed by package resolve.
//
// [Load] brings a design together with everything that it uses; [Read] does so where something is wrong, too, as far as that goes: what may be verified is its Model alone. The catalogues core and retail are embedded.
//
// Each embedded threat has one or more pairs of example designs ([CasesOf]), and what published lists say is accounted for entry by entry ([Lists]). [Lint] finds what is
// legal but hardly meant, [Reference] writes the pages in reference/, and [Scaffold] begins a threat of one's own.
//
// # Limitations
//
// That a threat makes another superfluous is found where propositional logic over the atoms of both shows it, for each way to let variables stand for each
// other; formulas that only arithmetic or quantifiers make equal are not. Anchors, aliases, tags and second documents are refused. An `unless` is found impossible by propositional logic over its atoms and those of
// `when`, with the tree of kinds and what protocols give; quantified formulas are taken to be free. A catalogue sees the words of all catalogues
// that a design uses, not only of those that it extends. Formulas in folded or escaped scalars are reported where the scalar begins.
package threats
