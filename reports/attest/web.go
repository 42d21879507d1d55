package attest

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mr-tron/base58"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
)

// MaxWebDocument is the largest document of a did:web that is read, in bytes.
const MaxWebDocument = 1 << 14

// maxMethods is how many keys a document may have.
const maxMethods = 64

const webPrefix = "did:web:"

var (
	webHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(%3A[1-9][0-9]{0,4})?$`)
	webPath = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)
)

// WebURL returns where the document of a did:web is: did:web:acme.example has https://acme.example/.well-known/did.json, and did:web:acme.example:audit has https://acme.example/audit/did.json.
func WebURL(did string) (string, error) {
	rest, ok := strings.CutPrefix(did, webPrefix)
	parts := strings.Split(rest, ":")
	if !ok || len(did) > 256 || !webHost.MatchString(parts[0]) || slices.ContainsFunc(parts[1:], func(p string) bool { return !webPath.MatchString(p) }) {
		return "", fmt.Errorf("%q is no did:web: expected such as did:web:acme.example or did:web:acme.example:audit, with a port as %%3A8443", did)
	}
	domain, port, _ := strings.Cut(parts[0], "%3A")
	if top := domain[strings.LastIndexByte(domain, '.')+1:]; top[0] <= '9' { // also 127.1 and 0x7f000001 are addresses, by those who look them up
		return "", fmt.Errorf("%q names an address in place of a domain, for which nobody vouches", did)
	}
	host := domain
	if port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", fmt.Errorf("%q names the port %s, expected 1 to 65535", did, port)
		}
		host += ":" + port
	}
	if len(parts) == 1 {
		return "https://" + host + "/.well-known/did.json", nil
	}
	return "https://" + host + "/" + strings.Join(parts[1:], "/") + "/did.json", nil
}

// Web is the document of a did:web.
type Web struct {
	DID  string
	Keys []string // each as a did:key: the Ed25519 keys with which it makes statements
}

// vocabulary is what a document is read by.
var vocabulary = []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"}

// multikey is a key of a document, in the form that this writes.
type multikey struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller"`
	Multibase  string `json:"publicKeyMultibase"`
}

// Document writes the document, for the web server to answer with.
func (w *Web) Document() ([]byte, error) {
	if _, err := WebURL(w.DID); err != nil {
		return nil, err
	}
	d := struct {
		Context   []string   `json:"@context"`
		ID        string     `json:"id"`
		Methods   []multikey `json:"verificationMethod"`
		Assertion []string   `json:"assertionMethod"`
	}{Context: vocabulary, ID: w.DID}
	for _, did := range w.Keys {
		if _, err := ParseDID(did); err != nil {
			return nil, err
		}
		base := strings.TrimPrefix(did, "did:key:")
		d.Methods = append(d.Methods, multikey{w.DID + "#" + base, "Multikey", w.DID, base})
		d.Assertion = append(d.Assertion, w.DID+"#"+base)
	}
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	data = append(data, '\n')
	_, err = ParseWeb(data)
	return data, err
}

// ParseWeb reads the document of a did:web, whoever wrote it. It takes the Ed25519 keys that assertionMethod lists, in each form that they are written in, and leaves out other keys and other fields. It is an error
// where there is none.
func ParseWeb(data []byte) (*Web, error) {
	return parseDocument(data, func(did string) error {
		_, err := WebURL(did)
		return err
	})
}

// DocumentKeys reads the document of a DID of any method in the same way, and returns its keys.
func DocumentKeys(data []byte, did string) ([]string, error) {
	w, err := parseDocument(data, func(there string) error {
		if there != did {
			return fmt.Errorf("it is of %q, expected %s", there, did)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w.Keys, nil
}

func parseDocument(data []byte, right func(did string) error) (*Web, error) {
	fail := func(err error) (*Web, error) { return nil, fmt.Errorf("DID document: %w", err) }
	if len(data) > MaxWebDocument {
		return fail(fmt.Errorf("it is larger than %d KB", MaxWebDocument>>10))
	}
	if !utf8.Valid(data) {
		return fail(errors.New("it is not UTF-8"))
	}
	if err := canonical.Names(data, nil); err != nil {
		return fail(err)
	}
	var d map[string]any // and no struct: names in another case are other names
	if err := json.Unmarshal(data, &d); err != nil {
		return fail(err)
	}
	w := &Web{}
	w.DID, _ = d["id"].(string)
	if err := right(w.DID); err != nil {
		return fail(err)
	}
	methods := map[string]any{}
	all, _ := d["verificationMethod"].([]any)
	asserted, _ := d["assertionMethod"].([]any)
	if len(all) > maxMethods || len(asserted) > maxMethods {
		return fail(fmt.Errorf("it has %d keys, expected at most %d", max(len(all), len(asserted)), maxMethods))
	}
	for _, m := range all {
		switch id := w.named(m); {
		case id == "": // nothing can refer to it
		case methods[id] != nil:
			return fail(fmt.Errorf("it has two keys %q", id))
		default:
			methods[id] = m
		}
	}
	for _, a := range asserted {
		if text, ok := a.(string); ok {
			a = methods[w.absolute(text)]
		}
		if did := w.key(a); did != "" && !slices.Contains(w.Keys, did) {
			w.Keys = append(w.Keys, did)
		}
	}
	if len(w.Keys) == 0 {
		return fail(errors.New("it lists no Ed25519 key under assertionMethod"))
	}
	return w, nil
}

// absolute is the whole of an ID, which may be written without the DID.
func (w *Web) absolute(id string) string {
	if strings.HasPrefix(id, "#") {
		return w.DID + id
	}
	return id
}

func (w *Web) named(method any) string {
	m, _ := method.(map[string]any)
	id, _ := m["id"].(string)
	return w.absolute(id)
}

// key returns the did:key of a verification method; "" where it has no Ed25519 key of its own.
func (w *Web) key(method any) string {
	m, _ := method.(map[string]any)
	field := func(m map[string]any, name string) string {
		s, _ := m[name].(string)
		return s
	}
	if field(m, "controller") != w.DID {
		return ""
	}
	var did string
	switch field(m, "type") {
	case "Multikey", "Ed25519VerificationKey2020":
		did = "did:key:" + field(m, "publicKeyMultibase")
	case "Ed25519VerificationKey2018":
		if raw, err := base58.Decode(field(m, "publicKeyBase58")); err == nil && len(raw) == ed25519.PublicKeySize {
			did = DID(raw)
		}
	case "JsonWebKey2020", "JsonWebKey":
		jwk, _ := m["publicKeyJwk"].(map[string]any)
		x := field(jwk, "x")
		if raw, err := jws.DecodeString(x); err == nil && jws.EncodeToString(raw) == x && field(jwk, "kty") == "OKP" && field(jwk, "crv") == "Ed25519" && len(raw) == ed25519.PublicKeySize {
			did = DID(raw)
		}
	}
	if _, err := ParseDID(did); err != nil {
		return ""
	}
	return did
}
