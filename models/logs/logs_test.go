package logs_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/csv"
	"github.com/vauban-verifier/vauban/models/logs/jsonl"
	"github.com/vauban-verifier/vauban/threats"
)

func checkout(t testing.TB) *models.Design {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "checkout", "amount.vbn"))
	if err != nil {
		t.Fatal(err)
	}
	diags := &diag.List{}
	m := threats.Load(func(string) (string, error) { return string(text), nil }, []string{"shop.vbn"}, diags)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted()[0].Message)
	}
	return m.Design
}

// told reads a log by a mapping, and writes each case on a line: its objects, its events, and its problem.
func told(t testing.TB, r logs.Reader, mapping string) []string {
	t.Helper()
	d := checkout(t)
	m := logs.Plain(d, jsonl.Defaults)
	if mapping != "" {
		diags := &diag.List{}
		if m = logs.Parse(source.New("map.yaml", mapping), d, jsonl.Defaults, diags); m == nil {
			t.Fatal(diags.Sorted()[0].Message)
		}
	}
	x := logs.NewInterpreter(m, d, map[string][]string{"CAPEC-66": {"injection"}, "ATTACK-T1190": {"exploit"}})
	cases := logs.NewCases(m)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cases.Add(x.Mean(rec, "log")); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	for _, c := range cases.Open() {
		c = cases.Told(c)
		line := strings.Join(c.Names, "+") + ":"
		for _, e := range c.Events {
			switch {
			case e.Step != nil:
				line += " " + e.Step.Name + "(" + strings.Join(e.Args, ",") + ")"
			case len(e.Attempt) > 0:
				line += " " + strings.Join(e.Attempt, "|")
			default:
				line += " " + e.Effect
			}
		}
		if c.Problem != "" {
			line += " ! " + c.Problem
		}
		out = append(out, line)
	}
	return out
}

// TestReference reads the example of the page about mappings, and a log by it.
func TestReference(t *testing.T) {
	t.Parallel()
	mapping := strings.Split(strings.Split(logs.Reference, "```yaml\n")[1], "```")[0]
	mapping = strings.ReplaceAll(mapping, "tampers(Page)", "tampers(Notify)")
	got := told(t, jsonl.New(strings.NewReader(`
{"order_id": "A", "at": "2026-03-01T10:00:00Z", "service": "shop", "event": "order.placed"}
{"order_id": "B", "at": "2026-03-01T10:00:00Z", "service": "shop", "event": "order.placed"}
{"order_id": "A", "at": 1772359200, "service": "psp", "event": "payment.captured", "currency": "EUR", "amount": 59.90}
{"order_id": "B", "at": "2026-03-01T10:00:30Z", "service": "psp", "event": "payment.captured", "currency": "EUR", "amount": "0.01"}
{"order_id": "C", "at": "2026-03-01T10:00:30Z", "service": "psp", "event": "payment.captured", "currency": "EUR", "amount": "70"}
{"order_id": "D", "at": "2026-03-01T10:00:30Z", "service": "psp", "event": "payment.captured", "currency": "USD", "amount": "70"}
{"order_id": "A", "at": "2026-03-01T10:02:00Z", "service": "shop", "event": "waf.alert", "tags": ["capec/1000/152/248/66", "attack.t1190"]}
{"order_id": "A", "at": "2026-03-01T10:02:01Z", "service": "shop", "event": "parcel.sent"}
{"order_id": "A", "at": "2026-03-01T10:02:02Z", "service": "shop", "event": "page.changed"}
{"order_id": "A", "at": "2026-03-01T10:02:03Z", "service": "shop", "event": "heartbeat"}
{"order_id": "E", "at": "yesterday", "service": "shop", "event": "order.placed"}
`)), mapping)
	want := []string{
		"A: Place(o1) Charge(o1,full) exploit|injection Ship(o1,) tampers(Notify)",
		"B: Place(o1) Charge(o1,cent)",
		`C: Charge(o1) ! log:6: the mapping does not say which value of Amount "70" means`,
		`D: ! log:7: the mapping does not know the type "payment.captured", or its conditions`,
		`E: Place(o1) ! log:12: time "yesterday" is neither RFC 3339 nor seconds or milliseconds since 1970`,
	}
	for i := range want {
		if i >= len(got) || strings.Join(strings.Fields(got[i]), " ") != strings.Join(strings.Fields(want[i]), " ") {
			t.Errorf("got\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			break
		}
	}
}

// TestPlain reads logs that speak of steps by their names: in JSON Lines and in CSV they say the same.
func TestPlain(t *testing.T) {
	t.Parallel()
	want := []string{
		"a: Place(o1) Charge(o1,full)",
		`b: Place(o2) ! log:5: "much" is not a value of Amount`,
		`c: ! log:6: the design has no step "Plaice" — did you mean "Place"?`,
		`d: Charge() ! log:7: step "Charge" has 1 arguments, expected 2`,
	}
	for name, r := range map[string]logs.Reader{
		"jsonl": jsonl.New(strings.NewReader("\n{\"case\":\"a\",\"step\":\"Place\",\"args\":[\"o1\"]}\n{\"case\":\"b\",\"step\":\"Place\",\"args\":\"o2\"}\n" +
			`{"case":"a","step":"Charge","args":{"o":"o1","a":"full"}}` + "\n" + `{"case":"b","step":"Charge","args":["o2","much"]}` + "\n" +
			`{"case":"c","step":"Plaice"}` + "\n" + `{"case":"d","step":"Charge","args":["o1"]}`)),
		"csv": csv.New(strings.NewReader("case,time,step,args\na,2026-03-01T10:00:00Z,Place,o1\nb,,Place,o2\na,,Charge,\"o1, full\"\nb,,Charge,o2;much\nc,,Plaice,\nd,,Charge,o1\n")),
	} {
		got := told(t, r, "")
		for i := range want {
			if i < len(got) {
				got[i] = strings.ReplaceAll(got[i], "Charge(o2)", "")
			}
		}
		clean := func(list []string) []string {
			var out []string
			for _, l := range list {
				before, after, _ := strings.Cut(l, " ! ")
				out = append(out, strings.Join(strings.Fields(before), " ")+" ! "+after)
			}
			return out
		}
		if !slices.Equal(clean(got), clean(want)) {
			t.Errorf("%s: got\n%s\nexpected\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestShared puts cases together that share an object, whenever that shows.
func TestShared(t *testing.T) {
	t.Parallel()
	mapping := "case: [order, parcel]\ntype: e\nvalues: {Order: in order}\nevents:\n- {type: p, step: Place, args: {o: order}}\n- {type: s, step: Ship, args: {o: order, a: {any: true}}}\n"
	got := told(t, jsonl.New(strings.NewReader(`
{"order":"A","e":"p"}
{"order":"B","e":"p"}
{"order":"C","e":"p"}
{"order":"B","parcel":["P"],"e":"s"}
{"order":"A","parcel":["P"],"e":"s"}
{"order":"A","e":"p"}
{"order":"C","parcel":["Q"],"e":"s"}
`)), mapping)
	want := []string{"A+B+P: Place(o1) Place(o2) Ship(o2,) Ship(o1,) Place(o1)", "C+Q: Place(o1) Ship(o1,)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, expected %q", got, want)
	}
	got = told(t, jsonl.New(strings.NewReader(`{"order":["A"],"e":"p"}`)), mapping)
	if len(got) != 1 || !strings.Contains(got[0], `the entry has no field "order"`) {
		t.Errorf("a list for an argument: %q", got)
	}
	got = told(t, jsonl.New(strings.NewReader("{\"order\":\"A\",\"parcel\":\"P\",\"e\":\"p\"}\n{\"order\":\"B\",\"parcel\":\"P\",\"e\":\"p\"}\n{\"order\":\"C\",\"parcel\":\"P\",\"e\":\"p\"}\n")), mapping)
	if len(got) != 1 || !strings.Contains(got[0], "speaks of 3 different Order, and the domain has 2") {
		t.Errorf("more orders than the domain has: %q", got)
	}
}

// TestMappingMistakes gives each mistake of a mapping, with the place.
func TestMappingMistakes(t *testing.T) {
	t.Parallel()
	d := checkout(t)
	for text, want := range map[string]string{
		"case: c\nevents: [{type: p, step: Plaice}]":                        `the design has no step "Plaice" — did you mean "Place"?`,
		"case: c\nevents: [{type: p, step: Place}]":                         `parameter "o" of step "Place" is not mapped`,
		"case: c\nevents: [{type: p, step: Place, args: {o: {value: o3}}}]": `o of step "Place" is never "o3" — did you mean "o1"?`,
		"case: c\nevents: [{type: p, step: Place, args: {o: c, p: x}}]":     `unknown key "p" in the arguments of step Place`,
		"case: c\nevents: [{type: p}]":                                      "an event means 0 things, expected one of `step`, `attempt` and `effect`",
		"case: c\nevents: [{type: p, attempt: injekt}]":                     `no catalogue in use has a threat "injekt"`,
		"case: c\nevents: [{type: p, attempt: injection, on: [Shp]}]":       `the design has no element "Shp": name one of its elements`,
		"case: c\nobserved: [Ship]\nevents: [{step: Place, args: {o: a}}]":  "an event means step \"Place\", which is not among `observed`",
		"case: c\nvalues: {Ordr: in order}\nevents: []":                     `the design has no domain "Ordr" — did you mean "Order"?`,
		"case: c\nvalues: {Order: in turn}\nevents: []":                     "the values of Order are \"in turn\", expected `in order` of a domain, or what each value means",
		"case: c\nvalues: {Amount: {ful: [a]}}\nevents: []":                 `Amount has no value "ful" — did you mean "full"?`,
		"case: c\nvalues: {Amount: {full: {from: much}}}\nevents: []":       `"much" is not a number, expected a decimal one such as 59.90`,
		"case: c\nclocks: [{sources: [a], skew: soon}]\nevents: []":         `skew is "soon", expected a duration such as 500ms or 2s`,
		"case: c\norder: random\nevents: []":                                "order is \"random\", expected `log` (as they are written) or `time`",
		"case: []\nevents: []":                                              `the mapping does not say which field has the case, expected the key "case"`,
		"case: c\nevents: {a: b}":                                           `events is a mapping, expected a list, such as [{type: paid, step: Pay, args: {o: order}}]`,
		"case: c\nevents: [{type: p, attempt: injection, args: {a: b}}]":    "`args` is for steps, expected `on`",
		"case: c\nevents: [{type: p, effect: tampers(Notify), on: [Shop]}]": "`on` is for attempts, expected `args` for a step, and neither for an effect",
		"cases: c\nevents: []":                                              `unknown key "cases" in the mapping — did you mean "case"?`,
		"case: c\nevents: [{step: Place, args: {o: {any: perhaps}}}]":       `any is "perhaps", expected true or false`,
		"case: c\nclocks: {sources: [a]}\nevents: []":                       "clocks is a mapping, expected a list, such as [{sources: [shop, psp], skew: 2s}]",
		"case: c\nvalues: {customer: in order}\nevents: []":                 "the values of customer are \"in order\", expected `in order` of a domain, or what each value means",
	} {
		diags := &diag.List{}
		if m := logs.Parse(source.New("map.yaml", text), d, jsonl.Defaults, diags); m != nil {
			t.Errorf("%s\nis taken", text)
			continue
		}
		if got := diags.Sorted()[0]; got.Message != want || !got.Primary.Span.IsValid() {
			t.Errorf("%s\n%s, expected %s", text, got.Message, want)
		}
	}
}

// TestUnreadable gives what readers refuse, and that they go on behind it.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3<<20)
	r := jsonl.New(strings.NewReader("{\"a\":1}\n[1]\n{\"a\":1,\"a\":2}\n" + long + "\n{\"a\":\"\xff\"}\n{\"a\":1} {}\n" + strings.Repeat("{\"a\":", 40) + "1" + strings.Repeat("}", 40) + "\n7\n{\"b\":{\"c\":[true,null,\"x\"]}}"))
	var got []string
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var wrong *logs.Unreadable
			if !errors.As(err, &wrong) {
				t.Fatal(err)
			}
			got = append(got, err.Error())
			continue
		}
		got = append(got, rec.Fields["a"]+rec.Fields["b.c.0"]+rec.Fields["b.c.2"])
	}
	want := []string{
		"1", "line 2: not a JSON object: it is a list", `line 3: not a JSON object: "a" appears twice`, "line 4: the entry is longer than 1 MB", "line 5: the entry is not UTF-8",
		"line 6: not a JSON object: something follows it", "line 7: not a JSON object: it nests deeper than 32 levels", "line 8: not a JSON object: it is a single value", "truex",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, expected %q", got, want)
	}
	for text, want := range map[string]string{
		"a,a\n":           `the first line names the column "a" twice, or one without a name: it must name each column`,
		"a;b\n1;2;3\n":    "line 2: the line has 3 columns, and the first one names 2",
		"a,b\n\"" + long:  "line 2: an entry is longer than 1 MB",
		"a,b\n1,\xff\n":   "line 2: the entry is not UTF-8",
		"a,b\n1,\"2\"3\n": `line 2: extraneous or missing " in quoted-field`,
	} {
		if _, err := csv.New(strings.NewReader(text)).Next(); err == nil || err.Error() != want && !strings.HasSuffix(err.Error(), strings.TrimPrefix(want, "line 2: ")) {
			t.Errorf("%.30q: %v, expected %s", text, err, want)
		}
	}
}

// FuzzJSON reads whatever there is: without a panic, within the limits, and the fields are those of a JSON object.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,"x",null,{"c":false}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := logs.JSON(data, 1)
		if err == nil && len(rec.Fields) > logs.MaxFields {
			t.Error("too many fields")
		}
	})
}

// TestEndless: of a case that does not end, the first events are kept, and the case says so; others go on.
func TestEndless(t *testing.T) {
	t.Parallel()
	d := checkout(t)
	m := logs.Plain(d, jsonl.Defaults)
	cases, x := logs.NewCases(m), logs.NewInterpreter(m, d, nil)
	for i := range 3 * logs.MaxCase {
		for _, name := range []string{"endless", fmt.Sprint("c", i)} {
			at, err := cases.Add(x.Mean(logs.Record{Line: i + 1, Fields: map[string]string{"case": name, "step": "Place", "args": "o1"}}, "log"))
			if err != nil {
				t.Fatal(err)
			}
			if name != "endless" {
				if at.Problem != "" || len(cases.Told(at).Events) != 1 {
					t.Fatal(at.Problem)
				}
				cases.Close(at)
				continue
			}
			want := ""
			if i >= logs.MaxCase {
				want = "log:4097: the case has more than 4096 events, and no more are looked at"
			}
			if at.Problem != want || len(at.Entries()) != min(i+1, logs.MaxCase) {
				t.Fatalf("event %d: %q, %d kept", i+1, at.Problem, len(at.Entries()))
			}
		}
	}
}
