package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// TrailEntry is an entry of a trail as it is in files; nil where there is no such file.
type TrailEntry struct{ Envelope, Receipt, Sealed, Proof []byte }

// Head is an entry that a verifier knows.
type Head struct {
	Trail  string // ID, or empty
	Number int
	SHA256 string
}

// Asked is what a verifier asks of a trail.
type Asked struct {
	Trust    []byte
	Trail    string   // the ID that is expected, if one is
	Known    *Head    // nil: none
	Ledger   [][]byte // the records that were found there; nil: not searched
	AsOf     string
	MaxAge   int    // in days; 0: any
	Document []byte // nil: none
	Salt     string // in hexadecimal; empty: none
	Before   []TrailEntry
}

// Verdict is what became of the checks of a trail.
type Verdict struct {
	Failed map[string]string // check to reason
	Open   []string          // checks that were asked for and could not be made
}

// Passed says whether all that was asked for holds.
func (v *Verdict) Passed() bool { return len(v.Failed)+len(v.Open) == 0 }

// trail is a trail while it is verified.
type trail struct {
	Asked
	by *trusted
	Verdict
	entries []*entry // those with a receipt
	foreign bool     // a credential is by an issuer that the trust file does not name
	standing
}

// refuse keeps the first reason of a check.
func (t *trail) refuse(check, why string) {
	if t.Failed[check] == "" {
		t.Failed[check] = why
	}
}

// Trail makes the checks of a trail. An error says that the trust file is none.
func Trail(entries []TrailEntry, asked Asked) (*Verdict, error) {
	by, err := trust(asked.Trust)
	if err != nil {
		return nil, fmt.Errorf("trust file: %w", err)
	}
	t := &trail{Asked: asked, by: by, Verdict: Verdict{Failed: map[string]string{}}}
	waiting := false
	for _, files := range entries {
		if files.Receipt == nil {
			waiting = true
			continue
		}
		if waiting {
			t.refuse("receipts", "an entry before the last one has none")
			return &t.Verdict, nil
		}
		if !t.add(files) {
			return &t.Verdict, nil
		}
	}
	if len(t.entries) == 0 {
		t.Open = append(t.Open, "entries")
		return &t.Verdict, nil
	}
	sound := len(t.Failed) == 0
	if t.foreign {
		t.refuse("issuers", "the trust file does not name one")
	}
	t.known()
	t.age()
	if sound {
		t.search()
		t.document()
		t.predecessor()
	}
	return &t.Verdict, nil
}

// add makes the checks of one entry, entries to seals; it reports whether verification goes on.
func (t *trail) add(files TrailEntry) bool {
	n := len(t.entries) + 1
	where := fmt.Sprintf("entry %d", n)
	e, err := readEntry(files.Envelope)
	if err != nil {
		t.refuse("entries", where+": "+err.Error())
		return false
	}
	if n == 1 {
		if e.kind() != "genesis" {
			t.refuse("trail", "no genesis")
			return false
		}
		t.standing = begin(e)
		for _, p := range t.parties {
			web, document, key := text(p, "web", "did"), text(p, "web", "document"), text(p, "did")
			if web != "" && !(didWeb(web) && vouches(web, document, key) || didIota(web) && onLedger(web, document, key, t.by)) {
				t.refuse("identities", text(p, "name"))
			}
		}
		if t.Trail != "" && t.Trail != t.id {
			t.refuse("trail", "another trail")
		}
	}
	var wrong []string
	for i, s := range e.signers {
		key, err := didKey(s.did)
		if err != nil || !ed25519.Verify(key, e.signed, e.signatures[i]) {
			wrong = append(wrong, "signatures")
		}
	}
	if err := e.receive(files.Receipt, t.by); err != nil {
		for _, check := range append(wrong, "receipts") {
			t.refuse(check, where+": "+err.Error())
		}
		return false
	}
	if t.by.log != nil && !t.by.log.has(files.Proof, e.index, e.at, e.milestone) {
		wrong = append(wrong, "witnesses")
	}
	if hex.EncodeToString(e.record[2:34]) != e.id || int64(binary.LittleEndian.Uint32(e.record[34:])) != e.number() || !opens(e.record[1], e.record[38:70], e.salt, &e.digest) {
		wrong = append(wrong, "records")
	}
	previous, link := "", make([]byte, 32)
	if n > 1 {
		before := t.entries[n-2]
		previous, link = hex.EncodeToString(before.digest[:]), before.block
		if e.index < before.index || e.at < before.at {
			wrong = append(wrong, "order")
		}
	}
	switch {
	case e.id != t.id:
		wrong = append(wrong, "origin")
	case e.number() != int64(n):
		wrong = append(wrong, "numbers")
	case text(e.fields, "previous") != previous, !bytes.Equal(e.record[70:], link):
		wrong = append(wrong, "links")
	}
	if len(wrong) == 0 {
		wrong = t.judge(e)
		if len(wrong) == 0 {
			t.allow(e)
		}
		t.foreign = t.foreign || !t.believed(e, t.by)
	}
	sum := sha256.Sum256(files.Sealed)
	named, sealed := e.fields["sealed"]
	if there := files.Sealed != nil; there != sealed || there && (text(named, "sha256") != hex.EncodeToString(sum[:]) || len(files.Sealed) > 32<<20+64<<10) {
		wrong = append(wrong, "seals")
	}
	for _, check := range wrong {
		t.refuse(check, where)
	}
	t.entries = append(t.entries, e)
	return true
}

// receive verifies the receipt of an entry.
func (e *entry) receive(file []byte, by *trusted) error {
	r, err := readReceipt(file)
	if err != nil {
		return err
	}
	if r.network != by.network {
		return errors.New("another network")
	}
	if e.record, err = carried(r.block, "vauban.trail.v2", 102); err != nil {
		return err
	}
	if e.record[0] != 2 || e.record[1] > 1 {
		return errors.New("no record")
	}
	e.salt, e.block = r.salt, blake(r.block)
	if e.index, e.at, err = milestone(r.milestone, root(r.block, r.path), inclusionRoot, by.keys, by.threshold); err == nil {
		e.milestone = milestoneID(r.milestone)
	}
	return err
}

// known makes the check of that name.
func (t *trail) known() {
	k := t.Known
	if k == nil {
		return
	}
	if k.Number < 1 || k.Trail != "" && k.Trail != t.id || k.Number > len(t.entries) || hex.EncodeToString(t.entries[k.Number-1].digest[:]) != k.SHA256 {
		t.refuse("known", "it is not there")
	}
}

// search makes the checks forks and fresh.
func (t *trail) search() {
	if t.Ledger == nil {
		return
	}
	found := map[int]bool{}
	for _, record := range t.Ledger {
		if len(record) != 102 || record[0] != 2 || record[1] > 1 || hex.EncodeToString(record[2:34]) != t.id {
			continue
		}
		n := int(binary.LittleEndian.Uint32(record[34:]))
		switch {
		case n > len(t.entries):
			t.refuse("fresh", fmt.Sprintf("record %d", n))
		case n == 0 || !bytes.Equal(record, t.entries[n-1].record):
			t.refuse("forks", fmt.Sprintf("record %d", n))
		default:
			found[n] = true
		}
	}
	if len(found) < len(t.entries) {
		t.refuse("fresh", "a record is missing")
	}
}

// age makes the check of that name.
func (t *trail) age() {
	const day = 24 * 60 * 60
	asOf, err := time.Parse(time.DateOnly, t.AsOf)
	at := int64(t.entries[len(t.entries)-1].at)
	if old := asOf.Unix()/day - at/day; err != nil || old < -1 || t.MaxAge > 0 && old > int64(t.MaxAge) {
		t.refuse("age", fmt.Sprintf("%d days", old))
	}
}

// document makes the checks document and policy.
func (t *trail) document() {
	kind := "report"
	var v map[string]any
	if t.Document != nil {
		var err error
		v, err = object(t.Document, 32<<20)
		kind = map[string]string{"vauban.report/1": "report", "vauban.explanation/1": "explanation"}[text(v, "schema")]
		if err != nil || kind == "" || kind == "report" && shape(v) != nil {
			t.refuse("document", "it is none")
			return
		}
	}
	newest := t.newest(kind)
	if newest != nil && !t.approved(newest) {
		t.refuse("policy", "it is not approved")
	}
	switch {
	case t.Document == nil:
		return
	case newest == nil || text(v, "design") != t.resource:
		t.refuse("document", "the trail has none of its kind, or it is about another design")
		return
	}
	sum := sha256.Sum256(t.Document)
	if newest.fields["sealed"] != nil {
		salt := t.Salt
		for _, e := range t.allowed {
			if e.kind() == "disclose" && integer(e.fields["of"]) == newest.number() {
				salt = text(e.fields, "salt")
			}
		}
		if salt == "" {
			t.Open = append(t.Open, "document")
			return
		}
		raw, err := hex.DecodeString(salt)
		if err != nil || len(raw) != 32 {
			t.refuse("document", "the salt is none")
			return
		}
		sum = sha256.Sum256(append(raw, sum[:]...))
	}
	if hex.EncodeToString(sum[:]) != text(newest.fields, "document") {
		t.refuse("document", "it is another one")
	}
}

// predecessor makes the check of that name.
func (t *trail) predecessor() {
	if len(t.Before) == 0 {
		return
	}
	var old map[string]any
	if len(t.entries) > 1 {
		old, _ = t.entries[1].fields["old"].(map[string]any)
	}
	before := &trail{}
	v, err := Trail(t.Before, Asked{Trust: t.Trust, AsOf: t.AsOf})
	if err == nil {
		for _, check := range []string{"policy", "issuers", "witnesses"} {
			delete(v.Failed, check)
		}
		for _, files := range t.Before {
			if e, err := readEntry(files.Envelope); err == nil && files.Receipt != nil {
				before.entries = append(before.entries, e)
			}
		}
	}
	if err != nil || !v.Passed() {
		t.refuse("predecessor", "it does not hold")
		return
	}
	first, last := before.entries[0], before.entries[len(before.entries)-1]
	if text(old, "trail") != first.id || text(old, "sha256") != hex.EncodeToString(last.digest[:]) || integer(old["number"]) != last.number() ||
		text(first.fields, "genesis", "recovery") != t.recovery {
		t.refuse("predecessor", "it is another one")
	}
}
