package alias_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// An identity is created, updated, followed to its newest state and deactivated on the ledger of a real node, which takes no update by another key.
func TestRealNode(t *testing.T) {
	t.Parallel()
	n := hornettest.Start(t, 200*time.Millisecond)
	l, err := node.Open(n.URL(), node.Options{Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx := t.Context()
	faucet, err := attest.ReadKey(ctx, n.Faucet())
	if err != nil {
		t.Fatal(err)
	}
	net := &alias.Network{Ledger: l, Trust: n.Trust()}
	acme, next, thief := keyOf("acme"), keyOf("acme 2"), keyOf("thief")
	acmeDID, nextDID := attest.DID(public(acme)), attest.DID(public(next))
	first, one, err := net.Create(ctx, alias.OutputID{}, faucet, public(acme), []string{acmeDID})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(one.DID, "did:iota:tst:0x") || !slices.Equal(one.Keys, []string{acmeDID}) || one.Index != 0 {
		t.Errorf("%+v", one)
	}
	if _, again, err := net.Create(ctx, alias.OutputID{}, faucet, public(thief), []string{nextDID}); err != nil || again.DID == one.DID {
		t.Errorf("another identity: %+v, %v", again, err)
	}
	if _, _, err := net.Update(ctx, first, one, thief, []string{nextDID}); err == nil || !strings.Contains(err.Error(), "controlled by another key") {
		t.Errorf("an update by another key: %v", err)
	}
	// A transaction that another key has signed: the ledger refuses it, whatever this code checks.
	forged, err := one.Update(acme, []string{nextDID})
	if err != nil {
		t.Fatal(err)
	}
	digest := blake2b.Sum256(forged[4 : len(forged)-100])
	copy(forged[len(forged)-96:], append(slices.Clone(public(thief)), ed25519.Sign(thief, digest[:])...))
	if _, _, err := l.Apply(ctx, forged); err == nil || !strings.Contains(err.Error(), "reason 5 of TIP-25") {
		t.Errorf("a forged update: %v", err)
	}
	_, two, err := net.Update(ctx, first, one, acme, []string{acmeDID, nextDID})
	if err != nil || two.DID != one.DID || two.Index != 1 || len(two.Keys) != 2 {
		t.Fatalf("%+v, %v", two, err)
	}
	if _, _, err := net.Update(ctx, first, one, acme, []string{nextDID}); err != nil { // after the newest, not after the one given
		t.Fatal(err)
	}
	newest, three, err := net.Newest(ctx, first, one)
	if err != nil || three.Index != 2 || !slices.Equal(three.Keys, []string{nextDID}) {
		t.Fatalf("%+v, %v", three, err)
	}
	_, gone, err := net.Update(ctx, newest, three, acme, nil)
	if err != nil || gone.Document != nil || gone.Index != 3 {
		t.Fatalf("%+v, %v", gone, err)
	}
	// What was shown stays shown, offline; a receipt of another state, or with its path to the other root, is none of this one.
	file, err := one.File(first)
	if err != nil {
		t.Fatal(err)
	}
	if _, again, err := alias.Open(file, n.Trust()); err != nil || again.Document == nil || again.DID != one.DID {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := notary.Locate(first, n.Trust(), notary.Tag, func([]byte) error { return nil }); err == nil {
		t.Error("the receipt of an identity passes for one of a record")
	}
	t.Logf("%s, states 0 to %d, document of %d bytes, receipt in milestone %d", one.DID, gone.Index, len(one.Document), one.Milestone)
}
