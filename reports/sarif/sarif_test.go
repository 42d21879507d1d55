package sarif

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/internal/sample"
	"github.com/vauban-verifier/vauban/threats"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

func write(t *testing.T, outcomes []reports.Outcome) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, outcomes, Options{Version: "1.2.3", Path: func(name string) string { return "designs/" + name }}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func parse(t *testing.T, data []byte) log {
	t.Helper()
	var l log
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, outcomes := range sample.Outcomes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample.Golden(t, name+".sarif", write(t, outcomes), *update)
		})
	}
}

// TestSchema checks all samples against the schema of what this package writes, and against the whole schema of SARIF where a file with it is named:
// the npm package @microsoft/sarif-multitool has one, and .ci/sarif fetches it.
func TestSchema(t *testing.T) {
	t.Parallel()
	paths := []string{filepath.Join("testdata", "schema.json")}
	if whole := os.Getenv("VAUBAN_SARIF_SCHEMA"); whole != "" {
		paths = append(paths, whole)
	} else {
		t.Log("VAUBAN_SARIF_SCHEMA names no file with the whole schema: checked against our part of it alone")
	}
	outcomes := sample.Outcomes()
	outcomes["huge"] = []reports.Outcome{{Name: "shop.vbn", Result: sample.Huge()}}
	for _, path := range paths {
		schema, err := jsonschema.NewCompiler().Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range outcomes {
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(write(t, o)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s against %s: %v", name, path, err)
			}
		}
		bad := strings.Replace(string(write(t, outcomes["everything"])), `"level": "error"`, `"level": "fatal"`, 1)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil || schema.Validate(value) == nil {
			t.Errorf("%s lets an unknown level pass (%v)", path, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	data := write(t, []reports.Outcome{{Name: "shop.vbn", Result: sample.Huge()}})
	run := parse(t, data).Runs[0]
	if n := len(run.Results); n != maxResults {
		t.Errorf("%d results, expected %d", n, maxResults)
	}
	if len(run.Tool.Driver.Rules) > maxResults {
		t.Errorf("%d rules", len(run.Tool.Driver.Rules))
	}
	flows := 0
	for i, r := range run.Results {
		if r.RuleID != run.Tool.Driver.Rules[r.RuleIndex].ID {
			t.Fatalf("result %d is of rule %s, but its index is that of %s", i, r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if strings.Contains(r.Message.Text, "Long") {
			t.Error("the least severe result is kept, and others are not")
		}
		for _, f := range r.CodeFlows {
			flows += len(f.ThreadFlows[0].Locations)
		}
	}
	if flows > maxFlows || flows < maxFlows/2 {
		t.Errorf("%d locations in code flows, expected at most %d and not much less", flows, maxFlows)
	}
	if n := len(run.Invocations[0].ExecutionNotifications); n > maxNotifications+3 {
		t.Errorf("%d notifications", n)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(data); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	if zipped.Len() > 10<<20 {
		t.Errorf("%d bytes compressed, expected at most 10 MB", zipped.Len())
	}
	for _, want := range []string{"more notifications left out", "less severe results left out", "written without the steps"} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("nothing says %q", want)
		}
	}
}

func TestLongFlow(t *testing.T) {
	t.Parallel()
	huge := sample.Huge()
	huge.Requirements = huge.Requirements[:1]
	flow := parse(t, write(t, []reports.Outcome{{Name: "shop.vbn", Result: huge}})).Runs[0].Results[0].CodeFlows[0].ThreadFlows[0].Locations
	if len(flow) != maxFlow {
		t.Errorf("%d locations, expected %d", len(flow), maxFlow)
	}
	first, resumed, last := flow[0].Location.Message.Text, flow[maxFlow/2].Location.Message.Text, flow[len(flow)-1].Location.Message.Text
	if !strings.HasPrefix(first, "1. ") || !strings.HasPrefix(resumed, "(1,501 steps left out) 2002. ") || !strings.HasPrefix(last, "Long is broken") {
		t.Errorf("it begins %q, goes on %q, ends %q", first, resumed, last)
	}
}

// TestManyDesigns writes more designs and results than code scanning takes as runs, or shows.
func TestManyDesigns(t *testing.T) {
	t.Parallel()
	var outcomes []reports.Outcome
	for i := range 25 {
		r := sample.Huge()
		r.Requirements = r.Requirements[2:242]
		r.Model.Design.Title = fmt.Sprint("Shop ", i)
		outcomes = append(outcomes, reports.Outcome{Name: fmt.Sprintf("shop%d.vbn", i), Result: r})
	}
	data := write(t, outcomes)
	l := parse(t, data)
	if len(l.Runs) != 1 || len(l.Runs[0].Results) != maxResults || !bytes.Contains(data, []byte("1,000 less severe results left out")) {
		t.Fatalf("%d runs, %d results", len(l.Runs), len(l.Runs[0].Results))
	}
	seen := map[string]bool{}
	for _, r := range l.Runs[0].Results {
		if len(r.Locations) != 1 {
			t.Fatal("a result has no location")
		}
		key := fmt.Sprint(r.RuleID, r.PartialFingerprints)
		if seen[key] {
			t.Fatalf("two results are one: %s", key)
		}
		seen[key] = true
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(data); err != nil || z.Close() != nil || zipped.Len() > 10<<20 {
		t.Errorf("%v, %d bytes compressed, expected at most 10 MB", err, zipped.Len())
	}
	if small := parse(t, write(t, outcomes[:1])); small.Runs[0].AutomationDetails.ID != "vauban/designs/shop0.vbn/" || l.Runs[0].AutomationDetails.ID != "vauban/" {
		t.Errorf("the categories are %q and %q", small.Runs[0].AutomationDetails.ID, l.Runs[0].AutomationDetails.ID)
	}
}

// check verifies the flagship with something changed in its text.
func check(t *testing.T, change func(name, text string) string) *run {
	t.Helper()
	dir := filepath.Join("..", "..", "examples", "tofar")
	diags := &diag.List{}
	model := threats.Load(func(name string) (string, error) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		return change(name, string(text)), err
	}, []string{"pharmacy.vbn"}, diags)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	r, err := checker.Check(t.Context(), model, checker.Options{AsOf: "2026-11-24"})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, write(t, []reports.Outcome{{Name: "pharmacy.vbn", Result: r}})).Runs[0]
}

// TestFingerprintsStayWhenLinesMove inserts lines above everything: results stand elsewhere and are still the same.
func TestFingerprintsStayWhenLinesMove(t *testing.T) {
	t.Parallel()
	before := check(t, func(_, text string) string { return text })
	after := check(t, func(_, text string) string { return strings.Repeat("// a comment\n", 7) + text })
	if len(before.Results) != len(after.Results) || len(before.Results) < 10 {
		t.Fatalf("%d and %d results", len(before.Results), len(after.Results))
	}
	seen := map[string]bool{}
	for i, old := range before.Results {
		now := after.Results[i]
		key := "primaryLocationLineHash"
		if old.RuleID != now.RuleID || old.PartialFingerprints[key] != now.PartialFingerprints[key] {
			t.Errorf("result %d: %s %s became %s %s", i, old.RuleID, old.PartialFingerprints[key], now.RuleID, now.PartialFingerprints[key])
		}
		if from, to := old.Locations[0].PhysicalLocation.Region.StartLine, now.Locations[0].PhysicalLocation.Region.StartLine; to != from+7 {
			t.Errorf("result %d: line %d became %d", i, from, to)
		}
		if seen[old.RuleID+old.PartialFingerprints[key]] {
			t.Errorf("result %d has the fingerprint of another of its rule", i)
		}
		seen[old.RuleID+old.PartialFingerprints[key]] = true
	}
}
