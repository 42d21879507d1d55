package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// standing is what the allowed entries of a trail come to.
type standing struct {
	id, recovery, resource   string
	parties, issuers, policy []any
	key                      []string       // of each party: the one in use
	owner                    map[string]int // of each key that a party has or had: the party
	moves                    map[string]move
	revoked                  []revocation
	allowed                  []*entry
}

// move is a rotation: the key that took the place of another one, and the milestone.
type move struct {
	key   string
	index uint32
}

// revocation is one of a key, or of a credential by its hash: by anybody who may, or by issuers, of their own.
type revocation struct {
	key, withdrawn string
	from           int64
	anybody        bool
	issuers        []string
}

func begin(first *entry) standing {
	g, _ := first.fields["genesis"].(map[string]any)
	s := standing{
		id: first.id, recovery: text(g, "recovery"), resource: text(g, "resource"), parties: list(g, "parties"), issuers: list(g, "issuers"), policy: list(g, "policy"),
		owner: map[string]int{}, moves: map[string]move{},
	}
	for i, p := range s.parties {
		s.key = append(s.key, text(p, "did"))
		s.owner[s.key[i]] = i
	}
	return s
}

func (s *standing) issuer(key string) any {
	for _, i := range s.issuers {
		if text(i, "did") == key {
			return i
		}
	}
	return nil
}

// counts says whether a key counts at a milestone.
func (s *standing) counts(key string, index uint32) bool {
	for _, r := range s.revoked {
		if int64(index) < r.from {
			continue
		}
		for k := r.key; k != ""; {
			if k == key {
				return false
			}
			if next := s.moves[k]; int64(next.index) >= r.from {
				k = next.key
			} else {
				k = ""
			}
		}
	}
	return true
}

// valid says whether a credential counts at a milestone.
func (s *standing) valid(c *credential, index uint32) bool {
	return s.counts(c.issuer(), index) && !slices.ContainsFunc(s.revoked, func(r revocation) bool {
		return r.withdrawn == c.name && int64(index) >= r.from && (r.anybody || slices.Contains(r.issuers, c.issuer()))
	})
}

// stands says whether a signer counts at a milestone: the key, and the credential if there is one.
func (s *standing) stands(x signer, index uint32) bool {
	return s.counts(x.did, index) && (x.credential == nil || s.valid(x.credential, index))
}

// judge returns the checks from parties to subjects that an entry does not pass, but for issuers.
func (s *standing) judge(e *entry) (wrong []string) {
	unless := func(passes bool, check string) {
		if !passes {
			wrong = append(wrong, check)
		}
	}
	for _, x := range e.signers {
		unless(s.taken(x), "parties")
		_, was := s.owner[x.did]
		if x.role == "to" || x.role == "recovery" || x.role != "issuer" && !was || x.role == "issuer" && s.issuer(x.did) == nil {
			continue // nobody, of whom no more can be asked
		}
		unless(s.counts(x.did, e.index), "revocations")
		switch shown := s.shown(e, x); {
		case x.credential == nil:
			unless(s.inForce(e, x), "roles")
		case !shown:
			unless(false, "credentials")
		default:
			unless(s.valid(x.credential, e.index), "revocations")
		}
	}
	unless(s.about(e), "subjects")
	return wrong
}

// taken is the check parties.
func (s *standing) taken(x signer) bool {
	switch x.role {
	case "recovery":
		return x.did == s.recovery
	case "issuer":
		return s.issuer(x.did) != nil
	case "to":
		_, was := s.owner[x.did]
		return !was && x.did != s.recovery && s.issuer(x.did) == nil
	}
	i, was := s.owner[x.did]
	return was && s.key[i] == x.did
}

// inForce is the check roles, of a signer without a credential.
func (s *standing) inForce(e *entry, x signer) bool {
	if !slices.Contains(ranks, x.role) {
		return true
	}
	day := time.Unix(int64(e.at), 0).UTC().Format(time.DateOnly)
	p, _ := s.parties[s.owner[x.did]].(map[string]any)
	return slices.ContainsFunc(list(p, "roles"), func(r any) bool {
		from, until := text(r, "from"), text(r, "until")
		return text(r, "role") == x.role && (from == "" || from <= day) && (until == "" || day <= until)
	})
}

// shown is the check credentials: whether the signer has shown one that passes.
func (s *standing) shown(e *entry, x signer) bool {
	c := x.credential
	if c == nil {
		return false
	}
	key, err := didKey(c.issuer())
	about := func(name string) string { return text(c.claims, "vc", "credentialSubject", name) }
	return err == nil && ed25519.Verify(key, c.signed, c.signature) && issues(s.issuer(c.issuer()), x.role) && text(c.claims, "sub") == x.did && about("role") == x.role &&
		(about("trail") == "" || about("trail") == s.id) && integer(c.claims["nbf"]) <= int64(e.at) && int64(e.at) < integer(c.claims["exp"])
}

// believed is the check issuers, of the credentials that pass the check of that name.
func (s *standing) believed(e *entry, by *trusted) bool {
	return !slices.ContainsFunc(e.signers, func(x signer) bool {
		_, was := s.owner[x.did]
		return was && s.shown(e, x) && !slices.ContainsFunc(by.issuers, func(i any) bool { return text(i, "did") == x.credential.issuer() && issues(i, x.role) })
	})
}

// about is the check subjects.
func (s *standing) about(e *entry) bool {
	document := text(e.fields, "document")
	var of *entry
	for _, a := range s.allowed {
		if (a.kind() == "report" || a.kind() == "explanation") && a.number() == integer(e.fields["of"]) {
			of = a
		}
	}
	switch e.kind() {
	case "approve", "object", "countersign":
		return of != nil && text(of.fields, "document") == document
	case "disclose":
		if of == nil || of.fields["sealed"] == nil {
			return false
		}
		salt, _ := hex.DecodeString(text(e.fields, "salt"))
		digest, _ := hex.DecodeString(document)
		commitment := sha256.Sum256(bytes.Join([][]byte{salt, digest}, nil))
		for _, x := range e.signers {
			i, was := s.owner[x.did]
			if was && !slices.ContainsFunc(of.signers, func(y signer) bool { return s.owner[y.did] == i }) {
				return false
			}
		}
		return text(of.fields, "document") == hex.EncodeToString(commitment[:])
	case "revoke":
		key := text(e.fields, "key")
		_, was := s.owner[key]
		return key == "" || was || s.issuer(key) != nil
	}
	return true
}

// allow takes an entry in.
func (s *standing) allow(e *entry) {
	s.allowed = append(s.allowed, e)
	switch e.kind() {
	case "rotate":
		from, to := e.signers[0].did, e.signers[1].did
		i := s.owner[from]
		s.key[i], s.owner[to], s.moves[from] = to, i, move{to, e.index}
	case "revoke":
		r := revocation{key: text(e.fields, "key"), withdrawn: text(e.fields, "withdrawn"), from: integer(e.fields["milestone"])}
		for _, x := range e.signers {
			if x.role == "issuer" {
				r.issuers = append(r.issuers, x.did)
			} else {
				r.anybody = true
			}
		}
		s.revoked = append(s.revoked, r)
	}
}

// newest returns the entry that brought the newest document of a kind; nil if there is none.
func (s *standing) newest(kind string) *entry {
	for _, e := range slices.Backward(s.allowed) {
		if e.kind() == kind && slices.ContainsFunc(e.signers, func(x signer) bool { return s.stands(x, e.index) }) {
			return e
		}
	}
	return nil
}

// approved says whether the policy is met for a document.
func (s *standing) approved(document *entry) bool {
	type voice struct {
		party int
		role  string
	}
	last := map[voice]bool{}
	for _, e := range s.allowed {
		yes := false
		switch e.kind() {
		case "approve":
			yes = true
		case "countersign":
			yes = text(e.fields, "result") == "passed"
		case "object":
		default:
			continue
		}
		if integer(e.fields["of"]) != document.number() {
			continue
		}
		for _, x := range e.signers {
			if s.stands(x, e.index) {
				last[voice{s.owner[x.did], x.role}] = yes
			}
		}
	}
	for _, yes := range last {
		if !yes {
			return false
		}
	}
	for _, c := range s.policy {
		c, _ := c.(map[string]any)
		fit := map[int]bool{}
		for v := range last {
			if of := list(c, "of"); slices.Contains(of, any(text(s.parties[v.party], "name"))) || slices.Contains(of, any(v.role)) {
				fit[v.party] = true
			}
		}
		if int64(len(fit)) < integer(c["count"]) {
			return false
		}
	}
	return true
}
