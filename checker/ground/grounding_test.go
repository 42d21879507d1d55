package ground

import (
	"strings"
	"sync"
	"testing"

	"github.com/vauban-verifier/vauban/checker/system"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

const finished = `design "Finished" use "retail"
zone Net: public
zone Core: private
actor Shopper: customer in Net
component Shop: storefront in Core { has waf? }
data Code: signing_key
data Own: credential of Shopper
flow Browse: Shopper -> Shop over https
attacker Cheat { in Net is Shopper budget 3 }
process P {
  domain Coin = gold, silver secret
  domain Size = 0..3
  var size: Size = 0
  fact paid(Coin)
  message Pay(Coin, Size) over Browse signed by Code
  step Ask by Shopper sends Pay(gold, 2)
  step Take(c: Coin, n: Size) by Shop receives Pay(c, n) do size := n, paid(c)
}
require Small: never size = 2
`

// TestFinishedIsReadByMany asks everything of a grounding by many at once: under the race detector, what is made only when it is asked for shows. All get the same answers.
func TestFinishedIsReadByMany(t *testing.T) {
	t.Parallel()
	g, err := Ground(t.Context(), threatstest.Load(t, threatstest.Texts(map[string]string{"f.vbn": finished}), "f.vbn"))
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, 4)
	var wait sync.WaitGroup
	for i := range texts {
		wait.Go(func() { texts[i] = told(g) })
	}
	wait.Wait()
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("one is told\n%s\nand another\n%s", texts[0], text)
		}
	}
	for _, want := range []string{"step Take(gold, 2)", "the attacker sends", "size = 2", "Pay(gold, 2) in flight", "seen Pay(gold, 2)", "knows(silver)", "waf on Shop", "exploit"} {
		if !strings.Contains(texts[0], want) {
			t.Errorf("nothing is called %q in\n%s", want, texts[0])
		}
	}
}

// told is all that a grounding tells.
func told(g *Grounding) string {
	var b strings.Builder
	put := func(texts ...string) { b.WriteString(strings.Join(texts, " ") + "\n") }
	for r := range int32(g.System.Rules()) {
		rule, deed := g.Rule(r), g.Deed(r)
		put(g.RuleName(r), rule.Says, deed.Name)
		for _, o := range g.Alike(r) {
			put("", g.RuleName(o))
		}
	}
	for f := range int32(g.System.Facts()) {
		yes, _ := g.Says(f, true)
		no, _ := g.Says(f, false)
		put(g.FactName(f), g.Literal(f, false), yes, no)
		g.Changes([]int32{f}, []int32{f})
	}
	for c := range int32(g.System.Choices()) {
		put(g.ChoiceName(g.System.Choice(c)))
	}
	for _, cases := range g.Cases {
		for _, c := range cases {
			for _, f := range g.Honest(c.Question).Start {
				put(g.FactName(f))
			}
		}
	}
	for _, d := range g.DomainsIn([]int32{0, int32(g.System.Facts() - 1)}, []int32{int32(g.System.Rules() - 1)}) {
		put(d.Name)
	}
	put(g.ChoiceName(system.Lit(g.System.Choice(0)).Not()))
	return b.String()
}
