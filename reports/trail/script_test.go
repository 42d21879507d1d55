package trail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// script is a trail that is still to be signed and put on the ledger, so that it can be changed before.
type script struct {
	steps    []*step
	document []byte // that is asked about; nil: none
	salt     string
	before   *world
}

// step is an entry of a script. Its place in the trail is filled in when it is signed, and what change does comes after that.
type step struct {
	e      *Entry
	sealed []byte
	after  time.Duration // since the milestone before
	index  int           // of the milestone, above that of the one before
	fixed  bool          // trail, number and previous entry are those that e has

	body       func(body []byte) []byte           // nil: as it is
	signatures func(body []byte, s *[][]byte)     // nil: those of the signers
	envelope   func(data []byte) []byte           // nil: as it is
	record     func(record []byte) []byte         // nil: as it is
	receipt    func(w *world, data []byte) []byte // nil: as it is; to return nil leaves it out
	plain      bool                               // the record is not blinded
}

// people are the names of all whose keys the scripts may use.
var people = []string{
	"shop", "carrier", "bank", "tester", "acme", "recovery", "carrier 2", "board", "mill", "stranger", "thief", "X", "R",
	"p0-0", "p0-1", "p0-2", "p0-3", "p1-0", "p1-1", "p1-2", "p1-3", "p2-0", "p2-1", "p2-2", "p2-3", "p3-0", "p3-1", "p3-2", "p3-3", "p4-0", "p4-1", "p4-2", "p4-3",
}

// keysByDID has the key of each of them, so that whoever an entry names can sign it.
var keysByDID = sync.OnceValue(func() map[string]ed25519.PrivateKey {
	out := map[string]ed25519.PrivateKey{}
	for _, name := range people {
		out[didOf(name)] = keyOf(name)
	}
	return out
})

// keyFor is the key of a DID, or another one where nobody has it.
func keyFor(did string) ed25519.PrivateKey {
	if key := keysByDID()[did]; key != nil {
		return key
	}
	return keyOf("stranger")
}

// scripted takes a trail apart again.
func scripted(w *world) *script {
	s := &script{before: w.before}
	for _, item := range w.items {
		opened, err := Open(item.Files[0])
		if err != nil {
			w.t.Fatal(err)
		}
		s.steps = append(s.steps, &step{e: &opened.Entry, sealed: item.Files[1], after: 24 * time.Hour, index: 1})
	}
	return s
}

// build signs the entries and puts them on the ledger, and asks for all that can be asked for.
func (s *script) build(t testing.TB) (*world, *question) {
	w := newWorld(t)
	if w.day, w.before = 0, s.before; s.before != nil {
		w.time = s.before.time
	}
	for _, x := range s.steps {
		x.build(w)
	}
	in := w.input(s.document)
	in.Salt = s.salt
	return w, &question{in, s.before}
}

func (x *step) build(w *world) {
	e := *x.e
	e.Signers = slices.Clone(e.Signers)
	first := len(w.items) == 0
	if !x.fixed {
		if e.Number = uint32(len(w.items) + 1); !first {
			e.Trail, e.Previous = w.id.String(), hex.EncodeToString(w.digest[:])
		}
	}
	for i, g := range e.Signers { // credentials are for the trail that there is now
		if c, err := attest.ParseCredential(g.Credential); err == nil && c.Trail != "" && strings.Trim(c.Trail, "0") != "" && !first {
			c.Trail = w.id.String()
			if c.Issue(keyFor(c.Issuer)) == nil {
				e.Signers[i].Credential = c.Text
			}
		}
	}
	body, err := canonical.Marshal(&e)
	if err != nil {
		w.t.Fatal(err)
	}
	if x.body != nil {
		body = x.body(body)
	}
	var signatures [][]byte
	for _, g := range e.Signers {
		signatures = append(signatures, ed25519.Sign(keyFor(g.DID), dsse.PAE(PayloadType, body)))
	}
	if x.signatures != nil {
		x.signatures(body, &signatures)
	}
	data := w.enclose(body, signatures...)
	if x.envelope != nil {
		data = x.envelope(data)
	}
	digest := sha256.Sum256(data)
	if opened, err := Open(data); err == nil && first {
		w.id = opened.ID
	}
	r := Record{!x.plain, w.id, uint32(len(w.items) + 1), notary.Commit(digest, w.salt), w.block}
	if x.fixed {
		if id, err := ParseID(e.Trail); err == nil {
			r.Trail, r.Number = id, e.Number
		}
	}
	salt := w.salt
	if x.plain {
		r.Commitment, w.salt = digest, nil
	}
	record := r.Bytes()
	if x.record != nil {
		record = x.record(record)
	}
	w.time = w.time.Add(x.after)
	w.index += uint32(x.index - 1)
	receipt, block := w.seal(record)
	w.salt = salt
	if x.receipt != nil {
		receipt = x.receipt(w, receipt)
	}
	w.items = append(w.items, &notary.Item{Number: len(w.items) + 1, Files: [][]byte{data, x.sealed}, Receipt: receipt})
	w.digest, w.block = digest, block
}

// bases are the trails of the other tests, taken apart.
var bases sync.Map

func (m *mutator) base(name string, make func() (w *world, document []byte, salt string)) *script {
	m.say("%s", name)
	if s, ok := bases.Load(name); ok {
		return s.(*script).clone()
	}
	w, document, salt := make()
	s := scripted(w)
	s.document, s.salt = document, salt
	bases.Store(name, s.clone())
	return s
}

func (s *script) clone() *script {
	out := *s
	out.steps = nil
	for _, x := range s.steps {
		again := *x
		out.steps = append(out.steps, &again)
	}
	return &out
}

// script begins with one of the trails of the other tests, or with one at random, of which most entries are allowed.
func (m *mutator) script() *script {
	t := m.t
	switch m.IntN(11) {
	case 0, 1:
		return m.base("honest", func() (*world, []byte, string) { return honest(t), design(t, 2), "" })
	case 2:
		return m.base("sealed", func() (*world, []byte, string) {
			w, c := honest(t), closedDesign(t)
			sealedReport(w, c)
			return w, c.doc, c.salt
		})
	case 3:
		return m.base("disclosed", func() (*world, []byte, string) {
			w, c := honest(t), closedDesign(t)
			sealedReport(w, c)
			w.add(KindDisclose, c.disclosed, by{"shop", AsFounder})
			return w, c.doc, ""
		})
	case 4, 5:
		return m.base("accredited", func() (*world, []byte, string) { return accredited(t), design(t, 1), "" })
	case 6:
		const did = "did:web:shop.example"
		return m.base("vouched", func() (*world, []byte, string) { return vouched(t, did, webDocument(did, "shop")), design(t, 1), "" })
	case 7:
		return m.base("successor", func() (*world, []byte, string) {
			w := honest(t)
			in := w.input(design(t, 2))
			successor(w, mustVerify(t, in).Head, "recovery", in)
			return w, in.Document, ""
		})
	case 8:
		return m.base("explained", func() (*world, []byte, string) {
			w, doc := honest(t), explanation(t)
			w.add(KindExplanation, brought(doc), by{"shop", Architect})
			approve(w, doc)
			return w, doc, ""
		})
	default:
		return m.random()
	}
}

// explanation is one of no logs.
func explanation(t testing.TB) []byte {
	t.Helper()
	e := &document.Explanation{
		Schema: document.ExplanationSchema, Tool: document.Tool{Name: "vauban", Version: "1.0.0"}, Design: "D", Inputs: []document.Input{{Path: "d.vbn", Role: "design", SHA256: strings.Repeat("1", 64)}},
		Observed: []string{}, Attackers: [][]string{}, Logs: []document.LogRead{}, Counts: map[string]int{}, Groups: []document.Explained{},
	}
	for _, outcome := range document.Outcomes {
		e.Counts[outcome] = 0
	}
	data, err := e.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// random is a trail at random.
func (m *mutator) random() *script {
	m.say("random")
	var r *generator
	genesis := &Entry{Schema: EntrySchema, Kind: KindGenesis, Number: 1}
	for { // until the policy can be met
		r = newGenerator(m.Uint64())
		r.g.Resource, r.g.Nonce = "D", strings.Repeat("5", 64)
		genesis.Genesis, genesis.Signers = r.g, []Signer{{DID: r.g.Parties[0].DID, Role: AsFounder}}
		if genesis.form() == nil {
			break
		}
	}
	s := &script{steps: []*step{{e: genesis, after: time.Hour, index: 1}}}
	n, index, now := &naive{g: r.g}, uint32(1), time.Date(2027, 1, 1, 13, 0, 0, 0, time.UTC)
	wrong := m.IntN(3) == 0
	for number := uint32(2); number < 20; {
		e := r.entry(n, number)
		e.Schema, e.Trail, e.Previous = EntrySchema, strings.Repeat("0", 64), strings.Repeat("0", 64)
		if e.Document == "another" {
			e.Document = hashed("another")
		}
		x := &step{e: e, after: time.Duration(r.IntN(10)) * time.Hour, index: r.IntN(2)}
		if e.Sealed != nil {
			x.sealed = []byte("sealed")
			e.Sealed = &Sealed{hashed("sealed"), []string{didOf("acme")}}
		}
		if e.Kind == KindObject {
			e.Because = "no"
		}
		index += uint32(x.index)
		now = now.Add(x.after)
		refused := e.form() != nil || len(n.judge(e, index, now.Format(time.DateOnly))) > 0
		if refused && (!wrong || m.IntN(8) > 0) {
			index -= uint32(x.index)
			now = now.Add(-x.after)
			continue
		}
		if !refused {
			n.past = append(n.past, happened{e, index})
		}
		s.steps = append(s.steps, x)
		number++
	}
	return s
}

// options puts options into a milestone, most often right ones, and has it signed again.
func (m *mutator) options(milestone []byte) []byte {
	end := 45 + 1 + 32*int(milestone[45]) + 64 + 2 // there are no metadata
	funds := m.IntN(3)
	migration := slices.Concat([]byte{0, 1, 0, 0, 0, byte(m.IntN(3)), byte(funds), 0}, make([]byte, 90*funds), []byte{46, 0, 0, 0, 4, 0, 0, 0, 1}, make([]byte, 32), []byte{2}, make([]byte, 8))
	parameters := []byte{1, 9, 0, 0, 0, 2, 3, 0, 7, 8, 9}
	list := pick(m.Rand, [][]byte{migration}, [][]byte{parameters}, [][]byte{migration, parameters}, [][]byte{parameters, migration}, [][]byte{parameters, parameters}, [][]byte{{2, 0}}, nil)
	options := append([]byte{byte(len(list))}, slices.Concat(list...)...)
	if m.IntN(3) == 0 {
		options = m.flip(options)
	}
	essence := slices.Concat(milestone[4:end], options)
	id := blake2b.Sum256(essence)
	keys := []ed25519.PrivateKey{keyOf("coordinator 1"), keyOf("coordinator 2")}
	slices.SortFunc(keys, func(a, b ed25519.PrivateKey) int { return bytes.Compare(a[32:], b[32:]) })
	out := slices.Concat(milestone[:4], essence, []byte{2})
	for _, k := range keys {
		out = slices.Concat(out, []byte{0}, k[32:], ed25519.Sign(k, id[:]))
	}
	return out
}

// flip changes one bit.
func (m *mutator) flip(data []byte) []byte {
	out := bytes.Clone(data)
	if len(out) > 0 {
		out[m.IntN(len(out))] ^= 1 << m.IntN(8)
	}
	return out
}
