package compose

import (
	"cmp"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// Options say how a project is read.
type Options struct {
	AllowUnread bool // go on after what is not understood
}

// Read imports the project of some compose files, which override one another in this order.
func Read(read source.Reader, names []string, opt Options) (*imports.Plan, error) {
	for i, n := range names {
		names[i] = path.Clean(n)
	}
	l := &loader{read: read}
	dir := path.Dir(names[0])
	env, err := l.environment(dir, nil, nil, "")
	if err != nil {
		return nil, err
	}
	model, err := l.project(names, dir, env, 0)
	if err != nil {
		return nil, err
	}
	p := &project{loader: l, Network: &imports.Network{Plan: &imports.Plan{}}, opt: opt, model: model, zones: map[string]*imports.Element{}, nodes: map[string]*imports.Node{}}
	if err := p.draw(); err != nil {
		return nil, err
	}
	for _, f := range l.files {
		p.Sources = append(p.Sources, imports.Source{Name: f.name, Digest: imports.Digest([]*yaml.Node{f.root}, "environment", "args", "command", "entrypoint", "test")})
	}
	p.Sources = append(p.Sources, l.vars...)
	return p.Plan, nil
}

// project is what a design is made of.
type project struct {
	*loader
	*imports.Network
	opt   Options
	model map[string]any
	zones map[string]*imports.Element // by network
	nodes map[string]*imports.Node    // by service
}

// service is one in canonical form.
type service struct {
	name string
	m    map[string]any
}

func (p *project) services() []service {
	all, _ := p.model["services"].(map[string]any)
	var out []service
	for _, n := range sortedKeys(all) {
		m, _ := all[n].(map[string]any)
		out = append(out, service{n, m})
	}
	return out
}

func (p *project) draw() error {
	services := p.services()
	if len(services) == 0 {
		return imports.Wrong(source.Origin{File: p.files[0].name}, "", "there is no service in it")
	}
	if len(services) > 1000 {
		return imports.Wrong(source.Origin{File: p.files[0].name}, "", "more than 1000 services")
	}
	p.Internet()
	p.Host = p.Add(imports.Component, "Host", []string{"container_host"}, source.Origin{})
	p.Host.Title = "The machine that runs the containers"
	p.Host.Has = []string{"isolation?"}
	for _, s := range services {
		if err := p.service(s); err != nil {
			return err
		}
	}
	for _, s := range services {
		if err := p.place(s); err != nil {
			return err
		}
	}
	for _, s := range services {
		if err := p.settings(s); err != nil {
			return err
		}
	}
	p.networks()
	for _, s := range services {
		if err := p.ports(s); err != nil {
			return err
		}
		p.links(s)
	}
	p.Settings()
	for _, s := range services {
		p.depends(s)
	}
	p.Routes()
	if err := p.volumes(services); err != nil {
		return err
	}
	p.Contents()
	p.Decisions()
	if !p.wayIn() {
		return imports.Wrong(source.Origin{File: p.files[0].name}, "name the override file, too: `vauban import compose docker-compose.yml docker-compose.override.yml`", "no port is published: is there an override file?")
	}
	for _, v := range p.empty {
		p.Notes = append(p.Notes, fmt.Sprintf("%s has no value in .env: it stands for a value that equals itself alone", v))
	}
	return nil
}

func (p *project) wayIn() bool {
	return slices.ContainsFunc(p.Flows, func(f *imports.Flow) bool { return f.Source.Sort == imports.Actor })
}

// service makes a component of a service.
func (p *project) service(s service) error {
	at := p.at("services", s.name)
	image, _ := s.m["image"].(string)
	image = strings.NewReplacer(open, "", shut, "").Replace(image)
	_, built := s.m["build"]
	n := &imports.Node{Element: p.Add(imports.Component, s.name, nil, at), Names: []string{strings.ToLower(s.name)}}
	for _, name := range append(texts(s.m["container_name"]), texts(s.m["hostname"])...) {
		n.Names = imports.Put(n.Names, strings.ToLower(name))
	}
	nets, _ := s.m["networks"].(map[string]any)
	for _, k := range sortedKeys(nets) {
		net, _ := nets[k].(map[string]any)
		for _, a := range append(texts(net["aliases"]), texts(net["ipv4_address"])...) {
			n.Names = imports.Put(n.Names, strings.ToLower(a))
		}
	}
	published := false
	for _, x := range list(s.m["ports"]) {
		m, ok := x.(map[string]any)
		if !ok {
			return imports.Wrong(p.at("services", s.name, "ports"), "", "a port of %q that is none", imports.Clean(s.name))
		}
		if t := number(m["target"]); t > 0 {
			n.Listens = imports.Put(n.Listens, t)
		}
		published = published || !loopback(m)
	}
	for _, x := range list(s.m["expose"]) {
		if t := number(x); t > 0 {
			n.Listens = imports.Put(n.Listens, t)
		}
	}
	keeps := slices.ContainsFunc(list(s.m["volumes"]), func(v any) bool {
		m, _ := v.(map[string]any)
		return m["type"] == "volume"
	})
	host := s.m["network_mode"] == "host"
	n.Describe(image, s.name, built, published || host, keeps)
	n.RunsOn = p.Host
	p.nodes[s.name] = n
	p.Nodes = append(p.Nodes, n)
	return nil
}

// place puts a service into the zones of its networks.
func (p *project) place(s service) error {
	n := p.nodes[s.name]
	at := p.at("services", s.name, "network_mode")
	mode, _ := s.m["network_mode"].(string)
	switch {
	case mode == "none":
	case mode == "host":
		n.In = []*imports.Element{p.Machine("HostNetwork")}
		p.Publish(n, n.Element.Port, 0, "", nil, at)
	case strings.HasPrefix(mode, "service:"):
		other := p.nodes[strings.TrimPrefix(mode, "service:")]
		if other == nil || other == n {
			return imports.Wrong(at, "", "service %q is in the network of one that is not there", imports.Clean(s.name))
		}
		for _, x := range p.members(strings.TrimPrefix(mode, "service:"), 0) {
			n.In = imports.Put(n.In, p.network(x))
		}
		n.Names = imports.Put(n.Names, other.Names...)
		other.Names = imports.Put(other.Names, n.Names...)
	case strings.HasPrefix(mode, "container:"):
		if err := p.unread(at, "the network of a container that is not in this project"); err != nil {
			return err
		}
	default:
		for _, net := range p.members(s.name, 0) {
			n.In = imports.Put(n.In, p.network(net))
		}
	}
	return nil
}

// members returns the networks that a service is in.
func (p *project) members(name string, depth int) []string {
	all, _ := p.model["services"].(map[string]any)
	m, _ := all[name].(map[string]any)
	if mode, _ := m["network_mode"].(string); strings.HasPrefix(mode, "service:") && depth < 20 {
		return p.members(strings.TrimPrefix(mode, "service:"), depth+1)
	} else if mode == "none" || mode == "host" || strings.HasPrefix(mode, "container:") {
		return nil
	}
	nets, _ := m["networks"].(map[string]any)
	if len(nets) == 0 {
		return []string{"default"}
	}
	return sortedKeys(nets)
}

// network returns the zone of a network.
func (p *project) network(name string) *imports.Element {
	if p.zones[name] == nil {
		p.zones[name] = p.Add(imports.Zone, name, []string{"private"}, p.at("networks", name))
	}
	return p.zones[name]
}

// networks draws that members of a network can connect to each other.
func (p *project) networks() {
	for _, name := range sortedKeys(asAny(p.zones)) {
		zone := p.zones[name]
		var in []*imports.Node
		for _, n := range p.Nodes {
			if slices.Contains(n.In, zone) {
				in = append(in, n)
			}
		}
		def, _ := p.model["networks"].(map[string]any)
		m, _ := def[name].(map[string]any)
		if external(m) { // others may be in it
			x := &imports.Node{Element: p.Add(imports.Component, "others in "+name, []string{"software"}, zone.Origin), Names: []string{"others in " + name}}
			x.In = []*imports.Element{zone}
			x.Element.Guess("kind")
			p.Nodes = append(p.Nodes, x)
			in = append(in, x)
			p.Notes = append(p.Notes, fmt.Sprintf("network %s belongs to another project, too: what else is in it stands as one component", imports.Clean(name)))
		}
		p.Flat(in, zone.Origin)
	}
	var onHost []*imports.Node // those on the network of the machine reach every port that is published on it
	for _, n := range p.Nodes {
		if len(p.Host.In) > 0 && slices.Contains(n.In, p.Host.In[0]) {
			onHost = append(onHost, n)
		}
	}
	if len(onHost) > 0 {
		p.Flat(onHost, p.Host.In[0].Origin)
		for _, s := range p.services() {
			for range list(s.m["ports"]) {
				for _, h := range onHost {
					p.Flow(imports.Flow{Source: h.Element, Target: p.nodes[s.name].Element, Idle: true, Origin: p.at("services", s.name, "ports")})
				}
			}
		}
	}
}

func external(m map[string]any) bool {
	switch x := m["external"].(type) {
	case bool:
		return x
	case map[string]any:
		return true
	case string:
		return !imports.Off(x)
	}
	return false
}

// ports draws who is let in from outside.
func (p *project) ports(s service) error {
	n := p.nodes[s.name]
	for _, x := range list(s.m["ports"]) {
		m, _ := x.(map[string]any)
		if loopback(m) {
			p.Machine("HostNetwork")
			continue
		}
		port := number(m["target"])
		if m["protocol"] == "udp" {
			p.Publish(n, port, number(m["published"]), "udp", nil, p.port(s.name, m))
			continue
		}
		p.Publish(n, port, number(m["published"]), "", nil, p.port(s.name, m))
	}
	if n.Tunnelled() {
		p.Publish(n, 0, 0, "https", nil, n.Origin)
	}
	return nil
}

// loopback reports whether a port is published for the machine itself alone.
func loopback(m map[string]any) bool {
	text, _ := m["host_ip"].(string)
	ip := net.ParseIP(text)
	return ip != nil && ip.IsLoopback()
}

// depends draws that a service talks to those that it waits for: why else would it?
func (p *project) depends(s service) {
	deps, _ := s.m["depends_on"].(map[string]any)
	for _, d := range sortedKeys(deps) {
		if to := p.nodes[d]; to != nil {
			p.Uses(p.nodes[s.name], to, "", 0, true, p.at("services", s.name, "depends_on"))
		}
	}
}

// links are names for others that one service has.
func (p *project) links(s service) {
	for _, l := range list(s.m["links"]) {
		text, _ := l.(string)
		name, alias, _ := strings.Cut(text, ":")
		if to := p.nodes[name]; to != nil {
			to.Names = imports.Put(to.Names, strings.ToLower(cmp.Or(alias, name)))
			p.Uses(p.nodes[s.name], to, "", 0, true, p.at("services", s.name, "links"))
		}
	}
}

// settings collects what a service is given: files of variables, its environment, its command line, and secrets.
func (p *project) settings(s service) error {
	n := p.nodes[s.name]
	values := map[string]imports.Setting{}
	var order []string
	put := func(x imports.Setting) {
		if _, ok := values[x.Key]; !ok {
			order = append(order, x.Key)
		}
		values[x.Key] = x
	}
	for _, e := range list(s.m["env_file"]) {
		m, _ := e.(map[string]any)
		name, _ := m["path"].(string)
		text, err := p.read(name)
		if err != nil {
			if required, ok := m["required"].(bool); ok && !required {
				continue
			}
			if strings.Contains(err.Error(), "no such file") {
				p.Notes = append(p.Notes, fmt.Sprintf("%s is not there: what it says to %s is not known", imports.Clean(name), imports.Clean(s.name)))
				continue
			}
			return imports.Wrong(p.at("services", s.name, "env_file"), "", "cannot read %s: %v", imports.Clean(name), err)
		}
		vars, err := p.variables(name, text)
		if err != nil {
			return err
		}
		lines := envLines(text)
		for _, k := range slices.Sorted(keys(vars)) {
			v := vars[k]
			if strings.Contains(v, open) {
				continue
			}
			put(imports.Setting{Key: k, Value: v, Stored: true, Origin: source.Origin{File: name, Line: lines[k]}})
		}
	}
	for _, section := range []string{"environment", "build"} {
		where := s.m[section]
		if section == "build" {
			b, _ := where.(map[string]any)
			where = b["args"]
		}
		for _, kv := range pairs(where) {
			at := p.variable(s.name, section, kv.key)
			value := kv.value
			if kv.empty { // taken over from whoever starts it
				value = open + kv.key + shut
			}
			put(p.setting(kv.key, value, at))
		}
	}
	slices.Sort(order)
	for _, k := range order {
		n.Env = append(n.Env, values[k])
	}
	for _, section := range []string{"command", "entrypoint"} {
		at := p.at("services", s.name, section)
		words := texts(s.m[section])
		if len(words) == 1 {
			words = strings.Fields(words[0])
		}
		for i, w := range words {
			key, value, ok := strings.Cut(w, "=")
			if !ok {
				key, value = w, ""
				if i+1 < len(words) {
					value = words[i+1]
				}
			}
			if strings.HasPrefix(key, "-") && value != "" {
				n.Env = append(n.Env, p.setting(key, strings.Trim(value, `"'`), at))
			} else if strings.Contains(w, "://") || strings.Contains(w, ":") {
				n.Env = append(n.Env, imports.Setting{Key: "command", Value: w, Stored: true, Origin: at})
			}
		}
	}
	secrets, _ := p.model["secrets"].(map[string]any)
	for _, x := range list(s.m["secrets"]) {
		m, _ := x.(map[string]any)
		name, _ := m["source"].(string)
		def, _ := secrets[name].(map[string]any)
		file, _ := def["file"].(string)
		stored := false
		if file != "" {
			_, err := p.read(file) // only whether it lies there
			stored = err == nil
		}
		key := name
		for _, v := range values { // POSTGRES_PASSWORD_FILE: /run/secrets/db_password
			if strings.HasSuffix(v.Key, "_FILE") && path.Base(v.Value) == name {
				key = v.Key
			}
		}
		if imports.SecretClass(key) == "" && !strings.HasSuffix(key, "_FILE") {
			key += "_SECRET"
		}
		n.Env = append(n.Env, imports.Setting{Key: key, Secret: imports.Hide(open + "secret " + name + shut), Stored: stored, Origin: p.at("secrets", name)})
	}
	return nil
}

// setting makes a value of a service: one that a variable without a value stands in is not known, but the same wherever that variable stands.
func (p *project) setting(key, value string, at source.Origin) imports.Setting {
	return imports.Setting{Key: key, Value: strings.NewReplacer(open, "${", shut, "}").Replace(value), Stored: !strings.Contains(value, open), Origin: at}
}

// kv is a variable; without a value it is taken over from whoever starts the service.
type kv struct {
	key, value string
	empty      bool
}

// pairs reads a mapping, or a list of KEY=VALUE.
func pairs(x any) []kv {
	var out []kv
	switch x := x.(type) {
	case map[string]any:
		for _, k := range sortedKeys(x) {
			if x[k] == nil {
				out = append(out, kv{k, "", true})
			} else {
				out = append(out, kv{k, fmt.Sprint(x[k]), false})
			}
		}
	case []any:
		for _, e := range x {
			k, v, ok := strings.Cut(fmt.Sprint(e), "=")
			out = append(out, kv{k, v, !ok})
		}
	}
	return out
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func asAny[T any](m map[string]T) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func list(x any) []any {
	l, _ := x.([]any)
	return l
}

func number(x any) int {
	n, _ := strconv.Atoi(fmt.Sprint(x))
	return n
}

// envLines returns the line of each variable of a file.
func envLines(text string) map[string]int {
	out := map[string]int{}
	line := 0
	for l := range strings.Lines(text) {
		line++
		k, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(l), "export "), "=")
		if ok {
			out[strings.TrimSpace(k)] = line
		}
	}
	return out
}

// unread notes what may open a way and is not understood: an error, unless it was accepted.
func (p *project) unread(at source.Origin, what string) error {
	if !p.opt.AllowUnread {
		return imports.Wrong(at, "accept it with --allow-unread; the design says that it was not read", "not read: %s", what)
	}
	p.Unread = append(p.Unread, imports.Unread{What: what, Origin: at})
	return nil
}

// at returns the place of a key: in the last file that has all of the path, or as much of it as one has.
func (p *project) at(keys ...string) source.Origin {
	for n := len(keys); n > 0; n-- {
		for _, f := range p.files {
			if parent := imports.Get(f.root, keys[:n-1]...); parent != nil {
				if k := imports.Key(parent, keys[n-1]); k != nil {
					return source.Origin{File: f.name, Line: k.Line}
				}
			}
		}
	}
	return source.Origin{File: p.files[0].name, Line: 1}
}

// port returns the place where a port of a service is published.
func (p *project) port(service string, m map[string]any) source.Origin {
	target, published := fmt.Sprint(m["target"]), fmt.Sprint(m["published"])
	for i := len(p.files) - 1; i >= 0; i-- {
		f := p.files[i]
		for _, x := range imports.Items(f.root, "services", service, "ports") {
			text := x.Value
			if x.Kind == yaml.MappingNode {
				text = imports.Text(x, "published") + ":" + imports.Text(x, "target")
			}
			text, _, _ = strings.Cut(text, "/")
			parts := strings.Split(text, ":")
			if parts[len(parts)-1] == target && (len(parts) < 2 || parts[len(parts)-2] == published || published == "unknown") {
				return source.Origin{File: f.name, Line: x.Line}
			}
		}
	}
	return p.at("services", service, "ports")
}

// variable returns the place of a variable of a service.
func (p *project) variable(service, section, key string) source.Origin {
	at := []string{"services", service, section}
	if section == "build" {
		at = append(at, "args")
	}
	for i := len(p.files) - 1; i >= 0; i-- {
		f := p.files[i]
		where := imports.Get(f.root, at...)
		if k := imports.Key(where, key); k != nil {
			return source.Origin{File: f.name, Line: k.Line}
		}
		for _, x := range imports.Items(where) {
			if k, _, _ := strings.Cut(x.Value, "="); k == key {
				return source.Origin{File: f.name, Line: x.Line}
			}
		}
	}
	return p.at(at...)
}
