package attest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/edwards25519"
	"github.com/vauban-verifier/vauban/reports/document"
)

var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))

func report(t testing.TB) *document.Report {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // the golden report is indented, to be read
	if err := json.Compact(&compact, data); err != nil {
		t.Fatal(err)
	}
	r, err := document.Parse(compact.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeyFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := WriteKey(path, testKey); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if key, err := ReadKey(t.Context(), path); err != nil || !key.Equal(testKey) {
		t.Fatalf("the key does not read back: %v", err)
	}
	if err := WriteKey(path, testKey); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was overwritten: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o644, 0o610} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKey(t.Context(), path); err == nil || !strings.Contains(err.Error(), "others can use the key") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty": "", "text": "hello", "two keys": string(data) + string(data), "cut": string(data[:60]),
		"another kind": strings.ReplaceAll(string(data), "PRIVATE", "PUBLIC"), "huge": strings.Repeat(" ", maxKey) + string(data),
		"headers": strings.Replace(string(data), "KEY-----\n", "KEY-----\nA: b\n\n", 1),
	} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadKey(t.Context(), path)
		if err == nil {
			t.Errorf("%s: read as a key", name)
		} else if strings.Contains(err.Error(), "MC4") {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	if _, err := ReadKey(t.Context(), path+"2"); err == nil || !strings.Contains(err.Error(), "vauban key new") {
		t.Errorf("no such key: %v", err)
	}
	if _, err := ReadKey(t.Context(), filepath.Dir(path)); err == nil {
		t.Error("a directory was read as a key")
	}
}

func TestDID(t *testing.T) {
	t.Parallel()
	// From the did:key specification's list of Ed25519 test vectors.
	const did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
	key, err := ParseDID(did)
	if err != nil {
		t.Fatal(err)
	}
	if DID(key) != did {
		t.Errorf("%s does not read back", did)
	}
	for _, bad := range []string{
		"", "did:key:", did[:len(did)-1], did + "1", strings.Replace(did, ":z", ":Z", 1), strings.Replace(did, "z6", "z16", 1),
		"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme" /* secp256k1 */, "did:web:example.org", did + "#" + did[8:], did[:20] + "0" + did[21:],
	} {
		if _, err := ParseDID(bad); err == nil {
			t.Errorf("%q is taken for a did:key", bad)
		}
	}
}

// Keys that no private key has: the points of order 1, 2, 4 and 8, each way to write them that decoders take, points with such a part, and bytes that are no point.
// The small ones are listed in "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020), table 6.
func TestKeysThatNobodyHas(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"order 1":                "0100000000000000000000000000000000000000000000000000000000000000",
		"order 1, sign":          "0100000000000000000000000000000000000000000000000000000000000080",
		"order 2":                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"order 2, sign":          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"order 4":                "0000000000000000000000000000000000000000000000000000000000000000",
		"order 4, sign":          "0000000000000000000000000000000000000000000000000000000000000080",
		"order 4, not canonical": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"order 1, not canonical": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"order 8":                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"order 8, another":       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"no point":               "0200000000000000000000000000000000000000000000000000000000000000",
	} {
		key, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseDID(DID(key)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	small, err := new(edwards25519.Point).SetBytes(bytes.Repeat([]byte{0}, 32))
	if err != nil {
		t.Fatal(err)
	}
	good, err := new(edwards25519.Point).SetBytes(testKey.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckKey(good.Bytes()); err != nil {
		t.Error(err)
	}
	if err := CheckKey(new(edwards25519.Point).Add(good, small).Bytes()); err == nil {
		t.Error("a key with a part of small order is taken")
	}
}

// A signature that is right for every text, under a key of small order, opens nothing.
func TestOneSignatureForAll(t *testing.T) {
	t.Parallel()
	identity := append([]byte{1}, make([]byte, 31)...)
	forged := append(bytes.Clone(identity), make([]byte, 32)...) // R is the identity, S is zero
	body, err := payload(report(t))
	if err != nil {
		t.Fatal(err)
	}
	data, err := envelope(body, DID(identity), forged)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(identity, []byte("whatever"), forged) {
		t.Error("the library refuses it: this test shows nothing")
	}
	if _, err := Open(data); err == nil || !strings.Contains(err.Error(), "outside of the group") {
		t.Errorf("it is taken: %v", err)
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	r := report(t)
	data, err := Sign(r, testKey)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if s.Signer != DID(testKey.Public().(ed25519.PublicKey)) {
		t.Errorf("signed by %s", s.Signer)
	}
	if err := s.Binds(r); err != nil {
		t.Error(err)
	}
	again, err := Sign(r, testKey)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("another envelope for the same report and key: %v", err)
	}
	other := *r
	other.Design += "!"
	if err := s.Binds(&other); err == nil || !strings.Contains(err.Error(), "another report") {
		t.Errorf("it binds another report: %v", err)
	}
}

// Every change of one bit, and every byte left out, is refused.
func TestTamper(t *testing.T) {
	t.Parallel()
	data, err := Sign(report(t), testKey)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			forged := bytes.Clone(data)
			forged[i] ^= 1 << bit
			if _, err := Open(forged); err == nil {
				t.Fatalf("byte %d with bit %d turned is taken", i, bit)
			}
		}
		if _, err := Open(append(bytes.Clone(data[:i]), data[i+1:]...)); err == nil {
			t.Fatalf("without byte %d it is taken", i)
		}
	}
	for name, forged := range map[string]string{
		"a line end": string(data) + "\n", "a space": " " + string(data), "a field twice": strings.Replace(string(data), `"payloadType"`, `"payloadType":"x","payloadType"`, 1),
		"upper case": strings.Replace(string(data), `"payloadType"`, `"PayloadType"`, 1),
	} {
		if _, err := Open([]byte(forged)); err == nil {
			t.Errorf("%s more is taken", name)
		}
	}
}

// A statement about the report that claims something else, signed with the right key.
func TestLies(t *testing.T) {
	t.Parallel()
	r := report(t)
	body, err := payload(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), `"FAILED"`) {
		t.Fatalf("the statement does not say FAILED: %s", body)
	}
	for name, c := range map[string]struct{ body, says string }{
		"result":   {strings.Replace(string(body), `"FAILED"`, `"PASSED"`, 1), `says "PASSED", the report amounts to "FAILED"`},
		"policy":   {strings.Replace(string(body), `"policy":[`, `"policy":[{"digest":{},"name":"mine"},`, 1), "of its inputs and verdicts"},
		"subject":  {strings.Replace(string(body), `"name":"vauban report"`, `"name":"other report"`, 1), "another report"},
		"no JSON":  {"hello", "not a statement"},
		"a blank":  {" " + string(body), "of its inputs and verdicts"},
		"nothing":  {"{}", "another report"},
		"null":     {"null", "another report"},
		"no array": {`{"subject":{}}`, "not a statement"},
	} {
		pae := "DSSEv1 28 " + PayloadType + " " + strconv.Itoa(len(c.body)) + " " + c.body // as the protocol has it
		data, err := envelope([]byte(c.body), DID(testKey.Public().(ed25519.PublicKey)), ed25519.Sign(testKey, []byte(pae)))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Binds(r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, expected %q", name, err, c.says)
		}
	}
}

func FuzzOpen(f *testing.F) {
	data, err := Sign(report(f), testKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"payload":"` + base64.StdEncoding.EncodeToString([]byte("{}")) + `","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"","sig":""}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := Open(in); err == nil && !bytes.Equal(in, data) {
			t.Errorf("a second statement is taken: %q", in)
		}
	})
}
