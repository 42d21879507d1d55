package k8s

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// from reads files of a map.
func from(files map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", fmt.Errorf("there is no such file: %w", fs.ErrNotExist)
		}
		return text, nil
	}
}

// parse panics where a design has errors of syntax.
func parse(text string) []dsl.Decl {
	diags := &diag.List{}
	f := dsl.Parse(source.New("x.vbn", text), diags)
	if diags.HasErrors() {
		panic(fmt.Sprintf("%v\n%s", diags.Sorted()[0], text))
	}
	return f.Decls
}

// deployment writes a workload with a service.
func deployment(name, namespace string, port int, more string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  template:
    metadata: {labels: {app: %[1]s, tier: inner}}
    spec:
      containers:
      - {name: c, image: %[1]s, ports: [{name: main, containerPort: %[3]d}]%[4]s}
---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec: {selector: {app: %[1]s}, ports: [{port: %[3]d}]}
`, name, namespace, port, more)
}

const balancer = `---
apiVersion: v1
kind: Service
metadata: {name: web-external, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`

// shop is web, api and db in one namespace, and a tool in another.
var shop = deployment("web", "shop", 8080, ", env: [{name: API_ADDR, value: \"api:9000\"}]") + deployment("api", "shop", 9000, ", env: [{name: DB_HOST, value: db}]") + deployment("db", "shop", 5432, "") +
	deployment("tool", "ops", 8081, "") + balancer + `---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: ops}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
`

// pairs imports manifests and returns the pairs of programs that are permitted.
func pairs(t *testing.T, text string, opt Options) (permitted []string, p *imports.Plan) {
	t.Helper()
	p, err := Read(from(map[string]string{"k.yaml": text}), []string{"k.yaml"}, opt)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	parse(p.Text(nil))
	for _, f := range p.Flows {
		if !f.Blocked && f.Source.Sort == imports.Component && f.Target.Sort == imports.Component {
			permitted = imports.Put(permitted, f.Source.Name+">"+f.Target.Name)
		}
	}
	slices.Sort(permitted)
	return permitted, p
}

// TestNetworkPolicies has each construct of a policy beside the pairs that it leaves of the twelve.
func TestNetworkPolicies(t *testing.T) {
	t.Parallel()
	policy := func(namespace, spec string) string {
		return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p%d, namespace: %s}\nspec: %s\n", len(spec), namespace, spec)
	}
	all, _ := pairs(t, shop, Options{})
	if len(all) != 12 {
		t.Fatalf("without policies: %v", all)
	}
	const into = ">db"
	for _, c := range []struct{ name, spec, want string }{ // want: who gets to db
		{"default deny", "{podSelector: {}, policyTypes: [Ingress]}", ""},
		{"no rules", "{podSelector: {matchLabels: {app: db}}, ingress: []}", ""},
		{"an empty rule", "{podSelector: {matchLabels: {app: db}}, ingress: [{}]}", "api tool web"},
		{"an empty list of peers", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [], ports: [{port: 5432}]}]}", "api tool web"},
		{"of another program", "{podSelector: {matchLabels: {app: web}}}", "api tool web"},
		{"a label", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}", "api"},
		{"all of the namespace", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}", "api web"},
		{"a namespace", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}", "tool"},
		{"a namespace by its name", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}", "tool"},
		{"all namespaces", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}]}]}", "api tool web"},
		{"a label in a namespace", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: tool}}}]}]}", "tool"},
		{"two peers", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: web}}}]}]}", "tool web"},
		{"In", "{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, x]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}]}]}", "web"},
		{"NotIn", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]}", "api"},
		{"Exists", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}]}]}", "api web"},
		{"DoesNotExist", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}]}]}", ""},
		{"a port", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}", "api tool web"},
		{"another port", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5433}]}]}", ""},
		{"a port by name", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: main}]}]}", "api tool web"},
		{"another name", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: other}]}]}", ""},
		{"a range of ports", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5000, endPort: 6000}]}]}", "api tool web"},
		{"a range beside it", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5433, endPort: 6000}]}]}", ""},
		{"another protocol", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{protocol: UDP, port: 5432}]}]}", ""},
		{"a block of all", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}", "api tool web"},
		{"a block without private addresses", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10]}}]}]}", ""},
		{"a block with some of them", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/9, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10]}}]}]}", "api tool web"},
		{"a public block", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}", ""},
		{"egress of all", "{podSelector: {}, policyTypes: [Egress]}", "tool"},
		{"egress to a label", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}", "api tool web"},
		{"egress to another port", "{podSelector: {}, egress: [{ports: [{port: 443}]}], policyTypes: [Egress]}", "tool"},
		{"egress without types isolates ingress, too", "{podSelector: {matchLabels: {app: db}}, egress: [{}]}", ""},
	} {
		got, _ := pairs(t, shop+policy("shop", c.spec), Options{})
		var who []string
		for _, p := range got {
			if w, ok := strings.CutSuffix(p, into); ok {
				who = append(who, w)
			}
		}
		if s := strings.Join(who, " "); s != c.want {
			t.Errorf("%s: %q get to db, expected %q", c.name, s, c.want)
		}
	}
	// Policies add up, and what is needed and not permitted is blocked.
	got, p := pairs(t, shop+policy("shop", "{podSelector: {}}")+policy("shop", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"), Options{})
	if s := strings.Join(got, " "); s != "api>tool db>tool web>db web>tool" {
		t.Errorf("two policies leave %s", s)
	}
	if text := p.Text(nil); !strings.Contains(text, "flow api -> db over sql blocked {\n  from") {
		t.Errorf("a call that is denied is not told:\n%s", text)
	}
	// What is in the network of its node is beyond policies.
	host := strings.Replace(shop, "- {name: c, image: db,", "- {name: c, image: db, ", 1)
	host = strings.Replace(host, "spec:\n      containers:\n      - {name: c, image: db,", "spec:\n      hostNetwork: true\n      containers:\n      - {name: c, image: db,", 1)
	if got, _ := pairs(t, host+policy("shop", "{podSelector: {}}"), Options{}); !slices.Contains(got, "tool>db") || slices.Contains(got, "tool>api") {
		t.Errorf("hostNetwork: %v", got)
	}
	// Labels of a namespace that was not read are not known, so they may be what a policy asks for.
	without := strings.ReplaceAll(shop, "labels: {team: ops}", "labels: {}")
	without = strings.Replace(without, "kind: Namespace\nmetadata: {name: ops, labels: {}}", "kind: ConfigMap\nmetadata: {name: ops}", 1)
	if got, _ := pairs(t, without+policy("shop", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}"), Options{}); !slices.Contains(got, "tool>db") {
		t.Error("labels that are not known keep somebody out")
	}
}

// TestMesh has what Istio adds.
func TestMesh(t *testing.T) {
	t.Parallel()
	meshed := strings.ReplaceAll(shop, "labels: {team: shop}", "labels: {team: shop, istio-injection: enabled}")
	object := func(kind, namespace, spec string) string {
		return fmt.Sprintf("---\napiVersion: security.istio.io/v1\nkind: %s\nmetadata: {name: m%d, namespace: %s}\nspec: %s\n", kind, len(spec), namespace, spec)
	}
	for _, c := range []struct{ name, text, want, has string }{ // who gets to db; whether api -> db has mtls
		{"permissive", meshed, "api tool web", ""},
		{"strict", meshed + object("PeerAuthentication", "shop", "{mtls: {mode: STRICT}}"), "api web", "mtls"},
		{"strict for the mesh", meshed + object("PeerAuthentication", "istio-system", "{mtls: {mode: STRICT}}"), "api web", "mtls"},
		{"strict without sidecars", shop + object("PeerAuthentication", "shop", "{mtls: {mode: STRICT}}"), "api tool web", ""},
		{"permissive for one", meshed + object("PeerAuthentication", "shop", "{mtls: {mode: STRICT}}") + object("PeerAuthentication", "shop", "{selector: {matchLabels: {app: db}}, mtls: {mode: PERMISSIVE}}"), "api tool web", ""},
		{"allow nothing", meshed + object("AuthorizationPolicy", "shop", "{}"), "", ""},
		{"allow a principal", meshed + object("AuthorizationPolicy", "shop", "{selector: {matchLabels: {app: db}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/default]}}]}]}"), "api web", ""},
		{"allow a namespace", meshed + object("AuthorizationPolicy", "shop", "{selector: {matchLabels: {app: db}}, rules: [{from: [{source: {namespaces: [ops]}}]}]}"), "", ""}, // its pods have no sidecar
		{"allow all", meshed + object("AuthorizationPolicy", "shop", "{rules: [{}]}"), "api tool web", ""},
		{"deny a port", meshed + object("AuthorizationPolicy", "shop", "{action: DENY, selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {ports: [\"5432\"]}}]}]}"), "", ""},
		{"deny another port", meshed + object("AuthorizationPolicy", "shop", "{action: DENY, selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {ports: [\"1\"]}}]}]}"), "api tool web", ""},
		{"audit", meshed + object("AuthorizationPolicy", "shop", "{action: AUDIT, rules: [{}]}"), "api tool web", ""},
	} {
		got, p := pairs(t, c.text, Options{})
		var who []string
		for _, x := range got {
			if w, ok := strings.CutSuffix(x, ">db"); ok {
				who = append(who, w)
			}
		}
		if s := strings.Join(who, " "); s != c.want {
			t.Errorf("%s: %q get to db, expected %q", c.name, s, c.want)
		}
		for _, f := range p.Flows {
			if f.Source.Name == "api" && f.Target.Name == "db" && strings.Join(f.Has, " ") != c.has {
				t.Errorf("%s: api -> db has %v", c.name, f.Has)
			}
		}
	}
	for _, refused := range []string{
		object("PeerAuthentication", "shop", "{mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}"),
		object("AuthorizationPolicy", "shop", "{rules: [{when: [{key: x, values: [y]}]}]}"),
		object("AuthorizationPolicy", "shop", "{rules: [{from: [{source: {notNamespaces: [y]}}]}]}"),
		object("AuthorizationPolicy", "shop", "{rules: [{to: [{operation: {paths: [/x]}}]}]}"),
		object("AuthorizationPolicy", "shop", "{action: CUSTOM, rules: [{}]}"),
		"---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {}\n",
		"---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {}\n",
	} {
		if _, err := Read(from(map[string]string{"k.yaml": meshed + refused}), []string{"k.yaml"}, Options{}); err == nil || !strings.Contains(err.Error(), "not read") {
			t.Errorf("%s: %v", refused, err)
		}
		if _, p := pairs(t, meshed+refused, Options{AllowUnread: true}); len(p.Unread) == 0 {
			t.Errorf("%s: accepted, and not told", refused)
		}
	}
}

// TestWays lists ways that must be in the design, and what must not.
func TestWays(t *testing.T) {
	t.Parallel()
	const ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {%srules: [{host: a.example.org, http: {paths: [{backend: {service: {name: api, port: {number: 9000}}}}]}}]}\n"
	const deny = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}\n"
	secret := "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nstringData: {url: \"postgres://u:hushhush@db:5432/x\", pw: hushhush}\n"
	for _, c := range []struct{ name, text, want, not string }{
		{"a load balancer", shop, "flow Anybody -> web over http {\n  port 80", "Anybody -> db"},
		{"a load balancer that is internal", strings.Replace(shop, "{name: web-external, namespace: shop}", "{name: web-external, namespace: shop, annotations: {service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"}}", 1) + fmt.Sprintf(ingress, ""), "flow Ingress -> api", "Anybody -> web"},
		{"a policy that keeps the Internet out", shop + deny + fmt.Sprintf(ingress, ""), "flow Anybody -> web over http blocked", ""},
		{"an Ingress", shop + fmt.Sprintf(ingress, ""), "flow Anybody -> Ingress over http {", ""},
		{"an Ingress with TLS", shop + fmt.Sprintf(ingress, "tls: [{hosts: [\"*.example.org\"]}], "), "flow Anybody -> Ingress over https {", "Anybody -> Ingress over http {"},
		{"an Ingress with TLS for others", shop + fmt.Sprintf(ingress, "tls: [{hosts: [b.example.org]}], "), "flow Anybody -> Ingress over http {", "https"},
		{"a node port", strings.Replace(shop, "type: LoadBalancer", "type: NodePort", 1), "flow Anybody -> web", ""},
		{"a host port", strings.Replace(shop, "containerPort: 9000", "containerPort: 9000, hostPort: 9000", 1), "flow Anybody -> api", ""},
		{"namespaces are zones", shop, "component tool: service in ops", ""},
		{"a host of a namespace that was read", strings.Replace(shop, "value: db", "value: tool.ops.svc.cluster.local", 1), "flow api -> tool over http", ""},
		{"a secret in the input", secret + strings.Replace(shop, "{name: DB_HOST, value: db}", "{name: DATABASE_URL, valueFrom: {secretKeyRef: {name: s, key: url}}}", 1), "stores api-DATABASE_URL", "hushhush"},
		{"a secret that is not", strings.Replace(shop, "{name: DB_HOST, value: db}", "{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: s, key: pw}}}", 1), "handles api-DB_PASSWORD", "Repository"},
		{"rights on the node", strings.Replace(shop, "image: api,", "image: api, securityContext: {privileged: true},", 1), "component api: api, privileged", ""},
		{"rights in the cluster", shop + "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: default, namespace: ops}]\n", "flow tool -> ApiServer over https", "flow web -> ApiServer"},
		{"not restrained", shop, "has isolation?", ""},
	} {
		_, p := pairs(t, c.text, Options{})
		got := p.Text(nil)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in\n%s", c.name, c.want, got)
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %q in\n%s", c.name, c.not, got)
		}
	}
	for _, c := range []struct{ name, text, err string }{
		{"a template", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.x }}", "not been rendered"},
		{"nothing leads in", strings.Replace(shop, "type: LoadBalancer, ", "", 1), "nothing leads in"},
		{"no program", balancer, "no program"},
		{"a store of a namespace that was not read", strings.Replace(shop, "value: db", "value: db.data.svc.cluster.local", 1), "in namespace \"data\""},
		{"two that differ", shop + strings.Replace(deployment("db", "shop", 5433, ""), "kind: Service", "kind: Other", 1), "appears twice, and differently"},
		{"no object", "a: b", "not an object"},
		{"a bomb", "a: &a [x, x]\nb: &b [*a, *a]\n" + strings.Repeat("", 1) + bomb(), "too large"},
	} {
		if _, err := Read(from(map[string]string{"k.yaml": c.text}), []string{"k.yaml"}, Options{}); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, expected %q", c.name, err, c.err)
		}
	}
	p, err := Read(from(map[string]string{"k.yaml": strings.Replace(shop, "value: db}", "value: db.data.svc}", 1)}), []string{"k.yaml"}, Options{AllowUnread: true})
	if err != nil || !strings.Contains(p.Text(nil), "flow api, db, tool, web -> db-data-svc") && !strings.Contains(p.Text(nil), "flow db, tool, web -> db-data-svc") {
		t.Errorf("a store of a namespace that was not read, accepted: %v\n%s", err, p.Text(nil))
	}
}

func bomb() string {
	out := "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
	for i := range 10 {
		out += fmt.Sprintf("x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i), 10), ", "))
	}
	return out
}

// TestBoutique compares the published manifests, with and without policies, with what they permit pair by pair, with the ports.
func TestBoutique(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "designs", "online-boutique")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the published manifests are not here (%v): nothing to compare with", err)
	}
	for expected, prefixes := range map[string][]string{
		"EXPECTED_reachability_no_policies.csv": {"kubernetes-manifests__"}, "EXPECTED_reachability_with_policies.csv": {"kubernetes-manifests__", "kustomize__components__network-policies__"},
	} {
		var names []string
		for _, p := range prefixes {
			found, err := filepath.Glob(filepath.Join(dir, p+"*.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				names = append(names, filepath.Base(f))
			}
		}
		p, err := Read(func(name string) (string, error) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			return string(data), err
		}, names, Options{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, expected))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		permitted := map[[2]string]bool{}
		ports := map[string]int{}
		used, calls := 0, 0
		for _, f := range p.Flows {
			ports[f.Target.Name] = f.Target.Port
			if f.Source.Sort == imports.Actor {
				used++
				continue
			}
			if !f.Target.Is("third_party") {
				permitted[[2]string{f.Source.Name, f.Target.Name}] = !f.Blocked
				if !f.Idle {
					used++
					calls++
				}
			}
		}
		if len(permitted) != len(rows)-1 || used != 17 || calls != 16 {
			t.Errorf("%s: %d pairs, expected %d; %d calls are needed, expected 17", expected, len(permitted), len(rows)-1, used)
		}
		n := 0
		for _, row := range rows[1:] {
			got, ok := permitted[[2]string{row[0], row[1]}]
			if !ok || got != (row[3] == "True") || row[2] != "" && row[2] != itoa(ports[row[1]]) {
				t.Errorf("%s: %s to %s on %s: %v, expected %s", expected, row[0], row[1], row[2], got, row[3])
			}
			if got {
				n++
			}
		}
		want := map[bool]int{true: 132, false: 26}[len(prefixes) == 1]
		if n != want {
			t.Errorf("%s: %d pairs are permitted, expected %d", expected, n, want)
		}
	}
}

// TestShops imports what else is at hand.
func TestShops(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "designs")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the deployments of shops are not here (%v)", err)
	}
	for name, want := range map[string]string{
		"aks-store/aks-store-all-in-one.yaml":                                "",
		"aks-store/aks-store-ingress-quickstart.yaml":                        "",
		"teastore/examples__kubernetes__teastore-clusterip.yaml":             "",
		"teastore/examples__kubernetes__teastore-ribbon.yaml":                "",
		"online-boutique/release__kubernetes-manifests.yaml":                 "",
		"robot-shop/helm/templates/web-deployment.yaml":                      "not been rendered",
		"robot-shop/istio-gateway.yaml":                                      "no program",
		"online-boutique/kustomize__components__spanner__kustomization.yaml": "no program",
	} {
		p, err := Read(func(name string) (string, error) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			return string(data), err
		}, []string{name}, Options{})
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, expected %q", name, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		parse(p.Text(nil))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(shop)
	f.Add("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]")
	f.Fuzz(func(_ *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		if p, err := Read(from(map[string]string{"k.yaml": text}), []string{"k.yaml"}, Options{AllowUnread: true}); err == nil {
			parse(p.Text(nil))
		}
	})
}
