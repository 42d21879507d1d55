package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
)

func clock(at int64) func() time.Time { return func() time.Time { return time.Unix(at, 0) } }

func mustOpen(t *testing.T, dir string, at int64) *Tangle {
	t.Helper()
	l, err := Open(t.Context(), dir, Options{Now: clock(at)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// put notarizes a record and returns its receipt.
func put(ctx context.Context, l *Tangle, record notary.Record) (*notary.Receipt, error) {
	block, err := l.Prepare(ctx, []byte(notary.Tag), record.Bytes())
	if err != nil {
		return nil, err
	}
	if err := l.Submit(ctx, block); err != nil {
		return nil, err
	}
	in, err := l.Inclusion(ctx, block)
	if err != nil {
		return nil, err
	}
	r := notary.NewReceipt(l.Trust().Network, block, in, nil)
	if _, err := notary.Verify(r, l.Trust()); err != nil {
		return nil, err
	}
	return r, nil
}

func record(n int) notary.Record {
	return notary.NewRecord([32]byte{byte(n), byte(n >> 8)}, nil, notary.ID{})
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all []*notary.Receipt
	var last *notary.Trust
	for n := range 5 {
		l := mustOpen(t, dir, 1000+int64(n))
		r, err := put(t.Context(), l, record(n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
		if last != nil && last.Network != l.Trust().Network {
			t.Errorf("the network was %q and is %q", last.Network, l.Trust().Network)
		}
		last = l.Trust()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, trustName))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := notary.ParseTrust(data)
	if err != nil {
		t.Fatal(err)
	}
	for n, r := range all {
		p, err := notary.Verify(r, trust)
		if err != nil {
			t.Fatal(err)
		}
		if p.Index != uint32(n+1) || p.Time.Unix() != 1000+int64(n) || p.Record != record(n) {
			t.Errorf("receipt %d proves %+v", n, p)
		}
	}
}

func TestSubmitTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 1000)
	defer l.Close()
	block, err := l.Prepare(t.Context(), []byte(notary.Tag), record(1).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var first *notary.Inclusion
	for range 3 {
		if err := l.Submit(t.Context(), block); err != nil {
			t.Fatal(err)
		}
		in, err := l.Inclusion(t.Context(), block)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = in
		}
		if !bytes.Equal(first.Milestone, in.Milestone) || !slices.Equal(first.Path, in.Path) {
			t.Error("the second answer is another one")
		}
	}
	if n := len(l.order); n != 2 {
		t.Errorf("the ledger has %d blocks, expected the record and a milestone", n)
	}
}

// One milestone for many blocks, of which some know nothing of one another.
func TestManyTips(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, t.TempDir(), 1000)
	defer l.Close()
	var blocks [][]byte
	for n := range 20 {
		b, err := l.Prepare(t.Context(), []byte(notary.Tag), record(n).Bytes())
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
		if n%3 != 0 {
			continue
		}
		for _, b := range blocks {
			if err := l.Submit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := len(blocks) - 1; i >= 0; i-- {
		if err := l.Submit(t.Context(), blocks[i]); err != nil {
			t.Fatal(err)
		}
		in, err := l.Inclusion(t.Context(), blocks[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := notary.Verify(notary.NewReceipt(l.Trust().Network, blocks[i], in, nil), l.Trust()); err != nil {
			t.Errorf("block %d: %v", i, err)
		}
	}
	waiting, err := l.Prepare(t.Context(), []byte(notary.Tag), []byte("in no milestone"))
	if err == nil {
		err = l.Submit(t.Context(), waiting)
	}
	if err != nil {
		t.Fatal(err)
	}
	if found, err := l.Tagged(t.Context(), []byte(notary.Tag)); err != nil || len(found) != len(blocks) {
		t.Errorf("%d of %d blocks are found by their tag, %v", len(found), len(blocks), err)
	}
	if found, err := l.Tagged(t.Context(), []byte("another")); err != nil || len(found) != 0 {
		t.Errorf("%d blocks have another tag, %v", len(found), err)
	}
	if l.last().Index > 5 {
		t.Errorf("%d milestones for %d blocks", l.last().Index, len(blocks))
	}
}

// Wherever the file ends, what is whole before it is kept, and the ledger goes on from there.
func TestTornTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 1000)
	for n := range 2 {
		if _, err := put(t.Context(), l, record(n)); err != nil {
			t.Fatal(err)
		}
	}
	whole := len(l.order)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ledgerName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		for _, tail := range [][]byte{nil, make([]byte, 7), make([]byte, 500)} { // what the file system may have put there
			blocks, good, err := frames(append(slices.Clone(data[:n]), tail...))
			if err != nil {
				t.Fatalf("cut at byte %d with %d zeros: %v", n, len(tail), err)
			}
			if good > n || len(blocks) > whole || n == len(data) && (len(blocks) != whole || good != n) {
				t.Fatalf("cut at byte %d: %d blocks in %d bytes", n, len(blocks), good)
			}
		}
	}
	for _, n := range []int{len(data) - 1, len(data) - 40, len(data) / 2, 3, 0} {
		if err := os.WriteFile(path, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		l := mustOpen(t, dir, 2000)
		if _, err := put(t.Context(), l, record(9)); err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = mustOpen(t, dir, 2000)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A byte that has changed where no crash can have done it is not passed over.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 1000)
	var last int64
	for n := range 3 {
		if _, err := put(t.Context(), l, record(n)); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			last = l.file.size
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ledgerName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range last {
		bad := slices.Clone(data)
		bad[i] ^= 1
		if _, _, err := frames(bad); err == nil {
			t.Fatalf("the change of byte %d is not found", i)
		}
	}
	// A frame left out, with all that is in the others right.
	blocks, _, err := frames(data)
	if err != nil {
		t.Fatal(err)
	}
	size := frameHead + len(blocks[0]) + frameTail
	if err := os.WriteFile(path, data[size:], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "is not before it") {
		t.Errorf("a ledger without its first block: %v", err)
	}
	if err := os.WriteFile(path, slices.Concat(data, data[:size]), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a ledger with its first block twice: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 1000)
	if _, err := put(t.Context(), l, record(1)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, keyName)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	fails := func(says string) {
		t.Helper()
		if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	fails("others can use the key")
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := mustOpen(t, other, 1).Close(); err != nil {
		t.Fatal(err)
	}
	swap := func(name string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(other, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	swap(trustName)
	fails("is not the trust file of key.pem")
	swap(keyName)
	fails("not signed by the key of the directory")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	fails("is gone, and the ledger is not empty")
}

func TestClockRunsBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 100_000)
	defer func() { _ = l.Close() }()
	if _, err := put(t.Context(), l, record(1)); err != nil {
		t.Fatal(err)
	}
	l.now = clock(100_000 - 30)
	if _, err := put(t.Context(), l, record(2)); err != nil {
		t.Fatalf("half a minute back: %v", err)
	}
	if l.last().Time.Unix() != 100_000 {
		t.Errorf("time runs back to %v", l.last().Time)
	}
	l.now = clock(100_000 - 3600)
	if _, err := put(t.Context(), l, record(3)); err == nil || !strings.Contains(err.Error(), "set the clock right") {
		t.Fatalf("an hour back: %v", err)
	}
	l.now = clock(100_001)
	if _, err := put(t.Context(), l, record(3)); err != nil {
		t.Errorf("after the clock was set right: %v", err)
	}
}

// When the disk does not take a block, nothing is handed out, and what was there before is there after.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := mustOpen(t, dir, 1000)
	if _, err := put(t.Context(), l, record(1)); err != nil {
		t.Fatal(err)
	}
	if err := l.file.File.Close(); err != nil { // from here on writing fails
		t.Fatal(err)
	}
	if _, err := put(t.Context(), l, record(2)); err == nil || !strings.Contains(err.Error(), "write ledger") {
		t.Fatalf("%v, expected that the ledger cannot be written", err)
	}
	if _, err := put(t.Context(), l, record(3)); err == nil {
		t.Fatal("it goes on without its disk")
	}
	_ = l.Close() // the file is closed already
	l = mustOpen(t, dir, 1000)
	defer l.Close()
	if n := len(l.order); n != 2 {
		t.Errorf("the ledger has %d blocks, expected the record and a milestone of before", n)
	}
	if _, err := put(t.Context(), l, record(2)); err != nil {
		t.Error(err)
	}
}

// Many at once: each waits for the lock, and all get their receipts.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const n = 12
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			l, err := Open(context.Background(), dir, Options{Now: clock(1000)})
			if err != nil {
				errs[i] = err
				return
			}
			_, errs[i] = put(context.Background(), l, record(i))
			errs[i] = errors.Join(errs[i], l.Close())
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, dir, 1000)
	defer l.Close()
	if l.last().Index != n {
		t.Errorf("%d milestones, expected %d", l.last().Index, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, dir, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("opened twice: %v", err)
	}
}

func FuzzFrames(f *testing.F) {
	dir := f.TempDir()
	l, err := Open(context.Background(), dir, Options{Now: clock(1000)})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := put(context.Background(), l, record(1)); err != nil {
		f.Fatal(err)
	}
	if err := l.Close(); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, ledgerName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		blocks, good, err := frames(in)
		if err != nil {
			return
		}
		again, whole, err := frames(in[:good])
		if err != nil || whole != good || fmt.Sprint(again) != fmt.Sprint(blocks) {
			t.Errorf("what is kept does not read back: %v", err)
		}
	})
}
