package alias

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// FileSchema names the form of a file that shows a state of an identity.
const FileSchema = "vauban.identity/1"

// MaxFile is the largest such file that is read, in bytes.
const MaxFile = notary.MaxReceipt + 1<<12

// file is the document: the receipt is the text of one.
type file struct {
	Schema  string `json:"schema"`
	DID     string `json:"did"`
	Receipt string `json:"receipt"`
}

var didForm = regexp.MustCompile(`^did:iota:(?:([a-z]{1,16}):)?0x[0-9a-f]{64}$`)

// IsDID reports whether a text names an identity.
func IsDID(text string) bool {
	m := didForm.FindStringSubmatch(text)
	return m != nil && m[1] != "iota"
}

// File writes the state, with its receipt, as canonical JSON.
func (i *Identity) File(r *notary.Receipt) ([]byte, error) {
	receipt, err := r.JSON()
	if err != nil {
		return nil, err
	}
	return canonical.Marshal(file{FileSchema, i.DID, string(receipt)})
}

func parse(data []byte) (f file, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, err
	}
	if again, err := canonical.Marshal(f); err != nil || !bytes.Equal(again, data) || f.Schema != FileSchema {
		return f, fmt.Errorf("it is not of the form %q, canonical (RFC 8785)", FileSchema)
	}
	if !IsDID(f.DID) {
		return f, fmt.Errorf("%q is not a did:iota", f.DID)
	}
	return f, nil
}

// Named returns the DID that a file says that it is of, without a look at what shows it.
func Named(data []byte) (string, error) {
	f, err := parse(data)
	return f.DID, err
}

// Open reads what [Identity.File] writes, and nothing else, and checks it against the keys that the auditor trusts, offline.
func Open(data []byte, trust *notary.Trust) (*notary.Receipt, *Identity, error) {
	fail := func(err error) (*notary.Receipt, *Identity, error) { return nil, nil, fmt.Errorf("identity: %w", err) }
	if len(data) > MaxFile {
		return fail(fmt.Errorf("it is larger than %d KB", MaxFile>>10))
	}
	f, err := parse(data)
	if err != nil {
		return fail(err)
	}
	r, err := notary.ParseReceipt([]byte(f.Receipt))
	if err != nil {
		return fail(err)
	}
	i, err := verify(r, trust)
	if err != nil {
		return fail(err)
	}
	if i.DID != f.DID {
		return fail(errors.New("the receipt is of " + i.DID + ", and not of " + f.DID))
	}
	return r, i, nil
}
