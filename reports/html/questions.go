package html

import (
	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// question is what the design is silent about, with what an answer would change.
type question struct {
	ID, Text, Where string
	Yes             []string // declarations of which each breaks what Breaks lists
	No              string   // the declaration that says no
	Breaks          []link
}

// link leads to a part of the page.
type link struct{ ID, Text string }

// questions fills in what is open, and says with each proof which questions it hangs on.
func (b *builder) questions(p *pageData, f *questions.Found) {
	if f == nil {
		return
	}
	p.Silence = plain.Clean(wording.Silence(f))
	p.Asked = len(f.Questions)
	ids := map[string]string{}
	for i, q := range wording.Sorted(b.r, "severity").Requirements {
		ids[q.Source.Name] = "r" + itoa(i)
	}
	for i, q := range f.Questions {
		x := question{ID: "q" + itoa(i), Text: plain.Clean(q.Text), Where: b.where(q.On.Span), Yes: cleaned(q.Yes), No: plain.Clean(q.No)}
		for _, broken := range q.Breaks {
			x.Breaks = append(x.Breaks, link{ids[broken.Requirement], plain.Clean(wording.Breaks(broken))})
			for k := range p.Proofs {
				if p.Proofs[k].ID == ids[broken.Requirement] {
					p.Proofs[k].Hangs = append(p.Proofs[k].Hangs, link{x.ID, x.Text})
				}
			}
		}
		p.Questions = append(p.Questions, x)
	}
}
