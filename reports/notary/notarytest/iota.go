package notarytest

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// didIota is a did:iota: maybe what addresses begin with, and 64 digits.
func didIota(v any) bool {
	s, _ := v.(string)
	rest, ok := strings.CutPrefix(s, "did:iota:")
	hrp, digits, named := strings.Cut(rest, ":")
	if !named {
		digits = hrp
	} else if !prefix(hrp) || hrp == "iota" {
		return false
	}
	return ok && len(digits) == 66 && digits[:2] == "0x" && strings.Trim(digits[2:], "0123456789abcdef") == ""
}

// prefix is what addresses begin with.
func prefix(hrp string) bool {
	return hrp != "" && len(hrp) <= 16 && strings.Trim(hrp, "abcdefghijklmnopqrstuvwxyz") == ""
}

// onLedger says whether a file shows that an identity on the ledger has a key.
func onLedger(did, document, key string, by *trusted) bool {
	file, err := object([]byte(document), 1<<18+1<<12)
	if err != nil || !only(file, "did", "receipt", "schema") || text(file, "schema") != "vauban.identity/1" || text(file, "did") != did || by.hrp == "" {
		return false
	}
	r, err := readReceipt([]byte(text(file, "receipt")))
	if err != nil || len(r.salt) != 0 || r.network != by.network {
		return false
	}
	payload := framed(r.block)
	if payload == nil {
		return false
	}
	if _, _, err := milestone(r.milestone, root(r.block, r.path), appliedRoot, by.keys, by.threshold); err != nil {
		return false
	}
	id, metadata, ok := aliasIn(payload, by.network)
	want := "did:iota:" + by.hrp + ":0x" + hex.EncodeToString(id[:])
	if by.hrp == "iota" {
		want = "did:iota:0x" + hex.EncodeToString(id[:])
	}
	if !ok || want != did || len(metadata) < 7 || string(metadata[:5]) != "DID\x01\x00" || int(binary.LittleEndian.Uint16(metadata[5:])) != len(metadata)-7 {
		return false
	}
	v, err := anyJSON(metadata[7:])
	if err != nil {
		return false
	}
	packed, _ := v.(map[string]any)
	return lists(replaced(packed["doc"], did), did, key)
}

// replaced has the DID where its stand-in was.
func replaced(v any, did string) any {
	switch v := v.(type) {
	case string:
		if rest, ok := strings.CutPrefix(v, "did:0:0"); ok && (rest == "" || strings.ContainsRune("#/?", rune(rest[0]))) {
			return did + rest
		}
	case []any:
		out := []any{}
		for _, x := range v {
			out = append(out, replaced(x, did))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, x := range v {
			out[name] = replaced(x, did)
		}
		return out
	}
	return v
}

// framed returns the payload of a block; nil where it is none.
func framed(block []byte) []byte {
	if len(block) < 2 || len(block) > 32768 || block[0] != 2 {
		return nil
	}
	n := int(block[1])
	at := 2 + 32*n
	if n < 1 || n > 8 || len(block) < at+12 || !ascending(block, 2, n, 32, 0) {
		return nil
	}
	if payload := block[at+4 : len(block)-8]; uint64(len(payload)) == uint64(binary.LittleEndian.Uint32(block[at:])) {
		return payload
	}
	return nil
}

// aliasIn returns the ID and the metadata of the one alias of a transaction.
func aliasIn(payload []byte, network string) (id [32]byte, metadata []byte, ok bool) {
	name := blake2b.Sum256([]byte(network))
	c := &cursor{rest: payload, good: true}
	c.is(6, 0, 0, 0, 1)
	c.is(name[:8]...)
	c.is(1, 0, 0)
	c.skip(34 + 32)
	n := binary.LittleEndian.Uint16(c.skip(2))
	found := 0
	for i := range n {
		kind := c.skip(1)[0]
		c.skip(8)
		c.is(0)
		if kind == 3 {
			c.is(1, 0, 0)
			c.skip(32)
			c.is(0)
			continue
		}
		if kind != 4 || n > 128 {
			return id, nil, false
		}
		found++
		copy(id[:], c.skip(32))
		index := binary.LittleEndian.Uint32(c.skip(4))
		size := int(binary.LittleEndian.Uint16(c.skip(2)))
		if size > 4096 || (index == 0) != (id == [32]byte{}) {
			return id, nil, false
		}
		metadata = c.skip(size)
		c.is(0, 0, 0, 0, 2, 4, 0)
		address := c.skip(32)
		c.is(5, 0)
		c.is(address...)
		c.is(0, 0)
		if index == 0 {
			transaction := blake2b.Sum256(payload)
			id = blake2b.Sum256(append(transaction[:], byte(i), byte(i>>8)))
		}
	}
	c.is(0, 0, 0, 0, 1, 0, 0, 0)
	c.skip(32 + 64)
	return id, metadata, c.good && len(c.rest) == 0 && found == 1 && n <= 128
}

// cursor goes through bytes. After the end it gives zeros.
type cursor struct {
	rest []byte
	good bool
}

func (c *cursor) skip(n int) []byte {
	if len(c.rest) < n {
		c.good, c.rest = false, nil
		return make([]byte, n)
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out
}

func (c *cursor) is(want ...byte) {
	if string(c.skip(len(want))) != string(want) {
		c.good = false
	}
}
