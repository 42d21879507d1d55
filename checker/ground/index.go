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
	of            map[*models.Element][]*models.Element
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
	m = &index{of: map[*models.Element][]*models.Element{}}
	pairs, squares := 0, 0
	for _, x := range ix.design.Elements {
		to := related(c, x)
		pairs, squares = pairs+len(to), squares+len(to)*len(to)
		for _, y := range to {
			m.of[y] = append(m.of[y], x)
		}
	}
	if pairs > 0 {
		m.forward = squares / pairs
		squares = 0
		for _, list := range m.of {
			squares += len(list) * len(list)
		}
		m.back = squares / pairs
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
	return ix.at(c).of[y]
}

// fan returns about how many elements an atom relates to one, backwards or forwards.
func (ix *indexes) fan(c *models.Expr, back bool) int {
	if back {
		return ix.at(c).back
	}
	return ix.at(c).forward
}
