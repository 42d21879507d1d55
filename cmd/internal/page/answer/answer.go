package answer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/audit/verdicts"
	"github.com/vauban-verifier/vauban/reports/bundle"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/trail"
)

// Asked is what the page asks for. The names are those of the flags of `vauban audit` and `vauban trail verify`.
type Asked struct {
	Bundle []byte `json:"-"`
	Trust  []byte `json:"-"` // nil: no trust file
	Policy []byte `json:"-"` // nil: no policy

	AsOf    string        `json:"as_of"`
	Signers []string      `json:"signers"`
	Require []string      `json:"require"`
	Rerun   bool          `json:"rerun"`
	Trail   trail.Demands `json:"trail"`
}

// Answer is what the page shows.
type Answer struct {
	Audit     string `json:"audit"`           // as `vauban audit --format json` writes it
	AuditText string `json:"audit_text"`      // as `vauban audit` writes it
	Trail     string `json:"trail,omitempty"` // as `vauban trail verify --format json` writes it; of a bundle with a trail
	TrailText string `json:"trail_text,omitempty"`
}

// Audit audits a bundle, with a version of the tool, and tells progress how far it is. The error is one of what was asked for, or a bundle, trust file or policy that is none.
func Audit(ctx context.Context, version string, asked *Asked, progress func(checker.Progress)) (*Answer, error) {
	b, err := bundle.Parse(asked.Bundle)
	if err != nil {
		return nil, fmt.Errorf("the bundle is refused: %w; ask who made it for one as `vauban bundle` writes it", err)
	}
	in := &audit.Input{AsOf: asked.AsOf, Version: version, Rerun: asked.Rerun, Judge: verdicts.Judge(progress)}
	if asked.Trust != nil {
		if in.Trust, err = notary.ParseTrust(asked.Trust); err != nil {
			return nil, fmt.Errorf("the trust file is wrong: %w", err)
		}
	}
	if asked.Policy != nil {
		if in.Policy, err = policy(asked.Policy); err != nil {
			return nil, err
		}
	}
	if err := in.Ask(asked.Signers, asked.Require); err != nil {
		return nil, err
	}
	b.Audit(in)
	r, err := audit.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &Answer{}
	if out.Audit, out.AuditText, err = both(r); err != nil {
		return nil, err
	}
	if b.Trail == nil {
		if asked.Trail != (trail.Demands{}) {
			return nil, errors.New("the bundle has no trail to verify: leave what you expect of a trail empty")
		}
		return out, nil
	}
	return out, out.verify(ctx, b, in.Trust, asked, progress)
}

// policy reads a policy; the error has its first mistake.
func policy(data []byte) (*audit.Policy, error) {
	diags := &diag.List{}
	p := audit.ParsePolicy(source.New("policy", string(data)), diags)
	if p != nil {
		return p, nil
	}
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			return nil, fmt.Errorf("the policy has errors, in line %d: %s", d.Primary.Span.Position().Line, d.Message)
		}
	}
	return nil, errors.New("the policy has errors")
}

// verify adds what a trail is worth.
func (out *Answer) verify(ctx context.Context, b *bundle.Bundle, trust *notary.Trust, asked *Asked, progress func(checker.Progress)) error {
	if trust == nil {
		out.TrailText = "the bundle has a trail, which was not verified: its receipts mean nothing without a trust file, so give yours\n"
		return nil
	}
	entries := func(yield func(*notary.Item, error) bool) {
		for item := range b.Entries() {
			if item.Number%50 == 0 { // a browser verifies some hundred in a second
				progress(checker.Progress{Requirement: "entries of the trail", Done: item.Number, Total: len(b.Trail)})
			}
			if !yield(item, nil) {
				return
			}
		}
	}
	in := &trail.Input{Entries: entries, Trust: trust, AsOf: asked.AsOf, Document: b.Document}
	if err := in.Ask(asked.Trail); err != nil {
		return err
	}
	r, err := trail.Verify(ctx, in, true)
	if err != nil {
		return err
	}
	out.Trail, out.TrailText, err = both(r)
	return err
}

// both writes a result in its two forms.
func both(r interface {
	JSON() ([]byte, error)
	Text(w io.Writer) error
},
) (data, text string, err error) {
	var out strings.Builder
	canonical, err := r.JSON()
	if err == nil {
		err = r.Text(&out)
	}
	return string(canonical), out.String(), err
}
