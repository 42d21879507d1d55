package trail

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/reports/notary"
)

var update = flag.Bool("update", false, "rewrite the test vectors")

// vectors are trails with the check that refuses each. What is long stands once, in Texts, and is named by its place there.
type vectors struct {
	Trust   *notary.Trust `json:"trust"`
	Texts   []string      `json:"texts"`
	Vectors []vector      `json:"vectors"`
}

type vector struct {
	Name      string   `json:"name"`
	Entries   [][3]int `json:"entries"` // entry, receipt, sealed document in hexadecimal; -1: none
	Trail     string   `json:"trail"`
	Known     *Head    `json:"known,omitempty"`
	Document  int      `json:"document"`
	Salt      string   `json:"salt,omitempty"`
	AsOf      string   `json:"as_of"`
	MaxAge    int      `json:"max_age"`
	Ledger    []int    `json:"ledger"` // the records of tag vauban.trail.v2, in hexadecimal
	RefusedBy string   `json:"refused_by"`
}

// text returns the place of a text, and puts it there if it is new.
func (v *vectors) text(s string) int {
	if i := slices.Index(v.Texts, s); i >= 0 {
		return i
	}
	v.Texts = append(v.Texts, s)
	return len(v.Texts) - 1
}

func (v *vectors) add(name, check string, w *world, in *Input) {
	out := vector{Name: name, Trail: in.Trail, Known: in.Known, Document: v.text(string(in.Document)), Salt: in.Salt, AsOf: in.AsOf, MaxAge: in.MaxAge, RefusedBy: check}
	for _, item := range w.items {
		at := [3]int{v.text(string(item.Files[0])), -1, -1}
		if item.Files[1] != nil {
			at[2] = v.text(hex.EncodeToString(item.Files[1]))
		}
		if item.Receipt != nil {
			at[1] = v.text(string(item.Receipt))
		}
		out.Entries = append(out.Entries, at)
	}
	for _, f := range w.ledger {
		out.Ledger = append(out.Ledger, v.text(hex.EncodeToString(f.Data)))
	}
	v.Vectors = append(v.Vectors, out)
}

// input is what a verifier is asked by a vector.
func (v *vectors) input(t *testing.T, x vector) *Input {
	t.Helper()
	in := &Input{Trust: v.Trust, Trail: x.Trail, Known: x.Known, Document: []byte(v.Texts[x.Document]), Salt: x.Salt, AsOf: x.AsOf, MaxAge: x.MaxAge, Searched: true}
	for _, i := range x.Ledger {
		data, err := hex.DecodeString(v.Texts[i])
		if err != nil {
			t.Fatal(err)
		}
		in.Ledger = append(in.Ledger, notary.Found{Data: data})
	}
	in.Entries = func(yield func(*notary.Item, error) bool) {
		var err error
		for i, e := range x.Entries {
			item := &notary.Item{Number: i + 1, Files: [][]byte{[]byte(v.Texts[e[0]]), nil}}
			if e[2] >= 0 {
				if item.Files[1], err = hex.DecodeString(v.Texts[e[2]]); err != nil {
					t.Error(err)
				}
			}
			if e[1] >= 0 {
				item.Receipt = []byte(v.Texts[e[1]])
			}
			if !yield(item, nil) {
				return
			}
		}
	}
	return in
}

// The vectors in testdata are for other verifiers: honest trails, for each check but one a trail that it alone refuses, and each forgery of what is sealed, of credentials and of other DIDs. A predecessor takes two trails.
func TestVectors(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "vectors.json")
	if *update {
		w := honest(t)
		v := &vectors{Trust: w.trust}
		v.add("honest", "", w, w.input(design(t, 2)))
		w, c := honest(t), closedDesign(t)
		sealedReport(w, c)
		w.add(KindDisclose, c.disclosed, by{"shop", AsFounder})
		v.add("sealed and disclosed", "", w, w.input(c.doc))
		w = accredited(t)
		v.add("a role by a credential", "", w, w.input(design(t, 1)))
		w = vouched(t, "did:web:shop.example", webDocument("did:web:shop.example", "shop"))
		v.add("a domain vouches for a key", "", w, w.input(design(t, 1)))
		did, shown := purse{"here", coordinators}.identity(t, "shop")
		w = vouched(t, did, shown)
		v.add("an identity on the ledger vouches for a key", "", w, w.input(design(t, 1)))
		seen := map[string]bool{Predecessor: true}
		core := len(coreForgeries(t))
		for i, f := range forgeries(t) {
			if i < core && seen[f.check] {
				continue
			}
			seen[f.check] = true
			w, in := f.forge(t)
			v.add(f.name, f.check, w, in)
		}
		data, err := json.MarshalIndent(v, "", " ")
		if err == nil {
			err = os.WriteFile(path, append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{}
	for _, x := range v.Vectors {
		refused[x.RefusedBy] = true
		var want []string
		if x.RefusedBy != "" {
			want = []string{x.RefusedBy}
		}
		if names, says := failed((&question{in: v.input(t, x)}).agree(t, x.Name)); !slices.Equal(names, want) {
			t.Errorf("%s: refused by %q, expected %q", x.Name, says, want)
		}
	}
	if n := len(mustVerify(t, honest(t).input(nil)).Checks); len(refused) != n { // without those that a trust file has to ask for
		t.Errorf("the vectors are refused by %d checks and none, expected each of the %d checks but one", len(refused)-1, n)
	}
}
