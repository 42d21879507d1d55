package attest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// MaxCredential is the largest credential that is read, in bytes.
const MaxCredential = 4096

// The types that a credential names.
const (
	CredentialContext = "https://www.w3.org/2018/credentials/v1"
	CredentialType    = "https://github.com/vauban-verifier/vauban/role/v1"
)

// credentialHeader is the one header that a credential has: no other algorithm, no key or certificate that it would bring along.
const credentialHeader = `{"alg":"EdDSA","typ":"JWT"}`

// Credential says that a key has a role, for a time.
type Credential struct {
	Issuer  string // a did:key
	Subject string // a did:key
	Role    string
	Trail   string // the ID of the trail that it is for, 64 hexadecimal digits; "": for any
	From    int64  // the first second, Unix time
	Until   int64  // the first second after it

	Text   string   // as a JWT
	Digest [32]byte // SHA-256 of Text
}

// claims is the payload of the JWT: a verifiable credential of the W3C's data model 1.1 in its JWT encoding.
type claims struct {
	Issuer  string     `json:"iss"`
	Subject string     `json:"sub"`
	From    int64      `json:"nbf"`
	Until   int64      `json:"exp"`
	VC      verifiable `json:"vc"`
}

type verifiable struct {
	Context []string `json:"@context"`
	Type    []string `json:"type"`
	Subject struct {
		Role  string `json:"role"`
		Trail string `json:"trail,omitempty"`
	} `json:"credentialSubject"`
}

var (
	roleName  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	trailName = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// jws is base64url without padding, and with zeros in the bits left over (RFC 7515).
var jws = base64.RawURLEncoding.Strict()

// Issue signs a credential with the key of its issuer, and fills in Issuer, Text and Digest.
func (c *Credential) Issue(key ed25519.PrivateKey) error {
	c.Issuer = DID(key.Public().(ed25519.PublicKey))
	p := claims{Issuer: c.Issuer, Subject: c.Subject, From: c.From, Until: c.Until}
	p.VC = verifiable{Context: []string{CredentialContext}, Type: []string{"VerifiableCredential", CredentialType}}
	p.VC.Subject.Role, p.VC.Subject.Trail = c.Role, c.Trail
	body, err := canonical.Marshal(p)
	if err != nil {
		return fmt.Errorf("write credential: %w", err)
	}
	text := jws.EncodeToString([]byte(credentialHeader)) + "." + jws.EncodeToString(body)
	done, err := ParseCredential(text + "." + jws.EncodeToString(ed25519.Sign(key, []byte(text))))
	if err != nil {
		return err
	}
	*c = *done
	return nil
}

// ParseCredential reads a credential. It refuses every text but the one that [Credential.Issue] would write, up to the signature, which only [Credential.Check] checks.
func ParseCredential(text string) (*Credential, error) {
	fail := func(err error) (*Credential, error) { return nil, fmt.Errorf("read credential: %w", err) }
	if len(text) > MaxCredential {
		return fail(fmt.Errorf("it is larger than %d bytes", MaxCredential))
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return fail(errors.New("it is no JWT: expected a header, claims and a signature with dots between them"))
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = jws.DecodeString(part); err != nil || jws.EncodeToString(raw[i]) != part { // the decoder skips ends of lines
			return fail(errors.New("it is not in base64url without padding"))
		}
	}
	if string(raw[0]) != credentialHeader {
		return fail(fmt.Errorf("its header is %.200q, expected %s and nothing else", raw[0], credentialHeader))
	}
	if len(raw[2]) != ed25519.SignatureSize {
		return fail(fmt.Errorf("its signature has %d bytes, expected %d", len(raw[2]), ed25519.SignatureSize))
	}
	var p claims
	d := json.NewDecoder(bytes.NewReader(raw[1]))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return fail(err)
	}
	again, err := canonical.Marshal(p)
	if err != nil {
		return fail(err)
	}
	if !bytes.Equal(again, raw[1]) {
		return fail(errors.New("its claims are not in canonical form (RFC 8785), or lack one of exp, iss, nbf, sub, vc"))
	}
	c := &Credential{
		Issuer: p.Issuer, Subject: p.Subject, Role: p.VC.Subject.Role, Trail: p.VC.Subject.Trail, From: p.From, Until: p.Until,
		Text: text, Digest: sha256.Sum256([]byte(text)),
	}
	for _, did := range []string{c.Issuer, c.Subject} {
		if _, err := ParseDID(did); err != nil {
			return fail(err)
		}
	}
	switch {
	case !slices.Equal(p.VC.Context, []string{CredentialContext}) || !slices.Equal(p.VC.Type, []string{"VerifiableCredential", CredentialType}):
		return fail(fmt.Errorf("it is no credential of a role: expected the type %s", CredentialType))
	case !roleName.MatchString(c.Role):
		return fail(fmt.Errorf("its role is %q, expected small letters, digits and -", c.Role))
	case c.Trail != "" && !trailName.MatchString(c.Trail):
		return fail(fmt.Errorf("it is for the trail %q, expected 64 hexadecimal digits", c.Trail))
	case c.From < 0 || c.Until <= c.From:
		return fail(errors.New("it ends before it begins"))
	}
	return c, nil
}

// Check checks the issuer's signature.
func (c *Credential) Check() error {
	key, err := ParseDID(c.Issuer)
	if err != nil {
		return err
	}
	at := strings.LastIndexByte(c.Text, '.')
	signature, err := jws.DecodeString(c.Text[at+1:])
	if err != nil || !ed25519.Verify(key, []byte(c.Text[:at]), signature) {
		return fmt.Errorf("the signature is not one of %s on this credential", c.Issuer)
	}
	return nil
}

// Covers checks that a moment is in the credential's time.
func (c *Credential) Covers(t time.Time) error {
	switch at := t.Unix(); {
	case at < c.From:
		return fmt.Errorf("the credential begins at %s, after %s", moment(c.From), moment(at))
	case at >= c.Until:
		return fmt.Errorf("the credential was over at %s, before %s", moment(c.Until), moment(at))
	}
	return nil
}

func moment(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

// Span writes the credential's time.
func (c *Credential) Span() string {
	return fmt.Sprintf("from %s until %s", moment(c.From), moment(c.Until))
}

// SHA256 is what a revocation names the credential by, in hexadecimal.
func (c *Credential) SHA256() string { return hex.EncodeToString(c.Digest[:]) }
