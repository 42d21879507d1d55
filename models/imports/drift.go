package imports

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Change is how an element of a generated design differs from what its sources say now.
type Change struct {
	Element string // its name; of a flow without one `A->B`
	What    string // such as `is gone`
	Origin  string // where it comes from, or came from
}

// Drift compares a generated design with what its import gives now, element by element. Moved tells of those that differ in nothing but their line.
func Drift(old, now string) (changes []Change, moved bool) {
	was, is := described(old), described(now)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		a, b := was[name], is[name]
		if b == nil {
			changes = append(changes, Change{name, "is gone", a.origin})
			continue
		}
		var parts []string
		for _, c := range b.clauses {
			if !slices.Contains(a.clauses, c) {
				parts = append(parts, "now `"+c+"`")
			}
		}
		for _, c := range a.clauses {
			if !slices.Contains(b.clauses, c) {
				parts = append(parts, "no longer `"+c+"`")
			}
		}
		moved = moved || a.origin != b.origin
		if len(parts) > 0 {
			changes = append(changes, Change{name, strings.Join(parts, ", "), b.origin})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] == nil {
			changes = append(changes, Change{name, "is new", is[name].origin})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Element, b.Element) })
	return changes, moved
}

// description is an element as a set of clauses, one for each item.
type description struct {
	clauses []string
	origin  string
}

func described(text string) map[string]*description {
	out := map[string]*description{}
	for _, d := range dsl.Parse(source.New("", text), &diag.List{}).Decls {
		switch d := d.(type) {
		case *dsl.Element:
			for _, n := range d.Names {
				x := &description{}
				for _, k := range d.Kinds {
					x.clauses = append(x.clauses, "is "+k.Text)
				}
				for _, z := range d.In {
					x.clauses = append(x.clauses, "in "+z.Text)
				}
				x.body(d.Body)
				out[n.Text] = x
			}
		case *dsl.Flow:
			for _, s := range d.Sources {
				for _, t := range d.Targets {
					x := &description{}
					name := s.Text + "->" + t.Text
					if d.Name != nil {
						x.clauses = append(x.clauses, name)
						name = d.Name.Text
					}
					if d.Protocol != nil {
						x.clauses = append(x.clauses, "over "+d.Protocol.Text)
					}
					if d.Blocked {
						x.clauses = append(x.clauses, "blocked")
					}
					x.body(d.Body)
					out[name] = x
				}
			}
		case *dsl.Extend:
			for _, n := range d.Names {
				x := &description{}
				x.body(d.Body)
				out["extend "+n.Text] = x
			}
		}
	}
	return out
}

func (x *description) body(b *dsl.Body) {
	for _, c := range b.Clauses() {
		for _, i := range c.Items {
			what := i.Text
			switch {
			case i.Kind == dsl.IntItem:
				what = strconv.FormatInt(i.Int, 10)
			case i.Maybe:
				what += "?"
			}
			if c.Keyword.Text == "from" {
				x.origin = what
				continue
			}
			x.clauses = append(x.clauses, c.Keyword.Text+" "+what)
		}
	}
}
