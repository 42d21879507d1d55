package k8s

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// published draws who is let in from outside of the cluster.
func (c *cluster) published() error {
	for _, key := range slices.Sorted(mapKeys(c.backends)) {
		o := c.backends[key]
		if !exposed(o) {
			continue
		}
		for _, p := range c.pods {
			if !c.selects(o, p) {
				continue
			}
			for _, x := range imports.Items(o.node, "spec", "ports") {
				target := c.target(x, p)
				outside, _ := strconv.Atoi(imports.Text(x, "port"))
				c.let(p, target, outside, "", o.at(x))
			}
		}
	}
	for _, p := range c.pods {
		for _, k := range p.containers() {
			for _, x := range imports.Items(k, "ports") {
				outside, _ := strconv.Atoi(imports.Text(x, "hostPort"))
				target, _ := strconv.Atoi(imports.Text(x, "containerPort"))
				if imports.Text(p.spec, "hostNetwork") == "true" {
					outside = target
				}
				if outside > 0 {
					c.let(p, target, outside, "", p.at(x))
				}
			}
		}
		if p.node.Tunnelled() {
			c.let(p, 0, 0, "https", p.place())
		}
	}
	for _, o := range c.objects {
		group, _, _ := strings.Cut(o.api, "/")
		var err error
		switch {
		case o.kind == "Ingress" && (group == "networking.k8s.io" || group == "extensions"):
			err = c.ingress(o)
		case o.kind == "Route" && group == "route.openshift.io":
			c.route(o, "Router", imports.Text(o.node, "spec", "to", "name"), imports.Get(o.node, "spec", "tls") != nil, 0)
		case o.kind == "Gateway" && group == "networking.istio.io":
			c.istioGateway(o)
		case o.kind == "Gateway" && group == "gateway.networking.k8s.io":
			c.gateway(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// let draws that anybody is let in to a port of a program, or that a policy keeps everybody out.
func (c *cluster) let(p *pod, target, outside int, protocol string, at source.Origin) {
	var listens *port
	for i := range p.ports {
		if p.ports[i].number == target {
			listens = &p.ports[i]
		}
	}
	internet := peer{internet: true, namespace: c.reach.space("")}
	node := peer{pod: nil, namespace: c.reach.space("")} // a load balancer may hide who it is behind the address of a node
	if !c.reach.in(internet, p, listens) && !c.reach.in(node, p, listens) {
		_, anybody := c.Internet()
		c.Flow(imports.Flow{Source: anybody, Target: p.node.Element, Protocol: imports.ProtocolOf(p.node, target), Port: outside, Idle: true, Blocked: true, Origin: at})
		return
	}
	c.Publish(p.node, target, outside, protocol, nil, at)
}

// door returns the component that lets requests in: a controller or a gateway, which others share. It is in no namespace that was read.
func (c *cluster) door(name string, at source.Origin) *imports.Node {
	if n := c.Find("door " + name); n != nil {
		return n
	}
	n := &imports.Node{Element: c.Add(imports.Component, name, []string{"load_balancer"}, at), Names: []string{"door " + name}, Listens: []int{80}}
	n.In = []*imports.Element{c.zone("ingress")}
	n.RunsOn = c.Host
	c.Nodes = append(c.Nodes, n)
	return n
}

// route draws the way through a door to a service.
func (c *cluster) route(o *object, door, service string, tls bool, number int) {
	d := c.door(door, o.place())
	protocol := "http"
	outside := 80
	if tls {
		protocol, outside = "https", 443
	}
	c.Publish(d, 80, outside, protocol, nil, o.place())
	to := c.service(o, service)
	if to == nil {
		return
	}
	for _, p := range c.pods {
		if c.selects(to, p) {
			target := p.node.Element.Port
			for _, x := range imports.Items(to.node, "spec", "ports") {
				if imports.Text(x, "port") == strconv.Itoa(number) || number == 0 {
					target = cmp.Or(c.target(x, p), target)
				}
			}
			c.Uses(d, p.node, cmp.Or(p.node.Speaks[target], "http"), 0, false, o.place())
		}
	}
}

// ingress draws an Ingress: each of its backends, with TLS for the hosts that it has a certificate for.
func (c *cluster) ingress(o *object) error {
	var secured []string
	all := false
	for _, t := range imports.Items(o.node, "spec", "tls") {
		hosts := imports.Items(t, "hosts")
		all = all || len(hosts) == 0
		for _, h := range hosts {
			secured = append(secured, h.Value)
		}
	}
	door := "Ingress"
	if class := cmp.Or(imports.Text(o.node, "spec", "ingressClassName"), imports.Text(o.node, "metadata", "annotations", "kubernetes.io/ingress.class")); class != "" && class != "nginx" {
		door += "-" + class
	}
	to := func(backend *yaml.Node, tls bool) {
		name := cmp.Or(imports.Text(backend, "service", "name"), imports.Text(backend, "serviceName"))
		number, _ := strconv.Atoi(cmp.Or(imports.Text(backend, "service", "port", "number"), imports.Text(backend, "servicePort")))
		if name != "" {
			c.route(o, door, name, tls, number)
		}
	}
	if b := imports.Get(o.node, "spec", "defaultBackend"); b != nil {
		to(b, all)
	}
	for _, r := range imports.Items(o.node, "spec", "rules") {
		host := imports.Text(r, "host")
		tls := all && host == "" || slices.ContainsFunc(secured, func(s string) bool {
			rest, wild := strings.CutPrefix(s, "*")
			return s == host || wild && strings.HasSuffix(host, rest)
		})
		for _, p := range imports.Items(r, "http", "paths") {
			to(imports.Get(p, "backend"), tls)
		}
	}
	return nil
}

// istioGateway draws a Gateway of Istio with the virtual services behind it.
func (c *cluster) istioGateway(o *object) {
	for _, s := range imports.Items(o.node, "spec", "servers") {
		protocol := strings.ToUpper(imports.Text(s, "port", "protocol"))
		tls := protocol == "HTTPS" || protocol == "TLS"
		if imports.Text(s, "tls", "httpsRedirect") == "true" {
			continue
		}
		door := c.door(cmp.Or(imports.Text(o.node, "spec", "selector", "istio"), "istio-gateway"), o.place())
		number, _ := strconv.Atoi(imports.Text(s, "port", "number"))
		name := "http"
		if tls {
			name = "https"
		}
		c.Publish(door, 80, number, name, nil, o.at(s))
		for _, v := range c.objects {
			if v.kind != "VirtualService" || !strings.HasPrefix(v.api, "networking.istio.io") {
				continue
			}
			here := slices.ContainsFunc(imports.Items(v.node, "spec", "gateways"), func(n *yaml.Node) bool {
				return n.Value == o.name && v.namespace == o.namespace || n.Value == o.namespace+"/"+o.name
			})
			if !here {
				continue
			}
			for _, section := range []string{"http", "tcp", "tls"} {
				for _, r := range imports.Items(v.node, "spec", section) {
					for _, d := range imports.Items(r, "route") {
						c.behind(v, door, imports.Text(d, "destination", "host"))
					}
				}
			}
		}
	}
}

// service finds the service that an object leads to by its name, maybe with its namespace and the cluster's domain. It notes one that is not in the input.
func (c *cluster) service(o *object, host string) *object {
	name, namespace := strings.TrimSuffix(strings.TrimSuffix(host, ".cluster.local"), ".svc"), o.namespace
	if n, ns, ok := strings.Cut(name, "."); ok {
		name, namespace = n, ns
	}
	to := c.backends[namespace+"/"+name]
	if to == nil {
		c.Notes = imports.Put(c.Notes, "Service "+imports.Clean(host)+", which "+imports.Clean(o.name)+" leads to, is not in the input")
	}
	return to
}

// behind draws the way from a door to the pods of a service.
func (c *cluster) behind(o *object, door *imports.Node, host string) {
	to := c.service(o, host)
	if to == nil {
		return
	}
	for _, p := range c.pods {
		if c.selects(to, p) {
			c.Uses(door, p.node, cmp.Or(p.node.Speaks[p.node.Element.Port], "http"), 0, false, o.place())
		}
	}
}

// gateway draws a Gateway of the Gateway API with the routes that name it.
func (c *cluster) gateway(o *object) {
	door := c.door(cmp.Or(o.name, "gateway"), o.place())
	for _, l := range imports.Items(o.node, "spec", "listeners") {
		number, _ := strconv.Atoi(imports.Text(l, "port"))
		protocol := "http"
		if p := imports.Text(l, "protocol"); p == "HTTPS" || p == "TLS" {
			protocol = "https"
		}
		c.Publish(door, 80, number, protocol, nil, o.at(l))
	}
	for _, r := range c.objects {
		if !strings.HasSuffix(r.kind, "Route") || !strings.HasPrefix(r.api, "gateway.networking.k8s.io") {
			continue
		}
		here := slices.ContainsFunc(imports.Items(r.node, "spec", "parentRefs"), func(n *yaml.Node) bool {
			return imports.Text(n, "name") == o.name && cmp.Or(imports.Text(n, "namespace"), r.namespace) == o.namespace
		})
		if !here {
			continue
		}
		for _, rule := range imports.Items(r.node, "spec", "rules") {
			for _, b := range imports.Items(rule, "backendRefs") {
				c.behind(r, door, imports.Text(b, "name")+"."+cmp.Or(imports.Text(b, "namespace"), r.namespace))
			}
		}
	}
}
