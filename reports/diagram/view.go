package diagram

import "github.com/vauban-verifier/vauban/models"

// From foldFrom parties on, zones with foldLeast of them or more are drawn as one box each, inner ones first, until no more than maxShown things are to be seen,
// and zones are open to a depth of maxDepth.
const (
	foldFrom  = 40
	foldLeast = 4
	maxShown  = 45
	maxDepth  = 3
)

// view tells which zones of a design stand as one box for all that is in them.
type view struct {
	folded  map[*models.Element]bool
	parties map[*models.Element]int // in each zone and in its zones
}

// of is what stands for an element: the outermost folded zone around it, or it itself.
func (v *view) of(e *models.Element) *models.Element {
	out := e
	for at := e; at != nil; at = at.Zone() {
		if v.folded[at] {
			out = at
		}
	}
	return out
}

// foldable are the zones that are worth a box of their own, with their depths.
func (v *view) foldable(d *models.Design) map[*models.Element]int {
	out := map[*models.Element]int{}
	for z, n := range v.parties {
		if n < foldLeast {
			continue
		}
		depth := 0
		for at := z.Zone(); at != nil; at = at.Zone() {
			depth++
		}
		out[z] = depth
	}
	return out
}

// census is a view of everything.
func census(d *models.Design) *view {
	v := &view{folded: map[*models.Element]bool{}, parties: map[*models.Element]int{}}
	for _, e := range d.Elements {
		if party(e) {
			for at := e.Zone(); at != nil; at = at.Zone() {
				v.parties[at]++
			}
		}
	}
	return v
}

// shown is how many parties and folded zones are to be seen.
func (v *view) shown(d *models.Design) int {
	seen := map[*models.Element]bool{}
	for _, e := range d.Elements {
		if party(e) {
			seen[v.of(e)] = true
		}
	}
	return len(seen)
}

// Large reports whether a design is drawn as an overview.
func Large(d *models.Design) bool { return census(d).shown(d) >= foldFrom }

// overview folds the zones of a large design from some depth on: the deepest at which it still can be read.
func overview(d *models.Design) *view {
	best := census(d)
	if !Large(d) {
		return best
	}
	foldable := best.foldable(d)
	for depth := 0; ; depth++ {
		v := &view{folded: map[*models.Element]bool{}, parties: best.parties}
		for z, at := range foldable {
			if at >= depth {
				v.folded[z] = true
			}
		}
		if depth > 0 && (depth > maxDepth && len(v.folded) > 0 || v.shown(d) > maxShown) {
			return best
		}
		best = v
		if len(v.folded) == 0 {
			return best
		}
	}
}

// opened folds all zones but one and those around it.
func opened(d *models.Design, zone *models.Element) *view {
	v := census(d)
	for z := range v.foldable(d) {
		v.folded[z] = z != zone && !zone.Inside(z)
	}
	return v
}

// Foldable returns the zones that an overview of the design, or one of their outer zones opened, shows as one box.
func Foldable(d *models.Design) []*models.Element {
	folded := overview(d).folded
	var out []*models.Element
	for _, e := range d.Elements {
		if folded[e] {
			out = append(out, e)
		}
	}
	return out
}
