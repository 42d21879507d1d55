package trail

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
)

// Issuer is one whose credentials show roles in a trail.
type Issuer struct {
	DID   string   `json:"did"`
	Roles []string `json:"roles"` // that its credentials can show
}

// issuing is an issuer as it is now.
type issuing struct {
	roles   []string
	revoked uint32 // the first milestone at which its credentials count no more; 0: it was not revoked
}

func (i *issuing) counts(index uint32) bool { return i.revoked == 0 || index < i.revoked }

// withdrawal is a revocation of a credential.
type withdrawal struct {
	from uint32 // the first milestone at which it counts no more
	by   string // the issuer, who can withdraw its own alone; "": who can revoke anything
}

// issuers checks the issuers of a genesis, whose other DIDs are given.
func (g *Genesis) issuers(others map[string]bool) error {
	if len(g.Issuers) > maxIssuers {
		return fmt.Errorf("it has %d issuers, expected at most %d", len(g.Issuers), maxIssuers)
	}
	for _, i := range g.Issuers {
		if _, err := attest.ParseDID(i.DID); err != nil {
			return fmt.Errorf("issuer: %w", err)
		}
		if others[i.DID] {
			return fmt.Errorf("the issuer %s appears twice, or is a party or the recovery key: who has a role does not give it", i.DID)
		}
		others[i.DID] = true
		for k, role := range i.Roles {
			if !slices.Contains(GivenRoles, role) || slices.Contains(i.Roles[:k], role) {
				return fmt.Errorf("the issuer %s gives the role %q, expected each of %s at most once", i.DID, role, strings.Join(GivenRoles, ", "))
			}
		}
		if len(i.Roles) == 0 {
			return fmt.Errorf("the issuer %s gives no role", i.DID)
		}
	}
	return nil
}

// issued reports whether a credential can show a role.
func (g *Genesis) issued(role string) bool {
	return slices.ContainsFunc(g.Issuers, func(i Issuer) bool { return slices.Contains(i.Roles, role) })
}

// revokes checks the fields of a revocation.
func (e *Entry) revokes() error {
	switch {
	case e.Milestone == 0:
		return errors.New("a revocation names the first milestone at which the key or the credential counts no more, from 1 on")
	case e.Withdrawn == "":
		if slices.ContainsFunc(e.Signers, func(s Signer) bool { return s.Role == AsIssuer }) {
			return errors.New("an issuer revokes credentials, and no keys")
		}
		_, err := attest.ParseDID(e.Key)
		return err
	case e.Key != "" || !isHex(e.Withdrawn):
		return errors.New("a revocation is of a key, or of a credential by its SHA-256 in 64 hexadecimal digits")
	}
	return nil
}

// credential judges the credential by which a signer shows a role.
func (s *state) credential(g Signer, where at) refusals {
	out := refusals{}
	c := s.shown[g.Credential]
	if c == nil { // else it was checked before
		var err error
		if c, err = attest.ParseCredential(g.Credential); err == nil {
			err = c.Check()
		}
		if err != nil {
			out[Credentials] = err
			return out
		}
	}
	i := s.issuers[c.Issuer]
	switch {
	case i == nil || !slices.Contains(i.roles, c.Role):
		out[Credentials] = fmt.Errorf("the credential is by %s, and the genesis names no such issuer for the role %s", c.Issuer, c.Role)
	case c.Subject != g.DID:
		out[Credentials] = fmt.Errorf("the credential is of %s, and %s shows it: replayed", c.Subject, g.DID)
	case c.Role != g.Role:
		out[Credentials] = fmt.Errorf("the credential is for the role %s, and shown for %s", c.Role, g.Role)
	case c.Trail != "" && c.Trail != s.id:
		out[Credentials] = fmt.Errorf("the credential is for the trail %s: replayed", c.Trail)
	default:
		if err := c.Covers(where.time); err != nil {
			out[Credentials] = err
			break
		}
		s.shown[g.Credential] = c
		if from := s.over(c); from != 0 && where.index >= from {
			out[Revocations] = fmt.Errorf("the credential %s was revoked from milestone %d on, and is shown in milestone %d", c.SHA256(), from, where.index)
		}
	}
	return out
}

// over returns the first milestone at which a credential counts no more; 0 where there is none.
func (s *state) over(c *attest.Credential) uint32 {
	first := s.issuers[c.Issuer].revoked
	for _, w := range s.withdrawn[c.SHA256()] {
		if (w.by == "" || w.by == c.Issuer) && (first == 0 || w.from < first) {
			first = w.from
		}
	}
	return first
}

// counts reports whether what a signer said in a milestone counts: its key does, and the credential by which it had its role.
func (s *state) counts(g Signer, index uint32) bool {
	if !s.keys[g.DID].counts(index) {
		return false
	}
	if g.Credential == "" {
		return true
	}
	from := s.over(s.shown[g.Credential])
	return from == 0 || index < from
}

// withdraw makes a revocation so, if it is of an issuer or of a credential.
func (s *state) withdraw(e *Entry) {
	if i := s.issuers[e.Key]; i != nil && (i.revoked == 0 || e.Milestone < i.revoked) {
		i.revoked = e.Milestone
	}
	if e.Withdrawn == "" {
		return
	}
	for _, g := range e.Signers {
		w := withdrawal{from: e.Milestone}
		if g.Role == AsIssuer {
			w.by = g.DID
		}
		s.withdrawn[e.Withdrawn] = append(s.withdrawn[e.Withdrawn], w)
	}
}

// issuers checks that the trust file names whoever issued a credential that was shown.
func (v *verifier) issuers(all string) {
	if v.in.Drafting {
		v.skip("it is not asked of who adds an entry", Issuers)
		return
	}
	var texts []string
	for text := range v.state.shown {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range texts {
		if c := v.state.shown[text]; !v.in.Trust.Issues(c.Issuer, c.Role) {
			v.fail(Issuers, "a credential for the role %s is by %s, which your trust file does not name for it: add it under \"issuers\" if you believe it", c.Role, c.Issuer)
		}
	}
	if len(texts) == 0 {
		all = "no credential is shown"
	}
	v.pass(Issuers, "%s", all)
}

// credentialOf returns the first credential of a key, of those given, whose role may sign an entry of a kind.
func credentialOf(did, kind, as string, given []*attest.Credential) *attest.Credential {
	for _, c := range given {
		if c.Subject == did && slices.Contains(Speakers[kind], c.Role) && (as == "" || as == c.Role) {
			return c
		}
	}
	return nil
}

// IsRole reports whether a text is a role that a genesis or a credential can give.
func IsRole(text string) bool { return slices.Contains(GivenRoles, text) }

// Takes checks that a trail that holds takes a credential, of whoever has it, after its newest entry: whatever the time.
func (r *Result) Takes(c *attest.Credential) error {
	if r.state == nil || !r.Passed {
		return errors.New("the trail does not hold: `vauban trail verify` says why")
	}
	for _, err := range r.state.credential(Signer{c.Subject, c.Role, c.Text}, at{r.last.Index + 1, time.Unix(c.From, 0)}) {
		return err
	}
	return nil
}
