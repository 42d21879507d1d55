package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// Key is a coordinator's public key with its first and last milestone; 0 for no last one.
type Key struct {
	Hex         string
	First, Last uint32
}

// Refused says which check of the format's description (reports/audit/FORMAT.md) evidence does not pass.
type Refused struct{ Check, Why string }

func (r *Refused) Error() string { return r.Check + ": " + r.Why }

// Verify checks a receipt, as it is in a file, against keys and a threshold, and that its record commits to a statement whose SHA-256 is digest (nil: to
// any). It returns the milestone's index and time (Unix).
func Verify(file []byte, network string, keys []Key, threshold int, digest *[32]byte) (index, at uint32, err error) {
	field, err := fields(file)
	if err != nil {
		return 0, 0, &Refused{"record", err.Error()}
	}
	if field["network"] != network {
		return 0, 0, &Refused{"milestone", "wrong network"}
	}
	raw := map[string][]byte{}
	for _, name := range []string{"block", "milestone", "path", "salt"} {
		if strings.ToLower(field[name]) != field[name] {
			return 0, 0, &Refused{"record", "upper-case digits"}
		}
		if raw[name], err = hex.DecodeString(field[name]); err != nil {
			return 0, 0, &Refused{"record", err.Error()}
		}
	}
	if err := block(raw["block"], raw["salt"], digest); err != nil {
		return 0, 0, err
	}
	return milestone(raw["milestone"], root(raw["block"], raw["path"]), keys, threshold)
}

// fields reads the JSON object, which must be written in its one canonical way.
func fields(file []byte) (map[string]string, error) {
	out := map[string]string{}
	if err := json.Unmarshal(file, &out); err != nil {
		return nil, err
	}
	names := []string{"block", "milestone", "network", "path", "salt", "schema"}
	if len(file) > 1<<18 || len(out) != len(names) || out["schema"] != "vauban.receipt/1" || len(out["salt"]) != 0 && len(out["salt"]) != 64 {
		return nil, errors.New("too large, other fields, another schema, or a salt that is none")
	}
	var parts []string
	for _, n := range names {
		for _, r := range out[n] {
			if r < ' ' || r > '~' || r == '"' || r == '\\' {
				return nil, errors.New("a character that would need an escape")
			}
		}
		parts = append(parts, `"`+n+`":"`+out[n]+`"`)
	}
	if string(file) != "{"+strings.Join(parts, ",")+"}" {
		return nil, errors.New("not canonical")
	}
	return out, nil
}

// ascending reports whether n items of a size at an offset are in strictly ascending order of their first 32 bytes after skip bytes.
func ascending(data []byte, at, n, size, skip int) bool {
	return sort.SliceIsSorted(make([]struct{}, n), func(i, j int) bool {
		a, b := data[at+i*size+skip:], data[at+j*size+skip:]
		return bytes.Compare(a[:32], b[:32]) <= 0 // so that equal ones count as out of order
	})
}

// block checks that data is a block with a record that opens with the salt to the digest.
func block(data, salt []byte, digest *[32]byte) error {
	const tag = "vauban.report.v1"
	const recordSize = 66
	if len(data) < 2 {
		return &Refused{"block", "no block"}
	}
	parents := int(data[1])
	want := 2 + 32*parents + 4 + 4 + 1 + len(tag) + 4 + recordSize + 8
	if data[0] != 2 || parents < 1 || parents > 8 || len(data) != want || !ascending(data, 2, parents, 32, 0) {
		return &Refused{"block", "no block of that shape"}
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(want-2-32*parents-4-8))
	head = append(binary.LittleEndian.AppendUint32(head, 5), byte(len(tag)))
	head = binary.LittleEndian.AppendUint32(append(head, tag...), recordSize)
	body := data[2+32*parents:]
	if !bytes.HasPrefix(body, head) {
		return &Refused{"block", "no record in it"}
	}
	record := body[len(head):][:recordSize]
	if blinded := len(salt) == 32; record[0] != 1 || blinded != (record[1] == 1) || !blinded && record[1]|byte(len(salt)) != 0 {
		return &Refused{"record", "no record, or not with that salt"}
	}
	if digest == nil {
		return nil
	}
	commitment := *digest
	if record[1] == 1 {
		commitment = sha256.Sum256(append(append([]byte(nil), salt...), digest[:]...))
	}
	if !bytes.Equal(record[2:34], commitment[:]) {
		return &Refused{"record", "the record is of something else"}
	}
	return nil
}

// root climbs from the block to the root of the tree; nil where the path is none.
func root(block, path []byte) []byte {
	id := blake2b.Sum256(block)
	at := blake2b.Sum256(append([]byte{0}, id[:]...))
	if len(path)%33 != 0 || len(path)/33 > 32 {
		return nil
	}
	for i := 0; i < len(path); i += 33 {
		pair := [2][]byte{path[i+1 : i+33], at[:]}
		switch path[i] {
		case 0:
		case 1:
			pair[0], pair[1] = pair[1], pair[0]
		default:
			return nil
		}
		at = blake2b.Sum256(bytes.Join([][]byte{{1}, pair[0], pair[1]}, nil))
	}
	return at[:]
}

// milestone checks that data is a milestone over the root, signed by enough keys.
func milestone(data, root []byte, keys []Key, threshold int) (index, at uint32, err error) {
	const fixed = 4 + 4 + 4 + 1 + 32 // type, index, time, version, previous
	if len(data) <= fixed || len(data) > 32768 || binary.LittleEndian.Uint32(data) != 7 || data[12] != 2 {
		return 0, 0, &Refused{"milestone", "no milestone"}
	}
	parents := int(data[fixed])
	roots := fixed + 1 + 32*parents
	if parents < 1 || parents > 8 || len(data) < roots+64+2 || !ascending(data, fixed+1, parents, 32, 0) {
		return 0, 0, &Refused{"milestone", "parents"}
	}
	options := roots + 64 + 2 + int(binary.LittleEndian.Uint16(data[roots+64:]))
	if len(data) < options+2 || data[options] != 0 {
		return 0, 0, &Refused{"milestone", "metadata or options"}
	}
	n, first := int(data[options+1]), options+2
	const size = 1 + 32 + 64
	if n == 0 || len(data) != first+n*size || !ascending(data, first, n, size, 1) {
		return 0, 0, &Refused{"milestone", "signatures"}
	}
	for i := range n {
		if data[first+i*size] != 0 {
			return 0, 0, &Refused{"milestone", "type of a signature"}
		}
	}
	if !bytes.Equal(data[roots:roots+32], root) {
		return 0, 0, &Refused{"path", "it does not lead to the root"}
	}
	index, at = binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])
	id := blake2b.Sum256(data[4 : options+1])
	good := map[string]bool{}
	for i := range n {
		s := data[first+i*size:][:size]
		if !ed25519.Verify(s[1:33], id[:], s[33:]) {
			return 0, 0, &Refused{"signatures", fmt.Sprintf("signature %d", i)}
		}
		for _, k := range keys {
			if k.Hex == hex.EncodeToString(s[1:33]) && index >= k.First && (k.Last == 0 || index <= k.Last) {
				good[k.Hex] = true
			}
		}
	}
	if len(good) < threshold {
		return 0, 0, &Refused{"signatures", fmt.Sprintf("%d keys of %d", len(good), threshold)}
	}
	return index, at, nil
}
