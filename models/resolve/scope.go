package resolve

import (
	"slices"
	"sort"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// names holds what a formula of a design may name besides the words of the catalogues.
type names struct {
	terms    map[string]*symbol
	domains  map[string]*models.ProcessDomain
	messages map[string]*models.Message
	steps    map[string]source.Span
	defining []*define       // the defines being expanded, outermost first
	nodes    int             // made for all formulas of the design
	patience int             // how many more candidates are worth comparing for a suggestion
	broken   map[string]bool // what declarations with errors would have declared; "" when nobody knows what
	told     map[string]bool // unknown words that were reported

	instances map[instance]*models.Define // of defines of catalogues with parameters that are controls

	elsewhere func(word string) string // what a word is that is not what it is taken for; "" where it is nothing

	catalogue bool // these are names of a catalogue, which has no elements
}

func newNames() *names {
	return &names{
		terms:    map[string]*symbol{},
		domains:  map[string]*models.ProcessDomain{},
		messages: map[string]*models.Message{},
		steps:    map[string]source.Span{},
		patience: 1_000_000,
		broken:   map[string]bool{},
		told:     map[string]bool{},

		instances: map[instance]*models.Define{},
	}
}

// symbol is what a name stands for in a term: exactly one field besides span is set.
type symbol struct {
	span    source.Span
	element *models.Element
	member  *models.Member
	value   *models.ProcessValue
	fact    *models.ProcessFact
	state   *models.ProcessVar
	define  *define
}

// what says what kind of thing the symbol is.
func (s *symbol) what() string {
	switch {
	case s.element != nil:
		return sortOf(s.element)
	case s.member != nil:
		return "a value of " + s.member.Domain.Name
	case s.value != nil:
		return "a value function"
	case s.fact != nil:
		return "a fact"
	case s.state != nil:
		return "a variable of a process"
	}
	return "a define"
}

// sortOf says what an element is, with its kind where that says more.
func sortOf(e *models.Element) string {
	out := article(e.Root())
	if k := e.Kinds[0].Name; k != e.Root() {
		out += " (" + k + ")"
	}
	return out
}

// article puts `a` or `an` before a word that can be counted, which `data` cannot.
func article(word string) string {
	switch {
	case word == "" || word == models.DataRoot:
		return word
	case strings.ContainsRune("aeiouAEIOU", rune(word[0])):
		return "an " + word
	}
	return "a " + word
}

// quiet reports whether a word that names nothing need not be reported: it was, or its declaration has an error.
func (n *names) quiet(code diag.Code, what, word string) bool {
	source, target, _ := strings.Cut(word, "->")
	if n.broken[word] || n.broken[source] && target != "" {
		return true
	}
	if n.broken[""] && (code == codeUnknown || code == codeMessage || code == codeEffect || what == "kind or domain") { // these are words of designs
		return true
	}
	key := what + " " + word
	if n.told[key] {
		return true
	}
	n.told[key] = true
	return false
}

// anAttacker is what an attacker is said to be.
const anAttacker = "an attacker"

// few is how many candidates are listed where none is near.
const few = 12

// unknown reports a word that names nothing, with what else it is or the nearest candidate, once for each word. What it returns may be added to.
func (n *names) unknown(diags *diag.List, code diag.Code, what string, at dsl.Name, candidates []string) *diag.Diagnostic {
	if n.quiet(code, what, at.Text) {
		return &diag.Diagnostic{}
	}
	d := diags.Errorf(code, at.Span, "unknown %s %q", what, at.Text)
	if n.patience < len(candidates) {
		return d
	}
	n.patience -= len(candidates)
	is := ""
	if n.elsewhere != nil {
		is = n.elsewhere(at.Text)
	}
	if near := diag.Suggest(at.Text, candidates); near != "" {
		d.Message += ` — did you mean "` + near + `"?`
	} else if is != "" {
		if d.Message += ": that is " + is; is == anAttacker {
			d.Helpf("name attackers after `against`, not in formulas")
		}
	} else if i := strings.LastIndexByte(at.Text, '-'); i > 0 && what == "name" && (at.Text[i+1] <= '9' || slices.Contains(candidates, at.Text[i+1:])) {
		d.Helpf("write \"%s - %s\" to subtract", at.Text[:i], at.Text[i+1:])
	} else if 0 < len(candidates) && len(candidates) <= few && what != "name" {
		d.Helpf("one of %s", strings.Join(candidates, ", "))
	} else {
		d.Helpf("declare it, or write a name that is declared")
	}
	return d
}

// near adds to a report of an unknown word, if no name is near it in letters, the names that are near it in meaning.
func (n *names) near(d *diag.Diagnostic, v *models.Vocabulary, word string, among []string, synonyms map[string]string, title func(name string) string) {
	if strings.Contains(d.Message, "did you mean") || strings.Contains(d.Message, ": that is ") || n.patience < 8*len(among) {
		return
	}
	n.patience -= 8 * len(among)
	if names := v.Near(word, among, synonyms, title); len(names) > 0 {
		d.Helpf("near in meaning: %s; `vauban catalogue words WORD` finds others", strings.Join(names, ", "))
	} else if d.Code != "" {
		d.Helpf("`vauban catalogue words WORD` finds what there is, by other words, too")
	}
}

// words returns the keys of a map in order.
func words[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for w := range m {
		out = append(out, w)
	}
	sort.Strings(out)
	return out
}

// candidates returns the names in terms that satisfy keep, in order.
func (n *names) candidates(keep func(*symbol) bool) []string {
	var out []string
	if n.patience < len(n.terms) {
		return nil
	}
	for name, s := range n.terms {
		if keep(s) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// bind makes variables of parameters and puts them in scope. It reports unknown sorts, and names that are taken.
func (c *checker) bind(params []dsl.Param) []*models.Var {
	vars := make([]*models.Var, len(params))
	for i, p := range params {
		t, _ := c.sort(p.Sort)
		if p.Maybe {
			c.diags.Errorf(codeNone, p.Sort.Span, "found `?` after the sort of %q, expected %q alone: only a `var` may be `none`", p.Name.Text, p.Sort.Text)
		}
		vars[i] = &models.Var{Name: p.Name.Text, Type: t, Span: p.Name.Span}
		if p.Name.Text == "" {
			continue
		}
		if dsl.IsWord(p.Name.Text, dsl.ValueWord) {
			c.diags.Errorf(codeReserved, p.Name.Span, "nothing can be called %q, which means something in every formula", p.Name.Text).Helpf("give it another name")
		}
		c.shadows(p.Name)
		for _, other := range vars[:i] {
			if other.Name == p.Name.Text {
				c.diags.Errorf(codeDuplicate, p.Name.Span, "variable %q is declared twice, expected another name", p.Name.Text).Label(other.Span, "first declared here")
			}
		}
	}
	c.scope = append(c.scope, vars...)
	return vars
}

// shadows reports a variable whose name already means something.
func (c *checker) shadows(name dsl.Name) {
	if outer := c.bound(name.Text); outer != nil {
		c.diags.Warnf(codeShadow, name.Span, "variable %q hides the variable of the same name outside: rename one", name.Text).Label(outer.Span, "the one that is hidden")
	}
	s := c.names.terms[name.Text]
	switch {
	case s == nil:
	case s.element != nil:
		c.diags.Errorf(codeShadow, name.Span, "variable %q has the name of %s", name.Text, s.what()).Label(s.span, "declared here").Helpf("give the variable another name")
	default:
		c.diags.Warnf(codeShadow, name.Span, "variable %q hides %s: rename it", name.Text, s.what()).Label(s.span, "declared here")
	}
}

// bound returns the innermost variable of that name, or nil.
func (c *checker) bound(name string) *models.Var {
	for i := len(c.scope) - 1; i >= 0; i-- {
		if c.scope[i].Name == name && name != "" {
			return c.scope[i]
		}
	}
	return nil
}

// sort resolves a kind or a domain to the type of a variable. An unknown one is reported, and its type fits everything.
func (c *checker) sort(name dsl.Name) (models.Type, bool) {
	if c.names.domains[name.Text] != nil {
		return c.names.domains[name.Text].Type(), true
	}
	if k := c.v.Kind(name.Text); k != nil {
		return models.Type{Base: models.ElementType, Kind: k}, true
	}
	if s := c.names.terms[name.Text]; s != nil && s.element != nil && s.element.Root() == models.ActorRoot {
		return models.Type{Base: models.ElementType, Kind: members(s.element)}, true
	}
	d := c.names.unknown(c.diags, codeKind, "kind or domain", name, append(words(c.v.Kinds), words(c.names.domains)...))
	switch strings.ToLower(name.Text) {
	case "int", "integer", "number", "nat":
		d.Helpf("integers are of a domain, such as `domain Amount = 0..9`")
	case "bool", "boolean":
		d.Helpf("what is true or false is a `fact`")
	case "string", "text", "enum":
		d.Helpf("words are of a domain, such as `domain State = open, paid`")
	}
	return anyType, false
}

// anyType is the type of what was already reported: an object without kind.
var anyType = models.Type{Base: models.ElementType}
