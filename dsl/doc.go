// Package dsl reads and formats Vauban's design language.
//
// [Parse] turns a file into a syntax tree and reports every error that it finds. The text is scanned as a whole. What a
// declaration, a clause or a member looks like is a grammar in the notation of participle (grammar.go), which [EBNF] prints;
// what it becomes in the tree is in productions.go. Around it, the parser goes from declaration to declaration and from entry
// to entry, and after an error on at the next clause of a body, the next member of a process or the next declaration.
// Formulas are read by recursive descent, because where one ends depends on what it stands in.
// What is broken leaves a node, [Broken], where it stands, with what was read before the mistake, and its names are listed in [File.Broken], so that nobody need
// complain that they are unknown. [NamesOf] knows them as definitions all the same. [File.At] finds what stands at a place, and [Print] writes a tree that a program built. [Expected] says what may come next at a place, by the
// printed grammar, for editors to complete.
// [Words] are the words of the language by what they do. Keywords are reserved only where the grammar expects them; between two
// terms, any other word is taken to be a relation of a catalogue. [ParseFormula] and [ParseFormulaText] read the formulas
// of YAML catalogues, without participle. [Format] writes a file in its canonical layout.
//
// What names mean, whether a term is a formula, and which clauses fit which element is for package resolve to say.
//
// # Limitations
//
// Files above [source.MaxBytes], nesting above 200 levels, chains of more than 10000 operators and everything after the
// thousandth error of a file are refused. Format leaves a text with syntax errors as it is, and does not break long
// formulas: it keeps the line breaks that it finds in them.
package dsl
