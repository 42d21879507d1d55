package oracle

import (
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/models"
)

// Of an actor that stands for many the member 0 is the attacker's own, 1 the one who is attacked; whoever else there is comes after them.

// belongs returns the actors that stand for many of whom an element is one, or whose it is: of a flow, of whom it has somebody, or something of theirs, at
// its ends or in between.
func belongs(e *models.Element) []*models.Element {
	var out []*models.Element
	for _, a := range around(e) {
		if a.Members != nil && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func around(e *models.Element) []*models.Element {
	switch {
	case e.Flow != nil:
		var out []*models.Element
		for _, x := range append([]*models.Element{e.Flow.Source, e.Flow.Target}, e.Flow.Through...) {
			out = append(out, around(x)...)
		}
		return out
	case e.Of != nil:
		return []*models.Element{e.Of}
	}
	return []*models.Element{e}
}

// individual is the element of given members.
func individual(e *models.Element, who map[*models.Element]int8) val {
	v := val{text: e.Name, elem: e}
	suffix, other := "", false
	for i, a := range belongs(e) {
		m, ok := who[a]
		if !ok {
			m = 1
		}
		v.of[i] = m
		suffix += fmt.Sprintf("#%d", m)
		other = other || m != 1
	}
	if other {
		v.text += suffix
	}
	return v
}

// each returns an element of all members.
func (o *Oracle) each(e *models.Element) []val {
	if o.all[e] == nil {
		o.choose(belongs(e), func(who map[*models.Element]int8) { o.all[e] = append(o.all[e], individual(e, who)) })
	}
	return o.all[e]
}

// choose goes through who may be meant of some actors.
func (o *Oracle) choose(actors []*models.Element, yield func(who map[*models.Element]int8)) {
	who := map[*models.Element]int8{}
	var visit func(i int)
	visit = func(i int) {
		if i == len(actors) {
			yield(who)
			return
		}
		for m := range o.many {
			who[actors[i]] = int8(m)
			visit(i + 1)
		}
	}
	visit(0)
}

// whose tells who is meant by some values: of several of one actor, the first who is not the one that is attacked.
func whose(values []val) map[*models.Element]int8 {
	who := map[*models.Element]int8{}
	for _, v := range values {
		if v.elem == nil {
			continue
		}
		for i, a := range belongs(v.elem) {
			if m, ok := who[a]; !ok || m == 1 {
				who[a] = v.of[i]
			}
		}
	}
	return who
}

// agree reports whether two elements, where both are somebody's of one actor, are the same one's.
func agree(x, y val) bool {
	if x.of == y.of && x.of == [3]int8{} { // of nobody, or both of the attacker
		return true
	}
	mine, yours := whose([]val{x}), whose([]val{y})
	for a, m := range mine {
		if n, ok := yours[a]; ok && n != m {
			return false
		}
	}
	return true
}

// own reports whether something is an attacker's own, or has to do with that.
func (v val) own() bool {
	for i := range belongs(v.elem) {
		if v.of[i] == 0 {
			return true
		}
	}
	return false
}

// factName is what a fact is called: a common one is that of all members.
func factName(p *models.Predicate, args []val) string {
	if p.Common {
		args = slices.Clone(args)
		for i, a := range args {
			args[i] = val{text: a.elem.Name}
		}
	}
	return name("", p.Name, args)
}

// given reports whether the design gives data to each of the attackers: they are one of those at an end of a flow that it is on, or that a thing of theirs
// is at, and it is not what each of them has himself.
func (w *world) given(data *models.Expr, attackers []*models.Attacker) bool {
	v, ok := w.term(data)
	if !ok || v.elem == nil || len(attackers) == 0 {
		return false
	}
	for _, a := range attackers {
		gets := false
		for _, e := range w.o.m.Design.Elements {
			f := e.Flow
			if f == nil || f.Blocked || !slices.Contains(f.Carries, v.elem) && !slices.Contains(f.Returns, v.elem) && !slices.Contains(f.Authenticated, v.elem) {
				continue
			}
			for _, is := range a.Is {
				ends := append(around(f.Source), around(f.Target)...)
				gets = gets || slices.Contains(ends, is) && v.elem.Of != is
			}
		}
		if !gets {
			return false
		}
	}
	return true
}

// withheld reports whether a threat is not carried out at scale: it takes one at a time, and takes the one who is asked about.
func (w *world) withheld(singly bool, elements []val, r *models.Requirement) bool {
	if !r.AtScale || !singly {
		return false
	}
	data, ok := w.term(r.F.Args[0])
	if !ok || data.elem == nil || data.elem.Of == nil {
		return false
	}
	return slices.ContainsFunc(elements, func(v val) bool { return whose([]val{v})[data.elem.Of] == 1 })
}
