package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary/hornet"
)

// TestBuildReport: a build is never silent for long, in a pipe neither.
func TestBuildReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live bool
		want string
	}{
		{false, "vauban: step 1 of 2: fetching modules, 0 so far · 0 s\n" +
			"vauban: step 1 of 2: fetching modules, 7 so far · 1 min 00 s\n" +
			"vauban: step 2 of 2: compiled 0 of at most 9 packages · 0 s\n" +
			"vauban: step 2 of 2: compiled 4 of at most 9 packages · 31 min 05 s\n" +
			"vauban: step 2 of 2: linking · 32 min 00 s\n"},
		{true, "\r\x1b[Kstep 1 of 2: fetching modules, 7 so far · 1 min 00 s" +
			"\r\x1b[Kstep 2 of 2: compiled 4 of at most 9 packages · 31 min 05 s" +
			"\r\x1b[Kstep 2 of 2: linking · 32 min 00 s\r\x1b[K"},
	} {
		var out bytes.Buffer
		b := &buildReport{w: &out, live: c.live, start: time.Now()}
		b.update(hornet.Stage{})
		b.update(hornet.Stage{Fetched: 7})
		b.tick(b.start.Add(time.Minute))
		b.update(hornet.Stage{Fetched: 7, Packages: 9})
		b.update(hornet.Stage{Fetched: 7, Packages: 9, Compiled: 4})
		b.tick(b.start.Add(31*time.Minute + 5*time.Second))
		b.update(hornet.Stage{Fetched: 7, Packages: 9, Compiled: 9})
		b.tick(b.start.Add(32 * time.Minute))
		b.end()
		if got := out.String(); got != c.want {
			t.Errorf("live %v: got\n%q\nexpected\n%q", c.live, got, c.want)
		}
	}
}
