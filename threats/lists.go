package threats

import (
	_ "embed"
	"slices"

	"gopkg.in/yaml.v3"
)

//go:embed lists.yaml
var embeddedLists []byte

// List is a published list of threats or demands that entries of catalogues refer to.
type List struct {
	ID    string     `yaml:"id"`    // a short name: stride, oat, api-top-10, pci-dss
	Title string     `yaml:"title"` // with its publisher and edition
	Scope string     `yaml:"scope"` // the class of data that it is about; empty: everything
	Items []ListItem `yaml:"items"`
}

// ListItem is one entry of a [List].
type ListItem struct {
	ID      string `yaml:"id"` // as it stands in `refs` or, for STRIDE, in `stride`
	Title   string `yaml:"title"`
	Outside string `yaml:"outside"` // why no threat of the built-in catalogues refers to it; empty where one does
}

// Lists returns the lists that the built-in catalogues account for, each entry by threats that refer to it or by a reason why none can.
func Lists() []List {
	var out struct {
		Lists []List `yaml:"lists"`
	}
	if err := yaml.Unmarshal(embeddedLists, &out); err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return out.Lists
}

// RefersTo reports whether a threat refers to an entry of a list.
func (t *Threat) RefersTo(item ListItem) bool {
	return slices.Contains(t.Refs, item.ID) || slices.Contains(t.Stride, item.ID)
}
