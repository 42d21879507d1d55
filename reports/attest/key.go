package attest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/edwards25519"
	"github.com/mr-tron/base58"

	"github.com/vauban-verifier/vauban/dsl/files"
)

// maxKey is the largest key file that is read, in bytes.
const maxKey = 1 << 14

const pemType = "PRIVATE KEY"

// WriteKey writes a new private key with mode 0600. It never replaces a file: the error then is [fs.ErrExist].
func WriteKey(path string, key ed25519.PrivateKey) (err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(path)
			err = fmt.Errorf("write key: %w", err)
		}
	}()
	if err := file.Chmod(0o600); err != nil { // whatever the umask says
		return err
	}
	if err := pem.Encode(file, &pem.Block{Type: pemType, Bytes: der}); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// ReadKey reads a private key. It refuses a file that others than its owner can read or write, and anything but one Ed25519 key in PKCS#8 PEM.
func ReadKey(ctx context.Context, path string) (ed25519.PrivateKey, error) {
	data, info, err := files.ReadInfo(ctx, path, maxKey)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no key %s: make one with `vauban key new %s`", path, path)
	case err != nil:
		return nil, fmt.Errorf("cannot read the key %s: %w", path, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("others can use the key %s (mode %04o): if it may have leaked make a new one, else `chmod 600 %s`", path, mode, path)
	}
	key, err := parseKey(data)
	if err != nil {
		return nil, fmt.Errorf("the key %s: %w: make one with `vauban key new FILE`", filepath.ToSlash(path), err)
	}
	return key, nil
}

// parseKey never has bytes of the key in its errors.
func parseKey(data []byte) (ed25519.PrivateKey, error) {
	errKind := errors.New("it is not one Ed25519 private key (PKCS#8 PEM)")
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(block.Headers) > 0 || len(strings.TrimSpace(string(rest))) > 0 {
		return nil, errKind
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errKind
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errKind
	}
	return key, nil
}

const didPrefix = "did:key:z"

// multicodec says "Ed25519 public key" in a did:key.
var multicodec = []byte{0xed, 0x01}

// DID returns the did:key of a public key.
func DID(key ed25519.PublicKey) string {
	return didPrefix + base58.Encode(append(append([]byte(nil), multicodec...), key...))
}

// ParseDID returns the Ed25519 key of a did:key, which must be in the one form that [DID] writes.
func ParseDID(did string) (ed25519.PublicKey, error) {
	text, ok := strings.CutPrefix(did, didPrefix)
	if !ok || len(text) > 64 {
		return nil, fmt.Errorf("%q is not the did:key of an Ed25519 key", did)
	}
	data, err := base58.Decode(text)
	if err != nil || len(data) != len(multicodec)+ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is not the did:key of an Ed25519 key", did)
	}
	key := ed25519.PublicKey(data[len(multicodec):])
	if DID(key) != did {
		return nil, fmt.Errorf("%q is not the did:key of an Ed25519 key", did)
	}
	if err := CheckKey(key); err != nil {
		return nil, fmt.Errorf("%q: %w", did, err)
	}
	return key, nil
}

// CheckKey refuses what no private key has for its public one, though signatures by it may verify: bytes that are no point or write one in another way than
// the canonical one, and points outside of the group of prime order, such as those of small order, under which one signature is right for many texts.
func CheckKey(key ed25519.PublicKey) error {
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil {
		return errors.New("it is not a point of the curve")
	}
	if !bytes.Equal(p.Bytes(), key) {
		return errors.New("it does not write its point in the canonical way")
	}
	// [L]A is zero just where [L-1]A is -A. L is the order of the group, so L-1 is -1 among its scalars.
	minusOne := edwards25519.NewScalar().Negate(one)
	if p.Equal(edwards25519.NewIdentityPoint()) == 1 || new(edwards25519.Point).ScalarMult(minusOne, p).Equal(new(edwards25519.Point).Negate(p)) == 0 {
		return errors.New("it is a point outside of the group that keys are from (of small order, or with such a part)")
	}
	return nil
}

var one = func() *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return s
}()
