package trail

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
)

// issue makes a credential by the key of a name.
func issue(issuer, subject, role, trail, from, until string) *attest.Credential {
	c := &attest.Credential{Subject: didOf(subject), Role: role, Trail: trail}
	for day, to := range map[string]*int64{from: &c.From, until: &c.Until} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		*to = at.Unix()
	}
	if err := c.Issue(keyOf(issuer)); err != nil {
		panic(err)
	}
	return c
}

// accreditedGenesis has an auditor who shows the role by credentials of a board or a mill, of which the trust file names the board.
func accreditedGenesis() *Entry {
	e := genesisOf(1)
	g := e.Genesis
	g.Parties[4].Roles = nil // acme
	g.Issuers = []Issuer{{didOf("board"), []string{Auditor, Architect}}, {didOf("mill"), []string{Auditor}}}
	return e
}

// countersign adds what an auditor found of entry 2, by a signer with a credential.
func (w *world) countersign(who string, c *attest.Credential, data []byte) {
	w.t.Helper()
	e := w.draft(KindCountersign, by{who, Auditor})
	passed(2, data)(e)
	e.Signers[0].Credential = c.Text
	w.put(w.sign(e, who), nil)
}

// accredited is a trail in which an auditor shows the role by a credential. Entry 5, in milestone 5, is the next one.
func accredited(t testing.TB) *world {
	w, one := newWorld(t), design(t, 1)
	w.put(w.sign(accreditedGenesis(), "shop", "carrier"), nil)
	w.add(KindReport, brought(one), by{"shop", Architect})
	w.add(KindApprove, about(2, one), by{"shop", Approver}, by{"carrier", Approver})
	w.countersign("acme", boards(w), one)
	return w
}

func boards(w *world) *attest.Credential {
	return issue("board", "acme", Auditor, w.id.String(), "2027-01-01", "2027-01-31")
}

func credentialForgeries(t *testing.T) []forgery {
	one := design(t, 1)
	over := func(change func(w *world, in *Input)) func(w *world, in *Input) {
		return func(w *world, in *Input) {
			*w = *accredited(w.t)
			in.Trail, in.Document = w.id.String(), one
			change(w, in)
		}
	}
	shown := func(who string, c func(w *world) *attest.Credential) func(w *world, in *Input) {
		return over(func(w *world, in *Input) { w.countersign(who, c(w), one) })
	}
	given := func(issuer, subject, role, from, until string) func(w *world) *attest.Credential {
		return func(*world) *attest.Credential { return issue(issuer, subject, role, "", from, until) }
	}
	revoke := func(from uint32, change func(*Entry), signer by) func(w *world, in *Input) {
		return over(func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Withdrawn = from, boards(w).SHA256(); change(e) }, signer)
			w.countersign("acme", boards(w), one)
		})
	}
	same := func(*Entry) {}
	key := func(e *Entry) { e.Key, e.Withdrawn = didOf("board"), "" }
	return []forgery{
		{"replayed: the credential of another party", Credentials, "and did:key", shown("bank", boards)},
		{"replayed: the credential for another trail", Credentials, "is for the trail 0000", shown("acme", func(*world) *attest.Credential {
			return issue("board", "acme", Auditor, strings.Repeat("0", 64), "2027-01-01", "2027-01-31")
		})},
		{"a credential that is over", Credentials, "the credential was over at 2027-01-05T00:00:00Z", shown("acme", given("board", "acme", Auditor, "2027-01-01", "2027-01-05"))},
		{"a credential that is still to begin", Credentials, "the credential begins at 2027-01-06T00:00:00Z", shown("acme", given("board", "acme", Auditor, "2027-01-06", "2027-01-31"))},
		{"a credential by somebody", Credentials, "the genesis names no such issuer", shown("acme", given("somebody", "acme", Auditor, "2027-01-01", "2027-01-31"))},
		{"a credential by its own subject", Credentials, "the genesis names no such issuer", shown("acme", given("acme", "acme", Auditor, "2027-01-01", "2027-01-31"))},
		{"a credential by an issuer of other roles", Credentials, "no such issuer for the role approver", shown("acme", given("mill", "acme", Approver, "2027-01-01", "2027-01-31"))},
		{"a credential for another role", Credentials, "is for the role architect, and shown for auditor", shown("acme", given("board", "acme", Architect, "2027-01-01", "2027-01-31"))},
		{"a credential that its issuer did not sign", Credentials, "the signature is not one of", shown("acme", func(w *world) *attest.Credential {
			c, other := boards(w), issue("board", "acme", Auditor, "", "2027-01-01", "2027-01-31")
			c.Text = c.Text[:strings.LastIndexByte(c.Text, '.')] + other.Text[strings.LastIndexByte(other.Text, '.'):]
			return c
		})},
		{"a role that no credential shows", Roles, "acme has not the role auditor", over(func(w *world, in *Input) { w.add(KindCountersign, passed(2, one), []by{{"acme", Auditor}}...) })},
		{"an issuer that the trust file does not name", Issuers, "which your trust file does not name", shown("acme", given("mill", "acme", Auditor, "2027-01-01", "2027-01-31"))},
		{"a revoked credential", Revocations, "was revoked from milestone 6 on, and is shown in milestone 6", revoke(6, same, by{"board", AsIssuer})},
		{"a credential that a founder revoked", Revocations, "was revoked from milestone 6 on", revoke(6, same, by{"shop", AsFounder})},
		{"a credential of a revoked issuer", Revocations, "was revoked from milestone 6 on", revoke(6, key, by{"recovery", AsRecovery})},
		{"a revoked issuer that revokes", Revocations, "the issuer", over(func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Key = 6, didOf("mill") }, by{"shop", AsFounder})
			w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Withdrawn = 90, strings.Repeat("0", 64) }, by{"mill", AsIssuer})
		})},
		{"a revocation by an issuer that the genesis does not name", Parties, "is not an issuer that the genesis names", over(func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Withdrawn = 90, boards(w).SHA256() }, by{"somebody", AsIssuer})
		})},
		{"a word by a credential that was revoked from before it", Policy, "entry 2 needs 1 auditor, and has 0", over(func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Withdrawn = 4, boards(w).SHA256() }, by{"board", AsIssuer})
		})},
	}
}

// An issuer revokes its own credentials alone, and none that it has not issued.
func TestForeignRevocation(t *testing.T) {
	t.Parallel()
	w, one := accredited(t), design(t, 1)
	w.add(KindRevoke, func(e *Entry) { e.Milestone, e.Withdrawn = 1, boards(w).SHA256() }, by{"mill", AsIssuer})
	w.countersign("acme", boards(w), one)
	if r := mustVerify(t, w.input(one)); !r.Passed {
		_, says := failed(r)
		t.Error(says)
	}
}

// credentialCache has the credentials of random histories: there are few of them.
var credentialCache sync.Map

func cached(issuer, subject, role, from, until string) string {
	name := fmt.Sprint(issuer, subject, role, from, until)
	if c, ok := credentialCache.Load(name); ok {
		return c.(string)
	}
	c := issue(issuer, subject, role, "", from, until).Text
	credentialCache.Store(name, c)
	return c
}

// What no genesis says of issuers, and no entry of credentials.
func TestIssuerForms(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*Genesis){
		"17 issuers":                  func(g *Genesis) { g.Issuers = slices.Repeat(g.Issuers[:1], 17) },
		"appears twice":               func(g *Genesis) { g.Issuers = slices.Repeat(g.Issuers[:1], 2) },
		"or is a party":               func(g *Genesis) { g.Issuers[0].DID = didOf("shop") },
		"or the recovery key":         func(g *Genesis) { g.Issuers[0].DID = didOf("recovery") },
		"issuer:":                     func(g *Genesis) { g.Issuers[0].DID = "did:web:x" },
		"gives no role":               func(g *Genesis) { g.Issuers[0].Roles = nil },
		`gives the role "founder"`:    func(g *Genesis) { g.Issuers[0].Roles[0] = AsFounder },
		"at most once":                func(g *Genesis) { g.Issuers[0].Roles = []string{Auditor, Auditor} },
		"no issuer of credentials":    func(g *Genesis) { g.Issuers = nil },
		"asks for 1 of the 0 parties": func(g *Genesis) { g.Issuers[0].Roles, g.Issuers[1].Roles = []string{Architect}, []string{Architect} },
	} {
		e := accreditedGenesis()
		change(e.Genesis)
		if err := e.form(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	w := accredited(t)
	text := boards(w).Text
	for says, e := range map[string]*Entry{
		"not a role that can be shown": func() *Entry {
			e := w.draft(KindRevoke, by{"shop", AsFounder})
			e.Key, e.Milestone, e.Signers[0].Credential = didOf("bank"), 9, text
			return e
		}(),
		"signer 1: read credential": func() *Entry {
			e := w.draft(KindCountersign, by{"acme", Auditor})
			passed(2, nil)(e)
			e.Signers[0].Credential = text[1:]
			return e
		}(),
		"an issuer revokes credentials, and no keys": func() *Entry {
			e := w.draft(KindRevoke, by{"board", AsIssuer})
			e.Key, e.Milestone = didOf("bank"), 9
			return e
		}(),
		"is of a key, or of a credential": func() *Entry {
			e := w.draft(KindRevoke, by{"shop", AsFounder})
			e.Key, e.Withdrawn, e.Milestone = didOf("bank"), boards(w).SHA256(), 9
			return e
		}(),
	} {
		if err := e.form(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
}
