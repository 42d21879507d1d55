package k8s

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// Options say how manifests are read.
type Options struct {
	Namespace   string // of objects that say none
	AllowUnread bool   // go on after what is not understood
}

// cluster is what a design is made of.
type cluster struct {
	*imports.Network
	opt      Options
	objects  []*object
	pods     []*pod
	reach    reach
	zones    map[string]*imports.Element
	backends map[string]*object // services by namespace/name
	mesh     mesh
	failed   error // of a value that names what is not here
}

// Read imports manifests.
func Read(read source.Reader, names []string, opt Options) (*imports.Plan, error) {
	objects, sources, err := load(read, names, opt.Namespace)
	if err != nil {
		return nil, err
	}
	c := &cluster{Network: &imports.Network{Plan: &imports.Plan{Sources: sources, Policed: true}}, opt: opt, objects: objects, reach: reach{namespaces: map[string]*namespace{}}, zones: map[string]*imports.Element{}, backends: map[string]*object{}}
	c.Unknown = c.unknown
	if err := c.draw(names); err != nil {
		return nil, err
	}
	return c.Plan, nil
}

func (c *cluster) draw(names []string) error {
	if err := c.sort(); err != nil {
		return err
	}
	if len(c.pods) == 0 {
		return imports.Wrong(source.Origin{File: names[0]}, "", "there is no program in it: no Deployment, StatefulSet, DaemonSet, Pod or Job")
	}
	c.Internet()
	c.Host = c.Add(imports.Component, "Node", []string{"container_host"}, source.Origin{})
	c.Host.Title = "The machines of the cluster"
	for _, p := range c.pods {
		c.workload(p)
	}
	c.services()
	c.restrained()
	c.place()
	for _, p := range c.pods {
		if err := c.settings(p); err != nil {
			return err
		}
	}
	if err := c.meshes(); err != nil {
		return err
	}
	c.permitted()
	if err := c.published(); err != nil {
		return err
	}
	c.Settings()
	if c.failed != nil {
		return c.failed
	}
	c.block()
	c.Routes()
	c.volumes()
	c.rights()
	c.Contents()
	c.Decisions()
	if !slices.ContainsFunc(c.Flows, func(f *imports.Flow) bool { return f.Source.Sort == imports.Actor }) {
		return imports.Wrong(source.Origin{File: names[0]}, "import the Ingress, the Gateway or the Service that lets the Internet in, too", "nothing leads in: no Ingress, no Gateway, no Service of type LoadBalancer or NodePort")
	}
	return nil
}

// policies of other kinds, which may permit what NetworkPolicy does not.
var otherPolicies = []string{"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}

// sort tells objects apart.
func (c *cluster) sort() error {
	left := map[string]bool{}
	for _, o := range c.objects {
		group, _, _ := strings.Cut(o.api, "/")
		switch {
		case o.kind == "Namespace":
			n := c.reach.space(o.name)
			for k, v := range labels(o.node) {
				n.labels[k] = v
			}
			n.known = true
		case o.kind == "NetworkPolicy" && group != "networking.k8s.io", slices.Contains(otherPolicies, o.kind):
			if err := c.unread(o.place(), "a policy of another kind: "+selectorText(o)); err != nil {
				return err
			}
		case o.kind == "NetworkPolicy":
			c.reach.policies = append(c.reach.policies, newPolicy(o))
		case o.kind == "Service" && o.api == "v1":
			c.backends[o.namespace+"/"+o.name] = o
		case templates[o.kind] != nil:
			c.pods = append(c.pods, newPod(o))
		case strings.Contains(group, "."):
			switch group {
			case "networking.k8s.io", "gateway.networking.k8s.io", "route.openshift.io", "networking.istio.io", "security.istio.io", "rbac.authorization.k8s.io", "policy", "autoscaling", "storage.k8s.io", "scheduling.k8s.io", "apiextensions.k8s.io":
			default:
				left[o.kind] = true
			}
		}
	}
	if len(c.pods) > 1000 {
		return imports.Wrong(c.pods[0].place(), "", "more than 1000 workloads")
	}
	for _, k := range slices.Sorted(mapKeys(left)) {
		c.Notes = append(c.Notes, imports.Clean(k)+" is left out: what its controller makes of it is not in the input")
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// unread notes what may open a way and is not understood: an error, unless it was accepted.
func (c *cluster) unread(at source.Origin, what string) error {
	if !c.opt.AllowUnread {
		return imports.Wrong(at, "accept it with --allow-unread; the design says that it was not read", "not read: %s", what)
	}
	c.Unread = append(c.Unread, imports.Unread{What: what, Origin: at})
	return nil
}

// workload makes a component of a workload.
func (c *cluster) workload(p *pod) {
	p.node = &imports.Node{Element: c.Add(imports.Component, p.name, nil, p.place()), Namespace: p.namespace, Speaks: map[int]string{}}
	for _, x := range p.ports {
		p.node.Listens = imports.Put(p.node.Listens, x.number)
	}
	keeps := imports.Get(p.spec, "volumeClaimTemplates") != nil || imports.Get(p.object.node, "spec", "volumeClaimTemplates") != nil
	for _, v := range imports.Items(p.spec, "volumes") {
		keeps = keeps || imports.Get(v, "persistentVolumeClaim") != nil
	}
	published := false
	for _, o := range c.backends {
		published = published || c.selects(o, p) && exposed(o)
	}
	all := p.containers()
	image := ""
	if len(all) > 0 {
		image = imports.Text(all[0], "image")
	}
	p.node.Describe(image, p.name, false, published, keeps)
	if (p.kind == "CronJob" || p.kind == "Job") && !p.node.Keeps() {
		p.node.Kinds = imports.Put(p.node.Kinds, "scheduler")
	}
	for _, x := range all[min(1, len(all)):] { // what stands beside it in the pod
		if g := imports.Recognize(imports.Text(x, "image"), "", false); g.Word != nil && !g.Word.Own && !slices.Contains(g.Kinds, "monitoring_server") && g.Kinds[0] != "proxy" {
			p.node.Kinds = imports.Put(p.node.Kinds, g.Kinds...)
		}
	}
	p.node.RunsOn = c.Host
	if why := privileges(p); why {
		p.node.Kinds = imports.Put(p.node.Kinds, "privileged")
	}
	c.Nodes = append(c.Nodes, p.node)
}

// selects reports whether a service sends to a pod.
func (c *cluster) selects(o *object, p *pod) bool {
	selector := imports.Pairs(o.node, "spec", "selector")
	if o.namespace != p.namespace || len(selector) == 0 {
		return false
	}
	for _, s := range selector {
		if p.labels[s.Key] != s.Value.Value {
			return false
		}
	}
	return true
}

// exposed reports whether a service lets in whoever is outside of the cluster.
func exposed(o *object) bool {
	t := imports.Text(o.node, "spec", "type")
	if t == "LoadBalancer" && internal(o) {
		return false
	}
	return t == "LoadBalancer" || t == "NodePort" || len(imports.Items(o.node, "spec", "externalIPs")) > 0
}

// internal reports whether an annotation keeps a load balancer inside.
func internal(o *object) bool {
	for _, a := range imports.Pairs(o.node, "metadata", "annotations") {
		v := strings.ToLower(a.Value.Value)
		switch {
		case strings.HasSuffix(a.Key, "azure-load-balancer-internal") && v == "true", strings.HasSuffix(a.Key, "aws-load-balancer-internal") && v != "false",
			strings.HasSuffix(a.Key, "aws-load-balancer-scheme") && v == "internal", strings.HasSuffix(a.Key, "load-balancer-type") && v == "internal":
			return true
		}
	}
	return false
}

// services gives programs the names and ports of the services that lead to them.
func (c *cluster) services() {
	for _, key := range slices.Sorted(mapKeys(c.backends)) {
		o := c.backends[key]
		for _, p := range c.pods {
			if !c.selects(o, p) {
				continue
			}
			base := strings.ToLower(o.name + "." + o.namespace)
			p.node.Names = imports.Put(p.node.Names, base, base+".svc", base+".svc.cluster.local")
			for _, x := range imports.Items(o.node, "spec", "ports") {
				target := c.target(x, p)
				number, _ := strconv.Atoi(imports.Text(x, "port"))
				if target > 0 && !slices.ContainsFunc(p.ports, func(l port) bool { return l.number == target }) {
					p.ports = append(p.ports, port{imports.Text(x, "name"), target, "TCP"})
					p.node.Listens = imports.Put(p.node.Listens, target)
				}
				if speaks := spoken(x); speaks != "" {
					p.node.Speaks[target] = speaks
					if p.node.Speaks[number] == "" {
						p.node.Speaks[number] = speaks
					}
				}
			}
		}
	}
	for _, p := range c.pods {
		p.node.Names = imports.Put(p.node.Names, strings.ToLower(p.name+"."+p.namespace+".pod")) // nobody says it, but each has a name
		p.node.Element.Port = 0
		if len(p.node.Listens) > 0 {
			p.node.Element.Port = p.node.Listens[0]
		}
	}
}

// target returns the port of a pod that a port of a service leads to; 0 where it is not known.
func (c *cluster) target(x *yaml.Node, p *pod) int {
	text := imports.Text(x, "targetPort")
	if text == "" {
		text = imports.Text(x, "port")
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	for _, l := range p.ports {
		if l.name == text {
			return l.number
		}
	}
	return 0
}

// spoken returns the protocol that the name of a port says, as Istio reads it.
func spoken(x *yaml.Node) string {
	name := imports.Text(x, "appProtocol")
	if name == "" {
		name = imports.Text(x, "name")
	}
	name, _, _ = strings.Cut(strings.ToLower(name[strings.LastIndexByte(name, '/')+1:]), "-")
	switch name {
	case "grpc", "http", "https", "redis", "tls", "ws", "wss", "amqp", "kafka":
		return name
	case "http2", "h2c":
		return "grpc"
	case "mysql", "postgres", "postgresql":
		return "sql"
	case "mongo", "mongodb":
		return "nosql"
	}
	return ""
}

// place puts programs that no policy isolates into the zone of their namespace. The others are networks of their own: nobody is beside them.
func (c *cluster) place() {
	for _, p := range c.pods {
		if imports.Text(p.spec, "hostNetwork") == "true" {
			p.node.In = []*imports.Element{c.Machine("NodeNetwork")}
			continue
		}
		if !c.reach.isolated(p, true) {
			p.node.In = []*imports.Element{c.zone(p.namespace)}
		}
	}
}

// zone returns the zone of a namespace.
func (c *cluster) zone(name string) *imports.Element {
	if c.zones[name] == nil {
		at := source.Origin{}
		for _, o := range c.objects {
			if o.kind == "Namespace" && o.name == name {
				at = o.place()
			}
		}
		c.zones[name] = c.Add(imports.Zone, name, []string{"namespace"}, at)
	}
	return c.zones[name]
}

// permitted draws for each pair of programs whether one may connect to the other.
func (c *cluster) permitted() {
	for _, to := range c.pods {
		at := to.place()
		for _, r := range c.reach.policies {
			if r.ingress && r.selects(to) {
				at = r.place()
				if len(imports.Pairs(r.node, "spec", "podSelector")) > 0 {
					break // this one is about it, and not about all
				}
			}
		}
		for _, from := range c.pods {
			if from == to {
				continue
			}
			ports, some := c.reach.between(from, to)
			some = some && c.mesh.permits(c, from, to)
			number := 0
			if len(ports) == 1 && len(to.ports) > 1 {
				number = ports[0].number
			}
			protocol := ""
			if len(to.node.Listens) > 0 {
				protocol = imports.ProtocolOf(to.node, to.node.Listens[0])
			}
			c.Flow(imports.Flow{Source: from.node.Element, Target: to.node.Element, Protocol: protocol, Port: number, Idle: true, Blocked: !some, Has: c.mesh.has(from, to), Origin: at})
		}
	}
}

// block takes flows that are used and not permitted for what they are.
func (c *cluster) block() {
	byElement := map[*imports.Element]*pod{}
	for _, p := range c.pods {
		byElement[p.node.Element] = p
	}
	denied, used := map[[2]*imports.Element]bool{}, map[[2]*imports.Element]bool{}
	for _, f := range c.Flows {
		pair := [2]*imports.Element{f.Source, f.Target}
		denied[pair] = denied[pair] || f.Idle && f.Blocked
		used[pair] = used[pair] || !f.Idle
	}
	kept := c.Flows[:0]
	for _, f := range c.Flows {
		pair := [2]*imports.Element{f.Source, f.Target}
		from, to := byElement[f.Source], byElement[f.Target]
		switch {
		case from == nil || to == nil:
			if from != nil && !f.Idle && f.Target.Is("third_party") && !c.reach.out(from, peer{internet: true, namespace: c.reach.space("")}, nil) {
				f.Blocked = true
			}
		case !f.Idle && denied[pair]:
			f.Blocked = true
		case f.Idle && f.Blocked && used[pair]:
			continue // said by the one that is used
		case !f.Idle:
			f.Has = imports.Put(f.Has, c.mesh.has(from, to)...)
		}
		kept = append(kept, f)
	}
	c.Flows = kept
}

// unknown says who a host is that is not in the input: one of another namespace of the cluster is an error, as much may lie there.
func (c *cluster) unknown(from *imports.Node, h imports.Host, at source.Origin) *imports.Node {
	name := strings.TrimSuffix(strings.TrimSuffix(h.Name, ".cluster.local"), ".svc")
	inside := name != h.Name
	parts := strings.Split(name, ".")
	for _, p := range c.pods { // a pod of a StatefulSet behind a headless service: mysql-0.mysql.shop
		if inside && slices.ContainsFunc(p.node.Names, func(n string) bool { return strings.HasSuffix(name, "."+n) }) || len(parts) == 2 && c.backends[from.Namespace+"/"+parts[1]] != nil && c.selects(c.backends[from.Namespace+"/"+parts[1]], p) && strings.HasPrefix(parts[0], p.name+"-") {
			return p.node
		}
	}
	if o := c.backends[from.Namespace+"/"+name]; o != nil && imports.Text(o.node, "spec", "type") == "ExternalName" {
		return c.Elsewhere(imports.Host{Scheme: h.Scheme, Name: strings.ToLower(imports.Text(o.node, "spec", "externalName"))}, o.place())
	}
	if len(parts) == 2 && !inside && c.reach.namespaces[parts[1]] == nil && strings.ContainsAny(parts[1], ".") {
		return nil
	}
	ns := from.Namespace
	if len(parts) > 1 {
		ns = parts[1]
	}
	if !inside && len(parts) != 1 && c.reach.namespaces[parts[len(parts)-1]] == nil {
		return nil // a name of the Internet
	}
	read := slices.ContainsFunc(c.pods, func(p *pod) bool { return p.namespace == ns })
	if read { // nothing of that name is deployed there
		n := c.Elsewhere(h, at)
		n.In = []*imports.Element{c.zone(ns)}
		return n
	}
	if err := c.unread(at, fmt.Sprintf("what %q in namespace %q is: its objects are not in the input", imports.Clean(h.Name), imports.Clean(ns))); err != nil {
		if c.failed == nil {
			c.failed = err
		}
		return c.Elsewhere(h, at)
	}
	n := c.Elsewhere(h, at)
	n.Kinds = slices.DeleteFunc(n.Kinds, func(k string) bool { return k == "third_party" })
	n.In = []*imports.Element{c.zone(ns)}
	for _, p := range c.pods {
		c.Flow(imports.Flow{Source: p.node.Element, Target: n.Element, Idle: true, Origin: at})
	}
	return n
}
