package notary

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/blake2b"
)

// Limits and numbers of the Stardust wire format (TIP-24, TIP-23, TIP-29, TIP-34).
const (
	maxBlock       = 32768
	maxTag         = 64
	maxParents     = 8
	blockVersion   = 2
	taggedData     = 5
	milestone      = 7
	optionReceipt  = 0
	optionProtocol = 1
	treasury       = 4
	maxFunds       = 128
)

// Block is a Stardust block with a tagged data payload.
type Block struct {
	ID      ID
	Parents []ID
	Tag     []byte
	Data    []byte
	Nonce   uint64
}

// Bytes writes the block. ID is not used.
func (b *Block) Bytes() []byte {
	payload := binary.LittleEndian.AppendUint32(nil, taggedData)
	payload = append(payload, byte(len(b.Tag)))
	payload = append(payload, b.Tag...)
	payload = binary.LittleEndian.AppendUint32(payload, uint32(len(b.Data)))
	payload = append(payload, b.Data...)
	return Frame(b.Parents, payload, b.Nonce)
}

// Frame writes a block around a payload.
func Frame(parents []ID, payload []byte, nonce uint64) []byte {
	out := []byte{blockVersion, byte(len(parents))}
	for _, p := range parents {
		out = append(out, p[:]...)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(payload)))
	out = append(out, payload...)
	return binary.LittleEndian.AppendUint64(out, nonce)
}

// ParseFrame reads what all blocks have, and returns the payload unread.
func ParseFrame(data []byte) (parents []ID, payload []byte, nonce uint64, err error) {
	if len(data) > maxBlock {
		return nil, nil, 0, fmt.Errorf("the block has %d bytes, at most %d are allowed", len(data), maxBlock)
	}
	r := &reader{rest: data}
	if v := r.u8("version"); r.err == nil && v != blockVersion {
		return nil, nil, 0, fmt.Errorf("the block has version %d, expected %d", v, blockVersion)
	}
	parents = r.parents()
	payload = r.take(int64(r.u32("payload length")), "payload")
	nonce = r.u64("nonce")
	return parents, payload, nonce, r.end("block")
}

// IsMilestone reports whether a payload says that it is a milestone.
func IsMilestone(payload []byte) bool {
	r := &reader{rest: payload}
	return r.u32("payload type") == milestone && r.err == nil
}

// ParseBlock reads a block with a tagged data payload. It refuses whatever is not canonical, and bytes left over.
func ParseBlock(data []byte) (*Block, error) {
	parents, raw, nonce, err := ParseFrame(data)
	if err != nil {
		return nil, err
	}
	b := &Block{ID: BlockID(data), Parents: parents, Nonce: nonce}
	payload := &reader{rest: raw}
	if t := payload.u32("payload type"); payload.err == nil && t != taggedData {
		return nil, fmt.Errorf("the block holds a payload of type %d, expected tagged data (%d)", t, taggedData)
	}
	n := payload.u8("tag length")
	if n > maxTag {
		return nil, fmt.Errorf("the tag has %d bytes, at most %d are allowed", n, maxTag)
	}
	b.Tag = payload.take(int64(n), "tag")
	b.Data = payload.take(int64(payload.u32("data length")), "data")
	if err := payload.end("payload"); err != nil {
		return nil, err
	}
	return b, nil
}

// Signature is one signature of a milestone.
type Signature struct {
	Key       ed25519.PublicKey
	Signature []byte
}

// Milestone is a milestone payload.
type Milestone struct {
	ID            ID // what the signatures are over
	Index         uint32
	Time          time.Time // UTC, whole seconds
	Previous      ID
	Parents       []ID
	InclusionRoot ID // over all blocks that the milestone references first
	AppliedRoot   ID // over those of them that change the ledger
	Metadata      []byte
	Signatures    []Signature
}

// essence writes what a milestone without options is signed over.
func (m *Milestone) essence() []byte {
	out := binary.LittleEndian.AppendUint32(nil, m.Index)
	out = binary.LittleEndian.AppendUint32(out, uint32(m.Time.Unix()))
	out = append(out, blockVersion)
	out = append(out, m.Previous[:]...)
	out = append(out, byte(len(m.Parents)))
	for _, p := range m.Parents {
		out = append(out, p[:]...)
	}
	out = append(append(out, m.InclusionRoot[:]...), m.AppliedRoot[:]...)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(m.Metadata)))
	out = append(out, m.Metadata...)
	return append(out, 0)
}

// ParseMilestone reads a milestone payload from its raw bytes. It refuses whatever is not canonical, and bytes left over. It
// does not check signatures.
func ParseMilestone(data []byte) (*Milestone, error) {
	if len(data) > maxBlock {
		return nil, fmt.Errorf("the milestone has %d bytes, at most %d are allowed", len(data), maxBlock)
	}
	r := &reader{rest: data}
	if t := r.u32("payload type"); r.err == nil && t != milestone {
		return nil, fmt.Errorf("the payload is of type %d, expected a milestone (%d)", t, milestone)
	}
	start := r.rest
	m := &Milestone{Index: r.u32("index"), Time: time.Unix(int64(r.u32("timestamp")), 0).UTC()}
	if v := r.u8("protocol version"); r.err == nil && v != blockVersion {
		return nil, fmt.Errorf("the milestone is of protocol version %d, expected %d", v, blockVersion)
	}
	m.Previous = r.id("previous milestone")
	m.Parents = r.parents()
	m.InclusionRoot = r.id("inclusion root")
	m.AppliedRoot = r.id("applied root")
	m.Metadata = r.take(int64(r.u16("metadata length")), "metadata")
	r.options()
	if r.err != nil {
		return nil, fmt.Errorf("milestone: %w", r.err)
	}
	m.ID = blake2b.Sum256(start[:len(start)-len(r.rest)])
	n := r.u8("number of signatures")
	if r.err == nil && n == 0 {
		return nil, errors.New("the milestone has no signatures")
	}
	for range n {
		if t := r.u8("signature type"); t != 0 {
			return nil, fmt.Errorf("the milestone has a signature of type %d, expected Ed25519 (0)", t)
		}
		s := Signature{Key: r.take(ed25519.PublicKeySize, "public key"), Signature: r.take(ed25519.SignatureSize, "signature")}
		if r.err != nil {
			break
		}
		if k := len(m.Signatures); k > 0 && bytes.Compare(m.Signatures[k-1].Key, s.Key) >= 0 {
			return nil, errors.New("the signatures of the milestone are not in the order of their keys, each once")
		}
		m.Signatures = append(m.Signatures, s)
	}
	if err := r.end("milestone"); err != nil {
		return nil, err
	}
	return m, nil
}

// reader reads little-endian fields and keeps the first error.
type reader struct {
	rest []byte
	err  error
}

// take returns the next n bytes.
func (r *reader) take(n int64, what string) []byte {
	if r.err == nil && n > int64(len(r.rest)) {
		r.err = fmt.Errorf("it ends in the middle of its %s", what)
	}
	if r.err != nil {
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) number(size int64, what string) uint64 {
	var n uint64
	for i, b := range r.take(size, what) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

func (r *reader) u8(what string) uint8   { return uint8(r.number(1, what)) }
func (r *reader) u16(what string) uint16 { return uint16(r.number(2, what)) }
func (r *reader) u32(what string) uint32 { return uint32(r.number(4, what)) }
func (r *reader) u64(what string) uint64 { return r.number(8, what) }

func (r *reader) id(what string) (id ID) {
	copy(id[:], r.take(int64(len(id)), what))
	return id
}

// parents reads 1 to 8 IDs in ascending order, each once.
func (r *reader) parents() []ID {
	n := r.u8("number of parents")
	if r.err == nil && (n == 0 || n > maxParents) {
		r.err = fmt.Errorf("it has %d parents, expected 1 to %d", n, maxParents)
	}
	var out []ID
	for range n {
		id := r.id("parents")
		if r.err != nil {
			return nil
		}
		if k := len(out); k > 0 && bytes.Compare(out[k-1][:], id[:]) >= 0 {
			r.err = errors.New("its parents are not in order, each once")
			return nil
		}
		out = append(out, id)
	}
	return out
}

// options reads the options of a milestone: at most one of each type, in ascending order. What they mean does not concern a receipt; where they
// end does, as what follows is not signed.
func (r *reader) options() {
	last := -1
	for range r.u8("number of options") {
		t := int(r.u8("option type"))
		if r.err == nil && t <= last {
			r.err = errors.New("its options are not in order, each once")
		}
		last = t
		switch {
		case r.err != nil:
			return
		case t == optionProtocol: // the milestone from which the parameters are in force, their version, and the parameters
			r.take(4+1, "option")
			r.take(int64(r.u16("option length")), "option")
		case t == optionReceipt:
			r.migration()
		default:
			r.err = fmt.Errorf("it has an option of type %d, expected %d or %d", t, optionReceipt, optionProtocol)
		}
	}
}

// migration reads a receipt of migrated funds (TIP-34): an index, a flag, the funds, each a 49-byte hash with an Ed25519 address and an
// amount, and a treasury transaction.
func (r *reader) migration() {
	r.take(4, "migration")
	if final := r.u8("migration"); r.err == nil && final > 1 {
		r.err = fmt.Errorf("a migration has the flag %d, expected 0 or 1", final)
	}
	n := r.u16("number of funds")
	if r.err == nil && (n == 0 || n > maxFunds) {
		r.err = fmt.Errorf("a migration has %d funds, expected 1 to %d", n, maxFunds)
	}
	for range n {
		r.take(49, "funds")
		if t := r.u8("address type"); r.err == nil && t != 0 {
			r.err = fmt.Errorf("a migration has an address of type %d, expected Ed25519 (0)", t)
		}
		r.take(32+8, "funds")
	}
	// The payload: its length and type; its input, the milestone that made the treasury; its output, an amount.
	const inputType, outputType = 1, 2
	size, kind := r.u32("treasury length"), r.u32("treasury type")
	in := r.u8("treasury input")
	r.take(32, "treasury input")
	out := r.u8("treasury output")
	r.take(8, "treasury output")
	if r.err == nil && (size != 4+1+32+1+8 || kind != treasury || in != inputType || out != outputType) {
		r.err = errors.New("a migration has no treasury transaction")
	}
}

// end checks that nothing went wrong and nothing is left.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = fmt.Errorf("trailing bytes after it: %d", len(r.rest))
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", what, r.err)
	}
	return nil
}
