package threats

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
)

func TestLint(t *testing.T) {
	t.Parallel()
	const sane = `{id: sane, title: S, refs: [A], says: s, for: {c: webapp, d: data}, when: controls(c) and c stores d, unless: c has waf, then: [knows(d)], cost: 2}`
	tests := map[string]struct{ threats, want string }{
		"sane": {sane, ""},
		"dead": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow}, when: "p(f) and not f has pinning", then: [observes(f)]}`,
			"threat \"t\" needs \"p\", which no threat makes true: add one that does, or change its `when` [VAU2011]",
		},
		"dead in a circle": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow}, when: q(f), then: [p(f)]}
  - {id: u, title: U, refs: [A], says: s, for: {f: flow}, when: p(f), then: [q(f)]}`,
			"threat \"t\" needs \"q\", which no threat makes true: add one that does, or change its `when` [VAU2011]",
		},
		"alive by one branch": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow}, when: p(f) or present(f.source.zone), then: [p(f)]}`, "",
		},
		"contradiction": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow}, when: present(f.source.zone) and f over https and not f has encryption, then: [observes(f)]}`,
			`the ` + "`when`" + ` of threat "t" can never hold: present(f.source.zone) and f over https and not f has encryption; change it [VAU2016]`,
		},
		"bare": {
			`{id: t, title: T, for: {c: component}, when: controls(c), then: [denies(c)]}`,
			"threat \"t\" has no references [VAU2013]|threat \"t\" has no sentence for attack paths, so its title is used: add `says` [VAU2014]",
		},
		"a hub": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow, c: webapp, d: data}, when: present(f.source.zone) and f.target = c and c stores d and not c has waf, then: [knows(d)]}`,
			`threat "t" has a rule for each pair of "f" and "d" that share "c": where many do, too many [VAU2021]`,
		},
		"a hub, by way of others": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow, c: webapp, d: data, g: flow}, when: present(f.source.zone) and f.target = c and g.source = c and g carries d, then: [knows(d)]}`,
			`threat "t" has a rule for each pair of "f" and "g" that share "c": where many do, too many [VAU2021]`,
		},
		"no hub: tied besides": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow, c: webapp, d: data}, when: present(f.source.zone) and f.target = c and c stores d and f carries d, then: [knows(d)]}`, "",
		},
		"no hub: there is one on that side": {
			`{id: t, title: T, refs: [A], says: s, for: {f: flow, c: webapp, z: zone}, when: present(f.source.zone) and f.target = c and c.zone = z and present(z), then: [controls(c)]}`, "",
		},
		"no hub: a flow": {
			`{id: t, title: T, refs: [A], says: s, for: {c: webapp, f: flow, d: data}, when: controls(c) and f.source = c and f carries d, then: [knows(d)]}`, "",
		},
		"shadowed, with other names": {
			sane + `
  - {id: t, title: T, refs: [A], says: s, for: {w: webapp, x: data}, when: controls(w) and w stores x, unless: w has waf, then: [knows(x)], cost: 2}`,
			`threat "t" is superfluous, as "sane" does the same at no higher cost: leave it out [VAU2012]`,
		},
		"shadowed, as a special case": {
			sane + `
  - {id: t, title: T, refs: [A], says: s, for: {w: webapp, x: credential}, when: controls(w) and w stores x and w accepts x, unless: w has waf, then: [knows(x)], cost: 3}`,
			`threat "t" is superfluous, as "sane" does the same at no higher cost: leave it out [VAU2012]`,
		},
		"not shadowed: cheaper": {
			sane + `
  - {id: t, title: T, refs: [A], says: s, for: {w: webapp, x: credential}, when: controls(w) and w stores x and w accepts x, unless: w has waf, then: [knows(x)], cost: 1}`, "",
		},
		"not shadowed: stopped by less": {
			sane + `
  - {id: t, title: T, refs: [A], says: s, for: {w: webapp, x: data}, when: controls(w) and w stores x, then: [knows(x)], cost: 2}`,
			`threat "sane" is superfluous, as "t" does the same at no higher cost: leave it out [VAU2012]`,
		},
		"not shadowed: gives more": {
			sane + `
  - {id: t, title: T, refs: [A], says: s, for: {w: webapp, x: data}, when: controls(w) and w stores x, unless: w has waf, then: [knows(x), tampers(x)], cost: 3}`, "",
		},
		"not shadowed: dearer there": {
			`{id: a, title: S, refs: [A], says: s, for: {c: webapp}, when: controls(c), then: [denies(c)], cost: 1, harder: {waf: 5}}
  - {id: b, title: S, refs: [A], says: s, for: {c: webapp}, when: controls(c), then: [denies(c)], cost: 2}`, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := words + "predicates: {p: {args: [flow]}, q: {args: [flow]}}\nthreats:\n  - " + test.threats + "\n"
			diags := &diag.List{}
			c := LoadCatalogue(reader(map[string]string{"t.yaml": text}), []string{"t.yaml"}, diags)
			if s := lines(diags); s != "" {
				t.Fatal(s)
			}
			var kept []string // without the controls that a small catalogue does not use
			for line := range strings.Lines(lines(Lint(c))) {
				if !strings.Contains(line, string(CodeIdle)) {
					kept = append(kept, line)
				}
			}
			got := strings.Join(kept, "")
			if test.want == "" && got != "" {
				t.Errorf("unexpected warnings:\n%s", got)
			}
			for want := range strings.SplitSeq(test.want, "|") {
				if !strings.Contains(got, want) {
					t.Errorf("no warning %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestLintIdle checks that a control without a threat is named.
func TestLintIdle(t *testing.T) {
	t.Parallel()
	c := LoadCatalogue(reader(map[string]string{"t.yaml": words}), []string{"t.yaml"}, &diag.List{})
	if got := lines(Lint(c)); !strings.Contains(got, `t.yaml:3:12: warning: no threat mentions control "waf"`) {
		t.Errorf("no word about waf in\n%s", got)
	}
}
