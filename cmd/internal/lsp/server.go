package lsp

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Host is what the server asks of the program that it runs in.
type Host struct {
	Version string
	// Reader returns how a design is read whose root file lies at a path.
	Reader func(ctx context.Context, root string) (source.Reader, error)
	// Root returns the path of the design that a file is part of: its own where it is one.
	Root func(ctx context.Context, path, text string) string
	// AsOf is the date that waivers are judged by, YYYY-MM-DD.
	AsOf func() string
	// Page writes the report of a result as a page of HTML.
	Page func(*checker.Result) ([]byte, error)
	// Wait is for how long nobody must have typed before verdicts are looked for.
	Wait time.Duration
	// Memory has what was answered, and whoever else may answer; nil: one of this session.
	Memory *checker.Memory
}

// Serve answers a client until it says goodbye, hangs up, or ctx ends.
func Serve(ctx context.Context, stream io.ReadWriteCloser, host Host) error {
	s := &server{host: host, docs: map[string]*document{}, projects: map[string]*project{}, roots: map[string]string{}, published: map[string]map[string]bool{}, left: make(chan struct{}), ready: make(chan struct{}), changed: make(chan struct{}, 1)}
	if s.memory = host.Memory; s.memory == nil {
		s.memory = &checker.Memory{}
	}
	s.ctx, s.stop = context.WithCancel(ctx) // ends before the conversation does: shutdown is answered
	defer s.stop()
	_, conn, client := protocol.NewServer(ctx, s, &inOrder{Stream: jsonrpc2.NewStream(stream), changed: s.changed})
	s.client = client
	close(s.ready)
	select {
	case <-conn.Done():
		return nil
	case <-ctx.Done():
	case <-s.left:
	}
	closed := make(chan error, 1)
	go func() { closed <- conn.Close() }()
	select {
	case err := <-closed:
		return errors.Join(ctx.Err(), err)
	case <-time.After(farewell): // nothing ends the reading of a pipe that the client keeps open
		return ctx.Err()
	}
}

// farewell is how long the end of a conversation may take.
const farewell = 200 * time.Millisecond

// inOrder reads no message before the text is changed as the one before has it: the library handles messages at once, in whatever order.
type inOrder struct {
	jsonrpc2.Stream
	changed chan struct{}
	waits   bool // for a change
}

// patience is how long a change of a text may take; one that could not be read is never made.
const patience = time.Second

// Read implements jsonrpc2.Stream.
func (o *inOrder) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	if o.waits {
		select {
		case <-o.changed:
		case <-ctx.Done():
		case <-time.After(patience):
		}
	}
	m, n, err := o.Stream.Read(ctx)
	named, ok := m.(interface{ Method() string })
	o.waits = err == nil && ok && slices.Contains([]string{protocol.MethodTextDocumentDidOpen, protocol.MethodTextDocumentDidChange, protocol.MethodTextDocumentDidClose}, named.Method())
	return m, n, err
}

// document is a text that the editor has open.
type document struct {
	text    string
	version int32
}

// server is one client's session.
type server struct {
	protocol.UnimplementedServer

	host    Host
	client  protocol.Client
	ready   chan struct{}   // closed once there is a client
	ctx     context.Context // of what is looked for
	stop    context.CancelFunc
	changed chan struct{} // has one when a text was changed
	left    chan struct{}
	once    sync.Once
	memory  *checker.Memory // of questions that were answered: of a text that has changed, only those that have, too, are asked again

	mu        sync.Mutex
	refresh   struct{ lenses, hints bool } // what the client takes hints of
	progress  bool                         // the client shows how far something is
	checks    int                          // counts checks that told how far they are
	docs      map[string]*document         // by path
	projects  map[string]*project          // by the path of the root
	roots     map[string]string            // by the path of a document: the root of its design
	change    int                          // counts changes of texts
	published map[string]map[string]bool   // by root: the paths that have diagnostics of it
}

// filePath is the file that a document is; "" where it is none.
func filePath(u uri.URI) string {
	if !u.IsFile() {
		return ""
	}
	return filepath.ToSlash(filepath.Clean(u.FsPath()))
}

func address(path string) uri.URI { return uri.File(filepath.FromSlash(path)) }

func yes() protocol.Boolean { return protocol.Boolean(true) }

// Initialize says what the server can.
func (s *server) Initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	s.mu.Lock()
	if w := p.Capabilities.Workspace; w != nil {
		s.refresh.lenses, s.refresh.hints = w.CodeLens != nil, w.InlayHint != nil
	}
	if w := p.Capabilities.Window; w != nil && w.WorkDoneProgress != nil {
		s.progress = *w.WorkDoneProgress
	}
	s.mu.Unlock()
	prepare := true
	return &protocol.InitializeResult{
		ServerInfo: protocol.ServerInfo{Name: "vauban", Version: protocol.NewOptional(s.host.Version)},
		Capabilities: protocol.ServerCapabilities{
			PositionEncoding:           protocol.PositionEncodingKindUTF16,
			TextDocumentSync:           protocol.TextDocumentSyncKindIncremental,
			HoverProvider:              yes(),
			DefinitionProvider:         yes(),
			ReferencesProvider:         yes(),
			DocumentHighlightProvider:  yes(),
			DocumentSymbolProvider:     yes(),
			WorkspaceSymbolProvider:    yes(),
			DocumentFormattingProvider: yes(),
			FoldingRangeProvider:       yes(),
			InlayHintProvider:          yes(),
			RenameProvider:             &protocol.RenameOptions{PrepareProvider: &prepare},
			CodeActionProvider:         &protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix, protocol.CodeActionKindRefactorExtract}},
			CodeLensProvider:           &protocol.CodeLensOptions{},
			CompletionProvider:         &protocol.CompletionOptions{TriggerCharacters: []string{":", " ", ">", "\"", "("}},
			SignatureHelpProvider:      &protocol.SignatureHelpOptions{TriggerCharacters: []string{"(", ","}},
			ExecuteCommandProvider:     protocol.ExecuteCommandOptions{Commands: []string{reportCommand, elementCommand}},
			SemanticTokensProvider: &protocol.SemanticTokensOptions{
				Legend: protocol.SemanticTokensLegend{TokenTypes: tokenTypes, TokenModifiers: []string{"declaration"}}, Full: yes(),
			},
		},
	}, nil
}

// Initialized and the other notices ask for nothing.
func (s *server) Initialized(context.Context, *protocol.InitializedParams) error { return nil }

// SetTrace changes nothing: the server tells no traces.
func (s *server) SetTrace(context.Context, *protocol.SetTraceParams) error { return nil }

// DidSave changes nothing: what was written to disk was known before.
func (s *server) DidSave(context.Context, *protocol.DidSaveTextDocumentParams) error { return nil }

// Shutdown ends what is being looked for.
func (s *server) Shutdown(context.Context) error {
	s.stop()
	return nil
}

// Exit ends the session.
func (s *server) Exit(context.Context) error {
	s.once.Do(func() { close(s.left) })
	return nil
}

// DidOpen takes a text over from the disk.
func (s *server) DidOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	s.edit(filePath(p.TextDocument.URI), func(d *document) { d.text, d.version = p.TextDocument.Text, p.TextDocument.Version })
	return nil
}

// DidChange changes a text.
func (s *server) DidChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	s.edit(filePath(p.TextDocument.URI), func(d *document) {
		d.version = p.TextDocument.Version
		for _, c := range p.ContentChanges {
			switch c := c.(type) {
			case *protocol.TextDocumentContentChangeWholeDocument:
				d.text = c.Text
			case *protocol.TextDocumentContentChangePartial:
				f := source.New("", d.text)
				start, end := offset(f, c.Range.Start), offset(f, c.Range.End)
				d.text = d.text[:start] + c.Text + d.text[max(start, end):]
			}
		}
	})
	return nil
}

// DidClose gives a text back to the disk.
func (s *server) DidClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	s.mu.Lock()
	delete(s.docs, filePath(p.TextDocument.URI))
	s.mu.Unlock()
	s.edit(filePath(p.TextDocument.URI), nil)
	return nil
}

// DidChangeWatchedFiles reads again what changed on the disk.
func (s *server) DidChangeWatchedFiles(context.Context, *protocol.DidChangeWatchedFilesParams) error {
	s.edit("", nil)
	return nil
}

// maxText is the longest text that is taken, as for files.
const maxText = source.MaxBytes

// edit changes a document, and has everything that is open read again.
func (s *server) edit(path string, change func(*document)) {
	s.mu.Lock()
	if path != "" && change != nil {
		d := s.docs[path]
		if d == nil {
			d = &document{}
			s.docs[path] = d
		}
		begun := heads(d.text)
		if change(d); len(d.text) > maxText {
			d.text = ""
		}
		if heads(d.text) != begun || d.version == 0 {
			delete(s.roots, path)
		}
	} else {
		clear(s.roots)
	}
	s.change++
	for _, p := range s.projects {
		p.interrupt()
	}
	s.mu.Unlock()
	if change != nil || path != "" {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
	go s.publish()
}

// heads reports whether a text may be the root of a design.
func heads(text string) bool { return strings.Contains(text, "design") }

func offset(f *source.File, p protocol.Position) int { return f.Offset(int(p.Line), int(p.Character)) }

func span(at source.Span) protocol.Range {
	var r protocol.Range
	if at.File == nil {
		return r
	}
	l, c := at.File.UTF16(at.Start)
	r.Start = protocol.Position{Line: uint32(l), Character: uint32(c)}
	l, c = at.File.UTF16(at.End)
	r.End = protocol.Position{Line: uint32(l), Character: uint32(c)}
	return r
}
