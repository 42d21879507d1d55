package dsl

import (
	"cmp"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

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
		out = append(out, p.recover(start, func(i int) bool {
			return p.beginsDeclaration(i) || p.isWord(i, declarations...) && p.isFirstOnLine(i) ||
				p.tokens[i].kind == nameToken && p.atLineStart(i) && diag.Suggest(p.word(i), declarations) != ""
		}))
		for p.isPunct(p.pos, "}") { // what it closes was lost
			p.advance()
		}
	}
	return out
}

// recover goes on behind a mistake, from within what begins at start to where stop holds. The node that it returns stands
// for what was lost.
func (p *parser) recover(start int, stop func(int) bool) Decl {
	if p.pos == start {
		p.advance()
	}
	p.skip(start, stop)
	d := &Broken{Node: Node{Span: p.since(start)}, Begun: p.begun}
	if p.begun = nil; d.Begun != nil {
		d.Begun.(interface{ set(Node) }).set(d.Node)
	}
	inside := p.context&inProcess != 0 || p.isWord(start, "process")
	for i := start; i < p.pos; i++ {
		if i == start || p.beginsDeclaration(i) || inside && p.isWord(i, members...) {
			d.Names = append(d.Names, p.declared(i)...)
		}
	}
	for _, n := range d.Names {
		p.broken = append(p.broken, n.Name)
	}
	p.broken = append(p.broken, p.misnamed(start)...)
	return d
}

// misnamed are what a declaration may be called by those who speak of it, where its name is no name: one in quotes, or of several words.
func (p *parser) misnamed(first int) []Name {
	i := first + 1
	switch {
	case sortOf(p.word(first)) == "" || i >= len(p.tokens):
		return nil
	case p.tokens[i].kind == stringToken:
		return []Name{{strings.Trim(p.word(i), "\"`"), p.tokenSpan(i)}}
	}
	var out []Name
	for i++; i < len(p.tokens) && p.tokens[i].kind == nameToken; i++ {
		out = append(out, Name{p.word(i), p.tokenSpan(i)})
	}
	if !p.isPunct(p.within(i), ":") {
		return nil
	}
	return out
}

// declared returns the names that a declaration or a member which begins at a token declares, as far as its beginning tells.
func (p *parser) declared(first int) []Lost {
	keyword := cmp.Or(p.meant[first], p.word(first))
	switch keyword {
	case "design": // of which there is one
		return []Lost{{Name: Name{keyword, p.tokenSpan(first)}}}
	case "include": // nobody knows what it would have declared
		return []Lost{{Name: Name{"", p.tokenSpan(first)}}}
	}
	sort := sortOf(keyword)
	if sort == "" {
		return nil
	}
	var out []Lost
	domain := keyword == "domain" // declares its values, too
	for i, more := p.within(first+1), true; ; i = p.within(i + 1) {
		switch {
		case p.tokens[i].kind == nameToken && (more || domain && !p.isWord(i, members...)):
			out = append(out, Lost{Name{p.word(i), p.tokenSpan(i)}, sort})
			if more = false; domain {
				sort = domainValue
			}
		case p.isPunct(i, ",") || domain && (p.isPunct(i, "=") || p.isPunct(i, "{") || p.isPunct(i, "|")):
			more = true
		default:
			return out
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
		d := p.errorAt("VAU0001", p.pos, "found %s, expected a declaration", p.describe(p.pos))
		if p.isPunct(p.pos, "->") {
			d.Helpf("a condition is written `A implies B`; a flow begins with `flow`")
		}
		panic(bail{})
	}
	return p.produce(declarations, "declaration")
}

// produce reads what begins with a keyword, with the comments before it.
func (p *parser) produce(words []string, what string) Decl {
	first := p.pos
	keyword := p.word(first)
	if !p.isWord(first, words...) {
		keyword = p.mendKeyword(words, what)
		p.mean(first, keyword)
		p.reader.fill(first, 0)
	}
	return p.place(p.reader.read[keyword])
}

// place has a declaration read, and says where it stands.
func (p *parser) place(read func(*parser) Decl) Decl {
	first := p.pos
	p.mark(first, entryMark)
	doc := p.doc()
	d := read(p)
	d.(interface{ set(Node) }).set(Node{p.since(first), doc})
	return d
}

// mendKeyword reports a word that is not one of words; it returns the one that was meant, or fails.
func (p *parser) mendKeyword(words []string, what string) string {
	word := p.word(p.pos)
	meant := diag.Suggest(word, words)
	if meant == "" {
		p.advise(p.errorAt("VAU0002", p.pos, "found %s, expected a %s", p.describe(p.pos), what))
		panic(bail{})
	}
	p.errorAt("VAU0002", p.pos, "unknown %s %q%s", what, word, diag.DidYouMean(word, words))
	return meant
}

// alike are words that other languages have for what is called differently here.
var alike = map[string]string{
	"import": "`include` for a file of the design, or `use` for a catalogue", "boundary": "`zone`", "network": "`zone`", "trust_boundary": "`zone`", "user": "`actor`",
	"person": "`actor`", "role": "`actor`", "service": "`component`", "server": "`component`", "system": "`component`", "process": "`component`", "store": "`component`", "database": "`component`",
	"asset": "`data`", "dataflow": "`flow`", "connection": "`flow`", "threat": "`attacker` or `require`", "adversary": "`attacker`", "rule": "`require`", "goal": "`require`",
	"assert": "`require`", "requirement": "`require`", "accept": "`waive`", "function": "`define`", "foreach": "`each`",
}

// alikeInProcess are such words where members of a process and parts of a step stand.
var alikeInProcess = map[string]string{
	"if": "`when`", "given": "`when`", "requires": "`when`", "guard": "`when`", "then": "`do`", "set": "`do`", "on": "`receives`", "receive": "`receives`", "send": "`sends`", "emit": "`sends`",
	"secret": "`secret` at the end of a `domain`", "state": "`var`", "variable": "`var`", "enum": "`domain`", "type": "`domain`", "const": "`value`", "constant": "`value`", "action": "`step`", "transition": "`step`", "event": "`message`",
}

// advise adds to the report of a word that begins no declaration what to do about it.
func (p *parser) advise(d *diag.Diagnostic) {
	word := p.word(p.pos)
	if p.context&inProcess != 0 {
		if meant := alikeInProcess[strings.ToLower(word)]; meant != "" {
			d.Helpf("perhaps %s is meant", meant)
		}
		return
	}
	switch {
	case alike[strings.ToLower(word)] != "":
		d.Helpf("perhaps %s is meant", alike[strings.ToLower(word)])
	case p.isWord(p.pos, "and", "or") && p.listOf() == "against":
		d.Helpf("write a comma for each by itself, or `+` for those who work together")
	case p.isWord(p.pos, "and", "or"):
		d.Helpf("write a comma between the names of a list")
	case word == "in" && p.listOf() == ":":
		d.Helpf("data has no zone: a component `stores` or `handles` it, a flow `carries` it")
	case IsWord(word, MemberWord|PartWord):
		d.Helpf("write it inside the braces of a `process`")
	case IsWord(word, clauseWord):
		d.Helpf("write clauses inside braces, as in `{ %s ... }`", word)
	}
}

// listOf is the word or the sign that stands before the list of names that ends before the current token.
func (p *parser) listOf() string {
	i := p.pos - 1
	for i > 0 && p.tokens[i].kind == nameToken && (p.isPunct(i-1, ",") || p.isPunct(i-1, "+")) {
		i -= 2
	}
	if i < 1 || p.tokens[i].kind != nameToken {
		return ""
	}
	return p.word(i - 1)
}

// mayBeginDeclaration reports whether a token begins a declaration, maybe with its keyword misspelt.
func (p *parser) mayBeginDeclaration(i int) bool {
	return p.beginsDeclaration(i) || p.tokens[i].kind == nameToken && p.isFirstOnLine(i) &&
		(p.isWord(i, declarations...) || diag.Suggest(p.word(i), declarations) != "")
}

func (g *processHead) decl(p *parser) Decl {
	p.context |= inProcess
	defer func() { p.context &^= inProcess }()
	d := &Process{Name: p.id(g.Name)}
	open := g.Open[0].Pos.Line
	p.mark(open, bodyMark)
	for !p.isPunct(p.pos, "}") && p.tok().kind != endToken && !p.beginsDeclaration(p.pos) {
		start := p.pos
		var m Decl
		if p.guard(func() { m = p.member() }) {
			d.Members = append(d.Members, m)
			continue
		}
		d.Members = append(d.Members, p.recover(start, func(i int) bool {
			return p.isWord(i, members...) && p.tokens[p.within(i+1)].kind == nameToken
		}))
	}
	p.close(open)
	return d
}

func (p *parser) member() Decl {
	if p.tok().kind != nameToken {
		p.expected("a member of the process: " + quoteList(members))
	}
	return p.produce(members, "member of a process")
}

func (p *parser) clause() Decl {
	if p.tok().kind != nameToken {
		d := p.errorAt("VAU0001", p.pos, `found %s, expected a clause such as "has encryption", or "}"`, p.describe(p.pos))
		if p.isPunct(p.pos, "=") || p.isPunct(p.pos, ":") {
			d.Helpf("clauses have no %q: `has NAME` is enough, `has NAME?` is undecided", p.word(p.pos))
		}
		panic(bail{})
	}
	return p.place(p.reader.read[""])
}

// body reads `{ clauses }`, in a zone also nested declarations. After an error it goes on with the next entry; a
// declaration at the start of a line shows that the closing brace is missing.
func (p *parser) body(open lexemes, zone bool) *Body {
	if open == nil {
		return nil
	}
	p.enter()
	defer p.leave()
	first := open[0].Pos.Line
	p.mark(first, bodyMark)
	b := &Body{}
	once := map[string]source.Span{}
	for !p.isPunct(p.pos, "}") && p.tok().kind != endToken {
		start := p.pos
		isDeclaration := p.isWord(p.pos, declarations...) && p.tokens[p.ahead(1)].kind == nameToken || p.beginsDeclaration(p.pos)
		isNested := zone && isDeclaration && p.isWord(p.pos, nested...)
		if !isNested && p.atLineStart(p.pos) && p.beginsDeclaration(p.pos) {
			break
		}
		var entry Decl
		ok := p.guard(func() {
			switch {
			case isNested:
				entry = p.declaration()
			case isDeclaration:
				p.fail("VAU0016", p.pos, "%s cannot be declared here, expected it outside of the braces", p.describe(p.pos))
			default:
				entry = p.clause()
			}
		})
		if ok {
			if !p.isTwice(once, entry) {
				b.Entries = append(b.Entries, entry)
			}
			continue
		}
		b.Entries = append(b.Entries, p.recover(start, func(i int) bool {
			return p.isWord(i, clauses...) || zone && p.isWord(i, nested...) && p.beginsDeclaration(i)
		}))
	}
	p.close(first)
	b.Span = p.since(first)
	return b
}

// isTwice reports a clause that a body has already and may have once; it notes those that it has.
func (p *parser) isTwice(has map[string]source.Span, entry Decl) bool {
	c, ok := entry.(*Clause)
	if !ok || !IsWord(c.Keyword.Text, OnceWord) {
		return false
	}
	if first, ok := has[c.Keyword.Text]; ok {
		p.errorAt("VAU0017", p.first, "%q is given twice, expected it once", c.Keyword.Text).Label(first, "given here")
		return true
	}
	has[c.Keyword.Text] = c.Keyword.Span
	return false
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

// item reads a name, a string or an integer.
func (p *parser) item() Item {
	before := p.pos - 1
	if !p.isPunct(before, ",") && !p.isWord(before, "with") {
		before = p.first
	}
	switch t := p.tok(); {
	case t.kind == stringToken:
		p.advance()
		return Item{Kind: StringItem, Text: p.unquote(p.pos - 1), Span: p.tokenSpan(p.pos - 1)}
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
	} else if p.isPunct(p.pos, ":") || p.isPunct(p.pos, "=") {
		d.Helpf("clauses have no %q: write `%s` and what belongs to it", p.word(p.pos), p.word(before))
	}
	panic(bail{})
}
