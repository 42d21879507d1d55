package trail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// The forms that entries name.
const (
	EntrySchema = "vauban.trail-entry/1"
	PayloadType = "application/vnd.vauban.trail-entry+json"
)

// Limits of an entry.
const (
	MaxBytes   = 1 << 18 // of an envelope
	maxSigners = 64
	maxText    = 2000 // bytes of a reason
	maxReaders = 64
)

// ID is that of a trail: BLAKE2b-256 of the payload of its genesis.
type ID [32]byte

// String writes the ID in hexadecimal, without a prefix.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what [ID.String] writes.
func ParseID(text string) (ID, error) {
	if !isHex(text) {
		return ID{}, fmt.Errorf("%q is not the ID of a trail: expected 64 hexadecimal digits, as `vauban trail head` prints them", text)
	}
	data, err := hex.DecodeString(text)
	return ID(data), err
}

// The kinds of entries.
const (
	KindGenesis     = "genesis"
	KindReport      = "report"
	KindExplanation = "explanation"
	KindApprove     = "approve"
	KindObject      = "object"
	KindCountersign = "countersign"
	KindDisclose    = "disclose"
	KindRotate      = "rotate"
	KindRevoke      = "revoke"
	KindSuccessor   = "successor"
)

// The roles that a genesis gives.
const (
	Architect = "architect"
	Reviewer  = "reviewer"
	Approver  = "approver"
	Auditor   = "auditor"
)

// The capacities in which a key signs without a role given: as that of any party, as the one for recovery, as that of an issuer of credentials, as the old one or the new one of a rotation.
const (
	AsFounder  = "founder"
	AsRecovery = "recovery"
	AsIssuer   = "issuer"
	AsFrom     = "from"
	AsTo       = "to"
)

// GivenRoles are the roles that a genesis can give.
var GivenRoles = []string{Architect, Reviewer, Approver, Auditor}

// Speakers says who may sign an entry of a kind: each signer in one of these roles.
var Speakers = map[string][]string{
	KindGenesis:     {AsFounder},
	KindReport:      {Architect},
	KindExplanation: {Architect},
	KindApprove:     {Approver, Reviewer},
	KindObject:      {Approver, Reviewer, Auditor},
	KindCountersign: {Auditor},
	KindDisclose:    {AsFounder},
	KindRotate:      {AsFrom, AsTo},
	KindRevoke:      {AsFounder, AsRecovery, AsIssuer},
	KindSuccessor:   {AsRecovery},
}

// The results of an auditor.
const (
	ResultPassed = "passed"
	ResultFailed = "failed"
)

// Signer is who signs an entry, and in which role. A credential may show the role; else the genesis gives it.
type Signer struct {
	DID        string `json:"did"`
	Role       string `json:"role"`
	Credential string `json:"credential,omitempty"` // a JWT, see [attest.Credential]
}

// Entry is what is signed. Of the fields after Signers each kind has its own, and no other one.
type Entry struct {
	Schema   string   `json:"schema"`
	Kind     string   `json:"kind"`
	Trail    string   `json:"trail,omitempty"`    // the ID of the trail; none in the genesis, of which it is the hash
	Number   uint32   `json:"number"`             // 1 is the genesis
	Previous string   `json:"previous,omitempty"` // SHA-256 of the envelope of the entry before it; none in the genesis
	Signers  []Signer `json:"signers"`            // in the order of the signatures

	Genesis   *Genesis `json:"genesis,omitempty"`
	Document  string   `json:"document,omitempty"`  // SHA-256 of a report or explanation, or the commitment to one that is sealed; of report, explanation, approve, object, countersign, disclose
	Sealed    *Sealed  `json:"sealed,omitempty"`    // where only its readers have the document; of report, explanation
	Of        uint32   `json:"of,omitempty"`        // the entry with that document; of approve, object, countersign, disclose
	Salt      string   `json:"salt,omitempty"`      // with which the document gives the commitment of the entry that brought it; of disclose
	Result    string   `json:"result,omitempty"`    // of countersign
	Because   string   `json:"because,omitempty"`   // why; of object
	Key       string   `json:"key,omitempty"`       // the new key of rotate, the DID that revoke is about
	Withdrawn string   `json:"withdrawn,omitempty"` // SHA-256 of the credential that revoke is about, if it is none of a key
	Milestone uint32   `json:"milestone,omitempty"` // the first one at which the key or the credential counts no more; of revoke
	Old       *Head    `json:"old,omitempty"`       // where the trail ends that this one goes on from; of successor
}

// Sealed is a document that only its readers can open. The entry's Document then is SHA-256(salt | SHA-256 of the document), and the salt is sealed with it.
type Sealed struct {
	SHA256  string   `json:"sha256"`  // of the age file beside the entry
	Readers []string `json:"readers"` // DIDs
}

// Head names the newest entry of a trail.
type Head struct {
	Trail  string `json:"trail"`
	Number uint32 `json:"number"`
	SHA256 string `json:"sha256"` // of the entry's envelope
}

func isHex(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// speaks reports whether an entry is about what another one holds.
func speaks(kind string) bool {
	return kind == KindApprove || kind == KindObject || kind == KindCountersign
}

// brings reports whether an entry brings a document.
func brings(kind string) bool { return kind == KindReport || kind == KindExplanation }

// form checks what an entry says by itself, whatever trail it is in.
func (e *Entry) form() error {
	roles, ok := Speakers[e.Kind]
	if e.Schema != EntrySchema || !ok {
		return fmt.Errorf("it is a %q of the form %q, expected a kind of entry of the form %q", e.Kind, e.Schema, EntrySchema)
	}
	first := e.Kind == KindGenesis
	switch {
	case first && (e.Number != 1 || e.Trail != "" || e.Previous != ""):
		return errors.New("a genesis has the number 1, and names no trail and no entry before it")
	case !first && (e.Number < 2 || !isHex(e.Trail) || !isHex(e.Previous)):
		return errors.New("an entry has a number from 2 on, and names its trail and the entry before it by 64 hexadecimal digits each")
	case len(e.Signers) == 0 || len(e.Signers) > maxSigners:
		return fmt.Errorf("it has %d signers, expected 1 to %d", len(e.Signers), maxSigners)
	}
	for i, s := range e.Signers {
		if !slices.Contains(roles, s.Role) {
			return fmt.Errorf("signer %d has the role %q, and a %s is signed by %s", i+1, s.Role, e.Kind, strings.Join(roles, " or "))
		}
		if slices.ContainsFunc(e.Signers[:i], func(o Signer) bool { return o.DID == s.DID }) {
			return fmt.Errorf("signer %d appears twice", i+1)
		}
		if s.Credential == "" {
			continue
		}
		if !slices.Contains(GivenRoles, s.Role) {
			return fmt.Errorf("signer %d has a credential for %q, which is not a role that can be shown", i+1, s.Role)
		}
		if _, err := attest.ParseCredential(s.Credential); err != nil {
			return fmt.Errorf("signer %d: %w", i+1, err)
		}
	}
	return e.body()
}

// public returns the keys of the signers.
func (e *Entry) public() ([]ed25519.PublicKey, error) {
	var out []ed25519.PublicKey
	for i, s := range e.Signers {
		key, err := attest.ParseDID(s.DID)
		if err != nil {
			return nil, fmt.Errorf("signer %d: %w", i+1, err)
		}
		out = append(out, key)
	}
	return out, nil
}

// body checks the fields that depend on the kind: those of this kind are there, and no others.
func (e *Entry) body() error {
	rest := *e
	rest.Schema, rest.Kind, rest.Trail, rest.Number, rest.Previous, rest.Signers = "", "", "", 0, "", nil
	var err error
	switch e.Kind {
	case KindGenesis:
		if rest.Genesis = nil; e.Genesis == nil {
			err = errors.New("a genesis without its content")
		} else {
			err = e.Genesis.form(e.Signers)
		}
	case KindRotate:
		if rest.Key = ""; len(e.Signers) != 2 || e.Signers[0].Role != AsFrom || e.Signers[1] != (Signer{DID: e.Key, Role: AsTo}) {
			err = errors.New("a rotation is signed by the old key and then by the new one, which it names")
		}
	case KindRevoke:
		rest.Key, rest.Withdrawn, rest.Milestone = "", "", 0
		err = e.revokes()
	case KindSuccessor:
		if rest.Old = nil; e.Old == nil || !isHex(e.Old.Trail) || !isHex(e.Old.SHA256) || e.Old.Number == 0 || e.Number != 2 {
			err = errors.New("a successor is entry 2 of its trail, and names the ID of the old one, its last number and the SHA-256 of that entry")
		}
	default:
		if rest.Document = ""; !isHex(e.Document) {
			err = errors.New("it names its document by the SHA-256, in 64 hexadecimal digits")
		}
	}
	if brings(e.Kind) && e.Sealed != nil {
		if rest.Sealed = nil; err == nil {
			err = e.Sealed.form()
		}
	}
	if e.Kind == KindDisclose {
		if rest.Salt = ""; err == nil && !isHex(e.Salt) {
			err = errors.New("it has no salt of 64 hexadecimal digits")
		}
	}
	if speaks(e.Kind) || e.Kind == KindDisclose {
		if rest.Of = 0; err == nil && (e.Of < 2 || e.Of >= e.Number) {
			err = fmt.Errorf("it is about entry %d, expected one before it", e.Of)
		}
	}
	if e.Kind == KindCountersign {
		if rest.Result = ""; err == nil && e.Result != ResultPassed && e.Result != ResultFailed {
			err = fmt.Errorf("its result is %q, expected %s or %s", e.Result, ResultPassed, ResultFailed)
		}
	}
	if e.Kind == KindObject {
		if rest.Because = ""; err == nil && (strings.TrimSpace(e.Because) == "" || len(e.Because) > maxText) {
			err = fmt.Errorf("an objection says why, in at most %d bytes", maxText)
		}
	}
	if err == nil && (rest.Genesis != nil || rest.Old != nil || rest.Sealed != nil || rest.Document+rest.Salt+rest.Result+rest.Because+rest.Key+rest.Withdrawn != "" || rest.Of != 0 || rest.Milestone != 0) {
		err = fmt.Errorf("it has a field that a %s does not have", e.Kind)
	}
	return err
}

func (s *Sealed) form() error {
	if !isHex(s.SHA256) {
		return errors.New("it names what is sealed by the SHA-256, in 64 hexadecimal digits")
	}
	if len(s.Readers) == 0 || len(s.Readers) > maxReaders {
		return fmt.Errorf("it is sealed for %d readers, expected 1 to %d", len(s.Readers), maxReaders)
	}
	for i, did := range s.Readers {
		if _, err := attest.ParseDID(did); err != nil {
			return fmt.Errorf("reader %d: %w", i+1, err)
		}
		if slices.Contains(s.Readers[:i], did) {
			return fmt.Errorf("reader %d appears twice", i+1)
		}
	}
	return nil
}

// Signed is an entry in its envelope, of which only [Signed.Check] checks the signatures.
type Signed struct {
	Entry
	ID     ID       // of the trail that it says it is of; of a genesis, the one that begins with it
	Digest [32]byte // SHA-256 of the envelope

	body       []byte
	keys       []ed25519.PublicKey // of the signers
	signatures [][]byte
}

// Sign writes the envelope of an entry, signed with the keys of its signers, in their order. It is an error where it has another form than [Open] takes.
func Sign(e *Entry, keys []ed25519.PrivateKey) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("write entry: %w", err) }
	if err := e.form(); err != nil {
		return fail(err)
	}
	body, err := canonical.Marshal(e)
	if err != nil {
		return fail(err)
	}
	public, err := e.public()
	if err != nil {
		return fail(err)
	}
	if len(keys) != len(e.Signers) {
		return fail(fmt.Errorf("it has %d signers, and there are %d keys", len(e.Signers), len(keys)))
	}
	var signatures [][]byte
	for i, k := range keys {
		if !public[i].Equal(k.Public()) {
			return fail(fmt.Errorf("key %d is not that of %s", i+1, e.Signers[i].DID))
		}
		signatures = append(signatures, ed25519.Sign(k, dsse.PAE(PayloadType, body)))
	}
	data, err := envelope(body, signatures)
	if err != nil {
		return fail(err)
	}
	if len(data) > MaxBytes {
		return fail(fmt.Errorf("it is larger than %d KB", MaxBytes>>10))
	}
	return data, nil
}

// envelope has no names of keys: those are signed, in the payload, and tools that are given public keys try each.
func envelope(body []byte, signatures [][]byte) ([]byte, error) {
	e := dsse.Envelope{PayloadType: PayloadType, Payload: base64.StdEncoding.EncodeToString(body)}
	for _, s := range signatures {
		e.Signatures = append(e.Signatures, dsse.Signature{Sig: base64.StdEncoding.EncodeToString(s)})
	}
	return canonical.Marshal(e)
}

// Open reads an envelope. It refuses every byte sequence but one that [Sign] would write, up to the bytes of the signatures, which it does not check.
func Open(data []byte) (*Signed, error) {
	fail := func(err error) (*Signed, error) { return nil, fmt.Errorf("read entry: %w", err) }
	if len(data) > MaxBytes {
		return fail(fmt.Errorf("it is larger than %d KB", MaxBytes>>10))
	}
	var e dsse.Envelope
	if err := strict(data, &e); err != nil {
		return fail(err)
	}
	if e.PayloadType != PayloadType {
		return fail(fmt.Errorf("it holds %q, expected %q", e.PayloadType, PayloadType))
	}
	body, err := e.DecodeB64Payload()
	if err != nil {
		return fail(err)
	}
	s := &Signed{Digest: sha256.Sum256(data), body: body}
	for _, g := range e.Signatures {
		raw, err := base64.StdEncoding.DecodeString(g.Sig)
		if err != nil || len(raw) != ed25519.SignatureSize {
			return fail(errors.New("a signature is not 64 bytes in base64"))
		}
		s.signatures = append(s.signatures, raw)
	}
	again, err := envelope(body, s.signatures)
	if err != nil {
		return fail(err)
	}
	if !bytes.Equal(again, data) {
		return fail(errors.New("it is not in canonical form (RFC 8785, base64 with padding, no names of keys)"))
	}
	if err := strict(body, &s.Entry); err != nil {
		return fail(err)
	}
	if again, err = canonical.Marshal(&s.Entry); err != nil {
		return fail(err)
	}
	if !bytes.Equal(again, body) {
		return fail(errors.New("what is signed is not in canonical form (RFC 8785)"))
	}
	if err := s.form(); err != nil {
		return fail(err)
	}
	if s.keys, err = s.public(); err != nil {
		return fail(err)
	}
	if len(s.signatures) != len(s.Signers) {
		return fail(fmt.Errorf("it has %d signatures for %d signers", len(s.signatures), len(s.Signers)))
	}
	if s.Kind == KindGenesis {
		s.ID = blake2b.Sum256(body)
		return s, nil
	}
	s.ID, err = ParseID(s.Trail)
	return s, err
}

// strict reads one JSON document without unknown fields. The caller compares the canonical form with the bytes.
func strict(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// Check checks the signature of each signer.
func (s *Signed) Check() error {
	pae := dsse.PAE(PayloadType, s.body)
	for i, key := range s.keys {
		if !ed25519.Verify(key, pae, s.signatures[i]) {
			return fmt.Errorf("signature %d is not one of %s on this entry", i+1, s.Signers[i].DID)
		}
	}
	return nil
}
