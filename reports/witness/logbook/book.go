package logbook

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// Book is a log in a directory that is open to be written. It is not safe for concurrent use.
type Book struct {
	dir    string
	signer witness.Signer
	source *Source
	state  witness.Checkpoint
	last   notary.ID // the newest leaf
	unlock func()
}

const lockName = ".lock"

// entryHead is what a leaf begins with in a bundle: its length.
var entryHead = [2]byte{0, 32}

// Open opens the log in a directory, and makes an empty one where there is none. It waits until no other process has it open.
func Open(ctx context.Context, dir, name string, key ed25519.PrivateKey) (_ *Book, err error) {
	b := &Book{dir: dir}
	if b.signer, err = witness.NewSigner(name, witness.Signs, key, nil); err != nil {
		return nil, fmt.Errorf("log %s: %w", dir, err)
	}
	if err := disk.Mkdir(dir); err != nil {
		return nil, err
	}
	if b.unlock, err = disk.Lock(ctx, filepath.Join(dir, lockName)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	if b.source, err = At(dir); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(dir, checkpointName)); errors.Is(err, fs.ErrNotExist) {
		b.state = witness.Checkpoint{Origin: name}
		if b.state.Hash, err = tlog.TreeHash(0, nil); err != nil {
			return nil, err
		}
		return b, b.sign()
	}
	if b.state, _, err = b.source.Checkpoint(ctx, b.signer.Key); err != nil {
		return nil, err
	}
	if b.state.N > 0 {
		_, entries, err := b.entries(ctx, (b.state.N-1)/width, b.state.N)
		if err != nil {
			return nil, err
		}
		b.last = entries[len(entries)-1]
	}
	return b, nil
}

// Close lets others open the log.
func (b *Book) Close() { b.unlock() }

// Key returns the key that others need to check the log's checkpoints.
func (b *Book) Key() witness.Key { return b.signer.Key }

// Leaves returns how many milestones the log has.
func (b *Book) Leaves() int64 { return b.state.N }

// entries returns the leaves of a bundle in a tree of n leaves, raw and read. They are those that the tree has.
func (b *Book) entries(ctx context.Context, bundle, n int64) (raw []byte, ids []notary.ID, err error) {
	w := int(min(n-bundle*width, width))
	if w == 0 {
		return nil, nil, nil
	}
	path := tilePath(tlog.Tile{H: height, L: bundles, N: bundle, W: w})
	fail := func(err error) ([]byte, []notary.ID, error) {
		return nil, nil, fmt.Errorf("the log %s is damaged: %s: %w: restore it from a copy", b.dir, path, err)
	}
	if raw, err = disk.ReadFile(ctx, filepath.Join(b.dir, filepath.FromSlash(path)), maxFile); err != nil {
		return fail(err)
	}
	var want []int64
	for i := range int64(w) {
		want = append(want, tlog.StoredHashIndex(0, bundle*width+i))
	}
	hashes, err := b.source.hashes(ctx, b.state.Tree).ReadHashes(want)
	if err != nil {
		return fail(err)
	}
	rest := raw
	for i := range w {
		if len(rest) < len(entryHead)+len(notary.ID{}) || [2]byte(rest) != entryHead || tlog.RecordHash(rest[2:34]) != hashes[i] {
			return fail(fmt.Errorf("its entry %d is not that of the tree", i+1))
		}
		ids, rest = append(ids, notary.ID(rest[2:34])), rest[34:]
	}
	if len(rest) > 0 {
		return fail(errors.New("something follows its entries"))
	}
	return raw, ids, nil
}

// Append adds milestones, each of which has to follow the one before it, and signs the new state. It returns when that would survive a crash.
func (b *Book) Append(ctx context.Context, milestones ...*notary.Milestone) error {
	if len(milestones) == 0 {
		return nil
	}
	old, n := b.state.N, b.state.N
	before := b.source.hashes(ctx, b.state.Tree)
	added := map[int64]tlog.Hash{}
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		var missing []int64
		for i, x := range indexes {
			h, ok := added[x]
			if out[i] = h; !ok {
				missing = append(missing, x)
			}
		}
		if len(missing) == 0 {
			return out, nil
		}
		found, err := before.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, x := range indexes {
			if _, ok := added[x]; !ok {
				out[i], found = found[0], found[1:]
			}
		}
		return out, nil
	})
	bundle := old / width
	raw, _, err := b.entries(ctx, bundle, old)
	if err != nil {
		return err
	}
	last := b.last
	for _, m := range milestones {
		if n > 0 && m.Previous != last {
			return fmt.Errorf("milestone %d follows %s, and the newest milestone of the log is %s: this is another history", m.Index, m.Previous, last)
		}
		last = m.ID
		hashes, err := tlog.StoredHashes(n, m.ID[:], read)
		if err != nil {
			return fmt.Errorf("read the log %s: %w", b.dir, err)
		}
		for i, h := range hashes {
			added[tlog.StoredHashIndex(0, n)+int64(i)] = h
		}
		raw = append(append(raw, entryHead[:]...), m.ID[:]...)
		if n++; n%width == 0 {
			if err := b.bundle(bundle, width, raw); err != nil {
				return err
			}
			bundle, raw = bundle+1, nil
		}
	}
	if w := n % width; w > 0 {
		if err := b.bundle(bundle, int(w), raw); err != nil {
			return err
		}
	}
	for _, t := range tlog.NewTiles(height, old, n) {
		data, err := tlog.ReadTileData(t, read)
		if err != nil {
			return fmt.Errorf("read the log %s: %w", b.dir, err)
		}
		if err := b.write(tilePath(t), data); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(n, read)
	if err != nil {
		return fmt.Errorf("read the log %s: %w", b.dir, err)
	}
	b.state.Tree = tlog.Tree{N: n, Hash: root}
	b.last = last
	return b.sign()
}

func (b *Book) bundle(number int64, w int, raw []byte) error {
	return b.write(tilePath(tlog.Tile{H: height, L: bundles, N: number, W: w}), raw)
}

// write writes a file that never changes.
func (b *Book) write(path string, data []byte) error {
	path = filepath.Join(b.dir, filepath.FromSlash(path))
	if err := disk.Mkdir(filepath.Dir(path)); err != nil {
		return err
	}
	return disk.WriteFile(path, data, 0o644)
}

// sign makes the state the one that is handed out.
func (b *Book) sign() error {
	signed, err := note.Sign(&note.Note{Text: b.state.String()}, b.signer)
	if err != nil {
		return err
	}
	return b.write(checkpointName, signed)
}

// Milestones is a Tangle, as far as its log is concerned.
type Milestones interface {
	// Newest returns the index of the newest milestone; 0 if there is none.
	Newest(ctx context.Context) (uint32, error)
	// Milestone returns the milestone with an index.
	Milestone(ctx context.Context, index uint32) (*notary.Milestone, error)
}

// batch is how many milestones are signed for at a time.
const batch = 4096

// Follow adds the milestones of a Tangle that the log does not have yet, each signed as the trust file wants it, and returns how many. Leaf 0 is the milestone `first`.
func (b *Book) Follow(ctx context.Context, from Milestones, trust *notary.Trust, first uint32) (added int, err error) {
	newest, err := from.Newest(ctx)
	if err != nil {
		return 0, err
	}
	have := int64(first) + b.state.N // the index that is to come
	if int64(newest) < have-1 {
		return 0, fmt.Errorf("the newest milestone of the Tangle is %d, and the log has that of %d: the Tangle was rolled back, or it is another one", newest, have-1)
	}
	if b.state.N > 0 {
		last, err := from.Milestone(ctx, uint32(have-1))
		if err != nil {
			return 0, err
		}
		if last.ID != b.last {
			return 0, fmt.Errorf("milestone %d of the Tangle is %s, and the log has %s in its place: the Tangle has another history", have-1, last.ID, b.last)
		}
	}
	for have <= int64(newest) {
		var ms []*notary.Milestone
		for ; have <= int64(newest) && len(ms) < batch; have++ {
			m, err := from.Milestone(ctx, uint32(have))
			if err != nil {
				return added, err
			}
			if m.Index != uint32(have) {
				return added, fmt.Errorf("the Tangle gave milestone %d, asked for %d", m.Index, have)
			}
			if _, _, err := trust.Signed(m); err != nil {
				return added, err
			}
			ms = append(ms, m)
		}
		if err := b.Append(ctx, ms...); err != nil {
			return added, err
		}
		added += len(ms)
	}
	return added, nil
}
