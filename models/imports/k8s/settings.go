package k8s

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// lookup returns an object by kind, namespace and name.
func (c *cluster) lookup(kind, namespace, name string) *object {
	for _, o := range c.objects {
		if o.kind == kind && o.namespace == namespace && o.name == name {
			return o
		}
	}
	return nil
}

var reference = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)`)

// settings collects what a workload is given: its environment, with what ConfigMaps and Secrets hold, and its command lines.
func (c *cluster) settings(p *pod) error {
	values := map[string]imports.Setting{}
	put := func(s imports.Setting) {
		s.Value = reference.ReplaceAllStringFunc(s.Value, func(m string) string {
			if v, ok := values[m[2:len(m)-1]]; ok && v.Secret == nil {
				return v.Value
			}
			return m
		})
		values[s.Key] = s
	}
	all := append(p.containers(), imports.Items(p.spec, "initContainers")...)
	for _, k := range all {
		for _, from := range imports.Items(k, "envFrom") {
			prefix := imports.Text(from, "prefix")
			for _, source := range []struct{ key, kind string }{{"configMapRef", "ConfigMap"}, {"secretRef", "Secret"}} {
				name := imports.Text(from, source.key, "name")
				if name == "" {
					continue
				}
				o := c.lookup(source.kind, p.namespace, name)
				if o == nil {
					c.Notes = imports.Put(c.Notes, source.kind+" "+imports.Clean(name)+" is not in the input: what it says to "+imports.Clean(p.name)+" is not known")
					continue
				}
				for key, v := range o.values() {
					put(imports.Setting{Key: prefix + key, Value: v.Value, Stored: true, Origin: o.at(v)})
				}
			}
		}
		for _, e := range imports.Items(k, "env") {
			put(c.variable(p, e))
		}
		words := append(texts(k, "command"), texts(k, "args")...)
		for i, w := range words {
			key, value, ok := strings.Cut(w.Value, "=")
			if !ok && i+1 < len(words) {
				value = words[i+1].Value
			}
			if strings.HasPrefix(key, "-") && value != "" {
				p.node.Env = append(p.node.Env, imports.Setting{Key: key, Value: value, Stored: true, Origin: p.at(w)})
			} else if strings.Contains(w.Value, ":") {
				p.node.Env = append(p.node.Env, imports.Setting{Key: "args", Value: w.Value, Stored: true, Origin: p.at(w)})
			}
		}
	}
	for _, v := range imports.Items(p.spec, "volumes") { // what is mounted is in hand
		name := imports.Text(v, "secret", "secretName")
		if name == "" {
			continue
		}
		o := c.lookup("Secret", p.namespace, name)
		if o == nil {
			put(imports.Setting{Key: name + "_SECRET", Secret: imports.Hide("secret " + p.namespace + "/" + name), Origin: p.at(v)})
			continue
		}
		for key, x := range o.values() {
			put(imports.Setting{Key: name + "-" + key + "_SECRET", Secret: imports.Hide(x.Value), Stored: true, Origin: o.at(x)})
		}
	}
	for _, k := range slices.Sorted(mapKeys(values)) {
		p.node.Env = append(p.node.Env, values[k])
	}
	return nil
}

func texts(n *yaml.Node, key string) []*yaml.Node { return slices.Clone(imports.Items(n, key)) }

// variable reads one variable of a container.
func (c *cluster) variable(p *pod, e *yaml.Node) imports.Setting {
	s := imports.Setting{Key: imports.Text(e, "name"), Value: imports.Text(e, "value"), Stored: true, Origin: p.at(e)}
	for _, from := range []struct{ key, kind string }{{"secretKeyRef", "Secret"}, {"configMapKeyRef", "ConfigMap"}} {
		ref := imports.Get(e, "valueFrom", from.key)
		if ref == nil {
			continue
		}
		name, key := imports.Text(ref, "name"), imports.Text(ref, "key")
		s.Stored = false
		if o := c.lookup(from.kind, p.namespace, name); o != nil && o.values()[key] != nil {
			s.Value, s.Stored = o.values()[key].Value, true
			if from.kind == "Secret" {
				s.Origin = o.at(o.values()[key])
			}
		} else if from.kind == "Secret" {
			s.Secret = imports.Hide("secret " + p.namespace + "/" + name + "/" + key)
			if imports.SecretClass(s.Key) == "" {
				s.Key += "_SECRET"
			}
		} else {
			c.Notes = imports.Put(c.Notes, from.kind+" "+imports.Clean(name)+" is not in the input: what it says to "+imports.Clean(p.name)+" is not known")
		}
	}
	return s
}

// privileges reports whether a pod has rights on its node.
func privileges(p *pod) bool {
	for _, k := range []string{"hostPID", "hostIPC"} {
		if imports.Text(p.spec, k) == "true" {
			return true
		}
	}
	for _, k := range p.containers() {
		s := imports.Get(k, "securityContext")
		if imports.Text(s, "privileged") == "true" {
			return true
		}
		for _, x := range imports.Items(s, "capabilities", "add") {
			if imports.Rights(x.Value) {
				return true
			}
		}
	}
	for _, v := range imports.Items(p.spec, "volumes") {
		if imports.Sensitive(imports.Text(v, "hostPath", "path")) {
			return true
		}
	}
	return false
}

// restrained says that programs are kept from their nodes, if each of them is: no root, no way to gain rights.
func (c *cluster) restrained() {
	all := true
	for _, p := range c.pods {
		for _, k := range p.containers() {
			own, whole := imports.Get(k, "securityContext"), imports.Get(p.spec, "securityContext")
			user := imports.Text(own, "runAsNonRoot")
			if user == "" {
				user = imports.Text(whole, "runAsNonRoot")
			}
			all = all && user == "true" && imports.Text(own, "allowPrivilegeEscalation") == "false" && !p.node.Is("privileged")
		}
	}
	c.Host.Has = []string{"isolation?"}
	if all {
		c.Host.Has = []string{"isolation"}
	}
}

// volumes draws what workloads share.
func (c *cluster) volumes() {
	type use struct {
		by []*pod
		at source.Origin
	}
	shared := map[string]*use{}
	for _, p := range c.pods {
		for _, v := range imports.Items(p.spec, "volumes") {
			name := imports.Text(v, "persistentVolumeClaim", "claimName")
			if path := imports.Text(v, "hostPath", "path"); path != "" {
				name = "path " + path
			}
			if name == "" {
				continue
			}
			key := p.namespace + "/" + name
			if strings.HasPrefix(name, "path ") {
				key = name
			}
			if shared[key] == nil {
				shared[key] = &use{at: p.at(v)}
			}
			shared[key].by = imports.Put(shared[key].by, p)
		}
	}
	for _, key := range slices.Sorted(mapKeys(shared)) {
		u := shared[key]
		if len(u.by) < 2 {
			continue
		}
		n := &imports.Node{Element: c.Add(imports.Component, key[strings.LastIndexByte(key, '/')+1:], []string{"volume"}, u.at), Names: []string{"volume " + key}}
		c.Nodes = append(c.Nodes, n)
		for _, p := range u.by {
			c.Flow(imports.Flow{Source: p.node.Element, Target: n.Element, Protocol: "call", Origin: u.at})
		}
	}
}

// rights draws which programs may change others by way of the API of the cluster.
func (c *cluster) rights() {
	var api *imports.Element
	for _, p := range c.pods {
		var at *object
		for _, b := range c.objects {
			if b.kind != "RoleBinding" && b.kind != "ClusterRoleBinding" || !strings.HasPrefix(b.api, "rbac.") {
				continue
			}
			mine := false
			for _, s := range imports.Items(b.node, "subjects") {
				ns := imports.Text(s, "namespace")
				mine = mine || imports.Text(s, "kind") == "ServiceAccount" && imports.Text(s, "name") == p.account && (ns == p.namespace || ns == "" && b.namespace == p.namespace) ||
					imports.Text(s, "kind") == "Group" && (imports.Text(s, "name") == "system:serviceaccounts" || imports.Text(s, "name") == "system:serviceaccounts:"+p.namespace || imports.Text(s, "name") == "system:authenticated")
			}
			if mine && c.powerful(b) {
				at = b
			}
		}
		if at == nil || imports.Text(p.spec, "automountServiceAccountToken") == "false" {
			continue
		}
		if api == nil {
			api = c.Add(imports.Component, "ApiServer", []string{"orchestrator"}, at.place())
			api.Title = "The API of the cluster"
			for _, x := range c.pods {
				api.Ties = append(api.Ties, imports.Tie{Relation: "manages", To: x.node.Element})
			}
		}
		token := c.Add(imports.Data, p.account+"-token", []string{"service_identity"}, at.place())
		p.node.Handles = imports.Put(p.node.Handles, token)
		api.Accepts = imports.Put(api.Accepts, token)
		c.Flow(imports.Flow{Source: p.node.Element, Target: api, Protocol: "https", By: []*imports.Element{token}, Origin: at.place()})
	}
}

// powerful reports whether a binding gives rights with which one controls programs: to make or change what runs, to run commands in it, or to read secrets.
func (c *cluster) powerful(b *object) bool {
	kind, name := imports.Text(b.node, "roleRef", "kind"), imports.Text(b.node, "roleRef", "name")
	if name == "cluster-admin" || name == "admin" || name == "edit" {
		return true
	}
	ns := b.namespace
	if kind == "ClusterRole" {
		ns = ""
	}
	role := c.lookup(kind, ns, name)
	if role == nil {
		return !strings.HasPrefix(name, "system:") && name != "view" // nobody says what it may do
	}
	for _, r := range imports.Items(role.node, "rules") {
		has := func(key string, words ...string) bool {
			return slices.ContainsFunc(imports.Items(r, key), func(n *yaml.Node) bool { return n.Value == "*" || slices.Contains(words, n.Value) })
		}
		if has("verbs", "create", "update", "patch", "bind", "escalate", "impersonate") && has("resources", "pods", "pods/exec", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "serviceaccounts/token") ||
			has("verbs", "get", "list", "watch") && has("resources", "secrets") {
			return true
		}
	}
	return false
}
