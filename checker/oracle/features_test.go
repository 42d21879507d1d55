package oracle_test

import (
	"fmt"
	"maps"
	"math/rand"
	"regexp"
	"slices"
	"testing"

	"github.com/vauban-verifier/vauban/checker/oracle"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// operators are all operators of formulas and terms with how they are written. One that a later version adds has to be added here, and generated.
var operators = map[models.Op]string{
	models.OpNot: "not", models.OpAnd: "and", models.OpOr: "or", models.OpImplies: "implies", models.OpForall: "forall", models.OpExists: "exists",
	models.OpCount: "count", models.OpSum: "sum", models.OpIf: "if", models.OpEq: "=", models.OpNe: "!=", models.OpLt: "<", models.OpLe: "<=", models.OpGt: ">",
	models.OpGe: ">=", models.OpAdd: "+", models.OpSub: "-", models.OpMul: "*", models.OpInt: "an integer", models.OpNone: "none", models.OpVar: "a variable",
	models.OpElement: "an element", models.OpMember: "a value of a domain", models.OpWord: "a word", models.OpPredicate: "a fact of the attacker",
	models.OpFact: "a fact of a process", models.OpState: "a variable of the state", models.OpValue: "a value function", models.OpKnowsValue: "knows of a secret",
	models.OpSource: ".source", models.OpTarget: ".target", models.OpProtocol: ".protocol", models.OpZone: ".zone", models.OpAttribute: ".ATTRIBUTE", models.OpIs: "is",
	models.OpHas: "has", models.OpIn: "in", models.OpStores: "stores", models.OpHandles: "handles", models.OpCarries: "carries", models.OpReturns: "returns",
	models.OpOver: "over", models.OpThrough: "through", models.OpAccepts: "accepts", models.OpAuthenticated: "authenticated by", models.OpRunsOn: "runs on",
	models.OpRelation: "RELATION", models.OpOf: "of", models.OpOwn: "is own", models.OpBlocked: "is blocked", models.OpClaimsNone: "RELATION none", models.OpProtocolName: "a protocol", models.OpDefined: "a define of a catalogue", models.OpClosure: "a closure",
}

// fields are operators that are of one thing or another by the state when a variable of the state is below them.
var fields = []models.Op{
	models.OpSource, models.OpTarget, models.OpProtocol, models.OpZone, models.OpAttribute, models.OpIs, models.OpHas, models.OpIn, models.OpStores, models.OpCarries,
	models.OpOver, models.OpThrough, models.OpAccepts, models.OpRunsOn, models.OpRelation, models.OpPredicate, models.OpOf, models.OpOwn,
}

// written are features that only the text shows.
var written = compiled(map[string]string{
	"each": `\neach `, "nesting": `\{[^}]*zone Vault`, "define": `\ndefine `, "extend": `\nextend `, "fan-out": `-> Shop, Db`, "fan-in": `Shopper, Psp ->`, "both ways": `<->`,
	"several zones": `in Inside, Net`, "blocked": ` blocked`, "stores with": `stores [^}]* with seal`, "an open control": `has \w+\?`, "except of each": `except Shop`,
	"several kinds": `server, risky`, "is of an element": ` is risky`, "attribute of an element": ` port 1`, "word of an element": ` tier front`, "relation of an element": ` feeds `,
	"accepts": ` accepts `, "handles": ` handles `, "runs on": ` runs on Db`, "carries": ` carries `, "returns": ` returns `, "authenticated": ` authenticated by`,
	"secret": ` secret`, "bounded": ` bounded`, "signed": ` signed by`, "except of signed": `signed by [^\n]* except`, "optional": `\? = `, "start true": ` = true`,
	"receives": ` receives `, "sends": ` sends `, "forall of an effect": `do [^\n]*forall`, "fact := formula": `f\d[^\n]* := `, "never": `: never`, "always": `: always`,
	"only after": `only after`, "possible": `: possible`, "for": `require \w+ for`, "tolerating": ` tolerating `, "coalition": `Eve \+ Mallory`, "budget": ` budget `, "without": ` without `,
	"idle": ` is idle`, "two processes": `\nprocess Q`, "two variables of a quantifier": `(forall|exists) q\d+: \w+, q`, "two variables of a count": `count q\d+: \w+, q`, "two variables of a sum": `sum q\d+: \w+, q`, "for two": `require \w+ for r: \w+, rb`, "no protocol": `flow (Spare: )?\w+ -> \w+( \{|\n)`, "none of a relation": ` feeds none`, "has not": ` has not `, "extend with a kind": `extend component Shop: risky`,
	"extend of a flow by its ends": `extend Psp->Db`, "origin": ` from "`, "guessed": ` guessed `, "sure": ` sure`, "title": ` title `, "synonym of a kind": `: database`, "synonym of a control": ` has sealed`,
	"synonym of a protocol": ` over tls`, "synonym of a relation": ` pushes_to `,
	"knows": `\{[^}]* knows K1`, "assume": `\nassume `, "several parties": ` by \w+, `, "data of many": `credential of Shopper`, "a component of many": `tool in Net of Shopper`, "one of many": `\{ is Shopper `, "one of many who attacks": `crowd (?s:.*) controls Shopper`,
	"one of each of two": `is Shopper, Psp`, "for a caller": ` for s: Shopper`, "members as a sort": `: Shopper[,)= ?]`, "confidential": `: confidential `, "integrity": `: integrity `, "at scale": ` at scale`,
})

func compiled(patterns map[string]string) map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for name, p := range patterns {
		out[name] = regexp.MustCompile(p)
	}
	return out
}

// TestEverythingIsGenerated checks that random designs use all of the language: what they do not write is compared with nothing.
func TestEverythingIsGenerated(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	resolved := 0
	for seed := range int64(1200) {
		text := oracle.Random(rand.New(rand.NewSource(seed)))
		m, _ := load(text)
		if m == nil {
			continue
		}
		resolved++
		for name := range features(text, m) {
			counts[name]++
		}
	}
	want := slices.Collect(maps.Values(operators))
	for _, op := range fields {
		want = append(want, operators[op]+" by the state")
	}
	want = append(append(want, slices.Collect(maps.Keys(written))...), "stores with, asked")
	for _, name := range want {
		if counts[name] == 0 {
			t.Errorf("not generated: %s", name)
		}
	}
	for op := models.OpNot; op <= models.OpClosure; op++ {
		if operators[op] == "" {
			t.Errorf("not generated: operator %d", op)
		}
	}
	t.Log(often(resolved, counts))
}

// features returns what a design uses of the language.
func features(text string, m *threats.Model) map[string]bool {
	out := map[string]bool{}
	for _, f := range formulas(m) {
		f.Walk(func(e *models.Expr) bool {
			if name := operators[e.Op]; name != "" {
				out[name] = true
			}
			if e.Op == models.OpStores && e.Control != nil {
				out["stores with, asked"] = true
			}
			if slices.Contains(fields, e.Op) && slices.ContainsFunc(e.Args, (*models.Expr).MentionsFact) {
				out[operators[e.Op]+" by the state"] = true
			}
			return true
		})
	}
	for name, pattern := range written {
		if pattern.MatchString(text) {
			out[name] = true
		}
	}
	return out
}

// often writes how many of some designs have each feature.
func often(designs int, counts map[string]int) string {
	line := fmt.Sprintf("%d designs", designs)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		line += fmt.Sprintf(" · %s %d", name, counts[name])
	}
	return line
}

// formulas returns what a design says, but for what an element is: what its catalogue says is the same for all.
func formulas(m *threats.Model) []*models.Expr {
	var out []*models.Expr
	add := func(list ...*models.Expr) {
		for _, e := range list {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	for _, r := range m.Design.Requirements {
		add(r.F, r.G)
	}
	for _, a := range m.Design.Assumptions {
		add(a.F)
	}
	for _, p := range m.Design.Processes {
		for _, v := range p.Vars {
			add(v.Init)
		}
		for _, s := range p.Steps {
			add(s.When)
			for _, e := range s.Do {
				add(e.Value)
				add(e.Args...)
			}
			for _, t := range slices.Concat(s.Sends, s.Receives) {
				add(t.Args...)
			}
		}
	}
	return out
}
