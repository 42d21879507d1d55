package alias

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
)

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }
func didOf(name string) string                        { return attest.DID(public(keyOf(name))) }

// memory is a ledger that takes every transaction, and has a milestone for each.
type memory struct {
	t       testing.TB
	trust   *notary.Trust
	index   uint32
	outputs map[OutputID][]byte
	spent   map[OutputID]notary.ID
	blocks  map[notary.ID][]byte
	shows   map[notary.ID]*notary.Inclusion
}

func newMemory(t testing.TB) (*memory, *Network) {
	m := &memory{
		t: t, outputs: map[OutputID][]byte{}, spent: map[OutputID]notary.ID{}, blocks: map[notary.ID][]byte{}, shows: map[notary.ID]*notary.Inclusion{},
		trust: &notary.Trust{Schema: notary.TrustSchema, Network: "here", Threshold: 1, HRP: "tst", Keys: []notary.TrustKey{{Key: hex.EncodeToString(public(keyOf("coordinator")))}}},
	}
	m.outputs[OutputID{}] = (&Output{Amount: 100 * Deposit, Address: AddressOf(public(keyOf("faucet")))}).Bytes()
	return m, &Network{m, m.trust}
}

func (m *memory) Output(_ context.Context, id [34]byte) ([]byte, notary.ID, error) {
	return m.outputs[id], m.spent[id], nil
}

func (m *memory) Applied(_ context.Context, id notary.ID) ([]byte, *notary.Inclusion, error) {
	return m.blocks[id], m.shows[id], nil
}

func (m *memory) Apply(_ context.Context, payload []byte) ([]byte, *notary.Inclusion, error) {
	m.t.Helper()
	tx, err := ParseTransaction(payload, "here")
	if err != nil {
		return nil, nil, err
	}
	for i, o := range tx.Outputs {
		m.outputs[outputID(tx.ID, i)] = o.Bytes()
	}
	m.index++
	m.spent[tx.Input] = tx.ID
	block := notary.Frame([]notary.ID{{1}}, payload, 0)
	ids := []notary.ID{{9}, notary.BlockID(block)} // another transaction before it
	milestone := &notary.Milestone{
		Index: m.index, Time: time.Date(2027, 1, int(m.index), 12, 0, 0, 0, time.UTC), Parents: []notary.ID{ids[1]},
		InclusionRoot: notary.Root(append(ids, notary.ID{7})), AppliedRoot: notary.Root(ids),
	}
	m.blocks[tx.ID], m.shows[tx.ID] = block, &notary.Inclusion{Index: m.index, Milestone: milestone.Sign(keyOf("coordinator")), Path: notary.PathTo(ids, 1)}
	return block, m.shows[tx.ID], nil
}

// made is an identity with two states, of which it returns the files.
func made(t testing.TB) (m *memory, n *Network, first *notary.Receipt, one *Identity, files [2][]byte) {
	t.Helper()
	m, n = newMemory(t)
	first, one, err := n.Create(t.Context(), OutputID{}, keyOf("faucet"), public(keyOf("acme")), []string{didOf("acme")})
	if err != nil {
		t.Fatal(err)
	}
	second, two, err := n.Update(t.Context(), first, one, keyOf("acme"), []string{didOf("acme"), didOf("next")})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []struct {
		r *notary.Receipt
		i *Identity
	}{{first, one}, {second, two}} {
		if files[i], err = s.i.File(s.r); err != nil {
			t.Fatal(err)
		}
	}
	return m, n, first, one, files
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	m, n, first, one, files := made(t)
	for i, data := range files {
		_, got, err := Open(data, m.trust)
		if err != nil || got.DID != one.DID || got.Index != uint32(i) || len(got.Keys) != i+1 || got.Milestone != uint32(i+1) {
			t.Errorf("%+v, %v", got, err)
		}
		if did, err := Named(data); err != nil || did != one.DID || !IsDID(did) {
			t.Errorf("%s, %v", did, err)
		}
	}
	r, newest, err := n.Newest(t.Context(), first, one)
	if err != nil || newest.Index != 1 {
		t.Fatalf("%+v, %v", newest, err)
	}
	_, gone, err := n.Update(t.Context(), r, newest, keyOf("acme"), nil)
	if err != nil || gone.Document != nil || len(gone.Keys) != 0 || gone.Index != 2 {
		t.Errorf("%+v, %v", gone, err)
	}
	if _, _, err := n.Update(t.Context(), r, newest, keyOf("thief"), nil); err == nil || !strings.Contains(err.Error(), "controlled by another key") {
		t.Errorf("revoked by another key: %v", err)
	}
	if _, again, err := n.Create(t.Context(), OutputID{}, keyOf("faucet"), public(keyOf("bank")), []string{didOf("bank")}); err != nil || again.DID == one.DID {
		t.Errorf("the coins that are left: %+v, %v", again, err)
	}
	for says, purse := range map[string]ed25519.PrivateKey{"not of the key that pays": keyOf("thief")} {
		if _, _, err := n.Create(t.Context(), OutputID{}, purse, public(keyOf("bank")), []string{didOf("bank")}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	var many []string
	for i := range 40 {
		many = append(many, didOf(strings.Repeat("x", i+1)))
	}
	if _, _, err := n.Create(t.Context(), OutputID{}, keyOf("faucet"), public(keyOf("bank")), many); err == nil || !strings.Contains(err.Error(), "list fewer keys") {
		t.Errorf("a long document: %v", err)
	}
}

// A node that goes on with another identity, or leaves a state out, is found out.
func TestLies(t *testing.T) {
	t.Parallel()
	m, n, first, one, _ := made(t)
	_, other, err := n.Create(t.Context(), OutputID{}, keyOf("faucet"), public(keyOf("thief")), []string{didOf("thief")})
	if err != nil {
		t.Fatal(err)
	}
	honest := m.spent[one.Output]
	var last notary.ID
	for id, in := range m.shows {
		if in.Index == 3 {
			last = id
		}
	}
	m.spent[one.Output] = last
	if _, _, err := n.Newest(t.Context(), first, one); err == nil || !strings.Contains(err.Error(), "goes on as state 0 of "+other.DID) {
		t.Errorf("another identity: %v", err)
	}
	m.spent[one.Output] = honest
	_, two, err := n.Newest(t.Context(), first, one)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := n.Update(t.Context(), first, one, keyOf("acme"), []string{didOf("next")}); err != nil {
		t.Fatal(err)
	}
	m.spent[one.Output] = m.spent[two.Output]
	if _, _, err := n.Newest(t.Context(), first, one); err == nil || !strings.Contains(err.Error(), "and it was at state 0") {
		t.Errorf("a state left out: %v", err)
	}
	m.spent[one.Output] = notary.ID{5}
	if _, _, err := n.Newest(t.Context(), first, one); err == nil || !strings.Contains(err.Error(), "has not confirmed") {
		t.Errorf("no such transaction: %v", err)
	}
}

// Every change of one byte of what shows a state is refused.
func TestTamper(t *testing.T) {
	t.Parallel()
	m, _, _, _, files := made(t)
	for at := range files[1] {
		changed := bytes.Clone(files[1])
		changed[at] ^= 1
		if _, i, err := Open(changed, m.trust); err == nil {
			t.Fatalf("with byte %d changed it shows %+v", at, i)
		}
	}
}

// What is not what it seems is refused, though a milestone has it.
func TestForged(t *testing.T) {
	t.Parallel()
	m, n, first, one, files := made(t)
	tx := func(outputs ...*Output) []byte {
		return sign("here", OutputID{1}, &Output{Amount: 1}, outputs, keyOf("acme"))
	}
	state := func(s State) *Output { return &Output{Deposit, AddressOf(public(keyOf("acme"))), &s} }
	packed, err := pack([]string{didOf("acme")})
	if err != nil {
		t.Fatal(err)
	}
	text := string(packed[7:])
	repack := func(text string) []byte {
		return append([]byte{'D', 'I', 'D', 1, 0, byte(len(text)), byte(len(text) >> 8)}, text...)
	}
	right := tx(state(State{Metadata: packed}))
	change := func(at int, to byte) []byte {
		out := bytes.Clone(right)
		out[at] = to
		return out
	}
	for says, payload := range map[string][]byte{
		"the payload is no transaction":      {5, 0, 0, 0},
		"payload is no transaction":          change(0, 5),
		"not for the network":                sign("there", OutputID{1}, &Output{}, []*Output{state(State{Metadata: packed})}, keyOf("acme")),
		"does not spend one output":          change(13, 2),
		"has 0 outputs":                      tx(),
		"the transaction has no alias":       tx(&Output{Amount: 1}),
		"more than one alias":                tx(state(State{Metadata: packed}), state(State{Metadata: packed})),
		"an output is of type 6":             change(84, 6),
		"another form":                       change(84+9, 1),
		"has the index 0":                    tx(state(State{Metadata: packed, Index: 1})),
		"and no other one, has the index 0":  tx(state(State{Metadata: packed, ID: [32]byte{1}})),
		"other unlocks than one signature":   append(bytes.Clone(right), 0),
		"the state metadata are no document": tx(state(State{Metadata: []byte("DIX")})),
		"another length than they say":       tx(state(State{Metadata: append(bytes.Clone(packed), ' ')})),
		"appears twice":                      tx(state(State{Metadata: repack(`{"doc":{},"doc":{}}`)})),
		"DID document":                       tx(state(State{Metadata: repack(`{"DOC":` + strings.TrimPrefix(text, `{"doc":`))})),
		"it is of \"did:iota:tst:0x0000":     tx(state(State{Metadata: repack(strings.Replace(text, `"id":"did:0:0"`, `"id":"did:iota:tst:0x`+strings.Repeat("0", 64)+`"`, 1))})),
		"lists no Ed25519 key":               tx(state(State{Metadata: repack(strings.Replace(text, "assertionMethod", "authentication", 1))})),
		"expected at most 4096":              tx(state(State{Metadata: make([]byte, MaxMetadata+1)})),
	} {
		block := notary.Frame([]notary.ID{{1}}, payload, 0)
		id := []notary.ID{notary.BlockID(block)}
		milestone := &notary.Milestone{Index: 1, Time: time.Unix(1, 0), Parents: id, InclusionRoot: notary.Root(nil), AppliedRoot: notary.Root(id)}
		r := notary.NewReceipt("here", block, &notary.Inclusion{Milestone: milestone.Sign(keyOf("coordinator")), Path: notary.PathTo(id, 0)}, nil)
		if i, err := verify(r, m.trust); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v, %v, expected %q", i, err, says)
		}
	}
	// Of the receipt: included, and not applied; another network; a salt.
	in := *m.shows[notary.ID(mustTransaction(t, first.Block).ID)]
	in.Path = notary.PathTo([]notary.ID{{9}, notary.BlockID(first.Block), {7}}, 1)
	if i, err := verify(notary.NewReceipt("here", first.Block, &in, nil), n.Trust); err == nil || !strings.Contains(err.Error(), "the milestone's applied root is") {
		t.Errorf("included and not applied: %+v, %v", i, err)
	}
	salted := *first
	salted.Salt = make([]byte, 32)
	if _, err := verify(&salted, n.Trust); err == nil || !strings.Contains(err.Error(), "it has a salt") {
		t.Errorf("with a salt: %v", err)
	}
	bare := *n.Trust
	bare.HRP = ""
	if _, _, err := Open(files[0], &bare); err == nil || !strings.Contains(err.Error(), `add "hrp"`) {
		t.Errorf("no prefix in the trust file: %v", err)
	}
	elsewhere := *n.Trust
	elsewhere.Network = "there"
	if _, _, err := Open(files[0], &elsewhere); err == nil || !strings.Contains(err.Error(), `the trust file is for "there"`) {
		t.Errorf("another network: %v", err)
	}
	for says, data := range map[string][]byte{
		"larger than":          make([]byte, MaxFile+1),
		"not of the form":      append(bytes.Clone(files[0]), '\n'),
		"is not a did:iota":    bytes.Replace(files[0], []byte(":tst:"), []byte(":iota:"), 1),
		"and not of did:iota:": bytes.Replace(files[0], []byte(one.DID[13:20]), []byte("0x00000"), 1),
		"the receipt is of":    bytes.Replace(files[0], []byte("did:iota:tst:"), []byte("did:iota:"), 1),
		"receipt is of":        bytes.Replace(files[0], []byte("did:iota:tst:"), []byte("did:iota:smr:"), 1),
	} {
		if _, i, err := Open(data, n.Trust); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v, %v, expected %q", i, err, says)
		}
	}
}

func mustTransaction(t *testing.T, block []byte) *Transaction {
	t.Helper()
	_, payload, _, err := notary.ParseFrame(block)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := ParseTransaction(payload, "here")
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func FuzzParseTransaction(f *testing.F) {
	_, _, first, _, _ := made(f)
	_, payload, _, err := notary.ParseFrame(first.Block)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Fuzz(func(t *testing.T, payload []byte) {
		tx, err := ParseTransaction(payload, "here")
		if err != nil {
			return
		}
		var all []byte
		for _, o := range tx.Outputs {
			all = append(all, o.Bytes()...)
		}
		if !slices.Equal(payload[84:84+len(all)], all) {
			t.Error("an output is read as another one")
		}
	})
}

// What IOTA Identity packs (@iota/identity-wasm 1.5.1, which was given what [pack] writes, and packed it again in its own order) is read as the same document.
func TestOthersPack(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "identity-wasm.hex"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := hex.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	const did = "did:iota:tst:0x0707070707070707070707070707070707070707070707070707070707070707"
	ours, err := pack([]string{didOf("acme"), didOf("next")})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(theirs, ours) {
		t.Error("it is in our order: was it packed by others?")
	}
	for _, packed := range [][]byte{theirs, ours} {
		doc, err := unpack(packed, did)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := attest.DocumentKeys(doc, did)
		if err != nil || !slices.Equal(keys, []string{didOf("acme"), didOf("next")}) {
			t.Errorf("%q, %v\n%s", keys, err, doc)
		}
	}
}
