package terraform

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// plan is the part of Terraform's output that is read.
type plan struct {
	Format  string  `json:"format_version"`
	Planned *values `json:"planned_values"`
	State   *values `json:"values"` // of a state
	Config  struct {
		Root module `json:"root_module"`
	} `json:"configuration"`
}

type values struct {
	Root resources `json:"root_module"`
}

type resources struct {
	Resources []resource  `json:"resources"`
	Children  []resources `json:"child_modules"`
}

type resource struct {
	Address string         `json:"address"`
	Mode    string         `json:"mode"`
	Type    string         `json:"type"`
	Name    string         `json:"name"`
	Values  map[string]any `json:"values"`
}

type module struct {
	Resources []struct {
		Address     string         `json:"address"`
		Expressions map[string]any `json:"expressions"`
	} `json:"resources"`
	Calls map[string]struct {
		Module module `json:"module"`
	} `json:"module_calls"`
}

// Read imports a plan or a state.
func Read(read source.Reader, name string) (*imports.Plan, error) {
	text, err := read(name)
	if err != nil {
		return nil, imports.Wrong(source.Origin{}, "", "cannot read %s: %v", imports.Clean(name), err)
	}
	file := name
	if name == "-" {
		file = "stdin"
	}
	at := source.Origin{File: file}
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil || p.Format == "" {
		return nil, imports.Wrong(at, "`terraform plan -out plan && terraform show -json plan` writes it", "not what `terraform show -json` writes")
	}
	root := p.Planned
	if root == nil {
		root = p.State
	}
	if root == nil {
		return nil, imports.Wrong(at, "", "there are no values in it")
	}
	all := flat(root.Root, 0)
	if len(all) > 5000 {
		return nil, imports.Wrong(at, "", "more than 5000 resources")
	}
	slices.SortFunc(all, func(a, b resource) int { return strings.Compare(a.Address, b.Address) })
	t := &tree{Network: &imports.Network{Plan: &imports.Plan{}}, refers: map[string][]string{}, at: at}
	t.refer(p.Config.Root, "", 0)
	if err := t.draw(all); err != nil {
		return nil, err
	}
	var addresses []string
	for _, r := range all {
		addresses = append(addresses, r.Address)
	}
	t.Sources = []imports.Source{{Name: file, Digest: imports.DigestKeys(addresses)}}
	return t.Plan, nil
}

func flat(r resources, depth int) []resource {
	out := slices.Clone(r.Resources)
	if depth > 50 {
		return out
	}
	for _, c := range r.Children {
		out = append(out, flat(c, depth+1)...)
	}
	return out
}

// tree is what a design is made of.
type tree struct {
	*imports.Network
	refers map[string][]string // from the address of a resource without indices to those that it refers to
	at     source.Origin
}

// refer collects what resources refer to.
func (t *tree) refer(m module, prefix string, depth int) {
	if depth > 50 {
		return
	}
	for _, r := range m.Resources {
		var walk func(x any, depth int)
		walk = func(x any, depth int) {
			switch x := x.(type) {
			case map[string]any:
				for k, v := range x {
					if refs, ok := v.([]any); ok && k == "references" {
						for _, ref := range refs {
							if s, ok := ref.(string); ok {
								t.refers[prefix+r.Address] = imports.Put(t.refers[prefix+r.Address], prefix+s)
							}
						}
					} else if depth < 50 {
						walk(v, depth+1)
					}
				}
			case []any:
				for _, v := range x {
					if depth < 50 {
						walk(v, depth+1)
					}
				}
			}
		}
		walk(r.Expressions, 0)
	}
	for name, c := range m.Calls {
		t.refer(c.Module, prefix+"module."+name+".", depth+1)
	}
}

// base is an address without indices.
func base(address string) string {
	for {
		i := strings.IndexByte(address, '[')
		j := strings.IndexByte(address[max(i, 0):], ']')
		if i < 0 || j < 0 {
			return address
		}
		address = address[:i] + address[i+j+1:]
	}
}

// uses reports whether a resource refers to another, maybe by way of groups that it refers to.
func (t *tree) uses(from, to string) bool {
	for _, r := range t.refers[base(from)] {
		if r == base(to) || strings.HasPrefix(r, base(to)+".") {
			return true
		}
	}
	return false
}

func (t *tree) draw(all []resource) error {
	t.Internet()
	cloud := t.Add(imports.Zone, "Cloud", []string{"cloud"}, source.Origin{})
	found := map[*imports.Node]resource{}
	for _, r := range all {
		kinds, ok := imports.ByResource(r.Type)
		if r.Mode != "managed" || !ok {
			continue
		}
		n := &imports.Node{Element: t.Add(imports.Component, r.Address, kinds, t.at), Names: []string{strings.ToLower(r.Address)}}
		n.In = []*imports.Element{cloud}
		n.Tech = r.Type
		if port, ok := r.Values["port"].(float64); ok && port > 0 && port < 65536 {
			n.Listens = []int{int(port)}
			n.Element.Port = int(port)
		}
		for _, k := range []string{"storage_encrypted", "at_rest_encryption_enabled", "encrypted"} {
			if r.Values[k] == true {
				n.Has = imports.Put(n.Has, "encryption_at_rest")
			}
		}
		t.Nodes = append(t.Nodes, n)
		found[n] = r
	}
	if len(t.Nodes) == 0 {
		return imports.Wrong(t.at, "", "no resource in it is one that this knows")
	}
	t.Flat(t.Nodes, t.at)
	for _, n := range t.Nodes {
		r := found[n]
		if err := t.open(n, r, all); err != nil {
			return err
		}
		for _, to := range t.Nodes {
			if to != n && t.uses(r.Address, found[to].Address) && !n.Keeps() {
				t.Uses(n, to, "", 0, true, t.at)
			}
		}
	}
	t.Contents()
	t.Decisions()
	if !slices.ContainsFunc(t.Flows, func(f *imports.Flow) bool { return f.Source.Sort == imports.Actor }) {
		return imports.Wrong(t.at, "import the plan of what the Internet reaches, too", "nothing is open to the Internet: no load balancer, no public address, no rule that lets it in")
	}
	return nil
}

// open draws what of a resource the Internet reaches: what it says of itself, and the rules of the groups that it refers to.
func (t *tree) open(n *imports.Node, r resource, all []resource) error {
	yes := func(key string) bool { return r.Values[key] == true }
	switch {
	case n.Is("cdn"), r.Type == "aws_api_gateway_rest_api", r.Type == "aws_apigatewayv2_api", r.Type == "aws_apprunner_service", strings.HasSuffix(r.Type, "_web_app"), r.Type == "azurerm_api_management":
		t.Publish(n, 0, 443, "https", nil, t.at)
	case n.Is("load_balancer") && !yes("internal") && r.Values["load_balancing_scheme"] != "INTERNAL" && r.Values["load_balancing_scheme"] != "INTERNAL_MANAGED":
		protocol := "http"
		for _, l := range all {
			if strings.HasSuffix(l.Type, "_listener") && t.uses(l.Address, r.Address) && (l.Values["protocol"] == "HTTPS" || l.Values["protocol"] == "TLS") {
				protocol = "https"
			}
		}
		t.Publish(n, 0, 0, protocol, nil, t.at)
	case yes("publicly_accessible"), r.Values["public_network_access_enabled"] == true && n.Keeps():
		t.Publish(n, n.Element.Port, 0, "", nil, t.at)
	}
	if n.Is("object_store") && (r.Values["acl"] == "public-read" || r.Values["acl"] == "public-read-write" || yes("allow_nested_items_to_be_public")) {
		n.Kinds = imports.Put(n.Kinds, "open_to_public")
		t.Publish(n, 443, 0, "https", nil, t.at)
	}
	for _, g := range all {
		group := g.Address
		switch g.Type {
		case "aws_security_group":
		case "aws_security_group_rule", "aws_vpc_security_group_ingress_rule":
			group = ""
			for _, ref := range t.refers[base(g.Address)] {
				if strings.Contains(ref, "aws_security_group.") {
					group = ref
				}
			}
		default:
			continue
		}
		if group == "" || !t.uses(r.Address, strings.TrimSuffix(group, ".id")) || n.Keeps() && (r.Values["publicly_accessible"] == false) {
			continue
		}
		for _, rule := range rules(g) {
			t.Publish(n, rule.from, 0, "", nil, t.at)
		}
	}
	return nil
}

// rule is one that lets the Internet in.
type rule struct{ from int }

// rules returns those of a group that let everybody in.
func rules(g resource) []rule {
	var out []rule
	add := func(m map[string]any) {
		everybody := false
		for _, k := range []string{"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"} {
			switch v := m[k].(type) {
			case string:
				everybody = everybody || wide(v)
			case []any:
				for _, x := range v {
					s, _ := x.(string)
					everybody = everybody || wide(s)
				}
			}
		}
		if everybody {
			from, _ := m["from_port"].(float64)
			out = append(out, rule{int(from)})
		}
	}
	if g.Type == "aws_security_group_rule" && g.Values["type"] != "ingress" {
		return nil
	}
	add(g.Values)
	list, _ := g.Values["ingress"].([]any)
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			add(m)
		}
	}
	return out
}

// wide reports whether a block has more than a company's addresses.
func wide(cidr string) bool {
	_, bits, ok := strings.Cut(cidr, "/")
	n, err := strconv.Atoi(bits)
	return ok && err == nil && n <= 8 && !strings.HasPrefix(cidr, "10.") && !strings.HasPrefix(cidr, "fd")
}
