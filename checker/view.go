package checker

import (
	"slices"

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
	Why          string         // of outside: what keeps a design from showing it; of others empty
	Absent       bool           // of not possible: just because the design has nothing that its threats fit
	Requirements []*Requirement // of the design, that refer to it
	Threats      []*Considered  // that refer to it
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

// group makes the view of a result by a list.
func group(r *Result, c *Coverage, list threats.List) *View {
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
	return v
}

// status is the worst of what is known about an item.
func (i *ViewItem) status() Status {
	out := Outside
	worse := func(s Status) {
		if slices.Index(Statuses, s) < slices.Index(Statuses, out) {
			out = s
		}
	}
	add := func(v Verdict) {
		switch v {
		case Violated, Waived: // what was accepted can still happen
			worse(Attacked)
		case Depends:
			worse(Undecided)
		case Holds:
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
