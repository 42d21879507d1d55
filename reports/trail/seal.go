package trail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// encloses checks that a sealed document, nil where there is none, is the one that an entry names.
func (e *Entry) encloses(sealed []byte) error {
	sum := sha256.Sum256(sealed)
	switch {
	case e.Sealed == nil && sealed != nil:
		return errors.New("there is a sealed document beside it, and it names none")
	case e.Sealed != nil && sealed == nil:
		return errors.New("its sealed document is missing: ask the other parties for it")
	case e.Sealed != nil && hex.EncodeToString(sum[:]) != e.Sealed.SHA256:
		return fmt.Errorf("the sealed document beside it has the SHA-256 %x, and it names %s", sum, e.Sealed.SHA256)
	}
	return nil
}

// commitment is what an entry has of a sealed document with that SHA-256, both in hexadecimal. It is "" where one of them is not.
func commitment(digest, salt string) string {
	d, err := hex.DecodeString(digest)
	if err != nil || len(d) != sha256.Size {
		return ""
	}
	s, err := hex.DecodeString(salt)
	if err != nil || len(s) != sha256.Size {
		return ""
	}
	sum := notary.Commit([32]byte(d), s)
	return hex.EncodeToString(sum[:])
}

// is reports whether a document is the one that was brought: by its SHA-256, or, where it is sealed, with the salt by which it was disclosed, or else with the one given.
func (c *claim) is(doc []byte, salt string) bool {
	sum := sha256.Sum256(doc)
	digest := hex.EncodeToString(sum[:])
	if c.Sealed == nil {
		return digest == c.Document
	}
	if c.salt != "" {
		salt = c.salt
	}
	return commitment(digest, salt) == c.Document
}

// discloses checks that a disclosure opens a sealed document of the trail, and is by those who sealed it.
func (s *state) discloses(e *Entry) error {
	c := s.byEntry[e.Of]
	switch {
	case c == nil || c.Sealed == nil:
		return fmt.Errorf("it discloses entry %d, which brings no sealed document that was allowed", e.Of)
	case commitment(e.Document, e.Salt) != c.Document:
		return fmt.Errorf("the document %s and its salt are not what entry %d commits to: another version", e.Document, e.Of)
	}
	for _, g := range e.Signers {
		k := s.keys[g.DID]
		if k != nil && !slices.ContainsFunc(c.Signers, func(o Signer) bool { return s.keys[o.DID].party == k.party }) {
			return fmt.Errorf("%s did not seal entry %d, and only who sealed it discloses it", s.genesis.Parties[k.party].Name, e.Of)
		}
	}
	return nil
}

// Seal returns an entry whose document is sealed. It is an error where the entry has none.
func (r *Result) Seal(number uint32) (*Entry, error) {
	c := r.state.byEntry[number]
	if c == nil || c.Sealed == nil {
		return nil, fmt.Errorf("entry %d has no sealed document: `vauban trail show` lists the entries", number)
	}
	return c.Entry, nil
}

// Opens checks that a document and its salt are what a sealed entry commits to.
func (e *Entry) Opens(doc, salt []byte) error {
	sum := sha256.Sum256(doc)
	if commitment(hex.EncodeToString(sum[:]), hex.EncodeToString(salt)) != e.Document {
		return fmt.Errorf("what is sealed in entry %d is not what it commits to: whoever sealed it has signed one thing and handed out another", e.Number)
	}
	return nil
}

// Reader returns the DID of a reader, who is named as a party, by the key that it uses now, or by the DID.
func (r *Result) Reader(name string) string {
	for i := range r.state.genesis.Parties {
		if p := &r.state.genesis.Parties[i]; p.Name == name {
			did, _ := r.state.inUse(p)
			return did
		}
	}
	return name
}

// IsSalt reports whether a text is the salt of a sealed document.
func IsSalt(text string) bool { return isHex(text) }
