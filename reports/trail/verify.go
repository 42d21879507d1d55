package trail

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Names of the checks, in the order in which they are listed.
const (
	Entries     = "entries"
	Signatures  = "signatures"
	Receipts    = "receipts"
	Witnesses   = "witnesses"
	Stamps      = "time stamps"
	Records     = "records"
	Trail       = "trail"
	Origin      = "origin"
	Numbers     = "numbers"
	Links       = "links"
	Order       = "order"
	Parties     = "parties"
	Revocations = "revocations"
	Roles       = "roles"
	Credentials = "credentials"
	Issuers     = "issuers"
	Subjects    = "subjects"
	Seals       = "seals"
	Identities  = "identities"
	Known       = "known"
	Forks       = "forks"
	Fresh       = "fresh"
	Age         = "age"
	Document    = "document"
	Policy      = "policy"
	Predecessor = "predecessor"
)

// checks are all checks with what is so when they pass.
var checks = []struct{ name, means string }{
	{Entries, "each entry is in its one canonical form, with what its kind has"},
	{Signatures, "each entry is signed by all the signers that it names"},
	{Receipts, "each entry's record is in a milestone that enough trusted coordinators signed"},
	{Witnesses, "the log of the network's milestones has each entry's, and enough outside witnesses had seen that, soon enough"},
	{Stamps, "an authority that you trust has stamped each entry's milestone, soon enough"},
	{Records, "each record is of its entry: the trail, the number, the commitment"},
	{Trail, "the trail begins with the genesis that you expect (--trail)"},
	{Origin, "each entry names this trail"},
	{Numbers, "the numbers go up by one, from the genesis on"},
	{Links, "each entry names the one before it, and each record the block before it"},
	{Order, "milestones and times do not run backwards"},
	{Parties, "each signer's key is one that a party had in use then"},
	{Revocations, "no signer's key or credential was revoked at the entry's milestone"},
	{Roles, "each signer had its role on the day of the entry's milestone"},
	{Credentials, "each credential is its signer's, for the role, by an issuer of the genesis, and valid at the time of the entry's milestone"},
	{Issuers, "your trust file names each issuer of a credential, for the role"},
	{Subjects, "each approval, objection, countersignature, disclosure and revocation is about something in this trail, and of that version"},
	{Seals, "each sealed document is there, as its entry names it"},
	{Identities, "each party for whose key a did:web or did:iota vouches has it by the document that the genesis keeps"},
	{Known, "the trail goes on from the head that you know (--known)"},
	{Forks, "the ledger has no other record with a number of this trail"},
	{Fresh, "the ledger has no newer record of this trail"},
	{Age, "the newest entry is not older than you accept (--max-age)"},
	{Document, "the document given is the newest one of the trail"},
	{Policy, "the newest document is approved by the trail's policy"},
	{Predecessor, "the trail goes on from the end of the one given, by the same recovery key"},
}

// Input is what a verifier has. What is nil or empty was not given.
type Input struct {
	Entries  notary.Items
	Trust    *notary.Trust
	Trail    string // the ID that is expected
	Known    *Head  // a head seen before; its Trail may be empty
	Document []byte // that must be the newest
	Salt     string // of a sealed document that was not disclosed, in hexadecimal
	Before   *Result
	AsOf     string // YYYY-MM-DD: the day of the verification
	MaxAge   int    // days from the newest entry's milestone to AsOf

	// Ledger is what the ledger has under [Tag], if Searched.
	Ledger   []notary.Found
	Searched bool

	Drafting bool // whether the newest document is approved, and whose credentials are believed, is not asked: an entry is to be added
}

// verifier makes the checks.
type verifier struct {
	in      *Input
	keep    bool // tell each entry
	asOf    time.Time
	result  Result
	state   *state
	id      ID
	digest  [32]byte // of the entry before
	block   notary.ID
	records [][]byte // of the ledger, by number from 1 on; nil where it was not searched
	known   string   // the SHA-256 of the entry with the number that Known has; "": there is none
}

// Verify makes all checks. With tell the result has each entry. The error is one of reading the entries, or of what was asked for: what is wrong with the trail is in the result.
func Verify(ctx context.Context, in *Input, tell bool) (*Result, error) {
	asOf, err := time.Parse(time.DateOnly, in.AsOf)
	if err != nil {
		return nil, fmt.Errorf("the day of the verification is %q, expected a date such as 2027-01-31", in.AsOf)
	}
	v := &verifier{in: in, asOf: asOf, keep: tell}
	for _, c := range checks {
		if c.name == Witnesses && in.Trust.Log == nil || c.name == Stamps && in.Trust.Stamps == nil {
			continue // nobody asks
		}
		v.result.Checks = append(v.result.Checks, audit.Check{Name: c.name, Means: c.means, Status: audit.NotMade, Asked: true})
	}
	v.check(Trail).Asked = in.Trail != ""
	v.check(Known).Asked = in.Known != nil
	v.check(Forks).Asked, v.check(Fresh).Asked = in.Searched, in.Searched
	v.check(Age).Asked = in.MaxAge > 0
	v.check(Document).Asked = in.Document != nil
	v.check(Predecessor).Asked = in.Before != nil
	v.check(Policy).Asked = !in.Drafting
	v.check(Issuers).Asked = !in.Drafting
	for _, name := range v.outside() {
		v.check(name).Asked = !in.Drafting
	}
	n := 0
	for item, err := range in.Entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		n++
		if item.Receipt == nil {
			v.result.Waiting++
			continue
		}
		if v.result.Waiting > 0 {
			v.fail(Receipts, "entry %d has no receipt, and one after it has", n-1)
			break
		}
		if !v.entry(uint32(n), item) {
			break
		}
	}
	v.close(uint32(n - v.result.Waiting))
	return &v.result, nil
}

// outside are the checks that the trust file asks for of those who are no party of the Tangle.
func (v *verifier) outside() (names []string) {
	if v.in.Trust.Log != nil {
		names = append(names, Witnesses)
	}
	if v.in.Trust.Stamps != nil {
		names = append(names, Stamps)
	}
	return names
}

func (v *verifier) check(name string) *audit.Check {
	i := slices.IndexFunc(v.result.Checks, func(c audit.Check) bool { return c.Name == name })
	return &v.result.Checks[i]
}

// maxError is how much of an error is kept, in bytes: it may quote what a forger has written.
const maxError = 2000

// fail keeps the first reason why a check failed.
func (v *verifier) fail(name, format string, args ...any) {
	c := v.check(name)
	if c.Status == audit.Failed {
		return
	}
	if c.Status, c.Detail = audit.Failed, fmt.Sprintf(format, args...); len(c.Detail) > maxError {
		c.Detail = strings.ToValidUTF8(c.Detail[:maxError], "") + "…"
	}
}

// pass says what a check found, unless it failed.
func (v *verifier) pass(name, format string, args ...any) {
	if c := v.check(name); c.Status == audit.NotMade {
		c.Status, c.Detail = audit.Passed, fmt.Sprintf(format, args...)
	}
}

func (v *verifier) skip(why string, names ...string) {
	for _, name := range names {
		if c := v.check(name); c.Status == audit.NotMade && c.Detail == "" {
			c.Detail = why
		}
	}
}

// entry checks the entry at a place of the trail. It returns false where nothing after it can be judged.
func (v *verifier) entry(n uint32, item *notary.Item) bool {
	s, err := Open(item.Files[0])
	if err != nil {
		v.fail(Entries, "entry %d: %v", n, err)
		return false // what follows names its digest, and may depend on what it says
	}
	if n == 1 && !v.genesis(s) {
		return false
	}
	whole := true
	if err := s.Check(); err != nil {
		v.fail(Signatures, "entry %d: %v", n, err)
		whole = false
	}
	receipt, place, record, err := v.located(item.Receipt)
	if err != nil {
		v.fail(Receipts, "entry %d: %v", n, err)
		return false
	}
	if _, err := v.in.Trust.Witnessed(place, item.Proof); err != nil && !v.in.Drafting {
		v.fail(Witnesses, "entry %d: %v", n, err)
		whole = false
	}
	if _, err := v.in.Trust.Stamped(place, receipt, item.Stamp); err != nil && !v.in.Drafting {
		v.fail(Stamps, "entry %d: %v", n, err)
		whole = false
	}
	err = record.opens(s.Digest, receipt.Salt)
	switch {
	case record.Trail != s.ID:
		err = fmt.Errorf("the record is of the trail %s, and the entry of %s", record.Trail, s.ID)
	case record.Number != s.Number:
		err = fmt.Errorf("the record has the number %d, and the entry %d", record.Number, s.Number)
	}
	if err != nil {
		v.fail(Records, "entry %d: %v", n, err)
		whole = false
	}
	switch {
	case s.ID != v.id:
		v.fail(Origin, "entry %d is of the trail %s", n, s.ID)
		whole = false
	case s.Number != n:
		v.fail(Numbers, "entry %d has the number %d", n, s.Number)
		whole = false
	case n > 1 && s.Previous != hex.EncodeToString(v.digest[:]):
		v.fail(Links, "entry %d goes on from the entry with the SHA-256 %s, and the one before it has %x", n, s.Previous, v.digest)
		whole = false
	case record.Previous != v.block:
		v.fail(Links, "the record of entry %d follows the block %s, and the one before it is in %s", n, record.Previous, v.block)
		whole = false
	}
	if n > 1 && (place.Index < v.result.last.Index || place.Time.Before(v.result.last.Time)) {
		v.fail(Order, "entry %d is in milestone %d at %s, the one before it in %d at %s", n, place.Index, stamp(place.Time), v.result.last.Index, stamp(v.result.last.Time))
		whole = false
	}
	if err := s.encloses(item.Files[1]); err != nil {
		v.fail(Seals, "entry %d: %v", n, err)
	}
	allowed := whole
	if whole {
		for check, err := range v.state.admit(&s.Entry, at{place.Index, place.Time}) {
			v.fail(check, "entry %d: %v", n, err)
			allowed = false
		}
	}
	if v.in.Searched {
		v.records = append(v.records, record.Bytes())
	}
	if v.keep {
		v.result.Entries = append(v.result.Entries, Told{
			Number: n, Kind: s.Kind, Signers: s.Signers, Parties: v.state.names(s.Signers), Time: stamp(place.Time), Milestone: place.Index, Allowed: allowed, About: gist(&s.Entry),
		})
	}
	v.digest, v.block, v.result.last = s.Digest, place.Block, *place
	v.result.Head = Head{v.id.String(), n, hex.EncodeToString(s.Digest[:])}
	v.result.Time = stamp(place.Time)
	if k := v.in.Known; k != nil && k.Number == n {
		v.known = v.result.Head.SHA256
	}
	return true
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// genesis takes the first entry.
func (v *verifier) genesis(s *Signed) bool {
	if s.Kind != KindGenesis {
		v.fail(Trail, "it begins with entry %d of the trail %s, and not with a genesis", s.Number, s.ID)
		return false
	}
	v.id, v.state = s.ID, newState(s.ID.String(), s.Genesis)
	v.result.Resource, v.result.Policy, v.result.state = s.Genesis.Resource, s.Genesis.PolicyText(), v.state
	if err := s.Genesis.vouched(v.in.Trust); err != nil {
		v.fail(Identities, "%v", err)
	}
	switch {
	case v.in.Trail == "":
		v.skip(fmt.Sprintf("it is %s; say which trail you expect with --trail", v.id), Trail)
	case v.in.Trail != v.id.String():
		v.fail(Trail, "it is the trail %s, expected %s: another genesis", v.id, v.in.Trail)
	default:
		v.pass(Trail, "%s", v.id)
	}
	return true
}

// located checks a receipt by itself, and reads the record that it shows.
func (v *verifier) located(data []byte) (r *notary.Receipt, place *notary.Place, record Record, err error) {
	if r, err = notary.ParseReceipt(data); err != nil {
		return nil, nil, record, err
	}
	place, err = notary.Locate(r, v.in.Trust, Tag, func(data []byte) (err error) {
		record, err = ParseRecord(data)
		return err
	})
	return r, place, record, err
}

// close makes the checks of the trail as a whole, of n entries with receipts.
func (v *verifier) close(n uint32) {
	r := &v.result
	done := r.Head.Number == n && n > 0
	all := fmt.Sprintf("all of %s", plain.Thousands(int(n)))
	switch {
	case n == 0:
		all = "no entry of the trail is on a ledger yet"
	case !done:
		all = "an entry before it cannot be read"
	}
	if !done {
		for _, c := range r.Checks {
			v.skip(all, c.Name)
		}
	} else {
		for _, name := range []string{Entries, Signatures, Receipts, Records, Origin, Numbers, Links, Order, Parties, Revocations, Roles, Credentials, Subjects, Seals, Identities} {
			v.pass(name, "%s", all)
		}
		for _, name := range v.outside() {
			if !v.in.Drafting {
				v.pass(name, "%s", all)
			}
		}
		whole := !v.failed()
		v.head()
		v.issuers(all)
		if whole {
			v.ledger()
			v.document()
			v.predecessor()
		} else {
			v.skip("the entries do not hold", Forks, Fresh, Document, Policy, Predecessor)
		}
	}
	for i := range r.Entries {
		t := &r.Entries[i]
		t.Void = t.Allowed && (brings(t.Kind) || speaks(t.Kind)) && !slices.ContainsFunc(t.Signers, func(g Signer) bool { return v.state.counts(g, t.Milestone) })
	}
	failed := v.failed()
	r.Passed = !failed && !slices.ContainsFunc(r.Checks, func(c audit.Check) bool { return c.Asked && c.Status != audit.Passed })
	switch {
	case failed:
		r.Summary = "the trail does not hold"
	case !r.Passed:
		r.Summary = "the trail is not complete: not all that was asked for could be checked"
	default:
		r.Summary = fmt.Sprintf("the trail holds, up to entry %d of %s", r.Head.Number, r.Time)
		var open []string
		if v.check(Trail).Status != audit.Passed {
			open = append(open, "whether it is the trail that you mean (--trail)")
		}
		if v.check(Fresh).Status != audit.Passed {
			open = append(open, "whether there are newer entries (--tangle)")
		}
		if len(open) > 0 {
			r.Summary += "; not asked: " + strings.Join(open, ", ")
		}
	}
}

func (v *verifier) failed() bool {
	return slices.ContainsFunc(v.result.Checks, func(c audit.Check) bool { return c.Status == audit.Failed })
}

// head compares the newest entry with what is known and with the day.
func (v *verifier) head() {
	r, k := &v.result, v.in.Known
	switch {
	case k == nil:
		v.skip("you know no head; `vauban trail head` prints one to keep for --known", Known)
	case k.Number > r.Head.Number:
		v.fail(Known, "you know entry %d, and the trail ends with %d: it was rolled back", k.Number, r.Head.Number)
	case k.Trail != "" && k.Trail != r.Head.Trail:
		v.fail(Known, "you know a head of the trail %s: this is another trail", k.Trail)
	case v.known != k.SHA256 || v.known == "":
		v.fail(Known, "you know another entry %d, with the SHA-256 %s: this trail has %s there", k.Number, k.SHA256, cmp.Or(v.known, "none"))
	default:
		v.pass(Known, "entry %d, with %d after it", k.Number, r.Head.Number-k.Number)
	}
	day := r.last.Time.UTC().Truncate(24 * time.Hour)
	old := int(v.asOf.Sub(day) / (24 * time.Hour))
	switch {
	case day.After(v.asOf.AddDate(0, 0, 1)):
		v.fail(Age, "it is from %s, which is still to come on %s", r.Time, v.in.AsOf)
	case v.in.MaxAge == 0:
		v.skip("it is from "+r.Time+"; say how old it may be with --max-age", Age)
	case old > v.in.MaxAge:
		v.fail(Age, "it is from %s, %s before %s: at most %d are accepted", r.Time, plain.Number(old, "day"), v.in.AsOf, v.in.MaxAge)
	default:
		v.pass(Age, "it is from %s", r.Time)
	}
}

// ledger compares the trail with what the ledger has of it.
func (v *verifier) ledger() {
	if !v.in.Searched {
		v.skip("say which ledger has it with --tangle", Forks, Fresh)
		return
	}
	have := make([]bool, len(v.records))
	for _, f := range v.in.Ledger {
		record, err := ParseRecord(f.Data)
		if err != nil || record.Trail != v.id {
			continue
		}
		switch n := int64(record.Number); {
		case n > int64(len(v.records)):
			v.fail(Fresh, "the ledger has entry %d in milestone %d, block %s, and the trail ends with %d: ask the other parties for the entry", n, f.Index, f.Block, len(v.records))
		case n == 0 || !bytes.Equal(record.Bytes(), v.records[n-1]):
			v.fail(Forks, "the ledger has another record with the number %d, in milestone %d, block %s: ask the other parties for the entry", n, f.Index, f.Block)
		default:
			have[n-1] = true
		}
	}
	if i := slices.Index(have, false); i >= 0 {
		v.fail(Fresh, "the ledger does not have the record of entry %d: it is not the one that the trail is on, or was rolled back", i+1)
	}
	v.pass(Forks, "%s", plain.Number(len(have), "record"))
	v.pass(Fresh, "entry %d is the newest", v.result.Head.Number)
}

// document checks the newest report, or the document given and others of its kind, and who approved it.
func (v *verifier) document() {
	kind := KindReport
	if v.in.Document != nil {
		d, err := document.ParseDocument(v.in.Document)
		if err != nil {
			v.fail(Document, "%v", err)
			v.skip("the document cannot be read", Policy)
			return
		}
		head := d.Head()
		if kind = head.Kind; head.Design != v.result.Resource {
			v.fail(Document, "it is about %q, and the trail about %q", head.Design, v.result.Resource)
		}
	}
	c := v.state.newest(kind)
	switch {
	case c == nil && v.in.Document != nil:
		v.fail(Document, "the trail has no %s", kind)
		v.skip("there is nothing to approve", Policy)
		return
	case c == nil:
		v.skip("there is no "+kind+" in it", Document, Policy)
		v.check(Policy).Asked = false
		return
	case v.in.Document == nil:
		v.skip(fmt.Sprintf("give the %s of entry %d with --document", kind, c.Number), Document)
	case c.Sealed != nil && c.salt == "" && v.in.Salt == "":
		v.skip(fmt.Sprintf("the %s of entry %d is sealed; give its salt with --salt (`vauban trail open` tells it to a reader)", kind, c.Number), Document)
	case !c.is(v.in.Document, v.in.Salt):
		v.fail(Document, "its SHA-256 is %s, and the newest %s, entry %d, has %s%s: another version", document.Digest(v.in.Document), kind, c.Number, c.Document,
			map[bool]string{true: ", which with this salt is no commitment to it"}[c.Sealed != nil])
	default:
		v.pass(Document, "the %s of entry %d", kind, c.Number)
	}
	if v.in.Drafting {
		return
	}
	if err := v.state.approved(c); err != nil {
		v.fail(Policy, "%v", err)
		return
	}
	v.pass(Policy, "entry %d: %s", c.Number, v.result.Policy)
}

// predecessor compares the end of the trail before with the one that this one says that it goes on from.
func (v *verifier) predecessor() {
	old, before := v.state.old, v.in.Before
	switch {
	case before == nil && old == nil:
		v.skip("it names none", Predecessor)
	case before == nil:
		v.skip(fmt.Sprintf("it goes on from entry %d of %s; give that trail with --predecessor", old.Number, old.Trail), Predecessor)
	case old == nil:
		v.fail(Predecessor, "it names none")
	case before.state == nil || !before.Passed:
		v.fail(Predecessor, "the trail before does not hold by itself: `vauban trail verify` says why")
	case before.state.genesis.Recovery != v.state.genesis.Recovery:
		v.fail(Predecessor, "its recovery key is %s, that of the trail before is %s", v.state.genesis.Recovery, before.state.genesis.Recovery)
	case *old != before.Head:
		v.fail(Predecessor, "it goes on from entry %d of %s with the SHA-256 %s, and the trail given ends with entry %d of %s with %s",
			old.Number, old.Trail, old.SHA256, before.Head.Number, before.Head.Trail, before.Head.SHA256)
	default:
		v.pass(Predecessor, "entry %d of %s", old.Number, old.Trail)
	}
}
