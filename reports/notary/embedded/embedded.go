package embedded

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// The files of a directory.
const (
	keyName    = "key.pem"
	trustName  = "trust.json"
	ledgerName = "ledger"
	lockName   = "lock"
)

// maxTrust is the largest trust file that is read, in bytes.
const maxTrust = 1 << 16

// Files returns the paths of what is kept in a directory.
func Files(dir string) []string {
	return []string{filepath.Join(dir, keyName), filepath.Join(dir, trustName), filepath.Join(dir, ledgerName)}
}

// tolerance is how far the clock may be behind the last milestone before that is an error.
const tolerance = time.Minute

// Tangle is an open directory. It is not safe for concurrent use.
type Tangle struct {
	key    ed25519.PrivateKey
	trust  *notary.Trust
	now    func() time.Time
	file   *file
	unlock func()

	blocks map[notary.ID]*entry
	order  []notary.ID // as appended
	stones []*stone    // the milestones, by index from 1 on
	failed error       // of writing: memory may be ahead of the disk
}

// entry is a block of the ledger.
type entry struct {
	parents []notary.ID
	by      *stone        // the milestone that references it; nil: none yet
	stone   *stone        // that it holds; nil: none
	tagged  *notary.Block // that it is, unless it holds a milestone
}

// stone is a milestone of the ledger.
type stone struct {
	*notary.Milestone
	raw   []byte
	block notary.ID
	cone  []notary.ID // the blocks that it references first, in white-flag order
}

// Options change how a Tangle is opened. The zero value is what users want.
type Options struct {
	Now  func() time.Time   // the clock; nil: the machine's
	Seed ed25519.PrivateKey // the coordinator's key of a new directory; nil: a random one
}

// Open opens the Tangle in a directory, and makes it where there is none. It waits until no other process has it open.
func Open(ctx context.Context, dir string, opt Options) (*Tangle, error) {
	t, err := open(ctx, dir, opt)
	if err != nil {
		return nil, fmt.Errorf("embedded Tangle %s: %w", dir, err)
	}
	return t, nil
}

func open(ctx context.Context, dir string, opt Options) (_ *Tangle, err error) {
	if err := disk.Mkdir(dir); err != nil {
		return nil, err
	}
	t := &Tangle{now: opt.Now, blocks: map[notary.ID]*entry{}}
	if t.now == nil {
		t.now = time.Now
	}
	if t.unlock, err = disk.Lock(ctx, filepath.Join(dir, lockName)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = t.Close() // the error that there is says more
		}
	}()
	if err := t.identity(ctx, dir, opt.Seed); err != nil {
		return nil, err
	}
	var blocks [][]byte
	if t.file, blocks, err = openFile(ctx, filepath.Join(dir, ledgerName)); err != nil {
		return nil, err
	}
	for i, b := range blocks {
		if err := t.learn(b); err != nil {
			return nil, fmt.Errorf("the ledger is damaged: block %d: %w: restore it from a copy", i+1, err)
		}
	}
	if last := t.last(); last != nil && !ed25519.Verify(t.public(), last.ID[:], last.Signatures[0].Signature) {
		return nil, errors.New("the ledger is damaged: its last milestone is not signed by the key of the directory: restore it from a copy")
	}
	return t, nil
}

// identity reads the coordinator's key and the trust file, or makes them.
func (t *Tangle) identity(ctx context.Context, dir string, seed ed25519.PrivateKey) error {
	path := filepath.Join(dir, keyName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(filepath.Join(dir, ledgerName)); err == nil && info.Size() > 0 {
			return fmt.Errorf("the key %s is gone, and the ledger is not empty: restore it from a copy", path)
		}
		if seed == nil {
			if _, seed, err = ed25519.GenerateKey(rand.Reader); err != nil {
				return err
			}
		}
		if err := disk.Remove(path + disk.Temporary); err != nil { // of a process that was killed
			return err
		}
		disk.Before("write " + keyName)
		if err := attest.WriteKey(path+disk.Temporary, seed); err != nil {
			return err
		}
		if err := disk.Rename(path+disk.Temporary, path); err != nil {
			return err
		}
	}
	var err error
	if t.key, err = attest.ReadKey(ctx, path); err != nil {
		return err
	}
	public := hex.EncodeToString(t.public())
	t.trust = &notary.Trust{
		Schema: notary.TrustSchema, Network: "embedded-" + public[:16], Threshold: 1,
		Keys: []notary.TrustKey{{Key: public, Start: 1}},
	}
	want, err := t.trust.JSON()
	if err != nil {
		return err
	}
	switch have, err := disk.ReadFile(ctx, filepath.Join(dir, trustName), maxTrust); {
	case errors.Is(err, fs.ErrNotExist):
		return disk.WriteFile(filepath.Join(dir, trustName), want, 0o644)
	case err != nil:
		return err
	case !bytes.Equal(have, want):
		return fmt.Errorf("%s is not the trust file of %s: remove it, and it will be made again", trustName, keyName)
	}
	return nil
}

func (t *Tangle) public() ed25519.PublicKey { return ed25519.PublicKey(t.key[32:]) }

// Trust returns what an auditor has to trust to believe the receipts of this Tangle.
func (t *Tangle) Trust() *notary.Trust { return t.trust }

// Network returns the name of the network, which follows from the key.
func (t *Tangle) Network(context.Context) (string, error) { return t.trust.Network, nil }

// learn takes a block of the ledger into memory, and checks it.
func (t *Tangle) learn(raw []byte) error {
	id := notary.BlockID(raw)
	if t.blocks[id] != nil {
		return errors.New("it appears twice")
	}
	parents, payload, _, err := notary.ParseFrame(raw)
	if err != nil {
		return err
	}
	for _, p := range parents {
		if t.blocks[p] == nil && !p.IsZero() {
			return fmt.Errorf("its parent %s is not before it", p)
		}
	}
	e := &entry{parents: parents}
	if notary.IsMilestone(payload) {
		m, err := notary.ParseMilestone(payload)
		if err != nil {
			return err
		}
		s := &stone{Milestone: m, raw: payload, block: id, cone: t.cone(m.Parents)}
		if err := t.follows(s); err != nil {
			return err
		}
		for _, in := range s.cone {
			t.blocks[in].by = s
		}
		e.stone, t.stones = s, append(t.stones, s)
	} else if e.tagged, err = notary.ParseBlock(raw); err != nil {
		return err
	}
	t.blocks[id] = e
	t.order = append(t.order, id)
	return nil
}

// follows checks a milestone against the one before it and the blocks that it references.
func (t *Tangle) follows(s *stone) error {
	index, previous := uint32(1), notary.ID{}
	if last := t.last(); last != nil {
		index, previous = last.Index+1, last.ID
		if s.Time.Before(last.Time) {
			return errors.New("its time is before that of the milestone before it")
		}
	}
	switch {
	case s.Index != index || s.Previous != previous:
		return errors.New("it does not follow the milestone before it")
	case s.InclusionRoot != notary.Root(s.cone):
		return errors.New("it does not have the root of the blocks that it references")
	case len(s.Signatures) != 1 || !bytes.Equal(s.Signatures[0].Key, t.public()):
		return errors.New("it is not signed by the key of the directory")
	}
	return nil
}

// cone returns the blocks behind parents that no milestone references yet, in white-flag order: depth first, parents before children.
func (t *Tangle) cone(parents []notary.ID) []notary.ID {
	var out []notary.ID
	type frame struct {
		id   notary.ID
		next int // the parent to look at
	}
	seen := map[notary.ID]bool{}
	var stack []frame
	push := func(id notary.ID) {
		if e := t.blocks[id]; e != nil && e.by == nil && !seen[id] {
			seen[id] = true
			stack = append(stack, frame{id: id})
		}
	}
	for _, p := range parents {
		push(p)
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if e := t.blocks[top.id]; top.next < len(e.parents) {
				top.next++
				push(e.parents[top.next-1])
			} else {
				out = append(out, top.id)
				stack = stack[:len(stack)-1]
			}
		}
	}
	return out
}

// tips returns up to limit blocks that no block names as a parent and no milestone references, the oldest first; where there are none, the newest block.
func (t *Tangle) tips(limit int) []notary.ID {
	named := map[notary.ID]bool{}
	for i := len(t.order) - 1; i >= 0 && t.blocks[t.order[i]].by == nil; i-- {
		for _, p := range t.blocks[t.order[i]].parents {
			named[p] = true
		}
	}
	var out []notary.ID
	for i := len(t.order) - 1; i >= 0 && t.blocks[t.order[i]].by == nil; i-- {
		if !named[t.order[i]] {
			out = append(out, t.order[i])
		}
	}
	slices.Reverse(out)
	if len(out) == 0 {
		out = []notary.ID{{}}
		if n := len(t.order); n > 0 {
			out[0] = t.order[n-1]
		}
	}
	return out[:min(len(out), limit)]
}

// Tagged returns the blocks with a tag that milestones reference, in the order in which they came.
func (t *Tangle) Tagged(_ context.Context, tag []byte) ([]notary.Found, error) {
	var out []notary.Found
	for _, id := range t.order {
		if e := t.blocks[id]; e.tagged != nil && e.by != nil && bytes.Equal(e.tagged.Tag, tag) {
			out = append(out, notary.Found{Block: id, Data: e.tagged.Data, Index: e.by.Index})
		}
	}
	return out, nil
}

// last returns the newest milestone; nil before the first.
func (t *Tangle) last() *stone {
	if len(t.stones) == 0 {
		return nil
	}
	return t.stones[len(t.stones)-1]
}

// Newest returns the index of the newest milestone; 0 if there is none.
func (t *Tangle) Newest(context.Context) (uint32, error) { return uint32(len(t.stones)), nil }

// Milestone returns the milestone with an index.
func (t *Tangle) Milestone(_ context.Context, index uint32) (*notary.Milestone, error) {
	if index == 0 || int64(index) > int64(len(t.stones)) {
		return nil, fmt.Errorf("the Tangle has no milestone %d", index)
	}
	return t.stones[index-1].Milestone, nil
}

// Prepare makes a block on the newest blocks.
func (t *Tangle) Prepare(_ context.Context, tag, data []byte) ([]byte, error) {
	b := &notary.Block{Parents: notary.SortParents(t.tips(notary.MaxParents)), Tag: tag, Data: data}
	raw := b.Bytes()
	if _, err := notary.ParseBlock(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// Submit appends a block to the ledger, unless it is there already.
func (t *Tangle) Submit(_ context.Context, block []byte) error {
	if t.blocks[notary.BlockID(block)] != nil {
		return nil
	}
	b, err := notary.ParseBlock(block)
	if err != nil {
		return err
	}
	for _, p := range b.Parents {
		if t.blocks[p] == nil && !p.IsZero() { // it was made for a ledger that is no more
			return notary.ErrReattach
		}
	}
	return t.add(block)
}

// add puts a block into the ledger.
func (t *Tangle) add(raw []byte) error {
	if t.failed == nil {
		t.failed = t.learn(raw)
	}
	if t.failed == nil {
		t.failed = t.file.add(raw)
	}
	return t.failed
}

// Inclusion makes a milestone that references the block, unless there is one.
func (t *Tangle) Inclusion(_ context.Context, block []byte) (*notary.Inclusion, error) {
	id := notary.BlockID(block)
	e := t.blocks[id]
	switch {
	case t.failed != nil:
		return nil, t.failed
	case e == nil:
		return nil, notary.ErrReattach
	case e.by == nil:
		if err := t.seal(id); err != nil {
			return nil, err
		}
	}
	return &notary.Inclusion{Index: e.by.Index, Milestone: e.by.raw, Path: notary.PathTo(e.by.cone, slices.Index(e.by.cone, id))}, nil
}

// seal adds a milestone over a block and as many others as it can name.
func (t *Tangle) seal(block notary.ID) error {
	now := t.now().UTC().Truncate(time.Second)
	m := &notary.Milestone{Index: 1, Time: now, AppliedRoot: notary.Root(nil)}
	if last := t.last(); last != nil {
		m.Index, m.Previous = last.Index+1, last.ID
		if behind := last.Time.Sub(now); behind > tolerance {
			return fmt.Errorf("the clock says %s, and the last milestone was at %s: set the clock right",
				now.Format(time.RFC3339), last.Time.Format(time.RFC3339))
		} else if behind > 0 {
			m.Time = last.Time
		}
	}
	m.Parents = t.tips(notary.MaxParents)
	if !slices.Contains(t.cone(m.Parents), block) {
		m.Parents[len(m.Parents)-1] = block
	}
	m.Parents = notary.SortParents(m.Parents)
	m.InclusionRoot = notary.Root(t.cone(m.Parents))
	raw, err := notary.MilestoneBlock(m.Sign(t.key))
	if err != nil {
		return err
	}
	return t.add(raw)
}

// Close lets other processes open the directory.
func (t *Tangle) Close() error {
	var err error
	if t.file != nil {
		err = t.file.Close()
		t.file = nil
	}
	if t.unlock != nil {
		t.unlock()
		t.unlock = nil
	}
	return err
}
