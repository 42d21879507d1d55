package threats

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/resolve"
)

// builder merges catalogues into one: first all their words, then, when every word is known, their threats.
type builder struct {
	read    source.Reader
	diags   *diag.List
	out     *Catalogue
	v       *models.Vocabulary
	state   map[string]int // by path: 1 being loaded, 2 loaded
	pending []part
	ids     map[string]*Threat

	unfitting []unfitting // to be read once all words are known
}

// part is a catalogue file whose words are to be read, or have been.
type part struct {
	doc    *yamldoc.Document
	name   string
	fields map[string]yamldoc.Field
}

func loadCatalogue(read source.Reader, refs []reference, diags *diag.List) *Catalogue {
	v := models.NewVocabulary()
	b := &builder{
		read: read, diags: diags, v: v, out: &Catalogue{Vocabulary: v},
		state: map[string]int{}, ids: map[string]*Threat{},
	}
	for _, r := range refs {
		b.file(r)
	}
	for _, p := range b.pending {
		b.names(p)
	}
	for _, p := range b.pending {
		b.kinds(p, "kinds")
		b.kinds(p, "classes")
	}
	for _, p := range b.pending {
		b.parents(p, "kinds")
		b.parents(p, "classes")
	}
	if b.kindCycles() {
		for _, p := range b.pending {
			b.roots(p)
		}
	}
	for _, p := range b.pending {
		b.controls(p)
	}
	for _, p := range b.pending {
		b.protocols(p)
	}
	for _, p := range b.pending {
		b.gives(p)
	}
	b.inherit()
	for _, p := range b.pending {
		b.relations(p)
		b.attributes(p)
		b.predicates(p)
	}
	for _, p := range b.pending {
		b.synonyms(p)
		b.defines(p)
	}
	resolve.Defines(b.v, b.diags)
	b.unfits()
	for _, p := range b.pending {
		b.threats(p)
	}
	return b.out
}

// file reads a catalogue and first those that it extends.
func (b *builder) file(r reference) {
	key, text := "", ""
	builtin := slices.Contains(Builtin(), r.name)
	if builtin {
		key = embeddedPath + r.name
	} else {
		key = relative(r.dir, r.name)
		if slices.ContainsFunc(strings.Split(key, "/"), func(part string) bool { return strings.HasPrefix(part, embeddedPath) }) {
			b.diags.Errorf(CodeRead, r.at, "catalogue %q has %q in its path, which stands for the built-in catalogues: rename the file", r.name, embeddedPath)
			return
		}
	}
	switch b.state[key] {
	case 1:
		b.diags.Errorf(CodeCycle, r.at, "catalogue %q extends itself", r.name)
		return
	case 2:
		return
	}
	b.state[key] = 1
	defer func() { b.state[key] = 2 }()
	if builtin {
		data, err := embedded.ReadFile("catalogues/" + r.name + ".yaml")
		if err != nil {
			panic("vauban: internal error: " + err.Error())
		}
		text = string(data)
	} else {
		var err error
		if text, err = b.read(key); err != nil {
			b.diags.Errorf(CodeRead, r.at, "cannot read catalogue %q: %v%s", r.name, err, diag.DidYouMean(r.name, Builtin())).
				Helpf("built-in catalogues are %s; anything else is the path of a YAML file", strings.Join(Builtin(), ", "))
			return
		}
	}
	f := source.New(key, text)
	doc, root := yamldoc.Parse(f, "catalogue", "catalogue", b.diags)
	if root == nil {
		return
	}
	p := part{doc: doc, fields: map[string]yamldoc.Field{}}
	for _, x := range doc.Fields(root, "the catalogue", "catalogue", "title", "extends", "kinds", "classes", "controls", "protocols", "relations", "attributes", "predicates", "synonyms", "define", "threats") {
		p.fields[x.Key] = x
	}
	if x, ok := p.fields["catalogue"]; ok {
		p.name = doc.Text(x.Value, "the name of the catalogue")
	} else {
		b.diags.Errorf(CodeKey, doc.Span(root), "the catalogue has no name, expected the key \"catalogue\"")
	}
	in := Input{Name: p.name, Path: key, File: f}
	if x, ok := p.fields["extends"]; ok {
		dir := ""
		if i := strings.LastIndexByte(key, '/'); i >= 0 && !builtin {
			dir = key[:i]
		}
		for _, n := range doc.List(x.Value, "extends") {
			in.Extends = append(in.Extends, n.Value)
			b.file(reference{n.Value, dir, doc.Span(n)})
		}
	}
	b.out.Inputs = append(b.out.Inputs, in)
	b.pending = append(b.pending, p)
}

// entries returns the entries of a section: names with their details.
func (p *part) entries(section string) []yamldoc.Field {
	x, ok := p.fields[section]
	if !ok {
		return nil
	}
	if x.Value.Kind == yaml.ScalarNode && x.Value.Value == "" {
		return nil
	}
	return p.doc.Fields(x.Value, section)
}

// twice reports a second declaration of a word.
func (b *builder) twice(p part, x yamldoc.Field, first source.Span, what string) {
	d := b.diags.Errorf(CodeTwice, p.doc.Span(x.At), "%s %q is declared twice", what, x.Key)
	if first.IsValid() {
		d.Label(first, "first declared here")
		d.Helpf("leave it out where it means the same: what a catalogue builds on is there already; otherwise choose another name")
	} else {
		d.Helpf("%q is part of the language", x.Key)
	}
}

func (b *builder) kinds(p part, section string) {
	for _, x := range p.entries(section) {
		if old := b.v.Kinds[x.Key]; old != nil {
			b.twice(p, x, old.Span, "kind")
			continue
		}
		k := &models.Kind{Name: x.Key, Span: p.doc.Span(x.At)}
		for _, f := range p.doc.Fields(x.Value, x.Key, "is", "title", "doc", "ask") {
			switch f.Key {
			case "title":
				k.Title = p.doc.Text(f.Value, "title")
			case "ask":
				k.Ask = b.ask(p, f.Value)
			case "doc":
				k.Doc = p.doc.Text(f.Value, "doc")
			}
		}
		b.v.Kinds[x.Key] = k
	}
}

func (b *builder) parents(p part, section string) {
	for _, x := range p.entries(section) {
		k := b.v.Kinds[x.Key]
		if k == nil || k.Span != p.doc.Span(x.At) || x.Value.Kind != yaml.MappingNode {
			continue
		}
		is := valueOf(x, "is")
		if is != nil {
			k.Parent = b.kind(p, is)
		}
		switch {
		case k.Parent != nil:
		case section == "classes":
			k.Parent = b.v.Kinds[models.DataRoot]
		case is == nil && !misspelt(x, "title", "doc", "ask"): // what is wrong was reported
			b.diags.Errorf(CodeKey, k.Span, "kind %q has no parent, expected `is` with another kind", x.Key)
		}
	}
}

// valueOf returns what an entry says under a key, or nil.
func valueOf(x yamldoc.Field, key string) *yaml.Node {
	if x.Value.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(x.Value.Content); i += 2 {
		if x.Value.Content[i].Value == key {
			return x.Value.Content[i+1]
		}
	}
	return nil
}

// misspelt reports whether an entry has a key that is none of these.
func misspelt(x yamldoc.Field, keys ...string) bool {
	for i := 0; i+1 < len(x.Value.Content); i += 2 {
		if !slices.Contains(keys, x.Value.Content[i].Value) {
			return true
		}
	}
	return false
}

// kind looks up the name of a kind.
func (b *builder) kind(p part, n *yaml.Node) *models.Kind {
	name := p.doc.Text(n, "a kind")
	k := b.v.Kinds[name]
	if k == nil && name != "" {
		b.diags.Errorf(CodeName, p.doc.Span(n), "unknown kind %q%s", name, diag.DidYouMean(name, sortedKeys(b.v.Kinds)))
	}
	return k
}

func (b *builder) kindList(p part, n *yaml.Node, what string) []*models.Kind {
	var out []*models.Kind
	for _, c := range p.doc.List(n, what) {
		if k := b.kind(p, c); k != nil {
			out = append(out, k)
		}
	}
	return out
}

// kindCycles cuts circles of parents, and hangs what is left without one under data, so that nothing that follows can loop. It reports whether
// there were none.
func (b *builder) kindCycles() bool {
	ok := true
	for _, name := range sortedKeys(b.v.Kinds) {
		k := b.v.Kinds[name]
		seen := map[*models.Kind]bool{}
		for at := k; at != nil; at = at.Parent {
			if seen[at] {
				b.diags.Errorf(CodeCycle, at.Span, "kind %q is its own ancestor", at.Name)
				at.Parent = b.v.Kinds[models.DataRoot]
				ok = false
				break
			}
			seen[at] = true
		}
	}
	return ok
}

func (b *builder) controls(p part) {
	for _, x := range p.entries("controls") {
		if old := b.v.Controls[x.Key]; old != nil {
			b.twice(p, x, old.Span, "control")
			continue
		}
		c := &models.Control{Name: x.Key, Cost: 1, Span: p.doc.Span(x.At)}
		for _, f := range p.doc.Fields(x.Value, x.Key, "of", "title", "cost", "refs", "doc", "unfit") {
			switch f.Key {
			case "of":
				c.Of = b.kindList(p, f.Value, "of")
			case "title":
				c.Title = p.doc.Text(f.Value, "title")
			case "cost":
				c.Cost = p.doc.Number(f.Value, "cost")
			case "refs":
				c.Refs = p.doc.Texts(f.Value, "refs")
			case "doc":
				c.Doc = p.doc.Text(f.Value, "doc")
			case "unfit":
				b.unfitting = append(b.unfitting, unfitting{p, c, f.Value})
			}
		}
		if of := valueOf(x, "of"); of == nil && !misspelt(x, "title", "cost", "refs", "doc") || of != nil && len(c.Of) == 0 && len(of.Content) == 0 {
			b.diags.Errorf(CodeKey, c.Span, "control %q does not say what it is for, expected `of` with kinds", x.Key)
		}
		b.v.Controls[x.Key] = c
	}
}

// unfits reads where controls do not belong, once all words are known.
func (b *builder) unfits() {
	for _, x := range b.unfitting {
		list := []*yaml.Node{x.node}
		if x.node.Kind == yaml.SequenceNode {
			list = x.node.Content
		}
		for _, n := range list {
			if u, ok := b.unfit(x.part, n); ok {
				x.control.Unfit = append(x.control.Unfit, u)
			}
		}
	}
}

// unfitting is what a catalogue says of where a control does not belong.
type unfitting struct {
	part    part
	control *models.Control
	node    *yaml.Node
}

func (b *builder) unfit(p part, n *yaml.Node) (u models.Unfit, ok bool) {
	var when *yaml.Node
	for _, f := range p.doc.Fields(n, "unfit", "for", "when", "says") {
		switch f.Key {
		case "for":
			vars, known := b.variables(p, f.Value)
			if !known {
				return u, false
			}
			for i, v := range vars {
				if i > 0 {
					b.diags.Errorf(CodeShape, v.Span, "`unfit` is about one element, found a second variable %q", v.Name)
				}
				u.Var = v
			}
		case "when":
			when = f.Value
		case "says":
			u.Says = p.doc.Text(f.Value, "says")
		}
	}
	if u.Var == nil || when == nil || u.Says == "" {
		if !b.diags.HasErrors() {
			b.diags.Errorf(CodeKey, p.doc.Span(n), "`unfit` needs `for` with a variable, `when` with a condition over the design, and `says` with the reason")
		}
		return u, false
	}
	if u.When = b.formula(p, when, []*models.Var{u.Var}, "when"); u.When == nil {
		return u, false
	}
	if u.When.MentionsFact() {
		b.diags.Errorf(CodeShape, p.doc.Span(when), "the condition of `unfit` speaks of what an attacker gains, expected one over the design alone")
		return u, false
	}
	return u, true
}

func (b *builder) protocols(p part) {
	for _, x := range p.entries("protocols") {
		if old := b.v.Protocols[x.Key]; old != nil {
			b.twice(p, x, old.Span, "protocol")
			continue
		}
		b.v.Protocols[x.Key] = &models.Protocol{Name: x.Key, Span: p.doc.Span(x.At)}
	}
}

// gives reads the details of protocols, which may name each other.
func (b *builder) gives(p part) {
	for _, x := range p.entries("protocols") {
		proto := b.v.Protocols[x.Key]
		if proto == nil || proto.Span != p.doc.Span(x.At) {
			continue
		}
		for _, f := range p.doc.Fields(x.Value, x.Key, "is", "title", "gives", "doc") {
			switch f.Key {
			case "title":
				proto.Title = p.doc.Text(f.Value, "title")
			case "doc":
				proto.Doc = p.doc.Text(f.Value, "doc")
			case "is":
				name := p.doc.Text(f.Value, "a protocol")
				if proto.Parent = b.v.Protocols[name]; proto.Parent == nil {
					b.diags.Errorf(CodeName, p.doc.Span(f.Value), "unknown protocol %q%s", name, diag.DidYouMean(name, sortedKeys(b.v.Protocols)))
				} else if proto.Parent.Is(proto) {
					b.diags.Errorf(CodeCycle, p.doc.Span(f.Value), "protocol %q is its own ancestor", x.Key)
					proto.Parent = nil
				}
			case "gives":
				for _, n := range p.doc.List(f.Value, "gives") {
					if c := b.control(p, n); c != nil && !slices.Contains(proto.Gives, c) {
						b.forFlows(p, n, c)
						proto.Gives = append(proto.Gives, c)
					}
				}
			}
		}
	}
}

// inherit gives protocols what those that they are kinds of give, once all have been read: a catalogue may build on one that comes after it.
func (b *builder) inherit() {
	for _, name := range sortedKeys(b.v.Protocols) {
		proto := b.v.Protocols[name]
		for up := proto.Parent; up != nil; up = up.Parent {
			for _, c := range up.Gives {
				if !slices.Contains(proto.Gives, c) {
					proto.Gives = append(proto.Gives, c)
				}
			}
		}
	}
}

func (b *builder) control(p part, n *yaml.Node) *models.Control {
	name := p.doc.Text(n, "a control")
	c := b.v.Controls[name]
	if c == nil && name != "" {
		b.diags.Errorf(CodeName, p.doc.Span(n), "unknown control %q%s", name, diag.DidYouMean(name, sortedKeys(b.v.Controls)))
	}
	return c
}

func (b *builder) relations(p part) {
	for _, x := range p.entries("relations") {
		if old := b.v.Relations[x.Key]; old != nil {
			b.twice(p, x, old.Span, "relation")
			continue
		}
		r := &models.Relation{Name: x.Key, Span: p.doc.Span(x.At)}
		for _, f := range p.doc.Fields(x.Value, x.Key, "from", "to", "title", "doc", "ask") {
			switch f.Key {
			case "from":
				r.From = b.kind(p, f.Value)
			case "to":
				r.To = b.kind(p, f.Value)
			case "title":
				r.Title = p.doc.Text(f.Value, "title")
			case "doc":
				r.Doc = p.doc.Text(f.Value, "doc")
			case "ask":
				b.asked(p, f.Value, r)
			}
		}
		if r.From == nil || r.To == nil {
			if valueOf(x, "from") == nil || valueOf(x, "to") == nil { // a wrong one was reported
				b.diags.Errorf(CodeKey, r.Span, "relation %q needs `from` and `to`, each a kind", x.Key)
			}
			continue
		}
		b.v.Relations[x.Key] = r
	}
}

// asked reads the question of a relation: a text, or a text with the kinds that are asked and those that can be answers.
func (b *builder) asked(p part, n *yaml.Node, r *models.Relation) {
	if n.Kind != yaml.MappingNode {
		r.Ask = b.ask(p, n)
		return
	}
	for _, f := range p.doc.Fields(n, "ask", "text", "of", "to") {
		switch f.Key {
		case "text":
			r.Ask = b.ask(p, f.Value)
		case "of":
			r.AskOf = b.kindList(p, f.Value, "of")
		case "to":
			r.AskTo = b.kindList(p, f.Value, "to")
		}
	}
	if r.Ask == "" && !b.diags.HasErrors() {
		b.diags.Errorf(CodeKey, p.doc.Span(n), "the question of relation %q has no `text`", r.Name)
	}
}

func (b *builder) attributes(p part) {
	for _, x := range p.entries("attributes") {
		if old := b.v.Attributes[x.Key]; old != nil {
			b.twice(p, x, old.Span, "attribute")
			continue
		}
		a := &models.Attribute{Name: x.Key, Span: p.doc.Span(x.At)}
		typed := false
		for _, f := range p.doc.Fields(x.Value, x.Key, "of", "type", "title", "doc", "ask") {
			switch f.Key {
			case "ask":
				a.Ask = b.ask(p, f.Value)
			case "title":
				a.Title = p.doc.Text(f.Value, "title")
			case "doc":
				a.Doc = p.doc.Text(f.Value, "doc")
			case "of":
				a.Of = b.kindList(p, f.Value, "of")
			case "type":
				typed = true
				if f.Value.Kind == yaml.SequenceNode {
					a.Words = b.values(p, x.Key, f.Value)
				} else if t := p.doc.Text(f.Value, "type"); t != "integer" {
					b.diags.Errorf(CodeShape, p.doc.Span(f.Value), "attribute %q has type %q, expected \"integer\" or a list of words", x.Key, t)
				}
			}
		}
		if len(a.Of) == 0 && valueOf(x, "of") != nil && len(valueOf(x, "of").Content) > 0 {
			continue // what is wrong with it was reported
		}
		if len(a.Of) == 0 || !typed {
			b.diags.Errorf(CodeKey, a.Span, "attribute %q needs `of` with kinds and `type`", x.Key)
			continue
		}
		b.v.Attributes[x.Key] = a
	}
}

// values reads the words that an attribute may have. A formula must be able to name each.
func (b *builder) values(p part, attribute string, n *yaml.Node) []string {
	out := []string{}
	for _, item := range p.doc.List(n, "type") {
		switch w := p.doc.Text(item, "type"); {
		case !lexical.MatchString(w):
			b.diags.Errorf(CodeShape, p.doc.Span(item), "value %q of attribute %q is no name, expected a letter, then letters, digits, \"_\", and \"-\" between two of these", w, attribute)
		case dsl.IsWord(w, dsl.FormulaWord):
			b.diags.Errorf(CodeTwice, p.doc.Span(item), "a value of attribute %q cannot be called %q, which is a word of the language", attribute, w)
		case slices.Contains(out, w):
			b.diags.Errorf(CodeTwice, p.doc.Span(item), "attribute %q has the value %q twice", attribute, w)
		default:
			out = append(out, w)
		}
	}
	if len(n.Content) == 0 {
		b.diags.Errorf(CodeShape, p.doc.Span(n), "attribute %q has no value, expected words or \"integer\"", attribute)
	}
	return out
}

func (b *builder) predicates(p part) {
	for _, x := range p.entries("predicates") {
		if old := b.v.Predicates[x.Key]; old != nil {
			b.twice(p, x, old.Span, "predicate")
			continue
		}
		pr := &models.Predicate{Name: x.Key, Span: p.doc.Span(x.At)}
		var title *yaml.Node
		for _, f := range p.doc.Fields(x.Value, x.Key, "args", "title", "doc") {
			switch f.Key {
			case "args":
				pr.Args = b.kindList(p, f.Value, "args")
			case "title":
				pr.Title = p.doc.Text(f.Value, "title")
				title = f.Value
			case "doc":
				pr.Doc = p.doc.Text(f.Value, "doc")
			}
		}
		if len(pr.Args) > 3 {
			b.diags.Errorf(CodeShape, pr.Span, "predicate %q has %d arguments, expected at most 3", x.Key, len(pr.Args))
			pr.Args = pr.Args[:3]
		}
		if title != nil {
			b.placeholders(p, title, "expected the number of an argument, from {0} on", func(s string) bool {
				i, err := strconv.Atoi(s)
				return err == nil && i >= 0 && i < len(pr.Args)
			})
		}
		b.v.Predicates[x.Key] = pr
	}
}

// formula parses and types a formula that stands in a scalar.
func (b *builder) formula(p part, n *yaml.Node, vars []*models.Var, what string) *models.Expr {
	e := b.parse(p, n, what)
	if e == nil {
		return nil
	}
	return resolve.Formula(b.v, e, vars, b.diags)
}

func (b *builder) parse(p part, n *yaml.Node, what string) dsl.Expr {
	text := p.doc.Text(n, what)
	if text == "" {
		return nil
	}
	if n.Style == 0 && strings.Count(text, "(") > strings.Count(text, ")") {
		b.diags.Errorf(CodeShape, p.doc.Span(n), "%q ends within parentheses", text).
			Helpf("within [...] and {...} of YAML a comma ends a text: put the whole formula into quotes")
		return nil
	}
	return dsl.ParseFormulaText(p.doc.File, text, p.doc.Offsets(n), b.diags)
}
