package k8s

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/models/imports"
)

// port is a port that a pod listens on.
type port struct {
	name     string
	number   int
	protocol string // TCP, UDP, SCTP
}

// peer is who is at the other end of a connection: a pod with labels in a namespace, or the Internet.
type peer struct {
	pod       *pod
	internet  bool
	namespace *namespace
}

// namespace is one with its labels, which are known only if its object was read.
type namespace struct {
	name   string
	labels map[string]string
	known  bool
}

// matches reports whether labels fit a selector. Of labels that are not all known, what is asked may be so: known false means that it is not certain, and counts as a match.
func matches(selector *yaml.Node, labels map[string]string, known bool) bool {
	for _, p := range imports.Pairs(selector, "matchLabels") {
		v, ok := labels[p.Key]
		if ok && v != p.Value.Value || !ok && known {
			return false
		}
	}
	for _, x := range imports.Items(selector, "matchExpressions") {
		key := imports.Text(x, "key")
		v, ok := labels[key]
		var values []string
		for _, n := range imports.Items(x, "values") {
			values = append(values, n.Value)
		}
		in := ok && slices.Contains(values, v)
		switch imports.Text(x, "operator") {
		case "In":
			if !in && (ok || known) {
				return false
			}
		case "NotIn":
			if in {
				return false
			}
		case "Exists":
			if !ok && known {
				return false
			}
		case "DoesNotExist":
			if ok {
				return false
			}
		}
	}
	return true
}

// policy is a NetworkPolicy.
type policy struct {
	*object
	ingress, egress bool // it isolates in that direction
}

func newPolicy(o *object) *policy {
	p := &policy{object: o}
	types := imports.Items(o.node, "spec", "policyTypes")
	if types == nil {
		p.ingress, p.egress = true, imports.Get(o.node, "spec", "egress") != nil
	}
	for _, t := range types {
		p.ingress = p.ingress || t.Value == "Ingress"
		p.egress = p.egress || t.Value == "Egress"
	}
	return p
}

// selects reports whether a policy is about a pod.
func (p *policy) selects(x *pod) bool {
	return p.namespace == x.namespace && matches(imports.Get(p.node, "spec", "podSelector"), x.labels, true)
}

// permits reports whether some rule of a direction lets a peer through to a port of a pod, which is nil where the other end is no pod.
func (p *policy) permits(rules, peers string, at peer, listens *port, on *pod) bool {
	for _, r := range imports.Items(p.node, "spec", rules) {
		if rulePorts(r, listens, on) && rulePeers(r, peers, at, p.namespace) {
			return true
		}
	}
	return false
}

// rulePorts reports whether a rule is about a port. Without a port that is known (nil) it may be.
func rulePorts(rule *yaml.Node, listens *port, on *pod) bool {
	list := imports.Items(rule, "ports")
	if len(list) == 0 || listens == nil {
		return true
	}
	for _, x := range list {
		protocol := imports.Text(x, "protocol")
		if protocol == "" {
			protocol = "TCP"
		}
		if protocol != listens.protocol {
			continue
		}
		text := imports.Text(x, "port")
		number, err := strconv.Atoi(text)
		switch end, endErr := strconv.Atoi(imports.Text(x, "endPort")); {
		case text == "":
			return true
		case err != nil: // by name
			if on == nil || text == listens.name {
				return true
			}
		case endErr == nil && listens.number >= number && listens.number <= end, number == listens.number:
			return true
		}
	}
	return false
}

// rulePeers reports whether a rule is about a peer.
func rulePeers(rule *yaml.Node, key string, at peer, own string) bool {
	list := imports.Items(rule, key)
	if len(list) == 0 {
		return true
	}
	for _, x := range list {
		block, pods, spaces := imports.Get(x, "ipBlock"), imports.Get(x, "podSelector"), imports.Get(x, "namespaceSelector")
		switch {
		case block != nil:
			if at.internet && covers(block, public) || !at.internet && covers(block, private) {
				return true
			}
		case at.internet || at.pod == nil:
		case spaces == nil && at.pod.namespace != own:
		case spaces != nil && !matches(spaces, at.namespace.labels, at.namespace.known):
		case pods != nil && !matches(pods, at.pod.labels, true):
		default:
			return true
		}
	}
	return false
}

// Addresses of pods and nodes are private ones; which, nobody knows before they run.
var private = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8")

// public are some addresses all over the Internet: the halves of each block of eight bits that is not set apart.
var public = func() []netip.Prefix {
	out := prefixes("2000::/4", "3000::/4")
	for i := range 224 {
		if i != 0 && i != 10 && i != 127 && i != 100 && i != 169 && i != 172 && i != 192 && i != 198 && i != 203 {
			out = append(out, prefixes(strconv.Itoa(i)+".0.0.0/8")...)
		}
	}
	return out
}()

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// covers reports whether a block has an address of some ranges: whether its range, without what it excepts, meets one of them. A block that is none has all.
func covers(block *yaml.Node, ranges []netip.Prefix) bool {
	cidr, err := netip.ParsePrefix(imports.Text(block, "cidr"))
	if err != nil {
		return true
	}
	var except []netip.Prefix
	for _, x := range imports.Items(block, "except") {
		if p, err := netip.ParsePrefix(x.Value); err == nil {
			except = append(except, p.Masked())
		}
	}
	for _, r := range ranges {
		if meet := smaller(cidr.Masked(), r); meet.IsValid() && left(meet, except, 0) {
			return true
		}
	}
	return false
}

// smaller returns the smaller of two prefixes that meet; an invalid one if they do not.
func smaller(a, b netip.Prefix) netip.Prefix {
	switch {
	case !a.Overlaps(b):
		return netip.Prefix{}
	case a.Bits() >= b.Bits():
		return a
	}
	return b
}

// left reports whether something of a prefix is in none of others.
func left(p netip.Prefix, except []netip.Prefix, depth int) bool {
	var inside []netip.Prefix
	for _, e := range except {
		switch {
		case !e.Overlaps(p):
		case e.Bits() <= p.Bits():
			return false
		default:
			inside = append(inside, e)
		}
	}
	if len(inside) == 0 || depth > 128 || p.Bits() == p.Addr().BitLen() {
		return true
	}
	low := netip.PrefixFrom(p.Addr(), p.Bits()+1).Masked()
	return left(low, inside, depth+1) || left(other(p), inside, depth+1)
}

// other returns the upper half of a prefix.
func other(p netip.Prefix) netip.Prefix {
	b := p.Addr().AsSlice()
	bit := p.Bits()
	b[bit/8] |= 1 << (7 - bit%8)
	a, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(a, bit+1)
}

// reach says what a network permits.
type reach struct {
	policies   []*policy
	namespaces map[string]*namespace
}

func (r *reach) space(name string) *namespace {
	if n := r.namespaces[name]; n != nil {
		return n
	}
	n := &namespace{name: name, labels: map[string]string{"kubernetes.io/metadata.name": name}}
	r.namespaces[name] = n
	return n
}

// isolated reports whether a policy selects a pod in a direction. Pods in the network of their node are beyond policies.
func (r *reach) isolated(x *pod, ingress bool) bool {
	if imports.Text(x.spec, "hostNetwork") == "true" {
		return false
	}
	return slices.ContainsFunc(r.policies, func(p *policy) bool { return (ingress && p.ingress || !ingress && p.egress) && p.selects(x) })
}

// in reports whether a pod lets a peer in to a port.
func (r *reach) in(from peer, to *pod, listens *port) bool {
	if !r.isolated(to, true) {
		return true
	}
	return slices.ContainsFunc(r.policies, func(p *policy) bool {
		return p.ingress && p.selects(to) && p.permits("ingress", "from", from, listens, to)
	})
}

// out reports whether a pod may connect to a peer on a port.
func (r *reach) out(from *pod, to peer, listens *port) bool {
	if !r.isolated(from, false) {
		return true
	}
	return slices.ContainsFunc(r.policies, func(p *policy) bool {
		return p.egress && p.selects(from) && p.permits("egress", "to", to, listens, to.pod)
	})
}

// between returns the ports of a pod that another may connect to; all if the pod says none and something is permitted.
func (r *reach) between(from, to *pod) (ports []port, some bool) {
	a := peer{pod: from, namespace: r.space(from.namespace)}
	b := peer{pod: to, namespace: r.space(to.namespace)}
	if len(to.ports) == 0 {
		return nil, r.in(a, to, nil) && r.out(from, b, nil)
	}
	for _, p := range to.ports {
		if r.in(a, to, &p) && r.out(from, b, &p) {
			ports = append(ports, p)
		}
	}
	return ports, len(ports) > 0
}

// selectorText shows what a policy of another kind is, for a message.
func selectorText(o *object) string {
	return strings.TrimSpace(o.kind + " " + imports.Clean(o.name))
}
