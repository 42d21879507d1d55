package k8s

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/models/imports"
)

// mesh is what Istio adds for pods that have its sidecar: who has to prove who they are, and who is let through.
type mesh struct {
	strict   map[*pod]bool
	policies []*object // AuthorizationPolicy
}

// meshRoot is the namespace whose settings are those of the whole mesh.
const meshRoot = "istio-system"

// meshes reads PeerAuthentication and AuthorizationPolicy. Fields that it does not understand are errors, or accepted: then they let through.
func (c *cluster) meshes() error {
	c.mesh.strict = map[*pod]bool{}
	for _, p := range c.pods {
		inject := p.labels["sidecar.istio.io/inject"]
		if a := imports.Text(imports.Get(p.object.node, templates[p.kind]...), "metadata", "annotations", "sidecar.istio.io/inject"); inject == "" {
			inject = a
		}
		p.mesh = inject == "true" || inject != "false" && (c.reach.space(p.namespace).labels["istio-injection"] == "enabled" || c.reach.space(p.namespace).labels["istio.io/rev"] != "")
	}
	var modes []*object
	for _, o := range c.objects {
		if !strings.HasPrefix(o.api, "security.istio.io/") {
			continue
		}
		switch o.kind {
		case "PeerAuthentication":
			if err := c.only(o, imports.Get(o.node, "spec"), "selector", "mtls"); err != nil {
				return err
			}
			modes = append(modes, o)
		case "AuthorizationPolicy":
			if err := c.understood(o); err != nil {
				return err
			}
			c.mesh.policies = append(c.mesh.policies, o)
		}
	}
	for _, p := range c.pods {
		mode, rank := "", -1
		for _, o := range modes { // the closest setting counts: of the workload, of the namespace, of the mesh
			r := c.closeness(o, p)
			m := imports.Text(o.node, "spec", "mtls", "mode")
			if r > rank && m != "" && m != "UNSET" {
				mode, rank = m, r
			}
		}
		c.mesh.strict[p] = p.mesh && mode == "STRICT"
	}
	return nil
}

// closeness says how close a setting is to a pod: -1 not about it, 0 of the mesh, 1 of its namespace, 2 of its labels.
func (c *cluster) closeness(o *object, p *pod) int {
	selector := imports.Get(o.node, "spec", "selector")
	switch {
	case o.namespace != p.namespace && o.namespace != meshRoot:
		return -1
	case selector != nil && len(imports.Pairs(selector, "matchLabels")) > 0:
		if !matches(selector, p.labels, true) {
			return -1
		}
		return 2
	case o.namespace == meshRoot && p.namespace != meshRoot:
		return 0
	}
	return 1
}

// only refuses keys of a mapping beside those that are read.
func (c *cluster) only(o *object, n *yaml.Node, known ...string) error {
	for _, p := range imports.Pairs(n) {
		if !slices.Contains(known, p.Key) {
			at := o.place()
			at.Line = p.Line
			if err := c.unread(at, imports.Clean(p.Key)+" of "+selectorText(o)); err != nil {
				return err
			}
		}
	}
	return nil
}

// understood refuses what an AuthorizationPolicy says beside what is read.
func (c *cluster) understood(o *object) error {
	spec := imports.Get(o.node, "spec")
	if err := c.only(o, spec, "selector", "action", "rules"); err != nil {
		return err
	}
	switch imports.Text(spec, "action") {
	case "", "ALLOW", "DENY", "AUDIT":
	default:
		if err := c.unread(o.place(), "the action of "+selectorText(o)); err != nil {
			return err
		}
	}
	for _, r := range imports.Items(spec, "rules") {
		if err := c.only(o, r, "from", "to"); err != nil {
			return err
		}
		for _, f := range imports.Items(r, "from") {
			if err := c.only(o, imports.Get(f, "source"), "principals", "namespaces"); err != nil {
				return err
			}
		}
		for _, t := range imports.Items(r, "to") {
			if err := c.only(o, imports.Get(t, "operation"), "ports"); err != nil {
				return err
			}
		}
	}
	return nil
}

// permits reports whether the mesh lets one pod through to another on some port.
func (m *mesh) permits(c *cluster, from, to *pod) bool {
	if !to.mesh {
		return true
	}
	if m.strict[to] && !from.mesh {
		return false // what comes without a certificate is refused
	}
	allowing, allowed := false, false
	for _, o := range m.policies {
		if c.closeness(o, to) < 0 {
			continue
		}
		switch imports.Text(o.node, "spec", "action") {
		case "", "ALLOW":
			allowing = true
			allowed = allowed || matched(o, from, to, true)
		case "DENY":
			if matched(o, from, to, false) {
				return false
			}
		}
	}
	return !allowing || allowed
}

// matched reports whether some rule of a policy is about requests of one pod to another. With some, one port suffices; without, all must be. What is not understood and was accepted
// lets through.
func matched(o *object, from, to *pod, some bool) bool {
	for _, r := range imports.Items(o.node, "spec", "rules") {
		if !some && odd(r) {
			continue
		}
		if fromMatches(r, from) && toMatches(r, to, some) {
			return true
		}
	}
	return false
}

// odd reports whether a rule has conditions that are not read.
func odd(rule *yaml.Node) bool {
	if imports.Get(rule, "when") != nil {
		return true
	}
	for _, f := range imports.Items(rule, "from") {
		for _, p := range imports.Pairs(f, "source") {
			if p.Key != "principals" && p.Key != "namespaces" {
				return true
			}
		}
	}
	for _, t := range imports.Items(rule, "to") {
		for _, p := range imports.Pairs(t, "operation") {
			if p.Key != "ports" {
				return true
			}
		}
	}
	return false
}

func fromMatches(rule *yaml.Node, from *pod) bool {
	list := imports.Items(rule, "from")
	if len(list) == 0 {
		return true
	}
	return slices.ContainsFunc(list, func(f *yaml.Node) bool {
		s := imports.Get(f, "source")
		for key, is := range map[string]string{"principals": "cluster.local/ns/" + from.namespace + "/sa/" + from.account, "namespaces": from.namespace} {
			if want := imports.Items(s, key); len(want) > 0 && (!from.mesh || !slices.ContainsFunc(want, func(n *yaml.Node) bool { return fits(n.Value, is) })) {
				return false // without a sidecar nobody proves who he is
			}
		}
		return true
	})
}

func toMatches(rule *yaml.Node, to *pod, some bool) bool {
	list := imports.Items(rule, "to")
	if len(list) == 0 {
		return true
	}
	return slices.ContainsFunc(list, func(t *yaml.Node) bool {
		want := imports.Items(t, "operation", "ports")
		if len(want) == 0 || len(to.ports) == 0 {
			return len(want) == 0 || some
		}
		about := func(p port) bool {
			return slices.ContainsFunc(want, func(n *yaml.Node) bool { return n.Value == itoa(p.number) })
		}
		if some {
			return slices.ContainsFunc(to.ports, about)
		}
		return !slices.ContainsFunc(to.ports, func(p port) bool { return !about(p) })
	})
}

// fits compares a value with a pattern: exact, or with `*` at one end.
func fits(pattern, value string) bool {
	switch {
	case pattern == "*":
		return true
	case strings.HasPrefix(pattern, "*"):
		return strings.HasSuffix(value, pattern[1:])
	case strings.HasSuffix(pattern, "*"):
		return strings.HasPrefix(value, pattern[:len(pattern)-1])
	}
	return pattern == value
}

// has returns the controls that the mesh gives a connection: both ends prove who they are where the target demands it.
func (m *mesh) has(from, to *pod) []string {
	if from.mesh && m.strict[to] {
		return []string{"mtls"}
	}
	return nil
}
