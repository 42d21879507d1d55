package dsl

import "strings"

// Role says where a word of the language means something.
type Role uint

// The roles of words.
const (
	DeclarationWord Role = 1 << iota // begins a declaration
	NestedWord                       // begins a declaration that may stand in a zone
	SortWord                         // is a sort of element
	MemberWord                       // begins a member of a process
	PartWord                         // begins a part of a step
	ElementClause                    // begins a clause of an element
	AttackerClause                   // begins a clause of an attacker
	RequireClause                    // begins a clause of a requirement
	OnceWord                         // of a clause: stands at most once in a body
	RelationWord                     // stands between two terms, and holds or does not hold
	ConnectiveWord                   // stands between operands, too, but is no relation
	QuantifierWord                   // begins a formula or a term that binds variables
	PropertyWord                     // begins what a requirement demands
	LimitWord                        // begins what limits what a requirement demands
	ValueWord                        // is a value
	FieldWord                        // is what every element of some sort has, written behind a dot
	FormulaWord                      // means something in every formula, so that nothing of a catalogue can be called so
	PlaceWord                        // means something behind a clause or a relation, so that no clause or relation of a catalogue can be called so
)

const clauseWord = ElementClause | AttackerClause | RequireClause

// lexicon is what the language gives a meaning to, wherever that matters: the parser, the resolver and the checks of
// catalogues ask it. Two words of which the second always follows the first are one.
var lexicon = []struct {
	roles Role
	words string
}{
	{DeclarationWord, "design, use, include, extend, each, define, attacker, process, require, assume, waive"},
	{DeclarationWord | SortWord, "data, flow"},
	{DeclarationWord | SortWord | NestedWord, "actor, component"},
	{DeclarationWord | SortWord | NestedWord | FieldWord, "zone"},
	{MemberWord, "domain, value, fact, var, message, step"},
	{PartWord, "by, receives, when, do, sends"},
	{ElementClause | RequireClause | OnceWord, "title"},
	{ElementClause | OnceWord, "owner, tech, link, from"},
	{ElementClause, "guessed, sure"},
	{ElementClause | RelationWord, "has, stores, handles, accepts, runs on, carries, returns, authenticated by, through"},
	{RelationWord, "of"},
	{ElementClause | RelationWord | AttackerClause, "is"},
	{AttackerClause | RelationWord, "in"},
	{AttackerClause, "controls, knows, without"},
	{AttackerClause | OnceWord, "budget"},
	{RequireClause | OnceWord, "severity"},
	{RequireClause, "refs"},
	{RelationWord, "over"},
	{ConnectiveWord | FormulaWord, "and, or, implies, then, else, where, with"},
	{QuantifierWord | FormulaWord, "forall, exists, count, sum"},
	{ValueWord | FormulaWord, "none, true, false"},
	{FormulaWord, "not, if, blocked, own"},
	{FieldWord, "source, target, protocol"},
	{PlaceWord, "except, signed"},
	{LimitWord, "against, tolerating"},
	{PropertyWord, "never, always, possible, confidential, integrity, available"},
}

// Words returns the words of the language that have one of these roles.
func Words(roles Role) []string {
	var out []string
	for _, w := range lexicon {
		if w.roles&roles != 0 {
			out = append(out, strings.Split(w.words, ", ")...)
		}
	}
	return out
}

// IsWord reports whether a text is a word of the language that has one of these roles, or one of its two.
func IsWord(text string, roles Role) bool { return rolesOf[text]&roles != 0 }

var rolesOf = func() map[string]Role {
	out := map[string]Role{}
	for _, w := range lexicon {
		for _, word := range strings.Split(w.words, ", ") {
			for _, text := range append(strings.Fields(word), word) {
				out[text] |= w.roles
			}
		}
	}
	return out
}()

// What the parser compares tokens with: of two words the first, with the one that must follow.
var (
	declarations = firstWords(DeclarationWord)
	nested       = firstWords(NestedWord)
	sorts        = firstWords(SortWord)
	members      = firstWords(MemberWord)
	stepParts    = firstWords(PartWord)
	clauses      = firstWords(clauseWord)
	connectives  = firstWords(ConnectiveWord)
	relations    = firstWords(RelationWord)
	quantifiers  = firstWords(QuantifierWord)
	properties   = firstWords(PropertyWord) // in the order of PropertyKind, but for "only after"
	ends         = firstWords(LimitWord)
	secondWords  = map[string]string{}
)

func firstWords(roles Role) []string {
	var out []string
	for _, w := range Words(roles) {
		first, second, ok := strings.Cut(w, " ")
		if ok {
			secondWords[first] = second
		}
		out = append(out, first)
	}
	return out
}
