package threats

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

// The codes of this package.
const (
	CodeRead   diag.Code = "VAU2001" // a file cannot be read
	CodeYAML   diag.Code = "VAU2002" // not YAML, or a construct that is refused
	CodeKey    diag.Code = "VAU2003" // an unknown, repeated or missing key
	CodeShape  diag.Code = "VAU2004" // a value of the wrong shape
	CodeName   diag.Code = "VAU2005" // an unknown name
	CodeTwice  diag.Code = "VAU2006" // declared twice
	CodeCycle  diag.Code = "VAU2007" // something is its own ancestor
	CodeUnused diag.Code = "VAU2008" // a variable without a use
	CodeUnless diag.Code = "VAU2009" // an unless that can never be met
	CodeEffect diag.Code = "VAU2010" // an effect or a cost that makes no sense
	CodeAbuse  diag.Code = "VAU2020" // a control that helps the attacker, and the entry does not say so
)

const (
	maxNodes = 1 << 20 // of a YAML document
	maxNest  = 32
)

// document is a YAML file with the way from nodes to places.
type document struct {
	file  *source.File
	diags *diag.List
}

// parseYAML reads a document; nil after an error.
func parseYAML(f *source.File, diags *diag.List) (*document, *yaml.Node) {
	d := &document{f, diags}
	whole := source.Span{File: f}
	if len(f.Text) > source.MaxBytes {
		diags.Errorf(CodeYAML, whole, "the catalogue has %d bytes, expected at most %d", len(f.Text), source.MaxBytes)
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
		diags.Errorf(CodeYAML, at, "not valid YAML: %s", text)
		return d, nil
	}
	if len(docs) == 0 {
		diags.Errorf(CodeYAML, whole, "the catalogue is empty, expected at least the key \"catalogue\"")
		return d, nil
	}
	if len(docs) > 1 {
		diags.Errorf(CodeYAML, d.span(docs[1].Content[0]), "a second YAML document begins here, expected one in a file")
		return d, nil
	}
	root := docs[0].Content[0]
	count := 0
	if !d.plain(root, 0, &count) {
		return d, nil
	}
	return d, root
}

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
func (d *document) plain(n *yaml.Node, depth int, count *int) bool {
	*count++
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.diags.Errorf(CodeYAML, d.span(n), "anchors and aliases are not allowed in a catalogue")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		d.diags.Errorf(CodeYAML, d.span(n), "tags are not allowed in a catalogue: what a value is, its place tells")
		return false
	case depth > maxNest || *count > maxNodes:
		d.diags.Errorf(CodeYAML, d.span(n), "the catalogue is nested too deeply or too large")
		return false
	}
	for _, c := range n.Content {
		if !d.plain(c, depth+1, count) {
			return false
		}
	}
	return true
}

// span returns the place of a node: of a scalar on one line all of it.
func (d *document) span(n *yaml.Node) source.Span {
	if n.Line < 1 || n.Line > d.file.Lines() {
		return source.Span{File: d.file}
	}
	line := d.file.LineText(n.Line)
	column := 0 // yaml.v3 counts runes
	start := d.file.LineStart(n.Line)
	for i := range line {
		if column++; column == n.Column {
			start += i
			break
		}
	}
	end := start + 1
	if n.Kind == yaml.ScalarNode {
		rest := d.file.Text[start:]
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
	return source.Span{File: d.file, Start: start, End: max(start, min(end, len(d.file.Text)))}
}

// offsets maps offsets in the text of a scalar to offsets in the file: exactly where the text stands in the file as it is, else to its beginning.
func (d *document) offsets(n *yaml.Node) func(int) int {
	s := d.span(n)
	start := s.Start
	if n.Style == yaml.DoubleQuotedStyle || n.Style == yaml.SingleQuotedStyle {
		start++
	}
	if strings.HasPrefix(d.file.Text[min(start, len(d.file.Text)):], n.Value) {
		return func(i int) int { return start + i }
	}
	return func(int) int { return s.Start }
}

// field is a key of a mapping with its value.
type field struct {
	key   string
	at    *yaml.Node
	value *yaml.Node
}

// fields returns the keys of a mapping in the order written. With known keys given, others are errors.
func (d *document) fields(n *yaml.Node, what string, known ...string) []field {
	if n.Kind != yaml.MappingNode {
		d.diags.Errorf(CodeShape, d.span(n), "%s is %s, expected a mapping", what, shape(n))
		return nil
	}
	var out []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			d.diags.Errorf(CodeShape, d.span(k), "a key of %s is %s, expected a name", what, shape(k))
			continue
		}
		if j := slices.IndexFunc(out, func(f field) bool { return f.key == k.Value }); j >= 0 {
			d.diags.Errorf(CodeTwice, d.span(k), "key %q stands twice in %s", k.Value, what).Label(d.span(out[j].at), "first here")
			continue
		}
		if len(known) > 0 && !slices.Contains(known, k.Value) {
			d.diags.Errorf(CodeKey, d.span(k), "unknown key %q in %s%s", k.Value, what, diag.DidYouMean(k.Value, known))
			continue
		}
		out = append(out, field{k.Value, k, v})
	}
	return out
}

func shape(n *yaml.Node) string {
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

// text returns a scalar as it is written: YAML's guesses about numbers and dates play no part.
func (d *document) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode {
		d.diags.Errorf(CodeShape, d.span(n), "%s is %s, expected a text", what, shape(n))
		return ""
	}
	if n.Tag == "!!null" && n.Style == 0 {
		d.diags.Errorf(CodeShape, d.span(n), "%s is empty, expected a text", what)
		return ""
	}
	return n.Value
}

// number returns a small integer that is not negative.
func (d *document) number(n *yaml.Node, what string) int {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if v, err := strconv.Atoi(n.Value); err == nil && v >= 0 && v <= 1_000_000 && strconv.Itoa(v) == n.Value {
			return v
		}
	}
	d.diags.Errorf(CodeShape, d.span(n), "%s is %s, expected an integer from 0 to 1000000", what, shape(n))
	return 0
}

// list returns the scalars of a list; a single scalar is a list of one.
func (d *document) list(n *yaml.Node, what string) []*yaml.Node {
	switch n.Kind {
	case yaml.ScalarNode:
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		var out []*yaml.Node
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				d.diags.Errorf(CodeShape, d.span(c), "an item of %s is %s, expected a text", what, shape(c))
				continue
			}
			out = append(out, c)
		}
		return out
	}
	d.diags.Errorf(CodeShape, d.span(n), "%s is %s, expected a list", what, shape(n))
	return nil
}

func (d *document) texts(n *yaml.Node, what string) []string {
	var out []string
	for _, c := range d.list(n, what) {
		out = append(out, c.Value)
	}
	return out
}
