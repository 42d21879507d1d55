package notary

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// TrustSchema names the form of a trust file.
const TrustSchema = "vauban.trust/1"

// maxTrust is the largest trust file that is read, in bytes.
const maxTrust = 1 << 20

// Trust is what an auditor believes of a network: whose milestones count. It is the auditor's own file, never one that came with a receipt.
type Trust struct {
	Schema    string     `json:"schema"`
	Network   string     `json:"network"`
	Threshold int        `json:"threshold"` // how many different keys must have signed a milestone
	Keys      []TrustKey `json:"keys"`
	Issuers   []Issuer   `json:"issuers,omitempty"` // whose credentials the auditor believes
	HRP       string     `json:"hrp,omitempty"`     // what addresses of the network begin with, by which a did:iota names it

	Log    *witness.Policy `json:"log,omitempty"`    // of the network's milestones, and its witnesses; nil: none is asked
	Stamps *witness.Stamps `json:"stamps,omitempty"` // of milestones; nil: none is asked
}

// Issuer is one whose credentials are believed, for some roles.
type Issuer struct {
	DID   string   `json:"did"`
	Roles []string `json:"roles"`
}

var addressPrefix = regexp.MustCompile(`^[a-z]{1,16}$`)

// Issues reports whether credentials of an issuer are believed for a role.
func (t *Trust) Issues(did, role string) bool {
	return slices.ContainsFunc(t.Issuers, func(i Issuer) bool { return i.DID == did && slices.Contains(i.Roles, role) })
}

// TrustKey is a coordinator's key and the milestones that it may sign.
type TrustKey struct {
	Key   string `json:"key"`   // an Ed25519 public key, 64 hexadecimal digits
	Start uint32 `json:"start"` // the first milestone
	End   uint32 `json:"end"`   // the last milestone; 0: no last one
}

// covers reports whether the key may sign a milestone.
func (k TrustKey) covers(index uint32) bool {
	return k.Start <= index && (k.End == 0 || index <= k.End)
}

// JSON writes the trust file.
func (t *Trust) JSON() ([]byte, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(t, "", "  ")
	return append(data, '\n'), err
}

// ParseTrust reads a trust file. It refuses unknown or repeated fields, anything after the document, keys that are no keys or are there twice for
// one milestone, and thresholds that the keys cannot meet.
func ParseTrust(data []byte) (*Trust, error) {
	fail := func(err error) (*Trust, error) { return nil, fmt.Errorf("trust file: %w", err) }
	if len(data) > maxTrust {
		return fail(fmt.Errorf("it is larger than %d MB", maxTrust>>20))
	}
	if !utf8.Valid(data) {
		return fail(errors.New("it is not UTF-8"))
	}
	// The decoder would take a name for the field that it is in lower case.
	lower := func(name string) error {
		if strings.ToLower(name) != name {
			return fmt.Errorf("unknown field %q", name)
		}
		return nil
	}
	if err := canonical.Names(data, lower); err != nil {
		return fail(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	t := &Trust{}
	if err := d.Decode(t); err != nil {
		return fail(err)
	}
	if err := t.validate(); err != nil {
		return fail(err)
	}
	return t, nil
}

func (t *Trust) validate() error {
	if t.Schema != TrustSchema {
		return fmt.Errorf("its schema is %q, expected %q", t.Schema, TrustSchema)
	}
	if t.Log != nil {
		if err := t.Log.Validate(); err != nil {
			return fmt.Errorf("its log: %w", err)
		}
	}
	if t.Stamps != nil {
		if err := t.Stamps.Validate(); err != nil {
			return fmt.Errorf("its stamps: %w", err)
		}
	}
	if t.Network == "" {
		return errors.New("it names no network")
	}
	if t.Threshold < 1 {
		return fmt.Errorf("its threshold is %d, expected at least 1", t.Threshold)
	}
	if t.HRP != "" && !addressPrefix.MatchString(t.HRP) {
		return fmt.Errorf("its hrp is %q, expected what addresses of the network begin with, such as tst", t.HRP)
	}
	distinct := map[string]bool{}
	for i, k := range t.Keys {
		key, err := hex.DecodeString(k.Key)
		if err != nil || len(key) != ed25519.PublicKeySize || hex.EncodeToString(key) != k.Key {
			return fmt.Errorf("key %d is %q, expected 64 lower-case hexadecimal digits", i+1, k.Key)
		}
		if err := attest.CheckKey(key); err != nil {
			return fmt.Errorf("key %d, %s: %w", i+1, k.Key, err)
		}
		if k.End != 0 && k.End < k.Start {
			return fmt.Errorf("key %d ends at milestone %d, before its start %d", i+1, k.End, k.Start)
		}
		if slices.ContainsFunc(t.Keys[:i], func(o TrustKey) bool {
			return o.Key == k.Key && (o.covers(k.Start) || k.covers(o.Start))
		}) {
			return fmt.Errorf("key %d appears twice for the same milestones", i+1)
		}
		distinct[k.Key] = true
	}
	for i, s := range t.Issuers {
		if _, err := attest.ParseDID(s.DID); err != nil {
			return fmt.Errorf("issuer %d: %w", i+1, err)
		}
		if len(s.Roles) == 0 || slices.Contains(s.Roles, "") {
			return fmt.Errorf("issuer %d, %s: it names no role, such as auditor", i+1, s.DID)
		}
	}
	if t.Threshold > len(distinct) {
		return fmt.Errorf("its threshold is %d, and it has %d different keys", t.Threshold, len(distinct))
	}
	return nil
}
