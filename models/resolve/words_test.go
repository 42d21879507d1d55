package resolve

import (
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/models"
)

// TestRelationWords: the relations of the language are those of its table of words, and a clause that states one has a place for what it says.
func TestRelationWords(t *testing.T) {
	t.Parallel()
	own := []string{"has", "is", "over"} // lead to controls, kinds and protocols
	for _, w := range dsl.Words(dsl.RelationWord) {
		b, ok := models.BaseRelations[w]
		if ok == slices.Contains(own, w) {
			t.Errorf("%s", w)
		}
		if ok && dsl.IsWord(w, dsl.ElementClause) && b.Said == nil && w != "stores" {
			t.Errorf("nothing takes what %q says", w)
		}
	}
	for w := range models.BaseRelations {
		if !dsl.IsWord(w, dsl.RelationWord) {
			t.Errorf("%q is no word of the language", w)
		}
	}
	for w := range models.ShortForms {
		if !dsl.IsWord(w, dsl.PropertyWord) {
			t.Errorf("%q is no property", w)
		}
	}
}
