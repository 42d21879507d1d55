package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

// The environment of the process that the crash tests kill.
const (
	envDir  = "VAUBAN_TEST_DIR"
	envNode = "VAUBAN_TEST_NODE"
	envKill = "VAUBAN_TEST_KILL" // the change of the disk before which it ends
)

// envAll has the crash tests try each point, and not each fifth one.
const envAll = "VAUBAN_TEST_ALL"

// TestMain is also that process: it notarizes a report, or goes on with it.
func TestMain(m *testing.M) {
	if os.Getenv(envDir) == "" {
		os.Exit(m.Run())
	}
	left, err := strconv.Atoi(os.Getenv(envKill))
	if err != nil {
		panic(err)
	}
	disk.Before = func(string) {
		if left--; left == 0 {
			os.Exit(killed)
		}
	}
	if err := work(context.Background(), os.Getenv(envDir), os.Getenv(envNode)); err != nil {
		panic(err)
	}
}

// killed is the exit status of a process that has ended itself where it was told to.
const killed = 99

// work does what `vauban notarize` does.
func work(ctx context.Context, dir, address string) error {
	data, err := os.ReadFile(filepath.Join(dir, "trust.json"))
	if err != nil {
		return err
	}
	trust, err := notary.ParseTrust(data)
	if err != nil {
		return err
	}
	golden, err := os.ReadFile(filepath.Join("..", "..", "testdata", "report.json"))
	if err != nil {
		return err
	}
	var report bytes.Buffer // the golden report is indented, to be read
	if err := json.Compact(&report, golden); err != nil {
		return err
	}
	r, err := document.Parse(report.Bytes())
	if err != nil {
		return err
	}
	statement, err := attest.Sign(r, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32)))
	if err != nil {
		return err
	}
	h, err := notary.OpenHistory(ctx, filepath.Join(dir, "history"))
	if err != nil {
		return err
	}
	defer h.Close()
	if _, _, err := h.Add(ctx, report.Bytes(), statement, true); err != nil {
		return err
	}
	l, err := node.Open(address, node.Options{})
	if err != nil {
		return err
	}
	return errors.Join(h.Complete(ctx, l, trust, func(int, notary.Stage) {}), l.Close())
}

// process returns the process, not yet started.
func process(dir, address string, kill int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDir+"="+dir, envNode+"="+address, envKill+"="+strconv.Itoa(kill))
	return cmd
}

// ended runs the process and reports whether it came to its end, rather than being killed. It is handed over once it runs, to who asks.
func ended(cmd *exec.Cmd, running chan<- *os.Process) (bool, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return false, err
	}
	if running != nil {
		running <- cmd.Process
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &exit) && (exit.ExitCode() == killed || exit.ExitCode() == -1):
		return false, nil
	default:
		return false, fmt.Errorf("%w\n%s", err, &out)
	}
}

// atRequest runs the process behind a proxy that kills it at its nth request, before the node sees that, or after.
func atRequest(dir, address string, n int, after bool) (bool, error) {
	target, err := url.Parse(address)
	if err != nil {
		return false, err
	}
	var (
		mu      sync.Mutex
		seen    int
		running = make(chan *os.Process, 1)
		proxy   = httputil.NewSingleHostReverseProxy(target)
	)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // it speaks of requests that ended with the process
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen++
		at := seen
		mu.Unlock()
		if at != n {
			proxy.ServeHTTP(w, r)
			return
		}
		if after {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
		}
		_ = (<-running).Kill()
	}))
	defer s.Close()
	return ended(process(dir, s.URL, 1<<30), running)
}

// A process that notarizes on a real node and is killed at any change of its disk, or at any request, before or after the node has seen it: the next one finishes
// the work, and the record is on the ledger once.
func TestRealNodeKill(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, 200*time.Millisecond)
	trust, err := n.Trust().JSON()
	if err != nil {
		t.Fatal(err)
	}
	place := func() string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "trust.json"), trust, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	var (
		mu      sync.Mutex
		records = map[notary.Record]string{}
	)
	// check finishes what was killed, and looks at what is there then.
	check := func(what, dir string) error {
		if whole, err := ended(process(dir, n.URL(), 1<<30), nil); err != nil || !whole {
			return fmt.Errorf("%s, then again: ended %t, %w", what, whole, err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "history", "0001", notary.ReceiptName))
		if err != nil {
			return err
		}
		receipt, err := notary.ParseReceipt(data)
		if err != nil {
			return err
		}
		proven, err := notary.Verify(receipt, n.Trust())
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "history", "0002")); err == nil {
			return fmt.Errorf("%s: the report appears twice", what)
		}
		mu.Lock()
		defer mu.Unlock()
		records[proven.Record] = what
		return nil
	}
	kinds := map[string]func(dir string, at int) (bool, error){
		"change of the disk %d": func(dir string, at int) (bool, error) { return ended(process(dir, n.URL(), at), nil) },
		"request %d, unseen":    func(dir string, at int) (bool, error) { return atRequest(dir, n.URL(), at, false) },
		"request %d, seen":      func(dir string, at int) (bool, error) { return atRequest(dir, n.URL(), at, true) },
	}
	// Some points of a kind at a time, until there are no more of them.
	const atOnce = 4
	points, step := 0, 5
	if os.Getenv(envAll) != "" {
		step = 1
	}
	for kind, kill := range kinds {
		for first, done := 1, 0; done == 0; first += atOnce * step {
			var group errgroup.Group
			for at := first; at < first+atOnce*step; at += step {
				dir, what := place(), fmt.Sprintf("killed at "+kind, at)
				group.Go(func() error {
					whole, err := kill(dir, at)
					if err != nil {
						return fmt.Errorf("%s: %w", what, err)
					}
					mu.Lock()
					if whole {
						done++
					} else {
						points++
					}
					mu.Unlock()
					return check(what, dir)
				})
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
	times := ledger(t, n.URL())
	for record, what := range records {
		if times[record] != 1 {
			t.Errorf("%s: the record is %d times on the ledger", what, times[record])
		}
	}
	t.Logf("killed at %d points: %d records, each with its receipt and once on the ledger", points, len(records))
}

// ledger counts the records on the whole ledger.
func ledger(t *testing.T, address string) map[notary.Record]int {
	t.Helper()
	c, err := node.NewClient(address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	info, err := c.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	times := map[notary.Record]int{}
	for index := uint32(2); index <= info.Status.Confirmed.Index; index++ {
		_, m, err := c.Milestone(t.Context(), index)
		if err != nil {
			t.Fatal(err)
		}
		blocks, _, err := node.Cone(c, t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range blocks {
			data, err := c.Block(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := notary.ParseBlock(data); err == nil && string(b.Tag) == notary.Tag {
				r, err := notary.ParseRecord(b.Data)
				if err != nil {
					t.Fatal(err)
				}
				times[r]++
			}
		}
	}
	return times
}
