package witness

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/vauban-verifier/vauban/reports/attest"
)

// Kind is what a key signs: the byte that stands for it in a key and its hash.
type Kind byte

// The kinds of keys.
const (
	Signs   Kind = 1 // a log: the text of a checkpoint
	Cosigns Kind = 4 // a witness: the text, with the time
)

// Key is the public key of a log or a witness. As text it is what C2SP signed-note calls a verifier key: NAME+HASH+BASE64.
type Key struct {
	name   string
	kind   Kind
	public ed25519.PublicKey
}

var _ note.Verifier = Key{}

// NewKey names a key. A name has no blanks and no plus sign; that of a log is its origin.
func NewKey(name string, kind Kind, public ed25519.PublicKey) (Key, error) {
	switch {
	case name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.Contains(name, "+") ||
		strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return Key{}, fmt.Errorf("the name %q: expected up to 255 characters without blanks and plus signs, such as example.com/log", name)
	case kind != Signs && kind != Cosigns:
		return Key{}, fmt.Errorf("keys of kind %d are unknown: expected one of a log (1) or of a witness (4)", kind)
	}
	if err := attest.CheckKey(public); err != nil {
		return Key{}, err
	}
	return Key{name, kind, public}, nil
}

// ParseKey reads what [Key.String] writes, of the kind that is expected.
func ParseKey(text string, kind Kind) (Key, error) {
	fail := func(err error) (Key, error) { return Key{}, fmt.Errorf("the key %q: %w", text, err) }
	name, rest, _ := strings.Cut(text, "+")
	_, coded, _ := strings.Cut(rest, "+")
	data, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || len(data) != 1+ed25519.PublicKeySize {
		return fail(errors.New("expected NAME+HASH+BASE64, an Ed25519 key as C2SP signed-note has it"))
	}
	if Kind(data[0]) != kind {
		return fail(fmt.Errorf("it is of kind %d, expected %d (1: a log's, 4: a witness's)", data[0], kind))
	}
	k, err := NewKey(name, kind, data[1:])
	if err != nil {
		return fail(err)
	}
	if k.String() != text {
		return fail(fmt.Errorf("it should be written %s", k))
	}
	return k, nil
}

func (k Key) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{byte(k.kind)}, k.public...)))
}

// Name returns the name; of a log, its origin.
func (k Key) Name() string { return k.name }

// KeyHash returns the first four bytes of the SHA-256 of name, line end, kind and key.
func (k Key) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"+string(k.kind)), k.public...))
	return binary.BigEndian.Uint32(sum[:])
}

// Verify reports whether a signature is one by this key. That of a witness is eight bytes of time and the signature.
func (k Key) Verify(text, sig []byte) bool {
	if k.kind == Cosigns {
		if len(sig) != timeSize+ed25519.SignatureSize {
			return false
		}
		text, sig = timed(binary.BigEndian.Uint64(sig), text), sig[timeSize:]
	}
	return ed25519.Verify(k.public, text, sig)
}

const timeSize = 8

// timed returns what a witness signs at a time, in seconds of Unix time.
func timed(at uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// Signer signs checkpoints with a key.
type Signer struct {
	Key
	private ed25519.PrivateKey
	now     func() uint64 // Unix time, in seconds; of a witness
}

var _ note.Signer = Signer{}

// NewSigner returns a signer. The clock is asked by a witness alone.
func NewSigner(name string, kind Kind, private ed25519.PrivateKey, now func() uint64) (Signer, error) {
	k, err := NewKey(name, kind, private.Public().(ed25519.PublicKey))
	return Signer{k, private, now}, err
}

// Sign signs the text of a checkpoint.
func (s Signer) Sign(text []byte) ([]byte, error) {
	if s.kind == Signs {
		return ed25519.Sign(s.private, text), nil
	}
	at := s.now()
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(s.private, timed(at, text))...), nil
}
