package threats

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// Word is a name that designs may use, with its synonyms.
type Word struct {
	Name     string
	What     string // kind, class, control, protocol, relation, attribute or predicate
	Is       string // what it is a kind of, or is made for
	Title    string
	Synonyms []string // in order
	rank     int
}

// Words returns the words of a vocabulary that have to do with a word: the one of that name first, then what it is a synonym of, then
// those whose name, synonyms or title contain it. An empty word finds all.
func Words(v *models.Vocabulary, word string) []Word {
	word = strings.ToLower(word)
	var out []Word
	add := func(synonyms map[string]string, w Word) {
		var own []string
		for s, means := range synonyms {
			if means == w.Name {
				own = append(own, s)
			}
		}
		slices.Sort(own)
		name := strings.ToLower(w.Name)
		switch {
		case word == "":
		case name == word:
			w.rank = 1
		case slices.Contains(own, word):
			w.rank = 2
		case strings.Contains(name, word):
			w.rank = 3
		case slices.ContainsFunc(own, func(s string) bool { return strings.Contains(strings.ToLower(s), word) }):
			w.rank = 4
		case strings.Contains(strings.ToLower(w.Title), word):
			w.rank = 5
		default:
			return
		}
		w.Synonyms = own
		out = append(out, w)
	}
	for name, k := range v.Kinds {
		what, parent := "kind", ""
		if k.Root().Name == models.DataRoot {
			what = "class"
		}
		if k.Parent != nil {
			parent = k.Parent.Name
		}
		add(v.Synonyms.Kinds, Word{Name: name, What: what, Is: parent, Title: k.Title})
	}
	kinds := func(list []*models.Kind) string {
		var names []string
		for _, k := range list {
			names = append(names, k.Name)
		}
		return strings.Join(names, ", ")
	}
	for name, c := range v.Controls {
		add(v.Synonyms.Controls, Word{Name: name, What: "control", Is: kinds(c.Of), Title: c.Title})
	}
	for name, p := range v.Protocols {
		parent := ""
		if p.Parent != nil {
			parent = p.Parent.Name
		}
		add(v.Synonyms.Protocols, Word{Name: name, What: "protocol", Is: parent, Title: p.Title})
	}
	for name, r := range v.Relations {
		add(v.Synonyms.Relations, Word{Name: name, What: "relation", Is: r.From.Name + " → " + r.To.Name, Title: r.Title})
	}
	for name, a := range v.Attributes {
		add(nil, Word{Name: name, What: "attribute", Is: kinds(a.Of)})
	}
	for name, p := range v.Predicates {
		add(nil, Word{Name: name, What: "predicate", Is: kinds(p.Args), Title: p.Title})
	}
	slices.SortFunc(out, func(x, y Word) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.Name, y.Name), cmp.Compare(x.What, y.What))
	})
	return out
}
