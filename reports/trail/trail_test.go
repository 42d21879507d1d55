package trail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// publicKey is a key as a verifier of the DSSE library takes it, which knows nothing of trails.
type publicKey struct {
	name string
	key  ed25519.PublicKey
}

func (p publicKey) KeyID() (string, error)   { return p.name, nil }
func (p publicKey) Public() crypto.PublicKey { return p.key }
func (p publicKey) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(p.key, data, sig) {
		return errors.New("wrong")
	}
	return nil
}

// A verifier of somebody else's, given the public keys, takes an envelope with two signatures.
func TestOthersReadEnvelopes(t *testing.T) {
	t.Parallel()
	w := honest(t)
	var e dsse.Envelope
	if err := strict(w.items[2].Files[0], &e); err != nil {
		t.Fatal(err)
	}
	key := func(name string) publicKey { return publicKey{name, keyOf(name).Public().(ed25519.PublicKey)} }
	for _, c := range []struct {
		keys []string
		good bool
	}{{[]string{"carrier", "bank"}, true}, {[]string{"bank", "carrier", "shop"}, true}, {[]string{"carrier", "shop"}, false}} {
		var all []dsse.Verifier
		for _, name := range c.keys {
			all = append(all, key(name))
		}
		v, err := dsse.NewMultiEnvelopeVerifier(2, all...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), &e); (err == nil) != c.good {
			t.Errorf("%v: %v", c.keys, err)
		}
	}
}

// What no entry may say is not signed, and not read.
func TestForms(t *testing.T) {
	t.Parallel()
	w := honest(t)
	genesis := func(change func(*Entry)) *Entry {
		e := genesisOf(1)
		change(e)
		return e
	}
	of := func(kind string, change func(*Entry), signers ...by) *Entry {
		e := w.draft(kind, signers...)
		change(e)
		return e
	}
	doc := strings.Repeat("a", 64)
	shop := by{"shop", Architect}
	for i, c := range []struct {
		e    *Entry
		says string
	}{
		{genesis(func(e *Entry) { e.Number = 2 }), "a genesis has the number 1"},
		{genesis(func(e *Entry) { e.Genesis = nil }), "without its content"},
		{genesis(func(e *Entry) { e.Genesis.Nonce = "x" }), "nonce"},
		{genesis(func(e *Entry) { e.Genesis.Resource = "" }), "resource has 0 bytes"},
		{genesis(func(e *Entry) { e.Genesis.Resource = strings.Repeat("x", maxResource+1) }), "resource has 513 bytes"},
		{genesis(func(e *Entry) { e.Genesis.Recovery = "did:web:x" }), "recovery key"},
		{genesis(func(e *Entry) { e.Genesis.Recovery = didOf("bank") }), "the name or the key of bank"},
		{genesis(func(e *Entry) { e.Genesis.Parties = nil }), "0 parties"},
		{genesis(func(e *Entry) { e.Genesis.Parties = slices.Repeat(e.Genesis.Parties, 52) }), "260 parties"},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Name = "shop" }), "the name or the key of shop"},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Name = "auditor" }), "not a name for a party"},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Name = "\x1b[2J" }), "not a name for a party"},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Roles = nil }), "0 roles"},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Roles[0].Role = AsRecovery }), `the role "recovery"`},
		{genesis(func(e *Entry) { e.Genesis.Parties[1].Roles[0].Until = "soon" }), `ends on "soon"`},
		{genesis(func(e *Entry) { e.Genesis.Parties[2].Roles[0].From = "2028-01-01" }), "ends before it begins"},
		{genesis(func(e *Entry) { e.Genesis.Policy = nil }), "0 clauses"},
		{genesis(func(e *Entry) { e.Genesis.Policy[0].Of[0] = "nobody" }), `"nobody" is neither a party`},
		{genesis(func(e *Entry) { e.Genesis.Policy[0].Of[0] = "bank" }), "\"bank\" is neither a party nor a role"},
		{genesis(func(e *Entry) { e.Genesis.Policy[0].Count = 4 }), "asks for 4 of the 3"},
		{genesis(func(e *Entry) { e.Genesis.Policy[1].Count = 0 }), "asks for 0 of the 1"},
		{genesis(func(e *Entry) { e.Genesis.Policy[1].Of[0] = Architect }), "asks for 1 of the 0"},
		{genesis(func(e *Entry) { e.Signers[0].DID = didOf("stranger") }), "which is not a party"},
		{genesis(func(e *Entry) { e.Signers = nil }), "0 signers"},
		{genesis(func(e *Entry) { e.Signers = slices.Repeat(e.Signers, 33) }), "66 signers"},
		{of(KindReport, func(e *Entry) {}, shop), "names its document"},
		{of(KindReport, func(e *Entry) { e.Document = strings.ToUpper(doc) }, shop), "names its document"},
		{of(KindReport, func(e *Entry) { e.Document, e.Of = doc, 2 }, shop), "a field that a report does not have"},
		{of(KindReport, func(e *Entry) { e.Document, e.Result = doc, ResultPassed }, shop), "a field that a report does not have"},
		{of(KindReport, func(e *Entry) { e.Document, e.Genesis = doc, genesisOf(1).Genesis }, shop), "a field that a report does not have"},
		{of(KindReport, func(e *Entry) { e.Document, e.Trail = doc, "" }, shop), "names its trail"},
		{of(KindReport, func(e *Entry) { e.Document, e.Previous = doc, "" }, shop), "the entry before it"},
		{of(KindReport, func(e *Entry) { e.Document, e.Number = doc, 1 }, shop), "a number from 2 on"},
		{of(KindReport, func(e *Entry) { e.Document, e.Schema = doc, "vauban.trail-entry/9" }, shop), "expected a kind of entry"},
		{of("grant", func(e *Entry) {}, shop), "expected a kind of entry"},
		{of(KindReport, func(e *Entry) { e.Document = doc }, shop, shop), "signer 2 appears twice"},
		{of(KindReport, func(e *Entry) { e.Document = doc }, by{"shop", Approver}), "is signed by architect"},
		{of(KindApprove, func(e *Entry) { e.Document, e.Of = doc, 11 }, by{"shop", Approver}), "about entry 11"},
		{of(KindApprove, func(e *Entry) { e.Document, e.Of = doc, 1 }, by{"shop", Approver}), "about entry 1"},
		{of(KindObject, func(e *Entry) { e.Document, e.Of = doc, 2 }, by{"shop", Approver}), "says why"},
		{of(KindObject, func(e *Entry) { e.Document, e.Of, e.Because = doc, 2, strings.Repeat("x", 2001) }, by{"shop", Approver}), "says why"},
		{of(KindCountersign, func(e *Entry) { e.Document, e.Of, e.Result = doc, 2, "good" }, by{"acme", Auditor}), `its result is "good"`},
		{of(KindReport, func(e *Entry) { e.Document, e.Sealed = doc, &Sealed{"x", []string{didOf("acme")}} }, shop), "what is sealed by the SHA-256"},
		{of(KindReport, func(e *Entry) { e.Document, e.Sealed = doc, &Sealed{doc, nil} }, shop), "sealed for 0 readers"},
		{of(KindReport, func(e *Entry) { e.Document, e.Sealed = doc, &Sealed{doc, []string{"acme"}} }, shop), "reader 1"},
		{of(KindReport, func(e *Entry) { e.Document, e.Sealed = doc, &Sealed{doc, slices.Repeat([]string{didOf("acme")}, 2)} }, shop), "reader 2 appears twice"},
		{of(KindReport, func(e *Entry) { e.Document, e.Sealed = "x", &Sealed{doc, []string{didOf("acme")}} }, shop), "names its document"},
		{of(KindReport, func(e *Entry) { e.Document, e.Salt = doc, doc }, shop), "a field that a report does not have"},
		{of(KindApprove, func(e *Entry) { e.Document, e.Of, e.Sealed = doc, 2, &Sealed{doc, []string{didOf("acme")}} }, by{"shop", Approver}), "a field that a approve does not have"},
		{of(KindDisclose, func(e *Entry) { e.Document, e.Of = doc, 2 }, by{"shop", AsFounder}), "no salt of 64"},
		{of(KindDisclose, func(e *Entry) { e.Document, e.Of, e.Salt = doc, 11, doc }, by{"shop", AsFounder}), "about entry 11"},
		{of(KindDisclose, func(e *Entry) { e.Document, e.Of, e.Salt = doc, 2, doc }, by{"shop", Architect}), "is signed by founder"},
		{of(KindRotate, func(e *Entry) { e.Key = didOf("shop 2") }, by{"shop", AsFrom}), "the old key and then by the new one"},
		{of(KindRotate, func(e *Entry) { e.Key = didOf("shop 2") }, by{"shop 2", AsTo}, by{"shop", AsFrom}), "the old key and then by the new one"},
		{of(KindRotate, func(e *Entry) { e.Key = didOf("shop 2") }, by{"shop", AsTo}, by{"shop 2", AsTo}), "the old key and then by the new one"},
		{of(KindRotate, func(e *Entry) { e.Key = didOf("shop 3") }, by{"shop", AsFrom}, by{"shop 2", AsTo}), "the old key and then by the new one"},
		{of(KindRevoke, func(e *Entry) { e.Key = didOf("shop") }, by{"shop", AsFounder}), "the first milestone"},
		{of(KindRevoke, func(e *Entry) { e.Key, e.Milestone = "shop", 2 }, by{"shop", AsFounder}), "not the did:key"},
		{of(KindSuccessor, func(e *Entry) { e.Old = &Head{doc, 3, doc} }, by{"recovery", AsRecovery}), "a successor is entry 2"},
	} {
		if err := c.e.form(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d: %v, expected %q", i, err, c.says)
		}
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	r := Record{true, ID{1}, 70000, [32]byte{2}, notary.ID{3}}
	data := r.Bytes()
	if got, err := ParseRecord(data); err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
	for says, bad := range map[string][]byte{
		"has 101 bytes": data[1:], "has 103 bytes": append(bytes.Clone(data), 0), "has version 1": append([]byte{1}, data[1:]...), "neither blinded": append([]byte{2, 2}, data[2:]...),
		"has 66 bytes": notary.NewRecord([32]byte{1}, nil, notary.ID{}).Bytes(),
	} {
		if _, err := ParseRecord(bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	if _, err := notary.ParseRecord(data); err == nil {
		t.Error("a record of a trail is read as one of a report")
	}
}

func TestPolicyText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2 of {shop, carrier} and 1 auditor", "1 shop", "12 of {approver, reviewer}"} {
		p, err := ParsePolicy(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Genesis{Policy: p}).PolicyText(); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for _, bad := range []string{"", "shop", "2 of shop", "1 auditor or 1 shop", "2 of {shop", "-1 shop", "1 of {a} and"} {
		if p, err := ParsePolicy(bad); err == nil {
			t.Errorf("%q is read as %v", bad, p)
		}
	}
}

func FuzzOpen(f *testing.F) {
	w := honest(f)
	for _, i := range w.items {
		f.Add(i.Files[0])
	}
	f.Add([]byte(`{"payload":"e30=","payloadType":"application/vnd.vauban.trail-entry+json","signatures":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(data)
		if err != nil {
			return
		}
		again, err := envelope(s.body, s.signatures)
		if err != nil || string(again) != string(data) {
			t.Errorf("another form is taken: %v", err)
		}
		if err := s.form(); err != nil {
			t.Error(err)
		}
	})
}

// large is a trail of 50 parties and 10,000 entries: reports, each approved by two and countersigned, and keys that are replaced.
func large(t testing.TB) *world {
	w := newWorld(t)
	w.day = time.Minute
	g := genesisOf(1)
	g.Genesis.Parties = g.Genesis.Parties[:0]
	current := map[int]string{}
	for i := range 50 {
		current[i] = fmt.Sprintf("p%d", i)
		g.Genesis.Parties = append(g.Genesis.Parties, Party{current[i], didOf(current[i]), nil, []Grant{{Role: Architect}, {Role: Approver}, {Role: Auditor}}})
	}
	g.Genesis.Policy = []Clause{{2, []string{Approver}}, {1, []string{Auditor}}}
	g.Signers = []Signer{{DID: didOf("p0"), Role: AsFounder}}
	w.put(w.sign(g, "p0"), nil)
	doc := func(e *Entry) { e.Document = hex.EncodeToString(make([]byte, 32)) }
	on := func(back int) func(*Entry) {
		return func(e *Entry) { doc(e); e.Of = e.Number - uint32(back) }
	}
	for i := 0; len(w.items) < 9_996; i++ {
		key := func(n int) string { return current[(i*7+n)%50] }
		w.add(KindReport, doc, by{key(0), Architect})
		w.add(KindApprove, on(1), by{key(1), Approver})
		w.add(KindApprove, on(2), by{key(2), Approver})
		w.add(KindCountersign, func(e *Entry) { on(3)(e); e.Result = ResultPassed }, by{key(3), Auditor})
		next := fmt.Sprintf("k%d", i)
		w.add(KindRotate, func(e *Entry) { e.Key = didOf(next) }, by{key(4), AsFrom}, by{next, AsTo})
		current[(i*7+4)%50] = next
	}
	for len(w.items) < 10_000 {
		w.add(KindApprove, on(len(w.items)+1-9_992), by{current[len(w.items)%50], Approver})
	}
	return w
}

func BenchmarkVerify(b *testing.B) {
	w := large(b)
	b.ReportAllocs()
	for b.Loop() {
		in := w.input(nil)
		var before, after runtime.MemStats
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		r, err := Verify(b.Context(), in, false)
		if err != nil || !r.Passed {
			b.Fatal(err, r.Failures())
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "live-MB")
		runtime.KeepAlive(r)
		b.StartTimer()
	}
}
