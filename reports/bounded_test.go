package reports

import (
	"runtime"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/document"
)

// Reports that somebody made to fill the memory are refused before anything is made of them, in little more memory than they have bytes.
func TestHostileReports(t *testing.T) {
	data := string(written(t, ""))
	many := func(item string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	list := func(name, item string, n int) string {
		i := strings.Index(data, `"`+name+`":[`)
		if i < 0 {
			t.Fatalf("the report has no %s", name)
		}
		return data[:i] + `"` + name + `":` + many(item, n) + data[i:]
	}
	for name, c := range map[string]struct{ text, says string }{
		"empty cases":    {list("cases", "{}", 1_000_000), "a list has an empty object twice"},
		"empty warnings": {list("warnings", "{}", 1_000_000), "a list has an empty object twice"},
		"short cases":    {list("cases", `{"runs":[]}`, 400_000), "more than 524288 values"},
		"empty lists":    {list("cases", "[]", 1_000_000), "more than 524288 values"},
		"texts":          {list("assumptions", `""`, 1_000_000), "more than 524288 values"},
		"deep":           {strings.Repeat(`{"a":[`, 1_000_000), "nests deeper than 32 levels"},
		"blanks":         {"{" + strings.Repeat(" ", 10_000_000) + "}", "blanks between values"},
		"closed":         {strings.Repeat("]", 1_000_000), "it is not JSON"},
		"no end":         {`{"design":"` + strings.Repeat("x", 1_000_000), "unexpected end of JSON"},
		"huge":           {strings.Repeat("x", document.MaxBytes+1), "larger than 32 MB"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := document.Parse([]byte(c.text))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, expected %q", name, err, c.says)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 3*uint64(len(c.text))+1<<20 {
			t.Errorf("%s: %d bytes took %d", name, len(c.text), used)
		}
	}
}

// What a report says of the tool cannot be checked, so it may be no more than a version.
func TestToolSaysNothingElse(t *testing.T) {
	t.Parallel()
	data := string(written(t, ""))
	for tool, good := range map[string]bool{
		`"version":"1.2.3"`: true, `"version":"10.0.1-rc.1"`: true, `"version":""`: false, `"version":"1.2"`: false, `"version":"1.2.3, certified by the bank"`: false,
		`"version":"1.2.3-` + strings.Repeat("a", 65) + `"`: false, `"version":"1.2.3\n"`: false,
	} {
		if _, err := document.Parse([]byte(strings.Replace(data, `"version":"1.2.3"`, tool, 1))); (err == nil) != good {
			t.Errorf("%s: %v", tool, err)
		}
	}
	if _, err := document.Parse([]byte(strings.Replace(data, `"name":"vauban"`, `"name":"vauban, certified"`, 1))); err == nil {
		t.Error("another tool is taken")
	}
}
