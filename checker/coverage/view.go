package coverage

import (
	"context"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/judge"
	"github.com/vauban-verifier/vauban/threats"
)

// View groups what was found under the entries of a published list, such as the requirements of PCI DSS.
type View struct {
	List  threats.List
	Items []*ViewItem // in the order of the list
}

// ViewItem is an entry of a list, with all that was found about it.
type ViewItem struct {
	ID, Title    string
	Status       Status
	Why          string                 // of outside: what keeps a design from showing it; of others empty
	Absent       bool                   // of not possible: just because the design has nothing that its threats fit
	Requirements []*checker.Requirement // of the design, that refer to it
	Threats      []*Considered          // that refer to it
}

// Status is what a design shows about an entry of a list.
type Status string

// The statuses.
const (
	Attacked    Status = "attacked"     // a threat of it can be carried out whatever is decided, or a requirement that names it is not met
	Undecided   Status = "depends"      // the open decisions settle it
	Unsettled   Status = "unknown"      // something about it was not settled
	NotPossible Status = "not-possible" // none of its threats can be carried out, proved; what the design requires about it holds
	Outside     Status = "outside"      // no threat of the catalogue and no requirement of the design is about it
)

// Statuses has all statuses, the worst first.
var Statuses = []Status{Attacked, Unsettled, Undecided, NotPossible, Outside}

// By groups a result under the entries of a list. Errors are those of [checker.Check].
func By(ctx context.Context, r *checker.Result, list threats.List, opt checker.Options) (*View, error) {
	c, err := Cover(ctx, r.Model, list.Scope, opt)
	if err != nil {
		return nil, err
	}
	v := &View{List: list}
	k := r.Model.Catalogue.Vocabulary.Kinds[list.Scope]
	concerned := list.Scope == "" || k != nil && len(r.Model.Design.Of(k)) > 0
	for _, entry := range list.Items {
		item := &ViewItem{ID: entry.ID, Title: entry.Title, Why: entry.Outside}
		for _, q := range r.Requirements {
			if slices.ContainsFunc(q.Source.Refs, func(ref string) bool { return threats.SameRef(ref, entry.ID) }) {
				item.Requirements = append(item.Requirements, q)
			}
		}
		for _, x := range c.Threats {
			if concerned && x.Threat.RefersTo(entry) {
				item.Threats = append(item.Threats, x)
			}
		}
		item.Status = item.status()
		item.Absent = item.Status == NotPossible && len(item.Requirements) == 0 &&
			!slices.ContainsFunc(item.Threats, func(x *Considered) bool { return x.Because != Absent })
		switch {
		case item.Status != Outside:
			item.Why = ""
		case !concerned:
			item.Why = "the design has no " + list.Scope
		case item.Why == "":
			item.Why = "no threat in use refers to it"
		}
		v.Items = append(v.Items, item)
	}
	return v, nil
}

// status is the worst of what is known about an item.
func (i *ViewItem) status() Status {
	out := Outside
	worse := func(s Status) {
		if slices.Index(Statuses, s) < slices.Index(Statuses, out) {
			out = s
		}
	}
	add := func(v judge.Verdict) {
		switch v {
		case judge.Violated, judge.Waived: // what was accepted can still happen
			worse(Attacked)
		case judge.Depends:
			worse(Undecided)
		case judge.Holds:
			worse(NotPossible)
		default:
			worse(Unsettled)
		}
	}
	for _, q := range i.Requirements {
		add(q.Verdict)
	}
	for _, x := range i.Threats {
		add(x.Verdict)
	}
	return out
}
