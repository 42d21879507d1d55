package audit_test

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/logfile"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/threats"
)

// scene is a log that was held against a design.
type scene struct {
	design, mapping string
	log             string
}

const (
	sceneMap = `case: case
type: did
values: {Amount: {full: [full], cent: [cent]}, Order: in order}
events:
  - {type: placed, step: Place, args: {o: case}}
  - {type: paid, step: Charge, args: {o: case, a: amount}}
  - {type: sent, step: Ship, args: {o: case, a: amount}}
`
	sceneLog = `{"case":"honest","did":"placed"}
{"case":"honest","did":"paid","amount":"full"}
{"case":"honest","did":"sent","amount":"full"}
{"case":"cheat","did":"placed"}
{"case":"cheat","did":"paid","amount":"cent"}
{"case":"cheat","did":"sent","amount":"cent"}
{"case":"odd","did":"placed"}
{"case":"odd","did":"sent","amount":"full"}
{"case":"odd","did":"sent","amount":"full"}
{"case":"strange","did":"gone"}
`
)

func newScene(t *testing.T) scene {
	t.Helper()
	design, err := os.ReadFile("../../examples/orders/shop.vbn")
	if err != nil {
		t.Fatal(err)
	}
	return scene{string(design), sceneMap, sceneLog}
}

func (s scene) read(name string) (string, error) {
	if name == "shop.vbn" {
		return s.design, nil
	}
	return "", os.ErrNotExist
}

func (s scene) open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s.log)), nil }

// explained makes the explanation of a scene.
func (s scene) explained(t *testing.T) *document.Explanation {
	t.Helper()
	diags := &diag.List{}
	m := threats.Load(s.read, []string{"shop.vbn"}, diags)
	file := source.New("shop.map.yaml", s.mapping)
	mapping := logs.Parse(file, m.Design, logfile.Formats[0].Defaults, diags)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted()[0].Message)
	}
	x, result, err := conform.Read(t.Context(), m, mapping, file, []logfile.File{{Name: "orders.jsonl", Format: logfile.Formats[0], Open: s.open}}, conform.Options{Lost: 1, Stops: true})
	if err == nil {
		err = x.Answers(t.Context(), result, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return reports.NewExplanation(result, "0.1.0")
}

// audit audits an explanation with what is in the scene.
func (s scene) audit(t *testing.T, document []byte, rerun bool) *audit.Result {
	t.Helper()
	r, err := audit.Run(t.Context(), &audit.Input{
		AsOf: asOf, Version: "0.1.0", Report: document, Design: []string{"shop.vbn"}, Judge: verdicts.Judge(nil), Read: s.read, Rerun: rerun,
		Mapping: source.New("shop.map.yaml", s.mapping), Logs: []audit.Log{{Name: "orders.jsonl", Open: s.open}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestExplanations audits an explanation, and forged ones: each change is refused by the check that is there for it, and by no other that was made.
func TestExplanations(t *testing.T) {
	t.Parallel()
	honest := newScene(t)
	of := func(e *document.Explanation, verdict string) *document.Explained {
		for i := range e.Groups {
			if e.Groups[i].Verdict == verdict {
				return &e.Groups[i]
			}
		}
		t.Fatalf("no case is %s", verdict)
		return nil
	}
	for name, c := range map[string]struct {
		given  func(*scene)                // what the auditor has
		change func(*document.Explanation) // what a forger did
		fails  string                      // the one check that does; "": none
		says   string
	}{
		"as it is":          {},
		"another log":       {given: func(s *scene) { s.log = strings.Replace(s.log, "cent", "full", 1) }, fails: audit.Logs, says: "another log: sha256"},
		"a log with an end": {given: func(s *scene) { s.log += "\n" }, fails: audit.Logs, says: "another log"},
		"another mapping":   {given: func(s *scene) { s.mapping = strings.Replace(s.mapping, "[cent]", "[cents]", 1) }, fails: audit.Mapping, says: "another file: sha256"},
		"another design":    {given: func(s *scene) { s.design += "// \n" }, fails: audit.Inputs, says: "another file: sha256"},
		"a cheat is said to be normal": {change: func(e *document.Explanation) {
			g := of(e, "explained")
			g.Verdict, g.By, g.Run, g.Also, g.HonestFit, g.Wants, g.Evidence = "normal", nil, of(e, "normal").Run, nil, nil, nil, of(e, "normal").Evidence
			e.Counts["normal"], e.Counts["explained"] = 2, 0
		}, fails: audit.Verdicts, says: "case cheat: normal: no threat has the instance"},
		"somebody else is accused": {change: func(e *document.Explanation) { of(e, "explained").By = []string{"Outsider"} }, fails: audit.Verdicts, says: "the answer says Outsider"},
		"it is said to be cheaper": {change: func(e *document.Explanation) { of(e, "explained").Run.Attack.CostAtLeast-- }, fails: audit.Verdicts, says: "at least 0 is proved"},
		"less is said to fit": {change: func(e *document.Explanation) {
			n := 1
			of(e, "unexplained").Fits = &n
		}, fails: audit.Verdicts, says: "it answers another question"},
		"a step in the evidence": {change: func(e *document.Explanation) {
			g := of(e, "normal")
			g.Evidence[0].Answer.Attacks[0].Rules = g.Evidence[0].Answer.Attacks[0].Rules[1:]
		}, fails: audit.Verdicts, says: "does not leave 3 events"},
		"an unknown case with a reason of somebody's own": {change: func(e *document.Explanation) {
			g := of(e, "normal")
			*g = document.Explained{Cases: g.Cases, Events: g.Events, Verdict: "unknown", Why: "ask Mallory"}
			e.Counts["normal"], e.Counts["unknown"] = 0, 2
		}, fails: audit.Verdicts, says: "not one of those that engines give"},
		"a step as it is told":   {change: func(e *document.Explanation) { of(e, "explained").Run.Attack.Steps[1].Says = "the shop gives it away" }, fails: audit.Contents, says: "the shop gives it away"},
		"an event as it is told": {change: func(e *document.Explanation) { of(e, "explained").Events[1] = "Charge(o1, full)" }, fails: audit.Contents, says: "full)"},
		"whose case it is": {change: func(e *document.Explanation) {
			of(e, "explained").Cases, of(e, "normal").Cases = of(e, "normal").Cases, of(e, "explained").Cases
		}, fails: audit.Contents, says: "cheat"},
		"what could not be mapped":                   {change: func(e *document.Explanation) { of(e, "unknown").Why = "ask Mallory" }, fails: audit.Contents, says: "ask Mallory"},
		"fewer entries":                              {change: func(e *document.Explanation) { e.Logs[0].Entries-- }, fails: audit.Contents},
		"a step is not observed":                     {change: func(e *document.Explanation) { e.Observed = e.Observed[1:] }, fails: audit.Contents},
		"an event that is no longer lost":            {change: func(e *document.Explanation) { e.Options.Lost = 0 }, fails: audit.Verdicts, says: "another question"},
		"a requirement that is not broken after all": {change: func(e *document.Explanation) { of(e, "explained").Next = of(e, "explained").Next[1:] }, fails: audit.Contents, says: "made again"},
		"a requirement that is not broken": {change: func(e *document.Explanation) {
			of(e, "normal").Next = append(slices.Clone(of(e, "explained").Next[:1]), of(e, "normal").Next...)
		}, fails: audit.Contents, says: "case honest: a requirement is said to be broken that its run does not break"},
		"what can follow":         {change: func(e *document.Explanation) { of(e, "normal").Next = nil }, fails: audit.Rerun, says: "made again"},
		"the logs":                {change: func(e *document.Explanation) { e.Inputs[len(e.Inputs)-1].Path = "other.jsonl" }, fails: audit.Logs, says: "is about the log other.jsonl"},
		"a log as another format": {change: func(e *document.Explanation) { e.Logs[0].Format = "csv" }, fails: audit.Verdicts},
		"a format of its own":     {change: func(e *document.Explanation) { e.Logs[0].Format = "pdf" }, fails: audit.Logs, says: "unknown format"},
		"a verdict of its own":    {change: func(e *document.Explanation) { of(e, "normal").Verdict = "fine" }, fails: audit.Report, says: `unknown verdict "fine"`},
		"counts of its own":       {change: func(e *document.Explanation) { e.Counts["normal"] = 3 }, fails: audit.Report, says: "it counts 3 cases"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, s := honest.explained(t), honest
			if c.change != nil {
				c.change(e)
			}
			if c.given != nil {
				c.given(&s)
			}
			data, err := e.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			r := s.audit(t, data, c.fails == audit.Rerun || c.fails == "")
			var failed []string
			for _, k := range r.Checks {
				if k.Status == audit.Failed {
					failed = append(failed, k.Name)
					if !strings.Contains(k.Detail, c.says) {
						t.Errorf("%s: %q, expected %q", k.Name, k.Detail, c.says)
					}
				}
			}
			if strings.Join(failed, " ") != c.fails {
				t.Errorf("refused by %q, expected %q\n%v", failed, c.fails, r.Checks)
			}
			if c.fails != "" {
				return
			}
			for _, want := range []string{audit.Inputs, audit.Mapping, audit.Logs, audit.Verdicts, audit.Contents, audit.Rerun} {
				if k := status(t, r, want); k.Status != audit.Passed {
					t.Errorf("%s %s: %s", want, k.Status, k.Detail)
				}
			}
			var text strings.Builder
			if err := r.Text(&text); err != nil || !strings.Contains(text.String(), "does not show that the log is true") || !strings.Contains(text.String(), "sha256 "+document.Digest([]byte(s.log))) {
				t.Errorf("%v\n%s", err, &text)
			}
		})
	}
}

// TestExplanationsByte: whatever one byte of an explanation is changed to, it is refused.
func TestExplanationsByte(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.log = strings.Join(strings.SplitAfter(sceneLog, "\n")[3:6], "")
	data, err := s.explained(t).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	next := strings.Index(string(data), `,"next":`) // of which nothing is judged without engines
	after := next + strings.Index(string(data[next:]), `,"run":{"by"`)
	if next < 0 || after < next {
		t.Fatal("where does it say what can follow?")
	}
	for i := 0; i < len(data); i += 41 {
		if i >= next && i < after {
			continue
		}
		changed := append([]byte(nil), data...)
		changed[i] ^= 1
		r := s.audit(t, changed, false)
		refused := false
		for _, c := range r.Checks {
			refused = refused || c.Status == audit.Failed
		}
		if !refused && !strings.Contains(string(changed[max(0, i-30):i]), "version") {
			t.Errorf("byte %d: %q is taken", i, changed[max(0, i-30):min(len(changed), i+30)])
		}
	}
}
