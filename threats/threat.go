package threats

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
)

// The categories of STRIDE as catalogues write them.
var stride = []string{"spoofing", "tampering", "repudiation", "information-disclosure", "denial-of-service", "elevation-of-privilege"}

var (
	validID     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	placeholder = regexp.MustCompile(`\{[^{}]*\}?|\}`)
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (b *builder) threats(p part) {
	x, ok := p.fields["threats"]
	if !ok {
		return
	}
	if x.Value.Kind != yaml.SequenceNode {
		b.diags.Errorf(CodeShape, p.doc.Span(x.Value), "threats is %s, expected a list", yamldoc.Shape(x.Value))
		return
	}
	for _, n := range x.Value.Content {
		b.threat(p, n)
	}
}

// variables reads variables with their sorts; known tells whether all sorts are.
func (b *builder) variables(p part, n *yaml.Node) (vars []*models.Var, known bool) {
	known = true
	for _, f := range p.doc.Fields(n, "for") {
		ty, ok := b.formulas.Sort(dsl.Name{Text: p.doc.Text(f.Value, "a sort"), Span: p.doc.Span(f.Value)})
		known = known && ok
		vars = append(vars, &models.Var{Name: f.Key, Type: ty, Span: p.doc.Span(f.At)})
	}
	return vars, known
}

func (b *builder) threat(p part, n *yaml.Node) {
	t := &Threat{Cost: 1, Catalogue: p.name, Span: p.doc.Span(n)}
	at := read(b, p, n, "the threat", threatKeys, t)
	if at["id"] == nil {
		b.diags.Errorf(CodeKey, t.Span, "a threat has no `id`, expected one")
		return
	}
	t.Span = p.doc.Span(at["id"])
	if !validID.MatchString(t.ID) {
		d := b.diags.Errorf(CodeShape, t.Span, "threat id %q is not of lower-case words with hyphens, such as \"sniff-cleartext\"", t.ID)
		if right := hyphened(t.ID); validID.MatchString(right) {
			d.Helpf("id: %s", right)
		}
	}
	if old := b.ids[t.ID]; old != nil {
		b.diags.Errorf(CodeTwice, t.Span, "threat %q is declared twice, expected another id", t.ID).Label(old.Span, "first declared here")
		return
	}
	b.ids[t.ID] = t
	b.v.ThreatIDs[t.ID] = true
	if b.words && p.builtin {
		return
	}
	for _, key := range []string{"for", "when", "then"} {
		if at[key] == nil {
			b.diags.Errorf(CodeKey, t.Span, "threat %q has no `%s`, expected one", t.ID, key)
			return
		}
	}
	if at["stride"] != nil {
		for _, s := range p.doc.List(at["stride"], "stride") {
			if !slices.Contains(stride, s.Value) {
				b.diags.Errorf(CodeName, p.doc.Span(s), "unknown STRIDE category %q%s", s.Value, diag.DidYouMean(s.Value, stride)).Helpf("one of %s", strings.Join(stride, ", "))
			}
			t.Stride = append(t.Stride, s.Value)
		}
	}
	if at["for"].Kind != yaml.MappingNode {
		b.diags.Errorf(CodeShape, p.doc.Span(at["for"]), "`for` is %s, expected variables with their sorts", yamldoc.Shape(at["for"])).Helpf("for: {c: component, d: data}")
		return // nobody knows what the rest speaks of
	}
	vars, sound := b.variables(p, at["for"]) // what is wrong with a part of it is told, with what is wrong in the others
	t.For = vars
	t.When = b.formula(p, at["when"], t.For, "when")
	if at["unless"] != nil {
		t.Unless = b.formula(p, at["unless"], t.For, "unless")
	}
	if sound = sound && t.When != nil && (t.Unless != nil || at["unless"] == nil); sound && t.Unless != nil {
		if !p.builtin { // a test holds the built-in ones to it: it takes a sixth of the time of loading them
			b.meetable(t)
		}
		not := &models.Expr{Op: models.OpNot, Args: []*models.Expr{t.Unless}, Span: t.Unless.Span, Type: t.Unless.Type}
		t.When = &models.Expr{Op: models.OpAnd, Args: []*models.Expr{t.When, not}, Span: t.When.Span, Type: t.When.Type}
	}
	then := p.doc.List(at["then"], "then")
	if len(then) == 0 && at["then"].Kind == yaml.SequenceNode {
		b.diags.Errorf(CodeShape, p.doc.Span(at["then"]), "`then` of threat %q is empty, expected facts such as [knows(d)]", t.ID)
	}
	for _, item := range then {
		if e := b.parse(p, item, "then"); e != nil {
			if pred, args, set := b.formulas.Fact(e, t.For); pred != nil {
				t.Then = append(t.Then, Effect{pred, args, set})
			}
		}
	}
	if at["harder"] != nil {
		b.harder(p, t, at["harder"])
	}
	if !sound {
		return
	}
	b.abuses(p, t, at["abuses"])
	b.uses(p, t, at["says"])
	if len(t.Then) > 0 {
		b.out.Threats = append(b.out.Threats, t)
	}
}

// hyphened writes a name of words that another habit joins, as an id.
func hyphened(name string) string {
	var out strings.Builder
	for i, r := range strings.TrimSpace(name) {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.FieldsFunc(out.String(), func(r rune) bool { return r == '-' || r == '_' || r == ' ' }), "-")
}

// harder reads `{f: {tls_pinning: 4}}` or, where only one variable can have the control, `{tls_pinning: 4}`.
func (b *builder) harder(p part, t *Threat, n *yaml.Node) {
	for _, f := range p.doc.Fields(n, "harder") {
		if f.Value.Kind == yaml.MappingNode {
			i := slices.IndexFunc(t.For, func(v *models.Var) bool { return v.Name == f.Key })
			if i < 0 {
				b.diags.Errorf(CodeName, p.doc.Span(f.At), "unknown variable %q in `harder`, expected one of `for`", f.Key)
				continue
			}
			for _, c := range p.doc.Fields(f.Value, "harder") {
				control := b.control(p, c.At)
				if control == nil {
					continue
				}
				if !mayHave(t.For[i], control) {
					b.diags.Errorf(CodeUnless, p.doc.Span(c.At), "control %q is not made for variable %q, expected one that is", control.Name, f.Key)
				}
				b.addHarder(p, t, c, Harder{t.For[i], control, p.doc.Number(c.Value, "cost")})
			}
			continue
		}
		control := b.control(p, f.At)
		if control == nil {
			continue
		}
		var of []*models.Var
		for _, v := range t.For {
			if mayHave(v, control) {
				of = append(of, v)
			}
		}
		if len(of) != 1 {
			if slices.ContainsFunc(t.For, func(v *models.Var) bool { return v.Type.Kind == nil }) {
				continue // nobody knows which can have it
			}
			b.diags.Errorf(CodeEffect, p.doc.Span(f.At), "%d variables of threat %q can have control %q, expected one", len(of), t.ID, control.Name).
				Helpf("name the variable: harder: {VARIABLE: {%s: %s}}", control.Name, f.Value.Value)
			continue
		}
		b.addHarder(p, t, f, Harder{of[0], control, p.doc.Number(f.Value, "cost")})
	}
}

// mayHave reports whether a control is made for some of what a variable stands for. One of an unknown sort was reported, and may have any.
func mayHave(v *models.Var, c *models.Control) bool {
	k := v.Type.Kind
	if k == nil || c.Fits([]*models.Kind{k}) {
		return true
	}
	for _, of := range c.Of {
		if of.Is(k) {
			return true
		}
	}
	return false
}
