package notary

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"
)

// MaxParents is how many parents a block or a milestone has at most.
const MaxParents = maxParents

// SortParents puts IDs into the order in which a block or a milestone has them as parents, each once.
func SortParents(ids []ID) []ID {
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// Sign writes the payload of a milestone without options, signed by keys. ID and Signatures are not used. Parents must be as [SortParents] leaves them.
func (m *Milestone) Sign(keys ...ed25519.PrivateKey) []byte {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b ed25519.PrivateKey) int {
		return bytes.Compare(a.Public().(ed25519.PublicKey), b.Public().(ed25519.PublicKey))
	})
	essence := m.essence()
	id := BlockID(essence)
	out := append(binary.LittleEndian.AppendUint32(nil, milestone), essence...)
	out = append(out, byte(len(keys)))
	for _, k := range keys {
		out = append(append(append(out, 0), k.Public().(ed25519.PublicKey)...), ed25519.Sign(k, id[:])...)
	}
	return out
}

// MilestoneBlock returns the block that carries a milestone payload through the Tangle: the parents are the milestone's and the nonce is 0, so it follows
// from the payload.
func MilestoneBlock(payload []byte) ([]byte, error) {
	m, err := ParseMilestone(payload)
	if err != nil {
		return nil, fmt.Errorf("block of a milestone: %w", err)
	}
	return Frame(m.Parents, payload, 0), nil
}
