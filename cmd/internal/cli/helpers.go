package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/fleet"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// ownFleet is the fleet of one machine.
const ownFleet = "embedded"

// patience is how long a question is tried in this process before a fleet is asked.
const patience = 50 * time.Millisecond

// helperOptions are the flags that say who else may answer questions.
type helperOptions struct {
	fleet fleet.Server
}

func (o *helperOptions) flags(cmd *cobra.Command) {
	o.fleetFlags(cmd, "have hard questions answered by the workers at `ADDRESS`, nats://HOST:PORT or tls://HOST:PORT, or embedded for some on this machine; see \"vauban worker --help\"")
}

func (o *helperOptions) fleetFlags(cmd *cobra.Command, about string) {
	f := cmd.Flags()
	f.StringVar(&o.fleet.URL, "fleet", o.fleet.URL, about)
	f.StringVar(&o.fleet.Key, "fleet-key", "", "`FILE` with what the server of the fleet knows one by: credentials, or the seed of an nkey")
	f.StringVar(&o.fleet.CA, "fleet-ca", "", "`FILE` with the certificates that have signed that of the server of the fleet (default: those that the system trusts)")
}

// program is the digest of this program.
var program = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	in, err := files.Stream(context.Background(), path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
})

// build is the digest of this program, as far as it tells programs apart.
func build() (string, error) {
	sum, err := program()
	if err != nil {
		return "", console.Failf(console.ExitUnknown, "cannot read the program itself: %v", files.Reason(err))
	}
	return sum[:32], nil
}

// helpers is a memory with those below it that the flags name. done says what became of it, and hangs up.
func (a *app) helpers(ctx context.Context, o helperOptions) (memory *checker.Memory, done func(), err error) {
	memory, done = &checker.Memory{Patience: patience}, func() {}
	if o.fleet.URL == "" {
		return memory, done, nil
	}
	if memory.Build, err = build(); err != nil {
		return nil, nil, err
	}
	stop := func() {}
	if o.fleet.URL == ownFleet {
		local, err := fleet.Embedded(ctx, runtime.GOMAXPROCS(0), worker)
		if err != nil {
			return nil, nil, console.Failf(console.ExitUnknown, "%v", err)
		}
		o.fleet, stop = local.Server, local.Close
	}
	c, err := fleet.Connect(ctx, o.fleet, memory.Build)
	if err != nil {
		stop()
		return nil, nil, console.Failf(console.ExitUsage, "%v", err)
	}
	memory.Fleet = &fleet.Asker{Conn: c}
	return memory, func() {
		c.Close()
		stop()
		n := memory.Counts()
		if n.Alone > 0 {
			fmt.Fprintf(a.Stderr, "the fleet did not answer %s: they were answered here\n", plain.Number(n.Alone, "question"))
		}
		a.refused(n)
	}, nil
}

// refused says that somebody has said what is not so. No verdict rests on it, but whoever runs a store or a fleet wants to know.
func (a *app) refused(n checker.Tally) {
	if n.Refused > 0 {
		fmt.Fprintf(a.Stderr, "what others proposed for %s was refused by the judge, and found afresh: see who else can write there\n", plain.Number(n.Refused, "case"))
	}
}

// worker starts this program as a worker.
func worker(ctx context.Context) *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, path, "worker", "--fleet", "-", "--slots", "1")
	cmd.Args[0] = os.Args[0]
	return cmd
}
