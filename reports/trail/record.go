package trail

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// Tag marks the blocks that hold records of trails.
const Tag = "vauban.trail.v2"

// Record is what goes on the ledger for one entry.
type Record struct {
	Blinded    bool     // the commitment is over a salt and the digest, not the digest itself
	Trail      ID       // of the entry
	Number     uint32   // of the entry
	Commitment [32]byte // to the SHA-256 of the entry's envelope
	Previous   notary.ID
}

const (
	recordVersion = 2
	recordSize    = 2 + 32 + 4 + 32 + 32
)

// Bytes writes the record: version, 01 where it is blinded and 00 where not, trail, number (little endian), commitment, block of the record before it.
func (r Record) Bytes() []byte {
	out := []byte{recordVersion, 0}
	if r.Blinded {
		out[1] = 1
	}
	out = binary.LittleEndian.AppendUint32(append(out, r.Trail[:]...), r.Number)
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
	return Record{
		data[1] == 1, ID(data[2:34]), binary.LittleEndian.Uint32(data[34:38]), [32]byte(data[38:70]), notary.ID(data[70:102]),
	}, nil
}

// opens checks that a record commits to the envelope whose SHA-256 is digest, with the salt of its receipt.
func (r Record) opens(digest [32]byte, salt []byte) error {
	switch {
	case r.Blinded != (len(salt) > 0):
		return errors.New("the record is blinded and the receipt has no salt, or the other way round")
	}
	if own := notary.Commit(digest, salt); own != r.Commitment {
		return fmt.Errorf("the record commits to another entry: its commitment is %x, that of this entry is %x", r.Commitment, own)
	}
	return nil
}

const (
	entryFile   = "entry.json"
	sealedFile  = "sealed.age" // of an entry whose document is sealed
	receiptFile = "receipt.json"
)

// maxSealed is the largest sealed document: what age adds to 32 MB is 8 KB for its chunks, and some hundred bytes for each reader.
const maxSealed = document.MaxBytes + 1<<16

// Form is that of a trail in a directory.
var Form = notary.Form{
	Noun:    "trail",
	Files:   []notary.File{{Name: entryFile, Limit: MaxBytes}, {Name: sealedFile, Limit: maxSealed, Optional: true}},
	Receipt: receiptFile,
	Tag:     Tag,
	Record: func(n int, files [][]byte, salt []byte, previous notary.ID) ([]byte, error) {
		s, err := Open(files[0])
		if err != nil {
			return nil, err
		}
		if int64(s.Number) != int64(n) {
			return nil, fmt.Errorf("it holds entry %d: bring the directory back from a backup", s.Number)
		}
		return Record{len(salt) > 0, s.ID, s.Number, notary.Commit(s.Digest, salt), previous}.Bytes(), nil
	},
}
