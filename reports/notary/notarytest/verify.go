package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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
	r, err := readReceipt(file)
	if err != nil {
		return 0, 0, &Refused{"record", err.Error()}
	}
	if r.network != network {
		return 0, 0, &Refused{"milestone", "wrong network"}
	}
	record, err := carried(r.block, "vauban.report.v1", 66)
	if err != nil {
		return 0, 0, err
	}
	if record[0] != 1 || !opens(record[1], record[2:34], r.salt, digest) {
		return 0, 0, &Refused{"record", "no record, not with that salt, or of something else"}
	}
	return milestone(r.milestone, root(r.block, r.path), inclusionRoot, keys, threshold)
}

// receipt is what is in a receipt's file.
type receipt struct {
	network                      string
	block, milestone, path, salt []byte
}

// readReceipt reads the JSON object, which must be written in its one canonical way.
func readReceipt(file []byte) (*receipt, error) {
	v, err := object(file, 1<<18)
	if err != nil {
		return nil, err
	}
	out := &receipt{network: text(v, "network")}
	if !only(v, "block", "milestone", "network", "path", "salt", "schema") || text(v, "schema") != "vauban.receipt/1" {
		return nil, errors.New("other fields, or another schema")
	}
	for name, to := range map[string]*[]byte{"block": &out.block, "milestone": &out.milestone, "path": &out.path, "salt": &out.salt} {
		s, ok := v[name].(string)
		if *to, err = hex.DecodeString(s); !ok || err != nil || strings.ToLower(s) != s {
			return nil, errors.New("no lower-case digits: " + name)
		}
	}
	if n := len(out.salt); n != 0 && n != 32 {
		return nil, errors.New("a salt that is none")
	}
	return out, nil
}

// opens reports whether a record's kind and commitment are those of a salt, which may be none, and a digest (nil: of any).
func opens(kind byte, commitment, salt []byte, digest *[32]byte) bool {
	switch {
	case kind > 1 || (kind == 1) != (len(salt) == 32):
		return false
	case digest == nil:
		return true
	case kind == 0:
		return bytes.Equal(commitment, digest[:])
	}
	sum := sha256.Sum256(append(bytes.Clone(salt), digest[:]...))
	return bytes.Equal(commitment, sum[:])
}

// ascending reports whether n items of a size at an offset are in strictly ascending order of their first 32 bytes after skip bytes.
func ascending(data []byte, at, n, size, skip int) bool {
	return sort.SliceIsSorted(make([]struct{}, n), func(i, j int) bool {
		a, b := data[at+i*size+skip:], data[at+j*size+skip:]
		return bytes.Compare(a[:32], b[:32]) <= 0 // so that equal ones count as out of order
	})
}

// carried returns the record of a size that a block with a tag carries.
func carried(data []byte, tag string, size int) ([]byte, error) {
	if len(data) < 2 {
		return nil, &Refused{"block", "no block"}
	}
	parents := int(data[1])
	want := 2 + 32*parents + 4 + 4 + 1 + len(tag) + 4 + size + 8
	if data[0] != 2 || parents < 1 || parents > 8 || len(data) != want || !ascending(data, 2, parents, 32, 0) {
		return nil, &Refused{"block", "no block of that shape"}
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(want-2-32*parents-4-8))
	head = append(binary.LittleEndian.AppendUint32(head, 5), byte(len(tag)))
	head = binary.LittleEndian.AppendUint32(append(head, tag...), uint32(size))
	body := data[2+32*parents:]
	if !bytes.HasPrefix(body, head) {
		return nil, &Refused{"block", "no record in it"}
	}
	return body[len(head):][:size], nil
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

// options returns where the options of a milestone end that begin, with their number, at a place; -1 where they are none.
func options(data []byte, at int) int {
	if at >= len(data) {
		return -1
	}
	last := -1
	n := int(data[at])
	at++
	for range n {
		if at >= len(data) || int(data[at]) <= last {
			return -1
		}
		last = int(data[at])
		switch { // each case leaves at behind the option
		case last == 1 && at+8 <= len(data):
			at += 8 + int(binary.LittleEndian.Uint16(data[at+6:]))
		case last == 0 && at+8 <= len(data) && data[at+5] <= 1:
			const fund, treasury = 49 + 1 + 32 + 8, 4 + 46
			funds := int(binary.LittleEndian.Uint16(data[at+6:]))
			if at += 8; funds < 1 || funds > 128 || len(data) < at+funds*fund+treasury {
				return -1
			}
			for range funds {
				if data[at+49] != 0 {
					return -1
				}
				at += fund
			}
			if binary.LittleEndian.Uint32(data[at:]) != 46 || binary.LittleEndian.Uint32(data[at+4:]) != 4 || data[at+8] != 1 || data[at+41] != 2 {
				return -1
			}
			at += treasury
		default:
			return -1
		}
	}
	return at
}

// Where the roots of a milestone are, after its parents.
const (
	inclusionRoot = 0
	appliedRoot   = 32
)

// milestone checks that data is a milestone over the root, which is the one or the other, signed by enough keys.
func milestone(data, root []byte, which int, keys []Key, threshold int) (index, at uint32, err error) {
	const fixed = 4 + 4 + 4 + 1 + 32 // type, index, time, version, previous
	if len(data) <= fixed || len(data) > 32768 || binary.LittleEndian.Uint32(data) != 7 || data[12] != 2 {
		return 0, 0, &Refused{"milestone", "no milestone"}
	}
	parents := int(data[fixed])
	roots := fixed + 1 + 32*parents
	if parents < 1 || parents > 8 || len(data) < roots+64+2 || !ascending(data, fixed+1, parents, 32, 0) {
		return 0, 0, &Refused{"milestone", "parents"}
	}
	end := options(data, roots+64+2+int(binary.LittleEndian.Uint16(data[roots+64:])))
	if end < 0 || len(data) <= end {
		return 0, 0, &Refused{"milestone", "metadata or options"}
	}
	n, first := int(data[end]), end+1
	const size = 1 + 32 + 64
	if n == 0 || len(data) != first+n*size || !ascending(data, first, n, size, 1) {
		return 0, 0, &Refused{"milestone", "signatures"}
	}
	for i := range n {
		if data[first+i*size] != 0 {
			return 0, 0, &Refused{"milestone", "type of a signature"}
		}
	}
	if !bytes.Equal(data[roots+which:][:32], root) {
		return 0, 0, &Refused{"path", "it does not lead to the root"}
	}
	index, at = binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])
	id := blake2b.Sum256(data[4:end])
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

// milestoneID returns the ID of a milestone that was verified.
func milestoneID(data []byte) []byte {
	roots := 46 + 32*int(data[45])
	return blake(data[4:options(data, roots+66+int(binary.LittleEndian.Uint16(data[roots+64:])))])
}
