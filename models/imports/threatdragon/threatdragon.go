package threatdragon

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// box is a rectangle of a drawing.
type box struct{ x, y, w, h float64 }

func (b box) area() float64 { return b.w * b.h }

// holds reports whether the middle of another box lies in it.
func (b box) holds(o box) bool {
	x, y := o.x+o.w/2, o.y+o.h/2
	return x >= b.x && x <= b.x+b.w && y >= b.y && y <= b.y+b.h
}

// cell is one of a diagram, whichever version drew it.
type cell struct {
	node     *yaml.Node
	kind     string // actor, process, store, flow, box, curve
	name, id string
	at       box
}

// kinds of cells by what the two versions call them.
var kinds = map[string]string{
	"actor": "actor", "process": "process", "store": "store", "flow": "flow", "trust-boundary-box": "box", "trust-boundary-curve": "curve", "trust-broundary-curve": "curve",
	"tm.Actor": "actor", "tm.Process": "process", "tm.Store": "store", "tm.Flow": "flow", "tm.BoundaryBox": "box", "tm.Boundary": "curve",
}

// Read imports a model.
func Read(read source.Reader, name string) (*imports.Plan, error) {
	untabbed := func(name string) (string, error) { // JSON may have tabs where YAML has none
		text, err := read(name)
		return strings.ReplaceAll(text, "\t", " "), err
	}
	root, p, err := imports.Model(untabbed, name, "not a model of Threat Dragon: it has no summary or no diagrams", func(root *yaml.Node) bool {
		return imports.Get(root, "summary") != nil && imports.Get(root, "detail", "diagrams") != nil
	})
	if err != nil {
		return nil, err
	}
	d := &drawing{Plan: p, file: name, same: map[string]*imports.Element{}}
	d.Public()
	for _, g := range imports.Items(root, "detail", "diagrams") {
		if err := d.diagram(g); err != nil {
			return nil, err
		}
	}
	if len(d.same) == 0 {
		return nil, imports.Wrong(source.Origin{File: name}, "", "nothing is drawn in it")
	}
	return d.Plan, nil
}

// drawing is a model that is being read.
type drawing struct {
	*imports.Plan
	file   string
	same   map[string]*imports.Element // by kind and name: what several diagrams show is one
	inside *imports.Element            // where that stands which is in no box
}

func (d *drawing) at(n *yaml.Node) source.Origin { return source.Origin{File: d.file, Line: n.Line} }

func (d *drawing) diagram(g *yaml.Node) error {
	list := imports.Items(g, "cells")
	if list == nil {
		list = imports.Items(g, "diagramJson", "cells")
	}
	var cells []cell
	for _, n := range list {
		kind := kinds[cmp.Or(imports.Text(n, "shape"), imports.Text(n, "type"))]
		if kind == "" {
			kind = kinds[cmp.Or(imports.Text(n, "data", "type"), imports.Text(n, "type"))]
		}
		if kind == "" {
			continue // a text
		}
		c := cell{node: n, kind: kind, id: imports.Text(n, "id"), name: cmp.Or(imports.Text(n, "data", "name"), imports.Text(n, "attrs", "label", "text"), imports.Text(n, "attrs", "text", "text"))}
		if c.name == "" && len(imports.Items(n, "labels")) > 0 {
			l := imports.Items(n, "labels")[0]
			c.name = cmp.Or(imports.Text(l, "attrs", "label", "text"), imports.Text(l, "attrs", "text", "text"))
		}
		c.at = box{real(n, "position", "x"), real(n, "position", "y"), real(n, "size", "width"), real(n, "size", "height")}
		cells = append(cells, c)
	}
	boxes := d.boxes(cells)
	elements := map[string]*imports.Element{}
	for _, c := range cells {
		switch c.kind {
		case "actor", "process", "store":
			elements[c.id] = d.element(c, boxes)
		case "curve":
			d.Notes = imports.Put(d.Notes, fmt.Sprintf("the boundary %q is a line, and no zone: say with `in` what lies behind it", imports.Clean(c.name)))
		}
	}
	for _, c := range cells {
		if c.kind == "flow" {
			if err := d.flow(c, elements); err != nil {
				return err
			}
		}
	}
	return nil
}

func real(n *yaml.Node, keys ...string) float64 {
	v, _ := strconv.ParseFloat(imports.Text(n, keys...), 64)
	return v
}

// area is a box with its zone.
type area struct {
	box
	zone *imports.Element
}

// boxes makes zones of boundaries, the smallest first.
func (d *drawing) boxes(cells []cell) []area {
	var out []area
	for _, c := range cells {
		if c.kind != "box" {
			continue
		}
		zone := d.Public()
		if !imports.IsPublic(c.name) {
			zone = d.one("zone "+c.name, func() *imports.Element {
				return d.Add(imports.Zone, cmp.Or(c.name, "Boundary"), []string{"private"}, d.at(c.node))
			})
		}
		out = append(out, area{c.at, zone})
	}
	slices.SortStableFunc(out, func(a, b area) int { return cmp.Compare(a.area(), b.area()) })
	for i, a := range out {
		for _, b := range out[i+1:] {
			if b.holds(a.box) && b.area() > a.area() {
				if b.zone != d.Public() && a.zone != d.Public() && len(a.zone.In) == 0 && !imports.Within(b.zone, a.zone) {
					a.zone.In = []*imports.Element{b.zone}
				}
				break
			}
		}
	}
	return out
}

// one returns the element of a key, made when it is asked for first.
func (d *drawing) one(key string, make func() *imports.Element) *imports.Element {
	if d.same[key] == nil {
		d.same[key] = make()
	}
	return d.same[key]
}

// element makes an actor or a component of a cell.
func (d *drawing) element(c cell, boxes []area) *imports.Element {
	return d.one(c.kind+" "+c.name, func() *imports.Element {
		e := d.Add(imports.Component, cmp.Or(c.name, c.kind), nil, d.at(c.node))
		known, ok := imports.ByTerm(c.name)
		switch {
		case c.kind == "actor" && ok && !slices.Contains(known, "admin_interface") && !slices.Contains(known, "webapp"):
			e.Kinds = known
		case c.kind == "actor":
			e.Sort, e.Kinds = imports.Actor, []string{"person"}
			if low := strings.ToLower(c.name); strings.Contains(low, "admin") || strings.Contains(low, "operator") {
				e.Kinds = []string{"administrator"}
			} else if strings.Contains(low, "customer") || strings.Contains(low, "user") || strings.Contains(low, "shopper") {
				e.Kinds = []string{"customer"}
			}
		case c.kind == "store" && ok && !slices.Equal(known, []string{"api"}):
			if e.Kinds = known; !e.Keeps() { // "Worker config" is no worker
				e.Kinds = []string{"store"}
			}
		case c.kind == "store":
			e.Kinds = []string{"database"}
			if imports.Text(c.node, "data", "isALog") == "true" || imports.Text(c.node, "isALog") == "true" {
				e.Kinds = []string{"logging_server", "store"}
			}
		case ok:
			e.Kinds = known
		default:
			e.Kinds = []string{"service"}
		}
		e.Guess("kind")
		if says(c, "isEncrypted") && e.Sort == imports.Component {
			e.Has = imports.Put(e.Has, "encryption_at_rest")
		}
		if says(c, "isSigned") && e.Sort == imports.Component {
			e.Has = imports.Put(e.Has, "integrity_protection")
		}
		if e.Sort == imports.Component && e.Keeps() {
			content := d.Add(imports.Data, c.name+" content", []string{"data"}, d.at(c.node))
			e.Stores = []*imports.Element{content}
			if says(c, "storesCredentials") {
				e.Stores = append(e.Stores, d.Add(imports.Data, c.name+" credentials", []string{"password"}, d.at(c.node)))
			}
		}
		for _, b := range boxes {
			if b.holds(c.at) {
				e.In = []*imports.Element{b.zone}
				return e
			}
		}
		e.Guess("zone")
		if c.kind == "actor" {
			e.In = []*imports.Element{d.Public()}
			return e
		}
		if d.inside == nil {
			d.inside = d.Add(imports.Zone, "Inside", []string{"private"}, source.Origin{})
		}
		e.In = []*imports.Element{d.inside}
		return e
	})
}

// says reports whether a cell states something of itself.
func says(c cell, what string) bool {
	return imports.Text(c.node, "data", what) == "true" || imports.Text(c.node, what) == "true"
}

// flow draws a flow, both ways if it is said to go so.
func (d *drawing) flow(c cell, elements map[string]*imports.Element) error {
	end := func(key string) *imports.Element {
		return elements[cmp.Or(imports.Text(c.node, key, "cell"), imports.Text(c.node, key, "id"))]
	}
	from, to := end("source"), end("target")
	if from == nil || to == nil { // it may be anybody's
		d.Notes = imports.Put(d.Notes, fmt.Sprintf("the flow %q begins or ends nowhere: that end is taken for anybody on the Internet", imports.Clean(c.name)))
		_, anybody := d.Internet()
		if from == nil {
			from = anybody
		}
		if to == nil {
			to = anybody
		}
	}
	if from == to {
		return nil
	}
	f := imports.Flow{Source: from, Target: to, Title: c.name, Origin: d.at(c.node), Protocol: imports.LinkProtocol(cmp.Or(imports.Text(c.node, "data", "protocol"), imports.Text(c.node, "protocol")))}
	switch {
	case says(c, "isEncrypted") && f.Protocol == "http": // "HTTP/S" leaves it to the box that says that it is encrypted
		f.Protocol = "https"
	case says(c, "isEncrypted"):
		f.Has = append(f.Has, "encryption")
	}
	if says(c, "isPublicNetwork") {
		f.Ties = []imports.Tie{{Relation: "crosses", To: d.Public()}}
	}
	if to.Sort == imports.Component && to.Keeps() {
		f.Carries, f.Returns = slices.Clone(to.Stores), slices.Clone(to.Stores)
	}
	d.Put(f)
	if says(c, "isBidirectional") && to.Sort != imports.Actor && from.Sort != imports.Actor {
		g := f
		g.Source, g.Target, g.Carries, g.Returns = to, from, nil, nil
		if from.Keeps() {
			g.Carries, g.Returns = slices.Clone(from.Stores), slices.Clone(from.Stores)
		}
		d.Put(g)
	}
	return nil
}
