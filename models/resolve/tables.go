package resolve

import (
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// maxTable is the largest table of a value, in entries.
const maxTable = 1_000_000

// value reads a fixed function: one literal for all arguments, or a table with an entry for each.
func (r *resolver) value(v *models.ProcessValue, m *dsl.Value) {
	if m.All != nil {
		v.All = r.literal(m.All, v.Result, "\""+v.Name+"\"")
		return
	}
	v.Table = make(map[string]*models.Expr, len(m.Entries))
	first := make(map[string]*dsl.Entry, len(m.Entries))
	wrong := false
	for i := range m.Entries {
		entry := &m.Entries[i]
		result := r.literal(entry.Result, v.Result, "\""+v.Name+"\"")
		if !r.check.arity(dsl.Name{Text: v.Name, Span: entry.Span}, len(entry.Args), len(v.Params)) {
			wrong = true
			continue
		}
		args := make([]*models.Expr, len(entry.Args))
		ok := result.Op != models.OpInvalid
		for j, a := range entry.Args {
			args[j] = r.literal(a, v.Params[j], argumentOf(m.Name, j, len(entry.Args)))
			ok = ok && args[j].Op != models.OpInvalid
		}
		if !ok {
			wrong = true
			continue
		}
		key := models.Key(args...)
		if other := first[key]; other != nil {
			r.diags.Errorf(codeTable, entry.Span, "%q has two entries for the same arguments, expected one", v.Name).Label(other.Span, "the first one")
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
func (r *resolver) total(v *models.ProcessValue, m *dsl.Value) {
	ranges := make([][]*models.Expr, len(v.Params))
	size := 1
	for i, t := range v.Params {
		if t.Unknown() {
			return
		}
		ranges[i] = r.d.Literals(t)
		if size *= len(ranges[i]); size > maxTable {
			r.diags.Errorf(codeTooLarge, m.Name.Span, "the table of %q is too large, expected at most %d entries: make its domains smaller", v.Name, maxTable)
			return
		}
	}
	if size == len(v.Table) {
		return
	}
	var missing []string
	args := make([]*models.Expr, len(ranges))
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
		if v.Table[models.Key(args...)] == nil {
			missing = append(missing, (&models.Expr{Op: models.OpValue, Value: v, Args: slices.Clone(args)}).String())
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
	r.diags.Errorf(codeTable, m.Name.Span, "value %q has no entry for %s%s, expected one for each", v.Name, strings.Join(missing, ", "), more)
}

// literal checks a term that must be a value of a type, written out.
func (r *resolver) literal(e dsl.Expr, t models.Type, role string) *models.Expr {
	r.check.begin()
	x := r.check.term(e, &t)
	if x.Op == models.OpInvalid {
		return x
	}
	if x.Op != models.OpInt && x.Op != models.OpMember && x.Op != models.OpElement {
		r.diags.Errorf(codeTable, x.Span, "expected a value written out, found %q", x.String())
		return r.check.invalid(x.Span)
	}
	if !r.check.accepts(t, x, role) {
		return r.check.invalid(x.Span)
	}
	return x
}
