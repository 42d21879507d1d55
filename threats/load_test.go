package threats

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
)

// reader reads from memory.
func reader(files map[string]string) source.Reader {
	return func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", errors.New("there is no such file")
		}
		return text, nil
	}
}

// lines renders the first line of each diagnostic.
func lines(diags *diag.List) string {
	var b strings.Builder
	for _, d := range diags.Sorted() {
		name := ""
		if f := d.Primary.Span.File; f != nil {
			name = f.Name
		}
		p := d.Primary.Span.Position()
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", name, p.Line, p.Column, d.Severity, d.Message, d.Code)
	}
	return b.String()
}

func testdata(t testing.TB, names ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// words is a catalogue that the cases add threats and further sections to.
const words = `catalogue: t
kinds: {webapp: {is: component}, network: {is: zone}}
controls: {waf: {of: [component]}, encryption: {of: [flow, data]}, pinning: {of: [flow]}}
protocols: {http: {}, https: {is: http, gives: [encryption]}}
`

// threat returns a catalogue with one threat, whose keys from `for` on are given.
func threat(keys string) string {
	return words + "threats:\n  - id: x\n    title: X\n    " + strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n    ") + "\n"
}

const good = "for: {f: flow, c: webapp}\nwhen: injects(f) and f.target = c\nthen: [controls(c)]\n"

// defining returns a catalogue with defines.
func defining(defines string) string { return words + "define: {" + defines + "}\n" }

// wrong are catalogues with the first diagnostic that they get: line, column, message, code.
var wrong = []struct{ name, text, want string }{
	{"empty", "", `1:1: the catalogue is empty, expected at least the key "catalogue" [VAU2002]`},
	{"comment", "# nothing\n", `1:1: the catalogue is empty, expected at least the key "catalogue" [VAU2002]`},
	{"scalar", "retail\n", `1:1: the catalogue has no name, expected the key "catalogue" [VAU2003]`},
	{"syntax", "catalogue: t\nkinds: {a: {is: zone}\n", `2:1: not valid YAML: did not find expected ',' or '}' [VAU2002]`},
	{"tab", "catalogue: t\nkinds:\n\ta: {is: zone}\n", `3:1: not valid YAML: found character that cannot start any token [VAU2002]`},
	{"documents", words + "---\ncatalogue: u\n", `6:1: a second YAML document begins here, expected one in a file [VAU2002]`},
	{"utf8", "catalogue: t\xff\n", `1:1: not valid YAML: invalid leading UTF-8 octet [VAU2002]`},
	{"alias", "catalogue: &a t\nextends: [*a]\n", "1:12: anchors and aliases are not allowed in a catalogue: write the value out [VAU2002]"},
	{"anchor", "catalogue: &a t\n", "1:12: anchors and aliases are not allowed in a catalogue: write the value out [VAU2002]"},
	{"tag", "catalogue: !!binary t\n", "1:12: tags are not allowed in a catalogue: leave the tag out [VAU2002]"},
	{"deep", "catalogue: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", "1:44: the catalogue is nested too deeply or too large: split it [VAU2002]"},
	{"key", words + "tthreats: []\n", `5:1: unknown key "tthreats" in the catalogue — did you mean "threats"? [VAU2003]`},
	{"section twice", words + "kinds: {}\n", `5:1: key "kinds" appears twice in the catalogue, expected once [VAU2006]`},
	{"kind twice", "catalogue: t\nkinds:\n  a: {is: zone}\n  a: {is: actor}\n", `4:3: key "a" appears twice in kinds, expected once [VAU2006]`},
	{"base kind", "catalogue: t\nkinds: {zone: {is: actor}}\n", `2:9: kind "zone" is declared twice [VAU2006]`},
	{"no name", "kinds: {a: {is: zone}}\n", `1:1: the catalogue has no name, expected the key "catalogue" [VAU2003]`},
	{"kind key", "catalogue: t\nkinds: {a: {iss: zone}}\n", `2:13: unknown key "iss" in a — did you mean "is"? [VAU2003]`},
	{"kind without parent", "catalogue: t\nkinds: {a: {title: A}}\n", "2:9: kind \"a\" has no parent, expected `is` with another kind [VAU2003]"},
	{"unknown parent", "catalogue: t\nkinds: {a: {is: componet}}\n", `2:17: unknown kind "componet" — did you mean "component"? [VAU2005]`},
	{"kind circle", "catalogue: t\nkinds: {a: {is: b}, b: {is: a}}\n", `2:9: kind "a" is its own ancestor, expected kinds without a cycle [VAU2007]`},
	{"kind of itself", "catalogue: t\nkinds: {a: {is: a}}\n", `2:9: kind "a" is its own ancestor, expected kinds without a cycle [VAU2007]`},
	{"kind of data", "catalogue: t\nkinds: {a: {is: data}}\n", `2:9: kind "a" is data [VAU2004]`},
	{"kind of party", "catalogue: t\nkinds: {a: {is: party}}\n", `2:9: kind "a" is a party, expected an actor or a component [VAU2004]`},
	{"class of zone", "catalogue: t\nclasses: {a: {is: zone}}\n", `2:11: class "a" is a zone, expected data [VAU2004]`},
	{"name", "catalogue: t\nkinds: {2a: {is: zone}}\n", `2:9: kind "2a" is not a name, expected a letter, then letters, digits, "_", and "-" between two of these [VAU2004]`},
	{"reserved", "catalogue: t\ncontrols: {and: {of: [flow]}}\n", `2:12: a control is called "and", a word of the language; expected another name [VAU2006]`},
	{"keyword", "catalogue: t\nrelations: {has: {from: flow, to: zone}}\n", `2:13: a relation is called "has", a word of the language; expected another name [VAU2006]`},
	{"control of", "catalogue: t\ncontrols: {a: {title: A}}\n", "2:12: control \"a\" does not say what it is for, expected `of` with kinds [VAU2003]"},
	{"control octal", "catalogue: t\ncontrols: {a: {of: [flow], cost: 010}}\n", `2:34: cost is "010", expected an integer from 0 to 1000000 [VAU2004]`},
	{"control quoted", "catalogue: t\ncontrols: {a: {of: [flow], cost: \"3\"}}\n", `2:34: cost is "3", expected an integer from 0 to 1000000 [VAU2004]`},
	{"negative", threat(good + "cost: -1"), `11:11: cost is "-1", expected an integer from 0 to 1000000 [VAU2004]`},
	{"huge", threat(good + "cost: 99999999999999999999"), `11:11: cost is "99999999999999999999", expected an integer from 0 to 1000000 [VAU2004]`},
	{"gives", "catalogue: t\nprotocols: {a: {gives: [wax]}}\n", `2:25: unknown control "wax" [VAU2005]`},
	{"title of a predicate", words + "relations: {}\nattributes: {}\n" + "classes: {}\n" + "predicates: {p: {args: [flow], title: \"{1} is\"}}\n", `8:40: unknown placeholder "{1}", expected the number of an argument, from {0} on [VAU2005]`},
	{"protocol circle", "catalogue: t\nprotocols: {a: {is: b}, b: {is: a}}\n", `2:33: protocol "b" is its own ancestor, expected protocols without a cycle [VAU2007]`},
	{"relation", "catalogue: t\nrelations: {r: {from: flow}}\n", "2:13: relation \"r\" needs `from` and `to`, each a kind [VAU2003]"},
	{"attribute", "catalogue: t\nattributes: {port: {of: [flow], type: number}}\n", `2:39: attribute "port" has type "number", expected "integer" or a list of words [VAU2004]`},
	{"attribute clash", "catalogue: t\nrelations: {port: {from: flow, to: zone}}\nattributes: {port: {of: [flow], type: integer}}\n", `3:14: attribute "port" has the name of a relation, expected another name [VAU2006]`},
	{"predicate", "catalogue: t\npredicates: {p: {args: [flow, flow, flow, flow]}}\n", `2:14: predicate "p" has 4 arguments, expected at most 3 [VAU2004]`},
	{"base predicate", "catalogue: t\npredicates: {knows: {args: [data]}}\n", `2:14: a predicate is called "knows", a word of the language; expected another name [VAU2006]`},
	{"threats", words + "threats: {a: b}\n", `5:10: threats is a mapping, expected a list [VAU2004]`},
	{"no id", words + "threats:\n  - title: X\n", "6:5: a threat has no `id`, expected one [VAU2003]"},
	{"id", words + "threats:\n  - id: Sniff_It\n    title: X\n    for: {f: flow}\n    when: injects(f)\n    then: [observes(f)]\n", `6:9: threat id "Sniff_It" is not of lower-case words with hyphens, such as "sniff-cleartext" [VAU2004]`},
	{"id twice", threat(good) + "  - id: x\n    title: Y\n    for: {f: flow}\n    when: injects(f)\n    then: [observes(f)]\n", `11:9: threat "x" is declared twice, expected another id [VAU2006]`},
	{"no when", threat("for: {f: flow}\nthen: [observes(f)]"), "6:9: threat \"x\" has no `when`, expected one [VAU2003]"},
	{"empty then", threat("for: {f: flow}\nwhen: injects(f)\nthen: []"), "10:11: `then` of threat \"x\" is empty, expected facts such as [knows(d)] [VAU2004]"},
	{"quoted nothing as when", threat("for: {f: flow}\nwhen: ''\nthen: [observes(f)]"), `9:11: when is empty, expected a text [VAU2004]`},
	{"quoted nothing as unless", threat("for: {f: flow}\nwhen: injects(f)\nunless: \"\"\nthen: [observes(f)]"), `10:13: unless is empty, expected a text [VAU2004]`},
	{"quoted nothing as then", threat("for: {f: flow}\nwhen: injects(f)\nthen: [\"\"]"), `10:12: then is empty, expected a text [VAU2004]`},
	{"null when", threat("for: {f: flow}\nwhen:\nthen: [observes(f)]"), `9:1: when is empty, expected a text [VAU2004]`},
	{"stride", threat(good + "stride: [spofing]"), `11:14: unknown STRIDE category "spofing" — did you mean "spoofing"? [VAU2005]`},
	{"sort", threat("for: {f: flwo}\nwhen: injects(f)\nthen: [observes(f)]"), `8:14: unknown kind or domain "flwo" — did you mean "flow"? [VAU1004]`},
	{"when syntax", threat("for: {f: flow}\nwhen: injects(f) and\nthen: [observes(f)]"), `9:25: found the end of the text, expected a formula or a term [VAU0001]`},
	{"when name", threat("for: {f: flow}\nwhen: injects(f) and f has encrypton\nthen: [observes(f)]"), `9:32: unknown control "encrypton" — did you mean "encryption"? [VAU1005]`},
	{"quoted place", threat("for: {f: flow}\nwhen: \"injects(f) and f has encrypton\"\nthen: [observes(f)]"), `9:33: unknown control "encrypton" — did you mean "encryption"? [VAU1005]`},
	{"folded place", threat("for: {f: flow}\nwhen: >-\n  injects(f) and\n  f has encrypton\nthen: [observes(f)]"), `9:11: unknown control "encrypton" — did you mean "encryption"? [VAU1005]`},
	{"when sort", threat("for: {f: flow}\nwhen: knows(f)\nthen: [observes(f)]"), `9:17: the argument of "knows": expected data, but "f" is a flow [VAU1015]`},
	{"then fixed", threat("for: {f: flow}\nwhen: injects(f)\nthen: [f has encryption]"), `10:12: a threat makes facts true or false, but "f has encryption" is fixed by the design [VAU1029]`},
	{"then list", threat("for: {f: flow}\nwhen: injects(f)\nthen: {a: b}"), `10:11: then is a mapping, expected a list [VAU2004]`},
	{"unused", threat("for: {f: flow, c: component}\nwhen: injects(f)\nthen: [observes(f)]"), "8:20: variable \"c\" of threat \"x\" is not used in `when`, `unless` or `then`: leave it out [VAU2008]"},
	{"unless misfit", threat(good + "unless: f has waf"), "11:13: the `unless` of threat \"x\" can never be met: control \"waf\" is not made for \"f\", a flow; name another control [VAU2009]"},
	{"unless misfit among others", threat(good + "unless: f has waf or f has encryption"), "11:13: the `unless` of threat \"x\" can never be met: control \"waf\" is not made for \"f\", a flow; name another control [VAU2009]"},
	{"unless contradicts when", threat("for: {f: flow}\nwhen: injects(f) and not f has encryption\nunless: f has encryption\nthen: [observes(f)]"), "10:13: the `unless` of threat \"x\" can never be met if its `when` holds: f has encryption; change it, or leave it out [VAU2009]"},
	{"unless contradicts protocol", threat("for: {f: flow}\nwhen: injects(f) and not f has encryption\nunless: f over https\nthen: [observes(f)]"), "10:13: the `unless` of threat \"x\" can never be met if its `when` holds: f over https; change it, or leave it out [VAU2009]"},
	{"unless contradicts itself", threat(good + "unless: f has pinning and not f has pinning"), "11:13: the `unless` of threat \"x\" can never be met: f has pinning and not f has pinning; change it, or leave it out [VAU2009]"},
	{"unless kinds", threat("for: {c: component}\nwhen: controls(c) and not c is component\nunless: c is webapp\nthen: [denies(c)]"), "10:13: the `unless` of threat \"x\" can never be met if its `when` holds: c is webapp; change it, or leave it out [VAU2009]"},
	{"says", threat(good + "says: \"takes {d}\""), `11:18: unknown placeholder "{d}", expected a variable of threat "x" in braces [VAU2005]`},
	{"says typo", threat(good + "says: \"takes {c\""), `11:18: unknown placeholder "{c", expected a variable of threat "x" in braces [VAU2005]`},
	{"harder variable", threat(good + "harder: {d: {waf: 1}}"), "11:14: unknown variable \"d\" in `harder`, expected one of `for` [VAU2005]"},
	{"harder control", threat(good + "harder: {waff: 1}"), `11:14: unknown control "waff" — did you mean "waf"? [VAU2005]`},
	{"harder misfit", threat(good + "harder: {f: {waf: 1}}"), `11:18: control "waf" is not made for variable "f", expected one that is [VAU2009]`},
	{"harder ambiguous", threat("for: {c: webapp, d: component}\nwhen: controls(c) and d runs on c\nthen: [controls(d)]\nharder: {waf: 1}"), `11:14: 2 variables of threat "x" can have control "waf", expected one [VAU2010]`},
	{"harder twice", threat(good + "harder: {waf: 1, c: {waf: 2}}"), "11:26: `harder` has control \"waf\" of \"c\" twice, expected once [VAU2006]"},
	{"abuses unknown", threat(good + "abuses: [waff]"), `11:14: unknown control "waff" — did you mean "waf"? [VAU2005]`},
	{"abuses without use", threat(good + "unless: c has waf\nabuses: [waf]"), `12:14: threat "x" says that it abuses control "waf", which never helps it: leave it out [VAU2020]`},
	{"abuses twice", threat("for: {c: webapp}\nwhen: controls(c) and c has waf\nthen: [denies(c)]\nabuses: [waf, waf]"), "11:19: `abuses` names control \"waf\" twice, expected once [VAU2006]"},
	{"extends missing", "catalogue: t\nextends: [retial]\n", `2:11: cannot read catalogue "retial": there is no such file — did you mean "retail"? [VAU2001]`},
	{"crlf", strings.ReplaceAll(words+"oops: 1\n", "\n", "\r\n"), `5:1: unknown key "oops" in the catalogue [VAU2003]`},
	{"bom", "\ufeff" + "oops: 1\n", `1:1: the catalogue has no name, expected the key "catalogue" [VAU2003]`},
	{"value none", "catalogue: t\nattributes: {a: {of: [flow], type: [none, basic]}}\n", `2:37: a value of attribute "a" is called "none", a word of the language; expected another name [VAU2006]`},
	{"value no name", "catalogue: t\nattributes: {a: {of: [flow], type: [two words]}}\n", `2:37: value "two words" of attribute "a" is not a name, expected a letter, then letters, digits, "_", and "-" between two of these [VAU2004]`},
	{"value twice", "catalogue: t\nattributes: {a: {of: [flow], type: [x, y, x]}}\n", `2:43: attribute "a" has the value "x" twice, expected once [VAU2006]`},
	{"no values", "catalogue: t\nattributes: {a: {of: [flow], type: []}}\n", `2:36: attribute "a" has no value, expected words or "integer" [VAU2004]`},
	{"define without for", defining(`a: {is: f has waf}`), "5:10: define \"a\" needs `for` with its parameters, and `is` with a formula or `closure` with the name of what it is the closure of [VAU2003]"},
	{"define with both", defining(`a: {for: {x: zone, y: zone}, is: x in y, closure: b}`), "5:10: define \"a\" needs `for` with its parameters, and `is` with a formula or `closure` with the name of what it is the closure of [VAU2003]"},
	{"define twice", defining(`a: {for: {f: flow}, is: f has pinning}, a: {for: {f: flow}, is: f has pinning}`), `5:50: key "a" appears twice in define, expected once [VAU2006]`},
	{"define of a predicate", defining(`knows: {for: {f: flow}, is: f has pinning}`), `5:10: define "knows" has the name of a predicate, expected another name [VAU2006]`},
	{"define sort", defining(`a: {for: {f: flwo}, is: f has pinning}`), `5:23: unknown kind or domain "flwo" — did you mean "flow"? [VAU1004]`},
	{"define that changes", defining(`a: {for: {f: flow}, is: injects(f)}`), `5:34: define "a" is fixed by the design, but "injects(f)" changes: let a threat of cost 0 make a predicate true instead [VAU1017]`},
	{"define circle", defining(`a: {for: {f: flow}, is: b(f)}, b: {for: {f: flow}, is: a(f)}`), `5:65: define "a" uses itself: a -> b -> a [VAU1017]`},
	{"define unused parameter", defining(`a: {for: {f: flow, c: webapp}, is: f has pinning}`), `5:29: define "a" does not use its parameter "c": use it, or leave it out [VAU1017]`},
	{"define unused control", defining(`a: {for: {f: flow, k: control}, is: f has pinning}`), `5:29: define "a" does not use its parameter "k": use it, or leave it out [VAU1017]`},
	{"define arity", defining(`a: {for: {f: flow}, is: f has pinning}, b: {for: {f: flow}, is: 'a(f, f)'}`), `5:75: "a" has 2 arguments here, expected 1 [VAU1016]`},
	{"define argument", defining(`a: {for: {f: flow}, is: f has pinning}, b: {for: {c: webapp}, is: a(c)}`), `5:78: the argument of "a": expected a flow, but "c" is a webapp [VAU1015]`},
	{"define control", defining(`a: {for: {f: flow, k: control}, is: f has k}, b: {for: {f: flow}, is: 'a(f, wafff)'}`), `5:86: unknown control "wafff" — did you mean "waf"? [VAU1005]`},
	{"define title", defining(`a: {for: {f: flow}, is: f has pinning, title: "{g}"}`), `5:57: unknown placeholder "{g}", expected a parameter of define "a" in braces [VAU2005]`},
	{"closure of sorts", defining(`a: {for: {f: flow, c: webapp}, closure: b}, b: {for: {f: flow, c: webapp}, is: f.target = c}`), "5:10: closure \"a\" has other variables in `for`, expected two of one sort [VAU1017]"},
	{"closure of controls", defining(`a: {for: {c: webapp, d: webapp}, closure: b}, b: {for: {c: webapp, d: webapp}, is: c runs on d and c has waf}`), `5:52: "b" asks for controls, expected a closure of steps that the design fixes [VAU1017]`},
	{"closure of itself", defining(`a: {for: {c: webapp, d: webapp}, closure: a}`), `5:52: define "a" uses itself: a -> a [VAU1017]`},
	{"closure of nothing", defining(`a: {for: {c: webapp, d: webapp}, closure: b}`), `5:52: unknown relation "b" [VAU1003]`},
	{"synonym section", words + "synonyms: {kindss: {a: webapp}}\n", `5:12: unknown key "kindss" in synonyms — did you mean "kinds"? [VAU2003]`},
	{"synonym of nothing", words + "synonyms: {kinds: {shop: webap}}\n", `5:26: unknown name "webap" in kinds — did you mean "webapp"? [VAU2005]`},
	{"synonym taken", words + "synonyms: {kinds: {network: webapp}}\n", `5:20: "network" is a name of its own in kinds, so it cannot be a synonym: leave it out [VAU2006]`},
	{"synonym no name", words + "synonyms: {kinds: {2a: webapp}}\n", `5:20: synonym "2a" is not a name, expected a letter, then letters, digits, "_", and "-" between two of these [VAU2004]`},
	{"synonym of a word", "catalogue: t\nrelations: {r: {from: flow, to: zone}}\nsynonyms: {relations: {in: r}}\n", `3:24: a relation is called "in", a word of the language; expected another name [VAU2006]`},
	{"ask", "catalogue: t\nrelations: {r: {from: flow, to: zone, ask: \"where is {1}?\"}}\n", `2:54: unknown placeholder "{1}", expected {0} for the element that is asked about [VAU2005]`},
	{"wide", "catalogue: t # ü\nkinds: {webapp: {is: component, title: \"Überraschung\", oops: 1}}\n", `2:56: unknown key "oops" in webapp [VAU2003]`},
}

func TestWrong(t *testing.T) {
	t.Parallel()
	for _, c := range wrong {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			diags := &diag.List{}
			LoadCatalogue(reader(map[string]string{"t.yaml": c.text}), []string{"t.yaml"}, diags)
			place, message, _ := strings.Cut(c.want, ": ")
			want := "t.yaml:" + place + ": error: " + message
			if got, _, _ := strings.Cut(lines(diags), "\n"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if !diags.HasErrors() {
				t.Error("no error")
			}
		})
	}
}

// TestAllMistakes checks that one run tells all that is wrong with a catalogue, each once: nothing of the uses of what is declared wrongly, and nothing of a design that speaks in its words.
func TestAllMistakes(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"t.yaml": `catalogue: t
kinds: {a: {is: nothing}, b: {title: B}}
controls: {k: {title: K}, l: {of: [nowhere]}}
relations: {r: {from: nobody, to: flow}}
attributes: {n: {of: [nobody], type: integer}, m: {of: [flow], type: [none]}}
threats:
  - {id: one, for: {f: flwo}, when: injects(f), then: [observes(g)]}
  - {id: two, for: {f: flow}, when: injcts(f), unless: f has wall, then: [obsrves(f)], harder: {wool: 1}}
  - {id: three, for: {c: a, f: flow}, when: c r c and c has k and f.n = 1 and w(f) and p(f), unless: c has l or f.m = none, then: [p(f), q(c)]}
predicates: {p: {args: [nowhere]}, q: {args: [a]}}
define: {w: {for: {f: flow}}}
protocols: {s: {gives: [k]}}
`,
		"d.vbn": "design \"D\" use \"t.yaml\" component C: b component D: nothing flow C -> D { n 3 }",
	}
	diags := &diag.List{}
	if Load(reader(files), []string{"d.vbn"}, diags) != nil {
		t.Error("it loads")
	}
	var got []string
	for _, d := range diags.Sorted() {
		got = append(got, fmt.Sprintf("%s:%d %s", d.Primary.Span.File.Name, d.Primary.Span.Position().Line, d.Message))
	}
	want := []string{
		`t.yaml:2 unknown kind "nothing"`, "t.yaml:2 kind \"b\" has no parent, expected `is` with another kind",
		"t.yaml:3 control \"k\" does not say what it is for, expected `of` with kinds", `t.yaml:3 unknown kind "nowhere"`, `t.yaml:4 unknown kind "nobody"`,
		`t.yaml:5 a value of attribute "m" is called "none", a word of the language; expected another name`,
		`t.yaml:7 unknown kind or domain "flwo" — did you mean "flow"?`, `t.yaml:7 unknown name "g"`,
		`t.yaml:8 unknown predicate, fact or value "injcts" — did you mean "injects"?`, `t.yaml:8 unknown control "wall"`,
		`t.yaml:8 unknown predicate, fact or value "obsrves" — did you mean "observes"?`, `t.yaml:8 unknown control "wool"`,
		"t.yaml:11 define \"w\" needs `for` with its parameters, and `is` with a formula or `closure` with the name of what it is the closure of",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestStoredControls holds designs and catalogues to one answer to which controls stored data may have: those made for the data, and those made for what stores it.
func TestStoredControls(t *testing.T) {
	t.Parallel()
	const text = `catalogue: t
kinds: {webapp: {is: component}, network: {is: zone}}
classes: {secret: {}}
controls: {a: {of: [webapp]}, b: {of: [component]}, c: {of: [data]}, d: {of: [secret]}, e: {of: [flow]}, f: {of: [network]}, g: {of: [flow, webapp]}}
threats:
  - {id: x, for: {c: webapp, d: secret}, when: c stores d, unless: c stores d with %[1]s, then: [knows(d)]}
`
	for control, want := range map[string]bool{"a": true, "b": true, "c": true, "d": true, "e": false, "f": false, "g": true} {
		files := map[string]string{
			"words.yaml":  strings.Split(text, "threats:")[0],
			"threat.yaml": fmt.Sprintf(text, control),
			"d.vbn":       "design \"D\" use \"words.yaml\" data S: secret component C: webapp { stores S with " + control + " }",
		}
		inDesign, inCatalogue := &diag.List{}, &diag.List{}
		Load(reader(files), []string{"d.vbn"}, inDesign)
		LoadCatalogue(reader(files), []string{"threat.yaml"}, inCatalogue)
		if inDesign.HasErrors() == want || inCatalogue.HasErrors() == want {
			t.Errorf("%s: want %t, the design says\n%sthe catalogue says\n%s", control, want, lines(inDesign), lines(inCatalogue))
		}
	}
}

// TestLostInclude checks that nothing is said of names that a file may declare which cannot be read.
func TestLostInclude(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	Load(reader(map[string]string{"d.vbn": "design \"D\" include \"gone.vbn\" component C: service in Core { stores A, B } flow Shop -> C over http { has encrption }"}), []string{"d.vbn"}, diags)
	var got []string
	for _, d := range diags.Sorted() {
		got = append(got, d.Message)
	}
	if want := `cannot read "gone.vbn": there is no such file|unknown control "encrption" — did you mean "encryption"?`; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestBuiltin(t *testing.T) {
	t.Parallel()
	for _, name := range Builtin() {
		diags := &diag.List{}
		c := LoadCatalogue(reader(nil), []string{name}, diags)
		if s := lines(diags); s != "" || len(c.Threats) == 0 {
			t.Errorf("%s: %d threats\n%s", name, len(c.Threats), s)
		}
		if c.Inputs[len(c.Inputs)-1].Name != name {
			t.Errorf("%s: the last input is %q", name, c.Inputs[len(c.Inputs)-1].Name)
		}
		for _, threat := range c.Threats {
			if !strings.HasPrefix(threat.Explain(c), threat.ID+": ") {
				t.Errorf("%s is explained as %q", threat.ID, threat.Explain(c))
			}
			if found := c.Search(strings.ToUpper(threat.ID)); len(found) == 0 {
				t.Errorf("search does not find %s", threat.ID)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	read := reader(testdata(t, "mini.yaml", "first.vbn", "cashier.vbn"))
	for _, name := range []string{"first.vbn", "cashier.vbn"} {
		diags := &diag.List{}
		m := Load(read, []string{name}, diags)
		if m == nil || lines(diags) != "" {
			t.Fatalf("%s:\n%s", name, lines(diags))
		}
		if len(m.Catalogue.Threats) != 6 || len(m.Design.Requirements) < 3 {
			t.Errorf("%s: %d threats, %d requirements", name, len(m.Catalogue.Threats), len(m.Design.Requirements))
		}
	}
}

func TestThreat(t *testing.T) {
	t.Parallel()
	diags := &diag.List{}
	c := LoadCatalogue(reader(testdata(t, "mini.yaml")), []string{"mini.yaml"}, diags)
	if s := lines(diags); s != "" {
		t.Fatal(s)
	}
	x := c.Threats[1]
	if got := x.When.String(); got != "injects(f) and f.target = c and not c has input_validation" {
		t.Errorf("when: %s", got)
	}
	if x.ID != "exploit" || x.Cost != 3 || len(x.For) != 2 || x.For[0].Name != "f" || len(x.Then) != 1 || !x.Then[0].Set || x.Catalogue != "mini" {
		t.Errorf("unexpected threat: %+v", x)
	}
	if got := c.Vocabulary.Protocols["https"].Gives; len(got) != 1 || got[0].Name != "encryption" {
		t.Errorf("https gives %v", got)
	}
}

// shop is a design that uses a catalogue beside it.
const shop = `design "Shop"
use "lib/t.yaml"
include "parts/a.vbn"
include "./parts/b.vbn"
`

func TestFiles(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"d/shop.vbn":       shop,
		"d/lib/t.yaml":     "catalogue: t\nextends: [left.yaml, right.yaml]\n",
		"d/lib/left.yaml":  "catalogue: left\nextends: [../base.yaml]\n",
		"d/lib/right.yaml": "catalogue: right\nextends: [../base.yaml]\n",
		"d/base.yaml":      "catalogue: base\nkinds: {network: {is: zone}}\n",
		"d/parts/a.vbn":    "include \"b.vbn\"\nzone A: network\n",
		"d/parts/b.vbn":    "zone B: network\n",
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"diamonds", "", "", ""},
		{"include circle", "d/parts/b.vbn", "include \"../shop.vbn\"\nzone B: network\n", "d/parts/b.vbn:1:9: error: \"d/shop.vbn\" includes itself: d/shop.vbn → d/parts/a.vbn → d/parts/b.vbn → d/shop.vbn; leave one `include` out [VAU2007]"},
		{"include itself", "d/parts/b.vbn", "include \"./b.vbn\"\nzone B: network\n", "d/parts/b.vbn:1:9: error: \"d/parts/b.vbn\" includes itself: d/parts/b.vbn → d/parts/b.vbn; leave one `include` out [VAU2007]"},
		{"missing include", "d/parts/b.vbn", "include \"c.vbn\"\nzone B: network\n", `d/parts/b.vbn:1:9: error: cannot read "d/parts/c.vbn": there is no such file [VAU2001]`},
		{"extends circle", "d/base.yaml", "catalogue: base\nextends: [lib/t.yaml]\nkinds: {network: {is: zone}}\n", `d/base.yaml:2:11: error: catalogue "lib/t.yaml" extends itself, expected other catalogues [VAU2007]`},
		{"two declarations", "d/lib/right.yaml", "catalogue: right\nextends: [../base.yaml]\nkinds: {network: {is: zone}}\n", `d/lib/right.yaml:3:9: error: kind "network" is declared twice [VAU2006]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(base)
			if c.file != "" {
				files[c.file] = c.text
			}
			diags := &diag.List{}
			m := Load(reader(files), []string{"d/shop.vbn"}, diags)
			if got, _, _ := strings.Cut(lines(diags), "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if (m == nil) != (c.want != "") {
				t.Errorf("the model is %v", m)
			}
			if m != nil && (len(m.Design.Files) != 3 || len(m.Catalogue.Inputs) != 4 || m.Catalogue.Inputs[0].Name != "base") {
				t.Errorf("%d files, catalogues %v", len(m.Design.Files), m.Catalogue.Inputs)
			}
		})
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.vbn": "design \"A\"\ninclude \"b.vbn\"\n", "b.vbn": "zone B: network\n"}
	diags := &diag.List{}
	m := Load(reader(files), []string{"a.vbn", "./b.vbn", "a.vbn"}, diags)
	if m == nil || len(m.Design.Files) != 2 || m.Design.Lookup("B") == nil {
		t.Fatalf("%v\n%s", m, lines(diags))
	}
	if inputs := m.Catalogue.Inputs; inputs[len(inputs)-1].Path != "builtin:retail" {
		t.Errorf("a design that says nothing uses %v", inputs)
	}
}

// Every code of the package is in the register.
func TestCodes(t *testing.T) {
	t.Parallel()
	known := map[diag.Code]bool{}
	for _, c := range diag.Codes() {
		known[c.Code] = true
	}
	for _, c := range []diag.Code{
		CodeRead, yamldoc.CodeYAML, CodeKey, CodeShape, CodeName, CodeTwice, CodeCycle, CodeUnused, CodeUnless, CodeEffect,
		CodeDead, CodeShadowed, CodeNoRefs, CodeNoSays, CodeIdle, CodeDefine,
	} {
		if !known[c] {
			t.Errorf("%s is not in the register", c)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, c := range wrong {
		f.Add(c.text)
	}
	f.Add(testdata(f, "mini.yaml")["mini.yaml"])
	f.Add("controls: {waf: {of: [component]}}\nthreats:\n  - {id: a, for: {c: kind}, when: c has waf, then: [], harder: {waf: 1}}\n  - {id: b, for: {c: kind}, when: c has waf, then: [], harder: {c: {waf: 1}}}")
	f.Add(threat(good + "unless: c has waf or c is webapp and f over http\nharder: {waf: 2}\nsays: \"{c}\""))
	f.Fuzz(func(t *testing.T, text string) {
		diags := &diag.List{}
		c := LoadCatalogue(reader(map[string]string{"t.yaml": text}), []string{"t.yaml"}, diags)
		for _, d := range diags.Sorted() {
			if s := d.Primary.Span; s.IsValid() && (s.Start < 0 || s.End < s.Start || s.End > len(s.File.Text)) {
				t.Fatalf("%q is at %d:%d", d.Message, s.Start, s.End)
			}
		}
		if !diags.HasErrors() {
			Lint(c)
			if _, err := Reference(c, func(string) (string, error) { return "", nil }); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestPacks checks that each pack loads with the default catalogue, and declares nothing but formulas, attackers and requirements.
func TestPacks(t *testing.T) {
	t.Parallel()
	if len(Packs()) == 0 {
		t.Fatal("no packs")
	}
	for _, name := range Packs() {
		diags := &diag.List{}
		m := Load(reader(map[string]string{"sub/d.vbn": `design "D" include "pack:` + name + `" zone Net: public`}), []string{"sub/d.vbn"}, diags)
		if m == nil || len(m.Design.Requirements) == 0 || len(m.Design.Requirements) > 10 || len(m.Design.Elements) != 1 {
			t.Fatalf("%s: %v", name, diags.Sorted())
		}
		if f := m.Design.Files[1]; f.Name != "pack:"+name || !source.Embedded(f.Name) {
			t.Errorf("it is called %q", f.Name)
		}
		for _, q := range m.Design.Requirements {
			if q.Title == "" || q.Severity == "" || len(q.Refs) == 0 {
				t.Errorf("%s: %s says not enough", name, q.Name)
			}
		}
	}
	diags := &diag.List{}
	Load(reader(map[string]string{"d.vbn": `design "D" include "pack:exposur"`}), []string{"d.vbn"}, diags)
	if got := diags.Sorted()[0]; got.Message != `there is no pack "exposur" — did you mean "exposure"?` || len(diags.Sorted()) != 1 {
		t.Errorf("got %v", diags.Sorted())
	}
}
