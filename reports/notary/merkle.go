package notary

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

// ID is a BLAKE2b-256 digest: of a block, of the essence of a milestone, or of a subtree.
type ID [32]byte

// String returns the digest in hexadecimal with 0x before it, as nodes and explorers write it.
func (id ID) String() string { return "0x" + hex.EncodeToString(id[:]) }

// IsZero reports whether the ID is all zeros, which stands for none.
func (id ID) IsZero() bool { return id == ID{} }

// BlockID returns the ID of a block: the digest of its bytes.
func BlockID(block []byte) ID { return blake2b.Sum256(block) }

// Leaf returns the digest of a Merkle tree's leaf.
func Leaf(block ID) ID { return blake2b.Sum256(append([]byte{0}, block[:]...)) }

// Node returns the digest of an inner node of a Merkle tree.
func Node(left, right ID) ID {
	return blake2b.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// Root returns the root of the Merkle tree over blocks in their white-flag order. The root over none is the digest of nothing.
func Root(blocks []ID) ID {
	switch len(blocks) {
	case 0:
		return blake2b.Sum256(nil)
	case 1:
		return Leaf(blocks[0])
	}
	k := split(len(blocks))
	return Node(Root(blocks[:k]), Root(blocks[k:]))
}

// split returns the largest power of two below n, which must be at least 2.
func split(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

// Path leads from a leaf of a Merkle tree to its root.
type Path []Step

// Step is one level of a path: the digest of the other subtree, and on which side it is.
type Step struct {
	Left    bool // the sibling is the left one
	Sibling ID
}

// maxPath is the longest path that is read: a milestone indexes fewer than 2^32 blocks.
const maxPath = 32

// PathTo returns the path from block i to the root of the tree over blocks.
func PathTo(blocks []ID, i int) Path {
	if i < 0 || i >= len(blocks) {
		panic(fmt.Sprintf("vauban: internal error: no block %d among %d", i, len(blocks)))
	}
	if len(blocks) == 1 {
		return nil
	}
	k := split(len(blocks))
	if i < k {
		return append(PathTo(blocks[:k], i), Step{false, Root(blocks[k:])})
	}
	return append(PathTo(blocks[k:], i-k), Step{true, Root(blocks[:k])})
}

// Root returns the root of the tree that the path leads to from a block.
func (p Path) Root(block ID) ID {
	at := Leaf(block)
	for _, s := range p {
		if s.Left {
			at = Node(s.Sibling, at)
		} else {
			at = Node(at, s.Sibling)
		}
	}
	return at
}

// Bytes returns the path as a receipt holds it: for each level 00 where the sibling is on the left and 01 where it is on the right, then the sibling.
func (p Path) Bytes() []byte {
	out := make([]byte, 0, 33*len(p))
	for _, s := range p {
		side := byte(1)
		if s.Left {
			side = 0
		}
		out = append(append(out, side), s.Sibling[:]...)
	}
	return out
}

// ParsePath reads what [Path.Bytes] writes, and nothing else.
func ParsePath(data []byte) (Path, error) {
	if len(data)%33 != 0 {
		return nil, errors.New("the path is not a list of 33-byte steps")
	}
	if len(data) > 33*maxPath {
		return nil, fmt.Errorf("the path has more than %d steps", maxPath)
	}
	var p Path
	for ; len(data) > 0; data = data[33:] {
		if data[0] > 1 {
			return nil, fmt.Errorf("a step of the path has the side %d, expected 0 or 1", data[0])
		}
		p = append(p, Step{data[0] == 0, ID(data[1:33])})
	}
	return p, nil
}
