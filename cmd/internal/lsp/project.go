package lsp

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
)

// project is a design with what is known of it.
type project struct {
	root string
	one  sync.Mutex // reads it

	mu     sync.Mutex
	now    *reading           // the last one
	words  *threats.Catalogue // of a root that is a catalogue: the last that could be read
	found  *verdicts
	fault  fault
	cancel context.CancelFunc // of the check that runs

	checked *reading // whose verdicts are looked for, or were
}

// verdicts are the last that were found; nil before there are any.
func (p *project) verdicts() *verdicts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found
}

// reading is a design as it was at one time.
type reading struct {
	change int                // of the texts
	design *threats.Reading   // as far as it could be read; nil where the root is a catalogue
	words  *threats.Catalogue // that catalogue, as far as it could be read
	names  *dsl.Names
	diags  []diag.Diagnostic
}

// file returns the tree of a file; nil where the design does not have it.
func (r *reading) file(path string) *dsl.File {
	if r.design == nil {
		return nil
	}
	i := slices.IndexFunc(r.design.Files, func(f *dsl.File) bool { return f.Source.Name == path })
	if i < 0 {
		return nil
	}
	return r.design.Files[i]
}

// interrupt gives up the check that runs.
func (p *project) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
}

// project returns the design that a file is part of.
func (s *server) project(ctx context.Context, path string) *project {
	s.mu.Lock()
	text, root := "", s.roots[path]
	d := s.docs[path]
	if d != nil {
		text = d.text
	}
	s.mu.Unlock()
	if d == nil {
		return nil
	}
	if root == "" {
		root = s.host.Root(ctx, path, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roots[path] = root
	p := s.projects[root]
	if p == nil {
		p = &project{root: root}
		s.projects[root] = p
	}
	return p
}

// read returns the design as it stands: read again where something changed.
func (s *server) read(ctx context.Context, p *project) *reading {
	p.one.Lock()
	defer p.one.Unlock()
	change, texts := s.texts()
	p.mu.Lock()
	now := p.now
	p.mu.Unlock()
	if now != nil && now.change == change {
		return now
	}
	now = s.load(ctx, p.root, texts)
	now.change = change
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now = now; now.words != nil && len(now.words.Inputs) > 0 {
		p.words = now.words
	}
	return now
}

// texts are those of the editor, with the number of their last change.
func (s *server) texts() (change int, texts map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	texts = make(map[string]string, len(s.docs))
	for name, d := range s.docs {
		texts[name] = d.text
	}
	return s.change, texts
}

// load reads a design, texts of the editor before those of the disk.
func (s *server) load(ctx context.Context, root string, texts map[string]string) *reading {
	r := &reading{names: dsl.NamesOf(nil)}
	read := s.reader(ctx, root, texts)
	diags := &diag.List{}
	if strings.HasSuffix(root, ".vbn") {
		r.design = threats.Read(read, []string{root}, diags)
		r.names = dsl.NamesOf(r.design.Files)
	} else {
		r.words = threats.LoadCatalogue(read, []string{root}, diags)
	}
	r.diags = diags.Sorted()
	return r
}

// reader reads a design: texts of the editor, and else what is on the disk.
func (s *server) reader(ctx context.Context, root string, texts map[string]string) source.Reader {
	disk, err := s.host.Reader(ctx, root)
	return func(name string) (string, error) {
		if text, ok := texts[path.Clean(name)]; ok {
			return text, nil
		}
		if err != nil {
			return "", err
		}
		return disk(name)
	}
}

// at returns the design that a document belongs to, read as it stands, with the tree of the document; nil where there is none.
func (s *server) at(ctx context.Context, doc protocol.TextDocumentIdentifier) (*project, *reading, *dsl.File) {
	name := filePath(doc.URI)
	p := s.project(ctx, name)
	if p == nil {
		return nil, nil, nil
	}
	r := s.read(ctx, p)
	return p, r, r.file(name)
}

// publish sends the diagnostics of all designs that are open, and has verdicts looked for.
func (s *server) publish() {
	<-s.ready
	s.mu.Lock()
	var open []string
	for name := range s.docs {
		open = append(open, name)
	}
	s.mu.Unlock()
	slices.Sort(open)
	roots := map[string]bool{}
	for _, name := range open {
		p := s.project(s.ctx, name)
		if p == nil || roots[p.root] {
			continue
		}
		roots[p.root] = true
		r := s.read(s.ctx, p)
		s.send(p, r)
		if r.design != nil && r.design.Model != nil {
			s.check(p, r)
		}
	}
	s.mu.Lock()
	var gone []string
	for root := range s.published {
		if !roots[root] {
			gone = append(gone, root)
		}
	}
	s.mu.Unlock()
	for _, root := range gone {
		s.tell(root, nil, 0)
	}
}

// send sends the diagnostics of a design, verdicts among them where they are of this reading.
func (s *server) send(p *project, r *reading) {
	out := map[string][]protocol.Diagnostic{}
	put := func(at source.Span, d protocol.Diagnostic) {
		name := p.root
		switch {
		case at.File != nil && !source.Embedded(at.File.Name):
			name = at.File.Name
		case at.File != nil: // of a pack, which no editor can open
			d.Range = protocol.Range{}
		}
		out[name] = append(out[name], d)
	}
	for _, d := range r.diags {
		put(d.Primary.Span, diagnostic(d))
	}
	p.mu.Lock()
	found, fault := p.found, p.fault
	p.mu.Unlock()
	if fault.of == r {
		for _, d := range fault.diags {
			put(d.Primary.Span, diagnostic(d))
		}
	}
	if found != nil && found.of == r {
		for _, d := range found.result.Warnings.Sorted() {
			put(d.Primary.Span, diagnostic(d))
		}
		for _, q := range found.result.Requirements {
			if d, ok := verdict(q); ok {
				put(q.Source.Span, d)
			}
		}
		if found.open != nil {
			for _, q := range found.open.Questions {
				put(q.On.Span, question(q))
			}
		}
	}
	s.tell(p.root, out, r.change)
}

// tell sends the diagnostics of a root's files, and none for those that have none any more, or are open. What is of an earlier text is not sent.
func (s *server) tell(root string, out map[string][]protocol.Diagnostic, change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if out != nil && change != s.change {
		return
	}
	was := s.published[root]
	now := map[string]bool{}
	for name := range s.docs {
		if out != nil && s.roots[name] == root && out[name] == nil {
			out[name] = []protocol.Diagnostic{}
		}
	}
	names := slices.Sorted(maps.Keys(out))
	for _, name := range names {
		now[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if !now[name] {
			names = append(names, name)
		}
	}
	for _, name := range names {
		params := &protocol.PublishDiagnosticsParams{URI: address(name), Diagnostics: out[name]}
		if params.Diagnostics == nil {
			params.Diagnostics = []protocol.Diagnostic{}
		}
		if d := s.docs[name]; d != nil {
			params.Version = protocol.NewOptional(d.version)
		}
		_ = s.client.PublishDiagnostics(s.ctx, params) // a client that has gone needs none
	}
	if s.published[root] = now; out == nil {
		delete(s.published, root)
	}
}

// diagnostic is one of the reader's.
func diagnostic(d diag.Diagnostic) protocol.Diagnostic {
	text := d.Message
	if d.Primary.Text != "" {
		text += " (" + d.Primary.Text + ")"
	}
	if d.Help != "" {
		text += "\n" + d.Help
	}
	out := protocol.Diagnostic{
		Range: span(d.Primary.Span), Severity: protocol.DiagnosticSeverityError, Code: protocol.String(string(d.Code)),
		Source: protocol.NewOptional("vauban"), Message: protocol.String(diag.Escape(text)),
	}
	if d.Severity == diag.Warning {
		out.Severity = protocol.DiagnosticSeverityWarning
	}
	for _, o := range d.Others {
		if at, ok := location(o.Span); ok {
			out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{Location: at, Message: diag.Escape(cmp.Or(o.Text, "here"))})
		}
	}
	return out
}

// location is a place in a file that an editor can open.
func location(at source.Span) (protocol.Location, bool) {
	if at.File == nil || source.Embedded(at.File.Name) || at.File.Withheld {
		return protocol.Location{}, false
	}
	return protocol.Location{URI: address(at.File.Name), Range: span(at)}, true
}

// fault is why a reading was not verified.
type fault struct {
	of    *reading
	diags []diag.Diagnostic
}

// verdicts are those of a reading.
type verdicts struct {
	of     *reading
	result *checker.Result
	open   *questions.Found // nil before they are looked for
}
