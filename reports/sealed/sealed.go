package sealed

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
)

const saltSize = 32

// Seal encrypts a document to the keys of DIDs, with a fresh salt, and commits to it.
func Seal(doc []byte, readers []string) (commitment [32]byte, file []byte, err error) {
	fail := func(err error) ([32]byte, []byte, error) {
		return [32]byte{}, nil, fmt.Errorf("seal: %w", err)
	}
	var to []age.Recipient
	for _, did := range readers {
		key, err := attest.ParseDID(did)
		if err != nil {
			return fail(err)
		}
		public, err := ssh.NewPublicKey(key)
		if err != nil {
			return fail(err)
		}
		r, err := agessh.NewEd25519Recipient(public)
		if err != nil {
			return fail(err)
		}
		to = append(to, r)
	}
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return fail(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return fail(err)
	}
	for _, part := range [][]byte{salt, doc} {
		if _, err := w.Write(part); err != nil {
			return fail(err)
		}
	}
	if err := w.Close(); err != nil {
		return fail(err)
	}
	return notary.Commit(sha256.Sum256(doc), salt), out.Bytes(), nil
}

// Open decrypts what [Seal] made, with the key of a reader. Whether it is what an entry commits to is for the caller to check.
func Open(file []byte, key ed25519.PrivateKey) (doc, salt []byte, err error) {
	fail := func(err error) ([]byte, []byte, error) { return nil, nil, fmt.Errorf("open: %w", err) }
	id, err := agessh.NewEd25519Identity(key)
	if err != nil {
		return fail(err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), id)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return fail(errors.New("it is not sealed for this key"))
	} else if err != nil {
		return fail(err)
	}
	data, err := io.ReadAll(io.LimitReader(r, saltSize+document.MaxBytes+1))
	switch {
	case err != nil:
		return fail(err)
	case len(data) < saltSize || len(data) > saltSize+document.MaxBytes:
		return fail(fmt.Errorf("what is sealed is no salt of %d bytes with a document after it", saltSize))
	}
	return data[saltSize:], data[:saltSize], nil
}
