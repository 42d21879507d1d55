package notary

import (
	"cmp"
	"context"
	"crypto/rand"
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
	"slices"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// The files of an entry that has no receipt yet, and of a directory that is open.
const (
	pendingName = "pending.json" // until there is a receipt
	blockName   = "block"        // prepared, maybe sent
	lockName    = "lock"
)

// maxReattach is how often a record is put into another block before that is given up.
const maxReattach = 5

// Form says what the entries of a [Sequence] are made of, and what goes on the ledger for one.
type Form struct {
	Noun    string // what a directory with such entries is called, in errors
	Files   []File // of an entry, each there from the beginning, if at all
	Receipt string // the name of the file of the receipt
	Tag     string // of the blocks
	// Record writes the record of an entry, whose files are given: with a salt it must be blinded, and previous is the block of the record before it, zero for the first.
	Record func(n int, files [][]byte, salt []byte, previous ID) ([]byte, error)
}

// File is a file of an entry: its name, and the largest size that is read, in bytes. An entry may be without one that is optional.
type File struct {
	Name     string
	Limit    int64
	Optional bool
}

// Sequence is a directory of entries that go on a ledger one after the other: 0001, 0002 and so on. What is in it stays what it was.
//
// An entry is made whole and then takes its name. It is pending until it has a receipt; whatever happens in between, [Sequence.Complete] goes on
// from there, with the same record and, where it was prepared, the same block.
type Sequence struct {
	form    Form
	dir     string
	entries int
	unlock  func()
}

// Item is one entry of a sequence.
type Item struct {
	Number  int
	Files   [][]byte // as [Form.Files] has them; nil where there is none
	Receipt []byte   // nil: pending
	Proof   []byte   // that a log of milestones has that of the receipt; nil: there is none
	Stamp   []byte   // of that milestone, by an authority; nil: there is none
}

// Voucher is a file of an entry by which others than a Tangle vouch for its milestone.
type Voucher struct {
	Name  string
	Limit int64   // of its size, in bytes
	Data  *[]byte // where the item has it; nil there: there is none
}

// Vouchers returns all that there may be of an entry.
func (i *Item) Vouchers() []Voucher {
	return []Voucher{{ProofName, witness.MaxProof, &i.Proof}, {StampName, witness.MaxStamp, &i.Stamp}}
}

// The files of an entry that others than a Tangle vouch by for its milestone: the proof of a log, and a time stamp.
const (
	ProofName = "tlog-proof"
	StampName = "stamp.tsr"
)

var entryName = regexp.MustCompile(`^[0-9]{4,}$`)

// OpenSequence opens a directory to be added to, and makes it where there is none. It waits until no other process has it open.
func OpenSequence(ctx context.Context, dir string, form Form) (*Sequence, error) {
	fail := func(err error) (*Sequence, error) { return nil, fmt.Errorf("%s %s: %w", form.Noun, dir, err) }
	if err := disk.Mkdir(dir); err != nil {
		return fail(err)
	}
	unlock, err := disk.Lock(ctx, filepath.Join(dir, lockName))
	if err != nil {
		return fail(err)
	}
	s := &Sequence{form: form, dir: dir, unlock: unlock}
	if s.entries, err = count(dir); err == nil {
		err = s.sweep()
	}
	if err != nil {
		s.Close()
		return fail(err)
	}
	return s, nil
}

// Close lets other processes open the directory.
func (s *Sequence) Close() { s.unlock() }

// Len returns how many entries there are, those that are pending among them.
func (s *Sequence) Len() int { return s.entries }

// count returns how many entries a directory has. It is an error where one of them is missing.
func count(dir string) (int, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, e := range list {
		if e.IsDir() && entryName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return Numbered(names)
}

// Numbered returns how many names of entries there are, 0001, 0002 and so on. It is an error where one is missing among them.
func Numbered(names []string) (int, error) {
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) // 10000 comes after 9999
	for i, name := range names {
		if n := i + 1; name != number(n) {
			return 0, fmt.Errorf("the entry %s is missing", number(n))
		}
	}
	return len(names), nil
}

func number(n int) string { return fmt.Sprintf("%04d", n) }

// sweep removes what a process left that was killed while it made an entry, or right after it had the receipt.
func (s *Sequence) sweep() error {
	waiting, err := s.Pending()
	if err != nil {
		return err
	}
	if n := s.entries - waiting; n > 0 {
		if err := s.settle(n); err != nil {
			return err
		}
	}
	left := s.path(s.entries+1, "") + disk.Temporary
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
func (s *Sequence) settle(n int) error {
	for _, name := range []string{blockName, pendingName} {
		path := s.path(n, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := disk.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sequence) path(n int, name string) string { return filepath.Join(s.dir, number(n), name) }

// pending is what an entry needs to get a receipt.
type pending struct {
	Salt string `json:"salt"` // hexadecimal; "" where the record is not blinded
}

// Append puts an entry at the end, to go on a ledger; of its files, those that are optional may be nil. With blind its record will not show the digest of what it commits to.
func (s *Sequence) Append(files [][]byte, blind bool) error {
	var p pending
	if blind {
		salt := make([]byte, saltSize)
		if _, err := io.ReadFull(rand.Reader, salt); err != nil {
			return err
		}
		p.Salt = hex.EncodeToString(salt)
	}
	state, err := json.Marshal(p)
	if err != nil {
		return err
	}
	n := s.entries + 1
	temp := s.path(n, "") + disk.Temporary
	if err := disk.Mkdir(temp); err != nil {
		return err
	}
	write := func(name string, data []byte) error { return disk.WriteFile(filepath.Join(temp, name), data, 0o644) }
	for i, f := range s.form.Files {
		if files[i] == nil && f.Optional {
			continue
		}
		if err := write(f.Name, files[i]); err != nil {
			return err
		}
	}
	if err := write(pendingName, state); err != nil {
		return err
	}
	if err := disk.Rename(temp, s.path(n, "")); err != nil {
		return err
	}
	s.entries = n
	return nil
}

// Item reads an entry.
func (s *Sequence) Item(ctx context.Context, n int) (*Item, error) {
	return readItem(ctx, s.dir, n, s.form)
}

func readItem(ctx context.Context, dir string, n int, form Form) (*Item, error) {
	fail := func(err error) (*Item, error) { return nil, fmt.Errorf("entry %s: %w", number(n), err) }
	item := &Item{Number: n}
	for _, f := range form.Files {
		data, err := disk.ReadFile(ctx, filepath.Join(dir, number(n), f.Name), f.Limit)
		if err != nil && !(f.Optional && errors.Is(err, fs.ErrNotExist)) {
			return fail(err)
		}
		item.Files = append(item.Files, data)
	}
	var err error
	if item.Receipt, err = disk.ReadFile(ctx, filepath.Join(dir, number(n), form.Receipt), MaxReceipt); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail(err)
	}
	for _, v := range item.Vouchers() {
		if *v.Data, err = disk.ReadFile(ctx, filepath.Join(dir, number(n), v.Name), v.Limit); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail(err)
		}
	}
	return item, nil
}

// Items are the entries of a sequence, the oldest first, each read when it is asked for.
type Items = iter.Seq2[*Item, error]

// ReadSequence reads the entries of a directory without opening it to be added to, and says how many there are. It is an error where a number is missing; whether the
// entries are right and follow one another is for a verifier to say.
func ReadSequence(ctx context.Context, dir string, form Form) (Items, int, error) {
	n, err := count(dir)
	if err != nil {
		return nil, 0, fmt.Errorf("%s %s: %w", form.Noun, dir, err)
	}
	return func(yield func(*Item, error) bool) {
		for i := 1; i <= n; i++ {
			e, err := readItem(ctx, dir, i, form)
			if err != nil {
				err = fmt.Errorf("%s %s: %w", form.Noun, dir, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}, n, nil
}

// Files returns the paths of what is kept in a directory of entries, as far as it can be listed.
func Files(dir string) []string {
	list, _ := filepath.Glob(filepath.Join(dir, "[0-9]*", "*")) // the pattern is right
	return list
}

// Vouch keeps what others vouch by for the milestone of an entry: [ProofName] or [StampName].
func (s *Sequence) Vouch(n int, name string, data []byte) error {
	return disk.WriteFile(s.path(n, name), data, 0o644)
}

// Pending returns how many entries have no receipt yet. They are the newest ones.
func (s *Sequence) Pending() (int, error) {
	for n := s.entries; n > 0; n-- {
		switch _, err := os.Stat(s.path(n, s.form.Receipt)); {
		case err == nil:
			return s.entries - n, nil
		case !errors.Is(err, fs.ErrNotExist):
			return 0, err
		}
	}
	return s.entries, nil
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

// Complete gets a receipt for every pending entry, the oldest first. A receipt is kept only after it was checked against the trust
// file. It may be called again after any error, and after a crash.
func (s *Sequence) Complete(ctx context.Context, ledger Ledger, trust *Trust, progress func(entry int, s Stage)) error {
	waiting, err := s.Pending()
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
	if n := s.entries - waiting; n > 0 {
		if previous, err = s.blockOf(ctx, n, network); err != nil {
			return err
		}
	}
	for n := s.entries - waiting + 1; n <= s.entries; n++ {
		w := &work{s, n, ledger, trust, network, previous, func(s Stage) { progress(n, s) }}
		if previous, err = w.do(ctx); err != nil {
			return fmt.Errorf("entry %s of %s: %w", number(n), s.dir, err)
		}
	}
	return nil
}

// blockOf returns the block of an entry that has a receipt.
func (s *Sequence) blockOf(ctx context.Context, n int, network string) (ID, error) {
	e, err := s.Item(ctx, n)
	if err != nil {
		return ID{}, err
	}
	r, err := ParseReceipt(e.Receipt)
	if err != nil {
		return ID{}, fmt.Errorf("entry %s: %w", number(n), err)
	}
	if r.Network != network {
		return ID{}, fmt.Errorf("this %[1]s is on the network %[2]q, the Tangle is %[3]q: use that network, or start another %[1]s in another directory", s.form.Noun, r.Network, network)
	}
	return BlockID(r.Block), nil
}

// work gets the receipt of one entry.
type work struct {
	*Sequence
	n        int
	ledger   Ledger
	trust    *Trust
	network  string
	previous ID
	progress func(Stage)
}

func (w *work) do(ctx context.Context) (ID, error) {
	entry, err := w.Item(ctx, w.n)
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
	record, err := w.form.Record(w.n, entry.Files, salt, w.previous)
	if err != nil {
		return ID{}, err
	}
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
	if err := disk.WriteFile(w.path(w.n, w.form.Receipt), data, 0o644); err != nil {
		return ID{}, err
	}
	if err := w.settle(w.n); err != nil {
		return ID{}, err
	}
	w.progress(Done)
	return BlockID(block), nil
}

// accept checks a receipt as an auditor will.
func (w *work) accept(data, record []byte) error {
	r, err := ParseReceipt(data)
	if err != nil {
		return err
	}
	_, err = Locate(r, w.trust, w.form.Tag, func(there []byte) error {
		if string(there) != string(record) {
			return errors.New("the block holds another record")
		}
		return nil
	})
	return err
}

// include brings a record into a milestone, in the block that was prepared for it before, if there is one.
func (w *work) include(ctx context.Context, record []byte) ([]byte, *Inclusion, error) {
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
func (w *work) prepared(ctx context.Context, record []byte) ([]byte, error) {
	path := w.path(w.n, blockName)
	block, err := disk.ReadFile(ctx, path, maxBlock)
	switch {
	case err == nil:
		if w.holds(block, record) {
			return block, nil
		}
		return nil, fmt.Errorf("%s holds another record than this entry's: remove it if you know why", path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	w.progress(Preparing)
	if block, err = w.ledger.Prepare(ctx, []byte(w.form.Tag), record); err != nil {
		return nil, err
	}
	if !w.holds(block, record) {
		return nil, errors.New("vauban: internal error: the Tangle prepared a block with another record")
	}
	return block, disk.WriteFile(path, block, 0o644)
}

// holds reports whether a block holds a record.
func (w *work) holds(block, record []byte) bool {
	b, err := ParseBlock(block)
	return err == nil && string(b.Tag) == w.form.Tag && string(b.Data) == string(record)
}
