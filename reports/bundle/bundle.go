package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/trail"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// The files of a bundle, and the directories that others lie in. Unpacked, it is what `vauban audit` takes.
const (
	documentName  = "document.json"
	statementName = "document.statement.json"
	receiptName   = "document.receipt.json"
	proofName     = "document.tlog-proof"
	stampName     = "document.tsr"
	historyDir    = "document.history/"
	trailDir      = "trail/"
	builtinDir    = "builtin/" // built-in catalogues
	packDir       = "pack/"
	designDir     = "design/" // of the design, its own catalogues too
	mappingDir    = "mapping/"
	logDir        = "log/"
)

// Bundle is what a bundle holds. What is nil is not in it.
type Bundle struct {
	Document  []byte
	Statement []byte
	Receipt   []byte
	Proof     []byte            // that a log of milestones has that of the receipt
	Stamp     []byte            // of that milestone, by an authority
	Inputs    map[string][]byte // of the document, by [Name]
	History   []*notary.Item    // in the form of [notary.Histories]
	Trail     []*notary.Item    // in the form of [trail.Form]
}

// embedded are what inputs that are no files are called: where they lie, by what their path begins with.
var embedded = []struct{ prefix, dir, extension string }{{"builtin:", builtinDir, ".yaml"}, {"pack:", packDir, ".vbn"}}

var embeddedName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Name returns the name of the file that holds an input of a document.
func Name(in document.Input) (string, error) {
	dir := designDir
	switch in.Role {
	case "log":
		dir = logDir
	case "mapping":
		dir = mappingDir
	default:
		for _, e := range embedded {
			if name, ok := strings.CutPrefix(in.Path, e.prefix); ok {
				if !embeddedName.MatchString(name) {
					return "", fmt.Errorf("the input %q has no name such as %sretail", in.Path, e.prefix)
				}
				return e.dir + name + e.extension, nil
			}
		}
	}
	if in.Path == "" || path.Clean(in.Path) != in.Path {
		return "", fmt.Errorf("the path %q of an input is not the shortest", in.Path)
	}
	name := dir + escape(in.Path)
	return name, checkName(name)
}

// escape writes a path so that it stays below a directory: every byte but letters, digits, slashes between parts and a few others is % and two hexadecimal digits, and so are the dots of
// a part that is nothing else.
func escape(name string) string {
	var out strings.Builder
	parts := strings.Split(name, "/")
	for i, part := range parts {
		switch {
		case part == "" && i == 0: // an absolute path
			out.WriteString("%2F")
			continue
		case part == "." || part == "..":
			out.WriteString(strings.Repeat("%2E", len(part)))
		default:
			for k := range len(part) {
				if plainByte(part[k]) {
					out.WriteByte(part[k])
				} else {
					fmt.Fprintf(&out, "%%%02X", part[k])
				}
			}
		}
		if i < len(parts)-1 {
			out.WriteByte('/')
		}
	}
	return out.String()
}

// unescape reads what escape writes, and nothing else.
func unescape(name string) (string, error) {
	out, err := url.PathUnescape(name)
	if err != nil || path.Clean(out) != out || escape(out) != name {
		return "", errors.New("has a name that stands for no path, or for one that has another name")
	}
	return out, nil
}

// Bytes writes the bundle.
func (b *Bundle) Bytes() ([]byte, error) {
	out := maps.Clone(b.Inputs)
	if out == nil {
		out = map[string][]byte{}
	}
	put := func(name string, data []byte) {
		if data != nil {
			out[name] = data
		}
	}
	put(documentName, b.Document)
	put(statementName, b.Statement)
	put(receiptName, b.Receipt)
	put(proofName, b.Proof)
	put(stampName, b.Stamp)
	for _, s := range b.sequences() {
		for _, item := range *s.items {
			dir := fmt.Sprintf("%s%04d/", s.dir, item.Number)
			for i, f := range s.form.Files {
				put(dir+f.Name, item.Files[i])
			}
			put(dir+s.form.Receipt, item.Receipt)
			for _, v := range item.Vouchers() {
				put(dir+v.Name, *v.Data)
			}
		}
	}
	return Write(out)
}

// sequence is a directory of entries in a bundle.
type sequence struct {
	dir   string
	form  notary.Form
	items *[]*notary.Item
}

func (b *Bundle) sequences() []sequence {
	return []sequence{{historyDir, notary.Histories, &b.History}, {trailDir, trail.Form, &b.Trail}}
}

// Parse reads a bundle. Every file must be one that a bundle has, of a size that an audit reads and, where the document can be read, one that it is about. Whether all is there that an audit asks
// for, and is right, is for the audit to say.
func Parse(data []byte) (*Bundle, error) {
	all, err := Read(data)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Inputs: map[string][]byte{}}
	for _, single := range []struct {
		name  string
		limit int
		to    *[]byte
	}{{documentName, document.MaxBytes, &b.Document}, {statementName, attest.MaxBytes, &b.Statement}, {receiptName, notary.MaxReceipt, &b.Receipt}, {proofName, witness.MaxProof, &b.Proof}, {stampName, witness.MaxStamp, &b.Stamp}} {
		if *single.to, err = take(all, single.name, single.limit); err != nil {
			return nil, err
		}
	}
	for _, s := range b.sequences() {
		if err := s.take(all); err != nil {
			return nil, err
		}
	}
	if b.Document == nil {
		return nil, fmt.Errorf("it has no %s, so there is nothing to audit in it", documentName)
	}
	about, err := b.about()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		in, err := input(name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the file %q %w", name, err)
		case about != nil && !about[name]:
			return nil, fmt.Errorf("the file %q is none that the document is about: leave it out", name)
		case in.Role != "log" && len(all[name]) > source.MaxBytes:
			return nil, fmt.Errorf("the file %q is larger than %d MB", name, source.MaxBytes>>20)
		}
		b.Inputs[name] = all[name]
	}
	return b, nil
}

// take moves a file out of an archive.
func take(all map[string][]byte, name string, limit int) ([]byte, error) {
	data := all[name]
	if len(data) > limit {
		return nil, fmt.Errorf("the file %q is larger than %d bytes", name, limit)
	}
	delete(all, name)
	return data, nil
}

// take moves the entries of a sequence out of an archive.
func (s sequence) take(all map[string][]byte) error {
	numbers := map[string]bool{}
	for name := range all {
		if rest, ok := strings.CutPrefix(name, s.dir); ok {
			number, _, _ := strings.Cut(rest, "/")
			numbers[number] = true
		}
	}
	n, err := notary.Numbered(slices.Collect(maps.Keys(numbers)))
	if err != nil {
		return fmt.Errorf("in %s %w", s.dir, err)
	}
	for i := 1; i <= n; i++ {
		item := &notary.Item{Number: i}
		dir := fmt.Sprintf("%s%04d/", s.dir, i)
		for _, f := range s.form.Files {
			if _, ok := all[dir+f.Name]; !ok && !f.Optional {
				return fmt.Errorf("the file %q is missing", dir+f.Name)
			}
			data, err := take(all, dir+f.Name, int(f.Limit))
			if err != nil {
				return err
			}
			item.Files = append(item.Files, data)
		}
		if item.Receipt, err = take(all, dir+s.form.Receipt, notary.MaxReceipt); err != nil {
			return err
		}
		for _, v := range item.Vouchers() {
			if *v.Data, err = take(all, dir+v.Name, int(v.Limit)); err != nil {
				return err
			}
		}
		*s.items = append(*s.items, item)
	}
	return nil
}

// about are the names of the files that hold what the document is about; nil where it cannot be read, which is for the audit to say.
func (b *Bundle) about() (map[string]bool, error) {
	d, err := document.ParseDocument(b.Document)
	if err != nil {
		return nil, nil
	}
	out := map[string]bool{}
	for _, in := range d.Head().Inputs {
		name, err := Name(in)
		if err != nil {
			return nil, err
		}
		out[name] = true
	}
	return out, nil
}

// input tells the role and path that the name of a file stands for.
func input(name string) (document.Input, error) {
	for _, e := range embedded {
		if rest, ok := strings.CutPrefix(name, e.dir); ok {
			rest, ok = strings.CutSuffix(rest, e.extension)
			if !ok || !embeddedName.MatchString(rest) {
				return document.Input{}, fmt.Errorf("has a name that no file there has, expected one such as %sretail%s", e.dir, e.extension)
			}
			return document.Input{Path: e.prefix + rest}, nil
		}
	}
	for dir, role := range map[string]string{designDir: "design", mappingDir: "mapping", logDir: "log"} {
		if rest, ok := strings.CutPrefix(name, dir); ok {
			at, err := unescape(rest)
			return document.Input{Path: at, Role: role}, err
		}
	}
	return document.Input{}, errors.New("is none that a bundle has: leave it out")
}

// Read is the [source.Reader] of the design and its own catalogues.
func (b *Bundle) Read(name string) (string, error) {
	data, ok := b.Inputs[designDir+escape(path.Clean(name))]
	if !ok {
		return "", fmt.Errorf("the bundle does not have it: %w", fs.ErrNotExist)
	}
	return files.Text(data)
}

// Audit gives an audit what the bundle has.
func (b *Bundle) Audit(in *audit.Input) {
	in.Report, in.Statement, in.Receipt, in.Proof, in.Stamp, in.Read = b.Document, b.Statement, b.Receipt, b.Proof, b.Stamp, b.Read
	if b.History != nil {
		in.History = func(yield func(*notary.Entry, error) bool) {
			for _, i := range b.History {
				if !yield(&notary.Entry{Number: i.Number, Report: i.Files[0], Statement: i.Files[1], Receipt: i.Receipt, Proof: i.Proof, Stamp: i.Stamp}, nil) {
					return
				}
			}
		}
	}
	in.Texts = map[string]string{}
	for name, data := range b.Inputs {
		if of, err := input(name); err == nil && of.Role == "" {
			in.Texts[of.Path] = string(data)
		}
	}
	d, err := document.ParseDocument(b.Document)
	if err != nil {
		return
	}
	for _, of := range d.Head().Inputs {
		name, err := Name(of)
		if err != nil {
			continue // Parse refuses it
		}
		data, there := b.Inputs[name]
		switch {
		case of.Role == "design" && strings.HasPrefix(name, designDir):
			in.Design = append(in.Design, of.Path)
		case of.Role == "mapping" && there:
			in.Mapping = source.New(of.Path, string(data))
		case of.Role == "log" && there:
			in.Logs = append(in.Logs, audit.Log{Name: of.Path, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
		}
	}
}

// Entries are the entries of the trail.
func (b *Bundle) Entries() notary.Items {
	return func(yield func(*notary.Item, error) bool) {
		for _, i := range b.Trail {
			if !yield(i, nil) {
				return
			}
		}
	}
}
