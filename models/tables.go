package models

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
)

// maxTable is the largest table of a value, in entries.
const maxTable = 1_000_000

// value reads a fixed function: one literal for all arguments, or a table with an entry for each.
func (r *resolver) value(v *ProcessValue, m *dsl.Value) {
	if m.All != nil {
		v.All = r.literal(m.All, v.Result, "\""+v.Name+"\"")
		return
	}
	v.Table = make(map[string]*Expr, len(m.Entries))
	first := make(map[string]*dsl.Entry, len(m.Entries))
	wrong := false
	for i := range m.Entries {
		entry := &m.Entries[i]
		result := r.literal(entry.Result, v.Result, "\""+v.Name+"\"")
		if !r.check.arity(dsl.Name{Text: v.Name, Span: entry.Span}, len(entry.Args), len(v.Params)) {
			wrong = true
			continue
		}
		args := make([]*Expr, len(entry.Args))
		ok := result.Op != OpInvalid
		for j, a := range entry.Args {
			args[j] = r.literal(a, v.Params[j], argumentOf(m.Name, j, len(entry.Args)))
			ok = ok && args[j].Op != OpInvalid
		}
		if !ok {
			wrong = true
			continue
		}
		key := Key(args...)
		if other := first[key]; other != nil {
			r.diags.Errorf(codeTable, entry.Span, "%q has two entries for the same arguments", v.Name).Label(other.Span, "the first one")
			continue
		}
		first[key] = entry
		v.Table[key] = result
	}
	if !wrong {
		r.total(v, m)
	}
}

// total reports arguments that a table has no entry for.
func (r *resolver) total(v *ProcessValue, m *dsl.Value) {
	ranges := make([][]*Expr, len(v.Params))
	size := 1
	for i, t := range v.Params {
		if t.unknown() {
			return
		}
		ranges[i] = r.d.Literals(t)
		if size *= len(ranges[i]); size > maxTable {
			r.diags.Errorf(codeTooLarge, m.Name.Span, "the table of %q needs more than %d entries", v.Name, maxTable)
			return
		}
	}
	if size == len(v.Table) {
		return
	}
	var missing []string
	args := make([]*Expr, len(ranges))
	var visit func(i int)
	visit = func(i int) {
		if len(missing) == 3 {
			return
		}
		if i < len(ranges) {
			for _, x := range ranges[i] {
				args[i] = x
				visit(i + 1)
			}
			return
		}
		if v.Table[Key(args...)] == nil {
			var b strings.Builder
			printCall(&b, v.Name, args)
			missing = append(missing, b.String())
		}
	}
	visit(0)
	if len(missing) == 0 {
		return
	}
	more := ""
	if n := size - len(v.Table); n > len(missing) {
		more = ", ..."
	}
	r.diags.Errorf(codeTable, m.Name.Span, "value %q has no entry for %s%s", v.Name, strings.Join(missing, ", "), more)
}

// literal checks a term that must be a value of a type, written out.
func (r *resolver) literal(e dsl.Expr, t Type, role string) *Expr {
	r.check.begin()
	x := r.check.term(e, &t)
	if x.Op == OpInvalid {
		return x
	}
	if x.Op != OpInt && x.Op != OpMember && x.Op != OpElement {
		r.diags.Errorf(codeTable, x.Span, "expected a value written out, found %q", x.String())
		return r.check.invalid(x.Span)
	}
	if !r.check.accepts(t, x, role) {
		return r.check.invalid(x.Span)
	}
	return x
}

// Literals returns all values of a sort as literals, in order: members of a domain, integers of a range, elements of a kind.
func (d *Design) Literals(t Type) []*Expr {
	var out []*Expr
	switch {
	case t.Base == ElementType && t.Kind != nil:
		for _, e := range d.Of(t.Kind) {
			out = append(out, &Expr{Op: OpElement, Element: e, Type: Type{Base: ElementType, Kind: e.Kinds[0]}})
		}
	case t.Base == MemberType:
		for _, m := range t.Domain.Members {
			out = append(out, &Expr{Op: OpMember, Member: m, Type: t})
		}
	case t.Base == IntegerType && t.Domain != nil:
		for i := range int64(t.Domain.Size()) { // counted, for there may be no integer after the last one
			out = append(out, &Expr{Op: OpInt, Int: t.Domain.Lo + i, Type: t})
		}
	}
	return out
}
