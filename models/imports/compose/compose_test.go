package compose

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models/imports"
)

var update = flag.Bool("update", false, "rewrite the expected designs in testdata")

// from reads files of a map; what is not there is told as files do.
func from(files map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", fmt.Errorf("there is no such file: %w", fs.ErrNotExist)
		}
		return text, nil
	}
}

func disk(dir string) func(string) (string, error) {
	return func(name string) (string, error) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		return string(data), err
	}
}

// design imports one file.
func design(t *testing.T, file string, more ...string) string {
	t.Helper()
	files := map[string]string{"c.yml": file}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	p, err := Read(from(files), []string{"c.yml"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Text([]string{"compose", "c.yml"})
}

// TestShop has a project with most of what there is, and looks for values of secrets in the design.
func TestShop(t *testing.T) {
	t.Parallel()
	read := disk("testdata/shop")
	p, err := Read(read, []string{"docker-compose.yml"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Text([]string{"compose", "docker-compose.yml"})
	again, err := Read(read, []string{"docker-compose.yml"}, Options{})
	if err != nil || again.Text([]string{"compose", "docker-compose.yml"}) != got {
		t.Errorf("the second import differs: %v", err)
	}
	if strings.Contains(got, "unused-secret") || strings.Contains(fmt.Sprint(p.Notes, p.Unread), "unused-secret") {
		t.Error("the value of a secret is told")
	}
	golden := "testdata/shop.vbn"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != got {
		t.Errorf("%s is another design (%v): go test ./models/imports/compose -update, and read the difference", golden, err)
	}
}

// TestSecretsAreCompared replaces the values of secrets: the design stays the same as long as those that were the same are.
func TestSecretsAreCompared(t *testing.T) {
	t.Parallel()
	const file = `
services:
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: AAA}}
  queue: {image: "rabbitmq:3", environment: {RABBITMQ_DEFAULT_PASS: BBB}}
  api: {build: ., ports: ["80:80"], environment: {DATABASE_URL: "postgres://u:AAA@db/x", QUEUE_URL: "amqp://u:CCC@queue"}}
`
	base := design(t, file)
	if !strings.Contains(base, "authenticated by db-POSTGRES_PASSWORD") || strings.Contains(base, "authenticated by queue") {
		t.Errorf("ties are wrong:\n%s", base)
	}
	other := strings.NewReplacer("AAA", "p4ssw0rd", "BBB", "zq9", "CCC", "p%40x").Replace(file)
	if got := design(t, other); got != base {
		t.Errorf("other values of secrets, another design:\n%s", got)
	}
	if tied := design(t, strings.ReplaceAll(file, "CCC", "BBB")); !strings.Contains(tied, "authenticated by queue-RABBITMQ_DEFAULT_PASS") {
		t.Errorf("the same value at both ends is no tie:\n%s", tied)
	}
}

// TestWays lists ways that must be in the design, and controls that must not.
func TestWays(t *testing.T) {
	t.Parallel()
	const web = "\n  web: {build: ., ports: [\"80:80\"]}\n"
	for _, c := range []struct{ name, file, want, not string }{
		{"a published store", "services:\n  db: {image: postgres, ports: [\"5432:5432\"]}" + web, "flow Anybody -> db over sql {\n  is idle\n  port 5432", ""},
		{"a port with a variable", "services:\n  db: {image: postgres, ports: [\"${P}:5432\"]}" + web, "flow Anybody -> db over sql", ""},
		{"for the machine itself", "services:\n  db: {image: postgres, ports: [\"127.0.0.1:5432:5432\"]}" + web, "", "Anybody -> db"},
		{"for the machine, and one on its network", "services:\n  x: {build: ., network_mode: host}\n  db: {image: postgres, ports: [\"127.0.0.1:5432:5432\"]}" + web, "flow x -> db", ""},
		{"host networking", "services:\n  x: {image: redis, network_mode: host}" + web, "flow Anybody -> x over redis", ""},
		{"the network of another", "services:\n  x: {build: ., network_mode: \"service:db\"}\n  db: {image: postgres, networks: [a]}" + web + "networks: {a: }", "component x: service in a ", ""},
		{"a flat network", "services:\n  db: {image: postgres}\n  x: {build: .}" + web, "flow web, x -> db over sql {\n  is idle", ""},
		{"two networks", "services:\n  db: {image: postgres, networks: [b]}\n  web: {build: ., ports: [80], networks: [a]}\nnetworks: {a: , b: }", "", "flow web -> db"},
		{"a network of others", "services:\n  db: {image: postgres, networks: [n]}\n  web: {build: ., ports: [80], networks: [n]}\nnetworks: {n: {external: true}}", "flow others-in-n, web -> db over sql", ""},
		{"a socket", "services:\n  x: {build: ., volumes: [\"/var/run/docker.sock:/s\"]}" + web, "component x: service, privileged", ""},
		{"privileges", "services:\n  x: {build: ., privileged: true}" + web, "component x: service, privileged", ""},
		{"a capability", "services:\n  x: {build: ., cap_add: [SYS_ADMIN]}" + web, "component x: service, privileged", ""},
		{"a shared volume", "services:\n  x: {build: ., volumes: [\"vol:/x\"]}\n  y: {build: ., volumes: [\"vol:/y\"]}" + web + "volumes: {vol: }", "flow x, y -> vol over call", ""},
		{"a console", "services:\n  dashboard: {build: ., ports: [\"9000:80\"]}", "component dashboard: admin_interface, webapp, published", ""},
		{"a program of somebody else", "services:\n  zzz: {image: who/knows, ports: [\"9000:80\"]}", "component zzz: webapp, api, admin_interface, published", ""},
		{"a search engine keeps", "services:\n  s: {image: elasticsearch}" + web, "component s: search_engine, store", ""},
		{"security switched off", "services:\n  s: {image: elasticsearch, environment: {ELASTIC_PASSWORD: x, xpack.security.enabled: false}}" + web, "", "authentication"},
		{"trust", "services:\n  db: {image: postgres, environment: {POSTGRES_PASSWORD: x, POSTGRES_HOST_AUTH_METHOD: trust}}" + web, "", "authentication"},
		{"a password that is none", "services:\n  c: {image: redis, environment: {SOME_PASSWORD: x}}" + web, "", "has authentication"},
		{"a password on the command line", "services:\n  c: {image: redis, command: redis-server --requirepass hush}" + web, "has authentication", "hush"},
		{"a host that is not here", "services:\n  web: {build: ., ports: [80], environment: {X_URL: \"https://api.stripe.com\"}}", "component api-stripe-com: payment_service, third_party in Elsewhere", ""},
		{"a profile", "services:\n  db: {image: postgres, profiles: [debug], ports: [\"5432:5432\"]}" + web, "flow Anybody -> db", ""},
		{"a tunnel", "services:\n  t: {image: cloudflare/cloudflared}\n  x: {build: .}", "flow Anybody -> t over https", ""},
		{"a proxy passes on", "services:\n  p: {image: nginx, ports: [80]}\n  x: {build: .}", "flow p -> x over http {\n  from \"c.yml:2\"\n  guessed flow", ""},
		{"a list of long ports", "services:\n  web: {build: ., ports: [{target: 80, published: \"8080\"}]}", "port 8080", ""},
		{"a default of a variable", "services:\n  web: {build: ., ports: [\"${P:-8088}:80\"]}", "port 8088", ""},
		{"keys that no table has are no secrets", "services:\n  web: {build: ., ports: [80], environment: {POSTGRES_DB: shop, LOG_LEVEL: debug}}", "", "Repository"},
	} {
		got := design(t, c.file)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in\n%s", c.name, c.want, got)
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %q in\n%s", c.name, c.not, got)
		}
	}
}

// TestFiles puts projects together.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files map[string]string
		use   []string
		want  string // "!" and what must not be there
		err   string
	}{
		{"ports of an override file", map[string]string{"a.yml": "services: {web: {build: .}, db: {image: postgres}}", "b.yml": "services: {db: {ports: [\"5432:5432\"]}}"}, []string{"a.yml", "b.yml"}, "flow Anybody -> db", ""},
		{"… which was not named", map[string]string{"a.yml": "services: {web: {build: .}}"}, []string{"a.yml"}, "", "no port is published"},
		{"include is followed", map[string]string{"a.yml": "include: [sub/b.yml]\nservices: {web: {build: ., ports: [80]}}", "sub/b.yml": "services: {db: {image: postgres, ports: [\"5432:5432\"]}}"}, []string{"a.yml"}, "flow Anybody -> db", ""},
		{"include of itself", map[string]string{"a.yml": "include: [a.yml]"}, []string{"a.yml"}, "", "includes itself"},
		{"include from elsewhere", map[string]string{"a.yml": "include: [\"https://example.org/c.yml\"]"}, []string{"a.yml"}, "", "is elsewhere"},
		{"include of nothing", map[string]string{"a.yml": "include: [b.yml]"}, []string{"a.yml"}, "", "there is no such file"},
		{"extends another file", map[string]string{"a.yml": "services: {web: {extends: {file: sub/b.yml, service: base}, build: .}}", "sub/b.yml": "services: {base: {ports: [\"80:80\"], env_file: [x.env]}}", "sub/x.env": "A_URL=redis://cache.example.org"}, []string{"a.yml"}, "flow web -> cache-example-org over redis", ""},
		{"extends itself", map[string]string{"a.yml": "services: {a: {extends: {service: b}}, b: {extends: {service: a}}}"}, []string{"a.yml"}, "", "extends itself"},
		{"extends nothing", map[string]string{"a.yml": "services: {a: {extends: {service: b}}}"}, []string{"a.yml"}, "", "not there"},
		{"a reset port", map[string]string{"a.yml": "services: {web: {build: ., ports: [\"80:80\"]}, db: {image: postgres, ports: [\"5432:5432\"]}}", "b.yml": "services: {db: {ports: !reset []}}"}, []string{"a.yml", "b.yml"}, "!Anybody -> db", ""},
		{"an overridden port", map[string]string{"a.yml": "services: {web: {build: ., ports: [\"80:80\"]}}", "b.yml": "services: {web: {ports: !override [\"81:80\"]}}"}, []string{"a.yml", "b.yml"}, "!port 80\n  from", ""},
		{"a missing env_file", map[string]string{"a.yml": "services: {web: {build: ., ports: [80], env_file: [gone.env]}}"}, []string{"a.yml"}, "component web", ""},
		{"an env_file that is none", map[string]string{"a.yml": "services: {web: {build: ., ports: [80], env_file: [x.env]}}", "x.env": "A='hush"}, []string{"a.yml"}, "", "not a file of variables"},
		{"no service", map[string]string{"a.yml": "services: {}"}, []string{"a.yml"}, "", "no service"},
		{"no compose file", map[string]string{"a.yml": "apiVersion: v1\nkind: Pod"}, []string{"a.yml"}, "", "not a valid compose file"},
		{"a template", map[string]string{"a.yml": "services:\n  web: {image: x}\n  {{ .Values.x }}: 1"}, []string{"a.yml"}, "", "not been rendered"},
		{"the network of a container", map[string]string{"a.yml": "services: {x: {build: ., network_mode: \"container:y\"}}"}, []string{"a.yml"}, "", "not read"},
	} {
		p, err := Read(from(c.files), c.use, Options{})
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
		got := p.Text(nil)
		if not, ok := strings.CutPrefix(c.want, "!"); ok && strings.Contains(got, not) || !ok && !strings.Contains(got, c.want) {
			t.Errorf("%s: %q:\n%s", c.name, c.want, got)
		}
	}
	unknown, err := Read(from(map[string]string{"a.yml": "services: {x: {build: ., ports: [80], environment: {DB_HOST: \"${DB_HOST}\"}}}"}), []string{"a.yml"}, Options{})
	if err != nil || !strings.Contains(fmt.Sprint(unknown.Notes), "whom x talks to by DB_HOST is not known") {
		t.Errorf("a host without a value is not told: %v", err)
	}
	p, err := Read(from(map[string]string{"a.yml": "services: {x: {build: ., ports: [80]}, y: {build: ., network_mode: \"container:y\"}}"}), []string{"a.yml"}, Options{AllowUnread: true})
	if err != nil || !strings.Contains(p.Text(nil), "// NOT READ: the network of a container") {
		t.Errorf("what was accepted is not told: %v", err)
	}
}

// TestNamesAreData has services, networks and volumes called what a design might take for a statement.
func TestNamesAreData(t *testing.T) {
	t.Parallel()
	hostile := []string{`a" } waive X`, "a\n} attacker Evil { in Internet }", "\u202egnp.exe", "//", "design", "none", strings.Repeat("x", 10_000), "a-b", "a_b", "a.b", "é", "-", "1st", "a`b", "a\\"}
	for i, name := range hostile {
		var b strings.Builder
		fmt.Fprintf(&b, "services:\n  web: {build: ., ports: [80]}\n  %q: {image: %q, hostname: %q, networks: [n], volumes: [%q]}\n  %q: {build: ., networks: [n]}\nnetworks: {n: }\n", name, name, name, name+":/x", name+"2")
		p, err := Read(from(map[string]string{"c.yml": b.String()}), []string{"c.yml"}, Options{})
		if err != nil {
			continue // compose itself refuses most of them
		}
		got := p.Text([]string{"compose", name})
		if n := len(declared(got)); n < 5 || slices.Contains(declared(got), "Evil") || strings.ContainsRune(got, '\u202e') {
			t.Errorf("%d %q: declares %v", i, name, declared(got))
		}
		if again := imports.Command(got); len(again) != 2 || again[1] != name {
			t.Errorf("%q is read again as %q", name, again)
		}
	}
}

// TestBombs must end soon.
func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
	for i := range 12 {
		bomb += fmt.Sprintf("x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i), 10), ", "))
	}
	many := "include:\n"
	files := map[string]string{}
	for i := range 400 {
		many += fmt.Sprintf("  - f%d.yml\n", i)
		files[fmt.Sprintf("f%d.yml", i)] = "services: {}"
	}
	for name, text := range map[string]string{
		"aliases": bomb + "services: {web: {build: ., ports: [80]}}", "an alias of itself": "services: &s {web: *s}", "depth": strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000),
		"includes": many, "size": "services: {web: {image: " + strings.Repeat("x", imports.MaxBytes) + "}}",
	} {
		files["c.yml"] = text
		if _, err := Read(from(files), []string{"c.yml"}, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"testdata/shop/docker-compose.yml", "testdata/shop/mail/compose.yml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "A=b")
	}
	f.Add("services: {web: {build: ., ports: [80], extends: web}}", "")
	f.Fuzz(func(t *testing.T, file, env string) {
		if len(file) > 1<<14 {
			return
		}
		p, err := Read(from(map[string]string{"c.yml": file, ".env": env, "api.env": env, "mail/compose.yml": "services: {}"}), []string{"c.yml"}, Options{AllowUnread: true})
		if err != nil {
			return
		}
		declared(p.Text(nil)) // panics where the text is no design
	})
}
