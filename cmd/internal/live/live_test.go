package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/cmd/internal/live"
)

// begin serves a check and returns the address of its page.
func begin(t *testing.T, check live.Check) string {
	t.Helper()
	l, token, err := live.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- live.Serve(ctx, l, token, check) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return live.Address(l, token)
}

// state is what a page is told.
type state struct {
	live.State
	Serial int  `json:"serial"`
	Stale  bool `json:"stale"`
}

// listen returns the states as they come.
func listen(t *testing.T, address string) <-chan state {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan state, 100)
	go func() {
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var s state
				if json.Unmarshal([]byte(data), &s) == nil {
					out <- s
				}
			}
		}
		close(out)
	}()
	return out
}

// until waits for a state.
func until(t *testing.T, states <-chan state, what string, is func(state) bool) state {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case s, ok := <-states:
			if !ok {
				t.Fatalf("no more states, and none was %s", what)
			}
			if is(s) {
				return s
			}
		case <-deadline:
			t.Fatalf("never %s", what)
		}
	}
}

// TestFollows: a change of a file ends the check that runs and begins another; a file that was missing counts, too, and the last report stays where there is no other.
func TestFollows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, missing := filepath.Join(dir, "a.vbn"), filepath.Join(dir, "b.vbn")
	put := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(file, "good 1")
	address := begin(t, func(ctx context.Context, reads func(string), show func(live.State)) {
		reads(file)
		reads(missing)
		data, _ := os.ReadFile(file)
		_, err := os.Stat(missing)
		switch text := string(data); {
		case strings.HasPrefix(text, "slow"):
			show(live.State{Text: "1 of 2"})
			<-ctx.Done()
			show(live.State{Text: "too late", Done: true, Report: []byte("of an earlier text")})
		case strings.HasPrefix(text, "good"):
			if err == nil {
				text += " and b"
			}
			show(live.State{Text: text, Done: true, Report: []byte(text)})
		default:
			show(live.State{Text: "wrong", Done: true, Errors: []string{text}})
		}
	})
	states := listen(t, address)
	s := until(t, states, "checked", func(s state) bool { return s.Text == "good 1" })
	if s.Serial != 1 || s.Stale || !s.Done {
		t.Errorf("%+v", s)
	}
	put(file, "bad")
	s = until(t, states, "wrong", func(s state) bool { return s.Text == "wrong" })
	if s.Serial != 1 || !s.Stale || len(s.Errors) != 1 {
		t.Errorf("%+v", s)
	}
	put(file, "slow")
	until(t, states, "half done", func(s state) bool { return s.Text == "1 of 2" })
	put(file, "good 22")
	s = until(t, states, "checked again", func(s state) bool {
		if s.Text == "too late" {
			t.Errorf("%+v", s)
		}
		return s.Text == "good 22"
	})
	if s.Serial != 2 || s.Stale {
		t.Errorf("%+v", s)
	}
	put(missing, "")
	until(t, states, "with the other file", func(s state) bool { return s.Text == "good 22 and b" })
	answer, err := http.Get(address + "report")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	report, _ := bufio.NewReader(answer.Body).ReadString(0)
	if report != "good 22 and b" {
		t.Errorf("%q", report)
	}
}

// TestStrangers: nobody gets an answer who does not have the address, who comes by another name, or from another origin.
func TestStrangers(t *testing.T) {
	t.Parallel()
	address := begin(t, func(_ context.Context, _ func(string), show func(live.State)) {
		show(live.State{Done: true, Report: []byte("secret design")})
	})
	until(t, listen(t, address), "checked", func(s state) bool { return s.Done })
	base := strings.TrimSuffix(address, "/")
	base = base[:strings.LastIndexByte(base, '/')]
	for _, c := range []struct {
		name, address, host, key, value, method string
		status                                  int
	}{
		{name: "own", address: address + "report", status: 200},
		{name: "own page", address: address, status: 200, key: "Sec-Fetch-Site", value: "none"},
		{name: "own script", address: address + "report", key: "Origin", value: base, status: 200},
		{name: "no token", address: base + "/", status: 403},
		{name: "part of the token", address: strings.TrimSuffix(address, "/")[:len(address)-3] + "/report", status: 403},
		{name: "another token", address: base + "/" + strings.Repeat("0", 32) + "/report", status: 403},
		{name: "another name for this address", address: address + "report", host: "evil.example", status: 421},
		{name: "a page of another origin", address: address + "report", key: "Origin", value: "http://evil.example", status: 403},
		{name: "a frame of another site", address: address, key: "Sec-Fetch-Site", value: "cross-site", status: 403},
		{name: "a sandboxed frame", address: address + "events", key: "Origin", value: "null", status: 403},
		{name: "a change", address: address + "report", method: http.MethodPost, status: 405},
		{name: "another file", address: address + "../../etc/passwd", status: 404},
		{name: "nothing", address: address + "nothing", status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			method := c.method
			if method == "" {
				method = http.MethodGet
			}
			r, err := http.NewRequestWithContext(t.Context(), method, c.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.host != "" {
				r.Host = c.host
			}
			if c.key != "" {
				r.Header.Set(c.key, c.value)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, _ := bufio.NewReader(answer.Body).ReadString(0)
			if answer.StatusCode != c.status || c.status != 200 && strings.Contains(body, "secret") {
				t.Errorf("%d, %q", answer.StatusCode, body)
			}
			if c.status == 200 && (answer.Header.Get("Content-Security-Policy") == "" || answer.Header.Get("Cache-Control") != "no-store") {
				t.Errorf("%v", answer.Header)
			}
		})
	}
}
