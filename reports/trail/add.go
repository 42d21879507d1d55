package trail

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// Begin puts the genesis of a trail into an empty directory, to be put on a ledger, signed with the keys of parties. The trust file may be nil where no did:iota vouches for one. With blind its record will not show its digest.
func Begin(s *notary.Sequence, g *Genesis, signers []string, keys []ed25519.PrivateKey, trust *notary.Trust, blind bool) error {
	if err := g.vouched(trust); err != nil {
		return err
	}
	if s.Len() > 0 {
		return errors.New("this directory already has a trail: `vauban trail show` tells it, and another one needs another directory")
	}
	e := &Entry{Schema: EntrySchema, Kind: KindGenesis, Number: 1, Genesis: g}
	for _, did := range signers {
		e.Signers = append(e.Signers, Signer{DID: did, Role: AsFounder})
	}
	data, err := Sign(e, keys)
	if err != nil {
		return err
	}
	return s.Append([][]byte{data, nil}, blind)
}

// Add puts an entry that goes on from a verified trail at its end, with what it has sealed, if anything, to be put on a ledger. It is an error where the trail does not hold, where an entry of it is still waiting,
// or where this one would be refused at that time.
func Add(s *notary.Sequence, r *Result, e *Entry, sealed []byte, keys []ed25519.PrivateKey, now time.Time, blind bool) error {
	waiting, err := s.Pending()
	switch {
	case err != nil:
		return err
	case waiting > 0:
		return fmt.Errorf("entry %d waits for the Tangle: bring it there first with `vauban trail add --resume`", s.Len()-waiting+1)
	case !r.Passed || int64(r.Head.Number) != int64(s.Len()):
		return errors.New("the trail does not hold: `vauban trail verify` says why")
	}
	if err := r.Allow(e, now); err != nil {
		return fmt.Errorf("the trail would refuse the entry: %w", err)
	}
	data, err := Sign(e, keys)
	if err != nil {
		return err
	}
	if err := e.encloses(sealed); err != nil {
		return err
	}
	return s.Append([][]byte{data, sealed}, blind)
}
