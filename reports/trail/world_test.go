package trail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
)

var keyCache sync.Map

// keyOf returns the key that follows from a name.
func keyOf(name string) ed25519.PrivateKey {
	key, ok := keyCache.Load(name)
	if !ok {
		seed := sha256.Sum256([]byte(name))
		key = ed25519.NewKeyFromSeed(seed[:])
		keyCache.Store(name, key)
	}
	return key.(ed25519.PrivateKey)
}

func didOf(name string) string { return attest.DID(keyOf(name).Public().(ed25519.PublicKey)) }

// design returns a version of a report.
func design(t testing.TB, version int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // the golden report is indented, to be read
	if err := json.Compact(&compact, data); err != nil {
		t.Fatal(err)
	}
	r, err := document.Parse(compact.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte{byte(version)})
	r.Inputs[0].SHA256 = hex.EncodeToString(sum[:])
	out, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// by names a signer by its key, and the role.
type by struct{ key, role string }

// world is a trail in memory, on a ledger in memory of which each milestone has one record.
type world struct {
	t      testing.TB
	trust  *notary.Trust
	items  []*notary.Item
	ledger []notary.Found
	index  uint32
	time   time.Time
	day    time.Duration // between milestones

	id       ID
	digest   [32]byte
	block    notary.ID
	salt     []byte
	previous notary.ID // milestone
	before   *world    // the trail that this one goes on from, if it does
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, time: time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), day: 24 * time.Hour, salt: bytes.Repeat([]byte{7}, 32)}
	w.trust = &notary.Trust{Schema: notary.TrustSchema, Network: "here", HRP: "tst", Threshold: 2, Keys: []notary.TrustKey{
		{Key: hex.EncodeToString(keyOf("coordinator 1")[32:]), Start: 1}, {Key: hex.EncodeToString(keyOf("coordinator 2")[32:]), Start: 1},
	}, Issuers: []notary.Issuer{{DID: didOf("board"), Roles: []string{Architect, Auditor}}}}
	return w
}

// genesisOf is the genesis of the tests: a shop, two who approve, one until a day, one who reviews, and an auditor.
func genesisOf(nonce byte) *Entry {
	policy, err := ParsePolicy("2 of {shop, carrier, bank} and 1 auditor")
	if err != nil {
		panic(err)
	}
	return &Entry{Schema: EntrySchema, Kind: KindGenesis, Number: 1, Signers: []Signer{{DID: didOf("shop"), Role: AsFounder}, {DID: didOf("carrier"), Role: AsFounder}}, Genesis: &Genesis{
		Resource: "D", Policy: policy, Recovery: didOf("recovery"), Nonce: hex.EncodeToString(bytes.Repeat([]byte{nonce}, 32)),
		Parties: []Party{
			{"shop", didOf("shop"), nil, []Grant{{Role: Architect}, {Role: Approver}}},
			{"carrier", didOf("carrier"), nil, []Grant{{Role: Approver}}},
			{"bank", didOf("bank"), nil, []Grant{{Role: Approver, Until: "2027-01-08"}, {Role: Reviewer}}},
			{"tester", didOf("tester"), nil, []Grant{{Role: Reviewer, From: "2027-01-03"}}},
			{"acme", didOf("acme"), nil, []Grant{{Role: Auditor}}},
		},
	}}
}

// draft returns the next entry, by signers who have these roles.
func (w *world) draft(kind string, signers ...by) *Entry {
	e := &Entry{Schema: EntrySchema, Kind: kind, Trail: w.id.String(), Number: uint32(len(w.items) + 1), Previous: hex.EncodeToString(w.digest[:])}
	for _, s := range signers {
		e.Signers = append(e.Signers, Signer{DID: didOf(s.key), Role: s.role})
	}
	return e
}

// sign signs an entry with the keys of its signers.
func (w *world) sign(e *Entry, names ...string) []byte {
	w.t.Helper()
	var keys []ed25519.PrivateKey
	for _, n := range names {
		keys = append(keys, keyOf(n))
	}
	data, err := Sign(e, keys)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

// put puts an envelope on the trail and the ledger, with a record that may be changed before.
func (w *world) put(data []byte, change func(*Record)) {
	w.t.Helper()
	w.putSealed(data, nil, change)
}

// putSealed does so with a sealed document beside it.
func (w *world) putSealed(data, file []byte, change func(*Record)) {
	w.t.Helper()
	digest := sha256.Sum256(data)
	if s, err := Open(data); err == nil && s.Kind == KindGenesis && len(w.items) == 0 {
		w.id = s.ID
	}
	r := Record{true, w.id, uint32(len(w.items) + 1), notary.Commit(digest, w.salt), w.block}
	if change != nil {
		change(&r)
	}
	receipt, block := w.seal(r.Bytes())
	w.items = append(w.items, &notary.Item{Number: len(w.items) + 1, Files: [][]byte{data, file}, Receipt: receipt})
	w.digest, w.block = digest, block
}

// seal puts a record into the next milestone, and returns its receipt and block.
func (w *world) seal(record []byte) ([]byte, notary.ID) {
	w.t.Helper()
	w.index++
	block := (&notary.Block{Parents: []notary.ID{{1}}, Tag: []byte(Tag), Data: record}).Bytes()
	id := notary.BlockID(block)
	m := &notary.Milestone{Index: w.index, Time: w.time, Previous: w.previous, Parents: []notary.ID{id}, InclusionRoot: notary.Root([]notary.ID{id}), AppliedRoot: notary.Root(nil)}
	raw := m.Sign(keyOf("coordinator 1"), keyOf("coordinator 2"))
	w.time = w.time.Add(w.day)
	w.ledger = append(w.ledger, notary.Found{Block: id, Data: record, Index: w.index})
	receipt, err := notary.NewReceipt(w.trust.Network, block, &notary.Inclusion{Milestone: raw, Path: notary.PathTo([]notary.ID{id}, 0)}, w.salt).JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	return receipt, id
}

// add adds an entry that its signers sign.
func (w *world) add(kind string, fill func(*Entry), signers ...by) {
	w.t.Helper()
	e := w.draft(kind, signers...)
	if fill != nil {
		fill(e)
	}
	var names []string
	for _, s := range signers {
		names = append(names, s.key)
	}
	w.put(w.sign(e, names...), nil)
}

func (w *world) begin(nonce byte) { w.put(w.sign(genesisOf(nonce), "shop", "carrier"), nil) }

// about fills in what an approval is about.
func about(number uint32, data []byte) func(*Entry) {
	return func(e *Entry) { e.Of, e.Document = number, document.Digest(data) }
}

func brought(data []byte) func(*Entry) {
	return func(e *Entry) { e.Document = document.Digest(data) }
}

func passed(number uint32, data []byte) func(*Entry) {
	return func(e *Entry) { e.Of, e.Document, e.Result = number, document.Digest(data), ResultPassed }
}

// honest is a trail with all that happens: a report that is objected to, a new version, a key replaced, one revoked, approvals, a countersignature.
func honest(t testing.TB) *world {
	w := newWorld(t)
	one, two := design(t, 1), design(t, 2)
	w.begin(1)
	w.add(KindReport, brought(one), by{"shop", Architect}) // 2
	w.add(KindApprove, about(2, one), by{"carrier", Approver}, by{"bank", Approver})
	w.add(KindObject, func(e *Entry) { about(2, one)(e); e.Because = "no rate limit" }, by{"tester", Reviewer})
	w.add(KindRotate, func(e *Entry) { e.Key = didOf("carrier 2") }, by{"carrier", AsFrom}, by{"carrier 2", AsTo})
	w.add(KindReport, brought(two), by{"shop", Architect}) // 6
	w.add(KindApprove, about(6, two), by{"bank", Approver})
	w.add(KindApprove, about(6, two), by{"carrier 2", Approver})
	w.add(KindCountersign, passed(6, two), by{"acme", Auditor})                                                // 9
	w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("tester"), 10 }, by{"recovery", AsRecovery}) // 10
	return w
}

// input asks for all that can be asked for.
func (w *world) input(newest []byte) *Input {
	return &Input{
		Entries: w.entries(), Trust: w.trust, Trail: w.id.String(), Document: newest, AsOf: w.time.Format(time.DateOnly), MaxAge: 30,
		Ledger: w.ledger, Searched: true,
	}
}

func (w *world) entries() notary.Items {
	return func(yield func(*notary.Item, error) bool) {
		for _, i := range w.items {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// failed returns the checks that failed, with what they say.
func failed(r *Result) (names, says []string) {
	for _, c := range r.Checks {
		if c.Status == audit.Failed {
			names = append(names, c.Name)
			says = append(says, c.Name+": "+c.Detail)
		}
	}
	return names, says
}

func mustVerify(t testing.TB, in *Input) *Result {
	t.Helper()
	r, err := Verify(t.Context(), in, true)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestHonest(t *testing.T) {
	t.Parallel()
	w := honest(t)
	w.seal(Record{Trail: ID{3}, Number: 4}.Bytes()) // of others, who use the same ledger
	w.ledger = append(w.ledger, notary.Found{Data: []byte("no record"), Index: 12})
	r := mustVerify(t, w.input(design(t, 2)))
	if _, says := failed(r); !r.Passed {
		t.Fatalf("an honest trail does not pass: %q %s", says, r.Summary)
	}
	skipped := 0
	for _, c := range r.Checks {
		if c.Status == audit.NotMade {
			skipped++
		}
	}
	if skipped != 2 { // no head was known, no predecessor given
		t.Errorf("%d checks were skipped", skipped)
	}
	if slices.ContainsFunc(r.Entries, func(e Told) bool { return !e.Allowed || e.Void }) || len(r.Entries) != 10 {
		t.Errorf("not all entries count: %+v", r.Entries)
	}
}
