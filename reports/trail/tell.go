package trail

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/internal/canonical"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Told is one entry as a verification tells it.
type Told struct {
	Number    uint32   `json:"number"`
	Kind      string   `json:"kind"`
	Signers   []Signer `json:"signers"`
	Parties   []string `json:"parties"` // of the signers; "" of the recovery key
	Time      string   `json:"time"`    // RFC 3339, UTC: of the milestone
	Milestone uint32   `json:"milestone"`
	Allowed   bool     `json:"allowed"`
	Void      bool     `json:"void"` // it was allowed, and the keys of all its signers are revoked from an earlier milestone on
	About     string   `json:"about"`
}

// Result is what came of a verification.
type Result struct {
	Checks   []audit.Check `json:"checks"`
	Passed   bool          `json:"passed"` // all checks that were asked for did
	Resource string        `json:"resource"`
	Policy   string        `json:"policy"`
	Head     Head          `json:"head"`    // the newest entry with a receipt
	Time     string        `json:"time"`    // RFC 3339, UTC: of its milestone
	Waiting  int           `json:"waiting"` // entries without a receipt yet
	Entries  []Told        `json:"entries,omitempty"`
	Summary  string        `json:"summary"`

	state *state
	last  notary.Place
}

// names returns the parties of signers; "" of one that is none, such as the recovery key.
func (s *state) names(signers []Signer) []string {
	out := []string{}
	for _, g := range signers {
		name := ""
		if k := s.keys[g.DID]; k != nil {
			name = s.genesis.Parties[k.party].Name
		}
		out = append(out, name)
	}
	return out
}

// gist says in a few words what an entry says.
func gist(e *Entry) string {
	switch e.Kind {
	case KindGenesis:
		return fmt.Sprintf("%s, %d parties, policy: %s", e.Genesis.Resource, len(e.Genesis.Parties), e.Genesis.PolicyText())
	case KindApprove:
		return fmt.Sprintf("entry %d", e.Of)
	case KindObject:
		return fmt.Sprintf("entry %d: %s", e.Of, e.Because)
	case KindCountersign:
		return fmt.Sprintf("entry %d: %s", e.Of, e.Result)
	case KindDisclose:
		return fmt.Sprintf("entry %d: sha256 %s, salt %s", e.Of, e.Document, e.Salt)
	case KindRotate:
		return "now " + e.Key
	case KindRevoke:
		what := e.Key
		if what == "" {
			what = "credential " + e.Withdrawn
		}
		return fmt.Sprintf("%s from milestone %d on", what, e.Milestone)
	case KindSuccessor:
		return fmt.Sprintf("goes on from entry %d of %s", e.Old.Number, e.Old.Trail)
	}
	if e.Sealed != nil {
		return fmt.Sprintf("sealed for %s, commitment %s", plain.Number(len(e.Sealed.Readers), "reader"), e.Document)
	}
	return "sha256 " + e.Document
}

// JSON writes the result as canonical JSON (RFC 8785).
func (r *Result) JSON() ([]byte, error) {
	data, err := canonical.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write verification: %w", err)
	}
	return data, nil
}

// Text writes a line for each check, and what it amounts to.
func (r *Result) Text(w io.Writer) error {
	var out strings.Builder
	if r.Resource != "" {
		fmt.Fprintf(&out, "%s, the trail %s\n", plain.Clean(r.Resource), r.Head.Trail)
	}
	audit.WriteChecks(&out, r.Checks, r.Summary)
	_, err := io.WriteString(w, out.String())
	return err
}

// Tell writes the parties, and each entry on a line.
func (r *Result) Tell(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, the trail %s\npolicy: %s\n", plain.Clean(r.Resource), r.Head.Trail, r.Policy)
	for i := range r.state.genesis.Parties {
		p := &r.state.genesis.Parties[i]
		var roles []string
		for _, g := range p.Roles {
			text := g.Role
			if g.From != "" {
				text += " from " + g.From
			}
			if g.Until != "" {
				text += " until " + g.Until
			}
			roles = append(roles, text)
		}
		did, k := r.state.inUse(p)
		if k.revoked != 0 {
			did = fmt.Sprintf("%s, revoked from milestone %d on", did, k.revoked)
		}
		if p.Web != nil {
			did += fmt.Sprintf("; %s vouches for its first key (document %x)", p.Web.DID, sha256.Sum256([]byte(p.Web.Document)))
		}
		if len(roles) == 0 {
			roles = []string{"by credentials"}
		}
		fmt.Fprintf(&out, "party %s: %s; %s\n", p.Name, strings.Join(roles, ", "), did)
	}
	for _, i := range r.state.genesis.Issuers {
		revoked := ""
		if s := r.state.issuers[i.DID]; s.revoked != 0 {
			revoked = fmt.Sprintf(", revoked from milestone %d on", s.revoked)
		}
		fmt.Fprintf(&out, "issuer of credentials: %s; %s%s\n", strings.Join(i.Roles, ", "), i.DID, revoked)
	}
	fmt.Fprintf(&out, "recovery key: %s\n", r.state.genesis.Recovery)
	for _, t := range r.Entries {
		var who []string
		for i, g := range t.Signers {
			if t.Parties[i] == "" {
				who = append(who, g.Role)
			} else {
				name := t.Parties[i] + " as " + g.Role
				if g.Credential != "" {
					name += " (credential)"
				}
				who = append(who, name)
			}
		}
		mark := ""
		if t.Void {
			mark = "  VOID: revoked from an earlier milestone on"
		} else if !t.Allowed {
			mark = "  NOT ALLOWED"
		}
		fmt.Fprintf(&out, "%4d  %s  %-11s  %s: %s%s\n", t.Number, t.Time, t.Kind, plain.List(who, plain.MaxList), plain.Clean(t.About), mark)
	}
	if r.Waiting > 0 {
		fmt.Fprintf(&out, "%d not on the Tangle yet\n", r.Waiting)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// inUse returns the key of a party that no other one took the place of.
func (s *state) inUse(p *Party) (string, *key) {
	did := p.DID
	for s.keys[did].next != "" {
		did = s.keys[did].next
	}
	return did, s.keys[did]
}

// Compose begins an entry that goes on from a trail that holds: the caller adds what its kind has. Each signer gets the first role, of those that may sign it, that it has on that
// day, or that the credential shows which is given for it; as, unless it is empty, names the role.
func (r *Result) Compose(kind string, dids []string, as string, shown []*attest.Credential, now time.Time) (*Entry, error) {
	e := &Entry{Schema: EntrySchema, Kind: kind, Trail: r.Head.Trail, Number: r.Head.Number + 1, Previous: r.Head.SHA256}
	day := now.UTC().Format(time.DateOnly)
	for i, did := range dids {
		k := r.state.keys[did]
		c := credentialOf(did, kind, as, shown)
		at := slices.IndexFunc(Speakers[kind], func(role string) bool {
			switch role {
			case AsFounder:
				return k != nil
			case AsIssuer:
				return r.state.issuers[did] != nil
			case AsRecovery:
				return did == r.state.genesis.Recovery
			case AsFrom, AsTo:
				return role == Speakers[kind][min(i, 1)]
			}
			if c != nil {
				return role == c.Role
			}
			return k != nil && (as == "" || as == role) && r.state.genesis.Parties[k.party].holds(role, day)
		})
		if at < 0 {
			return nil, fmt.Errorf("%s cannot sign an entry of the kind %s today: expected a party with the role %s", did, kind, strings.Join(Speakers[kind], " or "))
		}
		s := Signer{DID: did, Role: Speakers[kind][at]}
		if c != nil {
			s.Credential = c.Text
		}
		e.Signers = append(e.Signers, s)
	}
	return e, nil
}

// Newest returns the number of the newest report or explanation that counts, and what the entry names the document by.
func (r *Result) Newest(kind string) (uint32, string, error) {
	c := r.state.newest(kind)
	if c == nil {
		return 0, "", fmt.Errorf("the trail has no %s yet: `vauban trail add %s` brings one", kind, kind)
	}
	return c.Number, c.Document, nil
}

// Document returns what an entry names the document by that it brought.
func (r *Result) Document(number uint32) (string, error) {
	c := r.state.byEntry[number]
	if c == nil {
		return "", fmt.Errorf("entry %d brings no report and no explanation: `vauban trail show` lists the entries", number)
	}
	return c.Document, nil
}

// Allow checks an entry by the permissions as it would be judged in the next milestone. It is an error where it would be refused. The result counts as if the entry were in the trail then.
func (r *Result) Allow(e *Entry, now time.Time) error {
	out := r.state.admit(e, at{r.last.Index + 1, now})
	for _, c := range checks {
		if err := out[c.name]; err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// Failures returns what each check that failed says.
func (r *Result) Failures() []string {
	var out []string
	for _, c := range r.Checks {
		if c.Status == audit.Failed {
			out = append(out, c.Name+": "+c.Detail)
		}
	}
	return out
}
