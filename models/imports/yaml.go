package imports

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Bounds of what is read: bytes of a file, nodes once aliases are written out, depth, documents.
const (
	MaxBytes = 8 << 20
	maxNodes = 1 << 19
	maxDepth = 100
	maxDocs  = 5000
)

// Error is why something cannot be imported, with its place. It never quotes a value.
type Error struct {
	Origin source.Origin
	Text   string
	Help   string // what to do about it; may be empty
}

func (e *Error) Error() string {
	if e.Origin.File == "" {
		return e.Text
	}
	return e.Origin.String() + ": " + e.Text
}

// Wrong makes an [Error].
func Wrong(at source.Origin, help, format string, args ...any) *Error {
	return &Error{at, fmt.Sprintf(format, args...), help}
}

// Model reads a threat model of another tool, which is one document in YAML or JSON. The plan has nothing but its source. A document that lacks something is none
// of that tool; is says so of it, such as "not a model of Threagile: it has no threagile_version".
func Model(read source.Reader, name, is string, has func(root *yaml.Node) bool) (root *yaml.Node, p *Plan, err error) {
	text, err := read(name)
	if err != nil {
		return nil, nil, Wrong(source.Origin{}, "", "cannot read %s: %v", Clean(name), err)
	}
	docs, err := YAML(name, text)
	if err != nil {
		return nil, nil, err
	}
	if len(docs) != 1 || !has(docs[0]) {
		return nil, nil, Wrong(source.Origin{File: name}, "", "%s", is)
	}
	return docs[0], &Plan{Sources: []Source{{Name: name, Digest: Digest(docs)}}}, nil
}

// YAML returns the documents of a text, aliases and merge keys written out, so that what reads them needs to know of neither. The trees have the lines of
// the text. JSON is YAML.
func YAML(name, text string) (docs []*yaml.Node, err error) {
	at := source.Origin{File: name}
	if len(text) > MaxBytes {
		return nil, Wrong(at, "", "the file has %d bytes, expected at most %d", len(text), MaxBytes)
	}
	if i := template(text); i > 0 {
		return nil, Wrong(source.Origin{File: name, Line: i}, "render it first: `helm template . | vauban import k8s -`, or `kustomize build . | vauban import k8s -`", "this is a template that has not been rendered: there is `{{` in it")
	}
	defer func() {
		if p := recover(); p != nil {
			docs, err = nil, Wrong(at, "", "not valid YAML")
		}
	}()
	budget := maxNodes
	for dec := yaml.NewDecoder(strings.NewReader(text)); ; {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			var line int
			_, _ = fmt.Sscanf(strings.TrimPrefix(err.Error(), "yaml: "), "line %d:", &line)
			if strings.Contains(err.Error(), ": did not find expected") { // the library's parser counts lines from 0, its scanner from 1
				line++
			}
			return nil, Wrong(source.Origin{File: name, Line: line}, "", "not valid YAML")
		case len(docs) > maxDocs:
			return nil, Wrong(at, "", "the file has more than %d documents", maxDocs)
		}
		if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
			continue
		}
		n, err := expand(doc.Content[0], name, &budget, 0)
		if err != nil {
			return nil, err
		}
		docs = append(docs, n)
	}
}

// template returns the line on which an unrendered template is told, 0 for none. Workflows have `${{`, and texts may have braces in quotes of their own; a line
// that begins with a template, or has one as a value, is one.
func template(text string) int {
	if !strings.Contains(text, "{{") {
		return 0
	}
	line := 0
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "#") {
			continue
		}
		_, value, _ := strings.Cut(l, ":")
		if strings.HasPrefix(l, "{{") || strings.HasPrefix(strings.TrimLeft(value, ` "'`), "{{") || strings.Contains(l, "{{ .Values") || strings.Contains(l, "{{.Values") || strings.Contains(l, "{{ include") || strings.Contains(l, "{{ .Release") {
			return line
		}
	}
	return 0
}

// expand copies a tree without aliases and merge keys.
func expand(n *yaml.Node, file string, budget *int, depth int) (*yaml.Node, error) {
	at := source.Origin{File: file, Line: n.Line}
	*budget--
	if depth > maxDepth {
		return nil, Wrong(at, "", "nested too deeply, or an alias of itself")
	}
	if *budget < 0 {
		return nil, Wrong(at, "", "too large once its aliases are written out: more than %d nodes", maxNodes)
	}
	if n.Kind == yaml.AliasNode {
		if n.Alias == nil {
			return nil, Wrong(at, "", "an alias of nothing")
		}
		return expand(n.Alias, file, budget, depth+1)
	}
	out := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: n.Line, Column: n.Column}
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			x, err := expand(c, file, budget, depth+1)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, x)
		}
		return out, nil
	}
	seen := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		x, err := expand(value, file, budget, depth+1)
		if err != nil {
			return nil, err
		}
		if key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0 {
			for _, m := range append([]*yaml.Node{x}, x.Content...) {
				if m.Kind == yaml.MappingNode && (m == x || x.Kind == yaml.SequenceNode) {
					merged = append(merged, m)
				}
			}
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return nil, Wrong(source.Origin{File: file, Line: key.Line}, "", "a key that is not a name")
		}
		if seen[key.Value] {
			return nil, Wrong(source.Origin{File: file, Line: key.Line}, "", "the key %q appears twice here: which of them counts is not certain", Clean(key.Value))
		}
		seen[key.Value] = true
		k := *key
		k.Alias, k.Anchor = nil, ""
		out.Content = append(out.Content, &k, x)
	}
	for _, m := range merged { // what stands here comes before what is merged
		for i := 0; i+1 < len(m.Content); i += 2 {
			if !seen[m.Content[i].Value] {
				seen[m.Content[i].Value] = true
				out.Content = append(out.Content, m.Content[i], m.Content[i+1])
			}
		}
	}
	return out, nil
}

// Get returns what a path of keys leads to; nil where there is nothing.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, k := range keys {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == k {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	if n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	return n
}

// Key returns the node of a key itself.
func Key(n *yaml.Node, key string) *yaml.Node {
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i]
			}
		}
	}
	return nil
}

// Text returns the scalar that a path of keys leads to, "" for none.
func Text(n *yaml.Node, keys ...string) string {
	if n = Get(n, keys...); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// Items returns the members of the list that a path of keys leads to.
func Items(n *yaml.Node, keys ...string) []*yaml.Node {
	if n = Get(n, keys...); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return nil
}

// Pair is a key of a mapping with its value.
type Pair struct {
	Key   string
	Line  int
	Value *yaml.Node
}

// Pairs returns the mapping that a path of keys leads to, in the order written.
func Pairs(n *yaml.Node, keys ...string) []Pair {
	var out []Pair
	if n = Get(n, keys...); n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			out = append(out, Pair{n.Content[i].Value, n.Content[i].Line, n.Content[i+1]})
		}
	}
	return out
}
