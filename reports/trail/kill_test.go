package trail

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/internal/disk/disktest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/embedded"
)

var clock = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)

// share does what parties do who share a trail: each step that is not there yet is made, and gets a receipt.
func share(ctx context.Context, dir string) error {
	s, err := notary.OpenSequence(ctx, filepath.Join(dir, "trail"), Form)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := embedded.Open(ctx, filepath.Join(dir, "tangle"), embedded.Options{Now: func() time.Time { return clock }})
	if err != nil {
		return err
	}
	defer l.Close()
	if s.Len() == 0 {
		g := genesisOf(1)
		if err := Begin(s, g.Genesis, []string{didOf("shop")}, []ed25519.PrivateKey{keyOf("shop")}, nil, true); err != nil {
			return err
		}
	}
	quiet := func(int, notary.Stage) {}
	if err := s.Complete(ctx, l, l.Trust(), quiet); err != nil {
		return err
	}
	for _, step := range []struct {
		number    int
		kind, key string
	}{{2, KindReport, "shop"}, {3, KindApprove, "carrier"}} {
		if s.Len() >= step.number {
			continue
		}
		r, err := look(ctx, dir, l)
		if err != nil {
			return err
		}
		e, err := r.Compose(step.kind, []string{didOf(step.key)}, "", nil, clock)
		if err != nil {
			return err
		}
		var file []byte
		if e.Document = strings.Repeat("0", 64); step.kind == KindApprove {
			e.Of = 2
		} else {
			file = []byte("sealed")
			sum := sha256.Sum256(file)
			e.Sealed = &Sealed{hex.EncodeToString(sum[:]), []string{didOf("acme")}}
		}
		if err := Add(s, r, e, file, []ed25519.PrivateKey{keyOf(step.key)}, clock, true); err != nil {
			return err
		}
		if err := s.Complete(ctx, l, l.Trust(), quiet); err != nil {
			return err
		}
	}
	return nil
}

// look verifies the trail of share, with what the ledger has of it; whether it is approved is not asked.
func look(ctx context.Context, dir string, l *embedded.Tangle) (*Result, error) {
	items, _, err := notary.ReadSequence(ctx, filepath.Join(dir, "trail"), Form)
	if err != nil {
		return nil, err
	}
	found, err := l.Tagged(ctx, []byte(Tag))
	if err != nil {
		return nil, err
	}
	r, err := Verify(ctx, &Input{Entries: items, Trust: l.Trust(), AsOf: clock.Format(time.DateOnly), Ledger: found, Searched: true, Drafting: true}, false)
	if err == nil && !r.Passed {
		err = errors.New(fmt.Sprint(failed(r)))
	}
	return r, err
}

// TestMain is also the process that the crash test ends at a given change of the disk.
func TestMain(m *testing.M) {
	disktest.Main(m, func(dir string) error { return share(context.Background(), dir) })
}

// A process that is killed before any change of the disk, and whose successor is killed too, loses no entry and puts no record on the ledger twice.
func TestKill(t *testing.T) {
	t.Parallel()
	disktest.Everywhere(t, 60, func(what, dir string) {
		l, err := embedded.Open(t.Context(), filepath.Join(dir, "tangle"), embedded.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		r, err := look(t.Context(), dir, l)
		if err != nil || r.Head.Number != 3 || r.Waiting != 0 {
			t.Fatalf("%s: %+v, %v", what, r, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		ledger, err := os.ReadFile(filepath.Join(dir, "tangle", "ledger"))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(ledger, []byte(Tag)); n != 3 {
			t.Fatalf("%s: the ledger has %d records", what, n)
		}
		for n := 1; n <= 3; n++ {
			list, err := os.ReadDir(filepath.Join(dir, "trail", fmt.Sprintf("%04d", n)))
			if want := map[int]int{2: 3}[n]; err != nil || len(list) != max(want, 2) {
				t.Fatalf("%s: entry %d has %v, %v", what, n, list, err)
			}
		}
	})
}

// What would be refused is not added, nor is anything while an entry waits.
func TestAdd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := share(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	s, err := notary.OpenSequence(t.Context(), filepath.Join(dir, "trail"), Form)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := embedded.Open(t.Context(), filepath.Join(dir, "tangle"), embedded.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	again := func() *Result {
		r, err := look(t.Context(), dir, l)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	carrier := []ed25519.PrivateKey{keyOf("carrier")}
	if _, err := again().Compose(KindReport, []string{didOf("carrier")}, "", nil, clock); err == nil || !strings.Contains(err.Error(), "expected a party with the role architect") {
		t.Errorf("the carrier writes a report: %v", err)
	}
	r := again()
	e, err := r.Compose(KindApprove, []string{didOf("carrier")}, "", nil, clock)
	if err != nil {
		t.Fatal(err)
	}
	e.Of, e.Document = 2, strings.Repeat("1", 64)
	if err := Add(s, r, e, nil, carrier, clock, true); err == nil || !strings.Contains(err.Error(), "subjects: it is about the document") {
		t.Errorf("another version: %v", err)
	}
	if err := Begin(s, genesisOf(1).Genesis, []string{didOf("carrier")}, carrier, nil, true); err == nil || !strings.Contains(err.Error(), "this directory already has a trail") {
		t.Errorf("a second genesis: %v", err)
	}
	e.Document = strings.Repeat("0", 64)
	bad := again()
	bad.Passed = false
	if err := Add(s, bad, e, nil, carrier, clock, true); err == nil || !strings.Contains(err.Error(), "the trail does not hold") {
		t.Errorf("after a trail that does not hold: %v", err)
	}
	if err := Add(s, again(), e, []byte("nobody's"), carrier, clock, true); err == nil || !strings.Contains(err.Error(), "there is a sealed document beside it") {
		t.Errorf("a sealed document that is not named: %v", err)
	}
	if err := Add(s, again(), e, nil, carrier, clock, true); err != nil {
		t.Fatal(err)
	}
	if err := Add(s, again(), e, nil, carrier, clock, true); err == nil || !strings.Contains(err.Error(), "entry 4 waits for the Tangle") {
		t.Errorf("while one waits: %v", err)
	}
}
