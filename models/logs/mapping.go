package logs

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
	"github.com/vauban-verifier/vauban/models"
)

// CodeMapping is the code of what a mapping says that does not fit the design.
const CodeMapping diag.Code = "VAU6001"

// Mapping says what the records of a log mean in a design.
type Mapping struct {
	File     *source.File // nil: the log speaks of steps by their names
	Format   string       // "" leaves it to the name of the log
	Case     []string     // fields, each of which names objects that a case is about
	Time     string
	Source   string
	Type     string
	Sorted   bool // entries of a source are ordered by their times
	Rules    []*Rule
	Ignore   map[string]bool // types that mean nothing
	Observed []*models.Step  // a firing of which leaves an event, and of no others
	Clocks   []Clock
	Values   map[string]*Values // by domain or kind
}

// Clock says that the times of some sources can be compared.
type Clock struct {
	Sources []string
	Skew    time.Duration // two times that differ by no more say nothing
}

// Rule says what records mean: those of a type, with some texts in some fields.
type Rule struct {
	Type    string // "" is any
	Where   []Where
	Step    *models.Step // nil of the others
	Args    []Arg        // of the step, in the order of its parameters
	Attempt []string     // IDs of threats, any of which was attempted
	Refs    string       // a field with references, such as CAPEC-66, that lead to threats which were attempted
	On      []Arg        // elements that the attempt has to do with
	Effect  string       // the fact that was seen, such as `poisons(Shop)`
	Span    source.Span
}

// Where is a condition on a field.
type Where struct {
	Field string
	Is    []string
}

// Arg is where an argument comes from.
type Arg struct {
	Field string // the field that has it
	Value string // or what it always is
	Any   bool   // or the log does not tell
	Of    models.Type
}

// Values say which values of a domain the texts of a log mean. Without any, a text is the name of a value.
type Values struct {
	InOrder bool // what a case speaks of first is the first value, and so on
	Of      []Value
}

// Value is what is meant by one value.
type Value struct {
	Name  string
	Texts []string
	From  *big.Rat // and numbers from this on
	Below *big.Rat // up to this, which is not meant any more
	Else  bool     // and whatever no other value means
}

// Plain returns the mapping of logs that speak of steps by their names, all of which are observed.
func Plain(d *models.Design, defaults Defaults) *Mapping {
	m := &Mapping{Case: []string{defaults.Case}, Time: defaults.Time, Source: defaults.Source, Type: defaults.Type, Sorted: defaults.Sorted}
	m.Observed = steps(d)
	return m
}

func steps(d *models.Design) []*models.Step {
	var out []*models.Step
	for _, p := range d.Processes {
		out = append(out, p.Steps...)
	}
	return out
}

// FormatOf returns the format that the text of a mapping names, without a look at the rest; "" where it names none.
func FormatOf(text string) string {
	var head struct {
		Format string `yaml:"format"`
	}
	if len(text) > source.MaxBytes || yaml.Unmarshal([]byte(text), &head) != nil {
		return ""
	}
	return head.Format
}

// parser reads a mapping.
type parser struct {
	*yamldoc.Document
	d *models.Design
	m *Mapping
}

// Parse reads a mapping for a design. Its errors are in diags, and then the mapping is nil.
func Parse(f *source.File, d *models.Design, defaults Defaults, diags *diag.List) *Mapping {
	doc, root := yamldoc.Parse(f, "mapping", "events", diags)
	if root == nil {
		return nil
	}
	m := Plain(d, defaults)
	m.File, m.Observed, m.Ignore, m.Values = f, nil, map[string]bool{}, map[string]*Values{}
	p := &parser{doc, d, m}
	fields := p.Fields(root, "the mapping", "format", "case", "time", "source", "type", "order", "events", "ignore", "observed", "clocks", "values")
	observed := false
	for _, x := range fields {
		m.place(doc, x)
		switch x.Key {
		case "format":
			m.Format = p.Text(x.Value, "format")
		case "order":
			switch text := p.Text(x.Value, "order"); text {
			case "time", "log":
				m.Sorted = text == "time"
			default:
				diags.Errorf(yamldoc.CodeShape, p.Span(x.Value), "order is %q, expected `log` (as they are written) or `time`", text)
			}
		case "values":
			p.values(x.Value)
		case "ignore":
			for _, t := range p.Texts(x.Value, "ignore") {
				m.Ignore[t] = true
			}
		case "clocks":
			p.clocks(x.Value)
		}
	}
	for _, x := range fields { // which speak of what is above
		switch x.Key {
		case "events":
			p.rules(x.Value)
		case "observed":
			observed = true
			for _, n := range p.List(x.Value, "observed") {
				if s := p.step(n); s != nil && !slices.Contains(m.Observed, s) {
					m.Observed = append(m.Observed, s)
				}
			}
		}
	}
	p.observed(observed)
	if len(m.Case) == 0 && !diags.HasErrors() {
		diags.Errorf(yamldoc.CodeKey, p.Span(root), "the mapping does not say which field has the case, expected the key \"case\"")
	}
	if diags.HasErrors() {
		return nil
	}
	return m
}

// place reads where in a record something is, if that is what a key says.
func (m *Mapping) place(doc *yamldoc.Document, x yamldoc.Field) {
	switch x.Key {
	case "case":
		m.Case = doc.Texts(x.Value, "case")
	case "time":
		m.Time = doc.Text(x.Value, "time")
	case "source":
		m.Source = doc.Text(x.Value, "source")
	case "type":
		m.Type = doc.Text(x.Value, "type")
	}
}

// Fields reads of a mapping only where things are, for whoever has no design. Its errors are in diags, and then the mapping is nil.
func Fields(f *source.File, defaults Defaults, diags *diag.List) *Mapping {
	doc, root := yamldoc.Parse(f, "mapping", "case", diags)
	if root == nil {
		return nil
	}
	m := Plain(&models.Design{}, defaults)
	m.File = f
	for _, x := range doc.Fields(root, "the mapping") {
		m.place(doc, x)
	}
	if diags.HasErrors() {
		return nil
	}
	return m
}

// observed holds what is said to be observed against the events: a step that an event means is observed.
func (p *parser) observed(said bool) {
	for _, r := range p.m.Rules {
		if r.Step == nil || slices.Contains(p.m.Observed, r.Step) {
			continue
		}
		if said {
			p.Diags.Errorf(CodeMapping, r.Span, "an event means step %q, which is not among `observed`", r.Step.Name).
				Helpf("add it there: when it is missing in a log, that it was not taken counts as evidence")
			continue
		}
		p.m.Observed = append(p.m.Observed, r.Step)
	}
}

func (p *parser) step(n *yaml.Node) *models.Step {
	name := p.Text(n, "a step")
	if name == "" {
		return nil
	}
	var known []string
	for _, s := range steps(p.d) {
		if s.Name == name {
			return s
		}
		known = append(known, s.Name)
	}
	p.Diags.Errorf(CodeMapping, p.Span(n), "the design has no step %q%s", name, diag.DidYouMean(name, known))
	return nil
}

// rules reads `events`: a list of what records mean.
func (p *parser) rules(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.Diags.Errorf(yamldoc.CodeShape, p.Span(n), "events is %s, expected a list, such as [{type: paid, step: Pay, args: {o: order}}]", yamldoc.Shape(n))
		return
	}
	for _, item := range n.Content {
		p.rule(item)
	}
}

func (p *parser) rule(n *yaml.Node) {
	r := &Rule{Span: p.Span(n)}
	at := map[string]*yaml.Node{}
	for _, x := range p.Fields(n, "an event", "type", "where", "step", "args", "attempt", "on", "effect") {
		at[x.Key] = x.Value
		switch x.Key {
		case "type":
			r.Type = p.Text(x.Value, "type")
		case "where":
			for _, w := range p.Fields(x.Value, "where") {
				r.Where = append(r.Where, Where{w.Key, p.Texts(w.Value, "where")})
			}
		case "step":
			if r.Step = p.step(x.Value); r.Step == nil {
				return
			}
			r.Span = p.Span(x.Value)
		case "attempt":
			p.attempt(r, x.Value)
		case "effect":
			r.Effect = strings.ReplaceAll(p.Text(x.Value, "effect"), " ", "")
			r.Effect = strings.ReplaceAll(r.Effect, ",", ", ")
		}
	}
	means := 0
	for _, key := range []string{"step", "attempt", "effect"} {
		if at[key] != nil {
			means++
		}
	}
	switch {
	case means != 1:
		p.Diags.Errorf(yamldoc.CodeKey, r.Span, "an event means %d things, expected one of `step`, `attempt` and `effect`", means)
		return
	case r.Step != nil:
		p.args(r, at["args"])
	case at["args"] != nil:
		p.Diags.Errorf(yamldoc.CodeKey, p.Span(at["args"]), "`args` is for steps, expected `on`")
	}
	if at["on"] != nil {
		if at["attempt"] == nil {
			p.Diags.Errorf(yamldoc.CodeKey, p.Span(at["on"]), "`on` is for attempts, expected `args` for a step, and neither for an effect")
		}
		p.on(r, at["on"])
	}
	p.m.Rules = append(p.m.Rules, r)
}

// attempt reads the threats that were attempted: their IDs, or `{refs: FIELD}`.
func (p *parser) attempt(r *Rule, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for _, x := range p.Fields(n, "attempt", "refs") {
			r.Refs = p.Text(x.Value, "refs")
		}
		return
	}
	known := make([]string, 0, len(p.d.Vocabulary.ThreatIDs))
	for id := range p.d.Vocabulary.ThreatIDs {
		known = append(known, id)
	}
	slices.Sort(known)
	for _, item := range p.List(n, "attempt") {
		if !p.d.Vocabulary.ThreatIDs[item.Value] {
			p.Diags.Errorf(CodeMapping, p.Span(item), "no catalogue in use has a threat %q%s", item.Value, diag.DidYouMean(item.Value, known))
			continue
		}
		r.Attempt = append(r.Attempt, item.Value)
	}
}

// on reads elements: names, or `{field: FIELD}`.
func (p *parser) on(r *Rule, n *yaml.Node) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if item.Kind == yaml.MappingNode {
			for _, x := range p.Fields(item, "on", "field") {
				r.On = append(r.On, Arg{Field: p.Text(x.Value, "field"), Of: models.Type{Base: models.ElementType}})
			}
			continue
		}
		name := p.Text(item, "on")
		if name != "" && p.d.Lookup(name) == nil {
			p.Diags.Errorf(CodeMapping, p.Span(item), "the design has no element %q: name one of its elements", name)
		}
		r.On = append(r.On, Arg{Value: name})
	}
}

// args reads where the arguments of a step come from: `{o: FIELD, a: {value: cent}, b: {any: true}}`.
func (p *parser) args(r *Rule, n *yaml.Node) {
	given := map[string]Arg{}
	var known []string
	for _, v := range r.Step.Params {
		known = append(known, v.Name)
	}
	if n != nil {
		for _, x := range p.Fields(n, "the arguments of step "+r.Step.Name, append(known, "")...) {
			i := slices.Index(known, x.Key)
			if i < 0 {
				continue
			}
			arg := Arg{Of: r.Step.Params[i].Type}
			if x.Value.Kind != yaml.MappingNode {
				arg.Field = p.Text(x.Value, x.Key)
				given[x.Key] = arg
				continue
			}
			for _, y := range p.Fields(x.Value, x.Key, "field", "value", "any") {
				switch y.Key {
				case "field":
					arg.Field = p.Text(y.Value, "field")
				case "any":
					arg.Any = p.Bool(y.Value, "any")
				case "value":
					if arg.Value = p.Text(y.Value, "value"); arg.Value != "" && !slices.Contains(Names(p.d, arg.Of), arg.Value) {
						p.Diags.Errorf(CodeMapping, p.Span(y.Value), "%s of step %q is never %q%s", x.Key, r.Step.Name, arg.Value, diag.DidYouMean(arg.Value, Names(p.d, arg.Of)))
					}
				}
			}
			given[x.Key] = arg
		}
	}
	for _, name := range known {
		arg, ok := given[name]
		if !ok {
			p.Diags.Errorf(CodeMapping, r.Span, "parameter %q of step %q is not mapped", name, r.Step.Name).
				Helpf("name the field that has it: args: {%s: FIELD}, or say that the log does not tell: {%s: {any: true}}", name, name)
		}
		r.Args = append(r.Args, arg)
	}
}

// Names returns the names of the values of a type.
func Names(d *models.Design, t models.Type) []string {
	var out []string
	for _, x := range d.Literals(t) {
		out = append(out, x.String())
	}
	if t.Maybe {
		out = append(out, "none")
	}
	return out
}

// sort returns the type of a domain or kind.
func (p *parser) sort(at *yaml.Node) (t models.Type, ok bool) {
	var known []string
	for _, process := range p.d.Processes {
		for _, d := range process.Domains {
			if d.Name == at.Value {
				return d.Type(), true
			}
			known = append(known, d.Name)
		}
	}
	if k := p.d.Vocabulary.Kind(at.Value); k != nil {
		return models.Type{Base: models.ElementType, Kind: k}, true
	}
	p.Diags.Errorf(CodeMapping, p.Span(at), "the design has no domain %q%s", at.Value, diag.DidYouMean(at.Value, known))
	return t, false
}

// values reads what texts mean: by domain or kind, `in order`, or by value a list of texts, a range, or `otherwise`.
func (p *parser) values(n *yaml.Node) {
	for _, x := range p.Fields(n, "values") {
		t, ok := p.sort(x.At)
		if !ok {
			continue
		}
		v := &Values{}
		p.m.Values[x.Key] = v
		if x.Value.Kind == yaml.ScalarNode {
			if v.InOrder = x.Value.Value == "in order"; !v.InOrder || t.Base == models.ElementType {
				p.Diags.Errorf(yamldoc.CodeShape, p.Span(x.Value), "the values of %s are %q, expected `in order` of a domain, or what each value means", x.Key, x.Value.Value)
			}
			continue
		}
		for _, y := range p.Fields(x.Value, "the values of "+x.Key) {
			if known := Names(p.d, t); !slices.Contains(known, y.Key) {
				p.Diags.Errorf(CodeMapping, p.Span(y.At), "%s has no value %q%s", x.Key, y.Key, diag.DidYouMean(y.Key, known))
			}
			v.Of = append(v.Of, p.value(y))
		}
	}
}

func (p *parser) value(y yamldoc.Field) Value {
	out := Value{Name: y.Key}
	switch {
	case y.Value.Kind == yaml.MappingNode:
		for _, z := range p.Fields(y.Value, "value "+y.Key, "from", "below", "texts") {
			switch z.Key {
			case "texts":
				out.Texts = p.Texts(z.Value, "texts")
			case "from":
				out.From = p.rational(z.Value)
			case "below":
				out.Below = p.rational(z.Value)
			}
		}
	case y.Value.Kind == yaml.ScalarNode && y.Value.Value == "otherwise" && y.Value.Style == 0:
		out.Else = true
	default:
		out.Texts = p.Texts(y.Value, "the texts that mean "+y.Key)
	}
	return out
}

// maxDigits bounds how long a number may be.
const maxDigits = 64

// Number reads a decimal number; nil where a text is none.
func Number(text string) *big.Rat {
	if len(text) > maxDigits || strings.ContainsAny(text, "/eEpPxX_") {
		return nil
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}

func (p *parser) rational(n *yaml.Node) *big.Rat {
	r := Number(p.Text(n, "a number"))
	if r == nil {
		p.Diags.Errorf(yamldoc.CodeShape, p.Span(n), "%s is not a number, expected a decimal one such as 59.90", yamldoc.Shape(n))
	}
	return r
}

// clocks reads a list of sources whose times can be compared: `[{sources: [shop, psp], skew: 2s}]`.
func (p *parser) clocks(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.Diags.Errorf(yamldoc.CodeShape, p.Span(n), "clocks is %s, expected a list, such as [{sources: [shop, psp], skew: 2s}]", yamldoc.Shape(n))
		return
	}
	for _, item := range n.Content {
		c := Clock{}
		for _, x := range p.Fields(item, "a clock", "sources", "skew") {
			if x.Key == "sources" {
				c.Sources = p.Texts(x.Value, "sources")
				continue
			}
			d, err := time.ParseDuration(p.Text(x.Value, "skew"))
			if err != nil || d < 0 {
				p.Diags.Errorf(yamldoc.CodeShape, p.Span(x.Value), "skew is %s, expected a duration such as 500ms or 2s", yamldoc.Shape(x.Value))
			}
			c.Skew = d
		}
		p.m.Clocks = append(p.m.Clocks, c)
	}
}
