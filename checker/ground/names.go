package ground

import (
	"strings"

	"github.com/vauban-verifier/vauban/checker/system"
)

// RuleName returns what a rule is called, such as `exploit(Browse, Shop)`. Rules of the same name are alike.
func (g *Grounding) RuleName(rule int32) string {
	var names []string
	for _, e := range g.Bound(rule) {
		names = append(names, e.Name)
	}
	return g.Threat(rule).ID + "(" + strings.Join(names, ", ") + ")"
}

// ChoiceName returns what a choice literal says, such as `waf on Shop` or `not encryption of CardNumber on Db fails`. No two have
// the same name.
func (g *Grounding) ChoiceName(l system.Lit) string {
	_, choice := g.System.Node(l.Node())
	c := g.choices[choice]
	name := c.Control.Name
	if c.Data != nil {
		name += " of " + c.Data.Name
	}
	name += " on " + c.On.Name
	if c.Failure {
		name += " fails"
	}
	if l.Negated() {
		name = "not " + name
	}
	return name
}
