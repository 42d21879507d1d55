package layered

// stretch is a straight part of a line.
type stretch struct {
	at, lo, hi int // an upright one: its x, and from which y to which; a level one the other way round
	line       int
}

// Crossings counts where lines cross: a level stretch of one and an upright one of another. Lines of one bus are one line.
func Crossings(lines [][]Point, bus func(line int) int) int {
	var level, upright []stretch
	add := func(list *[]stretch, at, a, b, line int) {
		s := stretch{at, min(a, b), max(a, b), line}
		if n := bus(line); n > 0 { // what lines of a bus have in common is one stretch
			s.line = -n
			for i, o := range *list {
				if o.line == s.line && o.at == s.at && o.lo <= s.hi && s.lo <= o.hi {
					(*list)[i].lo, (*list)[i].hi = min(o.lo, s.lo), max(o.hi, s.hi)
					return
				}
			}
		}
		*list = append(*list, s)
	}
	for i, points := range lines {
		for k := range len(points) - 1 {
			switch p, q := points[k], points[k+1]; {
			case p.Y == q.Y:
				add(&level, p.Y, p.X, q.X, i)
			case p.X == q.X:
				add(&upright, p.X, p.Y, q.Y, i)
			}
		}
	}
	n := 0
	for _, a := range level {
		for _, b := range upright {
			if a.line != b.line && b.at > a.lo && b.at < a.hi && a.at > b.lo && a.at < b.hi {
				n++
			}
		}
	}
	return n
}
