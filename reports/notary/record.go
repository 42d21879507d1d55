package notary

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Record is what goes on the ledger for one statement.
type Record struct {
	Blinded    bool     // the commitment is over a salt and the digest, not the digest itself
	Commitment [32]byte // to the digest of the statement
	Previous   ID       // the block of the record before it in the design's history; zero for the first
}

const (
	recordVersion = 1
	recordSize    = 2 + 32 + 32
)

// NewRecord makes the record of a statement whose SHA-256 is digest. With a salt (32 random bytes) it is blinded; without one it shows the digest.
func NewRecord(digest [32]byte, salt []byte, previous ID) Record {
	return Record{Blinded: len(salt) > 0, Commitment: Commit(digest, salt), Previous: previous}
}

// Commit returns what a record has of a digest: the digest itself, or SHA-256 of salt and digest where there is a salt.
func Commit(digest [32]byte, salt []byte) [32]byte {
	if len(salt) == 0 {
		return digest
	}
	return sha256.Sum256(append(append([]byte(nil), salt...), digest[:]...))
}

// Bytes writes the record: version, 01 where it is blinded and 00 where not, commitment, previous block.
func (r Record) Bytes() []byte {
	out := []byte{recordVersion, 0}
	if r.Blinded {
		out[1] = 1
	}
	return append(append(out, r.Commitment[:]...), r.Previous[:]...)
}

// ParseRecord reads what [Record.Bytes] writes, and nothing else.
func ParseRecord(data []byte) (Record, error) {
	switch {
	case len(data) != recordSize:
		return Record{}, fmt.Errorf("the record has %d bytes, expected %d", len(data), recordSize)
	case data[0] != recordVersion:
		return Record{}, fmt.Errorf("the record has version %d, expected %d", data[0], recordVersion)
	case data[1] > 1:
		return Record{}, errors.New("the record is neither blinded (1) nor plain (0)")
	}
	return Record{data[1] == 1, [32]byte(data[2:34]), ID(data[34:66])}, nil
}
