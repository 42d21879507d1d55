package fleet

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Listen starts a server with JetStream on the loopback interface, whose password is made up. Its streams are in a directory. close ends it.
func Listen(dir string) (url string, close func(), err error) {
	password := rand.Text()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, Username: "vauban", Password: password,
		NoLog: true, NoSigs: true, DisableJetStreamBanner: true, MaxPayload: 1 << 23,
	})
	if err != nil {
		return "", nil, fmt.Errorf("cannot start a server for the fleet: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(dial) {
		s.Shutdown()
		return "", nil, fmt.Errorf("the server for the fleet does not start")
	}
	return fmt.Sprintf("nats://vauban:%s@%s", password, s.Addr()), func() {
		s.Shutdown()
		s.WaitForShutdown()
	}, nil
}

// Local is a server in this process, and workers beside it.
type Local struct {
	Server
	stop func()
}

// Close ends the workers and the server.
func (l *Local) Close() { l.stop() }

// restarts is how often workers that end by themselves are started again, all together.
const restarts = 1000

// Embedded starts a server in this process, and so many workers with a command, each in a process of its own, which gets the address as the first line of its standard input and is to end when that ends.
// A worker that ends before is started again.
func Embedded(ctx context.Context, workers int, command func(context.Context) *exec.Cmd) (*Local, error) {
	dir, err := os.MkdirTemp("", "vauban-fleet-")
	if err != nil {
		return nil, fmt.Errorf("cannot make a directory for the fleet: %w", err)
	}
	url, end, err := Listen(filepath.Join(dir, "jetstream"))
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var (
		wg   sync.WaitGroup
		left = make(chan struct{}, restarts)
	)
	for range restarts {
		left <- struct{}{}
	}
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				_ = one(ctx, url, command) // it is started again, whatever has ended it
				select {
				case <-left:
				default:
					return // whoever asks answers alone
				}
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
	return &Local{Server{URL: url}, func() {
		cancel()
		wg.Wait()
		end()
		os.RemoveAll(dir)
	}}, nil
}

// one runs a worker until it ends, or ctx does.
func one(ctx context.Context, url string, command func(context.Context) *exec.Cmd) error {
	cmd := command(context.WithoutCancel(ctx))
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { in.Close() })()
	if _, err := fmt.Fprintln(in, url); err != nil && ctx.Err() == nil {
		_ = cmd.Process.Kill()
	}
	return cmd.Wait()
}

// Handed reads the address that a worker gets on standard input, and returns a context that ends with that.
func Handed(ctx context.Context, stdin io.Reader) (string, context.Context, error) {
	in := bufio.NewReader(io.LimitReader(stdin, 1<<12))
	line, err := in.ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("standard input has no address of a fleet: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, in)
	}()
	return line[:len(line)-1], ctx, nil
}
