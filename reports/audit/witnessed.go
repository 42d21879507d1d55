package audit

import (
	"errors"
	"time"

	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// readProof checks that the log of the network's milestones has the one of the receipt, and that witnesses have seen it.
func (a *Auditor) readProof() {
	switch {
	case a.In.Proof == nil && !a.In.logged():
		return
	case !a.In.logged():
		a.Skip("your trust file names no log", Logged, Witnesses)
		return
	case a.In.Proof == nil:
		a.Skip("there is no proof of the log: give it with --proof (`vauban witness prove` makes it)", Logged, Witnesses)
		return
	}
	p, err := witness.ParseProof(a.In.Proof)
	if err != nil {
		a.Fail(Logged, err)
		a.Skip("the check before it failed", Witnesses)
		return
	}
	if a.proven == nil {
		a.Skip("the receipt does not hold", Logged, Witnesses)
		return
	}
	policy := a.In.Trust.Log
	seen, err := p.Verify(policy, a.proven.Index, a.proven.Milestone, a.proven.Time)
	var refusal *witness.Refusal
	if errors.As(err, &refusal) {
		if !refusal.Witnesses {
			a.Fail(Logged, err)
			a.Skip("the check before it failed", Witnesses)
			return
		}
		a.Pass(Logged, "so far")
		a.Fail(Witnesses, err)
		return
	}
	a.Pass(Logged, "leaf %d of %d in %s", seen.Number, seen.Leaves, seen.Log)
	if policy.Quorum == 0 {
		a.check(Witnesses).Asked = false
		a.Skip("your trust file asks for none: the log's keeper alone vouches for it", Witnesses)
		return
	}
	a.Pass(Witnesses, "%s of %d, %d were needed; these had seen it by %s", plain.List(seen.Witnesses, plain.MaxList), seen.Of, policy.Quorum, seen.By.Format(time.RFC3339))
}

// readStamp checks that an authority has stamped the milestone of the receipt.
func (a *Auditor) readStamp() {
	switch {
	case a.In.Stamp == nil && !a.In.stamped():
	case !a.In.stamped():
		a.Skip("your trust file names no authority", Stamp)
	case a.In.Stamp == nil:
		a.Skip("there is no time stamp: give it with --stamp (`vauban witness stamp` gets it)", Stamp)
	case a.proven == nil:
		a.Skip("the receipt does not hold", Stamp)
	default:
		s, err := a.In.Trust.Stamped(&a.proven.Place, a.receipt, a.In.Stamp)
		if err != nil {
			a.Fail(Stamp, err)
			return
		}
		a.Pass(Stamp, "at %s by %s", s.Time.Format(time.RFC3339), s.Authority)
	}
}
