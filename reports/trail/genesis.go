package trail

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/alias"
)

// Limits of a genesis.
const (
	maxParties  = 256
	maxRoles    = 16 // of a party: one role may be given for several spans
	maxClauses  = 16
	maxIssuers  = 16
	maxResource = 512 // bytes
)

// Genesis is what a trail begins with.
type Genesis struct {
	Resource string   `json:"resource"` // the title of the design
	Parties  []Party  `json:"parties"`
	Issuers  []Issuer `json:"issuers,omitempty"`
	Policy   []Clause `json:"policy"`   // each must be met
	Recovery string   `json:"recovery"` // the DID whose only use is to revoke, and to go on in another trail
	Nonce    string   `json:"nonce"`    // 32 bytes in hexadecimal, so that no two trails are the same
}

// Party is one of those that share a trail.
type Party struct {
	Name  string  `json:"name"`
	DID   string  `json:"did"` // its first key
	Web   *Web    `json:"web,omitempty"`
	Roles []Grant `json:"roles,omitempty"` // none, if credentials show its roles
}

// Web is a DID with a document of its own that vouches for a party's key: of a did:web, the document that its web server gave; of a did:iota, what shows its state on the trail's ledger. It is kept here and never asked for again.
type Web struct {
	DID      string `json:"did"`
	Document string `json:"document"`
}

// vouches checks that the document is that of the did:web, and lists the key.
func (w *Web) vouches(key string, trust *notary.Trust) error {
	if alias.IsDID(w.DID) {
		if trust == nil {
			return fmt.Errorf("%s is checked against the trust file of its network: give that", w.DID)
		}
		_, i, err := alias.Open([]byte(w.Document), trust)
		switch {
		case err != nil:
			return err
		case i.DID != w.DID:
			return fmt.Errorf("the document is of %s, and not of %s", i.DID, w.DID)
		case !slices.Contains(i.Keys, key):
			return fmt.Errorf("the document of %s does not list %s", w.DID, key)
		}
		return nil
	}
	d, err := attest.ParseWeb([]byte(w.Document))
	switch {
	case err != nil:
		return err
	case d.DID != w.DID:
		return fmt.Errorf("the document is of %s, and not of %s", d.DID, w.DID)
	case !slices.Contains(d.Keys, key):
		return fmt.Errorf("the document of %s does not list %s", w.DID, key)
	}
	return nil
}

// Grant is a role, and the days (UTC) from and until which it is given; "" is without a limit.
type Grant struct {
	Role  string `json:"role"`
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// Clause asks that as many of these parties, or of those who spoke in these roles, have approved.
type Clause struct {
	Count int      `json:"count"`
	Of    []string `json:"of"` // names of parties and roles
}

var partyName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// form checks a genesis and who signed it: at least one of the parties.
func (g *Genesis) form(signers []Signer) error {
	if g.Resource == "" || len(g.Resource) > maxResource {
		return fmt.Errorf("its resource has %d bytes, expected 1 to %d", len(g.Resource), maxResource)
	}
	if !isHex(g.Nonce) {
		return errors.New("its nonce is not 64 hexadecimal digits")
	}
	if _, err := attest.ParseDID(g.Recovery); err != nil {
		return fmt.Errorf("recovery key: %w", err)
	}
	if len(g.Parties) == 0 || len(g.Parties) > maxParties {
		return fmt.Errorf("it has %d parties, expected 1 to %d", len(g.Parties), maxParties)
	}
	names, dids := map[string]bool{}, map[string]bool{g.Recovery: true}
	for _, p := range g.Parties {
		if err := p.form(); err != nil {
			return err
		}
		if len(p.Roles) == 0 && len(g.Issuers) == 0 {
			return fmt.Errorf("the party %s has 0 roles, and there is no issuer of credentials who could give it one", p.Name)
		}
		if names[p.Name] || dids[p.DID] {
			return fmt.Errorf("the name or the key of %s appears twice", p.Name)
		}
		names[p.Name], dids[p.DID] = true, true
	}
	if err := g.issuers(dids); err != nil {
		return err
	}
	for _, s := range signers {
		if !slices.ContainsFunc(g.Parties, func(p Party) bool { return p.DID == s.DID }) {
			return fmt.Errorf("it is signed by %s, which is not a party", s.DID)
		}
	}
	if len(g.Policy) == 0 || len(g.Policy) > maxClauses {
		return fmt.Errorf("its policy has %d clauses, expected 1 to %d", len(g.Policy), maxClauses)
	}
	for _, c := range g.Policy {
		if err := g.clause(c); err != nil {
			return fmt.Errorf("policy: %w", err)
		}
	}
	return nil
}

func (p *Party) form() error {
	if !partyName.MatchString(p.Name) || slices.Contains(GivenRoles, p.Name) {
		return fmt.Errorf("%q is not a name for a party: use lower-case letters, digits and -, and not the name of a role", p.Name)
	}
	if _, err := attest.ParseDID(p.DID); err != nil {
		return fmt.Errorf("party %s: %w", p.Name, err)
	}
	if p.Web != nil {
		if _, err := attest.WebURL(p.Web.DID); err != nil && !alias.IsDID(p.Web.DID) {
			return fmt.Errorf("party %s: %w", p.Name, err)
		}
		if len(p.Web.Document) > attest.MaxWebDocument {
			return fmt.Errorf("party %s: the document of %s is larger than %d KB", p.Name, p.Web.DID, attest.MaxWebDocument>>10)
		}
	}
	if len(p.Roles) > maxRoles {
		return fmt.Errorf("the party %s has %d roles, expected at most %d", p.Name, len(p.Roles), maxRoles)
	}
	for i, g := range p.Roles {
		if !slices.Contains(GivenRoles, g.Role) {
			return fmt.Errorf("the party %s has the role %q, expected %s", p.Name, g.Role, strings.Join(GivenRoles, ", "))
		}
		for _, day := range []string{g.From, g.Until} {
			if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
				return fmt.Errorf("a role of %s begins or ends on %q, expected a date such as 2027-01-31", p.Name, day)
			}
		}
		if g.From != "" && g.Until != "" && g.From > g.Until || slices.Contains(p.Roles[:i], g) {
			return fmt.Errorf("the role %s of %s ends before it begins, or is given twice", g.Role, p.Name)
		}
	}
	return nil
}

// holds reports whether the party has a role on a day (UTC) YYYY-MM-DD.
func (p *Party) holds(role, day string) bool {
	return slices.ContainsFunc(p.Roles, func(g Grant) bool {
		return g.Role == role && g.From <= day && (g.Until == "" || day <= g.Until)
	})
}

// clause checks that a clause names parties and roles that there are, each once, and that enough parties could meet it.
func (g *Genesis) clause(c Clause) error {
	could := 0
	for _, p := range g.Parties {
		if slices.ContainsFunc(c.Of, func(who string) bool {
			return who == p.Name || who != Architect && (g.issued(who) || slices.ContainsFunc(p.Roles, func(r Grant) bool { return r.Role == who }))
		}) {
			could++
		}
	}
	for i, who := range c.Of {
		known := slices.Contains(GivenRoles, who) || slices.ContainsFunc(g.Parties, func(p Party) bool { return p.Name == who })
		if !known || slices.Contains(c.Of[:i], who) {
			return fmt.Errorf("%q is neither a party nor a role, or appears twice", who)
		}
	}
	if c.Count < 1 || c.Count > could {
		return fmt.Errorf("%q asks for %d of the %d parties that could meet it", c, c.Count, could)
	}
	return nil
}

// vouched checks that each party that names such a DID has its word.
func (g *Genesis) vouched(trust *notary.Trust) error {
	for _, p := range g.Parties {
		if p.Web == nil {
			continue
		}
		if err := p.Web.vouches(p.DID, trust); err != nil {
			return fmt.Errorf("party %s: %w", p.Name, err)
		}
	}
	return nil
}

// String writes the clause as [ParsePolicy] reads it.
func (c Clause) String() string {
	if len(c.Of) == 1 {
		return fmt.Sprintf("%d %s", c.Count, c.Of[0])
	}
	return fmt.Sprintf("%d of {%s}", c.Count, strings.Join(c.Of, ", "))
}

var clauseText = regexp.MustCompile(`^([0-9]{1,3}) (?:of \{([^{}]*)\}|([a-z][a-z0-9-]*))$`)

// ParsePolicy reads a policy such as `2 of {shop, carrier} and 1 auditor`: names of parties, or roles.
func ParsePolicy(text string) ([]Clause, error) {
	var out []Clause
	for part := range strings.SplitSeq(text, " and ") {
		m := clauseText.FindStringSubmatch(strings.Join(strings.Fields(part), " "))
		if m == nil {
			return nil, fmt.Errorf("the policy %q: %q is not a clause, expected one such as `2 of {shop, carrier} and 1 auditor`", text, part)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		c := Clause{Count: n, Of: []string{m[3]}}
		if m[3] == "" {
			c.Of = nil
			for who := range strings.SplitSeq(m[2], ",") {
				c.Of = append(c.Of, strings.TrimSpace(who))
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// PolicyText writes the policy as [ParsePolicy] reads it.
func (g *Genesis) PolicyText() string {
	var parts []string
	for _, c := range g.Policy {
		parts = append(parts, c.String())
	}
	return strings.Join(parts, " and ")
}
