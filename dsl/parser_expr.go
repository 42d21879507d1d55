package dsl

import "github.com/vauban-verifier/vauban/dsl/diag"

// formula reads a formula or a term; which of the two it is, is for models to say.
func (p *parser) formula() Expr {
	p.enter()
	defer p.leave()
	first := p.pos
	x := p.disjunction()
	if p.acceptWord("implies") {
		y := p.formula()
		return &Binary{At{p.since(first)}, "implies", x, y}
	}
	return x
}

func (p *parser) disjunction() Expr {
	return p.chain(func() string { return p.operatorWord("or") }, p.conjunction)
}

func (p *parser) conjunction() Expr {
	return p.chain(func() string { return p.operatorWord("and") }, p.negation)
}

func (p *parser) operatorWord(w string) string {
	if p.isWord(p.pos, w) {
		return w
	}
	return ""
}

func (p *parser) operator(ops ...string) string {
	for _, op := range ops {
		if p.isPunct(p.pos, op) {
			return op
		}
	}
	return ""
}

// chain reads operands with operators between them that group to the left.
func (p *parser) chain(operator func() string, operand func() Expr) Expr {
	first := p.pos
	x := operand()
	for n := 1; ; n++ {
		op := operator()
		if op == "" {
			return x
		}
		if n > maxChain {
			p.fail("VAU0021", p.pos, "too many operators in a row, expected at most %d: split the formula with `define`", maxChain)
		}
		p.advance()
		y := operand()
		x = &Binary{At{p.since(first)}, op, x, y}
	}
}

func (p *parser) negation() Expr {
	if !p.isWord(p.pos, "not") || !p.beginsOperand(p.ahead(1)) {
		return p.comparison()
	}
	p.enter()
	defer p.leave()
	first := p.pos
	p.advance()
	x := p.negation()
	return &Not{At{p.since(first)}, x}
}

// beginsOperand reports whether the token can begin an operand, so that a word before it is a keyword and not a name.
func (p *parser) beginsOperand(i int) bool {
	switch p.tokens[i].kind {
	case nameToken:
		return !p.isWord(i, connectives...) && !p.isWord(i, relations...) && !p.endsFormula(i)
	case intToken:
		return true
	case punctToken:
		return p.isPunct(i, "(") || p.isPunct(i, "-")
	}
	return false
}

var comparisons = []string{"=", "!=", "<=", "<", ">=", ">"}

func (p *parser) comparison() Expr {
	first := p.pos
	x := p.term()
	if op := p.operator(comparisons...); op != "" {
		p.advance()
		y := p.term()
		if p.operator(comparisons...) != "" {
			p.fail("VAU0014", p.pos, `comparisons cannot be chained, expected "and" between two of them`)
		}
		return &Binary{At{p.since(first)}, op, x, y}
	}
	if p.tok().kind != nameToken || p.isWord(p.pos, connectives...) || p.endsFormula(p.pos) || p.seemsDeclaration(p.pos) {
		return x
	}
	op := p.keyword()
	y := p.term()
	var with *Name
	if op.Text == "stores" && p.acceptWord("with") {
		c := p.name("a control")
		with = &c
	}
	return &Relation{At{p.since(first)}, x, op, y, with}
}

// keyword reads a word, and its second word where it is one of two.
func (p *parser) keyword() Name {
	first := p.pos
	n := p.name("a keyword")
	if second := secondWords[n.Text]; second != "" {
		p.expectWord(second)
		n.Text += " " + second
		n.Span = p.since(first)
	}
	return n
}

// endsFormula reports whether the word cannot continue the formula before it, given where the formula stands.
func (p *parser) endsFormula(i int) bool {
	if p.isWord(i, "only") && p.isWord(p.within(i+1), "after") {
		return true
	}
	if p.context&inProcess != 0 && (p.isWord(i, members...) || p.isWord(i, stepParts...)) {
		return true
	}
	if p.context&inRequire != 0 && p.isWord(i, ends...) {
		return true
	}
	return p.beginsDeclaration(i)
}

// seemsDeclaration reports whether a line begins with a declaration whose keyword is misspelt: with names and a colon behind it.
func (p *parser) seemsDeclaration(i int) bool {
	if !p.atLineStart(i) || diag.Suggest(p.word(i), declarations) == "" {
		return false
	}
	for i = p.within(i + 1); p.tokens[i].kind == nameToken && p.isPunct(p.within(i+1), ","); i = p.within(i + 2) {
	}
	return p.tokens[i].kind == nameToken && p.isPunct(p.within(i+1), ":")
}

// term reads sums of products.
func (p *parser) term() Expr {
	return p.chain(func() string { return p.operator("+", "-") }, p.product)
}

func (p *parser) product() Expr {
	return p.chain(func() string { return p.operator("*") }, p.postfix)
}

func (p *parser) postfix() Expr {
	first := p.pos
	x := p.primary()
	for n := 1; p.accept("."); n++ {
		if n > maxDepth {
			p.fail("VAU0010", p.pos, "nested too deeply, expected at most %d levels", maxDepth)
		}
		name := p.name(`the name of a field after "."`)
		x = &Field{At{p.since(first)}, x, name}
	}
	return x
}

func (p *parser) primary() Expr {
	first := p.pos
	switch t := p.tok(); {
	case t.kind == intToken:
		i := p.integer("an integer")
		return &IntLit{At{i.Span}, i.Value}
	case p.isPunct(p.pos, "-"):
		if p.tokens[p.ahead(1)].kind != intToken {
			p.fail("VAU0001", p.pos, `found "-" without a term before it, expected a term such as "0 - x"`)
		}
		i := p.integer("an integer")
		return &IntLit{At{i.Span}, i.Value}
	case p.accept("("):
		x := p.formula()
		p.expect(")")
		return x
	case t.kind != nameToken, p.atLineStart(p.pos) && p.beginsDeclaration(p.pos):
		d := p.errorAt("VAU0001", p.pos, "found %s, expected a formula or a term", p.describe(p.pos))
		if p.pos > 0 && p.isPunct(p.pos, ">") && p.isPunct(p.pos-1, "=") {
			d.Helpf("a condition is written `A implies B`")
		}
		panic(bail{})
	case p.isWord(p.pos, quantifiers...) && p.beginsVariable():
		return p.quantified()
	case p.isWord(p.pos, "if") && p.beginsOperand(p.ahead(1)):
		return p.conditional()
	}
	name := p.reference("a name")
	if !p.isPunct(p.pos, "(") {
		return &Ident{At{name.Span}, name}
	}
	args := p.arguments()
	return &Call{At{p.since(first)}, name, args}
}

// beginsVariable tells `count x: S` from a fact that is called count.
func (p *parser) beginsVariable() bool {
	next, third := p.ahead(1), p.ahead(2)
	if p.tokens[next].kind != nameToken {
		return false
	}
	return p.isPunct(third, ":") || p.isPunct(third, ",") || p.isPunct(third, "|") ||
		p.isWord(p.pos, "forall", "exists") && p.beginsOperand(next)
}

func (p *parser) quantified() Expr {
	p.enter()
	defer p.leave()
	first := p.pos
	q := &Quantified{Op: p.name("a quantifier").Text}
	q.Vars = p.params("a variable")
	p.expect("|")
	if q.Op != "sum" {
		q.Body = p.formula()
	} else {
		q.Body = p.term()
		if p.acceptWord("where") {
			q.Where = p.formula()
		}
	}
	q.Span = p.since(first)
	return q
}

func (p *parser) conditional() Expr {
	p.enter()
	defer p.leave()
	first := p.pos
	p.advance()
	e := &If{}
	e.Cond = p.formula()
	p.expectWord("then")
	e.Then = p.term()
	if p.tok().kind != nameToken || !p.isWord(p.pos, "else") && diag.Suggest(p.word(p.pos), []string{"else"}) == "" {
		p.errorAt("VAU0001", p.pos, `found %s, expected "else"`, p.describe(p.pos)).Helpf("`if` is a term that has one value or another; a condition is written `A implies B`")
		panic(bail{})
	}
	p.expectWord("else")
	e.Else = p.term()
	e.Span = p.since(first)
	return e
}

// arguments reads terms in parentheses; there may be none.
func (p *parser) arguments() []Expr {
	p.enter()
	defer p.leave()
	p.mark(p.pos, tightMark)
	p.expect("(")
	var out []Expr
	if p.accept(")") {
		return out
	}
	for {
		out = append(out, p.term())
		if !p.accept(",") {
			break
		}
	}
	if !p.accept(")") {
		p.expected(`"," or ")"`)
	}
	return out
}

// params reads `x: SORT, y: SORT?`.
func (p *parser) params(what string) []Param {
	var out []Param
	for {
		name := p.name(what)
		p.expect(":")
		out = append(out, p.sort(name))
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) sort(name Name) Param {
	s := p.name("a kind or a domain")
	return Param{Name: name, Sort: s, Maybe: p.accept("?")}
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

var propertyKinds = map[string]PropertyKind{
	"never": Never, "always": Always, "possible": Possible,
	"confidential": Confidential, "integrity": Integrity, "available": Available,
}

// noProperty reports a formula that is none.
func (p *parser) noProperty() {
	p.errorAt("VAU0018", p.pos, `found %s, expected "only after" or a property that begins with %s`, p.describe(p.pos), quoteList(properties)).
		Helpf("say what must not happen, then to whom, as in `never controls(Shop) against Thief`")
	panic(bail{})
}

// Word is what a property of the kind begins with; "" of `only after`.
func (k PropertyKind) Word() string {
	for word, kind := range propertyKinds {
		if kind == k {
			return word
		}
	}
	return ""
}

func (p *parser) property() Property {
	p.context |= inRequire
	defer func() { p.context &^= inRequire }()
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
