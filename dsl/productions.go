package dsl

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// What the productions of the grammar become in the tree, with the checks that a grammar cannot say.

func (g *design) decl(p *parser) Decl  { return &Design{Title: p.quoted(g.Title)} }
func (g *use) decl(p *parser) Decl     { return &Use{Path: p.quoted(g.Path)} }
func (g *include) decl(p *parser) Decl { return &Include{Path: p.quoted(g.Path)} }

// begun is what elements and flows say before their braces. Of one with an error it is what was read before that, a name at least.

func (g *zone) begun(p *parser) Decl { return p.element(g.Sort, g.Names, g.Kinds, g.In, nil) }

func (g *party) begun(p *parser) Decl { return p.element(g.Sort, g.Names, g.Kinds, g.In, g.Of) }

func (g *data) begun(p *parser) Decl { return p.element(g.Sort, g.Names, g.Kinds, nil, g.Of) }

func (p *parser) element(sort lexeme, names, kinds, in, of lexemes) Decl {
	if len(names) == 0 {
		return nil
	}
	return &Element{Sort: p.id(sort), Names: p.ids(names), Kinds: p.ids(kinds), In: p.ids(in), Of: p.maybe(of)}
}

func (g *zone) decl(p *parser) Decl  { return p.with(g.begun(p).(*Element), g.Body, true) }
func (g *party) decl(p *parser) Decl { return p.with(g.begun(p).(*Element), g.Body, false) }
func (g *data) decl(p *parser) Decl  { return p.with(g.begun(p).(*Element), g.Body, false) }

// with reads the braces of an element.
func (p *parser) with(d *Element, body lexemes, zone bool) Decl {
	d.Body = p.body(body, zone)
	return d
}

func (g *flow) begun(p *parser) Decl {
	if g.First.Value == "" {
		return nil
	}
	d := &Flow{Both: g.Both, Targets: p.ids(g.Targets), Protocol: p.maybe(g.Protocol), Blocked: g.Blocked}
	if g.Sources != nil {
		d.Name, d.Sources = p.maybe(lexemes{g.First}), p.ids(g.Sources)
	} else {
		d.Sources = p.ids(append(lexemes{g.First}, g.More...))
	}
	return d
}

func (g *flow) decl(p *parser) Decl {
	d := g.begun(p).(*Flow)
	if d.Protocol == nil && !d.Blocked && g.Body == nil && p.tok().kind == nameToken && !p.mayBeginDeclaration(p.pos) {
		p.begun = d
		p.expected(`"over" and a protocol`)
	}
	d.Body = p.body(g.Body, false)
	return d
}

func (g *extend) decl(p *parser) Decl {
	if g.Kinds == nil && !g.Blocked && g.Body == nil {
		p.expected(`":" and a kind, "blocked", or "{" and clauses`)
	}
	return &Extend{Sort: p.maybe(g.Sort), Names: p.refs(g.Names, 0), Kinds: p.ids(g.Kinds), Blocked: g.Blocked, Body: p.body(g.Body, false)}
}

func (g *eachOf) decl(p *parser) Decl {
	d := &Each{Kind: p.id(g.Kind), In: p.maybe(g.In), Body: &Body{}}
	start := p.pos
	for p.tok().kind == nameToken && !p.isWord(p.pos, "except") && !p.beginsDeclaration(p.pos) {
		func() {
			defer func(first int) { p.tokens[first].mark &^= entryMark }(p.pos) // they stand on one line
			d.Body.Entries = append(d.Body.Entries, p.clause())
		}()
	}
	if p.pos == start {
		p.expected(`a clause such as "has encryption"`)
	}
	d.Body.Span = p.since(start)
	if p.isWord(p.pos, "except") {
		d.Except = p.refs(run(p, p.reader.exceptions).Except, tightMark)
	}
	return d
}

func (g *define) decl(p *parser) Decl {
	return &Define{Name: p.id(g.Name), Params: g.read(p), Body: g.Body}
}

func (g *attacker) decl(p *parser) Decl {
	return &Attacker{Name: p.id(g.Name), Body: p.body(g.Body, false)}
}

func (g *require) decl(p *parser) Decl {
	d := &Require{Name: p.id(g.Name), For: params(p, g.For), Property: g.Property.(Property)}
	for _, part := range g.Parts {
		switch {
		case part.Against != nil:
			p.once(part.Tokens[0].Pos.Line, d.Against != nil)
			d.Against, d.AgainstAt = [][]Name{nil}, p.over(part.Tokens)
			for _, x := range part.Against {
				switch last := len(d.Against) - 1; x.Value {
				case ",":
					d.Against = append(d.Against, nil)
				case "+":
				default:
					d.Against[last] = append(d.Against[last], p.id(x))
				}
			}
		case part.Scale != nil:
			p.once(part.Tokens[0].Pos.Line, d.AtScale.IsValid())
			d.AtScale = p.over(part.Tokens)
		default:
			p.once(part.Tokens[0].Pos.Line, d.Tolerating != nil)
			i := p.number(part.Tolerating[0])
			d.Tolerating = &i
		}
	}
	d.Body = p.body(g.Body, false)
	return d
}

func (g *assume) decl(p *parser) Decl { return &Assume{Name: p.id(g.Name), Formula: g.Formula} }

func (g *waive) decl(p *parser) Decl {
	return &Waive{Requirement: p.id(g.Name), Until: p.id(g.Until), Because: p.quoted(g.Because)}
}

func (g *domain) decl(p *parser) Decl {
	d := &Domain{Name: p.id(g.Name), Values: p.ids(g.Values), Secret: g.Secret}
	if g.Values != nil && p.isPunct(p.pos, "|") {
		p.expected(`"," between the values`)
	}
	if g.Lo != nil {
		d.Lo, d.Hi = p.number(g.Lo[0]), p.number(g.Hi[0])
	}
	return d
}

func (g *value) decl(p *parser) Decl {
	d := &Value{Name: p.id(g.Name), Params: g.read(p), Type: p.id(g.Type), All: g.All}
	for _, e := range g.Table {
		d.Entries = append(d.Entries, Entry{Args: as[Expr](e.Args), Result: e.Result, Span: p.over(e.Tokens)})
		p.mark(e.Tokens[0].Pos.Line, entryMark)
	}
	if g.Open != nil {
		p.mark(g.Open[0].Pos.Line, bodyMark)
		p.mark(g.Close[0].Pos.Line, bodyMark)
	}
	return d
}

func (g *fact) decl(p *parser) Decl {
	return &Fact{Name: p.id(g.Name), Params: g.read(p), Init: g.Init}
}

func (g *variable) decl(p *parser) Decl {
	return &Var{Name: p.id(g.Name), Params: g.read(p), Type: p.id(g.Type), Maybe: g.Maybe, Init: g.Init, Bounded: g.Bounded}
}

func (g *message) decl(p *parser) Decl {
	return &Message{Name: p.id(g.Name), Fields: g.read(p), Over: p.refs(g.Over, tightMark)[0], Signed: g.Signed, Except: p.ids(g.Except)}
}

func (g *step) decl(p *parser) Decl {
	d := &Step{Name: p.id(g.Name), Params: g.read(p), By: p.ids(g.By), For: params(p, g.For)}
	for _, part := range g.Parts {
		at := part.Tokens[0].Pos.Line
		switch {
		case part.Receives != nil:
			p.once(at, d.Receives != nil)
			d.Receives = as[*Call](part.Receives)
		case part.When != nil:
			p.once(at, d.When != nil)
			d.When = part.When
		case part.Do != nil:
			p.once(at, d.Do != nil)
			for _, e := range part.Do {
				d.Do = append(d.Do, e.effect(p))
			}
		default:
			p.once(at, d.Sends != nil)
			d.Sends = as[*Call](part.Sends)
		}
		p.mark(at, partMark)
	}
	switch {
	case p.isWord(p.pos, "by"):
		p.once(p.pos, true)
	case p.isPunct(p.pos, ":=") && len(d.Do) > 0 && d.Do[len(d.Do)-1].Not:
		p.refuse(p.pos, `found ":=" behind "not", expected either an assignment or a fact that becomes false`)
	case p.isPunct(p.pos, "="):
		p.refuse(p.pos, `found "=", expected ":=" in an assignment`)
	}
	if p.steps == nil {
		p.steps = map[int]int{}
	}
	p.steps[p.first] = p.pos
	return d
}

func (g *effect) effect(p *parser) *Effect {
	e := &Effect{Node: Node{Span: p.over(g.Tokens)}, Forall: params(p, g.Forall), Not: g.Not != nil, Assign: g.Assign}
	e.Target, _ = cmp.Or(g.Not, g.Target).(*Call)
	return e
}

func (g *clause) decl(p *parser) Decl {
	keyword := slices.Concat(g.Alone, g.Stores, g.Keyword)
	c := &Clause{Keyword: p.id(keyword[0]), Items: as[Item](append(g.Stored, g.Items...)), With: as[Item](g.With)}
	if len(keyword) > 1 {
		c.Not = keyword[1].Value == "not"
		if !c.Not {
			c.Keyword.Text += " " + keyword[1].Value
			c.Keyword.Span = p.over(keyword)
		}
	}
	if p.isWord(p.pos, "with") && g.With == nil && g.Alone == nil {
		p.fail("VAU0001", p.pos, `found "with" behind %q, expected it behind "stores" only`, c.Keyword.Text)
	}
	return c
}

func (g param) param(p *parser) Param {
	return Param{Name: p.id(g.Name), Sort: p.id(g.Sort), Maybe: g.Maybe}
}

func (g field) param(p *parser) Param {
	if g.Second == nil {
		return Param{Sort: p.id(g.First), Maybe: g.Maybe}
	}
	return Param{Name: p.id(g.First), Sort: p.id(g.Second[0]), Maybe: g.Maybe}
}

func params[P interface{ param(*parser) Param }](p *parser, gs []P) []Param {
	var out []Param
	for _, g := range gs {
		out = append(out, g.param(p))
	}
	return out
}

// read returns the parameters of a declaration, and marks the parenthesis behind its name.
func (g parameters[P]) read(p *parser) []Param {
	if open := p.within(p.first + 2); p.isPunct(open, "(") {
		p.mark(open, tightMark)
	}
	return params(p, g.Params)
}

// id is a name that was read.
func (p *parser) id(x lexeme) Name { return Name{x.Value, p.tokenSpan(x.Pos.Line)} }

// ids are names with a word or a mark between each two.
func (p *parser) ids(xs lexemes) []Name {
	var out []Name
	for i := 0; i < len(xs); i += 2 {
		out = append(out, p.id(xs[i]))
	}
	return out
}

// maybe is a name that may be missing.
func (p *parser) maybe(xs lexemes) *Name {
	if len(xs) == 0 {
		return nil
	}
	n := p.id(xs[0])
	return &n
}

// refs are names and `A->B`, which is what a flow without a name is called; m is a mark for the arrow.
func (p *parser) refs(xs lexemes, m mark) []Name {
	var out []Name
	for i := 0; i < len(xs); i += 2 {
		n := p.id(xs[i])
		if i > 0 && xs[i-1].Value == "->" {
			p.mark(xs[i-1].Pos.Line, m)
			last := &out[len(out)-1]
			last.Text += "->" + n.Text
			last.Span = last.Span.To(n.Span)
			continue
		}
		out = append(out, n)
	}
	return out
}

func (p *parser) quoted(x lexeme) String {
	return String{p.unquote(x.Pos.Line), p.tokenSpan(x.Pos.Line)}
}

// number is an integer, maybe with a sign.
func (p *parser) number(x lexeme) Int {
	i := x.Pos.Line
	sign := ""
	if x.Pos.Column > i {
		p.mark(i, unaryMark)
		sign, i = "-", x.Pos.Column
	}
	v, err := strconv.ParseInt(sign+p.word(i), 10, 64)
	if err != nil {
		p.errorAt("VAU0011", i, "%s%s is out of range, expected an integer of 64 bits", sign, p.word(i))
	}
	return Int{v, p.over(lexemes{x})}
}

// over is the place of what was read.
func (p *parser) over(xs lexemes) source.Span {
	return p.span(int(p.tokens[xs[0].Pos.Line].start), int(p.tokens[xs[len(xs)-1].Pos.Column].end))
}

// as are what a function for a type of the grammar returned.
func as[T, L any](leaves []L) []T {
	var out []T
	for _, x := range leaves {
		out = append(out, any(x).(T))
	}
	return out
}

// once fails where a part is there already.
func (p *parser) once(part int, already bool) {
	if already {
		p.pos = part
		p.fail("VAU0017", part, "%s is given twice, expected it once", p.describe(part))
	}
}

// refuse fails at a token that the grammar lets pass.
func (p *parser) refuse(at int, format string, args ...any) {
	p.pos = at
	p.fail("VAU0001", at, format, args...)
}
