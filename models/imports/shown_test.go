package imports_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/imports"
	"github.com/vauban-verifier/vauban/models/imports/compose"
	"github.com/vauban-verifier/vauban/models/imports/k8s"
	"github.com/vauban-verifier/vauban/threats"
)

// files reads files of a map.
func files(m map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		if text, ok := m[path.Clean(name)]; ok {
			return text, nil
		}
		return "", fs.ErrNotExist
	}
}

// checked verifies the design that an import proposes.
func checked(t *testing.T, p *imports.Plan) *checker.Result {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(files(map[string]string{"shop.import.vbn": p.Text(nil), "shop.vbn": p.Propose("Shop", "shop.import.vbn")}), []string{"shop.vbn"}, diags)
	if m == nil {
		t.Fatalf("%v\n%s", diags.Sorted()[0], p.Text(nil))
	}
	r, err := checker.Check(t.Context(), m, checker.Options{AsOf: "2026-11-28"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rank orders verdicts: a higher one is worse.
var rank = map[checker.Verdict]int{checker.Holds: 0, checker.Depends: 1, checker.Violated: 2, checker.Unknown: 2}

func verdicts(r *checker.Result) map[string]int {
	out := map[string]int{}
	for _, q := range r.Requirements {
		out[q.Source.Name] = rank[q.Verdict]
	}
	return out
}

func fromCompose(f map[string]string, names ...string) (*imports.Plan, error) {
	if len(names) == 0 {
		names = []string{"c.yml"}
	}
	return compose.Read(files(f), names, compose.Options{})
}

func fromManifests(text string) (*imports.Plan, error) {
	return k8s.Read(files(map[string]string{"k.yaml": text}), []string{"k.yaml"}, k8s.Options{})
}

// workload writes a Deployment with its Service.
func workload(name, image string, port int, kind, env string) string {
	return fmt.Sprintf("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %[1]s}\nspec: {template: {metadata: {labels: {app: %[1]s}}, spec: {containers: [{name: c, image: %[2]q, ports: [{containerPort: %[3]d}], env: [%[5]s]}]}}}\n"+
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: %[1]s}\nspec: {type: %[4]s, selector: {app: %[1]s}, ports: [{port: %[3]d}]}\n", name, image, port, kind, env)
}

// TestWrongHolds has the ways in which an import once led to a proof that was none: each is refused, or its requirement is violated.
func TestWrongHolds(t *testing.T) {
	t.Parallel()
	const web = "web: {build: ., ports: [\"80:80\"]}"
	shop := workload("web", "own/web", 80, "LoadBalancer", "{name: A_ADDR, value: \"api:90\"}") + workload("api", "own/api", 90, "ClusterIP", "") + workload("db", "postgres:16", 5432, "ClusterIP", "")
	for _, c := range []struct {
		name     string
		read     func() (*imports.Plan, error)
		err      string
		violated string
	}{
		{"ports in an override file that was not named", func() (*imports.Plan, error) {
			return fromCompose(map[string]string{"c.yml": "services: {web: {build: .}, db: {image: postgres}}"})
		}, "is there an override file?", ""},
		{"ports in an override file", func() (*imports.Plan, error) {
			return fromCompose(map[string]string{"c.yml": "services: {" + web + ", db: {image: postgres}}", "o.yml": "services: {db: {ports: [\"5432:5432\"]}}"}, "c.yml", "o.yml")
		}, "", "ExposureInside"},
		{"include is not followed", func() (*imports.Plan, error) {
			return fromCompose(map[string]string{"c.yml": "include: [d/e.yml]\nservices: {" + web + "}", "d/e.yml": "services: {db: {image: postgres, ports: [\"5432:5432\"]}}"})
		}, "", "ExposureInside"},
		{"a chart that was not rendered", func() (*imports.Plan, error) {
			return fromManifests("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Values.name }}\n")
		}, "not been rendered", ""},
		{"no policies", func() (*imports.Plan, error) { return fromManifests(shop) }, "", "PoliciesOnly"},
		{"a console taken for a storefront", func() (*imports.Plan, error) {
			return fromCompose(map[string]string{"c.yml": "services: {dashboard: {build: ., ports: [\"80:80\"]}}"})
		}, "", "ExposureInside"},
		{"a search engine that is no store", func() (*imports.Plan, error) {
			return fromCompose(map[string]string{"c.yml": "services: {" + web + ", search: {image: \"elasticsearch:8\", ports: [\"9200:9200\"]}}"})
		}, "", "ContentsSecret"},
		{"stores in a namespace that was not read", func() (*imports.Plan, error) {
			return fromManifests(strings.Replace(shop, "env: []", "env: [{name: DB_HOST, value: db.data.svc.cluster.local}]", 1))
		}, "its objects are not in the input", ""},
	} {
		p, err := c.read()
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, expected %q", c.name, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r := verdicts(checked(t, p)); r[c.violated] != rank[checker.Violated] {
			t.Errorf("%s: %v, expected %s to be violated", c.name, r, c.violated)
		}
	}
	if p, err := fromManifests(shop); err != nil || surplus(p) != 5 {
		t.Errorf("without policies all six pairs but one are surplus: %v", err)
	}
}

// surplus counts the pairs that are permitted and not needed.
func surplus(p *imports.Plan) int {
	n := 0
	for _, f := range p.Flows {
		if f.Idle && !f.Blocked && f.Source.Sort == imports.Component {
			n++
		}
	}
	return n
}

// sketch is a shop that is written as a compose file or as manifests.
type sketch struct {
	programs []program
	policies []string // names of programs that only those who talk to them may reach
}

type program struct {
	name, image string
	port        int
	published   bool
	password    string // "": asks for none; else its value in the file
	uses        []string
}

// keys and addresses of the stores of sketches.
var stores = map[string]struct{ image, key, url string }{
	"db": {"postgres:16", "POSTGRES_PASSWORD", "postgres://u:%s@db/x"}, "cache": {"valkey/valkey:8", "", "redis://cache:6379"}, "queue": {"rabbitmq:3", "RABBITMQ_DEFAULT_PASS", "amqp://u:%s@queue"}, "search": {"elasticsearch:8.15.0", "ELASTIC_PASSWORD", "http://search:9200"},
}

func (s sketch) find(name string) *program {
	i := slices.IndexFunc(s.programs, func(p program) bool { return p.name == name })
	return &s.programs[i]
}

// env returns what a program is given.
func (s sketch) env(p program) (out [][2]string) {
	if p.password != "" {
		out = append(out, [2]string{stores[p.name].key, p.password})
	}
	for _, u := range p.uses {
		url := "http://" + u + ":8080"
		if st, ok := stores[u]; ok {
			if url = st.url; strings.Contains(url, "%s") {
				pw := s.find(u).password
				if pw == "" {
					pw = "none"
				}
				url = fmt.Sprintf(url, pw)
			}
		}
		out = append(out, [2]string{strings.ToUpper(u) + "_URL", url})
	}
	return out
}

func (s sketch) compose() (*imports.Plan, error) {
	var b strings.Builder
	b.WriteString("services:\n")
	for _, p := range s.programs {
		fmt.Fprintf(&b, "  %s:\n", p.name)
		if p.image != "" {
			fmt.Fprintf(&b, "    image: %s\n", p.image)
		} else {
			b.WriteString("    build: .\n")
		}
		if p.published {
			fmt.Fprintf(&b, "    ports: [\"%d:%d\"]\n", p.port, p.port)
		}
		b.WriteString("    environment:\n      LOG_LEVEL: info\n")
		for _, e := range s.env(p) {
			fmt.Fprintf(&b, "      %s: %q\n", e[0], e[1])
		}
	}
	return fromCompose(map[string]string{"c.yml": b.String()})
}

func (s sketch) manifests() (*imports.Plan, error) {
	var b strings.Builder
	for _, p := range s.programs {
		var env []string
		for _, e := range s.env(p) {
			env = append(env, fmt.Sprintf("{name: %s, value: %q}", e[0], e[1]))
		}
		kind, image := "ClusterIP", p.image
		if p.published {
			kind = "LoadBalancer"
		}
		if image == "" {
			image = "own/" + p.name
		}
		b.WriteString(workload(p.name, image, p.port, kind, strings.Join(env, ", ")))
	}
	for _, name := range s.policies {
		var who []string
		for _, p := range s.programs {
			if slices.Contains(p.uses, name) {
				who = append(who, fmt.Sprintf("{podSelector: {matchLabels: {app: %s}}}", p.name))
			}
		}
		rule := ""
		if len(who) > 0 {
			rule = "{from: [" + strings.Join(who, ", ") + "]}"
		}
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s}\nspec: {podSelector: {matchLabels: {app: %s}}, ingress: [%s]}\n", name, name, rule)
	}
	return fromManifests(b.String())
}

func (s sketch) copy() sketch {
	out := sketch{policies: slices.Clone(s.policies)}
	for _, p := range s.programs {
		p.uses = slices.Clone(p.uses)
		out.programs = append(out.programs, p)
	}
	return out
}

// random draws a shop.
func random(r *rand.Rand) sketch {
	s := sketch{programs: []program{{name: "web", port: 8080, published: true}}}
	for _, n := range []string{"api", "worker", "orders"} {
		if r.IntN(2) == 0 {
			s.programs = append(s.programs, program{name: n, port: 8080, published: r.IntN(3) == 0})
		}
	}
	own := len(s.programs)
	for _, n := range []string{"db", "cache", "queue", "search"} {
		if r.IntN(2) == 0 {
			p := program{name: n, image: stores[n].image, port: map[string]int{"db": 5432, "cache": 6379, "queue": 5672, "search": 9200}[n], published: r.IntN(3) == 0}
			if stores[n].key != "" && r.IntN(2) == 0 {
				p.password = "literal-" + n
			}
			s.programs = append(s.programs, p)
			for i := range own {
				if r.IntN(2) == 0 {
					s.programs[i].uses = append(s.programs[i].uses, n)
				}
			}
		}
	}
	for i := 1; i < own; i++ {
		s.programs[0].uses = append(s.programs[0].uses, s.programs[i].name)
	}
	return s
}

// TestBetterIsNeverWorse takes shops, and does what makes one safer: takes a port back, adds a policy, sets a password, moves a secret out of the files. No verdict may get worse by that, so
// that undoing it makes none better.
func TestBetterIsNeverWorse(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*rand.Rand, *sketch) bool{
		"a port removed": func(r *rand.Rand, s *sketch) bool {
			i := r.IntN(len(s.programs))
			was := s.programs[i].published && i > 0
			s.programs[i].published = s.programs[i].published && i == 0
			return was
		},
		"a policy added": func(r *rand.Rand, s *sketch) bool {
			p := s.programs[r.IntN(len(s.programs))]
			s.policies = append(s.policies, p.name)
			return !p.published
		},
		"a password set": func(r *rand.Rand, s *sketch) bool {
			p := &s.programs[r.IntN(len(s.programs))]
			was := p.password == "" && stores[p.name].key != ""
			p.password = "${" + strings.ToUpper(p.name) + "_PW}"
			return was
		},
		"a secret moved": func(r *rand.Rand, s *sketch) bool {
			p := &s.programs[r.IntN(len(s.programs))]
			was := strings.HasPrefix(p.password, "literal")
			p.password = "${" + strings.ToUpper(p.name) + "_PW}"
			return was
		},
	}
	want := 200
	if testing.Short() {
		want = 20
	}
	done := map[string]int{}
	total := 0
	for seed := uint64(1); total < want && seed < 4000; seed++ {
		r := rand.New(rand.NewPCG(seed, 7))
		before := random(r)
		names := []string{"a policy added", "a port removed", "a password set", "a secret moved"}
		name := names[seed%4]
		after := before.copy()
		if !changes[name](r, &after) {
			continue
		}
		read := sketch.compose
		if name == "a policy added" {
			read = sketch.manifests
		}
		p, err := read(before)
		if err != nil {
			t.Fatal(err)
		}
		q, err := read(after)
		if err != nil {
			t.Fatal(err)
		}
		was, is := verdicts(checked(t, p)), verdicts(checked(t, q))
		for _, k := range slices.Sorted(keysOf(was)) {
			if is[k] > was[k] {
				t.Errorf("seed %d, %s: %s was %d and is %d\n%s\n%s", seed, name, k, was[k], is[k], p.Text(nil), q.Text(nil))
			}
		}
		done[name]++
		total++
	}
	for _, name := range []string{"a policy added", "a port removed", "a password set", "a secret moved"} {
		if !testing.Short() && done[name] < want/10 {
			t.Errorf("%s was tried %d times", name, done[name])
		}
	}
	t.Logf("%d changes: %v", total, done)
}

func keysOf(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestEachEditIsNamed makes fifty edits of a compose file, one at a time: each is told with the element that it is about.
func TestEachEditIsNamed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("compose", "testdata", "shop")
	load := func(edit func(name, text string) string) (string, error) {
		p, err := compose.Read(func(name string) (string, error) {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			return edit(name, string(data)), err
		}, []string{"docker-compose.yml"}, compose.Options{})
		if err != nil {
			return "", err
		}
		return p.Text(nil), nil
	}
	base, err := load(func(_, text string) string { return text })
	if err != nil {
		t.Fatal(err)
	}
	edits := 0
	for _, e := range [][3]string{ // what stands there, what takes its place, the element that is named
		{`ports: ["80:80", "443:443"]`, `ports: ["80:80"]`, "Anybody-proxy-443"},
		{`ports: ["80:80", "443:443"]`, `ports: ["443:443"]`, "Anybody->proxy"},
		{`"80:80", "443`, `"81:80", "443`, "Anybody"},
		{`"80:80", `, `"80:80", "8080:8080", `, "Anybody"},
		{"traefik:v3.1", "traefik:v3.2", "proxy"},
		{"traefik:v3.1", "haproxy:3", "proxy"},
		{"traefik:v3.1", "nginx:1", "proxy"},
		{`volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]`, "", "proxy"},
		{"    networks: [edge]\n    volumes", "    networks: [inside]\n    volumes", "proxy"},
		{"networks: [edge, inside]", "networks: [edge]", "web"},
		{"networks: [edge, inside]", "networks: [inside]", "web"},
		{"networks: [edge, inside]", "network_mode: host", "web"},
		{"networks: [edge, inside]", "networks: [edge, inside]\n    privileged: true", "web"},
		{"networks: [edge, inside]", "networks: [edge, inside]\n    ports: [\"8000:8000\"]", "Anybody->web"},
		{"API_URL: http://api:3000", "API_URL: https://api:3000", "web->api"},
		{"API_URL: http://api:3000", "API_URL: http://search:9200", "web->search"},
		{"API_URL: http://api:3000", "API_URL: https://api.example.org", "api-example-org"},
		{"      SESSION_SECRET: ${SESSION_SECRET:?set it}\n", "", "web-SESSION_SECRET"},
		{"SESSION_SECRET: ${SESSION_SECRET:?set it}", "SESSION_SECRET: literal", "Repository"},
		{"depends_on: [api]", "depends_on: [api, cache]", "web->cache"},
		{"depends_on: [api]", "depends_on: [queue]", "web->queue"},
		{"env_file: [api.env]", "env_file: []", "api-JWT_SECRET"},
		{"@db:5432/shop", "@other.example.org/shop", "api->other-example-org"},
		{"postgres://shop:${DB_PASSWORD}@db", "postgres://shop@db", "api->db"},
		{"      - REDIS_URL=redis://cache:6379/0\n", "", "api->cache"},
		{"redis://cache", "rediss://cache", "api->cache"},
		{"      - SEARCH_HOST=search\n", "", "api->search"},
		{"      - STRIPE_URL=https://api.stripe.com/v1\n", "", "api-stripe-com"},
		{"      - STRIPE_API_KEY\n", "", "api-STRIPE_API_KEY"},
		{"      - STRIPE_API_KEY\n", "      - STRIPE_API_KEY=literal\n", "Repository"},
		{`volumes: ["uploads:/data"]`, "", "uploads"},
		{`volumes: ["uploads:/data"]`, `volumes: ["other:/data"]`, "other"},
		{"amqp://queue:5672", "amqps://queue:5671", "worker->queue"},
		{`, "--queue", "amqp://queue:5672"`, "", "worker->queue"},
		{"extends: {service: api}", "build: ./worker\n    networks: [inside]", "worker"},
		{"image: postgres:16", "image: postgres:17", "db"},
		{"image: postgres:16", "image: mysql:8", "api->db"},
		{`POSTGRES_PASSWORD: "${DB_PASSWORD}"`, `POSTGRES_PASSWORD: "another"`, "api-DATABASE_URL"},
		{`POSTGRES_PASSWORD: "${DB_PASSWORD}"`, `POSTGRES_PASSWORD: "${DB_PASSWORD}", POSTGRES_HOST_AUTH_METHOD: trust`, "db"},
		{`"127.0.0.1:5432:5432"`, `"5432:5432"`, "Anybody->db"},
		{`ports: ["127.0.0.1:5432:5432"]`, "", "Host"},
		{"image: redis:7", "image: redis:7\n    command: redis-server --requirepass x", "cache"},
		{"image: redis:7", "image: redis:7\n    ports: [\"6379:6379\"]", "Anybody->cache"},
		{"image: redis:7", "image: memcached:1", "cache"},
		{`xpack.security.enabled: "false", `, "", "search"},
		{`    ports: ["9200:9200"]`, "", "Anybody->search"},
		{"rabbitmq:3-management", "rabbitmq:3", "queue"},
		{"{RABBITMQ_DEFAULT_PASS: unused-secret-2}", "{}", "queue"},
		{`    ports: ["9001:80"]`, "", "dashboard"},
		{"build: ./admin", "image: phpmyadmin:5", "dashboard"},
		{"volumes: {db: , uploads: }", "volumes: {db: , uploads: }\nx-nothing: 1", ""},
		{"networks: {edge: , inside: }", "networks: {edge: {external: true}, inside: }", "others-in-edge"},
		{"  queue:\n", "  more:\n    image: mongo:7\n    networks: [inside]\n  queue:\n", "more"},
	} {
		seen := false
		now, err := load(func(name, text string) string {
			if name == "docker-compose.yml" {
				seen = strings.Contains(text, e[0])
				return strings.Replace(text, e[0], e[1], 1)
			}
			return text
		})
		if err != nil || !seen {
			t.Errorf("%q: %v, found %v", e[1], err, seen)
			continue
		}
		changes, _ := imports.Drift(base, now)
		if e[2] == "" {
			if len(changes) > 0 {
				t.Errorf("%q says nothing, and is told: %v", e[1], changes)
			}
			continue
		}
		edits++
		if !slices.ContainsFunc(changes, func(c imports.Change) bool { return strings.HasPrefix(c.Element, e[2]) }) {
			t.Errorf("%q in place of %q: %v, expected %s to be named", e[1], e[0], changes, e[2])
		}
	}
	if edits < 50 {
		t.Errorf("%d edits, expected 50", edits)
	}
}

// TestFirstMinute imports shops as their directories are, and looks at what their architect sees first: at most fifteen attacks and broken rules, each with a line of their files.
func TestFirstMinute(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "data", "designs")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the deployments of shops are not here (%v)", err)
	}
	read := func(shop string) func(string) (string, error) {
		return func(name string) (string, error) {
			data, err := os.ReadFile(filepath.Join(dir, shop, filepath.FromSlash(name)))
			return string(data), err
		}
	}
	boutique, err := filepath.Glob(filepath.Join(dir, "online-boutique", "kubernetes-manifests__*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range boutique {
		boutique[i] = filepath.Base(b)
	}
	for shop, load := range map[string]func() (*imports.Plan, error){
		"robot-shop": func() (*imports.Plan, error) {
			return compose.Read(read("robot-shop"), []string{"docker-compose.yaml"}, compose.Options{})
		},
		"saleor": func() (*imports.Plan, error) {
			return compose.Read(read("saleor"), []string{"docker-compose.yml"}, compose.Options{})
		},
		"online-boutique": func() (*imports.Plan, error) { return k8s.Read(read("online-boutique"), boutique, k8s.Options{}) },
	} {
		p, err := load()
		if err != nil {
			t.Errorf("%s: %v", shop, err)
			continue
		}
		r := checked(t, p)
		attacks := 0
		for _, q := range r.Requirements {
			told := map[string]bool{}
			for _, c := range q.Cases {
				if c.Attack == nil && len(c.Breaks) == 0 {
					continue
				}
				way := ""
				var at []*models.Element
				if c.Attack != nil {
					way = strings.Join(c.Attack.Way, " ")
					for _, s := range c.Attack.Steps {
						at = append(at, s.Elements...)
					}
				}
				for _, b := range c.Breaks {
					at = append(at, b.Elements...)
				}
				if told[way] {
					continue // likewise
				}
				told[way] = true
				attacks++
				lines := 0
				for _, e := range at {
					if e != nil && e.Origin.File != "" && e.Origin.Line > 0 {
						lines++
					}
				}
				if lines == 0 {
					t.Errorf("%s: %s has no line of a file", shop, q.Source.Name)
				}
			}
		}
		if attacks == 0 || attacks > 15 {
			t.Errorf("%s: %d attacks, expected at most 15", shop, attacks)
		}
		if n := len(r.Requirements); n > 10 {
			t.Errorf("%s: %d requirements are proposed, expected at most ten", shop, n)
		}
		if shop != "robot-shop" {
			continue
		}
		for _, q := range r.Requirements {
			if q.Source.Name != "ContentsSecret" && q.Source.Name != "ContentsWhole" {
				continue
			}
			depends := 0
			for _, c := range q.Cases {
				if c.Verdict == checker.Depends && len(c.Sufficient) == 1 && len(c.Sufficient[0]) == 1 && c.Sufficient[0][0].Control == "input_validation" && c.Sufficient[0][0].On == "web" && c.Sufficient[0][0].Is {
					depends++
				}
			}
			if depends != 4 {
				t.Errorf("%s of robot-shop: %d of four stores depend on the input validation of web alone", q.Source.Name, depends)
			}
		}
	}
}
