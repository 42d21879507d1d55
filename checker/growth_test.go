package checker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// ruleCounts grounds a design and counts the rules of each threat.
func ruleCounts(t *testing.T, s *sketch) (counts map[string]int, elements int) {
	t.Helper()
	g, err := ground.Ground(t.Context(), resolve(t, s.plain(), builtin()))
	if err != nil {
		t.Fatal(err)
	}
	counts = map[string]int{}
	for r := range int32(g.System.Rules()) {
		counts[g.Threat(r).ID]++
	}
	return counts, len(s.parts)
}

// town joins copies of all attacked cases: plain zones of one kind are shared by all, everything else is there once for each copy.
func town(from []*sketch, copies int) *sketch {
	s := &sketch{goal: from[0].goal, about: 0}
	for range copies {
		for i := 0; i < len(from); i += 2 {
			s.join(from[i])
		}
	}
	s.goal, s.about = from[0].goal, s.part(models.FlowRoot)
	return s
}

// part returns the first part of a kind.
func (s *sketch) part(kind string) int {
	return slices.IndexFunc(s.parts, func(p part) bool { return p.is(kind) })
}

// growsFaster are the threats whose rules grow faster than the design, with the reason.
var growsFaster = map[string]string{
	"spy-by-camera":    "each camera in a place sees each flow there; there are few of the one and of the other",
	"steal-cargo":      "the vehicles of a town of copies share one inside with all that lies in it",
	"steal-from-round": "the vans of a town of copies share one inside with all that lies in it",
}

// TestRulesGrowLinearly grounds a town of all cases, once, twice and three times as large, and checks that no threat has more new rules in the second
// step than in the first, unless that is argued.
func TestRulesGrowLinearly(t *testing.T) {
	alone(t)
	t.Parallel()
	from := cases(t)
	one, size := ruleCounts(t, town(from, 1))
	two, _ := ruleCounts(t, town(from, 2))
	three, _ := ruleCounts(t, town(from, 3))
	total := 0
	for _, threat := range builtin().Threats {
		id := threat.ID
		if one[id] == 0 {
			t.Errorf("%s has no rule in the town", id)
		}
		first, second := two[id]-one[id], three[id]-two[id]
		if reason := growsFaster[id]; (second > first+first/20) != (reason != "") {
			t.Errorf("%s has %d, %d, %d rules in towns of one, two and three copies, and the reason given is %q", id, one[id], two[id], three[id], reason)
		}
		total += one[id]
	}
	t.Logf("%d elements, %d rules; three copies: %d rules", size, total, sum(three))
}

func sum(counts map[string]int) int {
	n := 0
	for _, k := range counts {
		n += k
	}
	return n
}

// fromAnywhere are the threats that ask for an attacker in any public network, tied to nothing else of the rule: they have a rule for each public network
// and each of what they attack. A design has one or two public networks, and to say which of them reaches what would take a drawing that nobody makes.
var fromAnywhere = []string{
	"alter-answers-in-transit", "alter-in-transit", "breach-supplier", "clickjacking", "consent-phishing", "cross-origin-read",
	"dependency-confusion", "dns-cache-poisoning", "fictitious-pickup", "find-open-port", "hostile-neighbour", "key-in-app", "leaked-repository", "leave-inner-network", "malicious-attachment",
	"open-bucket", "open-snapshot", "parameter-tampering", "payment-notification-forgery", "phishing", "poisoned-pipeline",
	"reach-from-zone", "read-text-messages", "redirected-by-client", "redirected-login", "redirected-token", "relay-phishing", "relayed-authentication", "request-forgery",
	"session-in-address", "subdomain-takeover", "take-number", "tap", "write-open-bucket",
}

// TestFewRulesForEachZone checks which threats have a rule for each pair of a public network and something else: only those for which this is argued.
func TestFewRulesForEachZone(t *testing.T) {
	alone(t)
	t.Parallel()
	s := town(cases(t), 2) // so that what is there once is there twice
	before, _ := ruleCounts(t, s)
	const more = 10
	for _, kind := range []string{"public", "private", "road"} {
		for range more {
			s.parts = append(s.parts, part{root: models.ZoneRoot, zone: -1, kinds: []string{kind}})
		}
	}
	after, _ := ruleCounts(t, s)
	var got []string
	for _, threat := range builtin().Threats {
		if after[threat.ID] > before[threat.ID]+more {
			got = append(got, threat.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, fromAnywhere) {
		t.Errorf("threats with a rule for each pair of a zone and something else:\n%q\nexpected\n%q", got, fromAnywhere)
	}
}

// hubs are kinds of parts of which many others have one in common.
var hubs = []string{"message_broker", "payment_provider", "cdn", "authorization_server", "dns_service", "courier", "customer"}

// sharing joins copies of cases in which there is a part of a kind: the copies of a case have these parts in common, and all that they say of them is said of one.
func sharing(from []*sketch, kind string, copies int) *sketch {
	s := &sketch{}
	for i := 0; i < len(from); i += 2 {
		if from[i].part(kind) >= 0 {
			s.copies(from[i], copies, func(part int) bool { return from[i].parts[part].is(kind) })
		}
	}
	return s
}

// copies joins copies of a case that have some parts in common.
func (s *sketch) copies(of *sketch, n int, shared func(part int) bool) {
	common := map[int]int{} // by part of the case
	for range n {
		at := s.joinWith(of, common, shared)
		s.goal, s.about = of.goal, at[of.about]
	}
}

// sharedFaster are the threats whose rules grow faster than what has a hub in common, with the reason.
var sharedFaster = map[string]string{
	"spy-by-camera":              growsFaster["spy-by-camera"],
	"session-theft":              "a page that is poisoned meets all sessions of who looks at it; one person stands for the customers of one shop or a few",
	"ride-session":               "a page that is poisoned meets all sessions of who looks at it; one person stands for the customers of one shop or a few",
	"card-skimming":              "a device that is captured meets all that is entered on it; one person stands for the customers of one shop or a few",
	"payment-redirect-tampering": "where one person buys in several shops, the drawing does not say which of her providers which shop's pages lead to",
	"be-issued-token":            "a server that issues tokens issues them for each login that goes to it, and the drawing does not say which login gives which",
	"redirected-token":           "as be-issued-token",
	"rewrite-pages-on-the-way":   "what goes to a delivery network may show the pages of each app behind it: the drawing does not say which",
}

// paired are the built-in threats that have a rule for each pair of what shares an element, with the reason why they are left so.
var paired = map[string]string{
	"excessive-data-exposure": "what an answer holds too much hangs on what that answer should hold; most interfaces have few of either",
}

// TestPairsAreFound finds the threats that have a rule for each pair of what shares an element by their conditions, shares that element in the case of each, and counts: each has more new rules for the third
// copy than for the second, and each is argued.
func TestPairsAreFound(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, threat := range builtin().Threats {
		id := threat.ID
		h, ok := threats.HubOf(threat)
		if !ok {
			continue
		}
		if found[id] = true; paired[id] == "" {
			t.Errorf("%s has a rule for each pair of %q and %q that share %q", id, h.One.Name, h.Other.Name, h.Hub.Name)
		}
		squares := false
		for _, c := range threats.CasesOf(id) {
			of := sketchOf(resolve(t, c.Attacked, builtin()).Design)
			for i := range of.parts {
				if squares || !of.parts[i].is(h.Hub.Type.Kind.Name) {
					continue
				}
				var counts [3]int
				for n := range counts {
					s := &sketch{}
					s.copies(of, n+1, func(part int) bool { return part == i })
					rules, _ := ruleCounts(t, s)
					counts[n] = rules[id]
				}
				squares = counts[2]-counts[1] > counts[1]-counts[0]
			}
		}
		if !squares {
			t.Errorf("%s has no rule for each pair of %q and %q whichever %q copies of its case share", id, h.One.Name, h.Other.Name, h.Hub.Name)
		}
	}
	for id := range paired {
		if !found[id] {
			t.Errorf("%s has no such pairs: is the reason still needed?", id)
		}
	}
}

// TestHubsAreLinear lets copies of cases have one broker, one provider, one person and so on in common, and checks that no threat has a rule for each pair of
// copies, unless that is argued.
func TestHubsAreLinear(t *testing.T) {
	alone(t)
	t.Parallel()
	from := cases(t)
	faster := map[string]bool{}
	for _, kind := range hubs {
		one, size := ruleCounts(t, sharing(from, kind, 1))
		two, _ := ruleCounts(t, sharing(from, kind, 2))
		three, _ := ruleCounts(t, sharing(from, kind, 3))
		t.Logf("%s: %d elements, %d rules; three copies: %d rules", kind, size, sum(one), sum(three))
		for _, threat := range builtin().Threats {
			id := threat.ID
			first, second := two[id]-one[id], three[id]-two[id]
			if second <= first+first/20 {
				continue
			}
			if faster[id] = true; sharedFaster[id] == "" {
				t.Errorf("%s in common: %s has %d, %d, %d rules for one, two and three copies", kind, id, one[id], two[id], three[id])
			}
		}
	}
	for id := range sharedFaster {
		if !faster[id] {
			t.Errorf("%s grows no faster than what has a hub in common: is the reason still needed?", id)
		}
	}
}

// layers is a design of tiers, each of whose services sends data of a class on to two of the next, with stores behind the last.
func layers(class string, wide int) string {
	const tiers = 16
	var b strings.Builder
	fmt.Fprintf(&b, "design \"Layers\"\nuse \"retail\"\nzone I: public\nzone P: private\nactor A: customer in I\nattacker O { in I }\ndata D: %s\nflow F: A -> C0_0 over https { carries D }\n", class)
	for i := range tiers {
		for k := range wide {
			fmt.Fprintf(&b, "component C%d_%d: %s in P\n", i, k, []string{"service", "database"}[i/(tiers-1)])
			if i > 0 {
				fmt.Fprintf(&b, "flow F%d_%d: C%d_%d -> C%d_%d over https { carries D }\nflow G%d_%d: C%d_%d -> C%d_%d over https { carries D }\n",
					i, k, i-1, k, i, k, i, k, i-1, (3*k+1)%wide, i, k)
			}
		}
	}
	b.WriteString("require R: confidential D\n")
	return b.String()
}

// TestLayersAreLinear grounds layered designs with data of some classes, and such that are twice as wide: no threat has rules for each pair of a flow in front and a service far behind.
func TestLayersAreLinear(t *testing.T) {
	t.Parallel()
	count := func(class string, wide int) map[string]int {
		diags := &diag.List{}
		m := threats.Load(func(string) (string, error) { return layers(class, wide), nil }, []string{"layers.vbn"}, diags)
		if m == nil {
			t.Fatalf("%s: %s", class, diags.Sorted()[0].Message)
		}
		g, err := ground.Ground(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for r := range int32(g.System.Rules()) {
			counts[g.Threat(r).ID]++
		}
		return counts
	}
	var classes []string
	for name, k := range builtin().Vocabulary.Kinds {
		if k.Root().Name == models.DataRoot && name != models.DataRoot {
			classes = append(classes, name)
		}
	}
	slices.Sort(classes)
	for i, name := range classes {
		if i%8 != 0 && name != "payment_data" && name != "refund_request" { // those that were once square, and some of the others
			continue
		}
		one, two := count(name, 8), count(name, 16)
		for id, n := range two {
			if 2*n > 5*one[id] && n > 40 {
				t.Errorf("%s, data: %s: %d rules, and %d in a design twice as wide", id, name, one[id], n)
			}
		}
	}
	if len(classes) < 20 {
		t.Errorf("only %d classes of data", len(classes))
	}
}
