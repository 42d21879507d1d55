package resolve

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// statement is a clause with its names bound: it is bound once and then applied to every element that it is written at,
// or, below `each`, as if written at.
type statement struct {
	clause    *dsl.Clause
	text      string
	controls  []models.ControlState
	elements  []*models.Element
	attribute *models.Attribute
	value     models.AttributeValue
	relation  *models.Relation
	none      bool // the relation is said not to be there
	origin    source.Origin
	words     []string
	wrong     bool // already reported: a misfit is told once, not for every element
}

// clauseOf returns the relation of the base language that a clause states.
func clauseOf(keyword string) (models.BaseRelation, bool) {
	b, ok := models.BaseRelations[keyword]
	return b, ok && dsl.IsWord(keyword, dsl.ElementClause)
}

// clause binds the names of a clause for elements, which are all of one sort. It returns nil when nothing of it can be used.
func (r *resolver) clause(c *dsl.Clause, elements []*models.Element) *statement {
	if len(elements) == 0 {
		return nil
	}
	s := &statement{clause: c}
	keyword := c.Keyword.Text
	if len(c.With) > 0 && keyword != "stores" {
		r.diags.Errorf(codeClause, c.With[0].Span, "found `with` after another clause, expected it after `stores` only")
	}
	switch keyword {
	case "title", "owner", "tech", "link":
		s.text = r.text(c)
		return s
	case "is": // bound before, for it decides what else fits
		return nil
	case "has":
		s.controls = r.controls(c.Items)
		if i := slices.IndexFunc(c.Items, func(x dsl.Item) bool { return x.Maybe }); c.Not && i >= 0 {
			r.diags.Errorf(codeControl, c.Items[i].Span, "`has not` takes a control back, which leaves nothing to decide").Helpf("has not %s", c.Items[i].Text)
		}
		return s
	case "from":
		return r.origin(s)
	case "guessed":
		return r.guessed(s)
	case "sure":
		return s
	}
	if b, ok := clauseOf(keyword); ok {
		for _, e := range elements {
			if !slices.Contains(b.Left, e.Root()) {
				r.diags.Errorf(codeClause, c.Keyword.Span, "`%s` is a clause of another kind: expected %s, but %q is %s", keyword, kindList(r.check.roots(b.Left...)), e.Name, article(e.Root()))
				return nil
			}
		}
		if s.none = r.isNone(c); s.none {
			return s
		}
		kind := b.Right
		if kind == models.Credential { // said better below
			kind = models.DataRoot
		}
		for _, item := range c.Items {
			if name, ok := r.itemName(item, keyword); ok {
				e := r.findOf(name, kind)
				if e != nil && (b.Right != models.Credential || r.credential(e, name, keyword)) {
					s.elements = append(s.elements, e)
				}
			}
		}
		s.controls = r.controls(c.With)
		return s
	}
	return r.declaredClause(s, elements)
}

// declaredClause binds an attribute or a relation of a catalogue.
func (r *resolver) declaredClause(s *statement, elements []*models.Element) *statement {
	c := s.clause
	if a := r.v.Attributes[c.Keyword.Text]; a != nil {
		s.attribute = a
		if !r.attributeValue(s) {
			return nil
		}
		return s
	}
	if rel := r.v.Relation(c.Keyword.Text); rel != nil {
		s.relation = rel
		if s.none = r.isNone(c); s.none {
			return s
		}
		for _, item := range c.Items {
			name, ok := r.itemName(item, rel.Name)
			if !ok {
				continue
			}
			e := r.find(name, rel.To.Root().Name)
			switch {
			case e == nil:
			case !e.Is(rel.To):
				r.diags.Errorf(codeSort, name.Span, "`%s`: expected %s, but %q is %s", rel.Name, article(rel.To.Name), e.Name, sortOf(e)).Label(e.Span, "declared here")
			default:
				s.elements = append(s.elements, e)
			}
		}
		return s
	}
	var candidates []string
	for _, w := range dsl.Words(dsl.ElementClause) {
		if b, ok := clauseOf(w); !ok || slices.Contains(b.Left, elements[0].Root()) {
			candidates = append(candidates, w)
		}
	}
	candidates = append(append(candidates, words(r.v.Attributes)...), words(r.v.Relations)...)
	switch keyword := c.Keyword.Text; keyword {
	case "and", "or":
		r.diags.Errorf(codeClause, c.Keyword.Span, "found %q among clauses", keyword).Helpf("write a comma between the names of a list")
	case "in", "of", "over", "blocked":
		r.diags.Errorf(codeClause, c.Keyword.Span, "`%s` is not a clause", keyword).Helpf("write it before the braces of the element, or before the clauses of an `each`")
	default:
		r.names.unknown(r.diags, codeClause, "clause, attribute or relation", c.Keyword, candidates)
	}
	return nil
}

func (r *resolver) attributeValue(s *statement) bool {
	a, c := s.attribute, s.clause
	if len(c.Items) != 1 {
		r.diags.Errorf(codeAttribute, c.Span, "attribute %q has %d values, expected one", a.Name, len(c.Items))
		return false
	}
	item := c.Items[0]
	switch {
	case a.Words == nil && item.Kind == dsl.IntItem:
		s.value = models.AttributeValue{Int: item.Int}
	case a.Words == nil:
		d := r.diags.Errorf(codeAttribute, item.Span, "attribute %q has the value %q, expected an integer", a.Name, item.Text)
		if n, err := strconv.Atoi(item.Text); err == nil {
			d.Helpf("%s %d", a.Name, n)
		}
		return false
	case item.Kind == dsl.NameItem && slices.Contains(a.Words, item.Text) && !item.Maybe:
		s.value = models.AttributeValue{Word: item.Text}
	default:
		d := r.diags.Errorf(codeAttribute, item.Span, "%q is not a value of attribute %q, expected one of %s", item.Span.Text(), a.Name, strings.Join(a.Words, ", "))
		if near := diag.Suggest(item.Text, a.Words); near != "" {
			d.Helpf("%s %s", a.Name, near)
		}
		return false
	}
	return true
}

// itemName returns an item that must be a bare name.
func (r *resolver) itemName(item dsl.Item, keyword string) (dsl.Name, bool) {
	if item.Kind != dsl.NameItem {
		r.diags.Errorf(codeClause, item.Span, "expected a name after `%s`, found %s", keyword, item.Span.Text())
		return dsl.Name{}, false
	}
	if item.Maybe {
		r.diags.Errorf(codeClause, item.Span, "found %q after `%s`, expected it without `?`: only controls are undecided", item.Text+"?", keyword)
	}
	return dsl.Name{Text: item.Text, Span: item.Span}, true
}

// isNone reports whether a clause says that there is nothing to name. It reports a `none` among names.
func (r *resolver) isNone(c *dsl.Clause) bool {
	none := func(x dsl.Item) bool { return x.Kind == dsl.NameItem && x.Text == "none" }
	i := slices.IndexFunc(c.Items, none)
	if i >= 0 && (len(c.Items) > 1 || c.Items[i].Maybe || len(c.With) > 0) {
		r.diags.Errorf(codeClause, c.Items[i].Span, "`none` is alone after `%s`", c.Keyword.Text).Helpf("%s none", c.Keyword.Text)
	}
	return i >= 0
}

// origin reads `from "FILE:LINE"`.
func (r *resolver) origin(s *statement) *statement {
	text := r.text(s.clause)
	if text == "" {
		return nil
	}
	s.origin.File = text
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		if n, err := strconv.Atoi(text[i+1:]); err == nil && n > 0 {
			s.origin = source.Origin{File: text[:i], Line: n}
		}
	}
	if f := s.origin.File; !filepath.IsLocal(f) || strings.ContainsFunc(f, unicode.IsControl) {
		r.diags.Errorf(codeClause, s.clause.Items[0].Span, "%q is not a file below the directory of the design", f).Helpf("from \"docker-compose.yml:31\"")
		return nil
	}
	return s
}

// guessed reads what of an element was guessed.
func (r *resolver) guessed(s *statement) *statement {
	known := []string{"kind", "zone", "source", "target", "protocol", "flow"}
	known = append(append(append(append(known, dsl.Words(dsl.ElementClause)...), words(r.v.Attributes)...), words(r.v.Relations)...), words(r.v.Controls)...)
	for _, item := range s.clause.Items {
		name, ok := r.itemName(item, "guessed")
		switch {
		case !ok:
		case !slices.Contains(known, name.Text):
			r.names.unknown(r.diags, codeClause, "part of an element", name, known)
		default:
			s.words = append(s.words, name.Text)
		}
	}
	return s
}

// text returns the string of a clause such as `title "Web shop"`.
func (r *resolver) text(c *dsl.Clause) string {
	if len(c.Items) != 1 || c.Items[0].Kind != dsl.StringItem {
		r.diags.Errorf(codeClause, c.Span, "expected one string after `%s`", c.Keyword.Text).Helpf("%s \"...\"", c.Keyword.Text)
		return ""
	}
	return c.Items[0].Text
}

func (r *resolver) controls(items []dsl.Item) []models.ControlState {
	var out []models.ControlState
	for _, item := range items {
		if item.Kind != dsl.NameItem {
			r.diags.Errorf(codeControl, item.Span, "expected a control, found %s", item.Span.Text())
			continue
		}
		if k := r.check.control(dsl.Name{Text: item.Text, Span: item.Span}); k != nil {
			out = append(out, models.ControlState{Control: k, Open: item.Maybe, Span: item.Span})
		}
	}
	return out
}

// credential reports data that nobody can prove himself with.
func (r *resolver) credential(d *models.Element, at dsl.Name, keyword string) bool {
	if d.Is(r.v.Kinds[models.Credential]) {
		return true
	}
	r.diags.Errorf(codeCredential, at.Span, "`%s` names a credential, but %q is %s", keyword, d.Name, sortOf(d)).
		Label(d.Span, "declared here").Helpf("data %s: %s, credential", d.Name, d.Kinds[0].Name)
	return false
}

// apply writes a statement at elements.
func (r *resolver) apply(s *statement, elements []*models.Element) {
	if s == nil {
		return
	}
	for _, e := range elements {
		r.write(s, e)
	}
}

func (r *resolver) write(s *statement, e *models.Element) {
	if s.none {
		r.claim(s, e)
		return
	}
	if len(s.elements) > 0 {
		r.said[saying{e, s.clause.Keyword.Text}] = s.clause.Span
	}
	switch s.clause.Keyword.Text {
	case "title":
		once(r, s, e, &e.Title, s.text)
	case "owner":
		once(r, s, e, &e.Owner, s.text)
	case "tech":
		once(r, s, e, &e.Tech, s.text)
	case "link":
		once(r, s, e, &e.Link, s.text)
	case "from":
		once(r, s, e, &e.Origin, s.origin)
		dir := path.Dir(s.clause.Span.File.Name)
		e.Span.SetOrigin(source.Origin{File: path.Join(dir, e.Origin.File), Line: e.Origin.Line})
	case "guessed":
		e.Guessed = append(e.Guessed, s.words...)
	case "sure":
		e.Sure = true
	case "has":
		for _, c := range s.controls {
			switch {
			case !r.fitting(s, c, e, e.Kinds):
			case s.clause.Not:
				r.taken = append(r.taken, taken{e, c})
			default:
				e.Controls = append(e.Controls, c)
			}
		}
	case "stores":
		for _, d := range s.elements {
			stored := models.Stored{Data: d, Span: s.clause.Span}
			for _, c := range s.controls {
				if r.fitting(s, c, d, append(slices.Clone(d.Kinds), e.Kinds...)) {
					stored.Controls = append(stored.Controls, c)
				}
			}
			e.Stores = append(e.Stores, stored)
		}
	default:
		b, ok := clauseOf(s.clause.Keyword.Text)
		if !ok {
			r.writeDeclared(s, e)
			return
		}
		list := b.Said(e)
		*list = append(*list, s.elements...)
		if b.Op == models.OpRunsOn {
			r.hosts[e] = append(r.hosts[e], s.clause.Span)
		}
	}
}

// writeDeclared writes an attribute or a relation.
func (r *resolver) writeDeclared(s *statement, e *models.Element) {
	misfit := func(what, name string, of []*models.Kind) bool {
		for _, k := range of {
			if e.Is(k) {
				return false
			}
		}
		if !s.wrong {
			r.diags.Errorf(codeAttribute, s.clause.Keyword.Span, "%s %q is for another kind: expected %s, but %q is %s", what, name, kindList(of), e.Name, sortOf(e))
		}
		s.wrong = true
		return true
	}
	if a := s.attribute; a != nil {
		if misfit("attribute", a.Name, a.Of) {
			return
		}
		value := e.Attributes[a]
		once(r, s, e, &value, s.value)
		if e.Attributes == nil {
			e.Attributes = map[*models.Attribute]models.AttributeValue{}
		}
		e.Attributes[a] = value
		return
	}
	if misfit("relation", s.relation.Name, []*models.Kind{s.relation.From}) {
		return
	}
	if e.Relations == nil {
		e.Relations = map[*models.Relation][]*models.Element{}
	}
	e.Relations[s.relation] = append(e.Relations[s.relation], s.elements...)
}

// once sets what an element has one of. It reports another value that was set before.
func once[T comparable](r *resolver, s *statement, e *models.Element, at *T, value T) {
	word := s.clause.Keyword.Text
	first, again := r.said[saying{e, word}]
	if again && *at != value && !s.wrong {
		r.diags.Errorf(codeAttribute, s.clause.Span, "`%s` of %q has two values, expected one", word, e.Name).Label(first, "first given here")
		s.wrong = true
	}
	if !again {
		*at = value
		r.said[saying{e, word}] = s.clause.Span
	}
}

// claim writes that an element does not have a relation.
func (r *resolver) claim(s *statement, e *models.Element) {
	if s.relation != nil && !e.Is(s.relation.From) {
		r.writeDeclared(s, e) // which reports it
		return
	}
	e.None = append(e.None, models.Claim{Relation: s.clause.Keyword.Text, Span: s.clause.Span})
}

// fitting reports, once for a statement, a control that is not made for an element.
func (r *resolver) fitting(s *statement, c models.ControlState, e *models.Element, kinds []*models.Kind) bool {
	if c.Control.Fits(kinds) {
		return true
	}
	if !s.wrong {
		r.diags.Errorf(codeControl, c.Span, "control %q is made for %s, but %q is %s", c.Control.Name, kindList(c.Control.Of), e.Name, sortOf(e)).
			Label(e.Span, "declared here").Helpf("%s", r.placed(c.Control))
	}
	s.wrong = true
	return false
}

// placed says where a control belongs.
func (r *resolver) placed(c *models.Control) string {
	var out []string
	for _, k := range c.Of {
		way := map[string]string{
			models.FlowRoot: "`has %s` in the braces of a flow, if its protocol does not give it", models.DataRoot: "`stores DATA with %s` where data lie",
			models.ComponentRoot: "`has %s` in the braces of a component", models.ActorRoot: "`has %s` in the braces of an actor", models.ZoneRoot: "`has %s` in the braces of a zone",
		}[k.Root().Name]
		if way = fmt.Sprintf(cmp.Or(way, "`has %s` in the braces of an actor or a component"), c.Name); !slices.Contains(out, way) {
			out = append(out, way)
		}
	}
	return strings.Join(out, ", or ")
}

// mergeControls sorts controls by name and keeps the firmest state of each: given, then decided, then open.
func mergeControls(list []models.ControlState) []models.ControlState {
	rank := func(c models.ControlState) int {
		switch {
		case c.Given:
			return 0
		case c.Open:
			return 2
		}
		return 1
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.Control.Name != b.Control.Name {
			return a.Control.Name < b.Control.Name
		}
		return rank(a) < rank(b)
	})
	return slices.CompactFunc(list, func(a, b models.ControlState) bool { return a.Control == b.Control })
}

// mergeStored makes one entry of each data item, in the order that these are declared in.
func mergeStored(list []models.Stored) []models.Stored {
	at := make(map[*models.Element]int, len(list))
	out := list[:0:0]
	for _, s := range list {
		i, ok := at[s.Data]
		if !ok {
			at[s.Data] = len(out)
			out = append(out, s)
			continue
		}
		out[i].Controls = append(out[i].Controls, s.Controls...)
	}
	for i := range out {
		out[i].Controls = mergeControls(out[i].Controls)
	}
	slices.SortFunc(out, func(a, b models.Stored) int { return a.Data.ID - b.Data.ID })
	return out
}
