package trail

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/attest"
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

func webForgeries(*testing.T) []forgery {
	const did = "did:web:shop.example"
	of := func(document string) func(w *world, in *Input) {
		return func(w *world, in *Input) {
			*w = *vouched(w.t, did, document)
			in.Trail, in.Document = w.id.String(), design(w.t, 1)
		}
	}
	right := webDocument(did, "shop")
	return []forgery{
		{"the document of a domain with another key", Identities, "does not list did:key", of(webDocument(did, "thief"))},
		{"the document of another domain", Identities, "the document is of did:web:thief.example, and not of did:web:shop.example", of(webDocument("did:web:thief.example", "shop"))},
		{"a document in which a name is twice", Identities, "is there twice", of(strings.Replace(right, `"id"`, `"id": "did:web:thief.example", "id"`, 1))},
		{"a key that is not for statements", Identities, "lists no Ed25519 key under assertionMethod", of(strings.Replace(right, "assertionMethod", "keyAgreement", 1))},
		{"no document", Identities, "DID document", of("")},
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
	for says, web := range map[string]*Web{"is no did:web": {"did:key:x", "{}"}, "larger than 16 KB": {did, strings.Repeat(" ", 1<<14+1)}} {
		e := genesisOf(1)
		e.Genesis.Parties[0].Web = web
		if err := e.form(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	bad := genesisOf(1).Genesis
	bad.Parties[0].Web = &Web{did, webDocument(did, "thief")}
	if err := Begin(nil, bad, nil, nil, true); err == nil || !strings.Contains(err.Error(), "does not list") {
		t.Errorf("begun: %v", err)
	}
}
