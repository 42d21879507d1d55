package witness_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/internal/disk/disktest"
	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/reports/witness/cosigner"
	"github.com/vauban-verifier/vauban/reports/witness/logbook"
)

// killed keeps a log of two sizes, with a full tile between them, and has a witness sign each, going on where it was.
func killed(ctx context.Context, dir string) error {
	h := tangle(nil).grow(257, 0)
	log, err := witness.NewKey(logName, witness.Signs, keyOf(logName).Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	signer, err := witness.NewSigner(first, witness.Cosigns, keyOf(first), func() uint64 { return uint64(begin.Unix()) })
	if err != nil {
		return err
	}
	for _, n := range []int{255, 257} {
		b, err := logbook.Open(ctx, filepath.Join(dir, "log"), logName, keyOf(logName))
		if err != nil {
			return err
		}
		if int64(n) > b.Leaves() {
			_, err = b.Follow(ctx, h[:n], trust(nil), 1)
		}
		b.Close()
		if err != nil {
			return err
		}
		w, err := cosigner.New(filepath.Join(dir, "witness"), signer, log)
		if err != nil {
			return err
		}
		source, err := logbook.At(filepath.Join(dir, "log"))
		if err != nil {
			return err
		}
		c, signed, err := source.Checkpoint(ctx, log)
		if err != nil {
			return err
		}
		_, err = w.Add(ctx, cosigner.Request(0, nil, signed))
		var refusal *cosigner.Refusal
		if errors.As(err, &refusal) && refusal.Status == http.StatusConflict {
			path, err2 := source.Growth(ctx, c, refusal.Seen)
			if err2 != nil {
				return err2
			}
			_, err = w.Add(ctx, cosigner.Request(refusal.Seen, path, signed))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	disktest.Main(m, func(dir string) error { return killed(context.Background(), dir) })
}

// TestKilled stops a log's keeper and its witness before each change of the disk, and again: the log is whole, and the witness has seen all of it.
func TestKilled(t *testing.T) {
	h := tangle(nil).grow(257, 0)
	disktest.Everywhere(t, 30, func(what, dir string) {
		source, err := logbook.At(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := source.Checkpoint(context.Background(), key(t, logName, witness.Signs))
		if err != nil || c.N != 257 {
			t.Fatalf("%s: %d leaves, %v", what, c.N, err)
		}
		for _, n := range []int64{0, 254, 256} {
			path, err := source.Prove(context.Background(), c, n)
			if err == nil {
				err = tlog.CheckRecord(path, c.N, c.Hash, n, tlog.RecordHash(h[n].ID[:]))
			}
			if err != nil {
				t.Fatalf("%s: leaf %d: %v", what, n, err)
			}
		}
		seen, err := filepath.Glob(filepath.Join(dir, "witness", "*.checkpoint"))
		if err != nil || len(seen) != 1 {
			t.Fatalf("%s: the witness has %q, %v", what, seen, err)
		}
		if data, err := os.ReadFile(seen[0]); err != nil || string(data) != c.String() {
			t.Fatalf("%s: the witness has seen %q, %v", what, data, err)
		}
	})
}
