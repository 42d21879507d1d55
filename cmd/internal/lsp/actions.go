package lsp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/checker/repair"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// repairTime is how long a repair is looked for when somebody asks what can be done.
const repairTime = 3 * time.Second

// CodeAction offers what can be done about the requirements at a place: the cheapest repair, what to decide, and to accept it; to answer what its elements do not say, and to say in an `extend`
// what they do.
func (s *server) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	pr, r, f := s.at(ctx, p.TextDocument)
	if f == nil || r.design.Model == nil {
		return nil, nil
	}
	found := pr.verdicts()
	var out []protocol.CommandOrCodeAction
	kind := protocol.CodeActionKindQuickFix
	offer := func(title string, edits map[*source.File][]dsl.Edit) {
		kind := kind
		out = append(out, &protocol.CodeAction{Title: diag.Escape(title), Kind: &kind, Edit: workspaceEdit(edits)})
	}
	var requirements []*checker.Requirement
	if found != nil && found.of == r {
		requirements = found.result.Requirements
	}
	for _, q := range requirements {
		if q.Source.Span.File != nil && q.Source.Span.File.Name != f.Source.Name || !touches(span(q.Source.Span), p.Range) {
			continue
		}
		if q.Verdict == checker.Depends {
			for _, set := range settled(q) {
				if edits := decide(r, set); edits != nil {
					offer(fmt.Sprintf("decide that %s, so that %s holds", wording.Choices(set), q.Source.Name), edits)
				}
			}
		}
		if q.Verdict == checker.Violated || q.Verdict == checker.Depends {
			if title, edits := s.repair(ctx, pr, r, q); edits != nil {
				offer(title, edits)
			}
			offer("accept "+q.Source.Name+" for three months", s.waive(f, q))
		}
	}
	unsaid(r, f, p.Range, offer)
	kind = protocol.CodeActionKindRefactorExtract
	extract(f, p.Range, offer)
	return out, nil
}

// settled are the sets of decisions that alone make a requirement hold; none where cases want different ones.
func settled(q *checker.Requirement) [][]explain.Choice {
	if set := wording.Settles(q); set != nil {
		return [][]explain.Choice{set}
	}
	return nil
}

// decide settles open controls as a set of decisions has it; nil where one of them does not stand in a file that can be changed.
func decide(r *reading, set []explain.Choice) map[*source.File][]dsl.Edit {
	out := map[*source.File][]dsl.Edit{}
	for _, c := range set {
		done := false
		for _, e := range r.design.Design.Elements {
			if e.Name != c.On {
				continue
			}
			list := e.Controls
			for _, st := range e.Stores {
				if st.Data.Name == c.Data {
					list = st.Controls
				}
			}
			for _, x := range list {
				if _, ok := location(x.Span); !ok || x.Control.Name != c.Control || !x.Open || !c.Is {
					continue
				}
				text := x.Span.Text()
				end := x.Span.End
				if !strings.HasSuffix(text, "?") && end < len(x.Span.File.Text) && x.Span.File.Text[end] == '?' {
					end++
				} else if !strings.HasSuffix(text, "?") {
					continue
				}
				out[x.Span.File] = append(out[x.Span.File], dsl.Edit{Span: source.Span{File: x.Span.File, Start: end - 1, End: end}})
				done = true
			}
		}
		if !done {
			return nil
		}
	}
	return out
}

// repair is the cheapest change after which a requirement holds, as far as it is found in no time.
func (s *server) repair(ctx context.Context, p *project, r *reading, q *checker.Requirement) (string, map[*source.File][]dsl.Edit) {
	if q.Source.Kind == models.Possible {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, repairTime)
	defer cancel()
	if change, _ := s.texts(); change != r.change {
		return "", nil
	}
	plan, err := repair.Find(ctx, r.design.Model, repair.Options{Requirements: []string{q.Source.Name}})
	if err != nil || len(plan.Changes) == 0 || len(plan.Hopeless) > 0 {
		return "", nil
	}
	edits := repair.Edits(r.design.Model.Design, plan.Changes)
	for f := range maps.Keys(edits) {
		if _, ok := location(source.Span{File: f}); !ok {
			return "", nil
		}
	}
	var what []string
	for _, c := range plan.Changes {
		what = append(what, c.String())
	}
	slices.Sort(what)
	return fmt.Sprintf("%s, so that %s holds", strings.Join(what, ", "), q.Source.Name), edits
}

// waive accepts a requirement until three months from now.
func (s *server) waive(f *dsl.File, q *checker.Requirement) map[*source.File][]dsl.Edit {
	until, err := time.Parse(time.DateOnly, s.host.AsOf())
	if err != nil {
		return nil
	}
	text := fmt.Sprintf("waive %s until %s because \"why\"\n", q.Source.Name, until.AddDate(0, 3, 0).Format(time.DateOnly))
	return map[*source.File][]dsl.Edit{f.Source: {dsl.Append(f.Source, text)}}
}
