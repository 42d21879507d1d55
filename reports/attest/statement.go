package attest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// The types that in-toto and DSSE name.
const (
	StatementType   = "https://in-toto.io/Statement/v1"
	PredicateType   = "https://github.com/vauban-verifier/vauban/verification-summary/v1"
	ExplanationType = "https://github.com/vauban-verifier/vauban/explanation-summary/v1"
	PayloadType     = "application/vnd.in-toto+json"
)

// MaxBytes is the largest envelope that is read: it has some hundred bytes for each input.
const MaxBytes = 4 << 20

// subject is what a document of a kind is called among the subjects.
func subject(kind string) string { return "vauban " + kind }

// inToto is an in-toto statement.
type inToto struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"` // the report or explanation, then the design files, the mapping and the logs
	PredicateType string     `json:"predicateType"`
	Predicate     summary    `json:"predicate"`
}

// resource names something by its digest.
type resource struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// summary is what was checked, by what, and how it came out.
type summary struct {
	Verifier struct {
		ID      string            `json:"id"`
		Version map[string]string `json:"version"`
	} `json:"verifier"`
	ResourceURI string         `json:"resourceUri"`
	Policy      []resource     `json:"policy"`         // the catalogues
	AsOf        string         `json:"asOf,omitempty"` // the date that waivers were judged by
	Result      string         `json:"verificationResult"`
	Verdicts    map[string]int `json:"verdicts"` // how many requirements, or cases, have each
}

func sha(digest string) map[string]string { return map[string]string{"sha256": digest} }

// payload returns the canonical bytes of the statement about a document.
func payload(of document.Document) ([]byte, error) {
	digest, err := of.Digest()
	if err != nil {
		return nil, err
	}
	h := of.Head()
	d := inToto{Type: StatementType, PredicateType: PredicateType, Subject: []resource{{subject(h.Kind), sha(digest)}}}
	if _, explains := of.(*document.Explanation); explains {
		d.PredicateType = ExplanationType
	}
	p := &d.Predicate
	p.Verifier.ID = "https://github.com/vauban-verifier/vauban"
	p.Verifier.Version = map[string]string{h.Tool.Name: h.Tool.Version}
	p.ResourceURI = "urn:vauban:design:" + url.PathEscape(h.Design)
	p.Policy, p.AsOf, p.Result, p.Verdicts = []resource{}, h.AsOf, "PASSED", h.Verdicts
	if !h.Passed {
		p.Result = "FAILED"
	}
	for _, in := range h.Inputs {
		if in.Role == "catalogue" {
			p.Policy = append(p.Policy, resource{in.Path, sha(in.SHA256)})
		} else {
			d.Subject = append(d.Subject, resource{in.Path, sha(in.SHA256)})
		}
	}
	return marshal(d)
}

func marshal(v any) ([]byte, error) {
	out, err := canonical.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write statement: %w", err)
	}
	return out, nil
}

// Sign returns the envelope with the statement about a document, as canonical JSON.
func Sign(r document.Document, key ed25519.PrivateKey) ([]byte, error) {
	body, err := payload(r)
	if err != nil {
		return nil, err
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		panic("vauban: internal error: an Ed25519 key without its public part")
	}
	return envelope(body, DID(public), ed25519.Sign(key, dsse.PAE(PayloadType, body)))
}

func envelope(body []byte, signer string, signature []byte) ([]byte, error) {
	return marshal(dsse.Envelope{
		PayloadType: PayloadType, Payload: base64.StdEncoding.EncodeToString(body),
		Signatures: []dsse.Signature{{KeyID: signer, Sig: base64.StdEncoding.EncodeToString(signature)}},
	})
}

// Statement is an envelope whose signature is right.
type Statement struct {
	Signer string   // a did:key
	Digest [32]byte // SHA-256 of the envelope
	body   []byte
}

// Open reads an envelope and checks its signature. It refuses every byte sequence but the one that [Sign] would write.
func Open(data []byte) (*Statement, error) {
	fail := func(err error) (*Statement, error) { return nil, fmt.Errorf("read statement: %w", err) }
	if len(data) > MaxBytes {
		return fail(fmt.Errorf("it is larger than %d MB", MaxBytes>>20))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var e dsse.Envelope
	if err := d.Decode(&e); err != nil {
		return fail(err)
	}
	if e.PayloadType != PayloadType {
		return fail(fmt.Errorf("it holds %q, expected %q", e.PayloadType, PayloadType))
	}
	if len(e.Signatures) != 1 {
		return fail(fmt.Errorf("it has %d signatures, expected one", len(e.Signatures)))
	}
	body, err := e.DecodeB64Payload()
	if err != nil {
		return fail(err)
	}
	s := e.Signatures[0]
	signature, err := base64.StdEncoding.DecodeString(s.Sig)
	if err != nil {
		return fail(fmt.Errorf("its signature: %w", err))
	}
	again, err := envelope(body, s.KeyID, signature)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return fail(errors.New("it is not in canonical form (RFC 8785, base64 with padding)"))
	}
	key, err := ParseDID(s.KeyID)
	if err != nil {
		return fail(err)
	}
	if !ed25519.Verify(key, dsse.PAE(e.PayloadType, body), signature) {
		return fail(fmt.Errorf("the signature is not one of %s on this statement", s.KeyID))
	}
	return &Statement{s.KeyID, sha256.Sum256(data), body}, nil
}

// Binds checks that the statement is the one about a document: that it names the document and its inputs by the digests that the document has, and states its result.
func (s *Statement) Binds(r document.Document) error {
	want, err := payload(r)
	if err != nil {
		return err
	}
	if bytes.Equal(want, s.body) {
		return nil
	}
	var have, due inToto
	if err := json.Unmarshal(s.body, &have); err != nil {
		return fmt.Errorf("what is signed is not a statement: %w", err)
	}
	if err := json.Unmarshal(want, &due); err != nil {
		return err
	}
	kind := r.Head().Kind
	switch {
	case len(have.Subject) == 0 || have.Subject[0].Name != subject(kind) || have.Subject[0].Digest["sha256"] != due.Subject[0].Digest["sha256"]:
		return fmt.Errorf("the statement is about another %s", kind)
	case have.Predicate.Result != due.Predicate.Result:
		return fmt.Errorf("the statement says %q, the %s amounts to %q", have.Predicate.Result, kind, due.Predicate.Result)
	}
	return fmt.Errorf("the statement does not say what the %s says of its inputs and verdicts", kind)
}
