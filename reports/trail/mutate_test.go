package trail

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/vauban-verifier/vauban/reports/notary"
)

var (
	hashes  = []string{strings.Repeat("0", 64), strings.Repeat("a", 64), strings.Repeat("A", 64), strings.Repeat("a", 63), "", hashed("another")}
	reasons = []string{"", " ", "\t\n", "\u00a0", "no <b> & \"\\ \u2028 \U0001f600 \u007f", strings.Repeat("x", 2000), strings.Repeat("x", 2001), "\x00", "é"}
	numbers = []uint32{0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 1<<32 - 1}
	roles   = append(slices.Clone(GivenRoles), AsFounder, AsRecovery, AsIssuer, AsFrom, AsTo, "clerk", "")
	kinds   = []string{KindGenesis, KindReport, KindExplanation, KindApprove, KindObject, KindCountersign, KindDisclose, KindRotate, KindRevoke, KindSuccessor, "grant"}
	strange = []string{ // DIDs that are none
		"", "did:web:acme.example", "did:key:z6Mk", "did:key:z" + strings.Repeat("1", 47),
		"did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP", // y = 1: zero
		"did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnQ",
	}
)

// step is one of the steps but the genesis, most often.
func (m *mutator) step(s *script) (int, *step) {
	i := m.IntN(len(s.steps))
	if i == 0 {
		i = m.IntN(len(s.steps))
	}
	return i, s.steps[i]
}

// did is most often one that signs something in the script.
func (m *mutator) did(s *script) string {
	x := pick(m.Rand, s.steps...).e
	switch n := m.IntN(30); {
	case n == 0:
		return pick(m.Rand, strange...)
	case n < 20 && len(x.Signers) > 0:
		return pick(m.Rand, x.Signers...).DID
	}
	return didOf(pick(m.Rand, people...))
}

// entry changes what an entry says, and who signs it.
func (m *mutator) entry(s *script) {
	i, x := m.step(s)
	e := *x.e
	x.e = &e
	e.Signers = slices.Clone(e.Signers)
	g := &Signer{}
	if len(e.Signers) > 0 {
		g = &e.Signers[m.IntN(len(e.Signers))]
	}
	what := pick(m.Rand, "did", "did", "did", "role", "role", "add", "drop", "swap", "twice", "credential", "credential", "none", "document", "of", "result", "because", "key", "withdrawn", "from", "kind", "salt", "sealed", "readers",
		"number", "previous", "trail", "old", "words")
	switch what {
	case "did":
		g.DID = m.did(s)
		if e.Kind == KindRotate && len(e.Signers) == 2 {
			e.Key = e.Signers[1].DID
		}
	case "role":
		if g.Role = pick(m.Rand, roles...); m.IntN(2) == 0 && len(Speakers[e.Kind]) > 0 {
			g.Role = pick(m.Rand, Speakers[e.Kind]...)
		}
	case "add":
		e.Signers = append(e.Signers, Signer{DID: m.did(s), Role: g.Role})
	case "drop":
		e.Signers = slices.DeleteFunc(e.Signers, func(Signer) bool { return m.IntN(2) == 0 })
	case "swap":
		slices.Reverse(e.Signers)
	case "twice":
		e.Signers = append(e.Signers, *g)
	case "credential":
		c := issue(pick(m.Rand, "board", "board", "mill", "stranger"), pick(m.Rand, people...), pick(m.Rand, GivenRoles...), pick(m.Rand, "", "", hashes[0]), pick(m.Rand, "2027-01-01", "2027-01-04"), pick(m.Rand, "2027-01-06", "2027-02-01"))
		if c.Role = g.Role; m.IntN(3) > 0 && IsRole(g.Role) && keysByDID()[g.DID] != nil {
			c.Subject = g.DID
			if err := c.Issue(keyFor(c.Issuer)); err != nil {
				m.t.Fatal(err)
			}
		}
		if g.Credential = c.Text; m.IntN(4) == 0 {
			g.Credential = m.credential(c.Text)
		}
	case "none":
		g.Credential = ""
	case "document":
		e.Document = pick(m.Rand, append(hashes, s.steps[m.IntN(len(s.steps))].e.Document)...)
	case "of":
		e.Of = pick(m.Rand, numbers...)
	case "result":
		e.Result = pick(m.Rand, "", ResultPassed, ResultFailed, ResultFailed, "good")
	case "because":
		e.Because = pick(m.Rand, reasons...)
	case "key":
		e.Key = m.did(s)
	case "withdrawn":
		if e.Withdrawn = pick(m.Rand, hashes...); m.IntN(2) == 0 {
			e.Key = ""
		}
	case "from":
		e.Milestone = pick(m.Rand, numbers...)
	case "kind":
		e.Kind = pick(m.Rand, kinds...)
	case "salt":
		e.Salt = pick(m.Rand, hashes...)
	case "sealed":
		if e.Sealed = nil; m.IntN(2) == 0 {
			e.Sealed = &Sealed{pick(m.Rand, hashes...), []string{m.did(s)}}
		}
	case "readers":
		if e.Sealed != nil {
			e.Sealed = &Sealed{e.Sealed.SHA256, slices.Repeat(pick(m.Rand, e.Sealed.Readers, []string{m.did(s)}), m.IntN(3))}
		}
	case "number":
		x.fix(i)
		e.Number = pick(m.Rand, numbers...)
	case "previous":
		x.fix(i)
		e.Previous = pick(m.Rand, hashes...)
	case "trail":
		x.fix(i)
		e.Trail = pick(m.Rand, hashes...)
	case "old":
		e.Old = pick(m.Rand, nil, &Head{pick(m.Rand, hashes...), pick(m.Rand, numbers...), pick(m.Rand, hashes...)})
	case "words":
		m.words(&e)
	}
	m.say("entry %d: %s", i+1, what)
}

// words has an entry say something else that it may say.
func (m *mutator) words(e *Entry) {
	switch e.Kind {
	case KindApprove:
		e.Kind, e.Because = KindObject, "no"
	case KindObject:
		e.Kind, e.Because = KindApprove, ""
	case KindCountersign:
		e.Result = ResultFailed
	case KindRevoke:
		e.Milestone = pick(m.Rand, numbers[1:]...)
		e.Key = didOf(pick(m.Rand, people...))
	case KindReport:
		e.Kind = KindExplanation
	}
}

// fix keeps what an entry says of its place, which is the right one where nothing else was changed but what follows this.
func (x *step) fix(i int) {
	x.fixed = true
	x.e.Number = uint32(i + 1)
}

// credential changes the text of a credential, whose issuer signs it again in half of the cases.
func (m *mutator) credential(text string) string {
	parts := strings.Split(text, ".")
	if m.IntN(2) == 0 {
		return string(m.flip([]byte(text)))
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		m.t.Fatal(err)
	}
	signed := parts[0] + "." + base64.RawURLEncoding.EncodeToString(m.json(claims))
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(keyOf(pick(m.Rand, "board", "mill")), []byte(signed)))
}

// genesis changes what the trail is.
func (m *mutator) genesis(s *script) {
	if s.steps[0].e.Genesis == nil {
		return
	}
	e, g := *s.steps[0].e, *s.steps[0].e.Genesis
	e.Genesis, s.steps[0].e = &g, &e
	g.Parties, g.Issuers, g.Policy = slices.Clone(g.Parties), slices.Clone(g.Issuers), slices.Clone(g.Policy)
	p := &g.Parties[m.IntN(len(g.Parties))]
	p.Roles = slices.Clone(p.Roles)
	what := pick(m.Rand, "role", "role", "days", "days", "policy", "policy", "policy", "issuers", "issuers", "name", "resource", "nonce", "recovery", "party", "did", "web", "founders")
	switch what {
	case "role":
		if p.Roles = append(p.Roles, Grant{Role: pick(m.Rand, roles...)}); m.IntN(2) == 0 {
			p.Roles = p.Roles[1:]
		}
		if m.IntN(4) == 0 {
			p.Roles = nil
		}
	case "days":
		for i := range p.Roles {
			days := []string{"", "", "2027-01-02", "2027-01-05", "2027-01-08", "2027-02-30", "2027-1-2", "soon"}
			p.Roles[i].From, p.Roles[i].Until = pick(m.Rand, days...), pick(m.Rand, days...)
		}
	case "policy":
		c := &g.Policy[m.IntN(len(g.Policy))]
		c.Count += m.IntN(4) - 2
		of := append([]string{p.Name, "nobody", "", AsFounder}, GivenRoles...)
		if c.Of = append(slices.Clone(c.Of), pick(m.Rand, of...)); m.IntN(2) == 0 {
			c.Of = c.Of[1:]
		}
		if m.IntN(6) == 0 {
			g.Policy = slices.Repeat(g.Policy, m.IntN(12))
		}
	case "issuers":
		i := Issuer{m.did(s), pick(m.Rand, []string{Auditor}, GivenRoles, []string{}, []string{Approver, Approver}, []string{AsFounder})}
		if g.Issuers = append(g.Issuers, i); m.IntN(2) == 0 {
			g.Issuers = g.Issuers[1:]
		}
	case "name":
		p.Name = pick(m.Rand, "", "founder", "recovery", "auditor", "Shop", "a_b", "é", "1a", "a-", strings.Repeat("a", 32), strings.Repeat("a", 33), g.Parties[0].Name)
	case "resource":
		g.Resource = pick(m.Rand, "", "E", "<D> & \u2028", "\U0001f600\ufb33", strings.Repeat("x", 512), strings.Repeat("x", 513))
	case "nonce":
		g.Nonce = pick(m.Rand, hashes...)
	case "recovery":
		g.Recovery = m.did(s)
	case "party":
		if g.Parties = append(g.Parties, Party{Name: "new", DID: m.did(s), Roles: []Grant{{Role: Approver}}}); m.IntN(2) == 0 {
			g.Parties = slices.Delete(g.Parties, 0, 1)
		}
	case "did":
		p.DID = m.did(s)
	case "web":
		did, name := "did:web:new.example", pick(m.Rand, "shop", "carrier", "thief")
		document := webDocument(did, name)
		if m.IntN(3) == 0 {
			did, document = purse{pick(m.Rand, "here", "here", "here", "there"), pick(m.Rand, coordinators, coordinators, coordinators[:1])}.identity(m.t, name)
		}
		switch m.IntN(5) {
		case 0:
			document = string(m.json([]byte(document)))
		case 1:
			document = strings.Replace(document, "#", pick(m.Rand, "", "##", "\\u0023"), 1+m.IntN(2))
		case 2:
			at := m.IntN(len(document))
			document = document[:at] + pick(m.Rand, "0", "7", "a", "f", "") + document[at+1:]
		}
		p.Web = &Web{pick(m.Rand, did, did, did, "did:web:other.example", "did:web:127.1", "did:web:new.example%3A0", "did:web:new.example:", ""), document}
	case "founders":
		e.Signers = []Signer{{DID: m.did(s), Role: AsFounder}}
	}
	m.say("genesis: %s", what)
}

// order leaves entries out, swaps them, has them there twice, and puts others between them.
func (m *mutator) order(s *script) {
	i, x := m.step(s)
	j := m.IntN(len(s.steps))
	what := pick(m.Rand, "drop", "swap", "twice", "rotate", "revoke", "withdraw", "withdraw", "disclose", "object", "report", "borrow")
	put := func(e *Entry) {
		e.Schema = EntrySchema
		s.steps = slices.Insert(s.steps, i+1, &step{e: e, after: time.Hour, index: 1})
	}
	switch what {
	case "drop":
		if len(s.steps) > 1 {
			s.steps = slices.Delete(s.steps, i, i+1)
		}
	case "swap":
		s.steps[i], s.steps[j] = s.steps[j], s.steps[i]
	case "twice":
		again := *x
		s.steps = slices.Insert(s.steps, i, &again)
	case "rotate":
		from, to := m.did(s), m.did(s)
		put(&Entry{Kind: KindRotate, Key: to, Signers: []Signer{{DID: from, Role: AsFrom}, {DID: to, Role: AsTo}}})
	case "revoke":
		e := &Entry{Kind: KindRevoke, Milestone: 1 + m.Uint32N(12), Key: m.did(s), Signers: []Signer{{DID: m.did(s), Role: AsFounder}}}
		if g := s.steps[0].e.Genesis; g != nil && m.IntN(2) == 0 {
			e.Signers = []Signer{{DID: g.Recovery, Role: AsRecovery}}
		}
		put(e)
	case "withdraw":
		e := &Entry{Kind: KindRevoke, Milestone: 1 + m.Uint32N(6), Withdrawn: hashes[1], Signers: []Signer{{DID: didOf(pick(m.Rand, "board", "mill")), Role: AsIssuer}}}
		for _, x := range s.steps {
			for _, g := range x.e.Signers {
				if g.Credential != "" {
					e.Withdrawn = hashed(g.Credential)
				}
			}
		}
		put(e)
	case "disclose":
		e := &Entry{Schema: EntrySchema, Kind: KindDisclose, Signers: []Signer{{DID: m.did(s), Role: AsFounder}}}
		closedDesign(m.t).disclosed(e)
		s.steps = append(s.steps, &step{e: e, after: time.Hour, index: 1})
	case "object":
		put(&Entry{Kind: KindObject, Of: uint32(j + 1), Document: s.steps[j].e.Document, Because: "no", Signers: []Signer{{DID: m.did(s), Role: pick(m.Rand, Approver, Reviewer, Auditor)}}})
	case "report":
		put(&Entry{Kind: KindReport, Document: pick(m.Rand, hashed("another"), s.steps[j].e.Document), Signers: []Signer{{DID: m.did(s), Role: Architect}}})
	case "borrow": // of another trail
		taken := pick(m.Rand, m.script().steps...)
		taken.fixed = m.IntN(2) == 0
		s.steps = slices.Insert(s.steps, i, taken)
	}
	m.say("entry %d: %s %d", i+1, what, j+1)
}

// moment changes when an entry was put on the ledger.
func (m *mutator) moment(s *script) {
	i, x := m.step(s)
	x.after, x.index = time.Hour*time.Duration(pick(m.Rand, -48, -1, 0, 1, 12, 72, 300)), pick(m.Rand, -2, 0, 0, 1, 3, 9)
	m.say("entry %d: after %v, milestone %+d", i+1, x.after, x.index)
}

// text changes JSON.
func (m *mutator) text(s *script) {
	i, x := m.step(s)
	what := pick(m.Rand, "body", "body", "envelope", "receipt", "credential")
	switch what {
	case "body":
		x.body = m.json
	case "envelope":
		x.envelope = m.json
	case "receipt":
		x.receipt = func(_ *world, data []byte) []byte { return m.json(data) }
	case "credential":
		e := *x.e
		e.Signers = slices.Clone(e.Signers)
		for i, g := range e.Signers {
			if g.Credential != "" {
				e.Signers[i].Credential = m.credential(g.Credential)
			}
		}
		x.e = &e
	}
	m.say("entry %d: text of the %s", i+1, what)
}

// token is a token of a JSON text.
type token struct {
	from, to int
	value    json.Token
}

func tokens(data []byte) (out []token) {
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		from := int(d.InputOffset())
		value, err := d.Token()
		if err != nil {
			return out
		}
		for strings.IndexByte(",: \n", data[from]) >= 0 {
			from++
		}
		out = append(out, token{from, int(d.InputOffset()), value})
	}
}

// json writes a JSON text in another way, or with another value in one place.
func (m *mutator) json(data []byte) []byte {
	all := tokens(data)
	if len(all) == 0 || m.IntN(8) == 0 {
		m.say("a bit")
		return m.flip(data)
	}
	x := pick(m.Rand, all...)
	old := string(data[x.from:x.to])
	values := []string{"null", "true", `""`, "0", "1", "-1", "-0", "1.0", "1e0", "2.5", "9007199254740993", "4294967296", "18446744073709551617", "[]", "{}", `"\ud800"`, `"a\nb"`, `"\u00e9"`, `"é"`, " " + old, old + "\n", old + "," + old}
	if other := pick(m.Rand, all...); m.IntN(2) == 0 {
		values = append(values, string(data[other.from:other.to]))
	}
	if s, ok := x.value.(string); ok && s != "" {
		values = append(values, fmt.Sprintf(`"\u%04x%s`, s[0], old[2:]), strings.ToUpper(old), `"`+s+` "`, `"`+s[1:]+`"`, `"`+s[:len(s)-1]+`\n"`, fmt.Sprintf(`"%s":1,%s`, "aa", old), old+`:1,`+old, `"`+s[:len(s)/2]+`\n`+s[len(s)/2:]+`"`)
	}
	if n, ok := x.value.(float64); ok {
		values = append(values, fmt.Sprint(n+1), fmt.Sprint(n+1), fmt.Sprint(n-1), fmt.Sprintf("%.1f", n), fmt.Sprintf("0%v", n))
	}
	instead := pick(m.Rand, values...)
	m.say("%.60s for %.60s", instead, old)
	return slices.Concat(data[:x.from], []byte(instead), data[x.to:])
}

// raw changes bytes: signatures, records, and what is inside of receipts.
func (m *mutator) raw(s *script) {
	i, x := m.step(s)
	what := pick(m.Rand, "signature of another", "signatures swapped", "a signature twice", "a signature less", "a bit of a signature", "short signature", "bit of the record", "length of the record", "plain", "plain", "no salt", "another salt",
		"network", "block", "path", "milestone", "options", "options", "coordinators", "no receipt", "receipt of another", "sealed", "envelope", "receipt")
	inside := func(change func(w *world, r *notary.Receipt)) {
		x.receipt = func(w *world, data []byte) []byte {
			r, err := notary.ParseReceipt(data)
			if err != nil {
				m.t.Fatal(err)
			}
			change(w, r)
			if data, err = r.JSON(); err != nil {
				m.t.Fatal(err)
			}
			return data
		}
	}
	switch what {
	case "signature of another":
		x.signatures = func(body []byte, s *[][]byte) {
			if len(*s) > 0 {
				(*s)[m.IntN(len(*s))] = ed25519.Sign(keyOf(pick(m.Rand, people...)), dsse.PAE(PayloadType, body))
			}
		}
	case "signatures swapped":
		x.signatures = func(_ []byte, s *[][]byte) { slices.Reverse(*s) }
	case "a signature twice":
		x.signatures = func(_ []byte, s *[][]byte) { *s = append(*s, *s...) }
	case "a signature less":
		x.signatures = func(_ []byte, s *[][]byte) { *s = (*s)[min(1, len(*s)):] }
	case "a bit of a signature":
		x.signatures = func(_ []byte, s *[][]byte) {
			for i := range *s {
				(*s)[i] = m.flip((*s)[i])
			}
		}
	case "short signature":
		x.signatures = func(_ []byte, s *[][]byte) {
			for i := range *s {
				(*s)[i] = (*s)[i][:63]
			}
		}
	case "bit of the record":
		x.record = m.flip
	case "length of the record":
		x.record = func(r []byte) []byte { return append(bytes.Clone(r), 0)[:101+2*m.IntN(2)] }
	case "plain":
		x.plain = true
	case "no salt":
		inside(func(_ *world, r *notary.Receipt) { r.Salt = nil })
	case "another salt":
		inside(func(_ *world, r *notary.Receipt) { r.Salt = bytes.Repeat([]byte{8}, pick(m.Rand, 31, 32)) })
	case "network":
		inside(func(_ *world, r *notary.Receipt) { r.Network = "there" })
	case "block":
		inside(func(_ *world, r *notary.Receipt) { r.Block = m.flip(r.Block) })
	case "path":
		inside(func(_ *world, r *notary.Receipt) {
			r.Path = slices.Concat(r.Path, []byte{byte(m.IntN(3))}, make([]byte, 31+m.IntN(2)))
		})
	case "milestone":
		inside(func(_ *world, r *notary.Receipt) { r.Milestone = m.flip(r.Milestone) })
	case "options":
		inside(func(_ *world, r *notary.Receipt) { r.Milestone = m.options(r.Milestone) })
	case "coordinators":
		inside(func(_ *world, r *notary.Receipt) {
			o, err := notary.ParseMilestone(r.Milestone)
			if err != nil {
				m.t.Fatal(err)
			}
			var keys []ed25519.PrivateKey
			for _, name := range []string{"coordinator 1", "coordinator 2", "coordinator 3"} {
				if m.IntN(3) > 0 {
					keys = append(keys, keyOf(name))
				}
			}
			r.Milestone = o.Sign(keys...)
		})
	case "no receipt":
		for _, x := range s.steps[i:] {
			if x.receipt = func(*world, []byte) []byte { return nil }; m.IntN(8) == 0 {
				break
			}
		}
	case "receipt of another":
		x.receipt = func(w *world, data []byte) []byte {
			if len(w.items) == 0 {
				return data
			}
			return w.items[m.IntN(len(w.items))].Receipt
		}
	case "sealed":
		x.sealed = pick(m.Rand, nil, []byte("x"), []byte{}, m.flip(x.sealed))
	case "envelope":
		x.envelope = m.flip
	case "receipt":
		x.receipt = func(_ *world, data []byte) []byte { return m.flip(data) }
	}
	m.say("entry %d: %s", i+1, what)
}

// files changes the directory after everything was signed.
func (m *mutator) files(w *world, q *question) {
	if len(w.items) == 0 {
		return
	}
	i, j := m.IntN(len(w.items)), m.IntN(len(w.items))
	what := pick(m.Rand, "cut", "cut", "drop", "swap", "twice", "receipts", "envelopes", "bit", "less of the ledger", "more on the ledger", "other on the ledger", "newer")
	at := func(i int) **notary.Item {
		again := *w.items[i]
		again.Files = slices.Clone(again.Files)
		w.items[i] = &again
		return &w.items[i]
	}
	switch what {
	case "cut":
		w.items = w.items[:1+i]
		if m.IntN(2) == 0 {
			w.ledger = w.ledger[:min(1+i, len(w.ledger))]
		}
	case "drop":
		w.items = slices.Delete(slices.Clone(w.items), i, i+1)
	case "swap":
		w.items[i], w.items[j] = w.items[j], w.items[i]
	case "twice":
		w.items = slices.Insert(slices.Clone(w.items), i, w.items[j])
	case "receipts":
		(*at(i)).Receipt = w.items[j].Receipt
	case "envelopes":
		(*at(i)).Files[0] = w.items[j].Files[0]
	case "bit":
		x := *at(i)
		for _, file := range []*[]byte{&x.Files[0], &x.Files[1], &x.Receipt, &x.Proof} {
			if *file != nil && m.IntN(2) == 0 {
				*file = m.flip(*file)
			}
		}
	case "less of the ledger":
		w.ledger = w.ledger[:m.IntN(1+len(w.ledger))]
	case "more on the ledger":
		w.ledger = append(w.ledger, w.ledger[:min(1, len(w.ledger))]...)
	case "other on the ledger":
		for _, f := range w.ledger[:min(1+j, len(w.ledger))] {
			w.ledger = append(w.ledger, notary.Found{Data: m.flip(f.Data)})
		}
	case "newer":
		w.ledger = append(w.ledger, notary.Found{Data: Record{true, w.id, uint32(m.IntN(20)), [32]byte{1}, w.block}.Bytes()})
	}
	m.say("%d, %d: %s", i+1, j+1, what)
}

// ask asks something else.
func (m *mutator) ask(w *world, q *question) {
	in := q.in
	what := pick(m.Rand, "trail", "no trail", "known", "known", "known", "day", "age", "document", "bad document", "no document", "salt", "unsearched", "issuers", "threshold", "span", "network", "predecessor")
	trust := *in.Trust
	switch what {
	case "trail":
		in.Trail = pick(m.Rand, hashes[0], hashes[1])
	case "no trail":
		in.Trail = ""
	case "known":
		n := m.IntN(len(w.items) + 2)
		in.Known = &Head{pick(m.Rand, "", w.id.String(), hashes[0]), uint32(n), hashes[1]}
		if n > 0 && n <= len(w.items) && m.IntN(4) > 0 {
			in.Known.SHA256 = hashed(string(w.items[n-1].Files[0]))
		}
	case "day":
		in.AsOf = pick(m.Rand, "2026-12-31", "2027-01-01", "2027-01-05", "2027-01-11", "2027-02-10", "2028-01-01")
	case "age":
		in.MaxAge = pick(m.Rand, 0, 1, 5, 400)
	case "document":
		in.Document = pick(m.Rand, design(m.t, m.IntN(4)), explanation(m.t))
	case "bad document":
		in.Document = append(bytes.Clone(in.Document), ' ') // what all fields of a report are, the second verifier does not know
	case "no document":
		in.Document = nil
	case "salt":
		in.Salt = pick(m.Rand, "", hashes[0], hex.EncodeToString(w.salt), "x")
	case "unsearched":
		in.Searched, in.Ledger = false, nil
	case "issuers":
		trust.Issuers = pick(m.Rand, nil, []notary.Issuer{{DID: didOf("mill"), Roles: []string{Auditor}}}, append(trust.Issuers, notary.Issuer{DID: didOf("mill"), Roles: GivenRoles}))
	case "threshold":
		trust.Threshold = 1
	case "span":
		trust.Keys = slices.Clone(trust.Keys)
		trust.Keys[0].End = 1 + m.Uint32N(12)
	case "network":
		trust.Network = pick(m.Rand, "there", "d\u00e9j\u00e0 <vu>")
	case "predecessor":
		q.before = honest(m.t)
	}
	in.Trust = &trust
	m.say("asked: %s", what)
}
