package imports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Node is a program of a deployment, as every format of deployments tells of it: what the shared rules make of it does not depend on the format.
type Node struct {
	*Element
	Guess     Guess
	Names     []string       // under which others find it, lower case
	Namespace string         // a namespace: others in it find it also without its name
	Speaks    map[int]string // protocols of ports, where the file says so
	Env       []Setting
	Listens   []int // on these ports, as far as the file says
	Open      []string
	client    []*held // the secrets that it holds
}

// Setting is a value that a program is given.
type Setting struct {
	Key    string
	Value  string
	Secret *Secret // of a value that is not there but the same wherever it is named, such as a key of a secret store; nil otherwise
	Stored bool    // the value lies in the files that were read
	Origin source.Origin
}

// held is a secret with who has it.
type held struct {
	secret *Secret
	data   *Element
}

// Network is a deployment: its programs, and what they are to each other.
type Network struct {
	*Plan
	Nodes []*Node
	Host  *Element // what the programs run on
	held  []*held

	Unknown func(from *Node, h Host, at source.Origin) *Node // who a host is that is not in the input; nil: somewhere else
}

// Machine returns the zone of the network of the host itself, which has that name.
func (w *Network) Machine(name string) *Element {
	if len(w.Host.In) == 0 {
		w.Host.In = []*Element{w.Add(Zone, name, []string{"private"}, source.Origin{})}
	}
	return w.Host.In[0]
}

// Describe gives an element its kinds by what the table says of its image and name. What is published, and what keeps files, may be more than one thing.
func (n *Node) Describe(image, name string, built, published, keeps bool) {
	n.Guess = Recognize(image, name, built)
	n.Tech = image
	kinds := n.Guess.Kinds
	if slices.Contains(kinds, tunnel) {
		kinds = []string{"proxy"}
	}
	if len(kinds) == 0 {
		kinds = []string{"service"}
		if published {
			kinds = []string{"webapp", "api"}
			if !built {
				kinds = append(kinds, "admin_interface") // the program of somebody else: it may be anything
			}
		}
		if keeps && !built {
			kinds = append(kinds, "store")
		}
	}
	n.Kinds = kinds
	if n.Guess.Guessed {
		n.Guess.Ours = n.Guess.Ours || built
		n.Element.Guess("kind")
	}
	n.Element.Port = 0
	if len(n.Listens) == 0 && n.Guess.Word != nil && n.Guess.Word.Port > 0 {
		n.Listens = []int{n.Guess.Word.Port}
	}
	if len(n.Listens) > 0 {
		n.Element.Port = n.Listens[0]
	}
}

// Tunnelled reports whether a program lets the Internet in by itself.
func (n *Node) Tunnelled() bool {
	return n.Guess.Word != nil && slices.Contains(n.Guess.Word.Kinds, tunnel)
}

// word returns what the table has of a node, if only by its name.
func (n *Node) protocol(port int) string {
	if p := n.Speaks[port]; p != "" {
		return p
	}
	return Protocol(n.Element, n.Guess.Word, port)
}

// ProtocolOf returns what a node is talked to by on a port, 0 where that is not known.
func ProtocolOf(n *Node, port int) string { return n.protocol(port) }

// keepers are kinds of what keeps data for others.
var keepers = []string{"store", "database", "cache", "object_store", "file_share", "secret_store", "data_warehouse", "directory", "vector_store", "volume", "message_broker", "search_engine"}

// Keeps reports whether an element keeps data for others.
func (e *Element) Keeps() bool { return e.Is(keepers...) }

// Flat draws what a network without rules permits: each member may connect to each other.
func (w *Network) Flat(members []*Node, at source.Origin) {
	for _, target := range members {
		port := 0
		if len(target.Listens) == 1 {
			port = target.Listens[0]
		}
		for _, from := range members {
			if from != target {
				w.Flow(Flow{Source: from.Element, Target: target.Element, Protocol: target.protocol(port), Idle: true, Origin: at})
			}
		}
	}
}

// Publish draws that anybody on the Internet can connect to a port of a program, 0 where the file does not say which, under the number that the outside knows.
// What speaks the web is used, other ports are only open.
func (w *Network) Publish(n *Node, port, outside int, protocol string, has []string, at source.Origin) {
	_, anybody := w.Internet()
	protocol = cmp.Or(protocol, n.protocol(port))
	web := strings.HasPrefix(protocol, "http") || strings.HasPrefix(protocol, "ws") || strings.HasPrefix(protocol, "grpc")
	w.Flow(Flow{Source: anybody, Target: n.Element, Protocol: protocol, Port: cmp.Or(outside, port), Idle: !web || n.Keeps() && !n.Is("admin_interface"), Has: has, Origin: at})
	n.Kinds = Put(n.Kinds, "published")
}

// Uses draws that one program talks to another.
func (w *Network) Uses(from, to *Node, protocol string, port int, guessed bool, at source.Origin) *Flow {
	if from == to {
		return nil
	}
	port = cmp.Or(port, to.Element.Port)
	if protocol == "" || protocol == "tcp" || protocol == "http" && to.Guess.Word != nil && to.protocol(port) != "" {
		protocol = cmp.Or(to.protocol(port), protocol)
	}
	if guessed {
		for _, f := range w.between[[2]*Element{from.Element, to.Element}] {
			if !f.Idle && !f.Blocked {
				return f
			}
		}
	}
	f := w.Flow(Flow{Source: from.Element, Target: to.Element, Protocol: protocol, Origin: at})
	if guessed && f.Origin == at {
		f.Guessed = Put(f.Guessed, "flow")
	}
	return f
}

// Routes draws where gateways and proxies pass requests on to: what decides that is in files that are not read, so it may be each program beside them that speaks the web.
func (w *Network) Routes() {
	for _, n := range w.Nodes {
		if !n.Is("proxy", "load_balancer", "gateway") || n.Is("third_party") {
			continue
		}
		for _, to := range w.Nodes {
			idle := slices.ContainsFunc(w.between[[2]*Element{n.Element, to.Element}], func(f *Flow) bool { return f.Idle && !f.Blocked })
			if protocol := to.protocol(to.Element.Port); idle && !to.Keeps() && (strings.HasPrefix(protocol, "http") || strings.HasPrefix(protocol, "grpc")) {
				w.Uses(n, to, protocol, 0, true, n.Origin)
			}
		}
	}
}

// Elsewhere returns the component of a host that is not in the input: somewhere else, over the Internet.
func (w *Network) Elsewhere(h Host, at source.Origin) *Node {
	for _, n := range w.Nodes {
		if slices.Contains(n.Names, "elsewhere "+h.Name) {
			return n
		}
	}
	zone := w.zone("Elsewhere", "partner_network")
	e := w.Add(Component, h.Name, nil, at)
	e.In = []*Element{zone}
	n := &Node{Element: e, Names: []string{"elsewhere " + h.Name}}
	n.Guess = Guess{Guessed: true, Word: find(h.Name, false)}
	switch s, ok := schemes[h.Scheme]; {
	case ok && s.kind != "":
		e.Kinds = []string{s.kind}
	case n.Guess.Word != nil:
		e.Kinds = slices.Clone(n.Guess.Word.Kinds)
	default:
		e.Kinds = []string{"service"}
	}
	e.Kinds = Put(e.Kinds, "third_party")
	e.Guess("kind")
	e.Guess("zone")
	w.Nodes = append(w.Nodes, n)
	return n
}

// zone returns the zone of a name of one's own.
func (w *Network) zone(raw, kind string) *Element {
	for _, e := range w.Elements {
		if e.Sort == Zone && e.Raw == raw && e.Kinds[0] == kind {
			return e
		}
	}
	return w.Add(Zone, raw, []string{kind}, source.Origin{})
}

// Find returns the node that a name leads to.
func (w *Network) Find(name string) *Node {
	for _, n := range w.Nodes {
		if slices.Contains(n.Names, name) {
			return n
		}
	}
	return nil
}

// From returns the node that a name leads to from another: in the namespace of that, or by its whole name.
func (w *Network) From(n *Node, name string) *Node {
	if n.Namespace != "" {
		if to := w.Find(name + "." + n.Namespace); to != nil {
			return to
		}
	}
	return w.Find(name)
}

// Settings reads what programs are given: whom they talk to, which secrets they hold, and which of these a store asks for.
func (w *Network) Settings() {
	var asked []struct {
		n *Node
		h *held
	}
	for _, n := range slices.Clone(w.Nodes) {
		if open := n.unguarded(); open != nil {
			n.Open = Put(n.Open, open.Key)
		}
		for _, s := range n.Env {
			secret := s.Secret
			class := SecretClass(s.Key)
			server := n.Guess.Word != nil && slices.Contains(n.Guess.Word.Keys, s.Key)
			if server && class == "" {
				class = "password"
			}
			if class != "" && secret == nil && !Off(s.Value) && !strings.Contains(s.Value, "://") {
				secret = Hide(s.Value)
			}
			if class != "" && secret != nil {
				h := w.hold(n, secret, s, class)
				if server && len(n.Open) == 0 {
					asked = append(asked, struct {
						n *Node
						h *held
					}{n, h})
				}
			}
		}
	}
	for _, a := range asked {
		a.n.Accepts = Put(a.n.Accepts, a.h.data)
		a.n.Has = Put(a.n.Has, "authentication")
	}
	for _, n := range slices.Clone(w.Nodes) {
		for _, s := range n.Env {
			hosts := Hosts(s.Key, s.Value, func(name string) bool { return w.From(n, name) != nil })
			for _, h := range hosts {
				w.talk(n, s, h)
			}
			if len(hosts) == 0 && s.Secret == nil && hostKey.MatchString(split(s.Key)) && strings.Contains(s.Value, "${") {
				w.Notes = Put(w.Notes, "whom "+Clean(n.Raw)+" talks to by "+Clean(s.Key)+" is not known: its value is not in the files")
			}
		}
	}
	w.prove()
}

// unguarded returns the setting that has a store ask for nothing in spite of a password.
func (n *Node) unguarded() *Setting {
	for i, s := range n.Env {
		switch key := strings.ToUpper(s.Key); {
		case key == "POSTGRES_HOST_AUTH_METHOD" && s.Value == "trust",
			strings.HasSuffix(key, "ALLOW_EMPTY_PASSWORD") && !Off(s.Value), strings.HasSuffix(key, "ALLOW_ANONYMOUS_LOGIN") && !Off(s.Value),
			key == "XPACK.SECURITY.ENABLED" && Off(s.Value), key == "DISABLE_SECURITY_PLUGIN" && !Off(s.Value), key == "PLUGINS.SECURITY.DISABLED" && !Off(s.Value):
			return &n.Env[i]
		}
	}
	return nil
}

// hold notes that a program has a secret: one item of data for each value, whoever has it.
func (w *Network) hold(n *Node, secret *Secret, s Setting, class string) *held {
	var h *held
	for _, x := range w.held {
		if x.secret.Same(secret) {
			h = x
		}
	}
	if h == nil {
		d := w.Add(Data, n.Raw+"-"+strings.TrimLeft(s.Key, "-"), []string{class}, s.Origin)
		h = &held{secret, d}
		w.held = append(w.held, h)
	}
	if s.Stored {
		r := w.Repository()
		r.Stores = Put(r.Stores, h.data)
	}
	n.client = Put(n.client, h)
	n.Handles = Put(n.Handles, h.data)
	return h
}

// talk draws what one value says of whom a program talks to.
func (w *Network) talk(n *Node, s Setting, h Host) {
	if local(h.Name) {
		return
	}
	to := w.From(n, h.Name)
	if to == n {
		return
	}
	if to == nil && w.Unknown != nil {
		to = w.Unknown(n, h, s.Origin)
	}
	if to == nil {
		if strings.HasSuffix(h.Name, ".local") || h.Scheme == "" && !strings.Contains(h.Name, ".") && h.Port == 0 {
			return
		}
		to = w.Elsewhere(h, s.Origin)
	}
	protocol := schemes[h.Scheme].protocol
	f := w.Uses(n, to, protocol, h.Port, false, s.Origin)
	if protocol != "" && protocol != "http" && protocol != "tcp" {
		f.Protocol = protocol
	}
	if h.Password != nil {
		x := w.hold(n, h.Password, s, "password")
		if to.Is("third_party") {
			to.Accepts = Put(to.Accepts, x.data)
		}
	}
}

// prove ties what a store asks for to what its clients have.
func (w *Network) prove() {
	byElement := map[*Element]*Node{}
	for _, n := range w.Nodes {
		byElement[n.Element] = n
	}
	for _, f := range w.Flows {
		n := byElement[f.Source]
		if n == nil || f.Idle {
			continue
		}
		for _, h := range n.client {
			if slices.Contains(f.Target.Accepts, h.data) {
				f.By = Put(f.By, h.data)
			}
		}
	}
}

// Contents gives each store one item of data: what it keeps. Who talks to the store handles it and sends and gets it; who asks those for something gets it from them.
func (w *Network) Contents() {
	for _, n := range w.Nodes {
		if !n.Keeps() || n.Is("third_party") {
			continue
		}
		d := w.Add(Data, n.Raw+"-content", []string{"data"}, n.Origin)
		d.Title = "What " + n.Raw + " keeps"
		n.Stores = Put(n.Stores, d)
		w.spread(n.Element, d, map[*Element]bool{n.Element: true})
	}
}

// spread has data go the way back from a store to those who ask for them.
func (w *Network) spread(at, d *Element, seen map[*Element]bool) {
	for _, f := range w.Flows {
		if f.Target != at || f.Idle || f.Blocked || f.Source.Sort != Component || slices.Equal(f.Source.Kinds, []string{"software"}) {
			continue // one that plays visitors asks for what visitors see
		}
		f.Carries, f.Returns = Put(f.Carries, d), Put(f.Returns, d)
		if seen[f.Source] || f.Source.Keeps() {
			continue
		}
		seen[f.Source] = true
		f.Source.Handles = Put(f.Source.Handles, d)
		w.spread(f.Source, d, seen)
	}
}

// Decisions marks what nobody has said of programs of one's own, and what decides about them.
func (w *Network) Decisions() {
	for _, n := range w.Nodes {
		if !n.Guess.Ours || n.Keeps() || n.Is("third_party", "software") {
			continue
		}
		n.Has = Put(n.Has, "input_validation?")
		if n.Is("webapp", "cms", "admin_interface") {
			n.Has = Put(n.Has, "output_encoding?")
		}
	}
}
