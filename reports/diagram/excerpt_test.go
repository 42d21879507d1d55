package diagram

import (
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/models"
)

// TestExcerpt draws a flow alone: its ends and their zones come with it, and no line leads to what is left out.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	root := func(name string) []*models.Kind { return []*models.Kind{{Name: name}} }
	net := &models.Element{ID: 0, Name: "Net", Kinds: root(models.ZoneRoot)}
	core := &models.Element{ID: 1, Name: "Core", Kinds: root(models.ZoneRoot), Zones: []*models.Element{net}}
	other := &models.Element{ID: 2, Name: "Other", Kinds: root(models.ComponentRoot), Zones: []*models.Element{net}}
	shop := &models.Element{ID: 3, Name: "Shop", Kinds: root(models.ComponentRoot), Zones: []*models.Element{core}, RunsOn: []*models.Element{other}}
	db := &models.Element{ID: 4, Name: "Db", Kinds: root(models.ComponentRoot), Zones: []*models.Element{core}}
	save := &models.Element{ID: 5, Name: "Save", Kinds: root(models.FlowRoot), Flow: &models.FlowEnds{Source: shop, Target: db}}
	d := &models.Design{Vocabulary: models.NewVocabulary(), Elements: []*models.Element{net, core, other, shop, db, save}}
	scene := Attack(d, nil, &explain.Attack{Steps: []explain.Step{{Kind: "threat", ID: "tap", Elements: []*models.Element{save}}}})
	part := Excerpt(d, scene)
	var names []string
	for _, e := range part.Elements {
		names = append(names, e.Name)
	}
	if want := []string{"Net", "Core", "Shop", "Db", "Save"}; !slices.Equal(names, want) {
		t.Errorf("it has %q, want %q", names, want)
	}
	var out strings.Builder
	if err := Mermaid(&out, part, scene); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "e2") || !strings.Contains(s, `e3 -->|"(1) Save"| e4`) {
		t.Errorf("it draws\n%s", s)
	}
}
