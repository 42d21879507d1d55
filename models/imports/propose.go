package imports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Propose writes the beginning of the design that is the architect's: it includes the generated part, says who attacks, and takes up requirements that fit it.
// It is written once. Packs with the requirements fit every design of the kind that was imported; none of them speaks of one service.
func (p *Plan) Propose(title string, includes ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "design %s\nuse \"retail\"\n\n// What the files of the shop say. It is rewritten by `vauban import`; say more of it here, with `extend`.\n", strconv.Quote(Clean(title)))
	for _, i := range includes {
		fmt.Fprintf(&b, "include %s\n", strconv.Quote(i))
	}
	b.WriteString("\n")
	b.WriteString("// Requirements that need to know nothing but what things are. `vauban help language` says how to write your own.\n")
	for _, pack := range p.Packs() {
		fmt.Fprintf(&b, "include %s // %s\n", strconv.Quote("pack:"+pack), packs[pack])
	}
	b.WriteString("\n/// Anybody on the Internet.\nattacker Outsider { in Internet }\n")
	b.WriteString("\n// To go on:\n")
	var guessed, kept []string
	for _, e := range p.sorted(Component) {
		if len(e.Guessed) > 0 && len(guessed) < 3 && !e.Is("third_party") {
			guessed = append(guessed, e.Name)
		}
		for _, d := range e.Stores {
			if len(kept) < 1 && strings.HasSuffix(d.Raw, "-content") {
				kept = append(kept, d.Name)
			}
		}
	}
	if len(guessed) > 0 {
		fmt.Fprintf(&b, "// extend %s { sure }   // its kind was guessed, and is right\n", strings.Join(guessed, ", "))
	}
	for _, d := range kept {
		fmt.Fprintf(&b, "// extend data %s: cardholder_data   // what it is; then also: include \"pack:pci\"\n", d)
	}
	doors := namesOf(p.entries())
	if len(doors) > 0 {
		fmt.Fprintf(&b, "// attacker Inside { controls %s }   // once somebody has taken it over\n", doors[0])
	}
	return dsl.Format(dsl.Parse(source.New("", b.String()), &diag.List{}))
}

// packs that are proposed, with what they ask.
var packs = map[string]string{
	"exposure": "what must not lie open",
	"contents": "what stores keep is secret and whole",
	"policies": "the network permits what is needed, and nothing else",
}

// Packs returns the packs that fit the plan.
func (p *Plan) Packs() []string {
	out := []string{"exposure", "contents"}
	if p.Policed {
		out = append(out, "policies")
	}
	return out
}
