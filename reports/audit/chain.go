package audit

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// Link is an entry of a history that passed.
type Link struct {
	Report *reports.Report
	Signer string
	Proven *notary.Proven

	statement [32]byte
}

// Chain checks the entries of a design's history, the oldest first: each has a report, the statement about it by one of the signers (any where there are none), and a
// receipt that holds; each record names the block of the one before it, the first none; milestones do not run backwards. Entries at the end may have no receipt yet, and
// are left out.
func Chain(entries []*notary.Entry, trust *notary.Trust, signers []string) ([]Link, error) {
	var out []Link
	for i, e := range entries {
		if e.Receipt == nil {
			if slices.ContainsFunc(entries[i:], func(e *notary.Entry) bool { return e.Receipt != nil }) {
				return nil, fmt.Errorf("entry %d has no receipt, and one after it has", i+1)
			}
			break
		}
		l, err := link(e, trust)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		previous := notary.ID{}
		if i > 0 {
			before := out[i-1]
			previous = before.Proven.Block
			if l.Report.Design != before.Report.Design {
				return nil, fmt.Errorf("entry %d is about the design %q, the one before it about %q", i+1, l.Report.Design, before.Report.Design)
			}
			if l.Proven.Index < before.Proven.Index {
				return nil, fmt.Errorf("entry %d is in milestone %d, the one before it in %d", i+1, l.Proven.Index, before.Proven.Index)
			}
		}
		switch got := l.Proven.Record.Previous; {
		case got != previous && previous.IsZero():
			return nil, fmt.Errorf("the first entry follows the record %s, which is missing", got)
		case got != previous && got.IsZero():
			return nil, fmt.Errorf("entry %d begins another chain", i+1)
		case got != previous:
			return nil, fmt.Errorf("entry %d follows the record %s, which is missing: the one before it is %s", i+1, got, previous)
		case len(signers) > 0 && !slices.Contains(signers, l.Signer):
			return nil, fmt.Errorf("entry %d is signed by %s, expected %s", i+1, l.Signer, strings.Join(signers, " or "))
		}
		out = append(out, l)
	}
	return out, nil
}

// link checks an entry by itself.
func link(e *notary.Entry, trust *notary.Trust) (Link, error) {
	report, err := reports.Parse(e.Report)
	if err != nil {
		return Link{}, err
	}
	s, err := attest.Open(e.Statement)
	if err != nil {
		return Link{}, err
	}
	if err := s.Binds(report); err != nil {
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
	if err := r.Opens(p.Record, sha256.Sum256(e.Statement)); err != nil {
		return Link{}, err
	}
	return Link{report, s.Signer, p, s.Digest}, nil
}
