package attest

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
)

func TestWebURL(t *testing.T) {
	t.Parallel()
	for did, want := range map[string]string{
		"did:web:acme.example":                "https://acme.example/.well-known/did.json",
		"did:web:acme.example:audit":          "https://acme.example/audit/did.json",
		"did:web:w3c-ccg.github.io:user:al_x": "https://w3c-ccg.github.io/user/al_x/did.json",
		"did:web:localhost%3A8443":            "https://localhost:8443/.well-known/did.json",
		"did:web:":                            "", "did:web:Acme.example": "", "did:web:acme..example": "", "did:web:acme.example:": "", "did:web:acme.example:..": "",
		"did:web:acme.example:.git": "", "did:web:acme.example:a/b": "", "did:web:acme.example/x": "", "did:web:acme.example%2F": "", "did:web:127.0.0.1": "", "did:web:127.0.0.1%3A80": "",
		"did:web:127.1": "", "did:web:0x7f000001": "", "did:web:acme.1": "", "did:web:acme.example%3A0": "", "did:web:acme.example%3A065": "", "did:web:acme.example%3A70000": "",
		"did:web:user@acme.example": "", "did:web:acme.example:80": "https://acme.example/80/did.json", "did:web:a b": "", "did:web:-a": "", "did:key:z6Mk": "",
		"did:web:" + strings.Repeat("a", 300): "",
	} {
		got, err := WebURL(did)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", did, got, err)
		}
	}
}

// Documents of others have keys in several forms, and things that are not for us.
func TestParseWeb(t *testing.T) {
	t.Parallel()
	const did = "did:web:acme.example"
	_, keyDID := seeded("acme")
	raw, err := ParseDID(keyDID)
	if err != nil {
		t.Fatal(err)
	}
	document := func(methods, asserted string) string {
		return `{"@context":["https://www.w3.org/ns/did/v1"],"id":"` + did + `","service":[],"verificationMethod":[` + methods + `],"assertionMethod":[` + asserted + `]}`
	}
	method := func(kind, key string) string {
		return `{"id":"` + did + `#a","type":"` + kind + `","controller":"` + did + `",` + key + `}`
	}
	multi := `"publicKeyMultibase":"` + strings.TrimPrefix(keyDID, "did:key:") + `"`
	for _, good := range []string{
		document(method("Multikey", multi), `"#a"`),
		document(method("Ed25519VerificationKey2020", multi), `"`+did+`#a"`),
		document(method("Ed25519VerificationKey2018", `"publicKeyBase58":"`+base58.Encode(raw)+`"`), `"#a","#a"`),
		document(method("JsonWebKey2020", `"publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"`+jws.EncodeToString(raw)+`"}`), `"#a"`),
		document(method("JsonWebKey", `"publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"`+jws.EncodeToString(raw)+`"}`)+`,{"id":"#b","type":"X"}`, `"#b","#c",7,"#a"`),
		document("", method("Multikey", multi)),
	} {
		w, err := ParseWeb([]byte(good))
		if err != nil || w.DID != did || len(w.Keys) != 1 || w.Keys[0] != keyDID {
			t.Errorf("%+v, %v\n%s", w, err, good)
		}
	}
	other := "did:web:thief.example"
	for says, bad := range map[string]string{
		"larger than 16 KB":   strings.Repeat(" ", MaxWebDocument+1),
		"it is not UTF-8":     "\xff",
		"EOF":                 "",
		"cannot unmarshal":    "[]",
		"something follows":   document(method("Multikey", multi), `"#a"`) + "{}",
		"appears twice":       strings.Replace(document(method("Multikey", multi), `"#a"`), `"id"`, `"id":"x","id"`, 1),
		"nests too deep":      strings.Repeat("[", 40),
		"is no did:web":       strings.Replace(document(method("Multikey", multi), `"#a"`), `"id"`, `"ID"`, 1),
		"it has two keys":     document(method("Multikey", multi)+","+method("Multikey", multi), `"#a"`),
		"it has 65 keys":      document(strings.TrimSuffix(strings.Repeat("1,", 65), ","), ""),
		"no Ed25519 key":      document(method("Multikey", multi), ""),
		"lists no Ed25519":    document(strings.Replace(method("Multikey", multi), `"controller":"`+did, `"controller":"`+other, 1), `"#a"`),
		"it lists no Ed25519": document(method("Multikey", `"publicKeyMultibase":"z6LS"`), `"#a"`),
		"lists no":            document(method("Multikey", `"publicKeyMultibase":"`+strings.TrimPrefix(DID(make([]byte, 32)), "did:key:")+`"`), `"#a"`), // of small order
		"key under":           document(method("JsonWebKey2020", `"publicKeyJwk":{"kty":"OKP","crv":"X25519","x":"`+hex.EncodeToString(raw)+`"}`), `"#a"`),
	} {
		if w, err := ParseWeb([]byte(bad)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v, %v, expected %q", w, err, says)
		}
	}
	// What is written can be read.
	data, err := (&Web{DID: did, Keys: []string{keyDID}}).Document()
	if err != nil {
		t.Fatal(err)
	}
	if w, err := ParseWeb(data); err != nil || w.DID != did || len(w.Keys) != 1 || w.Keys[0] != keyDID {
		t.Errorf("%+v, %v", w, err)
	}
	for _, bad := range []*Web{{DID: did}, {DID: "did:web:"}, {DID: did, Keys: []string{"did:key:x"}}} {
		if _, err := bad.Document(); err == nil {
			t.Errorf("%+v is written", bad)
		}
	}
}

func FuzzParseWeb(f *testing.F) {
	_, key := seeded("acme")
	data, err := (&Web{DID: "did:web:acme.example", Keys: []string{key}}).Document()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := ParseWeb(data)
		if err != nil {
			return
		}
		for _, k := range w.Keys {
			if _, err := ParseDID(k); err != nil {
				t.Error(err)
			}
		}
	})
}
