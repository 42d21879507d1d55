package dsl

import (
	"reflect"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Definition is a name that a design gives to something, with the places that speak of it.
type Definition struct {
	Name Name
	Sort string // zone, actor, component, data, flow, attacker, requirement, assumption, define, process, domain, value of a domain, value, fact, variable, message, step, or parameter
	Decl any    // a pointer to the node that it is in
	Uses []Name // in the order of the files; without the definition itself
}

// Names has the definitions of a design's files, and what is spoken of where.
type Names struct {
	Definitions []*Definition
	global      map[string]*Definition
}

// Find returns the definition that is global and has that name; nil where there is none. Parameters are none.
func (n *Names) Find(name string) *Definition { return n.global[name] }

// At returns the definition that is made or used at an offset of a file, with the place that says so; nil where there is none.
func (n *Names) At(file *File, offset int) (*Definition, Name) {
	is := func(x Name) bool {
		return x.Span.File == file.Source && x.Span.Start <= offset && offset <= x.Span.End
	}
	for _, d := range n.Definitions {
		for _, x := range append([]Name{d.Name}, d.Uses...) {
			if is(x) {
				return d, x
			}
		}
	}
	return nil, Name{}
}

// NamesOf collects what files define and where it is used. Parameters hide what is defined globally, within what declares them. What no file defines is a word of a
// catalogue, or a mistake, and is left out. What has an error defines what it would define without. A name that is defined twice stands for the first definition.
func NamesOf(files []*File) *Names {
	n := &Names{global: map[string]*Definition{}}
	for _, f := range files {
		f.Walk(n.declare)
	}
	for _, f := range files {
		n.parts(nil, f.Decls)
	}
	return n
}

func (n *Names) define(name Name, sort string, decl any) *Definition {
	d := &Definition{Name: name, Sort: sort, Decl: decl}
	n.Definitions = append(n.Definitions, d)
	return d
}

func (n *Names) globally(name Name, sort string, decl any) {
	if name.Text == "" || n.global[name.Text] != nil {
		return
	}
	n.global[name.Text] = n.define(name, sort, decl)
}

// declare notes what a declaration defines for the whole design.
func (n *Names) declare(d Decl) {
	switch d := d.(type) {
	case *Element:
		for _, name := range d.Names {
			n.globally(name, d.Sort.Text, d)
		}
	case *Flow:
		if d.Name != nil {
			n.globally(*d.Name, "flow", d)
		}
	case *Attacker:
		n.globally(d.Name, "attacker", d)
	case *Require:
		n.globally(d.Name, "requirement", d)
	case *Assume:
		n.globally(d.Name, "assumption", d)
	case *Define:
		n.globally(d.Name, "define", d)
	case *Process:
		n.globally(d.Name, "process", d)
	case *Domain:
		n.globally(d.Name, "domain", d)
		for _, v := range d.Values {
			n.globally(v, domainValue, d)
		}
	case *Value:
		n.globally(d.Name, "value", d)
	case *Fact:
		n.globally(d.Name, "fact", d)
	case *Var:
		n.globally(d.Name, "variable", d)
	case *Message:
		n.globally(d.Name, "message", d)
	case *Step:
		n.globally(d.Name, "step", d)
	case *Broken: // what it would have defined
		for _, l := range d.Names {
			if l.Sort != "" {
				n.globally(l.Name, l.Sort, d)
			}
		}
	}
}

// domainValue is the sort of the values of a domain.
const domainValue = "value of a domain"

// sortOf is the sort of what a declaration or a member defines that begins with a keyword; "" where that defines nothing.
func sortOf(keyword string) string {
	switch {
	case keyword == "require":
		return "requirement"
	case keyword == "assume":
		return "assumption"
	case keyword == "var":
		return "variable"
	case IsWord(keyword, SortWord|MemberWord), keyword == "attacker", keyword == "define", keyword == "process":
		return keyword
	}
	return ""
}

// hiding are the parameters that hide global names.
type hiding struct {
	outer *hiding
	names map[string]*Definition
}

func (n *Names) use(name Name, in *hiding) {
	if from, to, ok := strings.Cut(name.Text, "->"); ok { // a flow without a name of its own
		at := name.Span
		n.use(Name{from, source.Span{File: at.File, Start: at.Start, End: at.Start + len(from)}}, in)
		n.use(Name{to, source.Span{File: at.File, Start: at.End - len(to), End: at.End}}, in)
		return
	}
	for s := in; s != nil; s = s.outer {
		if d := s.names[name.Text]; d != nil {
			d.note(name)
			return
		}
	}
	if d := n.global[name.Text]; d != nil {
		d.note(name)
	}
}

// note adds a use; the definition itself is none.
func (d *Definition) note(name Name) {
	if name.Span != d.Name.Span {
		d.Uses = append(d.Uses, name)
	}
}

// inside is where what declares parameters knows them.
func (n *Names) inside(params []Param, decl any, outer *hiding) *hiding {
	s := &hiding{outer, map[string]*Definition{}}
	for _, p := range params {
		if p.Name.Text != "" && s.names[p.Name.Text] == nil {
			s.names[p.Name.Text] = n.define(p.Name, "parameter", decl)
		}
	}
	return s
}

// catalogueClauses are those whose names are a catalogue's, not a design's.
var catalogueClauses = map[string]bool{"has": true, "without": true}

// parts finds the uses of names in some parts of a tree.
func (n *Names) parts(in *hiding, parts ...any) {
	for _, p := range parts {
		n.walk(reflect.ValueOf(p), in)
	}
}

// walk finds the uses of names in a part of a tree.
func (n *Names) walk(v reflect.Value, in *hiding) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			n.walk(v.Index(i), in)
		}
		return
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			n.walk(v.Elem(), in)
		}
		return
	case reflect.Struct:
	default:
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *Name:
		n.use(*x, in)
		return
	case *Item:
		if x.Kind == NameItem {
			n.use(Name{x.Text, x.Span}, in)
		}
		return
	case *Param:
		n.use(x.Sort, nil)
		return
	case *Clause:
		if !catalogueClauses[x.Keyword.Text] {
			n.parts(in, x.Items)
		}
		return
	case *Element:
		n.parts(in, x.In, x.Of, x.Body)
		return
	case *Flow:
		n.parts(in, x.Sources, x.Targets, x.Body)
		return
	case *Extend:
		n.parts(in, x.Names, x.Body)
		return
	case *Each:
		n.parts(in, x.In, x.Body, x.Except)
		return
	case *Waive:
		n.use(x.Requirement, nil)
		return
	case *Field: // its name is an attribute
		n.parts(in, x.X)
		return
	case *Relation:
		n.parts(in, x.X)
		if x.Op.Text != "has" && x.Op.Text != "is" {
			n.parts(in, x.Y)
		}
		return
	case *Require:
		in = n.inside(x.For, x, in)
	case *Define:
		in = n.inside(x.Params, x, in)
	case *Quantified:
		in = n.inside(x.Vars, x, in)
	case *Step:
		in = n.inside(x.Params, x, in)
	case *Effect:
		in = n.inside(x.Forall, x, in)
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); !f.Anonymous && f.IsExported() && f.Name != "Span" {
			n.walk(v.Field(i), in)
		}
	}
}
