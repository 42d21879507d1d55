package sealed

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
)

func keyOf(name string) (ed25519.PrivateKey, string) {
	seed := sha256.Sum256([]byte(name))
	key := ed25519.NewKeyFromSeed(seed[:])
	return key, attest.DID(key.Public().(ed25519.PublicKey))
}

// Each reader opens what was sealed, and nobody else does; a changed byte is noticed.
func TestSeal(t *testing.T) {
	t.Parallel()
	acme, acmeDID := keyOf("acme")
	bank, bankDID := keyOf("bank")
	thief, _ := keyOf("thief")
	text := []byte(strings.Repeat("a report ", 9000)) // more than one chunk of age
	commitment, file, err := Seal(text, []string{acmeDID, bankDID})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, text[:9]) {
		t.Error("the text can be read")
	}
	for _, key := range []ed25519.PrivateKey{acme, bank} {
		doc, salt, err := Open(file, key)
		if err != nil || !bytes.Equal(doc, text) || notary.Commit(sha256.Sum256(doc), salt) != commitment {
			t.Errorf("a reader opens %d bytes, %v", len(doc), err)
		}
	}
	if _, _, err := Open(file, thief); err == nil || !strings.Contains(err.Error(), "not sealed for this key") {
		t.Errorf("a thief opens it: %v", err)
	}
	for at := 0; at < len(file); at += 1 + len(file)/500 {
		changed := bytes.Clone(file)
		changed[at] ^= 1
		if doc, _, err := Open(changed, acme); err == nil {
			t.Fatalf("byte %d changed, and %d bytes are opened", at, len(doc))
		}
	}
	if _, _, err := Seal(text, []string{"did:web:acme.example"}); err == nil {
		t.Error("sealed for a DID without a key")
	}
	again, _, err := Seal(text, []string{acmeDID})
	if err != nil || again == commitment {
		t.Errorf("the same text has the same commitment: whoever guesses it can test the guess (%v)", err)
	}
}

// What is too short is no document with a salt.
func TestShort(t *testing.T) {
	t.Parallel()
	acme, did := keyOf("acme")
	_, file, err := Seal(nil, []string{did})
	if err != nil {
		t.Fatal(err)
	}
	if doc, salt, err := Open(file, acme); err != nil || len(doc) != 0 || len(salt) != saltSize {
		t.Errorf("%q, %q, %v", doc, salt, err)
	}
	if _, _, err := Open([]byte("age-encryption.org/v1\n"), acme); err == nil {
		t.Error("half a header is opened")
	}
}

// The age command opens it with the key file that signs.
func TestOthersOpen(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("age")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("age is not installed, and CI is set")
		}
		t.Skip("age is not installed: there is no other program to open what is sealed")
	}
	acme, did := keyOf("acme")
	dir := t.TempDir()
	keyFile, sealed := filepath.Join(dir, "acme.pem"), filepath.Join(dir, "sealed.age")
	if err := attest.WriteKey(keyFile, acme); err != nil {
		t.Fatal(err)
	}
	_, file, err := Seal([]byte("a report"), []string{did})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sealed, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "--decrypt", "--identity", keyFile, sealed).CombinedOutput()
	if err != nil || len(out) != saltSize+8 || string(out[saltSize:]) != "a report" {
		t.Errorf("age: %v\n%q", err, out)
	}
}
