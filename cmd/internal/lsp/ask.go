package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// ask looks for what the design does not say though its verdicts hang on it; nil where it does not get through.
func (s *server) ask(ctx context.Context, p *project, r *reading, result *checker.Result) *questions.Found {
	change, texts := s.texts()
	if change != r.change {
		return nil
	}
	opt := questions.Small
	opt.Check = checker.Options{AsOf: s.host.AsOf(), Memory: s.memory}
	found, err := questions.Find(ctx, result, questions.Beside(s.reader(ctx, p.root, texts), []string{p.root}), opt)
	if err != nil || ctx.Err() != nil {
		return nil
	}
	return found
}

// question is a diagnostic of what a verdict hangs on.
func question(q questions.Question) protocol.Diagnostic {
	text := q.Text
	for i, b := range q.Breaks {
		text += fmt.Sprintf("%s%s would be %s", []string{" If it is so, ", ", "}[min(i, 1)], b.Requirement, b.Verdict)
	}
	return protocol.Diagnostic{
		Range: span(q.On.Span), Severity: protocol.DiagnosticSeverityInformation, Source: protocol.NewOptional("vauban question"),
		Code: protocol.String("question"), Message: protocol.String(diag.Escape(text)),
	}
}

// maxAnswers is how many answers to one question are offered.
const maxAnswers = 4

// unsaid offers answers to what the elements at a place do not say.
func unsaid(r *reading, f *dsl.File, at protocol.Range, offer func(title string, edits map[*source.File][]dsl.Edit)) {
	say := func(on, text, declaration string) {
		clause := strings.TrimSuffix(strings.TrimPrefix(declaration, "extend "+on+" { "), " }")
		offer(fmt.Sprintf("say that %s %s (%s)", on, clause, text), map[*source.File][]dsl.Edit{f.Source: {dsl.Append(f.Source, declaration+"\n")}})
	}
	for _, q := range questions.Silences(r.design.Model.Design) {
		if q.On.Span.File == nil || q.On.Span.File.Name != f.Source.Name || !touches(span(q.On.Span), at) {
			continue
		}
		if q.No != "" {
			say(q.On.Name, q.Text, q.No)
		}
		clauses := q.Clauses()
		for _, c := range clauses[:min(len(clauses), maxAnswers)] {
			say(q.On.Name, q.Text, fmt.Sprintf("extend %s { %s }", q.On.Name, c))
		}
	}
}

// extract offers to say what stands in the braces of an element in an `extend` of its own.
func extract(f *dsl.File, at protocol.Range, offer func(title string, edits map[*source.File][]dsl.Edit)) {
	f.Walk(func(d dsl.Decl) {
		var body *dsl.Body
		name := ""
		switch d := d.(type) {
		case *dsl.Element:
			if len(d.Names) == 1 {
				body, name = d.Body, d.Names[0].Text
			}
		case *dsl.Flow:
			if d.Name != nil {
				body, name = d.Body, d.Name.Text
			}
		}
		if body == nil || len(body.Entries) == 0 || len(body.Clauses()) < len(body.Entries) || !touches(span(source.Span{File: f.Source, Start: d.Pos().Start, End: body.Span.Start}), at) {
			return
		}
		start := body.Span.Start
		for start > 0 && (f.Source.Text[start-1] == ' ' || f.Source.Text[start-1] == '\t') {
			start--
		}
		offer("say what "+name+" is in an `extend` of its own", map[*source.File][]dsl.Edit{f.Source: {
			{Span: source.Span{File: f.Source, Start: start, End: body.Span.End}},
			dsl.Append(f.Source, "extend "+name+" "+body.Span.Text()+"\n"),
		}})
	})
}

// touches reports whether two ranges have a line in common.
func touches(a, b protocol.Range) bool {
	return a.Start.Line <= b.End.Line && b.Start.Line <= a.End.Line
}
