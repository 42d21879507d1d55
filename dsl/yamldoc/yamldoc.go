package yamldoc

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// The codes of what is wrong with a document, whatever it is for.
const (
	CodeYAML  diag.Code = "VAU2002" // not YAML, or a construct that is refused
	CodeKey   diag.Code = "VAU2003" // an unknown, repeated or missing key
	CodeShape diag.Code = "VAU2004" // a value of the wrong shape
	CodeTwice diag.Code = "VAU2006" // declared twice
)

const (
	maxNodes = 1 << 20 // of a YAML document
	maxNest  = 32
)

// Document is a YAML file with the way from nodes to places.
type Document struct {
	File  *source.File
	Diags *diag.List
	what  string
}

// Parse reads a file that holds one document. What it is, such as "catalogue", stands in diagnostics; first is a key that it must have, or "". The node
// is nil after an error.
func Parse(f *source.File, what, first string, diags *diag.List) (*Document, *yaml.Node) {
	d := &Document{f, diags, what}
	whole := source.Span{File: f}
	if len(f.Text) > source.MaxBytes {
		diags.Errorf(CodeYAML, whole, "the %s has %d bytes, expected at most %d", what, len(f.Text), source.MaxBytes)
		return d, nil
	}
	docs, err := decode(f.Text)
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		at := whole
		var line int
		_, scanErr := fmt.Sscanf(text, "line %d:", &line)
		if strings.Contains(text, ": did not find expected") { // the library's parser counts lines from 0, its scanner from 1
			line++
		}
		if scanErr == nil && line >= 1 && line <= f.Lines() {
			at = source.Span{File: f, Start: f.LineStart(line), End: f.LineStart(line) + len(f.LineText(line))}
			_, text, _ = strings.Cut(text, ": ")
		}
		wrong := diags.Errorf(CodeYAML, at, "not valid YAML: %s", text)
		switch {
		case strings.Contains(text, "mapping values are not allowed"), strings.Contains(text, "did not find expected"):
			wrong.Helpf("a text that has \": \" in it or begins with {, [, \" or a sign stands in quotes; a key has \": \" behind it; what belongs together begins in the same column")
		case strings.Contains(text, "cannot start any token"):
			wrong.Helpf("lines begin with spaces, not with tabs")
		}
		return d, nil
	}
	if len(docs) == 0 {
		diags.Errorf(CodeYAML, whole, "the %s is empty, expected at least the key %q", what, first)
		return d, nil
	}
	if len(docs) > 1 {
		diags.Errorf(CodeYAML, d.Span(docs[1].Content[0]), "a second YAML document begins here, expected one in a file")
		return d, nil
	}
	root := docs[0].Content[0]
	count := 0
	if !d.plain(root, 0, &count) {
		return d, nil
	}
	return d, root
}

// For returns the document with another list for what is wrong with it: one that many read is parsed once.
func (d *Document) For(diags *diag.List) *Document { return &Document{d.File, diags, d.what} }

// decode returns the first two documents of a text. What the YAML library panics about is an error, too.
func decode(text string) (docs []*yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			docs, err = nil, fmt.Errorf("%v", p)
		}
	}()
	for dec := yaml.NewDecoder(strings.NewReader(text)); len(docs) < 2; {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if len(doc.Content) > 0 {
			docs = append(docs, &doc)
		}
	}
	return docs, nil
}

// plain refuses aliases, tags, documents too large and nesting too deep.
func (d *Document) plain(n *yaml.Node, depth int, count *int) bool {
	*count++
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.Diags.Errorf(CodeYAML, d.Span(n), "anchors and aliases are not allowed in a %s: write the value out", d.what)
		return false
	case n.Style&yaml.TaggedStyle != 0:
		d.Diags.Errorf(CodeYAML, d.Span(n), "tags are not allowed in a %s: leave the tag out", d.what)
		return false
	case depth > maxNest || *count > maxNodes:
		d.Diags.Errorf(CodeYAML, d.Span(n), "the %s is nested too deeply or too large: split it", d.what)
		return false
	}
	for _, c := range n.Content {
		if !d.plain(c, depth+1, count) {
			return false
		}
	}
	return true
}

// Span returns the place of a node: of a scalar on one line all of it.
func (d *Document) Span(n *yaml.Node) source.Span {
	if n.Line < 1 || n.Line > d.File.Lines() {
		return source.Span{File: d.File}
	}
	line := d.File.LineText(n.Line)
	column := 0 // yaml.v3 counts runes
	start := d.File.LineStart(n.Line)
	for i := range line {
		if column++; column == n.Column {
			start += i
			break
		}
	}
	end := start + 1
	if n.Kind == yaml.ScalarNode {
		rest := d.File.Text[start:]
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			rest = rest[:i]
		}
		switch {
		case strings.HasPrefix(rest, n.Value):
			end = start + len(n.Value)
		case len(rest) > 0 && (rest[0] == '"' || rest[0] == '\''):
			if i := strings.IndexByte(rest[1:], rest[0]); i >= 0 {
				end = start + i + 2
			}
		}
	}
	return source.Span{File: d.File, Start: start, End: max(start, min(end, len(d.File.Text)))}
}

// Offsets maps offsets in the text of a scalar to offsets in the file: exactly where the text stands in the file as it is, else to its beginning.
func (d *Document) Offsets(n *yaml.Node) func(int) int {
	s := d.Span(n)
	start := s.Start
	if n.Style == yaml.DoubleQuotedStyle || n.Style == yaml.SingleQuotedStyle {
		start++
	}
	if strings.HasPrefix(d.File.Text[min(start, len(d.File.Text)):], n.Value) {
		return func(i int) int { return start + i }
	}
	return func(int) int { return s.Start }
}

// Field is a key of a mapping with its value.
type Field struct {
	Key   string
	At    *yaml.Node
	Value *yaml.Node
}

// Fields returns the keys of a mapping in the order written. With known keys given, others are errors.
func (d *Document) Fields(n *yaml.Node, what string, known ...string) []Field {
	if n.Kind != yaml.MappingNode {
		d.Diags.Errorf(CodeShape, d.Span(n), "%s is %s, expected a mapping", what, Shape(n))
		return nil
	}
	var out []Field
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			d.Diags.Errorf(CodeShape, d.Span(k), "a key of %s is %s, expected a name", what, Shape(k))
			continue
		}
		if j := slices.IndexFunc(out, func(f Field) bool { return f.Key == k.Value }); j >= 0 {
			d.Diags.Errorf(CodeTwice, d.Span(k), "key %q appears twice in %s, expected once", k.Value, what).Label(d.Span(out[j].At), "first here")
			continue
		}
		if len(known) > 0 && !slices.Contains(known, k.Value) {
			near := diag.DidYouMean(k.Value, known)
			x := d.Diags.Errorf(CodeKey, d.Span(k), "unknown key %q in %s%s", k.Value, what, near)
			if near == "" {
				x.Helpf("one of %s", strings.Join(known, ", "))
			}
			continue
		}
		out = append(out, Field{k.Value, k, v})
	}
	return out
}

// Shape says what a node is, for a diagnostic.
func Shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Value == "" {
		return "empty"
	}
	return strconv.Quote(n.Value)
}

// Text returns a scalar as it is written: YAML's guesses about numbers and dates play no part.
func (d *Document) Text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode {
		d.Diags.Errorf(CodeShape, d.Span(n), "%s is %s, expected a text", what, Shape(n))
		return ""
	}
	if n.Tag == "!!null" && n.Style == 0 || n.Value == "" { // quoted, too: what is not there must not pass for what says nothing
		d.Diags.Errorf(CodeShape, d.Span(n), "%s is empty, expected a text", what)
		return ""
	}
	return n.Value
}

// Number returns a small integer that is not negative.
func (d *Document) Number(n *yaml.Node, what string) int {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if v, err := strconv.Atoi(n.Value); err == nil && v >= 0 && v <= 1_000_000 && strconv.Itoa(v) == n.Value {
			return v
		}
	}
	d.Diags.Errorf(CodeShape, d.Span(n), "%s is %s, expected an integer from 0 to 1000000", what, Shape(n))
	return 0
}

// Bool returns a scalar that is `true` or `false`.
func (d *Document) Bool(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.Style == 0 && (n.Value == "true" || n.Value == "false") {
		return n.Value == "true"
	}
	d.Diags.Errorf(CodeShape, d.Span(n), "%s is %s, expected true or false", what, Shape(n))
	return false
}

// List returns the scalars of a list; a single scalar is a list of one.
func (d *Document) List(n *yaml.Node, what string) []*yaml.Node {
	switch n.Kind {
	case yaml.ScalarNode:
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		var out []*yaml.Node
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				d.Diags.Errorf(CodeShape, d.Span(c), "an item of %s is %s, expected a text", what, Shape(c))
				continue
			}
			out = append(out, c)
		}
		return out
	}
	d.Diags.Errorf(CodeShape, d.Span(n), "%s is %s, expected a list", what, Shape(n))
	return nil
}

// Texts returns the texts of a list.
func (d *Document) Texts(n *yaml.Node, what string) []string {
	var out []string
	for _, c := range d.List(n, what) {
		out = append(out, c.Value)
	}
	return out
}
