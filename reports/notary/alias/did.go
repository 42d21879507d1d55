package alias

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// placeholder stands for the DID in a packed document: the first one is written before there is a DID.
const placeholder = "did:0:0"

// marker begins a packed document: "DID", version 1, JSON.
var marker = []byte{'D', 'I', 'D', 1, 0}

// pack writes the document with these keys, as did:key, for the state metadata.
func pack(keys []string) ([]byte, error) {
	type jwk struct {
		Curve string `json:"crv"`
		Type  string `json:"kty"`
		X     string `json:"x"`
	}
	type method struct {
		ID         string `json:"id"`
		Controller string `json:"controller"`
		Type       string `json:"type"`
		Key        jwk    `json:"publicKeyJwk"`
	}
	var doc struct {
		Doc struct {
			ID        string   `json:"id"`
			Methods   []method `json:"verificationMethod"`
			Assertion []string `json:"assertionMethod"`
		} `json:"doc"`
		Meta struct{} `json:"meta"`
	}
	doc.Doc.ID = placeholder
	for _, did := range keys {
		key, err := attest.ParseDID(did)
		if err != nil {
			return nil, err
		}
		id := placeholder + "#" + strings.TrimPrefix(did, "did:key:")
		doc.Doc.Methods = append(doc.Doc.Methods, method{id, placeholder, "JsonWebKey", jwk{"Ed25519", "OKP", base64.RawURLEncoding.EncodeToString(key)}})
		doc.Doc.Assertion = append(doc.Doc.Assertion, id)
	}
	if len(keys) == 0 {
		return nil, errors.New("a document lists at least one key")
	}
	text, err := canonical.Marshal(doc)
	if err != nil {
		return nil, err
	}
	out := append(binary.LittleEndian.AppendUint16(bytes.Clone(marker), uint16(len(text))), text...)
	if len(out) > MaxMetadata {
		return nil, fmt.Errorf("the document has %d bytes, at most %d are kept: list fewer keys", len(out), MaxMetadata)
	}
	return out, nil
}

// unpack reads what is packed, whoever did, and puts the DID in its place.
func unpack(data []byte, did string) ([]byte, error) {
	if !bytes.HasPrefix(data, marker) || len(data) < len(marker)+2 {
		return nil, errors.New("the state metadata are no document: expected DID, version 1, JSON")
	}
	text := data[len(marker)+2:]
	if int(binary.LittleEndian.Uint16(data[len(marker):])) != len(text) {
		return nil, errors.New("the state metadata have another length than they say")
	}
	if err := canonical.Names(text, nil); err != nil {
		return nil, fmt.Errorf("the state metadata: %w", err)
	}
	var packed map[string]any // and no struct: names in another case are other names
	if err := json.Unmarshal(text, &packed); err != nil {
		return nil, fmt.Errorf("the state metadata: %w", err)
	}
	out, err := json.MarshalIndent(named(packed["doc"], did), "", "  ")
	return append(out, '\n'), err
}

// named puts the DID in the place of its stand-in.
func named(v any, did string) any {
	switch v := v.(type) {
	case string:
		if rest, ok := strings.CutPrefix(v, placeholder); ok && (rest == "" || rest[0] == '#' || rest[0] == '/' || rest[0] == '?') {
			return did + rest
		}
	case []any:
		for i := range v {
			v[i] = named(v[i], did)
		}
	case map[string]any:
		for k := range v {
			v[k] = named(v[k], did)
		}
	}
	return v
}

// DID names an identity: the alias on a network whose addresses begin with hrp.
func DID(hrp string, id [32]byte) string {
	if hrp == "iota" {
		return "did:iota:0x" + hex.EncodeToString(id[:])
	}
	return "did:iota:" + hrp + ":0x" + hex.EncodeToString(id[:])
}

// Create returns the payload of a transaction that makes an identity of keys, as did:key, controlled by one of them. Coins of another key, in one output, pay for it; what is left of them stays that key's, in the second output.
func Create(network string, funds OutputID, coins *Output, purse ed25519.PrivateKey, control ed25519.PublicKey, keys []string) ([]byte, error) {
	if coins.Alias != nil || coins.Address != AddressOf(purse.Public().(ed25519.PublicKey)) {
		return nil, errors.New("the coins are not of the key that pays")
	}
	if coins.Amount < 2*Deposit {
		return nil, fmt.Errorf("there are %d coins left, and %d are needed", coins.Amount, 2*Deposit)
	}
	metadata, err := pack(keys)
	if err != nil {
		return nil, err
	}
	outputs := []*Output{
		{Deposit, AddressOf(control), &State{Metadata: metadata}},
		{coins.Amount - Deposit, coins.Address, nil},
	}
	return sign(network, funds, coins, outputs, purse), nil
}

// Update returns the payload of a transaction that makes the next state of an identity, by its controller. Without keys it is deactivated.
func (i *Identity) Update(control ed25519.PrivateKey, keys []string) ([]byte, error) {
	if i.Controller != AddressOf(control.Public().(ed25519.PublicKey)) {
		return nil, fmt.Errorf("%s is controlled by another key", i.DID)
	}
	next := &State{ID: i.id, Index: i.Index + 1}
	if len(keys) > 0 {
		var err error
		if next.Metadata, err = pack(keys); err != nil {
			return nil, err
		}
	}
	return sign(i.Network, i.Output, i.state, []*Output{{i.state.Amount, i.state.Address, next}}, control), nil
}

// Identity is a state of a did:iota, as a receipt shows it.
type Identity struct {
	DID        string
	Document   []byte   // JSON; nil where it is deactivated
	Keys       []string // each as a did:key: the Ed25519 keys with which it makes statements
	Index      uint32   // of the state
	Controller Address
	Network    string
	Output     OutputID // that has the state
	Milestone  uint32
	Time       time.Time // of the milestone

	id    [32]byte // of the alias
	state *Output  // as it is on the ledger
	spent OutputID // of the state before, or the coins
}

// verify checks the receipt of a state against the keys that the auditor trusts, offline.
func verify(r *notary.Receipt, trust *notary.Trust) (*Identity, error) {
	if trust.HRP == "" {
		return nil, errors.New("the trust file does not say what addresses of the network begin with, by which a did:iota names it: add \"hrp\"")
	}
	place, payload, err := notary.LocateApplied(r, trust)
	if err != nil {
		return nil, err
	}
	t, err := ParseTransaction(payload, trust.Network)
	if err != nil {
		return nil, err
	}
	o, at, id, err := t.alias()
	if err != nil {
		return nil, err
	}
	i := &Identity{
		DID: DID(trust.HRP, id), Index: o.Alias.Index, Controller: o.Address, Network: trust.Network, Output: outputID(t.ID, at),
		Milestone: place.Index, Time: place.Time, id: id, state: o, spent: t.Input,
	}
	if first := o.Alias.ID == [32]byte{}; first != (i.Index == 0) {
		return nil, errors.New("the first state of an alias, and no other one, has the index 0")
	}
	if len(o.Alias.Metadata) == 0 {
		return i, nil
	}
	if i.Document, err = unpack(o.Alias.Metadata, i.DID); err != nil {
		return nil, err
	}
	i.Keys, err = attest.DocumentKeys(i.Document, i.DID)
	return i, err
}
