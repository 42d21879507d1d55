package notary

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/disk"
)

// The files of an entry of a history that an auditor gets.
const (
	ReportName    = "report.json"
	StatementName = "report.statement.json"
	ReceiptName   = "report.receipt.json"
)

// Histories is the form of histories: a record is of the statement.
var Histories = Form{
	Noun:    "history",
	Files:   []File{{Name: ReportName, Limit: document.MaxBytes}, {Name: StatementName, Limit: attest.MaxBytes}},
	Receipt: ReceiptName,
	Tag:     Tag,
	Record: func(_ int, files [][]byte, salt []byte, previous ID) ([]byte, error) {
		return NewRecord(sha256.Sum256(files[1]), salt, previous).Bytes(), nil
	},
}

// History is a directory with the notarized reports and explanations of one design, oldest first.
type History struct{ *Sequence }

// Entry is one report or explanation of a history.
type Entry struct {
	Number    int
	Report    []byte
	Statement []byte
	Receipt   []byte // nil: pending
	Proof     []byte // that a log of milestones has that of the receipt; nil: there is none
	Stamp     []byte // of that milestone, by an authority; nil: there is none
}

// OpenHistory opens a history to be added to, and makes it where there is none. It waits until no other process has it open.
func OpenHistory(ctx context.Context, dir string) (*History, error) {
	s, err := OpenSequence(ctx, dir, Histories)
	if err != nil {
		return nil, err
	}
	return &History{s}, nil
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
	if err := h.Append([][]byte{report, statement}, blind); err != nil {
		return fail(err)
	}
	return h.entries, true, nil
}

// entry names the files of an item.
func entry(i *Item) *Entry {
	return &Entry{i.Number, i.Files[0], i.Files[1], i.Receipt, i.Proof, i.Stamp}
}

// Entry reads an entry.
func (h *History) Entry(ctx context.Context, n int) (*Entry, error) {
	i, err := h.Item(ctx, n)
	if err != nil {
		return nil, err
	}
	return entry(i), nil
}

// Entries are the entries of a history, the oldest first, each read when it is asked for.
type Entries = iter.Seq2[*Entry, error]

// ReadHistory reads the entries of a history without opening it to be added to, and says how many there are. It is an error where a number is missing; whether the
// entries are right and follow one another is for an audit to say.
func ReadHistory(ctx context.Context, dir string) (Entries, int, error) {
	items, n, err := ReadSequence(ctx, dir, Histories)
	if err != nil {
		return nil, 0, err
	}
	return func(yield func(*Entry, error) bool) {
		for i, err := range items {
			var e *Entry
			if err == nil {
				e = entry(i)
			}
			if !yield(e, err) {
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

// Newest returns the newest entry; nil where there is none.
func (h *History) Newest(ctx context.Context) (*Entry, error) {
	if h.entries == 0 {
		return nil, nil
	}
	return h.Entry(ctx, h.entries)
}
