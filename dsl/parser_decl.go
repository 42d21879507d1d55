package dsl

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

// The words that begin declarations.
var declarations = []string{
	"design", "use", "include", "zone", "actor", "component", "data", "flow", "extend", "each", "define", "attacker", "process",
	"require", "assume", "waive",
}

// The sorts of elements, which `extend` may repeat.
var sorts = []string{"zone", "actor", "component", "data", "flow"}

// The declarations that may stand in a zone.
var nested = []string{"zone", "actor", "component"}

// The words that begin clauses whatever the catalogue says: parsing goes on there after an error in a body.
var clauses = []string{
	"title", "owner", "tech", "link", "is", "has", "stores", "handles", "accepts", "runs", "carries", "returns",
	"authenticated", "through", "in", "controls", "knows", "budget", "without", "severity", "refs", "from", "guessed", "sure",
}

// beginsDeclaration tells the beginning of a declaration from the same word used as a name.
func (p *parser) beginsDeclaration(i int) bool {
	if !p.isWord(i, declarations...) {
		return false
	}
	after, third := p.within(i+1), p.within(i+2)
	if p.isWord(i, "design", "use", "include") {
		return p.tokens[after].kind == stringToken
	}
	if p.tokens[after].kind != nameToken {
		return false
	}
	switch p.word(i) {
	case "each":
		return p.tokens[third].kind == nameToken
	case "waive":
		return p.isWord(third, "until")
	case "attacker":
		// one without a body is followed by anything
		return p.tokens[third].kind != punctToken || p.isPunct(third, "{")
	case "process":
		return p.isPunct(third, "{")
	case "define":
		return p.isPunct(third, "(") || p.isPunct(third, ":")
	case "require":
		return p.isPunct(third, ":") || p.isWord(third, "for")
	case "assume":
		return p.isPunct(third, ":")
	case "flow":
		return p.isPunct(third, ":") || p.isPunct(third, ",") || p.isPunct(third, "->") || p.isPunct(third, "<->")
	case "extend":
		return p.isPunct(third, "{") || p.isPunct(third, ":") || p.isPunct(third, ",") || p.isPunct(third, "->") || p.isWord(third, "blocked") ||
			p.isWord(after, sorts...) && p.tokens[third].kind == nameToken
	default:
		return p.isPunct(third, ":") || p.isPunct(third, ",")
	}
}

// declarations reads the whole text.
func (p *parser) declarations() []Decl {
	var out []Decl
	for p.tok().kind != endToken && p.errors < maxErrors {
		start := p.pos
		var d Decl
		if p.guard(func() { d = p.declaration() }) {
			out = append(out, d)
			continue
		}
		p.lose(start)
		p.skip(start, func(i int) bool {
			return p.beginsDeclaration(i) || p.isWord(i, declarations...) && p.isFirstOnLine(i) ||
				p.tokens[i].kind == nameToken && p.atLineStart(i) && diag.Suggest(p.word(i), declarations) != ""
		})
	}
	return out
}

// lose notes the names that a declaration with an error begins with, and makes sure that at least its keyword is passed.
func (p *parser) lose(start int) {
	if p.pos == start {
		p.advance()
	}
	if !p.isWord(start, declarations...) && !p.isWord(start, members...) || p.isWord(start, "each", "waive") {
		return
	}
	for i := p.within(start + 1); p.tokens[i].kind == nameToken; i = p.within(i + 2) {
		p.broken = append(p.broken, Name{p.word(i), p.tokenSpan(i)})
		if !p.isPunct(p.within(i+1), ",") {
			break
		}
	}
}

// skip goes from within what begins at start to the next token where stop holds outside of the braces that open on the
// way, or to one that begins a declaration at the start of a line, or to a brace that closes what is around.
func (p *parser) skip(start int, stop func(int) bool) {
	depth := 0
	for i := start; i < p.pos; i++ {
		switch {
		case p.isPunct(i, "{"):
			depth++
		case p.isPunct(i, "}"):
			depth = max(depth-1, 0)
		}
	}
	for ; p.tok().kind != endToken; p.advance() {
		switch {
		case p.isPunct(p.pos, "{"):
			depth++
		case p.isPunct(p.pos, "}"):
			if depth == 0 {
				return
			}
			depth--
		case depth == 0 && stop(p.pos), p.atLineStart(p.pos) && p.beginsDeclaration(p.pos):
			return
		}
	}
}

// isFirstOnLine reports whether only white space stands before the token on its line.
func (p *parser) isFirstOnLine(i int) bool {
	before := strings.TrimRight(p.text[:p.tokens[i].start], " \t")
	return before == "" || before[len(before)-1] == '\n'
}

// atLineStart reports whether nothing, not even white space, stands before the token on its line.
func (p *parser) atLineStart(i int) bool {
	start := p.tokens[i].start
	return start == 0 || p.text[start-1] == '\n'
}

func (p *parser) declaration() Decl {
	p.enter()
	defer p.leave()
	if p.tok().kind != nameToken {
		p.expected("a declaration")
	}
	first := p.pos
	keyword := p.word(first)
	if !p.isWord(first, declarations...) {
		keyword = p.mendKeyword(declarations, "declaration")
	}
	n := p.node()
	p.advance()
	switch keyword {
	case "design":
		d := &Design{Node: n, Title: p.str("the title of the design as a string")}
		d.Span = p.since(first)
		return d
	case "use":
		d := &Use{Node: n, Path: p.str("the name or the path of a catalogue as a string")}
		d.Span = p.since(first)
		return d
	case "include":
		d := &Include{Node: n, Path: p.str("the path of a file as a string")}
		d.Span = p.since(first)
		return d
	case "flow":
		return p.flow(n, first)
	case "extend":
		return p.extend(n, first)
	case "each":
		return p.each(n, first)
	case "define":
		return p.define(n, first)
	case "attacker":
		d := &Attacker{Node: n, Name: p.name("the name of the attacker")}
		d.Body = p.optionalBody()
		d.Span = p.since(first)
		return d
	case "process":
		return p.process(n, first)
	case "require":
		return p.require(n, first)
	case "assume":
		d := &Assume{Node: n, Name: p.name("the name of the assumption")}
		p.expect(":")
		d.Formula = p.formula()
		d.Span = p.since(first)
		return d
	case "waive":
		return p.waive(n, first)
	default:
		return p.element(n, first, keyword)
	}
}

// mendKeyword reports a word that is not one of words; it returns the one that was meant, or fails.
func (p *parser) mendKeyword(words []string, what string) string {
	word := p.word(p.pos)
	meant := diag.Suggest(word, words)
	if meant == "" {
		p.fail("VAU0002", p.pos, "found %s, expected a %s", p.describe(p.pos), what)
	}
	p.errorAt("VAU0002", p.pos, "unknown %s %q%s", what, word, diag.DidYouMean(word, words))
	return meant
}

func (p *parser) element(n Node, first int, sort string) Decl {
	d := &Element{Node: n, Sort: Name{sort, p.tokenSpan(first)}}
	d.Names = p.names("a name")
	if !p.accept(":") {
		p.expected(`":" and a kind, or "," and another name`)
	}
	d.Kinds = p.names("a kind")
	switch {
	case sort != "data" && p.acceptWord("in"):
		d.In = p.names("a zone")
	case sort == "data" && p.acceptWord("of"):
		of := p.name("the actor whose data it is")
		d.Of = &of
	}
	if p.isPunct(p.pos, "{") {
		d.Body = p.body(sort == "zone")
	}
	d.Span = p.since(first)
	return d
}

func (p *parser) flow(n Node, first int) Decl {
	d := &Flow{Node: n}
	d.Sources = p.names("the name or the source of the flow")
	if len(d.Sources) == 1 && p.accept(":") {
		d.Name = &d.Sources[0]
		d.Sources = p.names("the source of the flow")
	}
	switch {
	case p.accept("<->"):
		d.Both = true
	case !p.accept("->"):
		p.expected(`"->" or "<->"`)
	}
	d.Targets = p.names("the target of the flow")
	if p.optionalWord("over") {
		protocol := p.name("a protocol")
		d.Protocol = &protocol
	}
	d.Blocked = p.optionalWord("blocked")
	if d.Protocol == nil && !d.Blocked && p.tok().kind == nameToken && !p.mayBeginDeclaration(p.pos) {
		p.expected(`"over" and a protocol`)
	}
	d.Body = p.optionalBody()
	d.Span = p.since(first)
	return d
}

// optionalWord reads a keyword if it is next; one that is misspelt is reported and read as if it were right.
func (p *parser) optionalWord(w string) bool {
	if p.tok().kind != nameToken || p.mayBeginDeclaration(p.pos) || diag.Suggest(p.word(p.pos), []string{w}) == "" && p.word(p.pos) != w {
		return false
	}
	p.expectWord(w)
	return true
}

// mayBeginDeclaration reports whether a token begins a declaration, maybe with its keyword misspelt.
func (p *parser) mayBeginDeclaration(i int) bool {
	return p.beginsDeclaration(i) || p.tokens[i].kind == nameToken && p.isFirstOnLine(i) &&
		(p.isWord(i, declarations...) || diag.Suggest(p.word(i), declarations) != "")
}

func (p *parser) extend(n Node, first int) Decl {
	d := &Extend{Node: n}
	if p.isWord(p.pos, sorts...) && p.tokens[p.ahead(1)].kind == nameToken && !p.isWord(p.ahead(1), "blocked") {
		d.Sort = &Name{p.word(p.pos), p.tokenSpan(p.pos)}
		p.advance()
	}
	start := p.pos
	d.Names = p.references("the name of an element")
	for i := start; i < p.pos; i++ {
		p.tokens[i].mark &^= tightMark // an arrow stands as it does in a flow
	}
	parts := p.pos
	if p.accept(":") {
		d.Kinds = p.names("a kind")
	}
	d.Blocked = p.optionalWord("blocked")
	d.Body = p.optionalBody()
	if p.pos == parts {
		p.expected(`":" and a kind, "blocked", or "{" and clauses`)
	}
	d.Span = p.since(first)
	return d
}

func (p *parser) each(n Node, first int) Decl {
	d := &Each{Node: n, Kind: p.name("a kind")}
	if p.acceptWord("in") {
		zone := p.name("a zone")
		d.In = &zone
	}
	start := p.pos
	d.Body = &Body{}
	for p.tok().kind == nameToken && !p.isWord(p.pos, "except") && !p.beginsDeclaration(p.pos) {
		clause := p.pos
		d.Body.Entries = append(d.Body.Entries, p.clause())
		p.tokens[clause].mark &^= entryMark // they stand on one line
	}
	if p.pos == start {
		p.expected(`a clause such as "has encryption"`)
	}
	d.Body.Span = p.since(start)
	if p.acceptWord("except") {
		d.Except = p.references("the name of an exception")
	}
	d.Span = p.since(first)
	return d
}

func (p *parser) define(n Node, first int) Decl {
	d := &Define{Node: n, Name: p.name("the name of the formula")}
	d.Params = p.parameterList()
	p.expect(":")
	d.Body = p.formula()
	d.Span = p.since(first)
	return d
}

// parameterList reads `(x: SORT, ...)` if a parenthesis is next.
func (p *parser) parameterList() []Param {
	if !p.isPunct(p.pos, "(") {
		return nil
	}
	p.mark(p.pos, tightMark)
	p.advance()
	if p.accept(")") {
		return nil
	}
	params := p.params("the name of a parameter")
	if !p.accept(")") {
		p.expected(`"," or ")"`)
	}
	return params
}

func (p *parser) waive(n Node, first int) Decl {
	d := &Waive{Node: n, Requirement: p.name("the name of a requirement")}
	p.expectWord("until")
	if p.tok().kind != dateToken {
		p.fail("VAU0015", p.pos, `found %s, expected a date such as "2027-03-01"`, p.describe(p.pos))
	}
	d.Until = Name{p.word(p.pos), p.tokenSpan(p.pos)}
	p.advance()
	p.expectWord("because")
	d.Because = p.str("the reason as a string")
	d.Span = p.since(first)
	return d
}

// The words that begin a property.
var properties = map[string]PropertyKind{
	"never": Never, "always": Always, "possible": Possible,
	"confidential": Confidential, "integrity": Integrity, "available": Available,
}

var propertyWords = []string{"never", "always", "possible", "confidential", "integrity", "available"}

func (p *parser) require(n Node, first int) Decl {
	p.context |= inRequire
	defer func() { p.context &^= inRequire }()
	d := &Require{Node: n, Name: p.name("the name of the requirement")}
	if p.acceptWord("for") {
		d.For = p.params("a variable")
	}
	p.expect(":")
	d.Property = p.property()
	for {
		part := p.pos
		switch {
		case p.acceptWord("against"):
			p.once(part, len(d.Against) > 0)
			d.Against = p.coalitions()
			d.AgainstAt = p.since(part)
		case p.acceptWord("tolerating"):
			p.once(part, d.Tolerating != nil)
			i := p.integer("a number of failures")
			d.Tolerating = &i
			if !p.acceptWord("failure") {
				p.expectWord("failures")
			}
		default:
			d.Body = p.optionalBody()
			d.Span = p.since(first)
			return d
		}
	}
}

// once fails where a part is there already.
func (p *parser) once(part int, already bool) {
	if already {
		p.fail("VAU0017", part, "%s is given twice, expected it once", p.describe(part))
	}
}

func (p *parser) coalitions() [][]Name {
	var out [][]Name
	for {
		members := []Name{p.name("an attacker")}
		for p.accept("+") {
			members = append(members, p.name("an attacker"))
		}
		out = append(out, members)
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) property() Property {
	first := p.pos
	word := ""
	if p.tok().kind == nameToken {
		word = p.word(p.pos)
	}
	kind, ok := properties[word]
	next := p.ahead(1)
	if !ok && word != "" && p.tokens[next].kind == nameToken && p.beginsOperand(next) {
		if meant := diag.Suggest(word, propertyWords); meant != "" {
			p.errorAt("VAU0018", p.pos, "unknown property %q%s", word, diag.DidYouMean(word, propertyWords))
			kind, ok = properties[meant], true
		}
	}
	if ok && kind >= Confidential && p.isPunct(next, "(") {
		ok = false // a predicate of that name
	}
	out := Property{Kind: kind}
	switch {
	case ok && kind >= Confidential:
		p.advance()
		out.Items = p.references("a name")
	case ok:
		p.advance()
		out.F = p.formula()
	default:
		out.Kind = OnlyAfter
		out.F = p.formula()
		if !p.acceptWord("only") {
			p.fail("VAU0018", p.pos, `found %s, expected "only after" or a property that begins with %s`, p.describe(p.pos), quoteList(propertyWords))
		}
		p.expectWord("after")
		out.G = p.formula()
	}
	out.Span = p.since(first)
	return out
}

func (p *parser) optionalBody() *Body {
	if !p.isPunct(p.pos, "{") {
		return nil
	}
	return p.body(false)
}

// body reads `{ clauses }`, in a zone also nested declarations. After an error it goes on with the next entry; a
// declaration at the start of a line shows that the closing brace is missing.
func (p *parser) body(zone bool) *Body {
	p.enter()
	defer p.leave()
	first := p.open()
	b := &Body{}
	for !p.isPunct(p.pos, "}") && p.tok().kind != endToken {
		start := p.pos
		isNested := zone && p.isWord(p.pos, nested...) && p.beginsDeclaration(p.pos)
		if !isNested && p.atLineStart(p.pos) && p.beginsDeclaration(p.pos) {
			break
		}
		var entry Decl
		ok := p.guard(func() {
			switch {
			case isNested:
				entry = p.declaration()
			case p.beginsDeclaration(p.pos):
				p.fail("VAU0016", p.pos, "%s cannot be declared here, expected it outside of the braces", p.describe(p.pos))
			default:
				entry = p.clause()
			}
		})
		if ok {
			b.Entries = append(b.Entries, entry)
			continue
		}
		p.lose(start)
		p.skip(start, func(i int) bool {
			return p.isWord(i, clauses...) || zone && p.isWord(i, nested...) && p.beginsDeclaration(i)
		})
	}
	p.close(first)
	b.Span = p.since(first)
	return b
}

// open reads the brace of a body.
func (p *parser) open() int {
	first := p.pos
	if !p.isPunct(p.pos, "{") {
		p.expected(`"{"`)
	}
	p.mark(p.pos, bodyMark)
	p.advance()
	return first
}

// close reads the brace that ends a body; where the text ends instead, it says so.
func (p *parser) close(open int) {
	if p.isPunct(p.pos, "}") {
		p.mark(p.pos, bodyMark)
		p.advance()
		return
	}
	p.errorAt("VAU0012", p.pos, `found %s, expected "}"`, p.describe(p.pos)).
		Label(p.tokenSpan(open), "opened here")
}

// clause reads a keyword with its items.
func (p *parser) clause() *Clause {
	first := p.pos
	if p.tok().kind != nameToken {
		p.expected(`a clause such as "has encryption", or "}"`)
	}
	c := &Clause{Node: p.node()}
	c.Keyword = p.keyword()
	if c.Keyword.Text == "sure" {
		c.Span = p.since(first)
		return c
	}
	if c.Keyword.Text == "has" && p.isWord(p.pos, "not") && p.tokens[p.ahead(1)].kind == nameToken {
		c.Not = true
		p.advance()
	}
	c.Items = p.items(first)
	if p.isWord(p.pos, "with") {
		if c.Keyword.Text != "stores" {
			p.fail("VAU0001", p.pos, `found "with" behind %q, expected it behind "stores" only`, c.Keyword.Text)
		}
		with := p.pos
		p.advance()
		c.With = p.items(with)
	}
	c.Span = p.since(first)
	return c
}

// items reads names, strings and integers with commas between them.
func (p *parser) items(keyword int) []Item {
	out := []Item{p.item(keyword)}
	for p.accept(",") {
		out = append(out, p.item(p.pos-1))
	}
	return out
}

func (p *parser) item(before int) Item {
	switch t := p.tok(); {
	case t.kind == stringToken:
		s := p.str("a string")
		return Item{Kind: StringItem, Text: s.Value, Span: s.Span}
	case t.kind == intToken, p.isPunct(p.pos, "-"):
		i := p.integer("an integer")
		return Item{Kind: IntItem, Int: i.Value, Span: i.Span}
	case t.kind == nameToken:
		first := p.pos
		n := p.reference("a name")
		maybe := p.accept("?")
		return Item{Kind: NameItem, Text: n.Text, Maybe: maybe, Span: p.since(first)}
	}
	d := p.errorAt("VAU0013", p.pos, "found %s behind %q, expected a name, a string or an integer", p.describe(p.pos), p.word(before))
	if before > 0 && !p.isWord(before, "with") && p.tokens[before].kind == nameToken && p.tokens[before-1].kind == nameToken && !p.isWord(before, clauses...) {
		d.Helpf("write a comma before %q if it belongs to the list before it", p.word(before))
	}
	panic(bail{})
}
