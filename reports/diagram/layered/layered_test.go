package layered

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var distances = Options{Pad: 14, Head: 24, Gap: 20, Column: 40, Lane: 10}

// anyGraph draws graphs of nested groups.
func anyGraph(t *rapid.T) *Graph {
	g := &Graph{}
	var groups []int
	n := rapid.IntRange(1, 24).Draw(t, "boxes")
	for i := range n {
		b := Box{Parent: -1, W: rapid.IntRange(40, 160).Draw(t, "w"), H: rapid.IntRange(20, 60).Draw(t, "h"), Band: 0}
		if len(groups) > 0 && rapid.Bool().Draw(t, "inside") {
			b.Parent = rapid.SampledFrom(groups).Draw(t, "parent")
		} else if rapid.IntRange(0, 3).Draw(t, "band") == 0 {
			b.Band = 1
		}
		if rapid.IntRange(0, 2).Draw(t, "group") == 0 {
			b.Group = true
			groups = append(groups, i)
		}
		g.Boxes = append(g.Boxes, b)
	}
	for range rapid.IntRange(0, 30).Draw(t, "edges") {
		e := Edge{From: rapid.IntRange(0, n-1).Draw(t, "from"), To: rapid.IntRange(0, n-1).Draw(t, "to"), Weight: rapid.IntRange(1, 3).Draw(t, "weight")}
		if rapid.Bool().Draw(t, "label") {
			e.LabelW, e.LabelH = rapid.IntRange(20, 120).Draw(t, "labelw"), 26
		}
		if e.From != e.To { // buses of lines to one box, and from one box
			switch rapid.IntRange(0, 3).Draw(t, "bus") {
			case 0:
				e.Bus = 1 + e.To
			case 1:
				e.Bus = 1 + n + e.From
			}
		}
		if e.Bus > 0 && slices.ContainsFunc(g.Edges, func(o Edge) bool { return o.Bus == e.Bus }) {
			e.LabelW, e.LabelH = 0, 0
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

func (r Rect) overlaps(o Rect) bool {
	return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

func (r Rect) contains(o Rect) bool {
	return r.X <= o.X && r.Y <= o.Y && o.X+o.W <= r.X+r.W && o.Y+o.H <= r.Y+r.H
}

// within reports whether a box is another, or lies in it.
func (g *Graph) within(box, outer int) bool {
	for ; box >= 0; box = g.Boxes[box].Parent {
		if box == outer {
			return true
		}
	}
	return false
}

func TestLayoutIsClear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		r := Layout(g, distances)
		all := Rect{0, 0, r.W, r.H}
		for i, b := range r.Boxes {
			if !all.contains(b) {
				t.Fatalf("box %d %v lies outside of %v", i, b, all)
			}
			if p := g.Boxes[i].Parent; p >= 0 && !r.Boxes[p].contains(b) {
				t.Fatalf("box %d %v lies outside of its group %d %v", i, b, p, r.Boxes[p])
			}
			for j, c := range r.Boxes[:i] {
				if !g.within(i, j) && !g.within(j, i) && b.overlaps(c) {
					t.Fatalf("boxes %d %v and %d %v overlap", j, c, i, b)
				}
			}
		}
		for i, route := range r.Routes {
			e := g.Edges[i]
			if e.From != e.To && (g.within(e.From, e.To) || g.within(e.To, e.From)) || e.From == e.To && g.Boxes[e.From].Group {
				if len(route.Points) > 0 {
					t.Fatalf("edge %d between a group and its inside is drawn", i)
				}
				continue
			}
			checkRoute(t, g, r, i)
			for j, other := range r.Routes[:i] {
				if route.Label.W > 0 && other.Label.W > 0 && route.Label.overlaps(other.Label) {
					t.Fatalf("the labels of edges %d %v and %d %v overlap", j, other.Label, i, route.Label)
				}
			}
		}
	})
}

// checkRoute checks that a line goes from its source to its target at right angles, and passes no box that it has nothing to do with.
func checkRoute(t *rapid.T, g *Graph, r *Result, i int) {
	e, route := g.Edges[i], r.Routes[i]
	if len(route.Points) < 2 {
		t.Fatalf("edge %d has the points %v", i, route.Points)
	}
	onSide := func(p Point, b Rect) bool {
		return (p.X == b.X || p.X == b.X+b.W) && p.Y > b.Y && p.Y < b.Y+b.H
	}
	first, last := route.Points[0], route.Points[len(route.Points)-1]
	if !onSide(first, r.Boxes[e.From]) || !onSide(last, r.Boxes[e.To]) {
		t.Fatalf("edge %d from %v to %v runs from %v to %v", i, r.Boxes[e.From], r.Boxes[e.To], first, last)
	}
	for k := range len(route.Points) - 1 {
		p, q := route.Points[k], route.Points[k+1]
		if p.X != q.X && p.Y != q.Y {
			t.Fatalf("edge %d runs askew from %v to %v", i, p, q)
		}
		line := Rect{min(p.X, q.X), min(p.Y, q.Y), max(p.X-q.X, q.X-p.X), max(p.Y-q.Y, q.Y-p.Y)}
		for j, b := range r.Boxes {
			if g.Boxes[j].Group && (g.within(e.From, j) != g.within(e.To, j)) {
				continue // it leaves or enters this group
			}
			if g.within(e.From, j) && g.within(e.To, j) && g.Boxes[j].Group {
				if !b.contains(line) {
					t.Fatalf("edge %d leaves the group %d of both its ends", i, j)
				}
				continue
			}
			if line.X < b.X+b.W && b.X < line.X+line.W && line.Y < b.Y+b.H && b.Y < line.Y+line.H ||
				line.W == 0 && line.X > b.X && line.X < b.X+b.W && line.Y < b.Y+b.H && b.Y < line.Y+line.H ||
				line.H == 0 && line.Y > b.Y && line.Y < b.Y+b.H && line.X < b.X+b.W && b.X < line.X+line.W {
				t.Fatalf("edge %d (%d to %d) runs through box %d %v: %v", i, e.From, e.To, j, b, route.Points)
			}
		}
	}
	for j, b := range r.Boxes {
		if route.Label.W > 0 && !g.Boxes[j].Group && route.Label.overlaps(b) {
			t.Fatalf("the label of edge %d %v overlaps box %d %v", i, route.Label, j, b)
		}
	}
}

func TestSameLayoutTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		if a, b := Layout(g, distances), Layout(g, distances); !reflect.DeepEqual(a, b) {
			t.Fatal("two layouts of one graph differ")
		}
	})
}

// A chain of boxes is a straight line from left to right.
func TestChainIsStraight(t *testing.T) {
	t.Parallel()
	g := &Graph{Boxes: []Box{{Parent: -1, W: 50, H: 30}, {Parent: -1, Group: true}, {Parent: 1, W: 50, H: 30}, {Parent: -1, W: 50, H: 30}}}
	g.Edges = []Edge{{From: 0, To: 2}, {From: 2, To: 3}}
	for i, route := range Layout(g, distances).Routes {
		if len(route.Points) != 2 || route.Points[0].X >= route.Points[1].X {
			t.Errorf("edge %d: %v", i, route.Points)
		}
	}
}

// Lines of one bus arrive at one point, whatever side they come from, and the last stretch of each is that of all from that side.
func TestBusArrivesOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		r := Layout(g, distances)
		type side struct{ bus, x int }
		arrives := map[side]Point{}
		for i, e := range g.Edges {
			p := r.Routes[i].Points
			if e.Bus == 0 || len(p) == 0 {
				continue
			}
			at := p[len(p)-1]
			if e.Bus > len(g.Boxes) {
				at = p[0]
			}
			if first, ok := arrives[side{e.Bus, at.X}]; ok && first != at {
				t.Fatalf("bus %d is at %v and at %v", e.Bus, first, at)
			}
			arrives[side{e.Bus, at.X}] = at
		}
	})
}

// A long chain is folded to a shape that can be read, and each of its lines stays short.
func TestLongChainIsFolded(t *testing.T) {
	t.Parallel()
	g := &Graph{}
	for i := range 200 {
		g.Boxes = append(g.Boxes, Box{Parent: -1, W: 100, H: 30})
		if i > 0 {
			g.Edges = append(g.Edges, Edge{From: i - 1, To: i, Weight: 1})
		}
	}
	r := Layout(g, distances)
	if r.W > 3*r.H || r.H > 3*r.W {
		t.Errorf("it is %d by %d", r.W, r.H)
	}
	for i, route := range r.Routes {
		long := 0
		for k := range len(route.Points) - 1 {
			p, q := route.Points[k], route.Points[k+1]
			long += max(p.X-q.X, q.X-p.X) + max(p.Y-q.Y, q.Y-p.Y)
		}
		if long > 700 {
			t.Errorf("line %d is %d long", i, long)
		}
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	if r := Layout(&Graph{}, distances); r.W != 0 || r.H != 0 || len(r.Boxes) > 0 {
		t.Errorf("%+v", r)
	}
}
