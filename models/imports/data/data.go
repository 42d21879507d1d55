package data

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/emicklei/proto"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
)

// call is one operation of an interface, with the fields of what is sent and got back, by name with the line of each.
type call struct {
	service     []string // names of what has it, the first as its file says it
	name        string
	sends, gets map[string]int
	file        string
}

// maxFields bounds how many fields of messages in messages are looked at.
const maxFields = 50_000

// Read imports interfaces into a design, whose text is read first.
func Read(read source.Reader, design string, names []string) (*imports.Plan, error) {
	text, err := read(design)
	if err != nil {
		return nil, imports.Wrong(source.Origin{}, "import the deployment first, and name its design with --design", "cannot read the design %s: %v", imports.Clean(design), err)
	}
	p := &imports.Plan{}
	var calls []call
	for _, name := range names {
		text, err := read(name)
		if err != nil {
			return nil, imports.Wrong(source.Origin{}, "", "cannot read %s: %v", imports.Clean(name), err)
		}
		var found []call
		var digest string
		if strings.EqualFold(path.Ext(name), ".proto") {
			found, err = protos(name, text)
		} else {
			found, digest, err = openAPI(name, text)
		}
		if err != nil {
			return nil, err
		}
		if digest == "" {
			digest = imports.DigestKeys([]string{text})
		}
		p.Sources = append(p.Sources, imports.Source{Name: name, Digest: digest})
		calls = append(calls, found...)
	}
	if len(calls) == 0 {
		return nil, imports.Wrong(source.Origin{File: names[0]}, "", "there is no call in it")
	}
	return p, match(p, text, calls)
}

// edge is a flow of a design.
type edge struct{ name, source, target string }

// flows returns the components of a design and the flows that are used.
func flows(p *imports.Plan, text string) (components []string, edges []edge) {
	for _, d := range dsl.Parse(source.New("", text), &diag.List{}).Decls {
		switch d := d.(type) {
		case *dsl.Element:
			for _, n := range d.Names {
				p.Reserve(n.Text)
				if d.Sort.Text == imports.Component {
					components = append(components, n.Text)
				}
			}
		case *dsl.Flow:
			idle := d.Blocked
			for _, c := range d.Body.Clauses() {
				for _, i := range c.Items {
					idle = idle || c.Keyword.Text == "is" && i.Text == "idle"
				}
			}
			if idle {
				continue
			}
			for _, s := range d.Sources {
				for _, t := range d.Targets {
					e := edge{s.Text + "->" + t.Text, s.Text, t.Text}
					if d.Name != nil {
						e.name = d.Name.Text
					}
					edges = append(edges, e)
				}
			}
		}
	}
	return components, edges
}

var suffix = regexp.MustCompile(`(service|svc|api|server|app|backend)$`)

// plain brings names of interfaces and components into one form.
func plain(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	s := b.String()
	if t := suffix.ReplaceAllString(s, ""); t != "" {
		return t
	}
	return s
}

// match says of flows what they carry.
func match(p *imports.Plan, design string, calls []call) error {
	components, edges := flows(p, design)
	items := map[string]*imports.Element{}
	data := func(w imports.FieldWord, at source.Origin) *imports.Element {
		if items[w.Name] == nil {
			e := p.Add(imports.Data, w.Name, []string{w.Class}, at)
			e.Title = imports.Title(w.Reason)
			e.Guess("kind")
			items[w.Name] = e
		}
		return items[w.Name]
	}
	carried := map[string]*imports.Carried{}
	at := func(name string) *imports.Carried {
		if carried[name] == nil {
			carried[name] = &imports.Carried{Name: name}
		}
		return carried[name]
	}
	unmatched := map[string]bool{}
	matched := false
	for _, c := range calls {
		var target string
		for _, s := range c.service {
			for _, x := range components {
				if target == "" && plain(x) == plain(s) {
					target = x
				}
			}
		}
		if target == "" {
			unmatched[c.service[0]] = true
			continue
		}
		matched = true
		collect := func(fields map[string]int) []*imports.Element {
			var out []*imports.Element
			for _, f := range slices.Sorted(maps.Keys(fields)) {
				for _, w := range imports.ByField(f) {
					out = imports.Put(out, data(w, source.Origin{File: c.file, Line: fields[f]}))
				}
			}
			return out
		}
		sends, gets := collect(c.sends), collect(c.gets)
		if len(sends)+len(gets) == 0 {
			continue
		}
		h := at(target)
		h.Handles = imports.Put(h.Handles, append(slices.Clone(sends), gets...)...)
		for _, e := range edges {
			if e.target == target {
				x := at(e.name)
				x.Carries, x.Returns = imports.Put(x.Carries, sends...), imports.Put(x.Returns, gets...)
			}
		}
	}
	for _, s := range slices.Sorted(maps.Keys(unmatched)) {
		p.Notes = append(p.Notes, fmt.Sprintf("%s is not a component of the design, so its calls are left out", imports.Clean(s)))
	}
	switch {
	case !matched:
		return imports.Wrong(source.Origin{File: calls[0].file}, "is it the right --design?", "none of its interfaces has the name of a component of the design")
	case len(items) == 0:
		return imports.Wrong(source.Origin{File: calls[0].file}, "", "no field has a name that says what it holds: nothing to import")
	}
	for _, name := range slices.Sorted(maps.Keys(carried)) {
		p.Carried = append(p.Carried, carried[name])
	}
	return nil
}

// protos reads the calls of a file of protocol buffers.
func protos(name, text string) (out []call, err error) {
	wrong := func(line int) error {
		return imports.Wrong(source.Origin{File: name, Line: line}, "", "not a file of protocol buffers")
	}
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, wrong(0)
		}
	}()
	if deep, most := 0, 0; true {
		for _, c := range text {
			switch c {
			case '{':
				deep++
				most = max(most, deep)
			case '}':
				deep--
			}
		}
		if most > 100 || len(text) > imports.MaxBytes {
			return nil, imports.Wrong(source.Origin{File: name}, "", "too large, or nested too deeply")
		}
	}
	def, err := proto.NewParser(strings.NewReader(text)).Parse()
	if err != nil {
		return nil, wrong(0)
	}
	messages := map[string]*proto.Message{}
	var services []*proto.Service
	var walk func(v []proto.Visitee)
	walk = func(v []proto.Visitee) {
		for _, x := range v {
			switch x := x.(type) {
			case *proto.Message:
				messages[x.Name] = x
				walk(x.Elements)
			case *proto.Service:
				services = append(services, x)
			}
		}
	}
	walk(def.Elements)
	left := maxFields
	for _, s := range services {
		for _, x := range s.Elements {
			rpc, ok := x.(*proto.RPC)
			if !ok {
				continue
			}
			c := call{service: []string{s.Name}, name: rpc.Name, file: name, sends: map[string]int{}, gets: map[string]int{}}
			fields(messages, rpc.RequestType, c.sends, map[string]bool{}, &left)
			fields(messages, rpc.ReturnsType, c.gets, map[string]bool{}, &left)
			out = append(out, c)
		}
	}
	return out, nil
}

// fields collects the names of the fields of a message, and of those in it.
func fields(messages map[string]*proto.Message, name string, out map[string]int, seen map[string]bool, left *int) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	m := messages[short]
	if m == nil || seen[short] {
		return
	}
	seen[short] = true
	field := func(f *proto.Field) {
		if *left--; *left < 0 {
			return
		}
		if _, ok := out[f.Name]; !ok {
			out[f.Name] = f.Position.Line
		}
		fields(messages, f.Type, out, seen, left)
	}
	for _, e := range m.Elements {
		switch e := e.(type) {
		case *proto.NormalField:
			field(e.Field)
		case *proto.MapField:
			field(e.Field)
		case *proto.Oneof:
			for _, x := range e.Elements {
				if o, ok := x.(*proto.OneOfField); ok {
					field(o.Field)
				}
			}
		}
	}
}

// methods of HTTP that a path of OpenAPI may have.
var methods = []string{"get", "put", "post", "delete", "patch", "options", "head", "trace"}

// openAPI reads the calls of a description of an HTTP interface.
func openAPI(name, text string) (out []call, digest string, err error) {
	docs, err := imports.YAML(name, text)
	if err != nil {
		return nil, "", err
	}
	if len(docs) != 1 || imports.Get(docs[0], "openapi") == nil && imports.Get(docs[0], "swagger") == nil {
		return nil, "", imports.Wrong(source.Origin{File: name}, "", "neither protocol buffers nor OpenAPI")
	}
	root := docs[0]
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	service := []string{imports.Text(root, "info", "title"), base, path.Base(path.Dir(name))}
	for _, s := range imports.Items(root, "servers") {
		for _, h := range imports.Hosts("url", imports.Text(s, "url"), func(string) bool { return false }) {
			service = append(service, h.Name)
		}
	}
	service = slices.DeleteFunc(service, func(s string) bool { return plain(s) == "" || s == "." })
	if len(service) == 0 {
		service = []string{base}
	}
	left := maxFields
	for _, p := range imports.Pairs(root, "paths") {
		shared := imports.Items(p.Value, "parameters")
		for _, m := range methods {
			op := imports.Get(p.Value, m)
			if op == nil {
				continue
			}
			c := call{service: service, name: m + " " + p.Key, file: name, sends: map[string]int{}, gets: map[string]int{}}
			for _, x := range append(slices.Clone(shared), imports.Items(op, "parameters")...) {
				x = resolve(root, x)
				if n := imports.Get(x, "name"); n != nil {
					c.sends[n.Value] = n.Line
				}
				properties(root, imports.Get(x, "schema"), c.sends, 0, &left)
			}
			for _, t := range imports.Pairs(resolve(root, imports.Get(op, "requestBody")), "content") {
				properties(root, imports.Get(t.Value, "schema"), c.sends, 0, &left)
			}
			for _, r := range imports.Pairs(op, "responses") {
				r := resolve(root, r.Value)
				properties(root, imports.Get(r, "schema"), c.gets, 0, &left)
				for _, t := range imports.Pairs(r, "content") {
					properties(root, imports.Get(t.Value, "schema"), c.gets, 0, &left)
				}
			}
			out = append(out, c)
		}
	}
	return out, imports.Digest(docs, "example", "examples", "default"), nil
}

// resolve follows a reference within the document.
func resolve(root, n *yaml.Node) *yaml.Node {
	for range 20 {
		ref := imports.Text(n, "$ref")
		if !strings.HasPrefix(ref, "#/") {
			return n
		}
		var keys []string
		for _, k := range strings.Split(ref[2:], "/") {
			keys = append(keys, strings.NewReplacer("~1", "/", "~0", "~").Replace(k))
		}
		n = imports.Get(root, keys...)
	}
	return n
}

// properties collects the names of the properties of a schema, and of those in it.
func properties(root, n *yaml.Node, out map[string]int, depth int, left *int) {
	if n = resolve(root, n); n == nil || depth > 12 || *left < 0 {
		return
	}
	*left--
	for _, p := range imports.Pairs(n, "properties") {
		if _, ok := out[p.Key]; !ok {
			out[p.Key] = p.Line
		}
		properties(root, p.Value, out, depth+1, left)
	}
	properties(root, imports.Get(n, "items"), out, depth+1, left)
	properties(root, imports.Get(n, "additionalProperties"), out, depth+1, left)
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		for _, x := range imports.Items(n, key) {
			properties(root, x, out, depth+1, left)
		}
	}
}
