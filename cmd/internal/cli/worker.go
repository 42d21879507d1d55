package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/fleet"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// workerOptions are the flags of worker.
type workerOptions struct {
	helperOptions
	slots   int
	metrics string
}

func (a *app) workerCommand() *cobra.Command {
	opt := workerOptions{slots: runtime.GOMAXPROCS(0)}
	opt.fleet.URL = ownFleet
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Answer questions of checks on other machines",
		Long: `Worker takes questions of "vauban check --fleet ADDRESS" from a NATS server with JetStream, and answers them. By itself it is a server, too: it prints its address, which is one of this machine,
and checks on this machine can use it until it ends.

A check answers most questions faster than it could ask them, so it sends only those that it has tried for a moment. Questions have no names of a design in them, only numbers. Nobody believes an answer: the check
replays each attack and checks each proof. So a worker cannot change a verdict, whatever it says.

A worker answers questions of the same program alone: the same version, built for the same system. A question whose worker is silent goes to another one; a question that ends workers is given up after a while,
and whoever has asked answers it. A question that is so hard that it is split is asked in parts, which workers share. A worker that is interrupted ends what it is at, or gives it back.

Give workers and checks keys of their own on the server. Both make streams whose names begin with VAUBAN_ if they are not there.

Exit status: 0 stopped by Ctrl-C, 2 the command line is invalid or the server refuses the key.`,
		Example:     "  vauban worker\n  vauban worker --metrics 0",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{untilInterrupted: "yes"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.worker(cmd.Context(), opt) },
	}
	opt.fleetFlags(cmd, "take questions from the server at `ADDRESS`, nats://HOST:PORT or tls://HOST:PORT; embedded is a server in this process, and - reads the address from standard input and ends with that")
	f := cmd.Flags()
	f.IntVar(&opt.slots, "slots", opt.slots, "answer `N` questions at a time")
	f.StringVar(&opt.metrics, "metrics", "", "serve /metrics for Prometheus at `ADDRESS`, HOST:PORT, or a port of this machine alone; 0 takes any")
	return cmd
}

func (a *app) worker(ctx context.Context, opt workerOptions) error {
	if opt.slots < 1 {
		return errors.New("--slots is below 1: a worker answers at least one question at a time")
	}
	build, err := build()
	if err != nil {
		return err
	}
	own := false
	switch opt.fleet.URL {
	case "-":
		if opt.fleet.URL, ctx, err = fleet.Handed(ctx, a.Stdin); err != nil {
			return err
		}
	case ownFleet:
		dir, err := os.MkdirTemp("", "vauban-fleet-")
		if err != nil {
			return console.Failf(console.ExitUnknown, "cannot make a directory for the server: %v", err)
		}
		defer os.RemoveAll(dir)
		url, end, err := fleet.Listen(filepath.Join(dir, "jetstream"))
		if err != nil {
			return console.Failf(console.ExitUnknown, "%v", err)
		}
		defer end()
		opt.fleet.URL, own = url, true
	}
	c, err := fleet.Connect(ctx, opt.fleet, build)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	defer c.Close()
	w := &fleet.Worker{Conn: c, Slots: opt.slots}
	said := fmt.Sprintf("a worker of %s for programs of build %s\n", plain.Number(opt.slots, "question"), build[:12])
	if opt.metrics != "" {
		at, end, err := w.Metrics(opt.metrics)
		if err != nil {
			return console.Failf(console.ExitUsage, "--metrics: %v", err)
		}
		defer end()
		said += "metrics at http://" + at + "/metrics\n"
	}
	if own {
		said += "use it with: vauban check --fleet " + opt.fleet.URL + "\n"
	}
	fmt.Fprint(a.Stdout, said+"Ctrl-C ends it.\n")
	return w.Serve(ctx)
}
