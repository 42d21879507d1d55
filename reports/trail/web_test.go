package trail

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
)

// webDocument is that of a did:web with the key of a name.
func webDocument(did, name string) string {
	data, err := (&attest.Web{DID: did, Keys: []string{didOf(name)}}).Document()
	if err != nil {
		panic(err)
	}
	return string(data)
}

// vouched is a trail with one approved report, for whose shop a domain vouches.
func vouched(t testing.TB, did, document string) *world {
	w := newWorld(t)
	e := genesisOf(1)
	e.Genesis.Parties[0].Web = &Web{did, document}
	w.put(w.sign(e, "shop", "carrier"), nil)
	one := design(t, 1)
	w.add(KindReport, brought(one), by{"shop", Architect})
	w.add(KindApprove, about(2, one), by{"shop", Approver}, by{"carrier", Approver})
	w.add(KindCountersign, passed(2, one), by{"acme", Auditor})
	return w
}

// purse is a ledger with coins, that takes one transaction; these coordinators sign its milestone.
type purse struct {
	network string
	signers []string
}

func (p purse) Output(context.Context, [34]byte) ([]byte, notary.ID, error) {
	return (&alias.Output{Amount: 9 * alias.Deposit, Address: alias.AddressOf(keyOf("faucet").Public().(ed25519.PublicKey))}).Bytes(), notary.ID{}, nil
}

func (p purse) Applied(context.Context, notary.ID) ([]byte, *notary.Inclusion, error) {
	return nil, nil, nil
}

func (p purse) Apply(_ context.Context, payload []byte) ([]byte, *notary.Inclusion, error) {
	block := notary.Frame([]notary.ID{{1}}, payload, 0)
	ids := []notary.ID{notary.BlockID(block)}
	m := &notary.Milestone{Index: 1, Time: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Parents: ids, InclusionRoot: notary.Root(ids), AppliedRoot: notary.Root(ids)}
	var keys []ed25519.PrivateKey
	for _, name := range p.signers {
		keys = append(keys, keyOf(name))
	}
	return block, &notary.Inclusion{Index: 1, Milestone: m.Sign(keys...)}, nil
}

// identity makes a did:iota with the key of a name, and what shows it.
func (p purse) identity(t testing.TB, name string) (did, file string) {
	t.Helper()
	trust := &notary.Trust{Network: p.network, HRP: "tst", Threshold: 1}
	for _, name := range p.signers {
		trust.Keys = append(trust.Keys, notary.TrustKey{Key: hex.EncodeToString(keyOf(name)[32:])})
	}
	n := &alias.Network{Ledger: p, Trust: trust}
	r, i, err := n.Create(t.Context(), alias.OutputID{}, keyOf("faucet"), keyOf(name).Public().(ed25519.PublicKey), []string{didOf(name)})
	if err != nil {
		t.Fatal(err)
	}
	data, err := i.File(r)
	if err != nil {
		t.Fatal(err)
	}
	return i.DID, string(data)
}

var coordinators = []string{"coordinator 1", "coordinator 2"}

func webForgeries(t *testing.T) []forgery {
	const did = "did:web:shop.example"
	named := func(did, document string) func(w *world, in *Input) {
		return func(w *world, in *Input) {
			*w = *vouched(w.t, did, document)
			in.Trail, in.Document = w.id.String(), design(w.t, 1)
		}
	}
	of := func(document string) func(w *world, in *Input) { return named(did, document) }
	shop, shown := purse{"here", coordinators}.identity(t, "shop")
	thief, thiefs := purse{"here", coordinators}.identity(t, "thief")
	_, elsewhere := purse{"there", coordinators}.identity(t, "shop")
	_, alone := purse{"here", coordinators[:1]}.identity(t, "shop")
	right := webDocument(did, "shop")
	return []forgery{
		{"the document of a domain with another key", Identities, "does not list did:key", of(webDocument(did, "thief"))},
		{"the document of another domain", Identities, "the document is of did:web:thief.example, and not of did:web:shop.example", of(webDocument("did:web:thief.example", "shop"))},
		{"a document in which a name is twice", Identities, "appears twice", of(strings.Replace(right, `"id"`, `"id": "did:web:thief.example", "id"`, 1))},
		{"a key that is not for statements", Identities, "lists no Ed25519 key under assertionMethod", of(strings.Replace(right, "assertionMethod", "keyAgreement", 1))},
		{"no document", Identities, "DID document", of("")},
		{"an identity on the ledger with another key", Identities, "does not list did:key", named(thief, thiefs)},
		{"another identity on the ledger", Identities, "and not of " + shop, named(shop, thiefs)},
		{"an identity on another ledger", Identities, `the trust file is for "here"`, named(shop, elsewhere)},
		{"an identity in a milestone of one coordinator of two", Identities, "2 are needed", named(shop, alone)},
		{"an identity with a byte after it", Identities, "not of the form", named(shop, shown+" ")},
	}
}

// A domain vouches for the first key, and a genesis without its word is not begun.
func TestVouched(t *testing.T) {
	t.Parallel()
	const did = "did:web:shop.example"
	w := vouched(t, did, webDocument(did, "shop"))
	if r := mustVerify(t, w.input(design(t, 1))); !r.Passed {
		_, says := failed(r)
		t.Error(says)
	}
	name, shown := purse{"here", coordinators}.identity(t, "shop")
	w = vouched(t, name, shown)
	if r := mustVerify(t, w.input(design(t, 1))); !r.Passed {
		_, says := failed(r)
		t.Error(says)
	}
	blind := genesisOf(1).Genesis
	blind.Parties[0].Web = &Web{name, shown}
	if err := Begin(nil, blind, nil, nil, nil, true); err == nil || !strings.Contains(err.Error(), "is checked against the trust file of its network") {
		t.Errorf("begun without a trust file: %v", err)
	}
	for says, web := range map[string]*Web{"is no did:web": {"did:key:x", "{}"}, "larger than 16 KB": {did, strings.Repeat(" ", 1<<14+1)}} {
		e := genesisOf(1)
		e.Genesis.Parties[0].Web = web
		if err := e.form(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	bad := genesisOf(1).Genesis
	bad.Parties[0].Web = &Web{did, webDocument(did, "thief")}
	if err := Begin(nil, bad, nil, nil, nil, true); err == nil || !strings.Contains(err.Error(), "does not list") {
		t.Errorf("begun: %v", err)
	}
}

// Both verifiers say the same of what shows an identity, changed at random: the file, and the transaction before coordinators signed for it.
func TestIdentitiesAgree(t *testing.T) {
	t.Parallel()
	const network = "here"
	p := purse{network, coordinators}
	did, shown := p.identity(t, "shop")
	r := rand.New(rand.NewPCG(7, 7))
	receipt, _, err := alias.Open([]byte(shown), newWorld(t).trust)
	if err != nil {
		t.Fatal(err)
	}
	_, payload, _, err := notary.ParseFrame(receipt.Block)
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for i := range 120 {
		name, document := did, shown
		if i%2 == 0 {
			at := r.IntN(len(document))
			document = document[:at] + pick(r, "0", "7", "a", "f", "\"", "") + document[at+1:]
		} else {
			changed := bytes.Clone(payload)
			switch at := r.IntN(len(changed)); r.IntN(4) {
			case 0:
				changed = append(changed[:at], changed[at+1:]...)
			case 1:
				changed = append(changed, 0)
			case 2:
				changed[at] ^= 1 << r.IntN(8)
			}
			block, in, err := p.Apply(t.Context(), changed)
			if err != nil {
				t.Fatal(err)
			}
			text, err := notary.NewReceipt(network, block, in, nil).JSON()
			if err != nil {
				t.Fatal(err)
			}
			transaction := blake2b.Sum256(changed)
			name = alias.DID("tst", blake2b.Sum256(append(transaction[:], 0, 0)))
			file, err := canonical.Marshal(map[string]string{"did": name, "receipt": string(text), "schema": alias.FileSchema})
			if err != nil {
				t.Fatal(err)
			}
			document = string(file)
		}
		w := vouched(t, name, document)
		if q := (&question{in: w.input(design(t, 1))}); q.agree(t, fmt.Sprintf("change %d of %s", i, document)).Passed {
			taken++
		}
	}
	if taken < 10 || taken > 60 {
		t.Errorf("both take %d of 120: are the changes still right?", taken)
	}
	t.Logf("both take %d of 120", taken)
}
