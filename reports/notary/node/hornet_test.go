package node_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/hornet"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
	"github.com/vauban-verifier/vauban/reports/notary/node"
	"github.com/vauban-verifier/vauban/reports/notary/notarytest"
)

func open(t testing.TB, n *hornet.Network, o node.Options) *node.Ledger {
	t.Helper()
	l, err := node.Open(n.URL(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func record(i int) []byte {
	return notary.NewRecord(sha256.Sum256(fmt.Appendf(nil, "report %d", i)), bytes.Repeat([]byte{1}, 32), notary.ID{}).Bytes()
}

// notarize takes a record all the way to a receipt that an auditor accepts. A block that the network leaves behind is attached anew, as those who
// notarize do.
func notarize(ctx context.Context, l *node.Ledger, trust *notary.Trust, data []byte) (p *notary.Proven, size int, err error) {
	for range 5 {
		var block []byte
		if block, err = l.Prepare(ctx, []byte(notary.Tag), data); err != nil {
			return nil, 0, err
		}
		if err = l.Submit(ctx, block); err == nil {
			p, size, err = included(ctx, l, trust, block)
		}
		if !errors.Is(err, notary.ErrReattach) {
			break
		}
	}
	return p, size, err
}

func included(ctx context.Context, l *node.Ledger, trust *notary.Trust, block []byte) (*notary.Proven, int, error) {
	in, err := l.Inclusion(ctx, block)
	if err != nil {
		return nil, 0, err
	}
	r := notary.NewReceipt(trust.Network, block, in, bytes.Repeat([]byte{1}, 32))
	text, err := r.JSON()
	if err != nil {
		return nil, 0, err
	}
	p, err := notary.Verify(r, trust)
	if err != nil {
		return nil, 0, err
	}
	var keys []notarytest.Key
	for _, k := range trust.Keys {
		keys = append(keys, notarytest.Key{Hex: k.Key, First: k.Start, Last: k.End})
	}
	index, _, err := notarytest.Verify(text, trust.Network, keys, trust.Threshold, nil)
	if err == nil && index != p.Index {
		err = fmt.Errorf("the verifiers do not agree: milestone %d and %d", p.Index, index)
	}
	return p, len(text), err
}

func TestRealNode(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, 500*time.Millisecond)
	for name, o := range map[string]node.Options{"local proof of work": {}, "remote proof of work": {RemotePoW: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t, n, o)
			if name, err := l.Network(t.Context()); err != nil || name != n.Trust().Network {
				t.Fatalf("network %q, %v", name, err)
			}
			p, size, err := notarize(t.Context(), l, n.Trust(), record(1))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Signers) != 2 || p.Index < 2 {
				t.Errorf("proven: %+v", p)
			}
			t.Logf("milestone %d of %s, receipt of %d bytes", p.Index, p.Time, size)
		})
	}
}

// Many at once: each gets its own receipt.
func TestRealNodeManyAtOnce(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, time.Second)
	l := open(t, n, node.Options{})
	const total, atOnce = 200, 50
	var (
		mu     sync.Mutex
		blocks = map[notary.ID]bool{}
		stones = map[uint32]int{}
		group  errgroup.Group
		most   int
		start  = time.Now()
	)
	group.SetLimit(atOnce)
	for i := range total {
		group.Go(func() error {
			p, size, err := notarize(context.Background(), l, n.Trust(), record(i))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			blocks[p.Block] = true
			stones[p.Index]++
			most = max(most, size)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(blocks) != total {
		t.Errorf("%d different blocks, expected %d", len(blocks), total)
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	t.Logf("%d receipts in %s, in %d milestones, the largest of %d bytes; the client has taken %d MB from the system",
		total, time.Since(start).Round(time.Millisecond), len(stones), most, mem.Sys>>20)
}

// A block that tip selection leaves behind is promoted; one that is too old for that is to be attached anew.
func TestRealNodePromotesAndReattaches(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, 0)
	promoted := make(chan struct{}, 10)
	l := open(t, n, node.Options{Patience: time.Minute, Notice: func(string) { promoted <- struct{}{} }})
	issue := func(times int) {
		t.Helper()
		for range times {
			if _, err := n.Issue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	now := make(chan struct{})
	close(now)
	prepare := func() []byte {
		t.Helper()
		block, err := l.Prepare(t.Context(), []byte(notary.Tag), record(1))
		if err != nil {
			t.Fatal(err)
		}
		return block
	}
	submit := func(block []byte) {
		t.Helper()
		if err := l.Submit(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}

	// While it waits for a block, milestones come at their pace, from a moment on. It is slow enough for a promotion to come before the next one, as a
	// node may overlook a block that arrives while it confirms a milestone.
	wait := func(block []byte, from <-chan struct{}) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		var issuing sync.WaitGroup
		issuing.Go(func() {
			select {
			case <-from:
			case <-ctx.Done():
			}
			for {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return
				}
				if _, err := n.Issue(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
		_, _, err := included(t.Context(), l, n.Trust(), block)
		cancel()
		issuing.Wait()
		if err != nil {
			t.Fatal(err)
		}
	}

	lazy := prepare()
	issue(10)
	submit(lazy)
	wait(lazy, promoted)

	old := prepare()
	issue(17)
	for what, try := range map[string]func() error{
		"submit": func() error { return l.Submit(t.Context(), old) },
		"wait":   func() error { _, err := l.Inclusion(t.Context(), old); return err },
	} {
		if err := try(); !errors.Is(err, notary.ErrReattach) {
			t.Errorf("%s: got %v, expected that the block must be attached again", what, err)
		}
	}
	// Once referenced it is there for good, however old it is.
	submit(lazy)
	wait(lazy, now)
	// Sent twice, it is there once.
	twice := prepare()
	submit(twice)
	submit(twice)
	wait(twice, now)
}
