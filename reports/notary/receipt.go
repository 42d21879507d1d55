package notary

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// ReceiptSchema names the form of a receipt.
const ReceiptSchema = "vauban.receipt/1"

// MaxReceipt is the largest receipt that is read, in bytes: two blocks in hexadecimal with room to spare.
const MaxReceipt = 1 << 18

// Receipt is all that is needed to check offline that a milestone references the block of a record: raw bytes, and the salt of the record. The zero
// Salt stands for a record that is not blinded.
type Receipt struct {
	Network   string
	Block     []byte
	Path      []byte // as [Path.Bytes] writes it
	Milestone []byte
	Salt      []byte // 32 bytes, or none
}

// receiptJSON is the document, with bytes in lower-case hexadecimal.
type receiptJSON struct {
	Schema    string `json:"schema"`
	Network   string `json:"network"`
	Block     string `json:"block"`
	Path      string `json:"path"`
	Milestone string `json:"milestone"`
	Salt      string `json:"salt"`
}

const saltSize = 32

// NewReceipt makes a receipt. It is not yet checked.
func NewReceipt(network string, block []byte, in *Inclusion, salt []byte) *Receipt {
	return &Receipt{network, block, in.Path.Bytes(), in.Milestone, salt}
}

// JSON writes the receipt as canonical JSON (RFC 8785).
func (r *Receipt) JSON() ([]byte, error) {
	data, err := canonical.Marshal(receiptJSON{
		ReceiptSchema, r.Network, hex.EncodeToString(r.Block), hex.EncodeToString(r.Path), hex.EncodeToString(r.Milestone), hex.EncodeToString(r.Salt),
	})
	if err != nil {
		return nil, fmt.Errorf("write receipt: %w", err)
	}
	return data, nil
}

// ParseReceipt reads a receipt. It refuses every byte sequence but the one that [Receipt.JSON] would write.
func ParseReceipt(data []byte) (*Receipt, error) {
	fail := func(err error) (*Receipt, error) { return nil, fmt.Errorf("read receipt: %w", err) }
	if len(data) > MaxReceipt {
		return fail(fmt.Errorf("it is larger than %d KB", MaxReceipt>>10))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var doc receiptJSON
	if err := d.Decode(&doc); err != nil {
		return fail(err)
	}
	if doc.Schema != ReceiptSchema {
		return fail(fmt.Errorf("its schema is %q, expected %q", doc.Schema, ReceiptSchema))
	}
	r := &Receipt{Network: doc.Network}
	for _, f := range []struct {
		to   *[]byte
		text string
		name string
	}{{&r.Block, doc.Block, "block"}, {&r.Path, doc.Path, "path"}, {&r.Milestone, doc.Milestone, "milestone"}, {&r.Salt, doc.Salt, "salt"}} {
		b, err := hex.DecodeString(f.text)
		if err != nil {
			return fail(fmt.Errorf("its %s: %w", f.name, err))
		}
		*f.to = b
	}
	if n := len(r.Salt); n != 0 && n != saltSize {
		return fail(fmt.Errorf("its salt has %d bytes, expected %d, or none for a record that is not blinded", n, saltSize))
	}
	again, err := r.JSON()
	if err != nil {
		return fail(err)
	}
	if !bytes.Equal(again, data) {
		return fail(errors.New("it is not in canonical form (RFC 8785, bytes in lower-case hexadecimal)"))
	}
	return r, nil
}

// Check is one check of a receipt, in the order in which they are made.
type Check int

// The checks of a receipt. Each rests on those before it.
const (
	CheckBlock      Check = iota // the block is canonical and holds a record
	CheckMilestone               // the milestone is canonical, and of the trusted network
	CheckPath                    // the path leads from the block to the milestone's inclusion root
	CheckSignatures              // enough trusted keys have signed it
)

// Refusal says which check a receipt did not pass, and why.
type Refusal struct {
	Check Check
	Err   error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }

// Place is where a receipt that passed shows a block to be.
type Place struct {
	Network   string
	Block     ID
	Milestone ID
	Index     uint32    // of the milestone
	Time      time.Time // of the milestone, by the coordinators' clocks
	Signers   []string  // the trusted keys that signed, in hexadecimal
	Keys      int       // how many trusted keys may sign at that index
}

// Proven is what the receipt of a record that passed shows.
type Proven struct {
	Place
	Record Record
}

// Verify checks a receipt against the keys that the auditor trusts, offline. The error is a [*Refusal].
func Verify(r *Receipt, trust *Trust) (*Proven, error) {
	p := &Proven{}
	place, err := Locate(r, trust, Tag, func(data []byte) (err error) {
		p.Record, err = ParseRecord(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Place = *place
	return p, nil
}

// Locate checks the receipt of a block with a tag, whose data have to pass record, against the keys that the auditor trusts, offline. The error is a [*Refusal].
func Locate(r *Receipt, trust *Trust, tag string, record func(data []byte) error) (*Place, error) {
	refuse := func(c Check, format string, args ...any) (*Place, error) {
		return nil, &Refusal{c, fmt.Errorf(format, args...)}
	}
	block, err := ParseBlock(r.Block)
	if err != nil {
		return refuse(CheckBlock, "%w", err)
	}
	if string(block.Tag) != tag {
		return refuse(CheckBlock, "the block has the tag %q, expected %q", block.Tag, tag)
	}
	if err := record(block.Data); err != nil {
		return refuse(CheckBlock, "%w", err)
	}
	return locate(r, trust, block.ID, func(m *Milestone) (ID, string) { return m.InclusionRoot, "inclusion" })
}

// LocateApplied checks the receipt of a block that has changed the ledger, such as one with a transaction: its path leads to the milestone's applied root, over the blocks that did. It returns the payload, unread. The error is a [*Refusal].
func LocateApplied(r *Receipt, trust *Trust) (*Place, []byte, error) {
	_, payload, _, err := ParseFrame(r.Block)
	if err == nil && len(r.Salt) > 0 {
		err = errors.New("it has a salt, and there is no record in it")
	}
	if err != nil {
		return nil, nil, &Refusal{CheckBlock, err}
	}
	place, err := locate(r, trust, BlockID(r.Block), func(m *Milestone) (ID, string) { return m.AppliedRoot, "applied" })
	return place, payload, err
}

// locate checks that the path of a receipt leads from a block to a root of its milestone, and who signed that.
func locate(r *Receipt, trust *Trust, block ID, of func(*Milestone) (ID, string)) (*Place, error) {
	refuse := func(c Check, format string, args ...any) (*Place, error) {
		return nil, &Refusal{c, fmt.Errorf(format, args...)}
	}
	m, err := ParseMilestone(r.Milestone)
	if err != nil {
		return refuse(CheckMilestone, "%w", err)
	}
	if r.Network != trust.Network {
		return refuse(CheckMilestone, "the receipt is from the network %q, the trust file is for %q", r.Network, trust.Network)
	}
	path, err := ParsePath(r.Path)
	if err != nil {
		return refuse(CheckPath, "%w", err)
	}
	if want, name := of(m); path.Root(block) != want {
		return refuse(CheckPath, "the path leads from the block to %s, the milestone's %s root is %s", path.Root(block), name, want)
	}
	signers, keys, err := trust.Signed(m)
	if err != nil {
		return refuse(CheckSignatures, "%w", err)
	}
	return &Place{r.Network, block, m.ID, m.Index, m.Time, signers, keys}, nil
}

// Signed returns the trusted keys that signed a milestone, and how many might have. It is an error where they are fewer than the threshold, or where
// any signature is wrong, whoever made it.
func (t *Trust) Signed(m *Milestone) (signed []string, keys int, err error) {
	may := map[string]bool{}
	for _, k := range t.Keys {
		if k.covers(m.Index) {
			may[k.Key] = true
		}
	}
	for _, s := range m.Signatures {
		key := hex.EncodeToString(s.Key)
		if !ed25519.Verify(s.Key, m.ID[:], s.Signature) {
			return nil, 0, fmt.Errorf("the signature of the key %s on milestone %d is invalid", key, m.Index)
		}
		if may[key] {
			signed = append(signed, key)
		}
	}
	if len(signed) < t.Threshold {
		return nil, 0, fmt.Errorf("%d of the keys that are trusted for milestone %d have signed it, %d are needed", len(signed), m.Index, t.Threshold)
	}
	return signed, len(may), nil
}

// Witnessed checks that the log which the trust file names has the milestone of a place, and that enough witnesses have seen that. A trust file that names no log asks for
// nothing: then there is nothing to tell.
func (t *Trust) Witnessed(at *Place, proof []byte) (*witness.Seen, error) {
	switch {
	case t.Log == nil:
		return nil, nil
	case proof == nil:
		return nil, fmt.Errorf("there is no proof that the log has milestone %d, and your trust file asks for one: `vauban witness prove` makes it", at.Index)
	}
	p, err := witness.ParseProof(proof)
	if err != nil {
		return nil, err
	}
	return p.Verify(t.Log, at.Index, at.Milestone, at.Time)
}

// Stamped checks that an authority which the trust file names has stamped the milestone of a place that a receipt shows. A trust file that names none asks for nothing: then there is
// nothing to tell.
func (t *Trust) Stamped(at *Place, r *Receipt, stamp []byte) (*witness.Stamped, error) {
	switch {
	case t.Stamps == nil:
		return nil, nil
	case stamp == nil:
		return nil, fmt.Errorf("there is no time stamp of milestone %d, and your trust file asks for one: `vauban witness stamp` gets it", at.Index)
	}
	return t.Stamps.Verify(stamp, r.Milestone, at.Time)
}

// Opens checks that the record on the ledger commits to the statement whose SHA-256 is digest.
func (r *Receipt) Opens(record Record, digest [32]byte) error {
	switch {
	case record.Blinded && len(r.Salt) == 0:
		return errors.New("the record is blinded, and the receipt has no salt to open it")
	case !record.Blinded && len(r.Salt) > 0:
		return errors.New("the receipt has a salt, and the record is not blinded")
	}
	if own := NewRecord(digest, r.Salt, record.Previous).Commitment; own != record.Commitment {
		return fmt.Errorf("the record commits to another statement: its commitment is %x, that of this statement is %x", record.Commitment, own)
	}
	return nil
}
