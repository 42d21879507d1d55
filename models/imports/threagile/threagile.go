package threagile

import (
	"cmp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// model is one that is being read.
type model struct {
	*imports.Plan
	file   string
	root   *yaml.Node
	assets map[string]*imports.Element
	data   map[string]*imports.Element
	nodes  map[string]*yaml.Node
}

// Read imports a model.
func Read(read source.Reader, name string) (*imports.Plan, error) {
	root, p, err := imports.Model(read, name, "not a model of Threagile: it has no threagile_version", func(root *yaml.Node) bool { return imports.Get(root, "threagile_version") != nil })
	if err != nil {
		return nil, err
	}
	m := &model{Plan: p, file: name, root: root, assets: map[string]*imports.Element{}, data: map[string]*imports.Element{}, nodes: map[string]*yaml.Node{}}
	if inc := imports.Get(m.root, "includes"); inc != nil {
		return nil, imports.Wrong(m.at(inc.Line), "put it into one file", "not read: includes")
	}
	return m.Plan, m.draw()
}

func (m *model) at(line int) source.Origin { return source.Origin{File: m.file, Line: line} }

func (m *model) draw() error {
	internet := m.Public()
	for _, d := range imports.Pairs(m.root, "data_assets") {
		class := "data"
		switch imports.Text(d.Value, "confidentiality") {
		case "public":
			class = "public_data"
		case "restricted", "confidential", "strictly-confidential":
			class = "confidential_data"
		}
		m.data[cmp.Or(imports.Text(d.Value, "id"), d.Key)] = m.Add(imports.Data, d.Key, []string{class}, m.at(d.Line))
	}
	assets := imports.Pairs(m.root, "technical_assets")
	if len(assets) == 0 {
		return imports.Wrong(m.at(0), "", "there is no technical asset in it")
	}
	for _, a := range assets {
		if err := m.asset(a); err != nil {
			return err
		}
	}
	if err := m.boundaries(); err != nil {
		return err
	}
	var outside *imports.Element
	for _, a := range assets {
		e, open := m.assets[id(a)], imports.Text(a.Value, "internet") == "true"
		client := e.Is("app", "browser", "mobile_app", "workstation", "device")
		switch {
		case open && (client || e.Is("third_party")):
			e.In = []*imports.Element{internet}
		case open:
			e.Kinds = imports.Put(e.Kinds, "published")
		}
		if len(e.In) == 0 {
			if outside == nil {
				outside = m.Add(imports.Zone, "Outside of boundaries", []string{"private"}, source.Origin{})
			}
			e.In = []*imports.Element{outside}
			e.Guess("zone")
		}
		if imports.Text(a.Value, "used_as_client_by_human") == "true" {
			who := "employee"
			if e.In[0] == internet {
				who = "customer"
			} else if imports.Text(a.Value, "usage") == "devops" {
				who = "administrator"
			}
			u := m.Add(imports.Actor, "User of "+a.Key, []string{who}, m.at(a.Line))
			u.In = slices.Clone(e.In)
			u.Guess("kind")
			u.Ties = []imports.Tie{{Relation: "uses", To: e}}
		}
	}
	for _, a := range assets {
		if err := m.links(a); err != nil {
			return err
		}
	}
	for _, r := range imports.Pairs(m.root, "shared_runtimes") {
		host := m.Add(imports.Component, r.Key, []string{"host"}, m.at(r.Line))
		for _, x := range imports.Items(r.Value, "technical_assets_running") {
			if e := m.assets[x.Value]; e != nil {
				e.RunsOn = host
			}
		}
	}
	return nil
}

func id(p imports.Pair) string { return cmp.Or(imports.Text(p.Value, "id"), p.Key) }

// asset makes a component of a technical asset.
func (m *model) asset(a imports.Pair) error {
	technology := imports.Text(a.Value, "technology")
	kinds, ok := imports.ByTerm(technology)
	e := m.Add(imports.Component, a.Key, kinds, m.at(a.Line))
	if !ok {
		e.Guess("kind")
		switch imports.Text(a.Value, "type") {
		case "datastore":
			e.Kinds = []string{"database"}
		case "external-entity":
			e.Kinds = []string{"service", "third_party"}
			if imports.Text(a.Value, "used_as_client_by_human") == "true" {
				e.Kinds = []string{"app"}
			}
		default:
			e.Kinds = []string{"service"}
		}
	} else if imports.Text(a.Value, "type") == "external-entity" && imports.Text(a.Value, "used_as_client_by_human") != "true" {
		e.Kinds = imports.Put(e.Kinds, "third_party")
	}
	e.Tech = technology
	m.assets[id(a)], m.nodes[id(a)] = e, a.Value
	for _, x := range imports.Items(a.Value, "data_assets_stored") {
		d, err := m.datum(x)
		if err != nil {
			return err
		}
		e.Stores = imports.Put(e.Stores, d)
	}
	for _, x := range imports.Items(a.Value, "data_assets_processed") {
		d, err := m.datum(x)
		if err != nil {
			return err
		}
		if !slices.Contains(e.Stores, d) {
			e.Handles = imports.Put(e.Handles, d)
		}
	}
	if imports.Text(a.Value, "encryption") == "transparent" {
		e.Has = imports.Put(e.Has, "encryption_at_rest")
	}
	if imports.Text(a.Value, "redundant") == "true" {
		e.Has = imports.Put(e.Has, "redundancy")
	}
	if imports.Text(a.Value, "custom_developed_parts") == "true" {
		e.Has = imports.Put(e.Has, "input_validation?")
	}
	return nil
}

func (m *model) datum(n *yaml.Node) (*imports.Element, error) {
	if d := m.data[n.Value]; d != nil {
		return d, nil
	}
	return nil, imports.Wrong(m.at(n.Line), "", "there is no data asset %q", imports.Clean(n.Value))
}

// boundaries puts assets into zones.
func (m *model) boundaries() error {
	zones := map[string]*imports.Element{}
	all := imports.Pairs(m.root, "trust_boundaries")
	for _, b := range all {
		kind := "private"
		switch imports.Text(b.Value, "type") {
		case "network-cloud-provider":
			kind = "cloud"
		case "network-policy-namespace-isolation":
			kind = "namespace"
		}
		if imports.IsPublic(b.Key) {
			zones[id(b)] = m.Public()
			continue
		}
		zones[id(b)] = m.Add(imports.Zone, b.Key, []string{kind}, m.at(b.Line))
	}
	for _, b := range all {
		for _, x := range imports.Items(b.Value, "technical_assets_inside") {
			e := m.assets[x.Value]
			if e == nil {
				return imports.Wrong(m.at(x.Line), "", "there is no technical asset %q", imports.Clean(x.Value))
			}
			e.In = imports.Put(e.In, zones[id(b)])
		}
		for _, x := range imports.Items(b.Value, "trust_boundaries_nested") {
			inner := zones[x.Value]
			if inner == nil {
				return imports.Wrong(m.at(x.Line), "", "there is no trust boundary %q", imports.Clean(x.Value))
			}
			if outer := zones[id(b)]; outer != m.Public() && inner != m.Public() && !imports.Within(outer, inner) {
				inner.In = []*imports.Element{outer}
			}
		}
	}
	return nil
}

// links draws the communication links of an asset.
func (m *model) links(a imports.Pair) error {
	from := m.assets[id(a)]
	for _, l := range imports.Pairs(a.Value, "communication_links") {
		to := m.assets[imports.Text(l.Value, "target")]
		if to == nil {
			return imports.Wrong(m.at(l.Line), "", "there is no technical asset %q", imports.Clean(imports.Text(l.Value, "target")))
		}
		if to == from {
			continue
		}
		f := imports.Flow{Source: from, Target: to, Title: l.Key, Protocol: imports.LinkProtocol(imports.Text(l.Value, "protocol")), Origin: m.at(l.Line)}
		for _, x := range imports.Items(l.Value, "data_assets_sent") {
			d, err := m.datum(x)
			if err != nil {
				return err
			}
			f.Carries = imports.Put(f.Carries, d)
		}
		for _, x := range imports.Items(l.Value, "data_assets_received") {
			d, err := m.datum(x)
			if err != nil {
				return err
			}
			f.Returns = imports.Put(f.Returns, d)
		}
		class := map[string]string{"credentials": "password", "two-factor": "password", "session-id": "session_token", "token": "session_token", "client-certificate": "certificate"}[imports.Text(l.Value, "authentication")]
		if class != "" {
			f.By = []*imports.Element{m.Add(imports.Data, l.Key+" "+imports.Text(l.Value, "authentication"), []string{class}, m.at(l.Line))}
		}
		switch imports.Text(l.Value, "authentication") {
		case "two-factor":
			f.Has = append(f.Has, "mfa")
		case "client-certificate":
			f.Has = append(f.Has, "client_authentication")
		}
		if imports.Text(l.Value, "vpn") == "true" {
			f.Has = append(f.Has, "private_link")
		}
		if imports.Text(l.Value, "ip_filtered") == "true" {
			f.Has = append(f.Has, "source_allowlist")
		}
		m.Put(f)
	}
	return nil
}
