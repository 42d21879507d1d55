package alias

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// Numbers of the wire format.
const (
	transaction    = 6
	basicOutput    = 3
	aliasOutput    = 4
	addressUnlock  = 0
	controlUnlock  = 4
	governorUnlock = 5
	maxOutputs     = 128
)

// MaxMetadata is how long a packed document can be, in bytes. [Deposit] pays for as much.
const MaxMetadata = 4096

// Deposit is what lies in an output with a document, in the least unit of coins: enough for the longest document on networks that ask for up to 500 a byte.
const Deposit = 3_000_000

// Address is that of an Ed25519 key: BLAKE2b-256 of it.
type Address [32]byte

// AddressOf returns the address of a key.
func AddressOf(key ed25519.PublicKey) Address { return blake2b.Sum256(key) }

// String writes the address in hexadecimal, as tools of nodes take it.
func (a Address) String() string { return hex.EncodeToString(a[:]) }

// OutputID names an output: the transaction that made it and its place there.
type OutputID [34]byte

func outputID(transaction notary.ID, place int) (id OutputID) {
	copy(id[:], transaction[:])
	binary.LittleEndian.PutUint16(id[32:], uint16(place))
	return id
}

// Output is one of the two forms: coins for an address, where Alias is nil, or an alias.
type Output struct {
	Amount  uint64
	Address Address // that can spend it
	Alias   *State
}

// State is what an Alias Output has besides.
type State struct {
	ID       [32]byte // zero in the first one
	Index    uint32   // 0 is the first one
	Metadata []byte
}

func unlock(kind byte, to Address) []byte { return append([]byte{kind, 0}, to[:]...) }

// Bytes writes the output.
func (o *Output) Bytes() []byte {
	kind := byte(basicOutput)
	if o.Alias != nil {
		kind = aliasOutput
	}
	out := binary.LittleEndian.AppendUint64([]byte{kind}, o.Amount)
	out = append(out, 0) // native tokens
	if o.Alias == nil {
		return append(append(append(out, 1), unlock(addressUnlock, o.Address)...), 0)
	}
	out = binary.LittleEndian.AppendUint32(append(out, o.Alias.ID[:]...), o.Alias.Index)
	out = append(binary.LittleEndian.AppendUint16(out, uint16(len(o.Alias.Metadata))), o.Alias.Metadata...)
	out = append(binary.LittleEndian.AppendUint32(out, 0), 2) // foundries
	out = append(append(out, unlock(controlUnlock, o.Address)...), unlock(governorUnlock, o.Address)...)
	return append(out, 0, 0) // features
}

// cut reads an output at the beginning of bytes, and returns the rest.
func cut(data []byte) (*Output, []byte, error) {
	short := errors.New("an output ends in the middle")
	if len(data) < 10 {
		return nil, nil, short
	}
	o := &Output{Amount: binary.LittleEndian.Uint64(data[1:])}
	switch data[0] {
	case basicOutput:
		if len(data) < 46 {
			return nil, nil, short
		}
		o.Address = Address(data[13:45])
	case aliasOutput:
		if len(data) < 48 {
			return nil, nil, short
		}
		size := int(binary.LittleEndian.Uint16(data[46:]))
		if size > MaxMetadata {
			return nil, nil, fmt.Errorf("an alias has %d bytes of state metadata, expected at most %d", size, MaxMetadata)
		}
		if len(data) < 48+size+7+32 {
			return nil, nil, short
		}
		o.Alias = &State{[32]byte(data[10:42]), binary.LittleEndian.Uint32(data[42:]), data[48 : 48+size : 48+size]}
		o.Address = Address(data[48+size+7:][:32])
	default:
		return nil, nil, fmt.Errorf("an output is of type %d, expected %d (basic) or %d (alias)", data[0], basicOutput, aliasOutput)
	}
	same := o.Bytes()
	if !bytes.HasPrefix(data, same) {
		return nil, nil, errors.New("an output has another form than coins of one address, or an alias of one controller who is the governor")
	}
	return o, data[len(same):], nil
}

// ParseOutput reads an output, and nothing after it.
func ParseOutput(data []byte) (*Output, error) {
	o, rest, err := cut(data)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes are left over after an output")
	}
	return o, err
}

// Transaction is a payload that spends one output.
type Transaction struct {
	ID      notary.ID
	Input   OutputID
	Outputs []*Output
}

// essence writes what is signed.
func essence(network string, input OutputID, spent *Output, outputs []*Output) []byte {
	id := blake2b.Sum256([]byte(network))
	out := append([]byte{1}, id[:8]...)
	out = append(append(out, 1, 0, 0), input[:]...)
	each := blake2b.Sum256(spent.Bytes())
	commitment := blake2b.Sum256(each[:])
	out = binary.LittleEndian.AppendUint16(append(out, commitment[:]...), uint16(len(outputs)))
	for _, o := range outputs {
		out = append(out, o.Bytes()...)
	}
	return append(out, 0, 0, 0, 0) // no payload
}

// sign writes a transaction that spends an output of the key.
func sign(network string, input OutputID, spent *Output, outputs []*Output, key ed25519.PrivateKey) []byte {
	body := essence(network, input, spent, outputs)
	digest := blake2b.Sum256(body)
	out := binary.LittleEndian.AppendUint32(nil, transaction)
	out = append(append(out, body...), 1, 0, 0, 0)
	return append(append(out, key.Public().(ed25519.PublicKey)...), ed25519.Sign(key, digest[:])...)
}

// ParseTransaction reads a payload that [Create] or [Update] would write, on a network. What it spends, and whether the signature is the right one, was for the ledger to check before it applied it.
func ParseTransaction(payload []byte, network string) (*Transaction, error) {
	const head, tail = 4 + 1 + 8 + 2 + 1 + 34 + 32 + 2, 4 + 2 + 2 + 32 + 64
	if len(payload) < head+tail || binary.LittleEndian.Uint32(payload) != transaction {
		return nil, errors.New("the payload is no transaction")
	}
	id := blake2b.Sum256([]byte(network))
	if payload[4] != 1 || !bytes.Equal(payload[5:13], id[:8]) {
		return nil, fmt.Errorf("the transaction is not for the network %q", network)
	}
	if !bytes.Equal(payload[13:16], []byte{1, 0, 0}) {
		return nil, errors.New("the transaction does not spend one output")
	}
	t := &Transaction{ID: blake2b.Sum256(payload), Input: OutputID(payload[16:50])}
	n := binary.LittleEndian.Uint16(payload[82:])
	if n == 0 || n > maxOutputs {
		return nil, fmt.Errorf("the transaction has %d outputs, expected 1 to %d", n, maxOutputs)
	}
	rest := payload[head:]
	for range n {
		var o *Output
		var err error
		if o, rest, err = cut(rest); err != nil {
			return nil, err
		}
		t.Outputs = append(t.Outputs, o)
	}
	if len(rest) != tail || !bytes.Equal(rest[:8], []byte{0, 0, 0, 0, 1, 0, 0, 0}) {
		return nil, errors.New("the transaction has a payload, or other unlocks than one signature")
	}
	return t, nil
}

// alias returns the one alias of a transaction as it is on the ledger, its place, and its ID, which the first state does not have.
func (t *Transaction) alias() (o *Output, place int, id [32]byte, err error) {
	at := -1
	for i := range t.Outputs {
		if t.Outputs[i].Alias == nil {
			continue
		}
		if at >= 0 {
			return nil, 0, id, errors.New("the transaction has more than one alias")
		}
		at = i
	}
	if at < 0 {
		return nil, 0, id, errors.New("the transaction has no alias")
	}
	if o, id = t.Outputs[at], t.Outputs[at].Alias.ID; id == [32]byte{} {
		own := outputID(t.ID, at)
		id = blake2b.Sum256(own[:])
	}
	return o, at, id, nil
}
