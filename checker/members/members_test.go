package members_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/members"
	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

const many = `design "Many"
use "` + oracle.CatalogueName + `"
zone Net: public
zone Core: zone
actor Shopper: crowd in Net
actor Psp: crowd in Net
data Wish: record, credential of Shopper
data Key: credential of Psp
data Both: record
component Phone: tool in Net of Shopper { accepts Key handles Wish runs on Shop feeds Shop }
component Shop: webapp in Core { stores Wish, Both feeds Phone }
flow Ask: Phone -> Shop over https { carries Wish, Both returns Key authenticated by Wish }
flow Pay: Psp -> Shop over https { through Phone carries Key }
flow Plain: Shop -> Shop over https { carries Wish }
attacker Cheat { is Shopper }
process Early {
  step Again(n: N) by Shop receives Order(n)
}
process P {
  domain N = 0..1
  value whose(N): credential = { 0: Key, 1: Key }
  var asked(Shopper): N = 0
  message Order(N) over Ask
  message Paid(x: N) over Pay signed by Key
  step Take(n: N) by Shop for s: Shopper receives Order(n) when asked(s) = 0 and Phone accepts whose(n) and Shop.port != none do asked(s) := n
  step Settle by Psp, Shop sends Paid(if asked(Shopper) = 0 then 0 else 1)
}
process Q {
  step Idle by Shop when owned(Phone) do forall s: Shopper | asked(s) := 0
}
define owned(x: component): controls(x) and not x has guard
require R: never controls(Shop)
`

func load(t *testing.T, text string) *models.Design {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		switch name {
		case "many.vbn":
			return text, nil
		case oracle.CatalogueName:
			return oracle.Catalogue, nil
		}
		return "", errors.New("no such file")
	}, []string{"many.vbn"}, diags)
	if m == nil {
		var b strings.Builder
		_ = diag.Render(&b, diags.Sorted(), diag.Options{}) // a strings.Builder never fails
		t.Fatal(b.String())
	}
	return m.Design
}

// split is what the design above is split into: each reference is to a copy that goes with the one that has it, and to each where that is open.
const split = `
Net
Core
Shopper; in Net
Psp; in Net
Wish; of Shopper
Key; of Psp
Both
Phone; in Net; of Shopper; handles Wish; accepts Key, own Key; runs on Shop; feeds Shop
Shop; in Core; stores Wish; stores own Wish; stores Both; feeds Phone, own Phone
Ask; Phone -> Shop; carries Wish, Both; returns Key, own Key; by Wish
Pay; Psp -> Shop; through Phone; carries Key
Plain; Shop -> Shop; carries Wish, own Wish
own Shopper (own); in Net
own Psp (own); in Net
own Wish (own); of own Shopper
own Key (own); of own Psp
own Phone (own); in Net; of own Shopper; handles own Wish; accepts Key, own Key; runs on Shop; feeds Shop
own Ask (own); own Phone -> Shop; carries own Wish, Both; returns Key, own Key; by own Wish
Pay of own Shopper (own); Psp -> Shop; through own Phone; carries Key
Pay of own Psp (own); own Psp -> Shop; through Phone; carries own Key
own Pay (own); own Psp -> Shop; through own Phone; carries own Key
step Again by Shop; receives Order (n); when true
step own Again by Shop; receives own Order (n); when true
message Order of 1 fields over Ask
message own Order of 1 fields over own Ask
message Paid of 1 fields over Pay signed by Key
message Paid of own Shopper of 1 fields over Pay of own Shopper signed by Key
message Paid of own Psp of 1 fields over Pay of own Psp signed by own Key
message own Paid of 1 fields over own Pay signed by own Key
step Take by Shop; receives Order (n); when asked(Shopper) = 0 and Phone accepts whose(n) and Shop.port != none; do [Shopper] := n
step own Take by Shop; receives own Order (n); when asked(own Shopper) = 0 and own Phone accepts whose(n) and Shop.port != none; do [own Shopper] := n
step Settle by Psp, Shop; when true; sends Paid (if (asked(Shopper) = 0) then 0 else 1)
step Settle of own Shopper by Psp, Shop; when true; sends Paid of own Shopper (if (asked(own Shopper) = 0) then 0 else 1)
step Settle of own Psp by own Psp, Shop; when true; sends Paid of own Psp (if (asked(Shopper) = 0) then 0 else 1)
step own Settle by own Psp, Shop; when true; sends own Paid (if (asked(own Shopper) = 0) then 0 else 1)
step Idle by Shop; when controls(Phone) and not Phone has guard; do [s] := 0
`

// told writes all that a split design has of elements, messages and steps.
func told(d *members.Design) string {
	var b strings.Builder
	names := func(list []*models.Element) string {
		var out []string
		for _, e := range list {
			out = append(out, e.Name)
		}
		return strings.Join(out, ", ")
	}
	put := func(word string, list []*models.Element) {
		if len(list) > 0 {
			fmt.Fprintf(&b, "; %s %s", word, names(list))
		}
	}
	for _, e := range d.Elements {
		fmt.Fprintf(&b, "%s", e.Name)
		if e.Own {
			b.WriteString(" (own)")
		}
		put("in", e.Zones)
		if e.Of != nil {
			put("of", []*models.Element{e.Of})
		}
		for _, s := range e.Stores {
			put("stores", []*models.Element{s.Data})
		}
		put("handles", e.Handles)
		put("accepts", e.Accepts)
		put("runs on", e.RunsOn)
		for _, r := range slices.SortedFunc(maps.Keys(e.Relations), func(x, y *models.Relation) int { return strings.Compare(x.Name, y.Name) }) {
			put(r.Name, e.Relations[r])
		}
		if f := e.Flow; f != nil {
			fmt.Fprintf(&b, "; %s -> %s", f.Source.Name, f.Target.Name)
			put("through", f.Through)
			put("carries", f.Carries)
			put("returns", f.Returns)
			put("by", f.Authenticated)
		}
		b.WriteString("\n")
	}
	terms := func(word string, list []models.MessageTerm) {
		for _, t := range list {
			fmt.Fprintf(&b, "; %s %s", word, t.Message.Name)
			for _, a := range t.Args {
				fmt.Fprintf(&b, " (%s)", a)
			}
		}
	}
	for _, p := range d.Processes {
		for _, m := range p.Messages {
			fmt.Fprintf(&b, "message %s of %d fields over %s", m.Name, len(m.Fields), m.Over.Name)
			if m.Signed != nil {
				fmt.Fprintf(&b, " signed by %s", m.Signed)
			}
			b.WriteString("\n")
		}
		for _, s := range p.Steps {
			fmt.Fprintf(&b, "step %s by %s", s.Name, names(s.By))
			terms("receives", s.Receives)
			fmt.Fprintf(&b, "; when %s", s.When)
			for _, e := range s.Do {
				fmt.Fprintf(&b, "; do %v := %s", e.Args, e.Value)
			}
			terms("sends", s.Sends)
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestSplit(t *testing.T) {
	t.Parallel()
	declared := load(t, many)
	before := told(&members.Design{Design: declared})
	d := members.Split(declared)
	if got := told(d); got != split[1:] {
		t.Errorf("it is split into\n%s", got)
	}
	for i, e := range d.Elements {
		if e.ID != i || e.Like != declared.Lookup(e.Like.Name) || i < len(declared.Elements) && e.Name != declared.Elements[i].Name {
			t.Errorf("element %d is %s with ID %d, like %v", i, e.Name, e.ID, e.Like)
		}
	}
	for _, p := range d.Processes {
		for _, s := range p.Steps {
			if (s.Like == nil) != (s.Name == "Idle") {
				t.Errorf("step %s is like %v", s.Name, s.Like)
			}
			s.When.Walk(func(x *models.Expr) bool {
				if x.Op == models.OpEq && len(x.Args) != 2 || x.Op == models.OpNe && (len(x.Args) != 2 || x.Args[0] != x.Args[1]) {
					t.Errorf("step %s compares %v", s.Name, x.Args)
				}
				return true
			})
		}
		for _, m := range p.Messages {
			if m.Like != nil && !strings.HasSuffix(m.Name, m.Like.Name) && !strings.HasPrefix(m.Name, m.Like.Name) {
				t.Errorf("message %s is like %s", m.Name, m.Like.Name)
			}
		}
	}
	if after := told(&members.Design{Design: declared}); after != before {
		t.Errorf("the design that was split is now\n%s", after)
	}
}

// TestWhose asks whose a copy is, and for the one that goes with others.
func TestWhose(t *testing.T) {
	t.Parallel()
	declared := load(t, many)
	d := members.Split(declared)
	at := func(name string) *models.Element {
		t.Helper()
		i := slices.IndexFunc(d.Elements, func(e *models.Element) bool { return e.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s", name)
		}
		return d.Elements[i]
	}
	for name, want := range map[string]string{"Shopper": "own Shopper", "Wish": "own Wish", "Pay": "own Pay", "Shop": "Shop"} {
		if got := d.Own(declared.Lookup(name)); got != at(want) {
			t.Errorf("the attacker's %s is %s", name, got.Name)
		}
	}
	for _, c := range []struct {
		of   string
		with []string
		want string
	}{
		{"Key", nil, "Key"},
		{"Key", []string{"own Shopper"}, "Key"},
		{"Key", []string{"Shopper", "own Psp"}, "own Key"},
		{"Wish", []string{"own Ask"}, "own Wish"},
		{"Pay", []string{"own Wish"}, "Pay of own Shopper"},
		{"Pay", []string{"own Key", "Wish"}, "Pay of own Psp"},
		{"Pay", []string{"own Key", "own Phone"}, "own Pay"},
		{"Pay", []string{"Pay of own Shopper"}, "Pay of own Shopper"},
		{"Shop", []string{"own Key"}, "Shop"},
	} {
		var with []*models.Element
		for _, name := range c.with {
			with = append(with, at(name))
		}
		if got := d.With(declared.Lookup(c.of), with); got != at(c.want) {
			t.Errorf("the %s that goes with %v is %s, expected %s", c.of, c.with, got.Name, c.want)
		}
	}
	for _, c := range []struct {
		of, actor string
		others    bool
	}{
		{"Wish", "Shopper", true}, {"own Wish", "Shopper", false}, {"Pay of own Shopper", "Shopper", false}, {"Pay of own Shopper", "Psp", true}, {"own Pay", "Psp", false},
	} {
		if got := d.Others(at(c.of), declared.Lookup(c.actor)); got != c.others {
			t.Errorf("%s is another %s's: %v", c.of, c.actor, got)
		}
	}
}

// TestNobodyIsMany checks that a design without such an actor stays as it is.
func TestNobodyIsMany(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(many, ": crowd", ": business")
	for _, s := range []string{" of Shopper", " of Psp", " for s: Shopper", "var asked(Shopper): N = 0\n  "} {
		text = strings.ReplaceAll(text, s, "")
	}
	text = strings.NewReplacer("asked(s) = 0 and ", "", " do asked(s) := n", "", "if asked(Shopper) = 0 then 0 else 1", "0", " do forall s: Shopper | asked(s) := 0", "", "is Shopper", "controls Shopper").Replace(text)
	declared := load(t, text)
	d := members.Split(declared)
	shop := declared.Lookup("Shopper")
	if d.Design != declared || d.Own(shop) != shop || d.With(shop, []*models.Element{shop}) != shop {
		t.Error("a design in which nobody is many is split")
	}
}
