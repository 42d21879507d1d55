package hornet

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

const (
	startTime    = time.Minute      // for the node to answer
	setback      = 30 * time.Second // for which the coordinator may fail before it gives up
	lockTime     = time.Second      // for another process to let go of the network
	coordinators = 2                // keys, all of which must sign
)

// maxTrust is the largest trust file that is read, in bytes.
const maxTrust = 1 << 16

// Names of files, relative to the directory of the network.
const (
	trustFile = "trust.json"
	lockFile  = "lock"
	pidFile   = "node.pid" // the process ID of the node that ran last
	nodeDir   = "node"
	logFile   = "node.log"
)

// Network is a private network of one node on this machine.
type Network struct {
	dir         string
	client      *node.Client
	trust       *notary.Trust
	coordinator coordinator
	stop        context.CancelFunc // of the node
	halt        context.CancelFunc // of the coordinator
	halted      chan struct{}
	exited      chan struct{}
	clean       bool // the node has ended as it should; set before exited is closed
	unlock      func()
	failed      chan error
}

// Start starts the network that is kept in a directory, and makes it there the first time: binary is the node, name what the name of a new network
// begins with, interval the time between milestones; with 0 there are none but those of [Network.Issue]. Milestones end with the context; the node
// runs until Close.
func Start(ctx context.Context, binary, dir, name string, interval time.Duration) (_ *Network, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, nodeDir, filepath.Dir(snapshotFile)), 0o700); err != nil {
		return nil, err
	}
	soon, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	unlock, err := disk.Lock(soon, filepath.Join(dir, lockFile))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("the network in %s is running already: use that, or start another in a directory of its own", dir)
	}
	if err != nil {
		return nil, err
	}
	n := &Network{dir: dir, unlock: unlock, halted: make(chan struct{}), exited: make(chan struct{}), failed: make(chan error, 2)}
	if err := n.start(ctx, binary, name, interval); err != nil {
		unlock()
		return nil, err
	}
	return n, nil
}

func (n *Network) start(ctx context.Context, binary, name string, interval time.Duration) error {
	isNew, err := n.load(ctx, name)
	if err == nil && isNew {
		err = n.bootstrap(ctx, binary)
	}
	if err == nil {
		err = n.launch(ctx, binary)
	}
	if err != nil {
		return err
	}
	issuing, halt := context.WithCancel(ctx)
	n.halt = halt
	// The first milestone makes the node ready for blocks.
	if _, err := n.coordinator.issue(issuing); err != nil {
		close(n.halted)
		return errors.Join(fmt.Errorf("issue a milestone: %w", err), n.shut())
	}
	go n.tick(issuing, interval)
	return nil
}

// URL returns the address of the node.
func (n *Network) URL() string { return n.client.URL() }

// Trust returns what an auditor has to believe to check receipts of the network.
func (n *Network) Trust() *notary.Trust { return n.trust }

// TrustFile returns the path of the file that holds it.
func (n *Network) TrustFile() string { return filepath.Join(n.dir, trustFile) }

// Faucet returns the path of the key that all coins are of at the beginning, in the output that is all zeros. A network that was made before there was one has none.
func (n *Network) Faucet() string { return filepath.Join(n.dir, "faucet.pem") }

// Log returns the path of the node's log.
func (n *Network) Log() string { return filepath.Join(n.dir, nodeDir, logFile) }

// Failed gets an error where the node ends by itself or the coordinator can issue no more milestones.
func (n *Network) Failed() <-chan error { return n.failed }

// Issue issues a milestone. It must not be called where milestones are issued at an interval.
func (n *Network) Issue(ctx context.Context) (uint32, error) { return n.coordinator.issue(ctx) }

// Close stops the coordinator, then the node, and waits for both. The network can be started again.
func (n *Network) Close() error {
	defer n.unlock()
	return n.shut()
}

func (n *Network) shut() error {
	n.halt()
	<-n.halted
	n.stop()
	<-n.exited
	n.client.Close()
	if err := n.coordinator.ledger.Close(); err != nil {
		return err
	}
	if !n.clean {
		return fmt.Errorf("the node was not stopped cleanly, so the network in %s may not start again: its log is %s", n.dir, n.Log())
	}
	return nil
}

// load reads the keys and the trust file of the network, or makes new ones.
func (n *Network) load(ctx context.Context, name string) (isNew bool, err error) {
	key := func(i int) string { return filepath.Join(n.dir, "coordinator-"+strconv.Itoa(i+1)+".pem") }
	data, err := disk.ReadFile(ctx, n.TrustFile(), maxTrust)
	switch {
	case err == nil:
		for i := range coordinators {
			k, err := attest.ReadKey(ctx, key(i))
			if err != nil {
				return false, err
			}
			n.coordinator.keys = append(n.coordinator.keys, k)
		}
		n.trust, err = notary.ParseTrust(data)
		return false, err
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	for i := range coordinators {
		_, k, err := ed25519.GenerateKey(nil)
		if err != nil {
			return false, err
		}
		if err := attest.WriteKey(key(i), k); err != nil {
			return false, fmt.Errorf("%w: a network was begun in %s and not finished: remove that directory, or use another", err, n.dir)
		}
		n.coordinator.keys = append(n.coordinator.keys, k)
	}
	n.trust = n.coordinator.trust(name)
	n.trust.HRP = hrp
	n.trust.Network += "-" + n.trust.Keys[0].Key[:8] // one name for one network: a receipt of another is told by its name already
	return true, nil
}

// bootstrap makes the database of a new network, and at the end its trust file: with that it counts as made.
func (n *Network) bootstrap(ctx context.Context, binary string) error {
	parameters, err := protocolParameters(n.trust.Network)
	if err != nil {
		return err
	}
	if err := n.write(protocolFile, parameters); err != nil {
		return err
	}
	if err := n.configure("127.0.0.1:0"); err != nil {
		return err
	}
	_, faucet, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	if err := attest.WriteKey(n.Faucet(), faucet); err != nil {
		return err
	}
	var keys []string
	for _, k := range n.coordinator.keys {
		keys = append(keys, hex.EncodeToString(k))
	}
	for _, args := range [][]string{
		{"snap-gen", "--protocolParametersPath=" + protocolFile, "--treasuryAllocation=" + strconv.Itoa(treasury), "--mintAddress=" + alias.AddressOf(faucet.Public().(ed25519.PublicKey)).String(), "--outputPath=" + snapshotFile},
		{
			"bootstrap-private-tangle", "--configFile=" + configFile, "--snapshotPath=" + snapshotFile,
			"--databasePath=" + databaseDir, "--cooStatePath=" + stateFile, "--databaseEngine=pebble",
		},
	} {
		cmd := exec.CommandContext(ctx, binary, append([]string{"tool"}, args...)...)
		cmd.Dir = filepath.Join(n.dir, nodeDir)
		cmd.Env = append(os.Environ(), "COO_PRV_KEYS="+strings.Join(keys, ","))
		own(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("hornet tool %s: %w\n%s", args[0], err, out)
		}
	}
	trust, err := n.trust.JSON()
	if err != nil {
		return err
	}
	return os.WriteFile(n.TrustFile(), trust, 0o644)
}

// launch starts the node on a free port and waits until it answers.
func (n *Network) launch(ctx context.Context, binary string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if err := n.configure(address); err != nil {
		return err
	}
	if n.client, err = node.NewClient("http://" + address); err != nil {
		return err
	}
	n.coordinator.client = n.client
	if n.coordinator.ledger, err = node.Open(n.client.URL(), node.Options{}); err != nil {
		return err
	}
	log, err := os.OpenFile(n.Log(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	running, stop := context.WithCancel(context.WithoutCancel(ctx)) // the coordinator stops first
	n.stop = stop
	cmd := exec.CommandContext(running, binary, "-c", configFile, "--syncedAtStartup=true")
	cmd.Dir = filepath.Join(n.dir, nodeDir)
	cmd.Stdout, cmd.Stderr = log, log
	own(cmd)
	if err := cmd.Start(); err != nil {
		stop()
		return err
	}
	if err := n.write(pidFile, fmt.Appendln(nil, cmd.Process.Pid)); err != nil {
		return errors.Join(err, cmd.Cancel(), cmd.Wait())
	}
	go func() {
		defer close(n.exited)
		err := cmd.Wait()
		n.clean = cmd.ProcessState.Success() && running.Err() != nil
		if running.Err() == nil {
			n.failed <- fmt.Errorf("the node has ended by itself (%v): its log is %s", err, n.Log())
		}
	}()
	deadline := time.Now().Add(startTime)
	for {
		if _, err = n.client.Info(ctx); err == nil {
			return nil
		}
		select {
		case <-n.exited:
			return fmt.Errorf("%w; where a node was killed, its database is spoilt: start a new network in another directory, receipts of this one stay valid with its %s",
				<-n.failed, trustFile)
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			stop()
			<-n.exited
			return fmt.Errorf("the node does not start: %w: its log is %s", err, n.Log())
		}
	}
}

// tick issues milestones until the context ends.
func (n *Network) tick(ctx context.Context, interval time.Duration) {
	defer close(n.halted)
	if interval == 0 {
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		_, err := n.coordinator.issue(ctx)
		switch {
		case err == nil:
			last = time.Now()
		case ctx.Err() == nil && time.Since(last) > setback:
			n.failed <- fmt.Errorf("no milestone could be issued for %s: %w: the node's log is %s", setback, err, n.Log())
			return
		}
	}
}

func (n *Network) configure(address string) error {
	data, err := config(n.trust, address)
	if err != nil {
		return err
	}
	return n.write(configFile, data)
}

// write writes a file of the node.
func (n *Network) write(name string, data []byte) error {
	return os.WriteFile(filepath.Join(n.dir, nodeDir, name), data, 0o600)
}

// freeAddress returns an address of this machine that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
