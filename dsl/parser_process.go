package dsl

// The words that begin the members of a process.
var members = []string{"domain", "value", "fact", "var", "message", "step"}

// The words that begin the parts of a step.
var stepParts = []string{"by", "receives", "when", "do", "sends"}

func (p *parser) process(n Node, first int) Decl {
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
		p.lose(start)
		p.skip(start, func(i int) bool {
			return p.isWord(i, members...) && p.tokens[p.within(i+1)].kind == nameToken
		})
	}
	p.close(open)
	d.Span = p.since(first)
	return d
}

func (p *parser) member() Decl {
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

func (p *parser) domain(n Node, first int) Decl {
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

func (p *parser) value(n Node, first int) Decl {
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
func (p *parser) table() []Entry {
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

func (p *parser) variable(n Node, first int) Decl {
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

func (p *parser) message(n Node, first int) Decl {
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

func (p *parser) step(n Node, first int) Decl {
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

func (p *parser) calls() []*Call {
	out := []*Call{p.call("a message")}
	for p.accept(",") {
		out = append(out, p.call("a message"))
	}
	return out
}

// call reads a name with arguments, which may be missing with their parentheses.
func (p *parser) call(what string) *Call {
	first := p.pos
	c := &Call{Name: p.name(what)}
	if p.isPunct(p.pos, "(") {
		c.Args = p.arguments()
	}
	c.Span = p.since(first)
	return c
}

func (p *parser) effects() []*Effect {
	out := []*Effect{p.effect()}
	for p.accept(",") {
		out = append(out, p.effect())
	}
	return out
}

func (p *parser) effect() *Effect {
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
