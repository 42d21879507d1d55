package hornet_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/hornet"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
)

func start(t *testing.T, dir string, interval time.Duration) *hornet.Network {
	t.Helper()
	n, err := hornet.Start(context.Background(), hornettest.Binary(t), dir, "vauban-test", interval)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNetworkContinues(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "network")
	first := start(t, dir, 0)
	before, err := first.Issue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hornet.Start(t.Context(), hornettest.Binary(t), dir, "vauban-test", 0); err == nil || !strings.Contains(err.Error(), "is running already") {
		t.Errorf("started twice in one directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(first.URL()); err == nil {
		t.Error("the node still answers")
	}
	second := start(t, dir, 0)
	defer second.Close()
	after, err := second.Issue(t.Context())
	if err != nil || after <= before {
		t.Errorf("milestone %d after %d: %v", after, before, err)
	}
	data, err := os.ReadFile(second.TrustFile())
	if err != nil {
		t.Fatal(err)
	}
	trust, err := notary.ParseTrust(data)
	if err != nil || trust.Threshold != 2 || !strings.HasPrefix(trust.Network, "vauban-test-") {
		t.Errorf("trust file: %+v, %v", trust, err)
	}
	for _, name := range []string{"coordinator-1.pem", "coordinator-2.pem"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestNodeThatDies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := start(t, dir, time.Second)
	data, err := os.ReadFile(filepath.Join(dir, "node", "node.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-n.Failed(); err == nil || !strings.Contains(err.Error(), "has ended by itself") {
		t.Errorf("got %v", err)
	}
	if err := n.Close(); err == nil || !strings.Contains(err.Error(), "was not stopped cleanly") {
		t.Errorf("close: %v", err)
	}
	if _, err := hornet.Start(t.Context(), hornettest.Binary(t), dir, "vauban-test", 0); err == nil || !strings.Contains(err.Error(), "start a new network in another directory") {
		t.Errorf("a network with a spoilt database is started: %v", err)
	}
}

func TestNodeThatDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := start(t, dir, 0).Close(); err != nil {
		t.Fatal(err)
	}
	_, err := hornet.Start(t.Context(), "/bin/false", dir, "vauban-test", 0)
	if err == nil || !strings.Contains(err.Error(), "its log is") {
		t.Errorf("got %v", err)
	}
}
