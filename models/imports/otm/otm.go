package otm

import (
	"cmp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// Read imports a model, in YAML or JSON.
func Read(read source.Reader, name string) (*imports.Plan, error) {
	root, p, err := imports.Model(read, name, "not an Open Threat Model: it has no otmVersion", func(root *yaml.Node) bool { return imports.Get(root, "otmVersion") != nil })
	if err != nil {
		return nil, err
	}
	at := func(n *yaml.Node) source.Origin {
		if k := imports.Get(n, "id"); k != nil {
			n = k
		}
		return source.Origin{File: name, Line: n.Line}
	}
	called := func(n *yaml.Node) string { return cmp.Or(imports.Text(n, "name"), imports.Text(n, "id")) }
	internet := p.Public()
	data := map[string]*imports.Element{}
	for _, a := range imports.Items(root, "assets") {
		class := "data"
		if c, err := strconv.ParseFloat(imports.Text(a, "risk", "confidentiality"), 64); err == nil && c == 0 {
			class = "public_data"
		} else if err == nil && c >= 50 {
			class = "confidential_data"
		}
		data[imports.Text(a, "id")] = p.Add(imports.Data, called(a), []string{class}, at(a))
	}
	zones := map[string]*imports.Element{}
	for _, z := range imports.Items(root, "trustZones") {
		kind := "private"
		if imports.IsPublic(imports.Text(z, "type")) || imports.IsPublic(imports.Text(z, "name")) {
			zones[imports.Text(z, "id")] = internet
			continue
		}
		zones[imports.Text(z, "id")] = p.Add(imports.Zone, called(z), []string{kind}, at(z))
	}
	for _, z := range imports.Items(root, "trustZones") {
		inner, outer := zones[imports.Text(z, "id")], zones[imports.Text(z, "parent", "trustZone")]
		if outer != nil && outer != internet && inner != internet && !imports.Within(outer, inner) {
			inner.In = []*imports.Element{outer}
		}
	}
	components := map[string]*imports.Element{}
	nodes := map[string]*yaml.Node{}
	list := imports.Items(root, "components")
	if len(list) == 0 {
		return nil, imports.Wrong(source.Origin{File: name}, "", "there is no component in it")
	}
	for _, c := range list {
		kinds, ok := imports.ByTerm(imports.Text(c, "type"))
		guessed := !ok
		if !ok {
			kinds, ok = imports.ByTerm(imports.Text(c, "name"))
		}
		if !ok {
			kinds = []string{"service"}
		}
		e := p.Add(imports.Component, called(c), kinds, at(c))
		e.Tech = imports.Text(c, "type")
		if guessed {
			e.Guess("kind")
		}
		for _, x := range imports.Items(c, "assets", "stored") {
			if d := data[x.Value]; d != nil {
				e.Stores = imports.Put(e.Stores, d)
			}
		}
		for _, x := range imports.Items(c, "assets", "processed") {
			if d := data[x.Value]; d != nil && !slices.Contains(e.Stores, d) {
				e.Handles = imports.Put(e.Handles, d)
			}
		}
		components[imports.Text(c, "id")], nodes[imports.Text(c, "id")] = e, c
	}
	for _, c := range list {
		e, n := components[imports.Text(c, "id")], c
		for range 100 { // up to the zone of what it is part of
			if z := zones[imports.Text(n, "parent", "trustZone")]; z != nil {
				e.In = []*imports.Element{z}
				break
			}
			if n = nodes[imports.Text(n, "parent", "component")]; n == nil {
				break
			}
		}
		if len(e.In) == 0 {
			return nil, imports.Wrong(at(c), "", "component %q is in no trust zone", imports.Clean(called(c)))
		}
	}
	for _, d := range imports.Items(root, "dataflows") {
		from, to := components[imports.Text(d, "source")], components[imports.Text(d, "destination")]
		if from == nil || to == nil {
			return nil, imports.Wrong(at(d), "", "data flow %q begins or ends at no component", imports.Clean(called(d)))
		}
		if from == to {
			continue
		}
		f := imports.Flow{Source: from, Target: to, Title: imports.Text(d, "name"), Origin: at(d)}
		for _, t := range imports.Items(d, "tags") {
			f.Protocol = cmp.Or(f.Protocol, imports.LinkProtocol(t.Value))
		}
		for _, x := range imports.Items(d, "assets") {
			if e := data[x.Value]; e != nil {
				f.Carries = imports.Put(f.Carries, e)
			}
		}
		if imports.Text(d, "bidirectional") == "true" {
			f.Returns = slices.Clone(f.Carries)
		}
		p.Put(f)
	}
	return p, nil
}
