package threats

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
)

// retail loads everything that is built in.
func retail(t *testing.T) *Catalogue {
	t.Helper()
	diags := &diag.List{}
	c := LoadCatalogue(nil, Builtin(), diags)
	if s := lines(diags); s != "" {
		t.Fatal(s)
	}
	return c
}

// TestRetailIsAll checks that the two names that designs use bring everything: `core` what is general, `retail` all.
func TestRetailIsAll(t *testing.T) {
	t.Parallel()
	all := len(retail(t).Threats)
	if n := len(LoadCatalogue(nil, []string{"retail"}, &diag.List{}).Threats); n != all {
		t.Errorf("retail has %d threats of %d", n, all)
	}
	if n := len(LoadCatalogue(nil, []string{"core"}, &diag.List{}).Threats); n == 0 || n >= all {
		t.Errorf("core has %d threats", n)
	}
}

var scale = regexp.MustCompile(`^effort ([0-2]), skill ([0-2]), access ([0-2]): .{8,}`)

// TestEntries checks what every built-in entry must have: a cost that is the sum which its rationale states, a STRIDE category, a sentence,
// references of known forms unless it is a mere consequence.
func TestEntries(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(CAPEC-\d+|ATTACK-T\d{4}|CWE-\d+|OAT-0\d\d|API\d+:2023|PCI-DSS-\d+(\.\d+)+)$`)
	for _, x := range retail(t).Threats {
		m := scale.FindStringSubmatch(x.Rationale)
		switch {
		case x.Cost == 0 && x.Rationale != "":
			t.Errorf("%s costs nothing and gives a rationale", x.ID)
		case x.Cost > 0 && m == nil:
			t.Errorf("%s: rationale %q", x.ID, x.Rationale)
		case x.Cost > 0:
			sum := 0
			for _, s := range m[1:] {
				n, err := strconv.Atoi(s)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			if sum != x.Cost {
				t.Errorf("%s costs %d, and its rationale says %d", x.ID, x.Cost, sum)
			}
		}
		if x.Title == "" || x.Area == "" || x.Says == "" || len(x.Stride) == 0 || len(x.Refs) == 0 {
			t.Errorf("%s lacks a title, area, sentence, STRIDE category or reference", x.ID)
		}
		for _, r := range x.Refs {
			if !form.MatchString(r) {
				t.Errorf("%s refers to %q", x.ID, r)
			}
		}
	}
}

// TestWords checks the titles of all words, and cost and references of controls.
func TestWords(t *testing.T) {
	t.Parallel()
	v := retail(t).Vocabulary
	form := regexp.MustCompile(`^(PCI-DSS-\d+(\.\d+)+|ASVS-V\d+\.\d+\.\d+-L[123])$`)
	for name, k := range v.Kinds {
		if k.Title == "" && k.Span.IsValid() {
			t.Errorf("kind %s has no title", name)
		}
	}
	for name, p := range v.Protocols {
		if p.Title == "" {
			t.Errorf("protocol %s has no title", name)
		}
	}
	for name, r := range v.Relations {
		if r.Title == "" {
			t.Errorf("relation %s has no title", name)
		}
	}
	for name, c := range v.Controls {
		if c.Title == "" || c.Cost == 0 {
			t.Errorf("control %s has no title or costs nothing", name)
		}
		for _, r := range c.Refs {
			if !form.MatchString(r) {
				t.Errorf("control %s refers to %q", name, r)
			}
		}
	}
	count := func(roots ...string) int {
		n := 0
		for _, k := range v.Kinds {
			if slices.ContainsFunc(roots, func(r string) bool { return k != v.Kinds[r] && k.Is(v.Kinds[r]) }) {
				n++
			}
		}
		return n
	}
	for what, n := range map[string][2]int{
		"component and actor kinds": {count(models.ComponentRoot, models.ActorRoot), 60},
		"classes":                   {count(models.DataRoot), 25},
		"controls":                  {len(v.Controls), 90},
		"protocols":                 {len(v.Protocols), 30},
	} {
		if n[0] < n[1] {
			t.Errorf("%d %s, expected at least %d", n[0], what, n[1])
		}
	}
}

// TestNoLint checks that lint finds nothing in the built-in catalogues: no control that no rule reads, no dead or shadowed rule.
func TestNoLint(t *testing.T) {
	t.Parallel()
	if s := lines(Lint(retail(t))); s != "" {
		t.Error(s)
	}
}

// TestLists checks that every entry of a list is either what a threat or a control refers to, or explained, and never both.
func TestLists(t *testing.T) {
	t.Parallel()
	c := retail(t)
	listed := map[string]bool{}
	for _, l := range Lists() {
		for _, item := range l.Items {
			listed[item.ID] = true
			var ids []string
			for _, x := range c.Threats {
				if x.RefersTo(item) {
					ids = append(ids, x.ID)
				}
			}
			if (item.Outside == "") == (len(ids) == 0) {
				t.Errorf("%s: outside for the reason %q, and threats %v", item.ID, item.Outside, ids)
			}
		}
	}
	check := func(of string, refs []string) {
		for _, r := range refs {
			if !listed[r] && (strings.HasPrefix(r, "OAT") || strings.HasPrefix(r, "API") || strings.HasPrefix(r, "PCI")) {
				t.Errorf("%s refers to %s, which is on no list", of, r)
			}
		}
	}
	for _, x := range c.Threats {
		check(x.ID, x.Refs)
	}
	for name, k := range c.Vocabulary.Controls {
		check(name, k.Refs)
	}
}

// TestReferencesExist checks references against copies of the lists that publish them, and our lists for being whole.
func TestReferencesExist(t *testing.T) {
	t.Parallel()
	const dir = "../../shared/data/threatkb/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the knowledge bases are not beside the checkout")
	}
	exists := map[string]bool{}
	column := func(file, prefix, outside string) {
		f, err := os.Open(dir + file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			id, _, _ := strings.Cut(r[0], " ")
			if id != outside {
				exists[prefix+id] = true
			}
		}
	}
	column("attack_enterprise_techniques.csv", "ATTACK-", "")
	column("oat_index.csv", "", "")
	column("pci_dss_401_design_ids.csv", "PCI-DSS-", "A1.1.1")
	for i := range 10 {
		exists[fmt.Sprintf("API%d:2023", i+1)] = true
	}
	text, err := os.ReadFile(dir + "capec_3.9_compact.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var p struct{ ID, Status string }
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		exists[p.ID] = p.Status != "Deprecated"
	}
	c := retail(t)
	for _, x := range c.Threats {
		for _, r := range x.Refs {
			if !exists[r] && !strings.HasPrefix(r, "CWE-") {
				t.Errorf("%s refers to %s, which does not exist", x.ID, r)
			}
		}
	}
	for _, l := range Lists() {
		if l.ID == "stride" {
			continue
		}
		for _, item := range l.Items {
			if !exists[item.ID] {
				t.Errorf("list %s has %s, which does not exist", l.ID, item.ID)
			}
			delete(exists, item.ID)
		}
	}
	for id := range exists {
		if strings.HasPrefix(id, "OAT") || strings.HasPrefix(id, "API") || strings.HasPrefix(id, "PCI") {
			t.Errorf("%s is on no list", id)
		}
	}
}

// TestBuiltinAsOwn reads the built-in catalogues as if they were somebody's own, so that they pass what is not asked of them in each process.
func TestBuiltinAsOwn(t *testing.T) {
	t.Parallel()
	extends := regexp.MustCompile(`(?m)^extends: \[(.*)\]$`)
	own := regexp.MustCompile(`[a-z-]+`)
	read := func(name string) (string, error) {
		text := BuiltinText(strings.TrimSuffix(name, ".yaml"))
		return extends.ReplaceAllStringFunc(text, func(line string) string {
			return "extends: [" + own.ReplaceAllString(extends.FindStringSubmatch(line)[1], "$0.yaml") + "]"
		}), nil
	}
	diags := &diag.List{}
	c := LoadCatalogue(read, []string{"retail.yaml"}, diags)
	if s := lines(diags); s != "" || len(c.Threats) != len(retail(t).Threats) {
		t.Errorf("%d threats, of %d\n%s", len(c.Threats), len(retail(t).Threats), s)
	}
	for _, in := range c.Inputs {
		if in.BuiltIn() {
			t.Errorf("%s was read as a built-in one", in.Path)
		}
	}
	never := strings.Replace(BuiltinText("base"), "threats:\n", "threats:\n  - {id: never, title: T, for: {c: component}, when: c has session_approval, unless: not c has session_approval, then: [controls(c)], cost: 1, says: s, rationale: r}\n", 1)
	diags = &diag.List{}
	LoadCatalogue(func(string) (string, error) { return never, nil }, []string{"base.yaml"}, diags)
	if s := lines(diags); !strings.Contains(s, "never") {
		t.Errorf("a condition that is never met passes: %s", s)
	}
}
