package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// Link is an entry of a history that passed.
type Link struct {
	Head   document.Head    // of the report or explanation
	Report *document.Report // without its cases and warnings; nil of an explanation
	SHA256 string           // of the report or explanation
	Signer string
	Proven *notary.Proven

	statement [32]byte
}

// Chain checks the entries of a design's history, the oldest first: each has a report, the statement about it by one of the signers (any where there are none), and a
// receipt that holds; each record names the block of the one before it, the first none; milestones do not run backwards. Entries at the end may have no receipt yet:
// they are counted. One entry is in memory at a time.
func Chain(entries notary.Entries, trust *notary.Trust, signers []string) (links []Link, waiting int, err error) {
	for e, err := range entries {
		i := len(links) + waiting
		switch {
		case err != nil:
			return nil, 0, err
		case e.Receipt == nil:
			waiting++
			continue
		case waiting > 0:
			return nil, 0, fmt.Errorf("entry %d has no receipt, and one after it has", i)
		}
		l, err := link(e, trust)
		if err != nil {
			return nil, 0, fmt.Errorf("entry %d: %w", i+1, err)
		}
		var before *Link
		if i > 0 {
			before = &links[i-1]
		}
		if err := l.follows(before, signers); err != nil {
			return nil, 0, fmt.Errorf("entry %d %w", i+1, err)
		}
		links = append(links, l)
	}
	return links, waiting, nil
}

// follows checks that a link comes after another one, which is nil for the first.
func (l *Link) follows(before *Link, signers []string) error {
	previous := notary.ID{}
	if before != nil {
		previous = before.Proven.Block
		switch {
		case l.Head.Design != before.Head.Design:
			return fmt.Errorf("is about the design %q, the one before it about %q", l.Head.Design, before.Head.Design)
		case l.Proven.Index < before.Proven.Index:
			return fmt.Errorf("is in milestone %d, the one before it in %d", l.Proven.Index, before.Proven.Index)
		case l.Proven.Time.Before(before.Proven.Time):
			return fmt.Errorf("is in a milestone of an earlier time than the one before it")
		}
	}
	switch got := l.Proven.Record.Previous; {
	case got != previous && before == nil:
		return fmt.Errorf("is the first, and follows the record %s, which is missing", got)
	case got != previous && got.IsZero():
		return errors.New("begins another chain")
	case got != previous:
		return fmt.Errorf("follows the record %s, which is missing: the one before it is %s", got, previous)
	case len(signers) > 0 && !slices.Contains(signers, l.Signer):
		return fmt.Errorf("is signed by %s, expected %s", l.Signer, strings.Join(signers, " or "))
	}
	return nil
}

// link checks an entry by itself.
func link(e *notary.Entry, trust *notary.Trust) (Link, error) {
	read, err := document.ParseDocument(e.Report)
	if err != nil {
		return Link{}, err
	}
	s, err := attest.Open(e.Statement)
	if err != nil {
		return Link{}, err
	}
	if err := s.Binds(read); err != nil {
		return Link{}, err
	}
	r, err := notary.ParseReceipt(e.Receipt)
	if err != nil {
		return Link{}, err
	}
	p, err := notary.Verify(r, trust)
	if err != nil {
		return Link{}, err
	}
	if _, err := trust.Witnessed(&p.Place, e.Proof); err != nil {
		return Link{}, err
	}
	if _, err := trust.Stamped(&p.Place, r, e.Stamp); err != nil {
		return Link{}, err
	}
	if err := r.Opens(p.Record, sha256.Sum256(e.Statement)); err != nil {
		return Link{}, err
	}
	out := Link{Head: read.Head(), SHA256: document.Digest(e.Report), Signer: s.Signer, Proven: p, statement: s.Digest}
	if report, ok := read.(*document.Report); ok {
		for i := range report.Requirements {
			report.Requirements[i].Cases = nil
		}
		report.Warnings = nil
		out.Report = report
	}
	return out, nil
}
