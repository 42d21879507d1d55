package diagram

import (
	"slices"

	"github.com/vauban-verifier/vauban/reports/diagram/layered"
)

// rail is what is drawn of a bus.
type rail struct{ segments []layered.Rect }

// join returns the part of a line that is not drawn yet: from its own end to the rail. The line begins at its source, and arrives at its target, if these are the ends
// of that part.
func (r *rail) join(points []layered.Point, fans bool) (part []layered.Point, begins, arrives bool) {
	points = slices.Clone(points)
	if fans { // its own end is the target
		slices.Reverse(points)
	}
	meets := false
	for i := 0; i+1 < len(points) && !meets; i++ {
		var at layered.Point
		if at, meets = r.meet(points[i], points[i+1]); meets {
			points = append(points[:i+1:i+1], at)
		}
	}
	for i := range len(points) - 1 {
		p, q := points[i], points[i+1]
		r.segments = append(r.segments, layered.Rect{X: min(p.X, q.X), Y: min(p.Y, q.Y), W: max(p.X-q.X, q.X-p.X), H: max(p.Y-q.Y, q.Y-p.Y)})
	}
	if fans {
		slices.Reverse(points)
		return points, !meets, true
	}
	return points, true, !meets
}

// meet is where the way from p to q first meets the rail, if not in p itself.
func (r *rail) meet(p, q layered.Point) (layered.Point, bool) {
	best, found := 0, false
	var at layered.Point
	for _, s := range r.segments {
		x, y := min(max(p.X, s.X), s.X+s.W), min(max(p.Y, s.Y), s.Y+s.H) // of the rail, what is nearest to p
		if p.X == q.X {
			x = p.X
		} else {
			y = p.Y
		}
		on := x >= s.X && x <= s.X+s.W && y >= s.Y && y <= s.Y+s.H && x >= min(p.X, q.X) && x <= max(p.X, q.X) && y >= min(p.Y, q.Y) && y <= max(p.Y, q.Y)
		if far := max(x-p.X, p.X-x) + max(y-p.Y, p.Y-y); on && far > 0 && (!found || far < best) {
			best, at, found = far, layered.Point{X: x, Y: y}, true
		}
	}
	return at, found
}
