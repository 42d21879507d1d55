package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
)

// orderLog is a log of orders, every seventh of which is shipped for a cent.
func orderLog(orders int) string {
	var b strings.Builder
	for i := range orders {
		amount := "full"
		if i%7 == 3 {
			amount = "cent"
		}
		fmt.Fprintf(&b, "{\"case\":\"c%d\",\"step\":\"Place\",\"args\":[\"o1\"]}\n", i)
		if i > 0 {
			before := "full"
			if (i-1)%7 == 3 {
				before = "cent"
			}
			fmt.Fprintf(&b, "{\"case\":\"c%d\",\"step\":\"Ship\",\"args\":[\"o1\",\"%s\"]}\n", i-1, before)
		}
		fmt.Fprintf(&b, "{\"case\":\"c%d\",\"step\":\"Charge\",\"args\":[\"o1\",\"%s\"]}\n", i, amount)
	}
	return b.String()
}

// answers reads what a monitor wrote: by entry, and how often each.
func answersOf(t *testing.T, text string) (byEntry map[int]conform.Told, times map[int]int) {
	t.Helper()
	byEntry, times = map[int]conform.Told{}, map[int]int{}
	for line := range strings.Lines(text) {
		var told conform.Told
		if err := json.Unmarshal([]byte(line), &told); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if old, ok := byEntry[told.Entry]; ok && fmt.Sprint(old.Verdict, old.Case, old.Broken) != fmt.Sprint(told.Verdict, told.Case, told.Broken) {
			t.Errorf("entry %d: %v, and later %v", told.Entry, old, told)
		}
		byEntry[told.Entry] = told
		times[told.Entry]++
	}
	return byEntry, times
}

func monitored(t *testing.T, ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) int {
	t.Helper()
	var stderr bytes.Buffer
	code := Run(ctx, append([]string{"explain", "checkout.vbn"}, args...), stdin, stdout, &stderr)
	if stderr.Len() > 0 {
		t.Log(stderr.String())
	}
	return code
}

// TestMonitorResumes cuts the state of a monitor at each of many bytes, as a crash would: whoever begins with what is left has an answer for every entry.
func TestMonitorResumes(t *testing.T) {
	design(t)
	log := orderLog(12)
	var whole bytes.Buffer
	if code := monitored(t, t.Context(), strings.NewReader(log), &whole, "-", "--follow", "--state", "state"); code != console.ExitFound {
		t.Fatalf("exit status %d", code)
	}
	want, _ := answersOf(t, whole.String())
	if n := strings.Count(log, "\n"); len(want) != n {
		t.Fatalf("%d answers to %d entries", len(want), n)
	}
	state, err := os.ReadFile("state")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(log, "\n")
	for cut := 0; cut < len(state); cut += 97 {
		if err := os.WriteFile("cut", state[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := max(0, bytes.Count(state[:cut], []byte("\n"))-1) // without the head
		var rest bytes.Buffer
		monitored(t, t.Context(), strings.NewReader(strings.Join(lines[kept:], "")), &rest, "-", "--follow", "--state", "cut")
		got, _ := answersOf(t, rest.String())
		for entry := kept + 1; entry <= len(want); entry++ {
			if got[entry].Verdict != want[entry].Verdict || fmt.Sprint(got[entry].Broken) != fmt.Sprint(want[entry].Broken) {
				t.Fatalf("cut at %d: entry %d is %v, expected %v", cut, entry, got[entry], want[entry])
			}
		}
		if kept > 0 && got[kept].Verdict != want[kept].Verdict {
			t.Fatalf("cut at %d: the last entry that was kept, %d, is not answered again", cut, kept)
		}
	}
	if code := Run(t.Context(), []string{"explain", "checkout.vbn", "-", "--follow", "--state", "state", "--lost", "1"}, strings.NewReader(""), io.Discard, io.Discard); code != console.ExitUsage {
		t.Errorf("a state of another tolerance: exit status %d", code)
	}
}

// stopper is a writer that calls stop after so many lines.
type stopper struct {
	bytes.Buffer
	mu   sync.Mutex
	left int
	stop func()
}

func (s *stopper) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left -= bytes.Count(p, []byte("\n")); s.left <= 0 {
		s.stop()
	}
	return s.Buffer.Write(p)
}

// TestMonitorFollowsFile waits for more where a file ends, and goes on behind what it has read.
func TestMonitorFollowsFile(t *testing.T) {
	design(t)
	log := orderLog(20)
	half := len(log) / 2
	half += strings.IndexByte(log[half:], '\n') + 1
	if err := os.WriteFile("grows.jsonl", []byte(log[:half]), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := &stopper{left: strings.Count(log[:half], "\n"), stop: cancel}
	monitored(t, ctx, strings.NewReader(""), first, "grows.jsonl", "--follow", "--state", "state")
	file, err := os.OpenFile("grows.jsonl", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(log[half:]); err != nil {
		t.Fatal(err)
	}
	file.Close()
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	second := &stopper{left: strings.Count(log[half:], "\n"), stop: cancel}
	monitored(t, ctx, strings.NewReader(""), second, "grows.jsonl", "--follow", "--state", "state")
	got, _ := answersOf(t, first.String()+second.String())
	if n := strings.Count(log, "\n"); len(got) < n-maxBatch/4 {
		t.Errorf("%d of %d entries are answered", len(got), n)
	}
	broken := 0
	for _, told := range got {
		if len(told.Broken) > 0 {
			broken++
		}
	}
	if broken == 0 {
		t.Error("nothing is broken")
	}
}

// TestMonitorPosts posts what is news, and stops where nobody takes it.
func TestMonitorPosts(t *testing.T) {
	design(t)
	var mu sync.Mutex
	var posted []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		posted = append(posted, string(data))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	if code := monitored(t, t.Context(), strings.NewReader(orderLog(8)), io.Discard, "-", "--follow", "--post", server.URL); code != console.ExitFound {
		t.Errorf("exit status %d", code)
	}
	if len(posted) != 2 || !strings.Contains(posted[0], `"verdict":"explained"`) || !strings.Contains(posted[1], `"broken":["PaidInFull"]`) {
		t.Errorf("posted %q", posted)
	}
	server.Close()
	if code := monitored(t, t.Context(), strings.NewReader(orderLog(8)), io.Discard, "-", "--follow", "--post", server.URL); code != console.ExitUnknown {
		t.Errorf("nobody there: exit status %d", code)
	}
	for _, address := range []string{"http://192.0.2.1/x", "ftp://localhost/", "localhost:80", "http://example.com/"} {
		if _, err := postTo(address); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
	for _, address := range []string{"http://localhost:80/x", "http://127.0.0.1/", "http://[::1]:8080/", "https://example.com/x"} {
		if _, err := postTo(address); err != nil {
			t.Error(err)
		}
	}
}

// TestMonitorCompacts keeps in the state only what open cases need.
func TestMonitorCompacts(t *testing.T) {
	dir := t.TempDir()
	design(t)
	path := filepath.Join(dir, "state")
	in, out := io.Pipe()
	go func() {
		for i := range 60_000 { // two minutes apart, each an order that is over
			if _, err := fmt.Fprintf(out, "{\"case\":\"c%d\",\"time\":%d,\"step\":\"Place\",\"args\":[\"o1\"]}\n", i, 1_772_359_200+120*i); err != nil {
				return
			}
		}
		out.Close()
	}()
	if code := monitored(t, t.Context(), in, io.Discard, "-", "--follow", "--state", path, "--idle", "1h"); code != console.ExitOK {
		t.Errorf("exit status %d", code)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > compactFrom+1<<20 {
		t.Errorf("the state has %d bytes: %v", info.Size(), err)
	}
}
