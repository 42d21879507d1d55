package ground

import "github.com/vauban-verifier/vauban/models"

// indexes are the relations of the design, read backwards. The ends of flows are such relations, too.
type indexes struct {
	design    *models.Design
	built     [models.OpClosure + 1]*index // by operator
	relations map[*models.Relation]*index  // of [models.OpRelation]
}

// index is a relation read backwards. The fans say how many elements are related to one, on the average over the pairs of the relation: a
// join comes by an element as often as it has pairs, so one with many counts for many.
type index struct {
	start         []int32 // by element: where those that are related to it start in of; and once more at the end
	of            []*models.Element
	from, to      rarity // that are related to any, and that any is related to
	forward, back int
}

func newIndexes(d *models.Design) *indexes {
	return &indexes{design: d, relations: map[*models.Relation]*index{}}
}

func (ix *indexes) at(c *models.Expr) *index {
	m := ix.built[c.Op]
	if c.Op == models.OpRelation {
		m = ix.relations[c.Relation]
	}
	if m != nil {
		return m
	}
	m = &index{start: make([]int32, len(ix.design.Elements)+2), from: rarity{few: true, related: c.Op == models.OpRelation}, to: rarity{few: true, related: c.Op == models.OpRelation}}
	squares := 0
	for _, x := range ix.design.Elements {
		to := related(c, x)
		squares += len(to) * len(to)
		if len(to) > 0 {
			m.from.add(x)
		}
		for _, y := range to {
			if m.start[y.ID+2]++; m.start[y.ID+2] == 1 {
				m.to.add(y)
			}
		}
	}
	back := 0
	for i, n := range m.start[2:] {
		back += int(n) * int(n)
		m.start[i+2] += m.start[i+1]
	}
	pairs := int(m.start[len(m.start)-1])
	m.of = make([]*models.Element, pairs)
	for _, x := range ix.design.Elements {
		for _, y := range related(c, x) {
			m.of[m.start[y.ID+1]] = x
			m.start[y.ID+1]++
		}
	}
	if pairs > 0 {
		m.forward, m.back = squares/pairs, back/pairs
	}
	if c.Op == models.OpRelation {
		ix.relations[c.Relation] = m
	} else {
		ix.built[c.Op] = m
	}
	return m
}

// reverse returns the elements x for which the atom c holds of x and y, or whose end c is y.
func (ix *indexes) reverse(c *models.Expr, y *models.Element) []*models.Element {
	m := ix.at(c)
	return m.of[m.start[y.ID]:m.start[y.ID+1]]
}

// fan returns about how many elements an atom relates to one, backwards or forwards.
func (ix *indexes) fan(c *models.Expr, back bool) int {
	if back {
		return ix.at(c).back
	}
	return ix.at(c).forward
}
