package trail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// naive is what a trail allows, said again from the words of FORMAT.md: each question is answered by going through all that was allowed before, and nothing is kept but that.
// It shares no code with the replay.
type naive struct {
	g    *Genesis
	past []happened
}

type happened struct {
	e     *Entry
	index uint32
}

// holder returns whose key it is or was: the number of the party, and whether the key is in use. -1 is nobody.
func (n *naive) holder(did string) (party int, current bool) {
	for i, p := range n.g.Parties {
		chain := []string{p.DID}
		for _, h := range n.past {
			if h.e.Kind == "rotate" && h.e.Signers[0].DID == chain[len(chain)-1] {
				chain = append(chain, h.e.Signers[1].DID)
			}
		}
		for j, d := range chain {
			if d == did {
				return i, j == len(chain)-1
			}
		}
	}
	return -1, false
}

// dead says from which milestone on a key does not count; 0: it does.
func (n *naive) dead(did string) uint32 {
	var first uint32
	for _, h := range n.past {
		if h.e.Kind != "revoke" {
			continue
		}
		// All that the revoked key has become since.
		reached := []string{h.e.Key}
		for i := 0; i < len(reached); i++ {
			for _, r := range n.past {
				if r.e.Kind == "rotate" && r.e.Signers[0].DID == reached[i] && r.index >= h.e.Milestone {
					reached = append(reached, r.e.Signers[1].DID)
				}
			}
		}
		if slices.Contains(reached, did) && (first == 0 || h.e.Milestone < first) {
			first = h.e.Milestone
		}
	}
	return first
}

func (n *naive) alive(did string, index uint32) bool {
	d := n.dead(did)
	return d == 0 || index < d
}

// paper is what a credential says, read by nothing of ours.
type paper struct {
	text                  string
	issuer, subject, role string
	first, after          string // days
}

func read(text string) paper {
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	if err != nil {
		panic(err)
	}
	var p struct {
		Iss, Sub string
		Nbf, Exp int64
		VC       struct{ CredentialSubject struct{ Role string } }
	}
	if err := json.Unmarshal(body, &p); err != nil {
		panic(err)
	}
	day := func(at int64) string { return time.Unix(at, 0).UTC().Format(time.DateOnly) }
	return paper{text, p.Iss, p.Sub, p.VC.CredentialSubject.Role, day(p.Nbf), day(p.Exp)}
}

// gives says whether an issuer may give a role.
func (n *naive) gives(did, role string) bool {
	for _, i := range n.g.Issuers {
		if i.DID == did && (role == "" || slices.Contains(i.Roles, role)) {
			return true
		}
	}
	return false
}

// void says whether a credential counts no more in a milestone.
func (n *naive) void(p paper, index uint32) bool {
	for _, h := range n.past {
		if h.e.Kind != "revoke" || index < h.e.Milestone {
			continue
		}
		if h.e.Key == p.issuer {
			return true
		}
		for _, s := range h.e.Signers {
			if h.e.Withdrawn == hashed(p.text) && (s.Role != "issuer" || s.DID == p.issuer) {
				return true
			}
		}
	}
	return false
}

// heard says whether what a signer said in a milestone counts.
func (n *naive) heard(s Signer, index uint32) bool {
	return n.alive(s.DID, index) && (s.Credential == "" || !n.void(read(s.Credential), index))
}

// judge returns the names of the checks that refuse an entry.
func (n *naive) judge(e *Entry, index uint32, day string) map[string]bool {
	out := map[string]bool{}
	for _, s := range e.Signers {
		party, current := n.holder(s.DID)
		if s.Role == "issuer" {
			out["parties"] = out["parties"] || !n.gives(s.DID, "")
			out["revocations"] = out["revocations"] || n.gives(s.DID, "") && n.void(paper{issuer: s.DID}, index)
			continue
		}
		if s.Role == "recovery" {
			out["parties"] = out["parties"] || s.DID != n.g.Recovery
			continue
		}
		if s.Role == "to" {
			out["parties"] = out["parties"] || party >= 0 || s.DID == n.g.Recovery || n.gives(s.DID, "")
			continue
		}
		if party < 0 {
			out["parties"] = true
			continue
		}
		out["parties"] = out["parties"] || !current
		out["revocations"] = out["revocations"] || !n.alive(s.DID, index)
		if s.Role == "founder" || s.Role == "from" {
			continue
		}
		if s.Credential != "" {
			p := read(s.Credential)
			good := n.gives(p.issuer, p.role) && p.subject == s.DID && p.role == s.Role && p.first <= day && day < p.after
			out["credentials"] = out["credentials"] || !good
			out["revocations"] = out["revocations"] || good && n.void(p, index)
			continue
		}
		has := false
		for _, g := range n.g.Parties[party].Roles {
			begun, over := g.From == "" || g.From <= day, g.Until != "" && g.Until < day
			has = has || g.Role == s.Role && begun && !over
		}
		out["roles"] = out["roles"] || !has
	}
	switch e.Kind {
	case "approve", "object", "countersign":
		out["subjects"] = true
		for _, h := range n.past {
			if (h.e.Kind == "report" || h.e.Kind == "explanation") && h.e.Number == e.Of && h.e.Document == e.Document {
				out["subjects"] = false
			}
		}
	case "disclose":
		out["subjects"] = true
		for _, h := range n.past {
			if h.e.Number != e.Of || h.e.Kind != "report" || h.e.Sealed == nil || h.e.Document != hashed(hashedBytes(e.Salt), hashedBytes(e.Document)) {
				continue
			}
			mine := true
			for _, s := range e.Signers {
				party, _ := n.holder(s.DID)
				sealed := false
				for _, o := range h.e.Signers {
					p, _ := n.holder(o.DID)
					sealed = sealed || p == party
				}
				mine = mine && (sealed || party < 0)
			}
			out["subjects"] = !mine
		}
	case "revoke":
		party, _ := n.holder(e.Key)
		out["subjects"] = e.Key != "" && party < 0 && !n.gives(e.Key, "")
	}
	maps.DeleteFunc(out, func(_ string, refused bool) bool { return !refused })
	return out
}

// hashed is the SHA-256 of texts one after the other, in hexadecimal; hashedBytes takes it back to bytes.
func hashed(parts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(parts, ""))))
}

func hashedBytes(text string) string {
	var out []byte
	for i := 0; i < len(text); i += 2 {
		b, err := strconv.ParseUint(text[i:i+2], 16, 8)
		if err != nil {
			panic(err)
		}
		out = append(out, byte(b))
	}
	return string(out)
}

// current returns the number of the newest report that counts; 0 where there is none.
func (n *naive) current() uint32 {
	var newest uint32
	for _, h := range n.past {
		for _, s := range h.e.Signers {
			if h.e.Kind == "report" && n.heard(s, h.index) {
				newest = h.e.Number
			}
		}
	}
	return newest
}

// agreed says whether a report is approved.
func (n *naive) agreed(number uint32) bool {
	type opinion struct{ good, bad bool }
	speak := func(party int, role string) (o opinion) {
		for _, h := range n.past {
			for _, s := range h.e.Signers {
				if p, _ := n.holder(s.DID); h.e.Of != number || p != party || s.Role != role || !n.heard(s, h.index) {
					continue
				}
				bad := h.e.Kind == "object" || h.e.Kind == "countersign" && h.e.Result == "failed"
				o = opinion{!bad, bad}
			}
		}
		return o
	}
	roles := []string{"approver", "reviewer", "auditor"}
	for p := range n.g.Parties {
		for _, role := range roles {
			if speak(p, role).bad {
				return false
			}
		}
	}
	for _, c := range n.g.Policy {
		count := 0
		for p, party := range n.g.Parties {
			good := false
			for _, role := range roles {
				good = good || speak(p, role).good && (slices.Contains(c.Of, role) || slices.Contains(c.Of, party.Name))
			}
			if good {
				count++
			}
		}
		if count < c.Count {
			return false
		}
	}
	return true
}

// generator makes histories in which much is wrong, and enough is right.
type generator struct {
	*rand.Rand
	g    *Genesis
	dids []string // some of which nobody has
	name map[string]string
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

var didCache sync.Map

// did is the DID of a key, which the generator knows the name of again.
func (r *generator) did(name string) string {
	did, ok := didCache.Load(name)
	if !ok {
		did = didOf(name)
		didCache.Store(name, did)
	}
	r.name[did.(string)] = name
	return did.(string)
}

func newGenerator(seed uint64) *generator {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &Genesis{}
	out := &generator{r, g, nil, map[string]string{}}
	g.Recovery = out.did("R")
	out.dids = []string{g.Recovery, out.did("X")}
	for _, name := range []string{"board", "mill"} {
		i := Issuer{DID: out.did(name)}
		for _, role := range GivenRoles {
			if r.IntN(3) > 0 {
				i.Roles = append(i.Roles, role)
			}
		}
		g.Issuers = append(g.Issuers, i)
	}
	for i := range 3 + r.IntN(3) {
		name := fmt.Sprint("p", i)
		p := Party{Name: name, DID: out.did(name + "-0")}
		for _, role := range GivenRoles {
			if r.IntN(5) > 0 {
				p.Roles = append(p.Roles, Grant{role, pick(r, "", "", "", "2027-01-03"), pick(r, "", "", "", "2027-01-06")})
			}
		}
		g.Parties = append(g.Parties, p)
		for k := range 4 {
			out.dids = append(out.dids, out.did(fmt.Sprintf("%s-%d", name, k)))
		}
	}
	names := []string{Approver, Reviewer, Auditor}
	for range 1 + r.IntN(2) {
		c := Clause{Count: 1 + r.IntN(2)}
		for range 1 + r.IntN(3) {
			c.Of = append(c.Of, pick(r, append(names, g.Parties[r.IntN(len(g.Parties))].Name)...))
		}
		g.Policy = append(g.Policy, c)
	}
	return out
}

// signer is most often the key that a party has in use.
func (r *generator) signer(n *naive) string {
	if r.IntN(8) == 0 {
		return pick(r.Rand, r.dids...)
	}
	did := r.g.Parties[r.IntN(len(r.g.Parties))].DID
	for _, h := range n.past {
		if h.e.Kind == "rotate" && h.e.Signers[0].DID == did {
			did = h.e.Signers[1].DID
		}
	}
	return did
}

// papers are the credentials that were shown.
func (n *naive) papers() (out []paper) {
	for _, h := range n.past {
		for _, s := range h.e.Signers {
			if s.Credential != "" {
				out = append(out, read(s.Credential))
			}
		}
	}
	return out
}

// credential is most often one that shows the role.
func (r *generator) credential(s *Signer) string {
	issuer, subject, role := pick(r.Rand, "board", "mill"), r.name[s.DID], s.Role
	switch r.IntN(12) {
	case 0:
		issuer = "X"
	case 1:
		subject = r.name[pick(r.Rand, r.dids...)]
	case 2:
		role = pick(r.Rand, GivenRoles...)
	}
	return cached(issuer, subject, role, pick(r.Rand, "2026-12-01", "2026-12-01", "2027-01-03"), pick(r.Rand, "2027-02-01", "2027-02-01", "2027-01-06"))
}

func (r *generator) entry(n *naive, number uint32) *Entry {
	e := &Entry{Number: number, Kind: pick(r.Rand, KindReport, KindExplanation, KindApprove, KindApprove, KindApprove, KindObject, KindCountersign, KindCountersign, KindApprove, KindRotate, KindCountersign, KindRotate, KindRevoke, KindDisclose)}
	roles := Speakers[e.Kind]
	for range 1 + r.IntN(2) {
		e.Signers = append(e.Signers, Signer{DID: r.signer(n), Role: pick(r.Rand, roles...)})
	}
	for i := range e.Signers {
		if s := &e.Signers[i]; slices.Contains(GivenRoles, s.Role) && r.IntN(5) == 0 {
			s.Credential = r.credential(s)
		}
	}
	digest := func(of uint32) string { return hashed("doc ", fmt.Sprint(of%5)) }
	salt := func(of uint32) string { return hashed("salt ", fmt.Sprint(of%3)) }
	doc := func(of uint32) string { // a third of the reports is sealed
		if of%3 != 0 {
			return digest(of)
		}
		return hashed(hashedBytes(salt(of)), hashedBytes(digest(of)))
	}
	switch {
	case brings(e.Kind):
		if e.Document = doc(number); number%3 == 0 {
			e.Kind, e.Sealed = KindReport, &Sealed{}
		}
	case e.Kind == KindDisclose:
		e.Of = number - 1 - r.Uint32N(min(number-1, 6))
		for _, h := range n.past {
			if h.e.Sealed != nil {
				e.Of = h.e.Number
				if r.IntN(2) == 0 {
					e.Signers = slices.Clone(h.e.Signers[:1])
				}
			}
		}
		for i := range e.Signers {
			e.Signers[i].Role, e.Signers[i].Credential = AsFounder, ""
		}
		e.Document, e.Salt = digest(e.Of), salt(e.Of+r.Uint32N(2)*r.Uint32N(2))
	case speaks(e.Kind):
		e.Of = number - 1 - r.Uint32N(min(number-1, 6))
		for _, h := range n.past {
			if brings(h.e.Kind) && r.IntN(2) == 0 {
				e.Of = h.e.Number
			}
		}
		e.Document = doc(e.Of)
		if r.IntN(12) == 0 {
			e.Document = "another"
		}
		if e.Kind == KindCountersign {
			e.Result = pick(r.Rand, ResultPassed, ResultPassed, ResultFailed)
		}
	case e.Kind == KindRotate:
		e.Key = pick(r.Rand, append(r.dids, r.g.Issuers[0].DID)...)
		e.Signers = []Signer{{DID: r.signer(n), Role: AsFrom}, {DID: e.Key, Role: AsTo}}
	case e.Kind == KindRevoke:
		e.Key, e.Milestone = pick(r.Rand, append(r.dids, r.g.Issuers[0].DID)...), 1+r.Uint32N(40)
		e.Signers = []Signer{{DID: r.signer(n), Role: AsFounder}}
		if r.IntN(2) == 0 {
			e.Signers = []Signer{{DID: r.g.Recovery, Role: AsRecovery}}
		}
		if papers := n.papers(); len(papers) > 0 && r.IntN(2) == 0 {
			p := pick(r.Rand, papers...)
			e.Key, e.Withdrawn = "", hashed(p.text)
			if r.IntN(3) > 0 {
				e.Signers = []Signer{{DID: pick(r.Rand, p.issuer, p.issuer, r.g.Issuers[1].DID, r.did("X")), Role: AsIssuer}}
			}
		}
	}
	return e
}

// The replay of permissions agrees with the naive model on random histories: on each check of each entry, and on what is approved in the end.
func TestModel(t *testing.T) {
	t.Parallel()
	const entries = 40
	allowed, refused, agreed, not, disclosed := 0, map[string]int{}, 0, 0, 0
	for seed := range uint64(histories) {
		r := newGenerator(seed)
		s, n := newState("", r.g), &naive{g: r.g}
		index, day := uint32(1), time.Date(2027, 1, 1, 23, 0, 0, 0, time.UTC)
		var log []string
		for number := uint32(2); number < entries; number++ {
			e := r.entry(n, number)
			index += r.Uint32N(2)
			day = day.Add(time.Duration(r.IntN(10)) * time.Hour)
			log = append(log, fmt.Sprintf("%d at %d: %s %v of %d %s key %s from %d", number, index, e.Kind, e.Signers, e.Of, e.Result, e.Key, e.Milestone))
			want := n.judge(e, index, day.Format(time.DateOnly))
			got := s.admit(e, at{index, day})
			if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
				t.Fatalf("seed %d: the replay refuses by %v, the model by %v\n%s", seed, got, b, strings.Join(log, "\n"))
			}
			for check := range want {
				refused[check]++
			}
			if len(want) == 0 {
				n.past = append(n.past, happened{e, index})
				if allowed++; e.Kind == KindDisclose {
					disclosed++
				}
			}
			if number%8 != 0 && number != entries-1 {
				continue
			}
			c := s.newest(KindReport)
			if newest := n.current(); c == nil && newest != 0 || c != nil && c.Number != newest {
				t.Fatalf("seed %d: the newest report is in %+v, by the model in %d\n%s", seed, c, newest, strings.Join(log, "\n"))
			}
			for _, c := range s.claims {
				err := s.approved(c)
				if (err == nil) != n.agreed(c.Number) {
					t.Fatalf("seed %d: entry %d: %v, and by the model approved: %v\n%s", seed, c.Number, err, n.agreed(c.Number), strings.Join(log, "\n"))
				}
				if err == nil {
					agreed++
				} else {
					not++
				}
			}
		}
	}
	t.Logf("%d entries allowed, refused by check: %v; %d times a report was approved, %d times not; %d disclosed", allowed, refused, agreed, not, disclosed)
	if disclosed < histories/10 || allowed < histories*5 || agreed < histories*3/4 || not < histories || len(refused) != 5 {
		t.Error("the histories are too much of one kind: is the generator still right?")
	}
}
