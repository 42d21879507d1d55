package imports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// TestWordsAreThoseOfTheCatalogue holds the tables to the catalogue: kinds, classes and protocols are there, and each entry has its reason.
func TestWordsAreThoseOfTheCatalogue(t *testing.T) {
	t.Parallel()
	v := threats.LoadCatalogue(nil, []string{"retail"}, &diag.List{}).Vocabulary
	seen := map[string]bool{}
	for i, w := range Words() {
		if w.Reason == "" || len(w.Kinds) == 0 || w.Text != strings.ToLower(w.Text) {
			t.Errorf("%q says not enough", w.Text)
		}
		if key := fmt.Sprint(w.Own, w.Text); seen[key] {
			t.Errorf("%q appears twice", w.Text)
		} else {
			seen[key] = true
		}
		for _, k := range w.Kinds {
			if k != tunnel && v.Kinds[k] == nil {
				t.Errorf("%q: %q is no kind", w.Text, k)
			}
		}
		if w.Protocol != "" && v.Protocols[w.Protocol] == nil {
			t.Errorf("%q: %q is no protocol", w.Text, w.Protocol)
		}
		if first := find(w.Text, w.Own); first.Text != w.Text {
			t.Errorf("%q is never found: entry %d, %q, stands before it", w.Text, i, first.Text)
		}
	}
	for port, p := range ports {
		if v.Protocols[p] == nil {
			t.Errorf("port %d: %q is no protocol", port, p)
		}
	}
	for scheme, s := range schemes {
		if v.Protocols[s.protocol] == nil || s.kind != "" && v.Kinds[s.kind] == nil {
			t.Errorf("scheme %q: %v", scheme, s)
		}
	}
	for _, s := range secretKeys {
		if v.Kinds[s.class] == nil {
			t.Errorf("%q: %q is no class", s.part, s.class)
		}
	}
	for _, x := range Terms() {
		for _, k := range x.Kinds {
			if v.Kinds[k] == nil || x.Reason == "" {
				t.Errorf("term %q: %q", x.Word, k)
			}
		}
	}
	for word, p := range linkProtocols {
		if p != "" && v.Protocols[p] == nil {
			t.Errorf("%q: %q is no protocol", word, p)
		}
	}
	for _, x := range Fields() {
		if v.Kinds[x.Class] == nil || x.Reason == "" {
			t.Errorf("field %q: %q", x.Name, x.Class)
		}
	}
	for _, k := range keepers {
		if v.Kinds[k] == nil {
			t.Errorf("%q is no kind", k)
		}
	}
}

func TestRecognize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		image, name string
		built       bool
		want        string
	}{
		{"postgres:16-alpine", "x", false, "[database] sure"},
		{"docker.io/library/postgres@sha256:00", "x", false, "[database] sure"},
		{"bitnami/redis:7", "x", false, "[cache] sure"},
		{"robotshop/rs-mongodb:2.1", "mongodb", true, "[database] guessed"},
		{"robotshop/rs-mongodb:2.1", "mongodb", false, "[database] guessed"},
		{"mongo-express", "x", false, "[admin_interface webapp] sure"},
		{"oliver006/redis_exporter", "redis-exporter", false, "[monitoring_server] guessed"},
		{"rabbitmq:3.8-management-alpine", "x", false, "[message_broker admin_interface] sure"},
		{"", "order-db", true, "[database] guessed"},
		{"", "auth-db", true, "[database] guessed"},
		{"", "queue-worker", true, "[worker] guessed"},
		{"ghcr.io/saleor/saleor-dashboard:latest", "dashboard", false, "[admin_interface webapp] guessed"},
		{"", "store-admin", true, "[admin_interface webapp] guessed"},
		{"who/knows", "thing", false, "[] guessed"},
		{"", "", true, "[] guessed"},
	} {
		g := Recognize(c.image, c.name, c.built)
		got := fmt.Sprint(g.Kinds) + map[bool]string{true: " guessed", false: " sure"}[g.Guessed]
		if got != c.want {
			t.Errorf("%s as %s: %s, expected %s", c.image, c.name, got, c.want)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	known := func(name string) bool { return name == "db" || name == "cache" }
	for _, c := range []struct{ key, value, want string }{
		{"DATABASE_URL", "postgres://u:p@db:5432/x?sslmode=disable", "postgres://db:5432 secret"},
		{"SPRING_DATASOURCE_URL", "jdbc:postgresql://db/x", "postgresql://db:0"},
		{"X", "redis://cache:6379,redis://other.example.org:6379", "redis://cache:6379 redis://other.example.org:6379"},
		{"ConnectionString", "Server=tcp:db,1433;User=sa;Password=p", "://db:1433 secret"},
		{"DB_HOST", "db", "://db:0"},
		{"POSTGRES_DB", "db", ""},
		{"KAFKA_BROKERS", "a.example.org:9092,b.example.org:9092", "://a.example.org:9092 ://b.example.org:9092"},
		{"cartServiceHost", "db", "://db:0"},
		{"FROM_EMAIL", "noreply@example.com", ""},
		{"VERSION", "1.2.3", ""},
		{"APP_SERVICE_VERSION_URL", "1.2.3", ""},
		{"ANY", "db:5432", "://db:5432"},
		{"TEMPLATE", "hello db", ""},
	} {
		var got []string
		for _, h := range Hosts(c.key, c.value, known) {
			s := fmt.Sprintf("%s://%s:%d", h.Scheme, h.Name, h.Port)
			if h.Password != nil {
				s += " secret"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s=%s: %s, expected %s", c.key, c.value, s, c.want)
		}
	}
	if s := Hide("x"); fmt.Sprint(s) != "***" || fmt.Sprintf("%#v", s) != "***" || !s.Same(Hide("x")) || s.Same(Hide("y")) || Hide("") != nil {
		t.Error("a secret shows itself")
	}
}

func TestSecretClass(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"POSTGRES_PASSWORD": "password", "DB_PASS": "password", "jwtSecret": "signing_key", "SECRET_KEY": "signing_key", "STRIPE_API_KEY": "api_key", "GITHUB_TOKEN": "api_key",
		"PASSWORD_FILE": "", "TOKEN_TTL": "", "SECRET_NAME": "", "PASSENGER_COUNT": "", "COMPASS": "", "ALLOW_EMPTY_PASSWORD": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "api_key", "PUBLIC_KEY": "", "KEYSPACE": "",
	} {
		if got := SecretClass(key); got != want {
			t.Errorf("%s: %q, expected %q", key, got, want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 10_000) + "a"
	for raw, want := range map[string]string{"db": "db", "my db": "my-db", "1st": "component-1st", "": "component-component", "none": "none-component", "design": "design-component", "a}{b": "a-b", long: "a", "_x_": "component-x", "a--b": "a-b", "a_-b": "a-b"} {
		if got := Identifier(raw, "component"); got != want {
			t.Errorf("%.20q: %q, expected %q", raw, got, want)
		}
	}
	var n names
	for _, want := range []string{"a-b", "a-b-2", "a-b-3"} {
		if got := n.free("a b", "component"); got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}

// TestTemplates tells templates from braces that are none.
func TestTemplates(t *testing.T) {
	t.Parallel()
	for text, line := range map[string]int{
		"a: {{ .Values.x }}\n": 1, "a: b\n{{- if x }}\n": 2, "a: \"{{ .x }}\"\n": 1, "image: \"{{ .Values.repo }}/x\"": 1,
		"a: ${{ github.x }}\n": 0, "a: {b: {c: d}}\n": 0, "# {{ x }}\n": 0, "cmd: echo '{{json .}}'\n": 0,
	} {
		if got := template(text); got != line {
			t.Errorf("%q: line %d, expected %d", text, got, line)
		}
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	p := &Plan{}
	p.Internet()
	a := p.Add(Component, "a", []string{"service"}, p.Elements[0].Origin)
	a.Origin.File, a.Origin.Line = "x.yml", 3
	old := p.Text([]string{"compose", "x y.yml", "a`b"})
	if c := Command(old); len(c) != 3 || c[1] != "x y.yml" || c[2] != "a`b" || Edited(old) || !Edited(strings.Replace(old, "service", "webapp", 1)) {
		t.Errorf("%q", c)
	}
	if changes, moved := Drift(old, old); len(changes) > 0 || moved {
		t.Error(changes)
	}
	a.Origin.Line = 4
	if changes, moved := Drift(old, p.Text(nil)); len(changes) > 0 || !moved {
		t.Error(changes)
	}
	a.Has = []string{"waf?"}
	p.Add(Component, "b", []string{"service"}, a.Origin)
	if changes, _ := Drift(old, p.Text(nil)); fmt.Sprint(changes) != "[{a now `has waf?` x.yml:4} {b is new x.yml:4}]" {
		t.Error(changes)
	}
}
