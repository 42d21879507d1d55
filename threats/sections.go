package threats

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// catalogueKeys are the keys of a catalogue itself.
var catalogueKeys = []key[*part]{
	{"catalogue", as[*part](textShape), "its name"},
	{"title", as[*part](textShape), "what a reader calls it"},
	{"extends", as[*part](listShape), "the catalogues that it builds on: names of built-in ones, or paths relative to this file"},
	{"kinds", as[*part](sectionShape), kindSection.doc},
	{"classes", as[*part](sectionShape), classSection.doc},
	{"controls", as[*part](sectionShape), controlSection.doc},
	{"protocols", as[*part](sectionShape), protocolSection.doc},
	{"relations", as[*part](sectionShape), relationSection.doc},
	{"attributes", as[*part](sectionShape), attributeSection.doc},
	{"predicates", as[*part](sectionShape), predicateSection.doc},
	{"define", as[*part](sectionShape), defineSection.doc},
	{"repairs", as[*part](repairsShape), "Changes of the structure that take nothing from those who use a design as it is meant: `vauban fix` proposes them beside controls and protocols."},
	{"synonyms", as[*part](synonymsShape), "Further words for kinds, classes, controls, protocols and relations, each with what it means."},
	{"threats", as[*part](threatsShape), "What attackers can do."},
}

// sections are what declares words, in the order of the keys.
var sections = []interface {
	head() head
	table() table
}{kindSection, classSection, controlSection, protocolSection, relationSection, attributeSection, predicateSection, defineSection}

var kindSection = section[*models.Kind]{
	key: "kinds", what: "kind",
	doc:   "Kinds of components, actors, zones and flows. A threat over a kind is over those below it, too.",
	words: func(v *models.Vocabulary) map[string]*models.Kind { return v.Kinds },
	new:   func(name string, at source.Span) *models.Kind { return &models.Kind{Name: name, Span: at} },
	span:  func(k *models.Kind) source.Span { return k.Span },
	keys: []key[*models.Kind]{
		{"is", oneKind(func(k *models.Kind) **models.Kind { return &k.Parent }), "the kind that it is one of; at the top `component`, `actor`, `zone` or `flow`"},
		{"title", text(func(k *models.Kind) *string { return &k.Title }), "what a reader calls it"},
		{"doc", text(func(k *models.Kind) *string { return &k.Doc }), "what is meant by it"},
		{"many", flag(func(k *models.Kind) *bool { return &k.Many }), "of actors: stands for many, of whom an attacker that controls one is one"},
		{"each", flag(func(k *models.Kind) *bool { return &k.Each }), "of components and data: each of many has one of their own, where the design does not say it and nobody else has to do with it"},
		{"ask", question(func(k *models.Kind) *string { return &k.Ask }), "the question whether an element is one, with {0} for its name; `vauban questions` asks it where that decides"},
	},
	check: func(b *builder, e entry[*models.Kind]) bool {
		if e.of.Parent == nil && !e.says("is") {
			e.lacks(b, "kind %q has no parent, expected `is` with another kind", e.Key)
		}
		return e.of.Parent != nil
	},
}

var classSection = section[*models.Kind]{
	key: "classes", what: "class",
	doc:   "Classes of data.",
	words: kindSection.words, new: kindSection.new, span: kindSection.span,
	keys: append([]key[*models.Kind]{{"is", kindSection.keys[0].value, "the class that it is one of; without it, `data`"}}, kindSection.keys[1:]...),
	check: func(b *builder, e entry[*models.Kind]) bool {
		if e.of.Parent == nil && !e.says("is") {
			e.of.Parent = b.v.Kinds[models.DataRoot]
		}
		return e.of.Parent != nil
	},
}

var controlSection = section[*models.Control]{
	key: "controls", what: "control",
	doc:   "What protects: a design states it with `has`, and of stored data with `with`.",
	words: func(v *models.Vocabulary) map[string]*models.Control { return v.Controls },
	new: func(name string, at source.Span) *models.Control {
		return &models.Control{Name: name, Cost: 1, Span: at}
	},
	span: func(c *models.Control) source.Span { return c.Span },
	keys: []key[*models.Control]{
		{"of", kinds(func(c *models.Control) *[]*models.Kind { return &c.Of }), "the kinds that it is made for"},
		{"title", text(func(c *models.Control) *string { return &c.Title }), "what a reader calls it"},
		{"doc", text(func(c *models.Control) *string { return &c.Doc }), "what it is, in a way that tells whether a system has it"},
		{"cost", number(func(c *models.Control) *int { return &c.Cost }), "what adding it takes, for `vauban fix`; 1 where nothing is said"},
		{"refs", texts(func(c *models.Control) *[]string { return &c.Refs }), "where it is described, such as CWE or ASVS ids"},
		{"users", text(func(c *models.Control) *string { return &c.Users }), "what it does to those who use what gets it, as a sentence with {0} for that; without it, nothing that they notice"},
		{"unfit", value[*models.Control]{unfitShape, func(b *builder, p part, n *yaml.Node, _ string, c *models.Control) {
			b.unfitting = append(b.unfitting, unfitting{p, c, n})
		}}, "where nobody would add it although it is made for it: `vauban fix` does not"},
	},
	check: func(b *builder, e entry[*models.Control]) bool {
		if of := e.at["of"]; of == nil || len(e.of.Of) == 0 && of.Kind == yaml.SequenceNode && len(of.Content) == 0 {
			e.lacks(b, "control %q does not say what it is for, expected `of` with kinds", e.Key)
		}
		return len(e.of.Of) > 0
	},
}

var protocolSection = section[*models.Protocol]{
	key: "protocols", what: "protocol",
	doc:   "What flows run over.",
	words: func(v *models.Vocabulary) map[string]*models.Protocol { return v.Protocols },
	new: func(name string, at source.Span) *models.Protocol {
		return &models.Protocol{Name: name, Cost: 1, Span: at}
	},
	span: func(p *models.Protocol) source.Span { return p.Span },
	keys: []key[*models.Protocol]{
		{"is", value[*models.Protocol]{textShape, func(b *builder, p part, n *yaml.Node, _ string, of *models.Protocol) {
			if of.Parent = lookup(b, p, n, "protocol", b.v.Protocols); of.Parent != nil && of.Parent.Is(of) {
				b.diags.Errorf(CodeCycle, p.doc.Span(n), "protocol %q is its own ancestor, expected protocols without a cycle", of.Name)
				of.Parent = nil
			}
		}}, "the protocol that it is one of, whose controls it gives, too"},
		{"title", text(func(p *models.Protocol) *string { return &p.Title }), "what a reader calls it"},
		{"doc", text(func(p *models.Protocol) *string { return &p.Doc }), "what is meant by it"},
		{"gives", value[*models.Protocol]{listShape, func(b *builder, p part, n *yaml.Node, what string, of *models.Protocol) {
			for _, x := range p.doc.List(n, what) {
				if c := b.control(p, x); c != nil && !slices.Contains(of.Gives, c) {
					b.forFlows(p, x, c)
					of.Gives = append(of.Gives, c)
				}
			}
		}}, "the controls that a flow has because it runs over it"},
		{"secures", value[*models.Protocol]{listShape, func(b *builder, p part, n *yaml.Node, what string, of *models.Protocol) {
			for _, x := range p.doc.List(n, what) {
				switch other := lookup(b, p, x, "protocol", b.v.Protocols); {
				case other == of:
					b.diags.Errorf(CodeCycle, p.doc.Span(x), "protocol %q secures itself, expected another one", of.Name)
				case other != nil:
					of.Secures = append(of.Secures, other)
				}
			}
		}}, "the protocols that carry the same with less, most similar first: `vauban fix` may change a flow over one of them to it"},
		{"cost", number(func(p *models.Protocol) *int { return &p.Cost }), "what changing to it takes; 1 where nothing is said"},
	},
}

var relationSection = section[*models.Relation]{
	key: "relations", what: "relation", taken: clauseWords,
	doc:   "What a design may state of two elements, and a formula ask of them: `a manages b`.",
	words: func(v *models.Vocabulary) map[string]*models.Relation { return v.Relations },
	new:   func(name string, at source.Span) *models.Relation { return &models.Relation{Name: name, Span: at} },
	span:  func(r *models.Relation) source.Span { return r.Span },
	keys: []key[*models.Relation]{
		{"from", oneKind(func(r *models.Relation) **models.Kind { return &r.From }), "the kind of what it is stated at"},
		{"to", oneKind(func(r *models.Relation) **models.Kind { return &r.To }), "the kind of what it leads to"},
		{"title", text(func(r *models.Relation) *string { return &r.Title }), "what a reader calls it"},
		{"doc", text(func(r *models.Relation) *string { return &r.Doc }), "what is meant by it"},
		{
			"ask",
			value[*models.Relation]{askShape, func(b *builder, p part, n *yaml.Node, _ string, r *models.Relation) { b.asked(p, n, r) }},
			"the question for what it leads to, with {0} for what it is stated at: a text, or {text, of, to} with the kinds of what is asked and of what can be an answer",
		},
	},
	check: func(b *builder, e entry[*models.Relation]) bool {
		if !e.says("from") || !e.says("to") {
			e.lacks(b, "relation %q needs `from` and `to`, each a kind", e.Key)
		}
		return e.of.From != nil && e.of.To != nil
	},
}

var attributeSection = section[*models.Attribute]{
	key: "attributes", what: "attribute", taken: clauseWords,
	doc:   "Integers and words that a design may state of an element, and a formula ask for: `f.port`.",
	words: func(v *models.Vocabulary) map[string]*models.Attribute { return v.Attributes },
	new:   func(name string, at source.Span) *models.Attribute { return &models.Attribute{Name: name, Span: at} },
	span:  func(a *models.Attribute) source.Span { return a.Span },
	keys: []key[*models.Attribute]{
		{"of", kinds(func(a *models.Attribute) *[]*models.Kind { return &a.Of }), "the kinds that have it"},
		{"type", value[*models.Attribute]{typeShape, func(b *builder, p part, n *yaml.Node, _ string, a *models.Attribute) {
			if n.Kind == yaml.SequenceNode {
				a.Words = b.values(p, a.Name, n)
			} else if t := p.doc.Text(n, "type"); t != "integer" {
				b.diags.Errorf(CodeShape, p.doc.Span(n), "attribute %q has type %q, expected \"integer\" or a list of words", a.Name, t)
			}
		}}, "`integer`, or the list of the words that it can be"},
		{"title", text(func(a *models.Attribute) *string { return &a.Title }), "what a reader calls it"},
		{"doc", text(func(a *models.Attribute) *string { return &a.Doc }), "what is meant by it"},
		{"ask", question(func(a *models.Attribute) *string { return &a.Ask }), "the question for its value, with {0} for the element"},
	},
	check: func(b *builder, e entry[*models.Attribute]) bool {
		if of := e.at["of"]; of == nil || len(of.Content) == 0 && len(e.of.Of) == 0 || !e.says("type") {
			e.lacks(b, "attribute %q needs `of` with kinds and `type`", e.Key)
		}
		return len(e.of.Of) > 0 && !e.told
	},
}

var predicateSection = section[*models.Predicate]{
	key: "predicates", what: "predicate", taken: dsl.AttackerClause,
	doc:   "Facts that become true during an attack, besides those of the language.",
	words: func(v *models.Vocabulary) map[string]*models.Predicate { return v.Predicates },
	new:   func(name string, at source.Span) *models.Predicate { return &models.Predicate{Name: name, Span: at} },
	span:  func(p *models.Predicate) source.Span { return p.Span },
	keys: []key[*models.Predicate]{
		{"args", kinds(func(p *models.Predicate) *[]*models.Kind { return &p.Args }), "the kinds of its arguments, three at most"},
		{"title", text(func(p *models.Predicate) *string { return &p.Title }), "the fact as a sentence, with {0}, {1}, {2} for the arguments"},
		{"doc", text(func(p *models.Predicate) *string { return &p.Doc }), "what is meant by it"},
		{"common", flag(func(p *models.Predicate) *bool { return &p.Common }), "what is true of one of many is true of all of them: it is a matter of what they share"},
	},
	check: func(b *builder, e entry[*models.Predicate]) bool {
		if n := len(e.of.Args); n > 3 {
			b.diags.Errorf(CodeShape, e.of.Span, "predicate %q has %d arguments, expected at most 3", e.Key, n)
			return false
		}
		if title := e.at["title"]; title != nil {
			b.placeholders(e.part, title, "expected the number of an argument, from {0} on", func(s string) bool {
				i, err := strconv.Atoi(s)
				return err == nil && i >= 0 && i < len(e.of.Args)
			})
		}
		args := e.at["args"]
		return args == nil || len(e.of.Args) > 0 || len(args.Content) == 0
	},
}

var defineSection = section[*models.Define]{
	key: "define", what: "define", taken: clauseWords,
	doc:   "Notions: named formulas over the design, in which conditions of threats are written.",
	words: func(v *models.Vocabulary) map[string]*models.Define { return v.Defines },
	new:   func(name string, at source.Span) *models.Define { return &models.Define{Name: name, Span: at} },
	span:  func(d *models.Define) source.Span { return d.Span },
	keys: []key[*models.Define]{
		{"for", as[*models.Define](sortsShape), "its parameters with their kinds; `control` is the sort of one that stands for a control"},
		{"is", as[*models.Define](formulaShape), "the formula; it asks for nothing that an attacker gains"},
		{"closure", as[*models.Define](textShape), "instead of `is`: a relation or a define of two of one kind, of which this is the transitive closure"},
		{"title", text(func(d *models.Define) *string { return &d.Title }), "the notion as a sentence, with {PARAMETER} for each parameter"},
		{"doc", text(func(d *models.Define) *string { return &d.Doc }), "what is meant by it"},
		{"example", text(func(d *models.Define) *string { return &d.Example }), "a design that shows it"},
	},
	check: (*builder).define,
}

var threatKeys = []key[*Threat]{
	{"id", text(func(t *Threat) *string { return &t.ID }), "its name: lower-case words with hyphens"},
	{"title", text(func(t *Threat) *string { return &t.Title }), "what the attacker does, in a few words"},
	{"area", text(func(t *Threat) *string { return &t.Area }), "the part of the catalogue that it belongs to, for the reference"},
	{"stride", as[*Threat](strideShape), "categories of STRIDE"},
	{"refs", texts(func(t *Threat) *[]string { return &t.Refs }), "where it is described, such as CAPEC, CWE or ATTACK ids"},
	{"for", as[*Threat](sortsShape), "its variables with their kinds: it is there for each choice of elements of these"},
	{"when", as[*Threat](formulaShape), "the condition, over the design and over what the attacker has gained"},
	{"unless", as[*Threat](formulaShape), "what stops it: `when A`, `unless B` is `A and not B`"},
	{"then", as[*Threat](formulasShape), "the facts that become true, `not FACT` for one that becomes false"},
	{"cost", number(func(t *Threat) *int { return &t.Cost }), "what it takes, on the scale at the top of core.yaml; 1 where nothing is said, 0 for a mere consequence"},
	{"singly", flag(func(t *Threat) *bool { return &t.Singly }), "it takes one of many at a time: it does not count against those whom a requirement is about `at scale`"},
	{"harder", as[*Threat](harderShape), "what controls add to the cost where they do not stop it: {CONTROL: COST}, or {VARIABLE: {CONTROL: COST}} where several variables can have it"},
	{"abuses", as[*Threat](listShape), "controls that it makes use of"},
	{"says", text(func(t *Threat) *string { return &t.Says }), "the step as a sentence of a report, with {VARIABLE} for each variable"},
	{"rationale", text(func(t *Threat) *string { return &t.Rationale }), "why it costs what it costs"},
	{"doc", text(func(t *Threat) *string { return &t.Doc }), "how it is done, for who does not know"},
}

var unfitKeys = []key[*models.Unfit]{
	{"for", as[*models.Unfit](sortsShape), "one variable with its kind"},
	{"when", as[*models.Unfit](formulaShape), "the condition, over the design alone"},
	{"says", text(func(u *models.Unfit) *string { return &u.Says }), "why, as a clause"},
}

var repairKeys = []key[*models.Repair]{
	{"for", as[*models.Repair](sortsShape), "its variables with their kinds, as many as the change is about"},
	{"when", as[*models.Repair](formulaShape), "the condition, over the design alone"},
	{"cost", number(func(r *models.Repair) *int { return &r.Cost }), "what it takes; 1 where nothing is said"},
	{"users", text(func(r *models.Repair) *string { return &r.Users }), "what it does to those who use what is changed, as a sentence with the variables in braces; {source} and {target} are the ends of a flow"},
}

// askKeys are those of the question of a relation that is more than a text.
var askKeys = []key[*models.Relation]{
	{"text", question(func(r *models.Relation) *string { return &r.Ask }), "the question, with {0} for what the relation is stated at"},
	{"of", kinds(func(r *models.Relation) *[]*models.Kind { return &r.AskOf }), "the kinds of what is asked; without it, `from`"},
	{"to", kinds(func(r *models.Relation) *[]*models.Kind { return &r.AskTo }), "the kinds of what can be an answer; without it, `to`"},
}
