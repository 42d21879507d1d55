package compose

import (
	"path"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// volumes draws what services share, and what gives them rights on the machine.
func (p *project) volumes(services []service) error {
	type use struct {
		n  *imports.Node
		at source.Origin
	}
	shared := map[string][]use{}
	for _, s := range services {
		n := p.nodes[s.name]
		if why := privileges(s.m); why != "" {
			n.Kinds = imports.Put(n.Kinds, "privileged")
		}
		for _, x := range list(s.m["volumes"]) {
			m, _ := x.(map[string]any)
			from, _ := m["source"].(string)
			switch {
			case from == "" || m["type"] == "tmpfs":
			case m["type"] == "bind" && imports.Sensitive(from):
				n.Kinds = imports.Put(n.Kinds, "privileged")
			case m["type"] == "bind":
				shared["bind "+path.Clean(from)] = append(shared["bind "+path.Clean(from)], use{n, p.at("services", s.name, "volumes")})
			default:
				shared[from] = append(shared[from], use{n, p.at("services", s.name, "volumes")})
			}
		}
		for _, x := range list(s.m["volumes_from"]) {
			if other := p.nodes[strings.Split(text(x), ":")[0]]; other != nil {
				p.share(other.Raw+" volumes", other.Origin, []*imports.Node{other, n}, other.Origin)
			} else if err := p.unread(p.at("services", s.name, "volumes_from"), "the volumes of a container that is not in this project"); err != nil {
				return err
			}
		}
	}
	for _, name := range sortedKeys(asAny(shared)) {
		uses := shared[name]
		var by []*imports.Node
		for _, u := range uses {
			by = imports.Put(by, u.n)
		}
		if len(by) > 1 {
			p.share(strings.TrimPrefix(name, "bind "), p.at("volumes", name), by, uses[0].at)
		} else if n := by[0]; !strings.HasPrefix(name, "bind ") && !n.Keeps() && n.Guess.Word == nil {
			d := p.Add(imports.Data, n.Raw+"-files", []string{"data"}, uses[0].at)
			d.Title = "What " + n.Raw + " keeps in " + name
			n.Stores = imports.Put(n.Stores, d)
		}
	}
	return nil
}

func text(x any) string {
	s, _ := x.(string)
	return s
}

// share draws a volume with those who read and write it.
func (p *project) share(name string, at source.Origin, by []*imports.Node, used source.Origin) {
	v := &imports.Node{Element: p.Add(imports.Component, name, []string{"volume"}, at), Names: []string{"volume " + name}}
	v.RunsOn = p.Host
	p.Nodes = append(p.Nodes, v)
	for _, n := range by {
		p.Flow(imports.Flow{Source: n.Element, Target: v.Element, Protocol: "call", Origin: used})
	}
}

// privileges says which rights on the machine a service has; "" for none.
func privileges(m map[string]any) string {
	if b, ok := m["privileged"].(bool); ok && b {
		return "privileged"
	}
	for _, k := range []string{"pid", "ipc", "userns_mode", "cgroup"} {
		if text(m[k]) == "host" {
			return k + ": host"
		}
	}
	for _, x := range list(m["cap_add"]) {
		if imports.Rights(text(x)) {
			return "cap_add"
		}
	}
	if len(list(m["devices"])) > 0 {
		return "devices"
	}
	return ""
}
