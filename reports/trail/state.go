package trail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// state is what a trail allows, replayed from its genesis. An entry is judged by those before it alone: what was allowed stays in the trail. A
// revocation from an earlier milestone takes the word of an entry away, and that of each key that a revoked one was replaced by.
type state struct {
	genesis   *Genesis
	id        string          // of the trail
	keys      map[string]*key // every key that a party has or had, by DID
	issuers   map[string]*issuing
	shown     map[string]*attest.Credential // those that signers had, by their text
	withdrawn map[string][]withdrawal       // by the SHA-256 of the credential
	claims    []*claim                      // in the order of their entries
	byEntry   map[uint32]*claim
	old       *Head // of the trail before; nil: none is named
}

// key is one that a party has or had.
type key struct {
	party   int
	next    string // the key that took its place; "": it is in use
	since   uint32 // the milestone at which that was
	revoked uint32 // the first milestone at which it counts no more; 0: it was not revoked
}

// counts reports whether what the key signed in a milestone counts.
func (k *key) counts(index uint32) bool { return k.revoked == 0 || index < k.revoked }

// claim is an entry that brought a report or an explanation, and what was said of it.
type claim struct {
	*Entry
	index uint32
	words []word
	salt  string // with which it was disclosed; "" where it was not
}

// word is what one signer said of a claim.
type word struct {
	entry   uint32
	index   uint32 // of the milestone
	party   int
	signer  Signer
	against bool
}

// at is where an entry is on the ledger.
type at struct {
	index uint32
	time  time.Time
}

func newState(id string, g *Genesis) *state {
	s := &state{
		genesis: g, id: id, keys: map[string]*key{}, issuers: map[string]*issuing{}, shown: map[string]*attest.Credential{}, withdrawn: map[string][]withdrawal{},
		byEntry: map[uint32]*claim{},
	}
	for _, i := range g.Issuers {
		s.issuers[i.DID] = &issuing{roles: i.Roles}
	}
	for i, p := range g.Parties {
		s.keys[p.DID] = &key{party: i}
	}
	return s
}

// refusals are why an entry is not allowed, by check.
type refusals map[string]error

// admit judges an entry by the permissions, and makes what it says so if it is allowed.
func (s *state) admit(e *Entry, where at) refusals {
	out := refusals{}
	refuse := func(check, format string, args ...any) {
		if out[check] == nil {
			out[check] = fmt.Errorf(format, args...)
		}
	}
	day := where.time.UTC().Format(time.DateOnly)
	for _, g := range e.Signers {
		k := s.keys[g.DID]
		switch {
		case g.Role == AsIssuer:
			if i := s.issuers[g.DID]; i == nil {
				refuse(Parties, "%s is not an issuer that the genesis names", g.DID)
			} else if !i.counts(where.index) {
				refuse(Revocations, "the issuer %s was revoked from milestone %d on, and signs in milestone %d", g.DID, i.revoked, where.index)
			}
			continue
		case g.Role == AsRecovery:
			if g.DID != s.genesis.Recovery {
				refuse(Parties, "%s is not the recovery key of this trail", g.DID)
			}
			continue
		case g.Role == AsTo:
			if k != nil || g.DID == s.genesis.Recovery || s.issuers[g.DID] != nil { // who has a role does not give it
				refuse(Parties, "%s cannot be a new key: the trail has it already", g.DID)
			}
			continue
		case k == nil:
			refuse(Parties, "%s is the key of no party", g.DID)
			continue
		}
		party := &s.genesis.Parties[k.party]
		if k.next != "" {
			refuse(Parties, "%s of %s was replaced by %s", g.DID, party.Name, k.next)
		}
		if !k.counts(where.index) {
			refuse(Revocations, "%s of %s was revoked from milestone %d on, and signs in milestone %d", g.DID, party.Name, k.revoked, where.index)
		}
		if g.Credential != "" {
			for check, err := range s.credential(g, where) {
				refuse(check, "%s: %w", party.Name, err)
			}
		} else if slices.Contains(GivenRoles, g.Role) && !party.holds(g.Role, day) {
			refuse(Roles, "%s has not the role %s on %s", party.Name, g.Role, day)
		}
	}
	switch {
	case speaks(e.Kind):
		c := s.byEntry[e.Of]
		if c == nil {
			refuse(Subjects, "it is about entry %d, which brings no report and no explanation that was allowed", e.Of)
		} else if c.Document != e.Document {
			refuse(Subjects, "it is about the document %s, and entry %d brings %s: another version", e.Document, e.Of, c.Document)
		}
	case e.Kind == KindDisclose:
		if err := s.discloses(e); err != nil {
			refuse(Subjects, "%w", err)
		}
	case e.Kind == KindRevoke && e.Key != "" && s.keys[e.Key] == nil && s.issuers[e.Key] == nil:
		refuse(Subjects, "it revokes %s, which no party has or had, and no issuer", e.Key)
	}
	if len(out) == 0 {
		s.apply(e, where.index)
	}
	return out
}

// apply makes what an allowed entry says so.
func (s *state) apply(e *Entry, index uint32) {
	switch e.Kind {
	case KindReport, KindExplanation:
		c := &claim{Entry: e, index: index}
		s.claims = append(s.claims, c)
		s.byEntry[e.Number] = c
	case KindApprove, KindObject, KindCountersign:
		c := s.byEntry[e.Of]
		for _, g := range e.Signers {
			c.words = append(c.words, word{e.Number, index, s.keys[g.DID].party, g, e.Kind == KindObject || e.Result == ResultFailed})
		}
	case KindDisclose:
		s.byEntry[e.Of].salt = e.Salt
	case KindRotate:
		k := s.keys[e.Signers[0].DID]
		k.next, k.since = e.Key, index
		s.keys[e.Key] = &key{party: k.party}
	case KindRevoke:
		s.withdraw(e)
		// Who had the key may have put another one in its place, which then is as good as the stolen one.
		for k := s.keys[e.Key]; k != nil; k = s.keys[k.next] {
			if k.revoked == 0 || e.Milestone < k.revoked {
				k.revoked = e.Milestone
			}
			if k.since < e.Milestone {
				break
			}
		}
	case KindSuccessor:
		s.old = e.Old
	}
}

// newest returns the newest claim of a kind that counts: one of its signers' keys does. It is nil where there is none.
func (s *state) newest(kind string) *claim {
	for _, c := range slices.Backward(s.claims) {
		if c.Kind == kind && slices.ContainsFunc(c.Signers, func(g Signer) bool { return s.counts(g, c.index) }) {
			return c
		}
	}
	return nil
}

// approved checks that a claim meets the policy: nobody's objection stands, and each clause is met. The latest word counts of each party in each role.
func (s *state) approved(c *claim) error {
	type voice struct {
		party int
		role  string
	}
	latest := map[voice]word{}
	for _, w := range c.words {
		if s.counts(w.signer, w.index) {
			latest[voice{w.party, w.signer.Role}] = w
		}
	}
	var against []string
	for i, p := range s.genesis.Parties {
		for _, role := range GivenRoles {
			if w, ok := latest[voice{i, role}]; ok && w.against {
				against = append(against, fmt.Sprintf("%s as %s in entry %d", p.Name, role, w.entry))
			}
		}
	}
	if len(against) > 0 {
		return fmt.Errorf("objections to entry %d stand: %s", c.Number, plain.List(against, plain.MaxList))
	}
	for _, clause := range s.genesis.Policy {
		met := map[int]bool{}
		for v := range latest {
			if slices.Contains(clause.Of, v.role) || slices.Contains(clause.Of, s.genesis.Parties[v.party].Name) {
				met[v.party] = true
			}
		}
		if len(met) < clause.Count {
			var who []string // by the order of the genesis
			for i := range s.genesis.Parties {
				if met[i] {
					who = append(who, s.genesis.Parties[i].Name)
				}
			}
			return fmt.Errorf("entry %d needs %s, and has %d%s", c.Number, clause, len(met), named(who))
		}
	}
	return nil
}

// named lists names after a colon, if there are any.
func named(who []string) string {
	if len(who) == 0 {
		return ""
	}
	return ": " + strings.Join(who, ", ")
}
