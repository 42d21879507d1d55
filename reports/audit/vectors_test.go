package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/notarytest"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// evidence are the files of one vector, as texts.
type evidence struct {
	Trust     string `json:"trust,omitempty"`
	Report    string `json:"report,omitempty"`
	Statement string `json:"statement,omitempty"`
	Receipt   string `json:"receipt,omitempty"`
}

type vector struct {
	Name string `json:"name"`
	evidence
	Signers   []string   `json:"signers,omitempty"`
	AsOf      string     `json:"as_of"`
	History   []evidence `json:"history,omitempty"`
	RefusedBy string     `json:"refused_by"`
}

type vectors struct {
	Base    evidence `json:"base"`
	Vectors []vector `json:"vectors"`
}

func keyOf(name string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte("vauban test vectors, not secret: " + name))
	return ed25519.NewKeyFromSeed(sum[:])
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// maker makes vectors.
type maker struct {
	t         *testing.T
	architect ed25519.PrivateKey
	first     ed25519.PrivateKey
	second    ed25519.PrivateKey
	old       ed25519.PrivateKey
}

func (m *maker) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *maker) report(change func(*document.Report)) *document.Report {
	r := &document.Report{
		Schema: document.Schema, Tool: document.Tool{Name: "vauban", Version: "0.1.0"}, Design: "Müller & Söhne: a shop",
		Inputs: []document.Input{
			{Path: "shop.vbn", Role: "design", SHA256: document.Digest([]byte("shop"))},
			{Path: "parts/more.vbn", Role: "design", SHA256: document.Digest([]byte("more"))},
			{Path: "builtin:core", Role: "catalogue", SHA256: document.Digest([]byte("core"))},
		},
		Options: document.Options{AsOf: "2026-11-23"},
		Requirements: []document.Requirement{
			{Name: "Cards", Property: "confidential \"Card\"\t", Verdict: "holds", Cases: []document.Case{}},
			{Name: "Names", Property: "confidential Name", Verdict: "violated", Cases: []document.Case{}},
		},
		Warnings: []document.Warning{},
	}
	if change != nil {
		change(r)
	}
	return r
}

func (m *maker) canonical(r *document.Report) string {
	data, err := r.Canonical()
	m.must(err)
	return string(data)
}

func (m *maker) sign(r *document.Report, key ed25519.PrivateKey) string {
	data, err := attest.Sign(r, key)
	m.must(err)
	return string(data)
}

// placed is a record in a milestone.
type placed struct {
	receipt *notary.Receipt
	stone   notary.Milestone
	ids     []notary.ID
}

// place puts the record of a statement into a milestone with four other blocks.
func (m *maker) place(statement string, index uint32, at time.Time, salt []byte, previous notary.ID, tag string) placed {
	record := notary.NewRecord(sha256.Sum256([]byte(statement)), salt, previous)
	parent := notary.BlockID([]byte{byte(index)})
	var p placed
	var block []byte
	for i := range 5 {
		b := &notary.Block{Parents: []notary.ID{parent}, Tag: []byte("somebody else's"), Data: []byte{byte(i)}, Nonce: 1}
		if i == 3 {
			b.Tag, b.Data = []byte(tag), record.Bytes()
			block = b.Bytes()
		}
		p.ids = append(p.ids, notary.BlockID(b.Bytes()))
	}
	p.stone = notary.Milestone{Index: index, Time: at, Previous: parent, Parents: []notary.ID{p.ids[4]}, InclusionRoot: notary.Root(p.ids), AppliedRoot: notary.Root(nil)}
	p.receipt = notary.NewReceipt("vectors", block, &notary.Inclusion{Milestone: p.stone.Sign(m.first, m.second), Path: notary.PathTo(p.ids, 3)}, salt)
	return p
}

func (m *maker) json(r *notary.Receipt) string {
	data, err := r.JSON()
	m.must(err)
	return string(data)
}

func (m *maker) trust(change func(*notary.Trust)) string {
	t := &notary.Trust{Schema: notary.TrustSchema, Network: "vectors", Threshold: 2, Keys: []notary.TrustKey{
		{Key: hex.EncodeToString(publicOf(m.first)), Start: 1}, {Key: hex.EncodeToString(publicOf(m.second)), Start: 1}, {Key: hex.EncodeToString(publicOf(m.old)), Start: 1, End: 5},
	}}
	if change != nil {
		change(t)
	}
	data, err := json.Marshal(t)
	m.must(err)
	return string(data)
}

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	salt = bytes.Repeat([]byte{0x5a}, 32)
)

// make makes all vectors.
func (m *maker) make() vectors {
	r := m.report(nil)
	statement := m.sign(r, m.architect)
	base := evidence{m.trust(nil), m.canonical(r), statement, m.json(m.place(statement, 7, noon, salt, notary.ID{}, notary.Tag).receipt)}
	architect := attest.DID(publicOf(m.architect))
	var out []vector
	add := func(name, refusedBy string, e evidence) {
		out = append(out, vector{Name: name, evidence: e, Signers: []string{architect}, AsOf: "2026-11-24", RefusedBy: refusedBy})
	}
	// notarized has everything in order but what the report or the statement says.
	notarized := func(report, statement string) evidence {
		return evidence{"", report, statement, m.json(m.place(statement, 7, noon, salt, notary.ID{}, notary.Tag).receipt)}
	}
	of := func(change func(*document.Report)) evidence {
		r := m.report(change)
		return notarized(m.canonical(r), m.sign(r, m.architect))
	}
	receipt := func(change func(*notary.Receipt, placed)) evidence {
		p := m.place(statement, 7, noon, salt, notary.ID{}, notary.Tag)
		change(p.receipt, p)
		return evidence{Receipt: m.json(p.receipt)}
	}
	add("in order", "", evidence{})
	add("a record that is not blinded", "", evidence{Receipt: m.json(m.place(statement, 7, noon, nil, notary.ID{}, notary.Tag).receipt)})
	add("a line end after the report", "report", evidence{Report: base.Report + "\n"})
	add("a name of the report twice", "report", evidence{Report: strings.Replace(base.Report, `"schema"`, `"schema":"vauban.report/1","schema"`, 1)})
	add("a report of another schema", "report", evidence{Report: strings.Replace(base.Report, "vauban.report/1", "vauban.report/9", 1)})
	add("an unknown verdict", "report", evidence{Report: strings.Replace(base.Report, `"violated"`, `"perfect"`, 1)})
	add("a number with an exponent", "report", evidence{Report: strings.Replace(base.Report, `"facts":0`, `"facts":0e0`, 1)})
	add("an escape that is not needed", "report", evidence{Report: strings.Replace(base.Report, "Cards", `\u0043ards`, 1)})
	add("another report than the statement's", "statement", evidence{Report: m.canonical(m.report(func(r *document.Report) { r.Design = "Another shop" }))})
	add("a result that does not follow", "statement", notarized(base.Report, m.restate(statement, "FAILED", "PASSED")))
	add("a count that does not follow", "statement", notarized(base.Report, m.restate(statement, `"violated":1`, `"violated":2`)))
	add("a payload that is not canonical", "statement", notarized(base.Report, m.restate(statement, `{"_type"`, `{ "_type"`)))
	add("a payload that was not signed", "signature", evidence{Statement: m.reword(statement, "FAILED", "PASSED")})
	add("a blank in the envelope", "signature", evidence{Statement: strings.Replace(statement, ":", ": ", 1)})
	add("bits left over in base64", "signature", evidence{Statement: leftOver(statement)})
	identity := append([]byte{1}, make([]byte, 31)...)
	add("a key of small order, whose signature is right for every text", "signature", notarized(base.Report,
		m.resign(statement, attest.DID(identity), append(bytes.Clone(identity), make([]byte, 32)...))))
	add("somebody else's signature", "signer", notarized(base.Report, m.sign(r, m.old)))
	add("the receipt of another statement", "record", evidence{Receipt: of(func(r *document.Report) { r.Design = "Another shop" }).Receipt})
	add("a blinded record without its salt", "record", receipt(func(r *notary.Receipt, _ placed) { r.Salt = nil }))
	add("another salt", "record", receipt(func(r *notary.Receipt, _ placed) { r.Salt = bytes.Repeat([]byte{1}, 32) }))
	add("upper-case digits", "record", evidence{Receipt: strings.Replace(base.Receipt, hex.EncodeToString(salt), strings.ToUpper(hex.EncodeToString(salt)), 1)})
	add("another field in the receipt", "record", evidence{Receipt: strings.Replace(base.Receipt, `"salt"`, `"more":"","salt"`, 1)})
	add("a byte after the block", "block", receipt(func(r *notary.Receipt, _ placed) { r.Block = append(r.Block, 0) }))
	add("another tag", "block", evidence{Receipt: m.json(m.place(statement, 7, noon, salt, notary.ID{}, "vauban.report.v9").receipt)})
	add("another network", "milestone", receipt(func(r *notary.Receipt, _ placed) { r.Network = "elsewhere" }))
	add("a byte after the milestone", "milestone", receipt(func(r *notary.Receipt, _ placed) { r.Milestone = append(r.Milestone, 0) }))
	const one = 1 + ed25519.PublicKeySize + ed25519.SignatureSize
	add("one signature twice", "milestone", receipt(func(r *notary.Receipt, p placed) {
		once := p.stone.Sign(m.first)
		r.Milestone = append(bytes.Clone(once), once[len(once)-one:]...)
		r.Milestone[len(once)-one-1] = 2
	}))
	add("the path of another block", "path", receipt(func(r *notary.Receipt, p placed) { r.Path = notary.PathTo(p.ids, 2).Bytes() }))
	add("a side that is none", "path", receipt(func(r *notary.Receipt, _ placed) { r.Path[0] = 2 }))
	add("an inner node for a leaf", "path", receipt(func(r *notary.Receipt, _ placed) { r.Path = r.Path[33:] }))
	add("one signature of two", "signatures", receipt(func(r *notary.Receipt, p placed) { r.Milestone = p.stone.Sign(m.first) }))
	add("a key outside of its milestones", "signatures", receipt(func(r *notary.Receipt, p placed) { r.Milestone = p.stone.Sign(m.first, m.old) }))
	add("a stranger's signature too much, and right", "", receipt(func(r *notary.Receipt, p placed) { r.Milestone = p.stone.Sign(m.first, m.second, m.architect) }))
	add("a wrong signature too much", "signatures", receipt(func(r *notary.Receipt, p placed) {
		r.Milestone = p.stone.Sign(m.first, m.second, m.architect)
		r.Milestone[len(r.Milestone)-1] ^= 1
	}))
	for _, d := range []struct{ day, refusedBy string }{{"2026-11-21", "time"}, {"2026-11-22", ""}, {"2026-11-24", ""}, {"2026-11-25", "time"}} {
		add("waivers judged by "+d.day, d.refusedBy, of(func(r *document.Report) { r.Options.AsOf = d.day }))
	}
	for _, d := range []struct{ day, refusedBy string }{{"2026-11-21", "time"}, {"2026-11-22", ""}, {"2030-01-01", ""}} {
		add("audited on "+d.day, d.refusedBy, evidence{})
		out[len(out)-1].AsOf = d.day
	}
	add("anybody may have signed", "", notarized(base.Report, m.sign(r, m.old)))
	out[len(out)-1].Signers = nil
	small := func(t *notary.Trust) { t.Keys[0].Key = hex.EncodeToString(identity) }
	add("a trusted key of small order", "trust", evidence{Trust: m.trust(small)})
	add("a name of the trust file twice", "trust", evidence{Trust: strings.Replace(base.Trust, `"threshold":2`, `"threshold":2,"threshold":1`, 1)})
	add("more keys needed than there are", "trust", evidence{Trust: m.trust(func(t *notary.Trust) { t.Threshold = 4 })})
	add("a trust file in another layout", "", evidence{Trust: " " + strings.ReplaceAll(base.Trust, ",", ",\r\n\t") + "\n"})

	// Histories.
	var chain []evidence
	before := notary.ID{}
	var fork, early evidence
	for i := range 3 {
		r := m.report(func(r *document.Report) {
			r.Warnings = append(r.Warnings, document.Warning{Code: "VAU3001", Message: fmt.Sprint(i)})
		})
		statement := m.sign(r, m.architect)
		at := func(index uint32, t time.Time, previous notary.ID) evidence {
			return evidence{"", m.canonical(r), statement, m.json(m.place(statement, index, t, salt, previous, notary.Tag).receipt)}
		}
		e := at(uint32(7+i), noon.Add(time.Duration(i)*time.Minute), before)
		if i == 2 {
			fork, early = at(9, noon.Add(time.Hour), notary.ID{}), at(9, noon.Add(-time.Minute), before)
		}
		chain = append(chain, e)
		parsed, err := notary.ParseReceipt([]byte(e.Receipt))
		m.must(err)
		before = notary.BlockID(parsed.Block)
	}
	history := func(name, refusedBy string, entries ...evidence) {
		add(name, refusedBy, evidence{})
		out[len(out)-1].History = entries
	}
	history("a chain", "", chain...)
	history("the first entry dropped", "chain", chain[1:]...)
	history("an entry dropped", "chain", chain[0], chain[2])
	history("another order", "chain", chain[1], chain[0], chain[2])
	history("another chain begun", "chain", chain[0], chain[1], fork)
	history("time runs backwards", "chain", chain[0], chain[1], early)
	return vectors{base, out}
}

// reword changes what an envelope says, restate signs it besides, and resign puts another signature in.
func (m *maker) reword(statement, from, to string) string {
	var e struct{ Payload string }
	m.must(json.Unmarshal([]byte(statement), &e))
	body, err := base64.StdEncoding.DecodeString(e.Payload)
	m.must(err)
	changed := strings.Replace(string(body), from, to, 1)
	if changed == string(body) {
		m.t.Fatalf("the statement does not say %s", from)
	}
	return strings.Replace(statement, e.Payload, base64.StdEncoding.EncodeToString([]byte(changed)), 1)
}

func (m *maker) restate(statement, from, to string) string {
	statement = m.reword(statement, from, to)
	var e struct{ Payload string }
	m.must(json.Unmarshal([]byte(statement), &e))
	body, err := base64.StdEncoding.DecodeString(e.Payload)
	m.must(err)
	pae := fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(attest.PayloadType), attest.PayloadType, len(body), body)
	return m.resign(statement, attest.DID(publicOf(m.architect)), ed25519.Sign(m.architect, pae))
}

func (m *maker) resign(statement, signer string, signature []byte) string {
	i := strings.Index(statement, `"signatures"`)
	return statement[:i] + fmt.Sprintf(`"signatures":[{"keyid":"%s","sig":"%s"}]}`, signer, base64.StdEncoding.EncodeToString(signature))
}

// leftOver turns a bit of the signature's base64 that stands for nothing.
func leftOver(statement string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.LastIndex(statement, `=="}]}`) - 1
	return statement[:i] + string(alphabet[strings.IndexByte(alphabet, statement[i])^1]) + statement[i+1:]
}

// over puts the files of a vector over those of the base.
func (e evidence) over(base evidence) evidence {
	for _, f := range []struct {
		to   *string
		from string
	}{{&base.Trust, e.Trust}, {&base.Report, e.Report}, {&base.Statement, e.Statement}, {&base.Receipt, e.Receipt}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	return base
}

// TestVectors makes the test vectors again, and has both verifiers judge them.
func TestVectors(t *testing.T) {
	t.Parallel()
	m := &maker{t, keyOf("architect"), keyOf("first"), keyOf("second"), keyOf("old")}
	made, err := json.MarshalIndent(m.make(), "", " ")
	m.must(err)
	made = append(made, '\n')
	path := filepath.Join("testdata", "vectors.json")
	if *update {
		m.must(os.MkdirAll("testdata", 0o755))
		m.must(os.WriteFile(path, made, 0o644))
	}
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(data, made) {
		t.Fatalf("%s is not what is made now (%v): -update makes it again; vectors are a contract, so read the diff", path, err)
	}
	var all vectors
	m.must(json.Unmarshal(data, &all))
	seen := map[string]int{}
	for _, v := range all.Vectors {
		seen[v.RefusedBy]++
		list := []evidence{v.evidence}
		if len(v.History) > 0 {
			list = v.History
		}
		if got := first(t, all.Base, v, list); got != v.RefusedBy {
			t.Errorf("%s: audit refuses it by %q, expected %q", v.Name, got, v.RefusedBy)
		}
		if got, why := second(all.Base, v, list); got != v.RefusedBy {
			t.Errorf("%s: the second verifier refuses it by %q (%v), expected %q", v.Name, got, why, v.RefusedBy)
		}
	}
	for _, check := range []string{"", audit.Report, audit.Statement, audit.Signature, audit.Signer, audit.Record, audit.Block, audit.Milestone, audit.Path, audit.Signatures, audit.Time, audit.Place, "trust"} {
		if seen[check] == 0 {
			t.Errorf("no vector is refused by %q", check)
		}
	}
}

// first is the verdict of package audit: the one check that fails.
func first(t *testing.T, base evidence, v vector, list []evidence) string {
	t.Helper()
	e := list[len(list)-1].over(base)
	trust, err := notary.ParseTrust([]byte(e.Trust))
	if err != nil {
		return "trust"
	}
	in := &audit.Input{AsOf: v.AsOf, Report: []byte(e.Report), Statement: []byte(e.Statement), Receipt: []byte(e.Receipt), Trust: trust, Signers: v.Signers}
	if len(v.History) > 0 {
		var all []*notary.Entry
		for _, h := range list {
			all = append(all, &notary.Entry{Report: []byte(h.Report), Statement: []byte(h.Statement), Receipt: []byte(h.Receipt)})
		}
		in.History = entries(all...)
	}
	r, err := audit.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, c := range r.Checks {
		if c.Status == audit.Failed {
			failed = append(failed, c.Name)
		}
	}
	return strings.Join(failed, " ")
}

// second is the verdict of the verifier that was written from FORMAT.md.
func second(base evidence, v vector, list []evidence) (string, error) {
	var links []*notarytest.Proven
	for _, e := range list {
		e = e.over(base)
		p, err := notarytest.Evidence(notarytest.Entry{Report: []byte(e.Report), Statement: []byte(e.Statement), Receipt: []byte(e.Receipt)}, []byte(e.Trust), v.Signers, v.AsOf)
		if refused, ok := err.(*notarytest.Refused); ok {
			return refused.Check, err
		} else if err != nil {
			return "trust", err
		}
		links = append(links, p)
	}
	if len(v.History) > 0 {
		if err := notarytest.Chain(links); err != nil {
			return "chain", err
		}
	}
	return "", nil
}
