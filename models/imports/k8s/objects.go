package k8s

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// object is one of the API.
type object struct {
	api, kind, name, namespace string
	node                       *yaml.Node
	file                       string
}

func (o *object) at(n *yaml.Node) source.Origin {
	if n == nil {
		n = o.node
	}
	return source.Origin{File: o.file, Line: n.Line}
}

// place returns where an object says its name.
func (o *object) place() source.Origin {
	return o.at(imports.Get(o.node, "metadata", "name"))
}

// cluster kinds have no namespace.
var clusterWide = []string{"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass", "CustomResourceDefinition", "PriorityClass", "IngressClass", "GatewayClass"}

// load reads objects out of files. Those that stand twice alike are one.
func load(read source.Reader, names []string, namespace string) ([]*object, []imports.Source, error) {
	var out []*object
	var sources []imports.Source
	byKey := map[string]*object{}
	for _, name := range names {
		text, err := read(name)
		if err != nil {
			return nil, nil, imports.Wrong(source.Origin{}, "", "cannot read %s: %v", imports.Clean(name), err)
		}
		file := name
		if name == "-" {
			file = "stdin"
		}
		docs, err := imports.YAML(file, text)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, imports.Source{Name: file, Digest: imports.Digest(docs, "data", "stringData", "env", "args", "command")})
		var flat []*yaml.Node
		for _, d := range docs {
			if strings.HasSuffix(imports.Text(d, "kind"), "List") && imports.Get(d, "items") != nil {
				flat = append(flat, imports.Items(d, "items")...)
			} else {
				flat = append(flat, d)
			}
		}
		for _, d := range flat {
			o := &object{api: imports.Text(d, "apiVersion"), kind: imports.Text(d, "kind"), name: imports.Text(d, "metadata", "name"), node: d, file: file}
			if d.Kind != yaml.MappingNode || o.api == "" || o.kind == "" {
				if len(names) > 1 {
					continue // beside manifests lie other files
				}
				return nil, nil, imports.Wrong(source.Origin{File: file, Line: d.Line}, "", "not an object of Kubernetes: it has no apiVersion or no kind")
			}
			if o.kind == "Kustomization" || o.kind == "Component" && strings.HasPrefix(o.api, "kustomize") {
				continue
			}
			if !slices.Contains(clusterWide, o.kind) {
				o.namespace = cmp.Or(imports.Text(d, "metadata", "namespace"), namespace, "default")
			}
			key := strings.Join([]string{strings.Split(o.api, "/")[0], o.kind, o.namespace, o.name}, "\x00")
			if first := byKey[key]; first != nil {
				if imports.Digest([]*yaml.Node{first.node}) != imports.Digest([]*yaml.Node{d}) {
					return nil, nil, imports.Wrong(o.place(), "import what one deployment applies, and nothing else", "%s %q appears twice, and differently: first at %s", imports.Clean(o.kind), imports.Clean(o.name), first.place())
				}
				continue
			}
			byKey[key] = o
			out = append(out, o)
			if len(out) > 20_000 {
				return nil, nil, imports.Wrong(source.Origin{File: file}, "", "more than 20000 objects")
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *object) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name), cmp.Compare(a.kind, b.kind))
	})
	return out, sources, nil
}

// pod is what the template of a workload makes.
type pod struct {
	*object
	spec    *yaml.Node
	labels  map[string]string
	ports   []port
	account string
	mesh    bool // Istio's sidecar stands before it
	node    *imports.Node
}

// templates are where kinds of workloads have their pods.
var templates = map[string][]string{
	"Pod": {}, "Deployment": {"spec", "template"}, "StatefulSet": {"spec", "template"}, "DaemonSet": {"spec", "template"}, "ReplicaSet": {"spec", "template"}, "ReplicationController": {"spec", "template"},
	"Job": {"spec", "template"}, "CronJob": {"spec", "jobTemplate", "spec", "template"}, "Rollout": {"spec", "template"}, "DeploymentConfig": {"spec", "template"},
}

func newPod(o *object) *pod {
	where, ok := templates[o.kind]
	if !ok {
		return nil
	}
	t := imports.Get(o.node, where...)
	p := &pod{object: o, spec: imports.Get(t, "spec"), labels: labels(t), account: cmp.Or(imports.Text(t, "spec", "serviceAccountName"), imports.Text(t, "spec", "serviceAccount"), "default")}
	for _, c := range p.containers() {
		for _, x := range imports.Items(c, "ports") {
			n, err := strconv.Atoi(imports.Text(x, "containerPort"))
			if err != nil {
				continue
			}
			p.ports = append(p.ports, port{imports.Text(x, "name"), n, cmp.Or(imports.Text(x, "protocol"), "TCP")})
		}
	}
	return p
}

// containers returns those of a pod, sidecars that start first among them.
func (p *pod) containers() []*yaml.Node {
	out := slices.Clone(imports.Items(p.spec, "containers"))
	for _, c := range imports.Items(p.spec, "initContainers") {
		if imports.Text(c, "restartPolicy") == "Always" {
			out = append(out, c)
		}
	}
	return out
}

func labels(n *yaml.Node) map[string]string {
	out := map[string]string{}
	for _, p := range imports.Pairs(n, "metadata", "labels") {
		out[p.Key] = p.Value.Value
	}
	return out
}

// values returns what a ConfigMap or a Secret holds.
func (o *object) values() map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for _, p := range imports.Pairs(o.node, "data") {
		v := *p.Value
		if o.kind == "Secret" {
			if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v.Value)); err == nil {
				v.Value = string(b)
			}
		}
		out[p.Key] = &v
	}
	for _, p := range imports.Pairs(o.node, "stringData") {
		out[p.Key] = p.Value
	}
	return out
}
