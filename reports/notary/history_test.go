package notary_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/disk/disktest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/embedded"
)

var signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))

// evidence returns a report of a version of a design, and its statement.
func evidence(version int) (report, statement []byte, err error) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "report.json"))
	if err != nil {
		return nil, nil, err
	}
	var compact bytes.Buffer // the golden report is indented, to be read
	if err := json.Compact(&compact, data); err != nil {
		return nil, nil, err
	}
	r, err := document.Parse(compact.Bytes())
	if err != nil {
		return nil, nil, err
	}
	r.Inputs[0].SHA256 = fmt.Sprintf("%064d", version)
	if report, err = r.Canonical(); err != nil {
		return nil, nil, err
	}
	statement, err = attest.Sign(r, signer)
	return report, statement, err
}

// notarize does what a user does who notarizes versions of a design one after the other.
func notarize(ctx context.Context, dir string, versions ...int) error {
	h, err := notary.OpenHistory(ctx, filepath.Join(dir, "history"))
	if err != nil {
		return err
	}
	defer h.Close()
	for _, v := range versions {
		report, statement, err := evidence(v)
		if err != nil {
			return err
		}
		if _, _, err := h.Add(ctx, report, statement, true); err != nil {
			return err
		}
	}
	l, err := embedded.Open(ctx, filepath.Join(dir, "tangle"), embedded.Options{Now: func() time.Time { return time.Unix(1000, 0) }})
	if err != nil {
		return err
	}
	defer l.Close()
	return h.Complete(ctx, l, l.Trust(), func(int, notary.Stage) {})
}

// TestMain is also the process that the crash tests end at a given change of the disk.
func TestMain(m *testing.M) {
	disktest.Main(m, func(dir string) error {
		// A user notarizes version 1, then 2 and 3 at once, and says again what was killed.
		commands := [][]int{{1}, {2, 3}}
		for i, entry := range []string{"0002", "0003"} {
			if _, err := os.Stat(filepath.Join(dir, "history", entry)); err == nil {
				commands = [][]int{{2, 3}, {3}}[i : i+1]
			}
		}
		for _, c := range commands {
			if err := notarize(context.Background(), dir, c...); err != nil {
				return err
			}
		}
		return nil
	})
}

// A process that is killed before any change of the disk, and whose successor is killed too, loses nothing, and notarizes nothing twice.
func TestKill(t *testing.T) {
	t.Parallel()
	disktest.Everywhere(t, 60, func(what, dir string) {
		t.Log(what)
		intact(t, what, dir, 3)
	})
}

// intact checks that a history has receipts for versions 1 to n, in a chain, and that the ledger has each record once.
func intact(t *testing.T, what, dir string, n int) {
	t.Helper()
	trust := readTrust(t, dir)
	h, err := notary.OpenHistory(t.Context(), filepath.Join(dir, "history"))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer h.Close()
	if waiting, err := h.Pending(); err != nil || waiting > 0 {
		t.Fatalf("%s: %d pending, %v", what, waiting, err)
	}
	newest, err := h.Newest(t.Context())
	if err != nil || newest.Number != n {
		t.Fatalf("%s: %d entries, %v", what, newest.Number, err)
	}
	var previous notary.ID
	var records [][]byte
	for i := 1; i <= n; i++ {
		report, statement, err := evidence(i)
		if err != nil {
			t.Fatal(err)
		}
		e, err := h.Entry(t.Context(), i)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !bytes.Equal(e.Report, report) || !bytes.Equal(e.Statement, statement) {
			t.Fatalf("%s: entry %d is not version %d", what, i, i)
		}
		r, err := notary.ParseReceipt(e.Receipt)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		p, err := notary.Verify(r, trust)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if err := both(t, e.Receipt, trust, sha256.Sum256(statement)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if p.Record.Previous != previous {
			t.Fatalf("%s: entry %d does not follow the one before it", what, i)
		}
		previous = p.Block
		records = append(records, p.Record.Bytes())
		list, err := os.ReadDir(filepath.Join(dir, "history", fmt.Sprintf("%04d", i)))
		if err != nil || len(list) != 3 {
			t.Errorf("%s: entry %d has %v, %v", what, i, list, err)
		}
	}
	ledger, err := os.ReadFile(filepath.Join(dir, "tangle", "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		if got := bytes.Count(ledger, r); got != 1 {
			t.Errorf("%s: the ledger has record %d %d times", what, i+1, got)
		}
	}
	if got := bytes.Count(ledger, []byte(notary.Tag)); got != n {
		t.Errorf("%s: the ledger has %d records", what, got)
	}
}

func readTrust(t *testing.T, dir string) *notary.Trust {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "tangle", "trust.json"))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := notary.ParseTrust(data)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

func TestHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, v := range []int{1, 1, 2, 2, 2, 3} { // the same again adds nothing
		if err := notarize(t.Context(), dir, v); err != nil {
			t.Fatal(err)
		}
	}
	intact(t, "one after the other", dir, 3)
	h, err := notary.OpenHistory(t.Context(), filepath.Join(dir, "history"))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	report, statement, err := evidence(4)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Add(t.Context(), bytes.Replace(report, []byte(`"design":"D"`), []byte(`"design":"E"`), 1), statement, true); err == nil || !strings.Contains(err.Error(), "another report") {
		t.Errorf("a statement about another report: %v", err)
	}
	r, err := document.Parse(report)
	if err != nil {
		t.Fatal(err)
	}
	r.Design = "E"
	if report, err = r.Canonical(); err != nil {
		t.Fatal(err)
	}
	if statement, err = attest.Sign(r, signer); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Add(t.Context(), report, statement, true); err == nil || !strings.Contains(err.Error(), `it is the history of the design "D"`) {
		t.Errorf("another design: %v", err)
	}
}

// faulty is a Tangle with an ill will.
type faulty struct {
	notary.Ledger
	network   string
	aside     int // how many blocks no milestone will reference
	inclusion func(*notary.Inclusion)
	fail      error
	prepared  int
}

func (f *faulty) Network(ctx context.Context) (string, error) {
	if f.network != "" {
		return f.network, nil
	}
	return f.Ledger.Network(ctx)
}

func (f *faulty) Prepare(ctx context.Context, tag, data []byte) ([]byte, error) {
	f.prepared++
	return f.Ledger.Prepare(ctx, tag, data)
}

func (f *faulty) Inclusion(ctx context.Context, block []byte) (*notary.Inclusion, error) {
	if f.aside--; f.aside >= 0 {
		return nil, notary.ErrReattach
	}
	if f.fail != nil {
		return nil, f.fail
	}
	in, err := f.Ledger.Inclusion(ctx, block)
	if err == nil && f.inclusion != nil {
		f.inclusion(in)
	}
	return in, err
}

// Whatever the Tangle does, there is a receipt that holds, or none.
func TestBadLedgers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ledger faulty
		says   string // "": it comes to a good end
	}{
		"left aside twice":  {faulty{aside: 2}, ""},
		"always left aside": {faulty{aside: 100}, "run it again with --resume"},
		"another network":   {faulty{network: "elsewhere"}, `the Tangle is the network "elsewhere", the trust file is for`},
		"it breaks off":     {faulty{fail: errors.New("the line is dead")}, "the line is dead"},
		"the wrong milestone": {faulty{inclusion: func(in *notary.Inclusion) {
			in.Milestone = bytes.Clone(in.Milestone)
			in.Milestone[20] ^= 1
		}}, "did not give a receipt that holds"},
		"a longer milestone": {faulty{inclusion: func(in *notary.Inclusion) { in.Milestone = append(bytes.Clone(in.Milestone), 0) }}, "did not give a receipt that holds"},
		"the wrong path": {faulty{inclusion: func(in *notary.Inclusion) {
			in.Path = append(in.Path, notary.Step{Sibling: notary.ID{1}})
		}}, "did not give a receipt that holds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l, err := embedded.Open(t.Context(), filepath.Join(dir, "tangle"), embedded.Options{Now: func() time.Time { return time.Unix(1000, 0) }})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			h, err := notary.OpenHistory(t.Context(), filepath.Join(dir, "history"))
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			report, statement, err := evidence(1)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.Add(t.Context(), report, statement, true); err != nil {
				t.Fatal(err)
			}
			f := c.ledger
			f.Ledger = l
			err = h.Complete(t.Context(), &f, l.Trust(), func(int, notary.Stage) {})
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("%v, expected %q", err, c.says)
				}
				if e, err := h.Newest(t.Context()); err != nil || e.Receipt != nil {
					t.Fatalf("there is a receipt, %v", err)
				}
				// The same again with a good Tangle.
				if err := h.Complete(t.Context(), l, l.Trust(), func(int, notary.Stage) {}); err != nil {
					t.Fatal(err)
				}
			} else if err != nil || f.prepared != 3 {
				t.Fatalf("%v after %d blocks", err, f.prepared)
			}
			e, err := h.Newest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r, err := notary.ParseReceipt(e.Receipt)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := notary.Verify(r, l.Trust()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A history with an entry taken out, or of another network, is not added to.
func TestBadHistories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := notarize(t.Context(), dir, 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "history", "0002"), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := notarize(t.Context(), dir, 4); err == nil || !strings.Contains(err.Error(), "the entry 0002 is missing") {
		t.Errorf("without an entry: %v", err)
	}
	if err := os.Rename(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "history", "0002")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "tangle"), filepath.Join(dir, "old")); err != nil {
		t.Fatal(err)
	}
	if err := notarize(t.Context(), dir, 4); err == nil || !strings.Contains(err.Error(), "start another history") {
		t.Errorf("on another network: %v", err)
	}
	// The report waits; the old network takes it.
	if err := os.RemoveAll(filepath.Join(dir, "tangle")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "tangle")); err != nil {
		t.Fatal(err)
	}
	if err := notarize(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	intact(t, "back again", dir, 4)
}
