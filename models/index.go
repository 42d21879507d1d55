package models

import "sync"

// index finds elements by name and by kind. It is built when first asked.
type index struct {
	once   sync.Once
	byName map[string]*Element
	byKind map[*Kind][]*Element
}

func (d *Design) indexed() *index {
	x := &d.index
	x.once.Do(func() {
		x.byName = make(map[string]*Element, len(d.Elements))
		x.byKind = map[*Kind][]*Element{}
		for _, e := range d.Elements {
			if x.byName[e.Name] == nil {
				x.byName[e.Name] = e
			}
			if e.Members != nil {
				x.byKind[e.Members] = append(x.byKind[e.Members], e)
			}
			for _, own := range e.Kinds {
				for k := own; k != nil; k = k.Parent {
					if list := x.byKind[k]; len(list) == 0 || list[len(list)-1] != e {
						x.byKind[k] = append(list, e)
					}
				}
			}
		}
	})
	return x
}

// Lookup returns the element of that name, or nil.
func (d *Design) Lookup(name string) *Element { return d.indexed().byName[name] }

// Of returns the elements of a kind or of one below it, in the order declared. The slice is shared: do not change it.
// Design.Elements and their Kinds must not change after the first call of Of or Lookup.
func (d *Design) Of(k *Kind) []*Element { return d.indexed().byKind[k] }

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
