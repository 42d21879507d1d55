package threats

import (
	"path"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/resolve"
)

// Load reads a design and everything that it uses. The paths are the parts of one design, the root first; `include` and `use` are followed, relative
// to the file that says them; `include "pack:NAME"` means a pack. It returns nil when there was an error.
func Load(read source.Reader, paths []string, diags *diag.List) *Model {
	return newLoader(read, nil, paths, diags).model()
}

// Texts are catalogues and packs by the paths "builtin:NAME" and "pack:NAME".
type Texts map[string]string

// LoadBy is [Load] with other texts in the place of all the built-in catalogues and packs: those of another version of the program, or what somebody says that they are. With nil it
// takes those of this program.
func LoadBy(texts Texts, read source.Reader, paths []string, diags *diag.List) *Model {
	return newLoader(read, texts, paths, diags).model()
}

// Reading is a design as far as it could be read. Only its Model may be verified; the checker refuses a design that is a draft.
type Reading struct {
	Files     []*dsl.File    // the trees, in the order read; packs among them
	Design    *models.Design // of the Model, or [resolve.Draft]; never nil
	Catalogue *Catalogue     // with what could be read of it; never nil
	Model     *Model         // nil when there was an error
}

// Read is [Load] for those who work on what is right where something is wrong.
func Read(read source.Reader, paths []string, diags *diag.List) *Reading {
	l := newLoader(read, nil, paths, diags)
	out := &Reading{Model: l.model(), Files: l.files}
	if out.Model != nil {
		out.Design, out.Catalogue = out.Model.Design, out.Model.Catalogue
		return out
	}
	out.Catalogue = l.catalogue
	out.Design = resolve.Draft(l.files, l.catalogue.Vocabulary, diags.Sorted())
	return out
}

// LoadDesign reads a design without what only a verdict needs, the threats of the built-in catalogues: for those who ask what is wrong with it. It says the
// same as [Load], and returns nil where that does. Nothing can be verified by a design alone.
func LoadDesign(read source.Reader, paths []string, diags *diag.List) *models.Design {
	l := newLoader(read, nil, paths, diags)
	wrong, resolved := &diag.List{}, &diag.List{}
	c, shared := builtinCatalogue(l.refs, true)
	if !shared {
		c = loadCatalogue(l.read, nil, l.refs, true, wrong)
	}
	if wrong.HasErrors() || len(l.files) == 0 {
		diags.Append(wrong)
		return nil
	}
	d := resolve.Design(l.files, c.Vocabulary, resolved)
	if d.Places() > 1 { // whether the threats can be written out for it
		if m := l.model(); m != nil {
			return m.Design
		}
		return nil
	}
	diags.Append(wrong)
	diags.Append(resolved)
	if diags.HasErrors() {
		return nil
	}
	return d
}

func newLoader(read source.Reader, texts Texts, paths []string, diags *diag.List) *loader {
	l := &loader{read: read, texts: texts, diags: diags, seen: map[string]bool{}}
	for _, p := range paths {
		l.design(p, source.Span{})
	}
	if l.refs == nil {
		l.refs = []reference{{name: "retail"}}
	}
	return l
}

// model puts the design together with its catalogue. It returns nil where something is wrong.
func (l *loader) model() *Model {
	wrong := &diag.List{}
	var c *Catalogue
	shared := false
	if l.texts == nil {
		c, shared = builtinCatalogue(l.refs, false)
	}
	if !shared {
		c = loadCatalogue(l.read, l.texts, l.refs, false, wrong)
	}
	l.catalogue = c
	l.diags.Append(wrong)
	if wrong.HasErrors() || len(l.files) == 0 { // what a design says in the words of the catalogue cannot be judged
		return nil
	}
	resolved := &diag.List{}
	d := resolve.Design(l.files, c.Vocabulary, resolved)
	if shared && d.Places() > 1 { // the threats are written out for it: that takes a catalogue of its own
		c, resolved = loadCatalogue(l.read, nil, l.refs, false, wrong), &diag.List{}
		d = resolve.Design(l.files, c.Vocabulary, resolved)
	}
	l.diags.Append(resolved)
	c.spread(d.Places(), l.diags)
	if l.diags.HasErrors() {
		return nil
	}
	return &Model{Design: d, Catalogue: c}
}

// spread writes threats out for a design with elements in several zones.
func (c *Catalogue) spread(places int, diags *diag.List) {
	if places < 2 || diags.HasErrors() {
		return
	}
	resolve.Spread(c.Vocabulary, places, diags)
	for _, t := range c.Threats {
		when := models.Spread(t.When, places, false)
		if when == nil {
			diags.Errorf(CodeShape, t.Span, "the condition of threat %q gets too large for elements in %d zones, expected fewer zones for an element", t.ID, places)
			continue
		}
		t.When = when
		var then []Effect
		for _, e := range t.Then {
			for _, args := range spreadAll(e.Args, places) {
				then = append(then, Effect{e.Predicate, args, e.Set})
			}
		}
		t.Then = then
	}
}

// spreadAll returns the arguments for each zone that an element they speak of may stand in.
func spreadAll(args []*models.Expr, places int) [][]*models.Expr {
	if len(args) == 0 {
		return [][]*models.Expr{nil}
	}
	var out [][]*models.Expr
	for _, first := range models.SpreadTerm(args[0], places) {
		for _, rest := range spreadAll(args[1:], places) {
			out = append(out, append([]*models.Expr{first}, rest...))
		}
	}
	return out
}

// LoadCatalogue reads catalogues by built-in name or path, with those that they extend. It returns what could be read; errors are in diags.
func LoadCatalogue(read source.Reader, names []string, diags *diag.List) *Catalogue {
	var refs []reference
	for _, n := range names {
		refs = append(refs, reference{name: n})
	}
	return loadCatalogue(read, nil, refs, false, diags)
}

// reference names a catalogue from a place.
type reference struct {
	name string // as written
	dir  string // of the file that names it
	at   source.Span
}

// loader reads the files of a design.
type loader struct {
	read  source.Reader
	texts Texts // nil: those of this program
	diags *diag.List
	seen  map[string]bool // by clean path
	open  []string        // the files that include one another on the way to the one being read
	files []*dsl.File
	refs  []reference

	catalogue *Catalogue // as it was read
}

// design reads a file of the design with what it includes. It reports whether the file could be read.
func (l *loader) design(name string, at source.Span) bool {
	key := path.Clean(name)
	if i := slices.Index(l.open, key); i >= 0 {
		l.diags.Errorf(CodeCycle, at, "%q includes itself: %s; leave one `include` out", name, strings.Join(append(slices.Clone(l.open[i:]), key), " → "))
		return true
	}
	if l.seen[key] {
		return true
	}
	l.seen[key] = true
	var text string
	if pack, ok := strings.CutPrefix(name, packPrefix); ok && at.IsValid() {
		if text, ok = l.pack(pack); !ok {
			l.diags.Errorf(CodeRead, at, "there is no pack %q%s", pack, diag.DidYouMean(pack, Packs())).Helpf("the packs are %s", strings.Join(Packs(), ", "))
			return false
		}
	} else {
		var err error
		if text, err = l.read(name); err != nil {
			d := l.diags.Errorf(CodeRead, at, "cannot read %q: %v", name, err)
			if at.IsValid() && path.Ext(name) == "" {
				d.Helpf("files of a design end in .vbn: include %q", path.Base(name)+".vbn")
			}
			return false
		}
	}
	f := dsl.Parse(source.New(name, text), l.diags)
	l.files = append(l.files, f)
	l.open = append(l.open, key)
	defer func() { l.open = l.open[:len(l.open)-1] }()
	dir := path.Dir(name)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *dsl.Use:
			l.refs = append(l.refs, reference{d.Path.Value, dir, d.Path.Span})
		case *dsl.Include:
			if !l.design(relative(dir, d.Path.Value), d.Path.Span) {
				f.Broken = append(f.Broken, dsl.Name{}) // nobody knows what it declares
			}
		}
	}
	return true
}

// pack returns the text of a pack, and whether there is one.
func (l *loader) pack(name string) (string, bool) {
	if l.texts != nil {
		text, ok := l.texts[packPrefix+name]
		return text, ok
	}
	return PackText(name)
}

// relative resolves a path that a file in dir says.
func relative(dir, name string) string {
	if path.IsAbs(name) || strings.HasPrefix(name, packPrefix) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
