package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/fleet"
	"github.com/vauban-verifier/vauban/cmd/internal/store"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// ownFleet is the fleet of one machine.
const ownFleet = "embedded"

// patience is how long a question is tried in this process before a fleet is asked.
const patience = 50 * time.Millisecond

// helperOptions are the flags that say who else may answer questions.
type helperOptions struct {
	fleet           fleet.Server
	store, storeKey string
	recheck         int
}

func (o *helperOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	o.fleetFlags(cmd, "have hard questions answered by the workers at `ADDRESS`, nats://HOST:PORT or tls://HOST:PORT, or embedded for some on this machine; see \"vauban worker --help\"")
	f.StringVar(&o.store, "store", "", "keep what is found in `DIR`, and look there first; see \"vauban store --help\"")
	_ = cmd.MarkFlagDirname("store")
}

func (o *helperOptions) storeFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.storeKey, "store-key", "", "believe reports in the store by the key in `FILE`, 64 hexadecimal digits (default: a key of this user, made at first use)")
}

func (o *helperOptions) fleetFlags(cmd *cobra.Command, about string) {
	f := cmd.Flags()
	f.StringVar(&o.fleet.URL, "fleet", o.fleet.URL, about)
	f.StringVar(&o.fleet.Key, "fleet-key", "", "`FILE` with what the server of the fleet knows one by: credentials, or the seed of an nkey")
	f.StringVar(&o.fleet.CA, "fleet-ca", "", "`FILE` with the certificates that have signed that of the server of the fleet (default: those that the system trusts)")
}

// openStore opens a store with the key that the flags name.
func (a *app) openStore(ctx context.Context, o helperOptions) (*store.Store, error) {
	key, err := []byte(nil), error(nil)
	if o.storeKey != "" {
		if rel, err := filepath.Rel(o.store, o.storeKey); err == nil && filepath.IsLocal(rel) {
			return nil, errors.New("--store-key is in the store, where others may read and replace it: keep it elsewhere")
		}
		a.Guard.Keep(o.storeKey)
		key, err = store.ReadKey(ctx, o.storeKey)
	} else {
		key, err = store.OwnKey(ctx)
	}
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	s, err := store.Open(ctx, o.store, key)
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "%v", err)
	}
	return s, nil
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

// helpers are those who may answer besides the engines.
type helpers struct {
	memory *checker.Memory // nil: nobody
	store  *store.Store    // nil: there is none
	done   func()          // says what became of it, and hangs up
}

// helpers returns those that the flags name.
func (a *app) helpers(ctx context.Context, o helperOptions) (h helpers, err error) {
	var ends []func()
	h.done = func() {
		for _, end := range slices.Backward(ends) {
			end()
		}
	}
	if o.fleet.URL == "" && o.store == "" {
		return h, nil
	}
	defer func() {
		if err != nil {
			h.done()
		}
	}()
	build, err := build()
	if err != nil {
		return h, err
	}
	h.memory = &checker.Memory{Build: build, Patience: patience}
	ends = append(ends, func() { a.told(h.memory.Counts()) })
	if o.store != "" {
		if h.store, err = a.openStore(ctx, o); err != nil {
			return h, err
		}
		h.memory.Store = h.store
		ends = append(ends, func() { _ = h.store.Close() }) // what is not swept now is later
	}
	if o.fleet.URL == "" {
		return h, nil
	}
	if o.fleet.URL == ownFleet {
		local, err := fleet.Embedded(ctx, runtime.GOMAXPROCS(0), worker)
		if err != nil {
			return h, console.Failf(console.ExitUnknown, "%v", err)
		}
		o.fleet = local.Server
		ends = append(ends, local.Close)
	}
	c, err := fleet.Connect(ctx, o.fleet, build)
	if err != nil {
		return h, console.Failf(console.ExitUsage, "%v", err)
	}
	ends = append(ends, c.Close)
	h.memory.Fleet = &fleet.Asker{Conn: c}
	return h, nil
}

// told says what did not go as it should. No verdict rests on it, but whoever runs a store or a fleet wants to know.
func (a *app) told(n checker.Tally) {
	if n.Alone > 0 {
		fmt.Fprintf(a.Stderr, "the fleet did not answer %s: they were answered here\n", plain.Number(n.Alone, "question"))
	}
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
