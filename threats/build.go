package threats

import (
	"slices"
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
	texts   Texts // in the place of the built-in catalogues; nil: those of this program
	diags   *diag.List
	out     *Catalogue
	v       *models.Vocabulary
	state   map[string]int // by path: 1 being loaded, 2 loaded
	pending []part
	ids     map[string]*Threat
	words   bool // of built-in catalogues the words alone

	formulas  *resolve.Catalogue
	unfitting []unfitting // to be read once all words are known
}

// part is a catalogue file whose words are to be read, or have been.
type part struct {
	doc     *yamldoc.Document
	name    string
	builtin bool
	fields  map[string]yamldoc.Field
}

// loadCatalogue puts a catalogue together. With words it leaves out the threats of built-in ones, of which it knows the names.
func loadCatalogue(read source.Reader, texts Texts, refs []reference, words bool, diags *diag.List) *Catalogue {
	v := models.NewVocabulary()
	b := &builder{
		read: read, texts: texts, diags: diags, v: v, words: words, out: &Catalogue{Vocabulary: v},
		state: map[string]int{}, ids: map[string]*Threat{}, formulas: resolve.NewCatalogue(v, diags),
	}
	return b.catalogue(refs)
}

func (b *builder) catalogue(refs []reference) *Catalogue {
	for _, r := range refs {
		b.file(r)
	}
	for _, p := range b.pending {
		b.names(p)
	}
	kinds, classes := declare(b, kindSection), declare(b, classSection)
	controls, protocols := declare(b, controlSection), declare(b, protocolSection)
	relations, attributes, predicates := declare(b, relationSection), declare(b, attributeSection), declare(b, predicateSection)
	defines := declare(b, defineSection)
	fill(b, kindSection, kinds)
	fill(b, classSection, classes)
	b.ancestors()
	roots(b, kindSection, kinds)
	roots(b, classSection, classes)
	fill(b, controlSection, controls)
	fill(b, protocolSection, protocols)
	b.inherit()
	fill(b, relationSection, relations)
	fill(b, attributeSection, attributes)
	fill(b, predicateSection, predicates)
	for _, p := range b.pending {
		b.synonyms(p)
	}
	fill(b, defineSection, defines)
	b.formulas.Defines()
	b.unfits()
	for _, p := range b.pending {
		b.repairs(p)
	}
	for _, p := range b.pending {
		b.threats(p)
	}
	return b.out
}

// builtin reports whether a name is that of a built-in catalogue.
func (b *builder) builtin(name string) bool {
	if b.texts != nil {
		_, ok := b.texts[embeddedPath+name]
		return ok
	}
	return slices.Contains(Builtin(), name)
}

// file reads a catalogue and first those that it extends.
func (b *builder) file(r reference) {
	key := ""
	builtin := b.builtin(r.name)
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
		b.diags.Errorf(CodeCycle, r.at, "catalogue %q extends itself, expected other catalogues", r.name)
		return
	case 2:
		return
	}
	b.state[key] = 1
	defer func() { b.state[key] = 2 }()
	var doc *yamldoc.Document
	var root *yaml.Node
	if builtin && b.texts == nil {
		doc, root = builtinDocument(r.name, b.diags)
	} else {
		text, err := b.texts[key], error(nil)
		if !builtin {
			text, err = b.read(key)
		}
		if err != nil {
			b.diags.Errorf(CodeRead, r.at, "cannot read catalogue %q: %v%s", r.name, err, diag.DidYouMean(r.name, Builtin())).
				Helpf("built-in catalogues are %s; anything else is the path of a YAML file", strings.Join(Builtin(), ", "))
			return
		}
		if doc, root = yamldoc.Parse(source.New(key, text), "catalogue", "catalogue", b.diags); root == nil {
			return
		}
	}
	p := part{doc: doc, builtin: builtin, fields: map[string]yamldoc.Field{}}
	for _, x := range doc.Fields(root, "the catalogue", keyNames(catalogueKeys)...) {
		p.fields[x.Key] = x
	}
	if x, ok := p.fields["catalogue"]; ok {
		p.name = doc.Text(x.Value, "the name of the catalogue")
	} else {
		b.diags.Errorf(CodeKey, doc.Span(root), "the catalogue has no name, expected the key \"catalogue\"")
	}
	in := Input{Name: p.name, Path: key, File: doc.File}
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
		d.Helpf("leave it out where it means the same: what a catalogue builds on is already declared; otherwise choose another name")
	} else {
		d.Helpf("%q is part of the language", x.Key)
	}
}

// lookup finds what a node names. It reports an unknown name, once.
func lookup[T any](b *builder, p part, n *yaml.Node, what string, all map[string]*T) *T {
	name := p.doc.Text(n, what)
	x := all[name]
	if x == nil && name != "" {
		b.formulas.Unknown(CodeName, what, dsl.Name{Text: name, Span: p.doc.Span(n)}, sortedKeys(all))
	}
	return x
}

func (b *builder) kind(p part, n *yaml.Node) *models.Kind { return lookup(b, p, n, "kind", b.v.Kinds) }

func (b *builder) control(p part, n *yaml.Node) *models.Control {
	return lookup(b, p, n, "control", b.v.Controls)
}

// kindList finds kinds; one that is unknown leaves nothing of the list, for nothing follows from the rest.
func (b *builder) kindList(p part, n *yaml.Node, what string) []*models.Kind {
	var out []*models.Kind
	known := true
	for _, c := range p.doc.List(n, what) {
		k := b.kind(p, c)
		out, known = append(out, k), known && k != nil
	}
	if !known {
		return nil
	}
	return out
}

// ancestors reports circles of parents, and forgets kinds that come from nothing known, so that nothing is said of what follows from that.
func (b *builder) ancestors() {
	for _, name := range sortedKeys(b.v.Kinds) {
		seen := map[*models.Kind]bool{}
		at := b.v.Kinds[name]
		for at.Parent != nil && !seen[at] {
			seen[at] = true
			at = at.Parent
		}
		if seen[at] {
			b.diags.Errorf(CodeCycle, at.Span, "kind %q is its own ancestor, expected kinds without a cycle", at.Name)
			at.Parent = nil
		}
		if at.Span.IsValid() {
			b.formulas.Lost(name)
			defer delete(b.v.Kinds, name)
		}
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
	before := b.diags.Len()
	at := read(b, p, n, "unfit", unfitKeys, &u)
	when := at["when"]
	if at["for"] != nil {
		vars, known := b.variables(p, at["for"])
		if !known {
			return u, false
		}
		for i, v := range vars {
			if i > 0 {
				b.diags.Errorf(CodeShape, v.Span, "`unfit` has a second variable %q, expected one", v.Name)
			}
			u.Var = v
		}
	}
	if u.Var == nil || when == nil || u.Says == "" {
		if b.diags.Len() == before {
			b.diags.Errorf(CodeKey, p.doc.Span(n), "`unfit` is incomplete, expected `for` with a variable, `when` with a condition over the design, and `says` with the reason")
		}
		return u, false
	}
	u.When = b.static(p, when, []*models.Var{u.Var}, "`unfit`")
	return u, u.When != nil
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

// asked reads the question of a relation: a text, or a text with the kinds that are asked and those that can be answers.
func (b *builder) asked(p part, n *yaml.Node, r *models.Relation) {
	if n.Kind != yaml.MappingNode {
		r.Ask = b.ask(p, n)
		return
	}
	before := b.diags.Len()
	read(b, p, n, "ask", askKeys, r)
	if r.Ask == "" && b.diags.Len() == before {
		b.diags.Errorf(CodeKey, p.doc.Span(n), "the question of relation %q has no `text`, expected one with {0}", r.Name)
	}
}

// values reads the words that an attribute may have. A formula must be able to name each.
func (b *builder) values(p part, attribute string, n *yaml.Node) []string {
	out := []string{}
	for _, item := range p.doc.List(n, "type") {
		switch w := p.doc.Text(item, "type"); {
		case !lexical.MatchString(w):
			b.diags.Errorf(CodeShape, p.doc.Span(item), "value %q of attribute %q is not a name, expected a letter, then letters, digits, \"_\", and \"-\" between two of these", w, attribute)
		case dsl.IsWord(w, dsl.FormulaWord):
			b.diags.Errorf(CodeTwice, p.doc.Span(item), "a value of attribute %q is called %q, a word of the language; expected another name", attribute, w)
		case slices.Contains(out, w):
			b.diags.Errorf(CodeTwice, p.doc.Span(item), "attribute %q has the value %q twice, expected once", attribute, w)
		default:
			out = append(out, w)
		}
	}
	if len(n.Content) == 0 {
		b.diags.Errorf(CodeShape, p.doc.Span(n), "attribute %q has no value, expected words or \"integer\"", attribute)
	}
	return out
}

// formula parses and types a formula that stands in a scalar.
func (b *builder) formula(p part, n *yaml.Node, vars []*models.Var, what string) *models.Expr {
	e := b.parse(p, n, what)
	if e == nil {
		return nil
	}
	return b.formulas.Formula(e, vars)
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
