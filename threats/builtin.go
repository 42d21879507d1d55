package threats

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
)

//go:embed catalogues/*.yaml packs/*.vbn
var embedded embed.FS

// packPrefix begins what `include` names of the packs: requirements that come with the product.
const packPrefix = "pack:"

// Packs returns the names of the packs.
func Packs() []string { return names("packs", ".vbn") }

// Builtin returns the names of the embedded catalogues.
func Builtin() []string { return names("catalogues", ".yaml") }

func names(dir, extension string) []string {
	entries, err := embedded.ReadDir(dir)
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), extension))
	}
	return out
}

// builtin are the catalogues that were put together from built-in ones alone, by their names, whole or as words. They are read once in a process, and nobody changes them.
var builtin sync.Map

// builtinCatalogue returns the catalogue that references to built-in ones come to, or with words its words alone; false where another one is among them.
func builtinCatalogue(refs []reference, words bool) (*Catalogue, bool) {
	key := "whole"
	if words {
		key = "words"
	}
	for _, r := range refs {
		if !slices.Contains(Builtin(), r.name) {
			return nil, false
		}
		key += " " + r.name
	}
	once, _ := builtin.LoadOrStore(key, sync.OnceValue(func() *Catalogue {
		diags := &diag.List{}
		c := loadCatalogue(nil, nil, refs, words, diags)
		if diags.HasErrors() {
			panic("vauban: internal error: a built-in catalogue: " + diags.Sorted()[0].Message)
		}
		return c
	}))
	return once.(func() *Catalogue)(), true
}

// BuiltinText returns the text of an embedded catalogue.
func BuiltinText(name string) string {
	data, err := embedded.ReadFile("catalogues/" + name + ".yaml")
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return string(data)
}

// PackText returns the text of a pack, and whether there is one of that name.
func PackText(name string) (string, bool) {
	if !slices.Contains(Packs(), name) {
		return "", false
	}
	data, err := embedded.ReadFile("packs/" + name + ".vbn")
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return string(data), true
}

// Embedded returns the text that a path stands for in this program, "builtin:NAME" or "pack:NAME", and whether it has one.
func Embedded(path string) (string, bool) {
	if name, ok := strings.CutPrefix(path, embeddedPath); ok && slices.Contains(Builtin(), name) {
		return BuiltinText(name), true
	}
	if name, ok := strings.CutPrefix(path, packPrefix); ok {
		return PackText(name)
	}
	return "", false
}

// document is a built-in catalogue as it was parsed.
type document struct {
	doc  *yamldoc.Document
	root *yaml.Node
}

// documents are the built-in catalogues by name. All are parsed, side by side, as soon as one is asked for, each once in a process; nobody changes them.
var documents = sync.OnceValue(func() map[string]func() document {
	out := map[string]func() document{}
	for _, name := range Builtin() {
		out[name] = sync.OnceValue(func() document {
			diags := &diag.List{}
			doc, root := yamldoc.Parse(source.New(embeddedPath+name, BuiltinText(name)), "catalogue", "catalogue", diags)
			if root == nil {
				panic("vauban: internal error: a built-in catalogue: " + diags.Sorted()[0].Message)
			}
			return document{doc, root}
		})
	}
	for _, read := range out {
		go read()
	}
	return out
})

// builtinDocument returns a built-in catalogue; what is wrong with it is told to diags.
func builtinDocument(name string, diags *diag.List) (*yamldoc.Document, *yaml.Node) {
	d := documents()[name]()
	return d.doc.For(diags), d.root
}
