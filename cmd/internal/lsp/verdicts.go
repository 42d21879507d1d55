package lsp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/ground"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// check has the verdicts of a reading looked for, unless a key is hit before: first what is found at once, then the rest.
func (s *server) check(p *project, r *reading) {
	p.mu.Lock()
	if p.checked == r { // it is being looked for, or was
		p.mu.Unlock()
		return
	}
	if p.cancel != nil {
		p.cancel()
	}
	ctx, cancel := context.WithCancel(s.ctx)
	p.cancel, p.checked = cancel, r
	p.mu.Unlock()
	go func() {
		defer cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.host.Wait):
		}
		show := s.shown(ctx)
		defer show.end()
		for _, quick := range []bool{true, false} {
			result, err := checker.Check(ctx, r.design.Model, checker.Options{AsOf: s.host.AsOf(), Quick: quick, Memory: s.memory, Progress: show.tell})
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				s.failed(p, r, err)
				return
			}
			s.found(p, &verdicts{r, result, nil})
			s.again()
			if quick {
				continue
			}
			if open := s.ask(ctx, p, r, result); open != nil && len(open.Questions) > 0 {
				s.found(p, &verdicts{r, result, open})
			}
		}
	}()
}

// failed shows why a reading was not verified: what is wrong with the design shows only where its rules are made, or it is too large, or Vauban itself failed.
func (s *server) failed(p *project, r *reading, err error) {
	diags := &diag.List{}
	if m := (*ground.Mistakes)(nil); errors.As(err, &m) {
		diags = m.Diags
	} else {
		at := source.Span{}
		if len(r.design.Files) > 0 {
			at.File = r.design.Files[0].Source
		}
		diags.Errorf("", at, "nothing was verified: %v", err)
	}
	p.mu.Lock()
	p.fault = fault{r, diags.Sorted()}
	p.mu.Unlock()
	s.send(p, r)
}

// found has verdicts shown.
func (s *server) found(p *project, v *verdicts) {
	p.mu.Lock()
	p.found = v
	p.mu.Unlock()
	s.send(p, v.of)
}

// again has the client ask once more for what is shown beside the text.
func (s *server) again() {
	s.mu.Lock()
	want := s.refresh
	s.mu.Unlock()
	if want.lenses {
		_ = s.client.CodeLensRefresh(s.ctx) // it is only a hint
	}
	if want.hints {
		_ = s.client.InlayHintRefresh(s.ctx)
	}
}

// verdict is a diagnostic of a requirement that does not hold, with the attack step by step.
func verdict(q *checker.Requirement) (protocol.Diagnostic, bool) {
	severity := protocol.DiagnosticSeverityWarning
	switch q.Verdict {
	case checker.Violated:
		severity = protocol.DiagnosticSeverityError
	case checker.Depends:
	case checker.Unknown:
		severity = protocol.DiagnosticSeverityInformation
	default:
		return protocol.Diagnostic{}, false
	}
	text := fmt.Sprintf("%s %s", q.Source.Name, q.Verdict)
	if gist := wording.Gist(q); gist != "" {
		text += ": " + gist
	}
	d := protocol.Diagnostic{
		Range: span(q.Source.Span), Severity: severity, Source: protocol.NewOptional("vauban verdict"),
		Code: protocol.String(string(q.Verdict)), Message: protocol.String(diag.Escape(text)),
	}
	for _, c := range q.Cases {
		if c.Attack == nil {
			continue
		}
		for i, step := range c.Attack.Steps {
			if at, ok := location(step.Source); ok {
				d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{
					Location: at, Message: diag.Escape(fmt.Sprintf("%d. %s", i+1, wording.Sentence(step))),
				})
			}
		}
		break
	}
	for _, c := range q.Cases {
		for _, b := range c.Breaks {
			for _, e := range b.Elements {
				if at, ok := location(e.Span); ok {
					d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{Location: at, Message: diag.Escape(e.Name + " breaks it")})
				}
			}
		}
	}
	return d, true
}

// CodeLens shows the verdict of each requirement above it.
func (s *server) CodeLens(ctx context.Context, p *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	pr, r, f := s.at(ctx, p.TextDocument)
	if f == nil {
		return nil, nil
	}
	found := pr.verdicts()
	if found == nil {
		return nil, nil
	}
	verdicts := map[string]*checker.Requirement{}
	for _, q := range found.result.Requirements {
		verdicts[q.Source.Name] = q
	}
	var out []protocol.CodeLens
	for _, d := range r.names.Definitions {
		q := verdicts[d.Name.Text]
		if d.Sort != "requirement" || d.Name.Span.File != f.Source || q == nil {
			continue
		}
		title := string(q.Verdict)
		if q.Vacuous() != nil {
			title += ", vacuously"
		}
		if gist := wording.Gist(q); gist != "" {
			title += " · " + gist
		}
		if found.of != r {
			title = "of an earlier text: " + title
		}
		out = append(out, protocol.CodeLens{Range: span(d.Name.Span), Command: protocol.Command{Title: diag.Escape(strings.ReplaceAll(title, "\n", " "))}})
	}
	return out, nil
}
