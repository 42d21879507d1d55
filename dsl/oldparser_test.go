package dsl

import (
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// oldParser reads declarations as the parser did that was written by hand before the grammar. It shares the scanner, the
// recovery and the formulas, and is here to be compared with: to be dropped after the next release.
type oldParser struct{ *parser }

// names reads names with commas between them.
func (p oldParser) names(what string) []Name {
	out := []Name{p.name(what)}
	for p.accept(",") {
		out = append(out, p.name(what))
	}
	return out
}

// str reads a string.
func (p oldParser) str(what string) String {
	if p.tok().kind != stringToken {
		p.expected(what)
	}
	s := String{p.unquote(p.pos), p.tokenSpan(p.pos)}
	p.advance()
	return s
}

// node begins a declaration at the current token with the doc comment before it.
func (p oldParser) node() Node {
	p.mark(p.pos, entryMark)
	return Node{Span: p.tokenSpan(p.pos), Doc: p.doc()}
}

// declarations reads the whole text.
func (p oldParser) declarations() []Decl {
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

func (p oldParser) declaration() Decl {
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

func (p oldParser) element(n Node, first int, sort string) Decl {
	d := &Element{Node: n, Sort: Name{sort, p.tokenSpan(first)}}
	d.Names = p.names("a name")
	if !p.accept(":") {
		p.expected(`":" and a kind, or "," and another name`)
	}
	d.Kinds = p.names("a kind")
	if sort != "data" && p.acceptWord("in") {
		d.In = p.names("a zone")
	}
	if sort != "zone" && p.acceptWord("of") {
		of := p.name("the actor that each has one of")
		d.Of = &of
	}
	if p.isPunct(p.pos, "{") {
		d.Body = p.body(sort == "zone")
	}
	d.Span = p.since(first)
	return d
}

func (p oldParser) flow(n Node, first int) Decl {
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
		p.expected(`":" behind the name of the flow, "->" or "<->"`)
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
func (p oldParser) optionalWord(w string) bool {
	if p.tok().kind != nameToken || p.mayBeginDeclaration(p.pos) || diag.Suggest(p.word(p.pos), []string{w}) == "" && p.word(p.pos) != w {
		return false
	}
	p.expectWord(w)
	return true
}

func (p oldParser) extend(n Node, first int) Decl {
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

func (p oldParser) each(n Node, first int) Decl {
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

func (p oldParser) define(n Node, first int) Decl {
	d := &Define{Node: n, Name: p.name("the name of the formula")}
	d.Params = p.parameterList()
	p.expect(":")
	d.Body = p.formula()
	d.Span = p.since(first)
	return d
}

// parameterList reads `(x: SORT, ...)` if a parenthesis is next.
func (p oldParser) parameterList() []Param {
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

func (p oldParser) waive(n Node, first int) Decl {
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

func (p oldParser) require(n Node, first int) Decl {
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
		case p.acceptWord("at"):
			p.once(part, d.AtScale.IsValid())
			p.expectWord("scale")
			d.AtScale = p.since(part)
		case p.acceptWord("tolerating"):
			p.once(part, d.Tolerating != nil)
			i := p.integer("a number of failures")
			d.Tolerating = &i
			if word := diag.Suggest(p.word(p.pos), []string{"failure", "failures"}); word == "failure" && !p.isWord(p.pos, "failures") { // it knew no misspelt "failure"
				p.expectWord("failure")
			} else if !p.acceptWord("failure") {
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
func (p oldParser) once(part int, already bool) {
	if already {
		p.fail("VAU0017", part, "%s is given twice, expected it once", p.describe(part))
	}
}

func (p oldParser) coalitions() [][]Name {
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

func (p oldParser) property() Property {
	first := p.pos
	word := ""
	if p.tok().kind == nameToken {
		word = p.word(p.pos)
	}
	kind, ok := propertyKinds[word]
	next := p.ahead(1)
	if !ok && word != "" && p.tokens[next].kind == nameToken && p.beginsOperand(next) {
		if meant := diag.Suggest(word, properties); meant != "" {
			p.errorAt("VAU0018", p.pos, "unknown property %q%s", word, diag.DidYouMean(word, properties))
			kind, ok = propertyKinds[meant], true
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
			p.noProperty()
		}
		p.expectWord("after")
		out.G = p.formula()
	}
	out.Span = p.since(first)
	return out
}

func (p oldParser) optionalBody() *Body {
	if !p.isPunct(p.pos, "{") {
		return nil
	}
	return p.body(false)
}

// body reads `{ clauses }`, in a zone also nested declarations. After an error it goes on with the next entry; a
// declaration at the start of a line shows that the closing brace is missing.
func (p oldParser) body(zone bool) *Body {
	p.enter()
	defer p.leave()
	first := p.open()
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

// open reads the brace of a body.
func (p oldParser) open() int {
	first := p.pos
	if !p.isPunct(p.pos, "{") {
		p.expected(`"{"`)
	}
	p.mark(p.pos, bodyMark)
	p.advance()
	return first
}

// clause reads a keyword with its items.
func (p oldParser) clause() *Clause {
	first := p.pos
	p.first = first
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
func (p oldParser) items(keyword int) []Item {
	out := []Item{p.item(keyword)}
	for p.accept(",") {
		out = append(out, p.item(p.pos-1))
	}
	return out
}

func (p oldParser) item(before int) Item {
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

func (p oldParser) process(n Node, first int) Decl {
	p.context |= inProcess
	defer func() { p.context &^= inProcess }()
	d := &Process{Node: n, Name: p.name("the name of the process")}
	open := p.open()
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
	d.Span = p.since(first)
	return d
}

func (p oldParser) member() Decl {
	if p.tok().kind != nameToken {
		p.expected("a member of the process: " + quoteList(members))
	}
	first := p.pos
	keyword := p.word(first)
	if !p.isWord(first, members...) {
		keyword = p.mendKeyword(members, "member of a process")
	}
	n := p.node()
	p.advance()
	switch keyword {
	case "domain":
		return p.domain(n, first)
	case "value":
		return p.value(n, first)
	case "fact":
		d := &Fact{Node: n, Name: p.name("the name of the fact")}
		d.Params = p.fields()
		if p.accept("=") {
			d.Init = p.term()
		}
		d.Span = p.since(first)
		return d
	case "var":
		return p.variable(n, first)
	case "message":
		return p.message(n, first)
	default:
		return p.step(n, first)
	}
}

func (p oldParser) domain(n Node, first int) Decl {
	d := &Domain{Node: n, Name: p.name("the name of the domain")}
	p.expect("=")
	if p.tok().kind == nameToken {
		d.Values = p.names("a value")
	} else {
		d.Lo = p.integer(`a value, or a range such as "0..3"`)
		p.expect("..")
		d.Hi = p.integer("the last integer of the range")
	}
	d.Secret = p.acceptWord("secret")
	d.Span = p.since(first)
	return d
}

func (p oldParser) value(n Node, first int) Decl {
	d := &Value{Node: n, Name: p.name("the name of the value")}
	d.Params = p.fields()
	p.expect(":")
	d.Type = p.name("a kind or a domain")
	p.expect("=")
	if p.isPunct(p.pos, "{") {
		d.Entries = p.table()
	} else {
		d.All = p.term()
	}
	d.Span = p.since(first)
	return d
}

// table reads `{ a: 1, (b, c): 2 }`.
func (p oldParser) table() []Entry {
	open := p.open()
	var out []Entry
	for !p.isPunct(p.pos, "}") {
		first := p.pos
		p.mark(p.pos, entryMark)
		var e Entry
		if p.accept("(") {
			for {
				e.Args = append(e.Args, p.term())
				if !p.accept(",") {
					break
				}
			}
			p.expect(")")
		} else {
			e.Args = []Expr{p.term()}
		}
		p.expect(":")
		e.Result = p.term()
		e.Span = p.since(first)
		out = append(out, e)
		if !p.accept(",") {
			break
		}
	}
	if !p.isPunct(p.pos, "}") {
		p.expected(`"," or "}"`)
	}
	p.close(open)
	return out
}

func (p oldParser) variable(n Node, first int) Decl {
	d := &Var{Node: n, Name: p.name("the name of the variable")}
	d.Params = p.fields()
	p.expect(":")
	d.Type = p.name("a kind or a domain")
	d.Maybe = p.accept("?")
	if p.accept("=") {
		d.Init = p.term()
	}
	d.Bounded = p.acceptWord("bounded")
	d.Span = p.since(first)
	return d
}

func (p oldParser) message(n Node, first int) Decl {
	d := &Message{Node: n, Name: p.name("the name of the message")}
	d.Fields = p.fields()
	p.expectWord("over")
	d.Over = p.reference("a flow")
	if p.acceptWord("signed") {
		p.expectWord("by")
		d.Signed = p.term()
		if p.acceptWord("except") {
			d.Except = p.names("a field")
		}
	}
	d.Span = p.since(first)
	return d
}

func (p oldParser) step(n Node, first int) Decl {
	d := &Step{Node: n, Name: p.name("the name of the step")}
	d.Params = p.parameterList()
	if !p.isWord(p.pos, "by") {
		p.expected(`"by" and who takes the step`)
	}
	for p.isWord(p.pos, stepParts...) {
		part := p.pos
		p.advance()
		switch p.word(part) {
		case "by":
			p.once(part, d.By != nil)
			d.By = p.names("a party")
			if p.acceptWord("with") {
				d.By = append(d.By, p.names("a party")...)
			}
			if p.acceptWord("for") {
				d.For = p.params("a variable")
			}
			continue
		case "receives":
			p.once(part, d.Receives != nil)
			d.Receives = p.calls()
		case "when":
			p.once(part, d.When != nil)
			d.When = p.formula()
		case "do":
			p.once(part, d.Do != nil)
			d.Do = p.effects()
		case "sends":
			p.once(part, d.Sends != nil)
			d.Sends = p.calls()
		}
		p.mark(part, partMark)
	}
	d.Span = p.since(first)
	if p.steps == nil {
		p.steps = map[int]int{}
	}
	p.steps[first] = p.pos
	return d
}

func (p oldParser) calls() []*Call {
	out := []*Call{p.call("a message")}
	for p.accept(",") {
		out = append(out, p.call("a message"))
	}
	return out
}

func (p oldParser) effects() []*Effect {
	out := []*Effect{p.effect()}
	for p.accept(",") {
		out = append(out, p.effect())
	}
	return out
}

func (p oldParser) effect() *Effect {
	first := p.pos
	e := &Effect{}
	if p.isWord(p.pos, "forall") && p.beginsVariable() {
		p.advance()
		e.Forall = p.params("a variable")
		p.expect("|")
	}
	e.Not = p.isWord(p.pos, "not") && p.tokens[p.ahead(1)].kind == nameToken && !p.endsFormula(p.ahead(1))
	if e.Not {
		p.advance()
	}
	e.Target = p.call("a fact or a variable")
	switch {
	case !p.isPunct(p.pos, ":="):
		if p.isPunct(p.pos, "=") {
			p.fail("VAU0001", p.pos, `found "=", expected ":=" in an assignment`)
		}
	case e.Not:
		p.fail("VAU0001", p.pos, `found ":=" behind "not", expected either an assignment or a fact that becomes false`)
	default:
		p.advance()
		e.Assign = p.formula()
	}
	e.Span = p.since(first)
	return e
}

// fields reads `(SORT, x: SORT, ...)` if a parenthesis is next: parameters whose names may be missing.
func (p oldParser) fields() []Param {
	if !p.isPunct(p.pos, "(") {
		return nil
	}
	p.mark(p.pos, tightMark)
	p.advance()
	var out []Param
	if p.accept(")") {
		return out
	}
	for {
		var name Name
		if p.isPunct(p.ahead(1), ":") {
			name = p.name("a name")
			p.advance()
		}
		out = append(out, p.sort(name))
		if p.accept(")") {
			return out
		}
		if !p.accept(",") {
			p.expected(`"," or ")"`)
		}
	}
}
