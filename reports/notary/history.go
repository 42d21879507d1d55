package notary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/disk"
)

// The files of an entry of a history. The first three are what an auditor gets.
const (
	ReportName    = "report.json"
	StatementName = "report.statement.json"
	ReceiptName   = "report.receipt.json"
	pendingName   = "pending.json" // until there is a receipt
	blockName     = "block"        // prepared, maybe sent
	lockName      = "lock"
)

// maxReattach is how often a record is put into another block before that is given up.
const maxReattach = 5

// History is a directory with the notarized reports and explanations of one design, oldest first: 0001, 0002 and so on. What is in it stays what it was.
//
// An entry is made whole and then takes its name. It is pending until it has a receipt; whatever happens in between, [History.Complete] goes on
// from there, with the same record and, where it was prepared, the same block.
type History struct {
	dir     string
	entries int
	unlock  func()
}

// Entry is one report or explanation of a history.
type Entry struct {
	Number    int
	Report    []byte
	Statement []byte
	Receipt   []byte // nil: pending
}

var entryName = regexp.MustCompile(`^[0-9]{4,}$`)

// OpenHistory opens a history to be added to, and makes it where there is none. It waits until no other process has it open.
func OpenHistory(ctx context.Context, dir string) (*History, error) {
	fail := func(err error) (*History, error) { return nil, fmt.Errorf("history %s: %w", dir, err) }
	if err := disk.Mkdir(dir); err != nil {
		return fail(err)
	}
	unlock, err := disk.Lock(ctx, filepath.Join(dir, lockName))
	if err != nil {
		return fail(err)
	}
	h := &History{dir: dir, unlock: unlock}
	if h.entries, err = count(dir); err == nil {
		err = h.sweep()
	}
	if err != nil {
		h.Close()
		return fail(err)
	}
	return h, nil
}

// Close lets other processes open the history.
func (h *History) Close() { h.unlock() }

// count returns how many entries a history has. It is an error where one of them is missing.
func count(dir string) (int, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range list { // in the order of their names
		if !e.IsDir() || !entryName.MatchString(e.Name()) {
			continue
		}
		if n++; e.Name() != number(n) {
			return 0, fmt.Errorf("the entry %s is missing", number(n))
		}
	}
	return n, nil
}

func number(n int) string { return fmt.Sprintf("%04d", n) }

// sweep removes what a process left that was killed while it made an entry, or right after it had the receipt.
func (h *History) sweep() error {
	waiting, err := h.Pending()
	if err != nil {
		return err
	}
	if n := h.entries - waiting; n > 0 {
		if err := h.settle(n); err != nil {
			return err
		}
	}
	left := h.path(h.entries+1, "") + disk.Temporary
	info, err := os.Lstat(left)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if !info.IsDir() { // a link would have somebody else's files removed
		return disk.Remove(left)
	}
	list, err := os.ReadDir(left)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := disk.Remove(filepath.Join(left, e.Name())); err != nil {
			return err
		}
	}
	return disk.Remove(left)
}

// settle removes from an entry with a receipt what it needed to get there.
func (h *History) settle(n int) error {
	for _, name := range []string{blockName, pendingName} {
		path := h.path(n, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := disk.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func (h *History) path(n int, name string) string { return filepath.Join(h.dir, number(n), name) }

// pending is what an entry needs to get a receipt.
type pending struct {
	Salt string `json:"salt"` // hexadecimal; "" where the record is not blinded
}

// Add puts a report or an explanation with its statement at the end of the history, to be notarized. Where the newest entry has the same statement it adds nothing. With blind the
// record will not show the digest of the statement.
func (h *History) Add(ctx context.Context, report, statement []byte, blind bool) (entry int, added bool, err error) {
	fail := func(err error) (int, bool, error) { return 0, false, fmt.Errorf("history %s: %w", h.dir, err) }
	r, err := document.ParseDocument(report)
	if err != nil {
		return fail(err)
	}
	s, err := attest.Open(statement)
	if err != nil {
		return fail(err)
	}
	if err := s.Binds(r); err != nil {
		return fail(err)
	}
	if h.entries > 0 {
		last, err := h.Entry(ctx, h.entries)
		if err != nil {
			return fail(err)
		}
		if sha256.Sum256(last.Statement) == s.Digest {
			return h.entries, false, nil
		}
		before, err := document.ParseDocument(last.Report)
		if err != nil {
			return fail(fmt.Errorf("entry %s: %w", number(h.entries), err))
		}
		if was, is := before.Head(), r.Head(); was.Design != is.Design {
			return fail(fmt.Errorf("it is the history of the design %q, and the %s is about %q: name another one with --history", was.Design, is.Kind, is.Design))
		}
	}
	var p pending
	if blind {
		salt := make([]byte, saltSize)
		if _, err := io.ReadFull(rand.Reader, salt); err != nil {
			return fail(err)
		}
		p.Salt = hex.EncodeToString(salt)
	}
	state, err := json.Marshal(p)
	if err != nil {
		return fail(err)
	}
	n := h.entries + 1
	temp := h.path(n, "") + disk.Temporary
	if err := disk.Mkdir(temp); err != nil {
		return fail(err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{ReportName, report}, {StatementName, statement}, {pendingName, state}} {
		if err := disk.WriteFile(filepath.Join(temp, f.name), f.data, 0o644); err != nil {
			return fail(err)
		}
	}
	if err := disk.Rename(temp, h.path(n, "")); err != nil {
		return fail(err)
	}
	h.entries = n
	return n, true, nil
}

// Entry reads an entry.
func (h *History) Entry(ctx context.Context, n int) (*Entry, error) { return readEntry(ctx, h.dir, n) }

func readEntry(ctx context.Context, dir string, n int) (*Entry, error) {
	e := &Entry{Number: n}
	for _, f := range []struct {
		to    *[]byte
		name  string
		limit int64
	}{{&e.Report, ReportName, document.MaxBytes}, {&e.Statement, StatementName, attest.MaxBytes}, {&e.Receipt, ReceiptName, MaxReceipt}} {
		data, err := disk.ReadFile(ctx, filepath.Join(dir, number(n), f.name), f.limit)
		if errors.Is(err, fs.ErrNotExist) && f.name == ReceiptName {
			break
		} else if err != nil {
			return nil, fmt.Errorf("entry %s: %w", number(n), err)
		}
		*f.to = data
	}
	return e, nil
}

// Entries are the entries of a history, the oldest first, each read when it is asked for.
type Entries = iter.Seq2[*Entry, error]

// ReadHistory reads the entries of a history without opening it to be added to, and says how many there are. It is an error where a number is missing; whether the
// entries are right and follow one another is for an audit to say.
func ReadHistory(ctx context.Context, dir string) (Entries, int, error) {
	n, err := count(dir)
	if err != nil {
		return nil, 0, fmt.Errorf("history %s: %w", dir, err)
	}
	return func(yield func(*Entry, error) bool) {
		for i := 1; i <= n; i++ {
			e, err := readEntry(ctx, dir, i)
			if err != nil {
				err = fmt.Errorf("history %s: %w", dir, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}, n, nil
}

// Knows reports whether one of the entries of the history in dir has the receipt. A directory that is not there knows none.
func Knows(ctx context.Context, dir string, receipt []byte) (bool, error) {
	n, err := count(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("history %s: %w", dir, err)
	}
	for ; n > 0; n-- {
		data, err := disk.ReadFile(ctx, filepath.Join(dir, number(n), ReceiptName), MaxReceipt)
		switch {
		case errors.Is(err, fs.ErrNotExist): // pending
		case err != nil:
			return false, fmt.Errorf("history %s: entry %s: %w", dir, number(n), err)
		case string(data) == string(receipt):
			return true, nil
		}
	}
	return false, nil
}

// Files returns the paths of what is kept in a history, as far as it can be listed.
func Files(dir string) []string {
	list, _ := filepath.Glob(filepath.Join(dir, "[0-9]*", "*")) // the pattern is right
	return list
}

// Pending returns how many entries have no receipt yet. They are the newest ones.
func (h *History) Pending() (int, error) {
	for n := h.entries; n > 0; n-- {
		switch _, err := os.Stat(h.path(n, ReceiptName)); {
		case err == nil:
			return h.entries - n, nil
		case !errors.Is(err, fs.ErrNotExist):
			return 0, err
		}
	}
	return h.entries, nil
}

// Newest returns the newest entry; nil where there is none.
func (h *History) Newest(ctx context.Context) (*Entry, error) {
	if h.entries == 0 {
		return nil, nil
	}
	return h.Entry(ctx, h.entries)
}

// Stage is how far an entry has come.
type Stage string

// The stages, in order.
const (
	Preparing Stage = "preparing the block"
	Sending   Stage = "sending the block"
	Waiting   Stage = "waiting for a milestone"
	Done      Stage = "notarized"
)

// Complete gets a receipt for every pending entry, the oldest first. A receipt is kept only after [Verify] has passed it against the trust
// file. It may be called again after any error, and after a crash.
func (h *History) Complete(ctx context.Context, ledger Ledger, trust *Trust, progress func(entry int, s Stage)) error {
	waiting, err := h.Pending()
	if err != nil {
		return err
	}
	network, err := ledger.Network(ctx)
	if err != nil {
		return err
	}
	if network != trust.Network {
		return fmt.Errorf("the Tangle is the network %q, the trust file is for %q: give the trust file of that network", network, trust.Network)
	}
	var previous ID
	if n := h.entries - waiting; n > 0 {
		if previous, err = h.blockOf(ctx, n, network); err != nil {
			return err
		}
	}
	for n := h.entries - waiting + 1; n <= h.entries; n++ {
		w := &work{h, n, ledger, trust, network, previous, func(s Stage) { progress(n, s) }}
		if previous, err = w.do(ctx); err != nil {
			return fmt.Errorf("entry %s of %s: %w", number(n), h.dir, err)
		}
	}
	return nil
}

// blockOf returns the block of an entry that has a receipt.
func (h *History) blockOf(ctx context.Context, n int, network string) (ID, error) {
	e, err := h.Entry(ctx, n)
	if err != nil {
		return ID{}, err
	}
	r, err := ParseReceipt(e.Receipt)
	if err != nil {
		return ID{}, fmt.Errorf("entry %s: %w", number(n), err)
	}
	if r.Network != network {
		return ID{}, fmt.Errorf("this history is on the network %q, the Tangle is %q: use that network, or start another history with --history", r.Network, network)
	}
	return BlockID(r.Block), nil
}

// work gets the receipt of one entry.
type work struct {
	*History
	n        int
	ledger   Ledger
	trust    *Trust
	network  string
	previous ID
	progress func(Stage)
}

func (w *work) do(ctx context.Context) (ID, error) {
	entry, err := w.Entry(ctx, w.n)
	if err != nil {
		return ID{}, err
	}
	state, err := disk.ReadFile(ctx, w.path(w.n, pendingName), 1<<10)
	if err != nil {
		return ID{}, err
	}
	var p pending
	if err := json.Unmarshal(state, &p); err != nil {
		return ID{}, fmt.Errorf("%s: %w", pendingName, err)
	}
	salt, err := hex.DecodeString(p.Salt)
	if err != nil {
		return ID{}, fmt.Errorf("%s: %w", pendingName, err)
	}
	record := NewRecord(sha256.Sum256(entry.Statement), salt, w.previous)
	block, in, err := w.include(ctx, record)
	if err != nil {
		return ID{}, err
	}
	r := NewReceipt(w.network, block, in, salt)
	data, err := r.JSON()
	if err != nil {
		return ID{}, err
	}
	if err := w.accept(data, record); err != nil {
		return ID{}, fmt.Errorf("the Tangle did not give a receipt that holds: %w", err)
	}
	if err := disk.WriteFile(w.path(w.n, ReceiptName), data, 0o644); err != nil {
		return ID{}, err
	}
	if err := w.settle(w.n); err != nil {
		return ID{}, err
	}
	w.progress(Done)
	return BlockID(block), nil
}

// accept checks a receipt as an auditor will.
func (w *work) accept(data []byte, record Record) error {
	r, err := ParseReceipt(data)
	if err != nil {
		return err
	}
	proven, err := Verify(r, w.trust)
	if err != nil {
		return err
	}
	if proven.Record != record {
		return errors.New("the block holds another record")
	}
	return nil
}

// include brings a record into a milestone, in the block that was prepared for it before, if there is one.
func (w *work) include(ctx context.Context, record Record) ([]byte, *Inclusion, error) {
	for range maxReattach {
		block, err := w.prepared(ctx, record)
		if err != nil {
			return nil, nil, err
		}
		w.progress(Sending)
		disk.Before("submit")
		err = w.ledger.Submit(ctx, block)
		if err == nil {
			w.progress(Waiting)
			disk.Before("wait for inclusion")
			var in *Inclusion
			if in, err = w.ledger.Inclusion(ctx, block); err == nil {
				return block, in, nil
			}
		}
		if !errors.Is(err, ErrReattach) {
			return nil, nil, err
		}
		if err := disk.Remove(w.path(w.n, blockName)); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%w: %d blocks with this record were left aside: run it again with --resume when the network is well", ErrReattach, maxReattach)
}

// prepared returns the block for a record, which is on disk before it is sent.
func (w *work) prepared(ctx context.Context, record Record) ([]byte, error) {
	path := w.path(w.n, blockName)
	block, err := disk.ReadFile(ctx, path, maxBlock)
	switch {
	case err == nil:
		if holds(block, record) {
			return block, nil
		}
		return nil, fmt.Errorf("%s holds another record than this entry's: remove it if you know why", path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	w.progress(Preparing)
	if block, err = w.ledger.Prepare(ctx, []byte(Tag), record.Bytes()); err != nil {
		return nil, err
	}
	if !holds(block, record) {
		return nil, errors.New("vauban: internal error: the Tangle prepared a block with another record")
	}
	return block, disk.WriteFile(path, block, 0o644)
}

// holds reports whether a block holds a record.
func holds(block []byte, record Record) bool {
	b, err := ParseBlock(block)
	return err == nil && string(b.Tag) == Tag && string(b.Data) == string(record.Bytes())
}
