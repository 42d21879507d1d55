package compose

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/transform"
	"github.com/compose-spec/compose-go/v2/tree"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// maxFiles bounds how many files a project may come to, with those that it includes and extends.
const maxFiles = 200

// A variable without a value stands as its name between these two: private letters, which no file that is read can have (see loader.parse).
const open, shut = "\ue000", "\ue001"

// loader puts a project together out of its files.
type loader struct {
	read  source.Reader
	files []*file
	vars  []imports.Source // files of variables
	open  []string         // the files that are being read, each by way of the one before
	empty []string         // variables without a value
}

// file is a compose file as it is written.
type file struct {
	name string
	root *yaml.Node
	text string
}

// project loads files that override one another, in a directory with its `.env`.
func (l *loader) project(names []string, dir string, env map[string]string, depth int) (map[string]any, error) {
	dict := map[string]any{}
	for _, name := range names {
		cfg, resets, err := l.load(name, dir, env, depth)
		if err != nil {
			return nil, err
		}
		for _, r := range resets {
			drop(dict, r)
		}
		if dict, err = l.rules(name, func() (map[string]any, error) { return override.Merge(dict, cfg) }); err != nil {
			return nil, err
		}
		if dict, err = l.rules(name, func() (map[string]any, error) { return override.EnforceUnicity(dict) }); err != nil {
			return nil, err
		}
		if err := l.valid(name, dict); err != nil {
			return nil, err
		}
		if dict, err = l.rules(name, func() (map[string]any, error) { return transform.Canonical(dict, true) }); err != nil {
			return nil, err
		}
		if dict, err = l.rules(name, func() (map[string]any, error) { return override.EnforceUnicity(dict) }); err != nil {
			return nil, err
		}
	}
	return dict, nil
}

// rules applies a rule of compose-go. Its errors may quote values, so only what is no value in them is told.
func (l *loader) rules(name string, do func() (map[string]any, error)) (out map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, imports.Wrong(source.Origin{File: name}, "`docker compose config` says what is wrong", "not a compose file")
		}
	}()
	out, err = do()
	if err != nil {
		return nil, imports.Wrong(source.Origin{File: name}, "`docker compose config` says more", "not a valid compose file: %s", l.redact(err.Error()))
	}
	return out, nil
}

func (l *loader) valid(name string, dict map[string]any) error {
	_, err := l.rules(name, func() (map[string]any, error) { return nil, schema.Validate(dict) })
	return err
}

// redact takes out of a message what is a value in some file.
func (l *loader) redact(text string) string {
	var values []string
	for _, f := range l.files {
		walk(f.root, func(n *yaml.Node) { values = append(values, n.Value) })
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, v := range values {
		if len(v) > 2 {
			text = strings.ReplaceAll(text, v, "…")
		}
	}
	return imports.Clean(strings.NewReplacer(open, "${", shut, "}").Replace(text))
}

// walk goes through the scalars of a tree that are no keys.
func walk(n *yaml.Node, do func(*yaml.Node)) {
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			walk(c, do)
		}
	}
	if n.Kind == yaml.ScalarNode {
		do(n)
	}
}

// parse reads one file.
func (l *loader) parse(name string, by source.Origin) (*file, error) {
	for _, f := range l.files {
		if f.name == name {
			return f, nil
		}
	}
	if len(l.files) >= maxFiles {
		return nil, imports.Wrong(by, "", "more than %d files", maxFiles)
	}
	text, err := l.read(name)
	if err != nil {
		return nil, imports.Wrong(by, "", "cannot read %s: %v", imports.Clean(name), err)
	}
	if i := strings.IndexAny(text, open+shut); i >= 0 {
		return nil, imports.Wrong(source.Origin{File: name, Line: 1 + strings.Count(text[:i], "\n")}, "", "a letter for private use, which no compose file needs")
	}
	docs, err := imports.YAML(name, text)
	switch {
	case err != nil:
		return nil, err
	case len(docs) != 1 || docs[0].Kind != yaml.MappingNode:
		return nil, imports.Wrong(source.Origin{File: name}, "", "not a compose file: expected one mapping")
	}
	f := &file{name, docs[0], text}
	l.files = append(l.files, f)
	return f, nil
}

// load reads one file with what it includes and extends. It returns also which parts of earlier files it takes back.
func (l *loader) load(name, dir string, env map[string]string, depth int) (map[string]any, [][]string, error) {
	by := source.Origin{}
	if len(l.open) > 0 {
		by.File = l.open[len(l.open)-1]
	}
	if slices.Contains(l.open, name) || depth > 20 {
		return nil, nil, imports.Wrong(by, "", "%s includes itself", imports.Clean(name))
	}
	f, err := l.parse(name, by)
	if err != nil {
		return nil, nil, err
	}
	l.open = append(l.open, name)
	defer func() { l.open = l.open[:len(l.open)-1] }()
	var resets [][]string
	raw := plain(f.root, nil, &resets)
	cfg, err := l.rules(name, func() (map[string]any, error) {
		m, ok := raw.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("expected a mapping")
		}
		return interpolation.Interpolate(m, interpolation.Options{
			LookupValue: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
			Substitute:  func(s string, m template.Mapping) (string, error) { return template.Substitute(l.stand(s, env), m) },
		})
	})
	if err != nil {
		return nil, nil, err
	}
	l.settle(cfg, dir)
	if err := l.include(f, cfg, dir, env, depth); err != nil {
		return nil, nil, err
	}
	services, _ := cfg["services"].(map[string]any)
	for _, s := range sortedKeys(services) {
		x, err := l.extends(f, services, s, dir, env, nil)
		if err != nil {
			return nil, nil, err
		}
		services[s] = x
	}
	return cfg, resets, nil
}

// variable is `$$`, or a variable that has no default.
var variable = regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:?\?[^{}]*)?\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// stand puts a placeholder in the place of variables that have neither a value nor a default.
func (l *loader) stand(s string, env map[string]string) string {
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		sub := variable.FindStringSubmatch(m)
		name := cmp.Or(sub[1], sub[3])
		if name == "" {
			return m
		}
		if v, ok := env[name]; ok && (v != "" || sub[2] == "") {
			return m
		}
		l.empty = imports.Put(l.empty, name)
		return open + name + shut
	})
}

// plain turns a tree into maps and lists. What a tag takes back is noted by its path.
func plain(n *yaml.Node, at []string, resets *[][]string) any {
	switch n.Tag {
	case "!reset":
		*resets = append(*resets, slices.Clone(at))
		return nil
	case "!override":
		*resets = append(*resets, slices.Clone(at))
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i].Value, n.Content[i+1]
			if v.Tag == "!reset" {
				*resets = append(*resets, append(slices.Clone(at), k))
				continue
			}
			out[k] = plain(v, append(at, k), resets)
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, plain(c, append(at, "[]"), resets))
		}
		return out
	}
	switch n.Tag {
	case "!!null", "!!int", "!!float", "!!bool":
		var v any
		if err := n.Decode(&v); err == nil {
			if i, ok := v.(int); !ok || fmt.Sprint(i) == n.Value {
				return v
			}
		}
	}
	return n.Value
}

// drop takes a path out of what earlier files said.
func drop(dict map[string]any, at []string) {
	for i, k := range at {
		if i == len(at)-1 {
			delete(dict, k)
			return
		}
		next, ok := dict[k].(map[string]any)
		if !ok {
			return
		}
		dict = next
	}
}

// settle gives paths of a file the directory that they are relative to.
func (l *loader) settle(cfg map[string]any, dir string) {
	services, _ := cfg["services"].(map[string]any)
	for _, s := range services {
		service, _ := s.(map[string]any)
		switch e := service["env_file"].(type) {
		case string:
			service["env_file"] = []any{path.Join(dir, e)}
		case []any:
			for i, x := range e {
				switch x := x.(type) {
				case string:
					e[i] = path.Join(dir, x)
				case map[string]any:
					if p, ok := x["path"].(string); ok {
						x["path"] = path.Join(dir, p)
					}
				}
			}
		}
		if ports, ok := service["ports"].([]any); ok {
			for i, p := range ports {
				if text, ok := p.(string); ok && strings.Contains(text, open) {
					ports[i] = vague(text)
				}
			}
		}
	}
	for _, section := range []string{"secrets", "configs"} {
		all, _ := cfg[section].(map[string]any)
		for _, s := range all {
			if m, ok := s.(map[string]any); ok {
				if p, ok := m["file"].(string); ok {
					m["file"] = path.Join(dir, p)
				}
			}
		}
	}
}

// vague is a port of which some part is a variable without a value: published all the same.
func vague(text string) map[string]any {
	out := map[string]any{"published": "unknown", "protocol": "tcp", "mode": "ingress"}
	last := text[strings.LastIndexByte(text, ':')+1:]
	last, _, _ = strings.Cut(last, "/")
	target := 0
	_, _ = fmt.Sscanf(last, "%d", &target)
	out["target"] = target
	if strings.HasPrefix(text, "127.") {
		out["host_ip"] = "127.0.0.1"
	}
	return out
}

// include merges the projects that a file names into it.
func (l *loader) include(f *file, cfg map[string]any, dir string, env map[string]string, depth int) error {
	list, _ := cfg["include"].([]any)
	for i, x := range list {
		at := source.Origin{File: f.name}
		if items := imports.Items(f.root, "include"); i < len(items) {
			at.Line = items[i].Line
		}
		var names []string
		sub := ""
		own := []string(nil)
		switch x := x.(type) {
		case string:
			names = []string{x}
		case map[string]any:
			names = texts(x["path"])
			sub, _ = x["project_directory"].(string)
			own = texts(x["env_file"])
		}
		if len(names) == 0 {
			return imports.Wrong(at, "", "`include` without a path")
		}
		for i, n := range names {
			if strings.Contains(n, "://") || strings.HasPrefix(n, "git@") || strings.HasPrefix(n, "oci:") || strings.Contains(n, open) {
				return imports.Wrong(at, "get a copy, and include that", "what is included is elsewhere: it is not fetched")
			}
			names[i] = path.Join(dir, n)
		}
		at2 := path.Join(dir, sub)
		if sub == "" {
			at2 = path.Dir(names[0])
		}
		inner, err := l.environment(at2, env, own, dir)
		if err != nil {
			return err
		}
		model, err := l.project(names, at2, inner, depth+1)
		if err != nil {
			return err
		}
		for _, section := range []string{"services", "networks", "volumes", "secrets", "configs"} {
			from, _ := model[section].(map[string]any)
			to, _ := cfg[section].(map[string]any)
			if to == nil && from != nil {
				to = map[string]any{}
				cfg[section] = to
			}
			for _, k := range sortedKeys(from) {
				if have, ok := to[k]; ok {
					merged, err := l.rules(f.name, func() (map[string]any, error) {
						m, err := override.MergeYaml(from[k], have, tree.NewPath(section, k))
						out, _ := m.(map[string]any)
						return out, err
					})
					if err != nil {
						return err
					}
					to[k] = merged
					continue
				}
				to[k] = from[k]
			}
		}
	}
	delete(cfg, "include")
	return nil
}

// extends returns a service with what it extends.
func (l *loader) extends(f *file, services map[string]any, name, dir string, env map[string]string, chain []string) (any, error) {
	service, ok := services[name].(map[string]any)
	if !ok || service["extends"] == nil {
		return services[name], nil
	}
	at := source.Origin{File: f.name}
	if k := imports.Key(imports.Get(f.root, "services", name), "extends"); k != nil {
		at.Line = k.Line
	}
	key := f.name + "#" + name
	if slices.Contains(chain, key) || len(chain) > 20 {
		return nil, imports.Wrong(at, "", "service %q extends itself", imports.Clean(name))
	}
	chain = append(slices.Clone(chain), key)
	ref, from := "", ""
	switch e := service["extends"].(type) {
	case string:
		ref = e
	case map[string]any:
		ref, _ = e["service"].(string)
		from, _ = e["file"].(string)
	}
	base := f
	all := services
	if from != "" {
		if strings.Contains(from, "://") || strings.Contains(from, open) {
			return nil, imports.Wrong(at, "get a copy, and extend that", "what is extended is elsewhere: it is not fetched")
		}
		other := path.Join(dir, from)
		var err error
		if base, err = l.parse(other, at); err != nil {
			return nil, err
		}
		dir = path.Dir(other)
		var resets [][]string
		raw, _ := plain(base.root, nil, &resets).(map[string]any)
		cfg, err := l.rules(other, func() (map[string]any, error) {
			return interpolation.Interpolate(raw, interpolation.Options{
				LookupValue: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
				Substitute:  func(s string, m template.Mapping) (string, error) { return template.Substitute(l.stand(s, env), m) },
			})
		})
		if err != nil {
			return nil, err
		}
		l.settle(cfg, dir)
		all, _ = cfg["services"].(map[string]any)
	}
	if _, ok := all[ref].(map[string]any); !ok {
		return nil, imports.Wrong(at, "", "service %q extends %q, which is not there", imports.Clean(name), imports.Clean(ref))
	}
	whole, err := l.extends(base, all, ref, dir, env, chain)
	if err != nil {
		return nil, err
	}
	own := copied(service).(map[string]any)
	delete(own, "extends")
	return l.rules(f.name, func() (map[string]any, error) {
		return override.ExtendService(copied(whole).(map[string]any), own)
	})
}

// environment returns the variables of a project: those of its `.env` or the files that it names, below those from outside.
func (l *loader) environment(dir string, outer map[string]string, named []string, namedIn string) (map[string]string, error) {
	out := map[string]string{}
	names := []string{path.Join(dir, ".env")}
	if len(named) > 0 {
		names = nil
		for _, n := range named {
			names = append(names, path.Join(namedIn, n))
		}
	}
	for _, n := range names {
		text, err := l.read(n)
		if err != nil {
			if len(named) == 0 {
				continue // there need not be one
			}
			return nil, imports.Wrong(source.Origin{File: n}, "", "cannot be read: %v", err)
		}
		vars, err := l.variables(n, text)
		if err != nil {
			return nil, err
		}
		for k, v := range vars {
			out[k] = v
		}
	}
	for k, v := range outer {
		out[k] = v
	}
	return out, nil
}

// variables reads a file of variables, and notes it.
func (l *loader) variables(name, text string) (map[string]string, error) {
	vars, err := parseEnv(name, text)
	if err == nil && !slices.ContainsFunc(l.vars, func(s imports.Source) bool { return s.Name == name }) {
		l.vars = append(l.vars, imports.Source{Name: name, Digest: imports.DigestKeys(slices.Sorted(keys(vars)))})
	}
	return vars, err
}

// parseEnv reads a file of variables. Its errors quote nothing.
func parseEnv(name, text string) (out map[string]string, err error) {
	wrong := imports.Wrong(source.Origin{File: name}, "", "not a file of variables, each a line KEY=VALUE")
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, wrong
		}
	}()
	if len(text) > imports.MaxBytes {
		return nil, imports.Wrong(source.Origin{File: name}, "", "larger than %d bytes", imports.MaxBytes)
	}
	out, err = dotenv.UnmarshalWithLookup(text, func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, wrong
	}
	return out, nil
}

// copied copies maps and lists.
func copied(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range x {
			out[k] = copied(v)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = copied(v)
		}
		return out
	}
	return x
}

// texts returns a text or a list of them.
func texts(x any) []string {
	switch x := x.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, v := range x {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
