package fleet

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/bench/corpus"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/threats"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

var (
	soak  = flag.Duration("soak", 0, "how long TestSoak kills workers and the server; 0: it is skipped")
	every = flag.Duration("soak-every", 3*time.Second, "how often TestSoak kills something")
)

// process is what a process of a test does: it serves, or works, until it is killed.
func process(as string) int {
	ctx := context.Background()
	switch as {
	case "server":
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port(), JetStream: true, StoreDir: os.Getenv("VAUBAN_FLEET_DIR"), NoLog: true, DisableJetStreamBanner: true})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		s.Start()
		s.WaitForShutdown()
	case "worker":
		var c *Conn
		for c == nil {
			c, _ = Connect(ctx, Server{URL: fmt.Sprintf("nats://127.0.0.1:%d", port())}, "soak")
			time.Sleep(100 * time.Millisecond)
		}
		if err := (&Worker{Conn: c, Slots: 1}).Serve(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func port() (n int) {
	_, _ = fmt.Sscan(os.Getenv("VAUBAN_FLEET_PORT"), &n)
	return n
}

// keeper keeps a process alive that is killed again and again.
type keeper struct {
	mu  sync.Mutex
	cmd *exec.Cmd
}

func (k *keeper) run(ctx context.Context, t *testing.T, as string, env ...string) {
	for ctx.Err() == nil {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(append(os.Environ(), "VAUBAN_FLEET_TEST="+as), env...)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return
		}
		k.mu.Lock()
		k.cmd = cmd
		k.mu.Unlock()
		_ = cmd.Wait()
	}
}

func (k *keeper) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd != nil {
		_ = k.cmd.Process.Kill()
	}
}

// designs makes many designs out of those of the examples.
func designs(t *testing.T, n int) []*threats.Model {
	t.Helper()
	out, err := corpus.Designs(threatstest.Disk, "../../..", n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func report(t *testing.T, m *threats.Model, memory *checker.Memory) string {
	t.Helper()
	r, err := checker.Check(context.Background(), m, checker.Options{AsOf: "2026-01-31", Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	data, err := reports.New(r, "soak").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestSoak checks 500 designs again and again with a server and workers, one of which is killed every few seconds: each verdict is there, and each report has the bytes of one process.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("it takes its time: say how much, such as -soak 1h")
	}
	many := designs(t, 500)
	want := make([]string, len(many))
	began := time.Now()
	for i, m := range many {
		want[i] = report(t, m, nil)
	}
	t.Logf("%d designs in one process: %v", len(many), time.Since(began).Round(time.Millisecond))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr).Port
	l.Close()
	env := []string{fmt.Sprintf("VAUBAN_FLEET_PORT=%d", at), "VAUBAN_FLEET_DIR=" + t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	keepers := make([]*keeper, 1+2)
	for i := range keepers {
		keepers[i] = &keeper{}
		as := "worker"
		if i == 0 {
			as = "server"
		}
		wg.Go(func() { keepers[i].run(ctx, t, as, env...) })
	}
	var c *Conn
	for c == nil {
		c, _ = Connect(ctx, Server{URL: fmt.Sprintf("nats://127.0.0.1:%d", at)}, "soak")
		time.Sleep(100 * time.Millisecond)
	}
	defer c.Close()
	var killed [2]atomic.Int64
	wg.Go(func() {
		rng := rand.New(rand.NewSource(2))
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(*every):
				i := rng.Intn(len(keepers))
				keepers[i].kill()
				killed[min(i, 1)].Add(1)
			}
		}
	})
	total, rounds, checked := checker.Tally{}, 0, 0
	for end := time.Now().Add(*soak); time.Now().Before(end); rounds++ {
		for i, m := range many {
			if !time.Now().Before(end) {
				break
			}
			memory := &checker.Memory{Fleet: &Asker{Conn: c}, Build: fmt.Sprint(rounds, " ", i)} // so that nothing is known of what others asked
			if got := report(t, m, memory); got != want[i] {
				t.Fatalf("round %d, design %d: the report is another one", rounds, i)
			}
			checked++
			n := memory.Counts()
			total.Asked, total.Fleet, total.Alone, total.Refused, total.Answered = total.Asked+n.Asked, total.Fleet+n.Fleet, total.Alone+n.Alone, total.Refused+n.Refused, total.Answered+n.Answered
		}
		t.Logf("%v: round %d, %d checks, killed %d times the server and %d times a worker; %+v; %d goroutines", time.Since(began).Round(time.Second), rounds, checked, killed[0].Load(), killed[1].Load(), total, runtime.NumGoroutine())
	}
	if total.Refused > 0 || total.Fleet < total.Alone {
		t.Errorf("%+v", total)
	}
}
