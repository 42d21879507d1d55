package trail

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// forgery is a trail that is not what it seems, or a question that it does not meet.
type forgery struct {
	name, check, says string
	make              func(w *world, in *Input) // w is the honest trail, in asks for all of it; items and ledger are read after it
}

// cut takes entries from the end, as if they had never been.
func (w *world) cut(n int) {
	w.items = w.items[:len(w.items)-n]
	w.ledger = w.ledger[:len(w.ledger)-n]
	s, err := Open(w.items[len(w.items)-1].Files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := notary.ParseReceipt(w.items[len(w.items)-1].Receipt)
	if err != nil {
		w.t.Fatal(err)
	}
	w.digest, w.block = s.Digest, notary.BlockID(r.Block)
}

// opened signs an entry and opens it again.
func (w *world) opened(e *Entry, names ...string) *Signed {
	s, err := Open(w.sign(e, names...))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// enclose writes an envelope with these signatures.
func (w *world) enclose(body []byte, signatures ...[]byte) []byte {
	data, err := envelope(body, signatures)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

func forgeries(t *testing.T) []forgery {
	return slices.Concat(coreForgeries(t), sealForgeries(t), credentialForgeries(t), webForgeries(t))
}

func coreForgeries(t *testing.T) []forgery {
	one, two := design(t, 1), design(t, 2)
	elsewhere := func(w *world) *world { // another trail of the same parties
		other := newWorld(w.t)
		other.begin(9)
		return other
	}
	return []forgery{
		{"a space in an envelope", Entries, "not in canonical form", func(w *world, in *Input) {
			w.put(append(w.sign(approval(w, two), "carrier 2"), ' '), nil)
		}},
		{"a space in what is signed", Entries, "what is signed is not in canonical form", func(w *world, in *Input) {
			right := w.opened(approval(w, two), "carrier 2")
			body := append(bytes.Clone(right.body), ' ')
			w.put(w.enclose(body, ed25519.Sign(keyOf("carrier 2"), dsse.PAE(PayloadType, body))), nil)
		}},
		{"a signature too many", Entries, "2 signatures for 1 signers", func(w *world, in *Input) {
			right := w.opened(approval(w, two), "carrier 2")
			w.put(w.enclose(right.body, right.signatures[0], right.signatures[0]), nil)
		}},
		{"a signature too few", Entries, "0 signatures for 1 signers", func(w *world, in *Input) {
			w.put(w.enclose(w.opened(approval(w, two), "carrier 2").body), nil)
		}},
		{"the name of a key", Entries, "no names of keys", func(w *world, in *Input) {
			w.put(bytes.Replace(w.sign(approval(w, two), "carrier 2"), []byte(`"keyid":""`), []byte(`"keyid":"a"`), 1), nil)
		}},
		{"a signature of another key", Signatures, "signature 2 is not one of", func(w *world, in *Input) {
			e := w.draft(KindApprove, by{"carrier 2", Approver}, by{"bank", Reviewer})
			about(6, two)(e)
			right := w.opened(e, "carrier 2", "bank")
			w.put(w.enclose(right.body, right.signatures[0], right.signatures[0]), nil)
		}},
		{"a milestone of one coordinator of two", Receipts, "2 are needed", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), nil)
			last := w.items[len(w.items)-1]
			r, err := notary.ParseReceipt(last.Receipt)
			if err != nil {
				w.t.Fatal(err)
			}
			m, err := notary.ParseMilestone(r.Milestone)
			if err != nil {
				w.t.Fatal(err)
			}
			r.Milestone = m.Sign(keyOf("coordinator 1"), keyOf("somebody"))
			if last.Receipt, err = r.JSON(); err != nil {
				w.t.Fatal(err)
			}
		}},
		{"a record of a report in place of one of a trail", Receipts, "the record has 66 bytes", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), nil)
			block := (&notary.Block{Parents: []notary.ID{{1}}, Tag: []byte(Tag), Data: notary.NewRecord(w.digest, w.salt, w.block).Bytes()}).Bytes()
			last := w.items[len(w.items)-1]
			r, err := notary.ParseReceipt(last.Receipt)
			if err != nil {
				w.t.Fatal(err)
			}
			r.Block = block
			if last.Receipt, err = r.JSON(); err != nil {
				w.t.Fatal(err)
			}
		}},
		{"a receipt that is missing in the middle", Receipts, "has no receipt, and one after it has", func(w *world, in *Input) { w.items[4].Receipt = nil }},
		{"a record with another number", Records, "the record has the number 77", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), func(r *Record) { r.Number = 77 })
		}},
		{"a record of another trail", Records, "the record is of the trail 09", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), func(r *Record) { r.Trail = ID{9} })
		}},
		{"a record of another entry", Records, "commits to another entry", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), func(r *Record) { r.Commitment[0] ^= 1 })
		}},
		{"a record that says that it is not blinded", Records, "the record is blinded and the receipt has no salt", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), func(r *Record) { r.Blinded = false })
		}},
		{"restart: another genesis of the same parties", Trail, "another genesis", func(w *world, in *Input) {
			*w = *newWorld(w.t)
			w.begin(2)
			w.add(KindReport, brought(two), by{"shop", Architect})
		}},
		{"no genesis", Trail, "not with a genesis", func(w *world, in *Input) { w.items = w.items[1:] }},
		{"an entry of another trail, with its receipt", Origin, "is of the trail", func(w *world, in *Input) {
			other := elsewhere(w)
			other.time, other.index = w.time, w.index
			other.add(KindReport, brought(two), by{"shop", Architect})
			w.items = append(w.items, other.items[1])
		}},
		{"an entry that names another trail", Origin, "is of the trail", func(w *world, in *Input) {
			e := approval(w, two)
			e.Trail = elsewhere(w).id.String()
			id, err := ParseID(e.Trail)
			if err != nil {
				w.t.Fatal(err)
			}
			w.put(w.sign(e, "carrier 2"), func(r *Record) { r.Trail = id })
		}},
		{"a gap: entry 4, an objection, is gone", Numbers, "entry 4 has the number 5", func(w *world, in *Input) {
			w.items = slices.Delete(w.items, 3, 4)
		}},
		{"an entry that leaves a number out", Numbers, "entry 11 has the number 12", func(w *world, in *Input) {
			e := approval(w, two)
			e.Number++
			w.put(w.sign(e, "carrier 2"), func(r *Record) { r.Number++ })
		}},
		{"fork: an entry twice", Numbers, "entry 11 has the number 10", func(w *world, in *Input) { w.items = append(w.items, w.items[9]) }},
		{"a second genesis", Origin, "is of the trail", func(w *world, in *Input) {
			other := newWorld(w.t)
			other.time, other.index = w.time, w.index
			other.begin(3)
			w.items = append(w.items, other.items[0])
		}},
		{"an entry on another branch of a fork", Links, "goes on from the entry", func(w *world, in *Input) {
			e := approval(w, two)
			e.Previous = strings.Repeat("0", 64)
			w.put(w.sign(e, "carrier 2"), nil)
		}},
		{"a record on another branch of a fork", Links, "follows the block", func(w *world, in *Input) {
			w.put(w.sign(approval(w, two), "carrier 2"), func(r *Record) { r.Previous = notary.ID{5} })
		}},
		{"a genesis that follows another record", Links, "the record of entry 1 follows the block", func(w *world, in *Input) {
			*w = *newWorld(w.t)
			w.put(w.sign(genesisOf(1), "shop", "carrier"), func(r *Record) { r.Previous = notary.ID{5} })
		}},
		{"a milestone of an earlier time", Order, "is in milestone 11 at", func(w *world, in *Input) {
			w.time = w.time.AddDate(0, 0, -3)
			w.put(w.sign(approval(w, two), "carrier 2"), nil)
		}},
		{"a milestone of an earlier index", Order, "is in milestone 3 at", func(w *world, in *Input) {
			w.index = 2
			w.put(w.sign(approval(w, two), "carrier 2"), nil)
		}},
		{"a stranger", Parties, "is the key of no party", func(w *world, in *Input) {
			w.add(KindApprove, about(6, two), by{"stranger", Approver})
		}},
		{"a key that was replaced", Parties, "was replaced by", func(w *world, in *Input) {
			w.add(KindApprove, about(6, two), by{"carrier", Approver})
		}},
		{"a new key that another party has", Parties, "cannot be a new key", func(w *world, in *Input) {
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("bank") }, by{"shop", AsFrom}, by{"bank", AsTo})
		}},
		{"a new key that is the one for recovery", Parties, "cannot be a new key", func(w *world, in *Input) {
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("recovery") }, by{"shop", AsFrom}, by{"recovery", AsTo})
		}},
		{"a new key that is an issuer's, who then would give itself a role", Parties, "cannot be a new key", func(w *world, in *Input) {
			*w = *accredited(w.t)
			in.Trail, in.Document = w.id.String(), one
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("board") }, by{"acme", AsFrom}, by{"board", AsTo})
		}},
		{"a stranger who revokes", Parties, "is the key of no party", func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("shop"), 90 }, by{"stranger", AsFounder})
		}},
		{"another key for recovery", Parties, "is not the recovery key", func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("shop"), 90 }, by{"bank", AsRecovery})
		}},
		{"post-dating: a stolen key that was revoked", Revocations, "revoked from milestone 10 on, and signs in milestone 11", func(w *world, in *Input) {
			w.add(KindObject, func(e *Entry) { about(6, two)(e); e.Because = "stolen" }, by{"tester", Reviewer})
		}},
		{"a revoked key that revokes", Revocations, "revoked from milestone 10 on", func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("shop"), 90 }, by{"tester", AsFounder})
		}},
		{"a revoked key that puts another in its place", Revocations, "revoked from milestone 10 on", func(w *world, in *Input) {
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("thief") }, by{"tester", AsFrom}, by{"thief", AsTo})
		}},
		{"the key that a thief put in the place of one that was revoked later", Revocations, "was revoked from milestone 11 on", func(w *world, in *Input) {
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("thief") }, by{"bank", AsFrom}, by{"thief", AsTo})
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("bank"), 11 }, by{"recovery", AsRecovery})
			w.add(KindObject, func(e *Entry) { about(6, two)(e); e.Because = "stolen" }, by{"thief", Reviewer})
		}},
		{"an expired role", Roles, "bank has not the role approver on 2027-01-11", func(w *world, in *Input) {
			w.add(KindApprove, about(6, two), by{"bank", Approver})
		}},
		{"a role that is still to come", Roles, "tester has not the role reviewer on 2027-01-02", func(w *world, in *Input) {
			*w = *newWorld(w.t)
			w.begin(1)
			w.day = 0
			w.add(KindReport, brought(two), by{"shop", Architect})
			w.add(KindApprove, about(2, two), by{"tester", Reviewer})
		}},
		{"an unfit role: who approves brings a report", Roles, "carrier has not the role architect", func(w *world, in *Input) {
			w.add(KindReport, brought(two), by{"carrier 2", Architect})
		}},
		{"an unfit role: the shop is its own auditor", Roles, "shop has not the role auditor", func(w *world, in *Input) {
			w.add(KindCountersign, passed(6, two), by{"shop", Auditor})
		}},
		{"an approval of another version of the document", Subjects, "another version", func(w *world, in *Input) {
			w.add(KindApprove, about(6, one), by{"carrier 2", Approver})
		}},
		{"an approval of what is no report", Subjects, "brings no report", func(w *world, in *Input) {
			w.add(KindApprove, about(5, two), by{"carrier 2", Approver})
		}},
		{"a revocation of a key that nobody has", Subjects, "which no party has or had", func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("stranger"), 90 }, by{"recovery", AsRecovery})
		}},
		{"rollback: a lower head than one that is known", Known, "it was rolled back", func(w *world, in *Input) {
			in.Known = &Head{w.id.String(), 10, hex.EncodeToString(w.digest[:])}
			w.cut(1)
		}},
		{"fork: another entry where one is known", Known, "you know another entry 10", func(w *world, in *Input) {
			in.Known = &Head{w.id.String(), 10, hex.EncodeToString(w.digest[:])}
			w.cut(1)
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("tester"), 99 }, by{"recovery", AsRecovery})
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("shop 2") }, by{"shop", AsFrom}, by{"shop 2", AsTo})
		}},
		{"a head of another trail that is known", Known, "this is another trail", func(w *world, in *Input) {
			in.Known = &Head{strings.Repeat("0", 64), 10, hex.EncodeToString(w.digest[:])}
		}},
		{"fork: the ledger has another record with the number", Forks, "another record with the number 10", func(w *world, in *Input) {
			w.seal(Record{true, w.id, 10, [32]byte{1}, w.block}.Bytes())
		}},
		{"rollback: the ledger has a newer record", Fresh, "the ledger has entry 10 in milestone 10", func(w *world, in *Input) {
			ledger := w.ledger
			w.cut(1)
			w.ledger = ledger
		}},
		{"the ledger was rolled back", Fresh, "does not have the record of entry 10", func(w *world, in *Input) { w.ledger = w.ledger[:9] }},
		{"too old", Age, "31 days before", func(w *world, in *Input) { in.AsOf = w.time.AddDate(0, 0, 30).Format(time.DateOnly) }},
		{"from a day that is still to come", Age, "still to come", func(w *world, in *Input) { in.AsOf = "2027-01-02" }},
		{"an earlier version of the document", Document, "another version", func(w *world, in *Input) { in.Document = one }},
		{"a version of the document that is in no entry", Document, "another version", func(w *world, in *Input) { in.Document = design(t, 3) }},
		{"a document of another design", Document, `about "E"`, func(w *world, in *Input) {
			r, err := document.Parse(two)
			if err != nil {
				t.Fatal(err)
			}
			r.Design = "E"
			if in.Document, err = r.Canonical(); err != nil {
				t.Fatal(err)
			}
			w.cut(5)
			w.add(KindReport, brought(in.Document), by{"shop", Architect})
			approve(w, in.Document)
		}},
		{"a missing approval", Policy, "entry 6 needs 2 of {shop, carrier, bank}, and has 1: bank", func(w *world, in *Input) {
			w.cut(3)
			w.add(KindCountersign, passed(6, two), by{"acme", Auditor})
		}},
		{"a missing countersignature", Policy, "entry 6 needs 1 auditor, and has 0", func(w *world, in *Input) { w.cut(2) }},
		{"an approval of the version before", Policy, "and has 0", func(w *world, in *Input) { w.cut(4) }},
		{"one party that approves twice, with the old key and the new one", Policy, "and has 1: carrier", func(w *world, in *Input) {
			*w = *newWorld(w.t)
			w.begin(1)
			w.add(KindReport, brought(one), by{"shop", Architect})
			w.add(KindApprove, about(2, one), by{"carrier", Approver})
			w.add(KindRotate, func(e *Entry) { e.Key = didOf("carrier 2") }, by{"carrier", AsFrom}, by{"carrier 2", AsTo})
			w.add(KindApprove, about(2, one), by{"carrier 2", Approver})
			w.add(KindCountersign, passed(2, one), by{"acme", Auditor})
			in.Document = one
		}},
		{"an objection that stands", Policy, "objections to entry 6 stand: carrier as approver in entry 11", func(w *world, in *Input) {
			w.add(KindObject, func(e *Entry) { about(6, two)(e); e.Because = "no" }, by{"carrier 2", Approver})
		}},
		{"an audit that failed", Policy, "acme as auditor in entry 11", func(w *world, in *Input) {
			w.add(KindCountersign, func(e *Entry) { passed(6, two)(e); e.Result = ResultFailed }, by{"acme", Auditor})
		}},
		{"an approval by a key that was stolen before it", Policy, "and has 1: bank", func(w *world, in *Input) {
			w.add(KindRevoke, func(e *Entry) { e.Key, e.Milestone = didOf("carrier 2"), 8 }, by{"bank", AsFounder})
		}},
		{"a new version that nobody approved", Policy, "entry 11 needs", func(w *world, in *Input) {
			in.Document = design(t, 3)
			w.add(KindReport, brought(in.Document), by{"shop", Architect})
		}},
		{"no predecessor named", Predecessor, "it names none", func(w *world, in *Input) {
			w.before = honest(t)
			in.Before = mustVerify(t, w.before.input(two))
		}},
		{"another end of the predecessor", Predecessor, "the trail given ends with entry 10", func(w *world, in *Input) {
			in.Before = mustVerify(t, w.input(two))
			end := in.Before.Head
			end.Number = 9
			successor(w, end, "recovery", in)
		}},
		{"a predecessor that does not hold", Predecessor, "does not hold by itself", func(w *world, in *Input) {
			w.add(KindApprove, about(6, two), by{"stranger", Approver})
			in.Before = mustVerify(t, w.input(two))
			successor(w, in.Before.Head, "recovery", in)
		}},
		{"a successor by somebody else's recovery key", Predecessor, "its recovery key is", func(w *world, in *Input) {
			in.Before = mustVerify(t, w.input(two))
			successor(w, in.Before.Head, "usurper", in)
		}},
	}
}

func approval(w *world, data []byte) *Entry {
	e := w.draft(KindApprove, by{"carrier 2", Approver})
	about(6, data)(e)
	return e
}

// approve has the newest report approved as the policy asks for.
func approve(w *world, data []byte) {
	n := uint32(len(w.items))
	w.add(KindApprove, about(n, data), by{"carrier 2", Approver}, by{"shop", Approver})
	w.add(KindCountersign, passed(n, data), by{"acme", Auditor})
}

// successor begins another trail that goes on from an end.
func successor(w *world, end Head, recovery string, in *Input) {
	old := *w
	*w = *newWorld(w.t)
	w.before, w.time = &old, old.time
	g := genesisOf(5)
	g.Genesis.Recovery = didOf(recovery)
	w.put(w.sign(g, "shop", "carrier"), nil)
	w.add(KindSuccessor, func(e *Entry) { e.Old = &end }, by{recovery, AsRecovery})
	w.add(KindReport, brought(in.Document), by{"shop", Architect})
	w.add(KindApprove, about(3, in.Document), by{"carrier", Approver}, by{"shop", Approver})
	w.add(KindCountersign, passed(3, in.Document), by{"acme", Auditor})
	in.Trail = w.id.String()
}

// forge makes the trail, and what is asked of it.
func (f *forgery) forge(t *testing.T) (*world, *Input) {
	w := honest(t)
	in := w.input(design(t, 2))
	f.make(w, in)
	now := w.input(nil)
	in.Entries, in.Ledger = now.Entries, now.Ledger
	if f.check != Age {
		in.AsOf = now.AsOf
	}
	return w, in
}

// Each forgery is refused by its own check, and by no other one: both verifiers say so.
func TestForgeries(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range forgeries(t) {
		seen[f.check] = true
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w, in := f.forge(t)
			r := (&question{in, w.before}).agree(t, f.name)
			names, says := failed(r)
			if !slices.Equal(names, []string{f.check}) || !strings.Contains(says[0], f.says) || r.Passed {
				t.Errorf("it is refused by %q, expected %s: %s", says, f.check, f.says)
			}
		})
	}
	for _, c := range mustVerify(t, honest(t).input(nil)).Checks { // not those that a trust file has to ask for
		if !seen[c.Name] {
			t.Errorf("no forgery is refused by the check %s", c.Name)
		}
	}
}

// A trust file that asks for witnesses refuses a trail whose milestones nobody has witnessed, by that check alone.
func TestUnwitnessed(t *testing.T) {
	t.Parallel()
	w := honest(t)
	in := w.input(design(t, 2))
	asking := *w.trust
	asking.Log = &witness.Policy{}
	in.Trust = &asking
	if names, says := failed(mustVerify(t, in)); !slices.Equal(names, []string{Witnesses}) || !strings.Contains(says[0], "there is no proof that the log has milestone 1") {
		t.Errorf("it is refused by %q", says)
	}
}

// A successor with the end that there is passes.
func TestSuccessor(t *testing.T) {
	t.Parallel()
	w := honest(t)
	in := w.input(design(t, 2))
	in.Before = mustVerify(t, in)
	old := in.Before.Head
	successor(w, old, "recovery", in)
	now := w.input(in.Document)
	now.Before = in.Before
	if r := mustVerify(t, now); !r.Passed {
		_, says := failed(r)
		t.Error(says)
	}
}

// Every change of one bit of an envelope is refused: by its form, or by a signature.
func TestTamper(t *testing.T) {
	t.Parallel()
	w := honest(t)
	for i, item := range w.items {
		data := item.Files[0]
		for at := range data {
			changed := bytes.Clone(data)
			changed[at] ^= 1 << (at % 7)
			s, err := Open(changed)
			if err == nil {
				err = s.Check()
			}
			if err == nil {
				t.Fatalf("entry %d with byte %d changed is taken", i+1, at)
			}
		}
	}
}

// Every change of one byte of a receipt is refused, and a receipt of another entry.
func TestTamperReceipt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin(1)
	good := w.items[0].Receipt
	for at := range good {
		changed := bytes.Clone(good)
		changed[at] ^= 1
		w.items[0].Receipt = changed
		in := w.input(nil)
		in.Document = nil
		if r := mustVerify(t, in); r.Passed {
			t.Fatalf("a receipt with byte %d changed is taken", at)
		}
	}
	w.items[0].Receipt = good
	w.add(KindReport, brought(design(t, 1)), by{"shop", Architect})
	w.items[1].Receipt = good
	if names, says := failed(mustVerify(t, w.input(nil))); !slices.Contains(names, Records) {
		t.Errorf("the receipt of another entry: %q", says)
	}
}
