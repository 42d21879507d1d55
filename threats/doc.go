// Package threats reads threat catalogues: YAML files that say which kinds, controls, protocols and predicates a design may use, and
// which threats there are. A threat is a rule: for these elements, when this holds, an attacker may make that true.
//
// Files are decoded to YAML nodes and interpreted here, key by key, so that every mistake has a line and a column and nothing that YAML
// guesses (dates, octal numbers, yes and no) reaches a rule. Formulas inside are parsed by package dsl and typed by package models.
//
// [Load] brings a design together with everything that it uses. The catalogues core and retail are embedded.
//
// # Limitations
//
// Anchors and aliases are refused. An `unless` is only found impossible where its controls are not made for its variables.
package threats
