package notary

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary/notarytest"
)

// world is a network of two coordinators whose milestone references five blocks.
type world struct {
	keys   []ed25519.PrivateKey
	blocks [][]byte
	stone  Milestone
	trust  *Trust
	salt   []byte
}

func seed(text string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte(text))
	return ed25519.NewKeyFromSeed(sum[:])
}

func newWorld() *world {
	w := &world{
		keys:  []ed25519.PrivateKey{seed("first coordinator"), seed("second coordinator")},
		trust: &Trust{Schema: TrustSchema, Network: "test", Threshold: 2},
		salt:  bytes.Repeat([]byte{7}, saltSize),
	}
	slices.SortFunc(w.keys, func(a, b ed25519.PrivateKey) int { return bytes.Compare(a[32:], b[32:]) })
	for _, k := range w.keys {
		w.trust.Keys = append(w.trust.Keys, TrustKey{hex.EncodeToString(k[32:]), 1, 100})
	}
	for i := range 5 {
		b := &Block{Parents: []ID{{byte(i)}, {9}}, Tag: []byte(Tag), Data: NewRecord(sha256.Sum256([]byte{byte(i)}), w.salt, ID{byte(i)}).Bytes(), Nonce: 5}
		w.blocks = append(w.blocks, b.Bytes())
	}
	w.stone = Milestone{Index: 7, Time: time.Unix(1_790_000_000, 0), Previous: ID{1}, Parents: []ID{{2}}, Metadata: []byte{}}
	w.stone.InclusionRoot = Root(w.ids())
	return w
}

func (w *world) ids() (out []ID) {
	for _, b := range w.blocks {
		out = append(out, BlockID(b))
	}
	return out
}

// sign writes a milestone with the signatures of keys, in the order given.
func sign(essence []byte, keys ...ed25519.PrivateKey) []byte {
	id := BlockID(essence)
	out := append(binary.LittleEndian.AppendUint32(nil, milestone), essence...)
	out = append(out, byte(len(keys)))
	for _, k := range keys {
		out = append(append(append(out, 0), k[32:]...), ed25519.Sign(k, id[:])...)
	}
	return out
}

func (w *world) receipt(i int) *Receipt {
	in := &Inclusion{Milestone: sign(w.stone.essence(), w.keys...), Path: PathTo(w.ids(), i)}
	return NewReceipt(w.trust.Network, w.blocks[i], in, w.salt)
}

// second asks the second verifier.
func second(t *testing.T, w *world, r *Receipt, statement int) error {
	t.Helper()
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var keys []notarytest.Key
	for _, k := range w.trust.Keys {
		keys = append(keys, notarytest.Key{Hex: k.Key, First: k.Start, Last: k.End})
	}
	digest := sha256.Sum256([]byte{byte(statement)})
	_, _, err = notarytest.Verify(data, w.trust.Network, keys, w.trust.Threshold, &digest)
	return err
}

func TestVerify(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for i := range w.blocks {
		r := w.receipt(i)
		p, err := Verify(r, w.trust)
		if err != nil {
			t.Fatal(err)
		}
		if p.Block != BlockID(w.blocks[i]) || p.Index != 7 || !p.Time.Equal(w.stone.Time) || len(p.Signers) != 2 || p.Keys != 2 || p.Record.Previous != (ID{byte(i)}) {
			t.Errorf("block %d proves %+v", i, p)
		}
		if err := r.Opens(p.Record, sha256.Sum256([]byte{byte(i)})); err != nil {
			t.Error(err)
		}
		if err := r.Opens(p.Record, sha256.Sum256([]byte{byte(i + 1)})); err == nil {
			t.Error("the record opens to another statement")
		}
		if err := second(t, w, r, i); err != nil {
			t.Error(err)
		}
		data, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseReceipt(data); err != nil || !bytes.Equal(again.Milestone, r.Milestone) {
			t.Errorf("receipt does not read back: %v", err)
		}
	}
}

// What a forger who holds a right receipt, or some of the keys, would try.
func TestForgeries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		forge func(w *world, r *Receipt)
		check Check
		says  string
	}{
		"a signature twice for a threshold of two": {func(w *world, r *Receipt) {
			r.Milestone = sign(w.stone.essence(), w.keys[0], w.keys[0])
		}, CheckMilestone, "not in the order of their keys, each once"},
		"one signature for a threshold of two": {func(w *world, r *Receipt) {
			r.Milestone = sign(w.stone.essence(), w.keys[1])
		}, CheckSignatures, "1 of the keys that are trusted for milestone 7 have signed it, 2 are needed"},
		"a key outside of its range": {func(w *world, r *Receipt) {
			w.trust.Keys[1].End = 6
		}, CheckSignatures, "1 of the keys that are trusted"},
		"a key of nobody": {func(w *world, r *Receipt) {
			keys := []ed25519.PrivateKey{w.keys[0], seed("nobody")}
			slices.SortFunc(keys, func(a, b ed25519.PrivateKey) int { return bytes.Compare(a[32:], b[32:]) })
			r.Milestone = sign(w.stone.essence(), keys...)
		}, CheckSignatures, "1 of the keys that are trusted"},
		"a signature of another milestone": {func(w *world, r *Receipt) {
			other := w.stone
			other.Index = 8
			signed := sign(other.essence(), w.keys...)
			r.Milestone = append(slices.Clone(r.Milestone[:len(r.Milestone)-2*97]), signed[len(signed)-2*97:]...)
		}, CheckSignatures, "is invalid"},
		"bytes after the milestone": {func(_ *world, r *Receipt) {
			r.Milestone = append(r.Milestone, 0)
		}, CheckMilestone, "trailing bytes after it: 1"},
		"bytes after the block": {func(_ *world, r *Receipt) {
			r.Block = append(r.Block, 0)
		}, CheckBlock, "trailing bytes after it: 1"},
		"another leaf of the same tree": {func(w *world, r *Receipt) {
			r.Block = w.blocks[3]
		}, CheckPath, "the path leads from the block to"},
		"the path of another leaf": {func(w *world, r *Receipt) {
			r.Path = PathTo(w.ids(), 3).Bytes()
		}, CheckPath, "the path leads from the block to"},
		"an inner node as leaf": {func(w *world, r *Receipt) {
			r.Path = r.Path[33:]
		}, CheckPath, "the path leads from the block to"},
		"another network": {func(_ *world, r *Receipt) {
			r.Network = "tset"
		}, CheckMilestone, `from the network "tset"`},
		"another tag": {func(_ *world, r *Receipt) {
			b, _ := ParseBlock(r.Block)
			b.Tag = []byte("vauban.report.v2")
			r.Block = b.Bytes()
		}, CheckBlock, `the tag "vauban.report.v2"`},
		"a record of the next version": {func(_ *world, r *Receipt) {
			b, _ := ParseBlock(r.Block)
			b.Data[0] = 2
			r.Block = b.Bytes()
		}, CheckBlock, "the record has version 2"},
		"no signatures at all": {func(w *world, r *Receipt) {
			r.Milestone = sign(w.stone.essence())
		}, CheckMilestone, "no signatures"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			r := w.receipt(2)
			c.forge(w, r)
			_, err := Verify(r, w.trust)
			if err := second(t, w, r, 2); err == nil {
				t.Error("the second verifier takes it")
			}
			refusal, ok := err.(*Refusal)
			if !ok {
				t.Fatalf("the answer is %v, expected a refusal", err)
			}
			if refusal.Check != c.check || !strings.Contains(err.Error(), c.says) {
				t.Errorf("check %d: %v, expected check %d: %s", refusal.Check, err, c.check, c.says)
			}
		})
	}
}

func TestPathsOfAllTrees(t *testing.T) {
	t.Parallel()
	var ids []ID
	for n := 1; n <= 40; n++ {
		ids = append(ids, BlockID([]byte{byte(n)}))
		root := Root(ids)
		for i, id := range ids {
			p := PathTo(ids, i)
			if p.Root(id) != root {
				t.Fatalf("the path of block %d of %d does not lead to the root", i, n)
			}
			again, err := ParsePath(p.Bytes())
			if err != nil || !slices.Equal(again, p) {
				t.Fatalf("the path of block %d of %d does not read back: %v", i, n, err)
			}
		}
	}
}
