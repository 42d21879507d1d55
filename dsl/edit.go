package dsl

import (
	"reflect"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Edit replaces the text of a span: one with Start equal to End inserts. Everything around it stays as it is written, comments too.
type Edit struct {
	Span source.Span
	Text string
}

// Apply makes edits of one file and returns its new text. The edits must not overlap; of two that insert at the same place the first comes first.
func Apply(f *source.File, edits []Edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Span.Start - b.Span.Start })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		out.WriteString(f.Text[at:e.Span.Start])
		out.WriteString(e.Text)
		at = e.Span.End
	}
	out.WriteString(f.Text[at:])
	return out.String()
}

// Walk calls visit for every declaration, clause and member of a process of a file, outer ones before inner ones.
func (f *File) Walk(visit func(Decl)) {
	var walk func(list []Decl)
	walk = func(list []Decl) {
		for _, d := range list {
			visit(d)
			if p, ok := d.(*Process); ok {
				walk(p.Members)
			} else if b := BodyOf(d); b != nil {
				walk(b.Entries)
			}
		}
	}
	walk(f.Decls)
}

// At returns what stands at an offset: pointers to nodes of the tree, the outer before the inner ones, from a declaration
// down to a name.
func (f *File) At(offset int) []any {
	var path []any
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			if at := v.FieldByName("Span"); at.IsValid() {
				if s := at.Interface().(source.Span); offset < s.Start || s.End <= offset {
					return
				}
				path = append(path, v.Addr().Interface())
			}
			for i := range v.NumField() {
				if x := v.Field(i); x.Type() != reflect.TypeFor[source.Span]() && !v.Type().Field(i).Anonymous {
					walk(x)
				}
			}
		}
	}
	walk(reflect.ValueOf(f.Decls))
	return path
}

// BodyOf returns the braces of an element, a flow, an `extend` or an `each`, or nil.
func BodyOf(d Decl) *Body {
	switch d := d.(type) {
	case *Element:
		return d.Body
	case *Flow:
		return d.Body
	case *Extend:
		return d.Body
	case *Each:
		return d.Body
	}
	return nil
}

// AddControls returns the edit that gives controls to an element or a flow: behind those that it has, else in a clause of their own.
func AddControls(d Decl, controls []string) Edit {
	list := strings.Join(controls, ", ")
	end := d.Pos()
	b := BodyOf(d)
	if b == nil {
		return Edit{at(end, end.End), " { has " + list + " }"}
	}
	var last *Clause
	for _, c := range b.Clauses() {
		open := slices.ContainsFunc(c.Items, func(x Item) bool { return x.Maybe }) // may be settled by another edit
		if c.Keyword.Text == "has" && !c.Not && !open {
			last = c
		}
	}
	if last != nil {
		return Edit{at(end, last.Items[len(last.Items)-1].Span.End), ", " + list}
	}
	brace := b.Span.End - 1
	text := end.File.Text
	line := strings.LastIndexByte(text[:brace], '\n') + 1
	if lead := text[line:brace]; strings.TrimSpace(lead) == "" && line > b.Span.Start { // the brace stands on a line of its own
		return Edit{at(end, line), lead + "  has " + list + eol(text, line)}
	}
	if n := len(b.Entries); n > 0 { // all on one line, where clauses stand two spaces apart
		return Edit{at(end, b.Entries[n-1].Pos().End), "  has " + list}
	}
	return Edit{between(b.Span.Start, b.Span.End, end), "{ has " + list + " }"}
}

// Settle returns the edits that settle open controls of a clause, by their places: one that is there loses its `?`, one that is not goes. More are
// added behind `with`, which must be none for a clause other than `stores`.
func Settle(c *Clause, there map[source.Span]bool, with []string) []Edit {
	var out []Edit
	// list returns what stays of a list, and edits it in place unless something goes or comes.
	list := func(items []Item) (stays []string, whole bool) {
		var marks []Edit
		for _, x := range items {
			yes, settled := there[x.Span]
			switch {
			case !settled:
				stays = append(stays, x.Span.Text())
			case yes:
				text := strings.TrimRight(strings.TrimSuffix(x.Span.Text(), "?"), " \t")
				stays = append(stays, text)
				marks = append(marks, Edit{x.Span, text})
			}
		}
		if len(stays) < len(items) {
			return stays, true
		}
		out = append(out, marks...)
		return stays, false
	}
	span := func(items []Item) source.Span { return items[0].Span.To(items[len(items)-1].Span) }
	stays, whole := list(c.Items)
	switch {
	case whole && len(stays) == 0:
		return []Edit{{c.Span, ""}}
	case whole:
		out = append(out, Edit{span(c.Items), strings.Join(stays, ", ")})
	}
	end := c.Items[len(c.Items)-1].Span.End
	if len(c.With) == 0 {
		if len(with) > 0 {
			out = append(out, Edit{at(c.Span, end), " with " + strings.Join(with, ", ")})
		}
		return out
	}
	stays, whole = list(c.With)
	stays = append(stays, with...)
	switch {
	case len(stays) == 0:
		out = append(out, Edit{between(end, span(c.With).End, c.Span), ""})
	case whole:
		out = append(out, Edit{span(c.With), strings.Join(stays, ", ")})
	case len(with) > 0:
		out = append(out, Edit{at(c.Span, span(c.With).End), ", " + strings.Join(with, ", ")})
	}
	return out
}

func at(s source.Span, offset int) source.Span { return between(offset, offset, s) }

func between(start, end int, s source.Span) source.Span {
	return source.Span{File: s.File, Start: start, End: end}
}

// eol is the line ending in use before an offset.
func eol(text string, offset int) string {
	if offset > 1 && text[offset-2] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Over returns the edit that has a flow run over another protocol.
func Over(f *Flow, protocol string) Edit {
	if f.Protocol != nil {
		return Edit{f.Protocol.Span, protocol}
	}
	return Edit{at(f.Span, headEnd(f)), " over " + protocol}
}

// Block returns the edit by which a flow is not permitted.
func Block(f *Flow) Edit { return Edit{at(f.Span, headEnd(f)), " blocked"} }

// headEnd returns where the head of a flow ends.
func headEnd(f *Flow) int {
	if f.Protocol != nil {
		return f.Protocol.Span.End
	}
	return f.Targets[len(f.Targets)-1].Span.End
}

// Append returns the edit that adds text at the end of a file, on lines of its own.
func Append(f *source.File, text string) Edit {
	if !strings.HasSuffix(f.Text, "\n") {
		text = "\n" + text
	}
	return Edit{source.Span{File: f, Start: len(f.Text), End: len(f.Text)}, "\n" + text}
}

// Relocate returns the edits that put an element, which is declared alone, into a zone. One that is declared within another zone goes to the end of the file.
func Relocate(e *Element, zone string) []Edit {
	if len(e.In) > 0 {
		return []Edit{{e.In[0].Span.To(e.In[len(e.In)-1].Span), zone}}
	}
	head := e.Kinds[len(e.Kinds)-1].Span.End
	text := e.Span.File.Text
	return []Edit{{e.Span, ""}, Append(e.Span.File, text[e.Span.Start:head]+" in "+zone+text[head:e.Span.End]+"\n")}
}

// Await returns the edit that has a step of a process wait for a condition, besides what it waits for, and the one that has it do something, too, unless that
// is "".
func Await(s *Step, condition, do string) []Edit {
	var out []Edit
	end := s.By[len(s.By)-1].Span.End
	for _, r := range s.Receives {
		end = max(end, r.Span.End)
	}
	text := s.Span.File.Text
	line := strings.LastIndexByte(text[:end], '\n') + 1
	lead := text[line : line+len(text[line:])-len(strings.TrimLeft(text[line:], " \t"))]
	if strings.HasPrefix(text[line+len(lead):], "step") {
		lead += "  "
	}
	lead = eol(text, line) + lead
	switch w := s.When.(type) {
	case nil:
		out = append(out, Edit{at(s.Span, end), lead + "when " + condition})
	case *Binary, *Quantified, *If:
		if b, ok := w.(*Binary); ok && b.Op != "or" && b.Op != "implies" {
			out = append(out, Edit{at(s.Span, w.Pos().End), " and " + condition})
			break
		}
		out = append(out, Edit{w.Pos(), "(" + w.Pos().Text() + ") and " + condition})
	default:
		out = append(out, Edit{at(s.Span, w.Pos().End), " and " + condition})
	}
	if do == "" {
		return out
	}
	if n := len(s.Do); n > 0 {
		return append(out, Edit{at(s.Span, s.Do[n-1].Span.End), ", " + do})
	}
	if s.When != nil {
		end = s.When.Pos().End
	}
	return append(out, Edit{at(s.Span, end), lead + "do " + do})
}

// Remove returns the edit that takes a declaration away, with its doc comment, and with its lines where nothing else stands there.
func Remove(d Decl) Edit {
	s := d.Pos()
	text := s.File.Text
	start, end := s.Start, s.End
	line := strings.LastIndexByte(text[:start], '\n') + 1
	rest := len(text)
	if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
		rest = end + i + 1
	}
	if strings.TrimSpace(text[line:start]) != "" || strings.TrimSpace(text[end:rest]) != "" {
		return Edit{s, ""}
	}
	for line > 0 {
		before := strings.LastIndexByte(text[:line-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimLeft(text[before:line], " \t"), "///") {
			break
		}
		line = before
	}
	return Edit{between(line, rest, s), ""}
}
