package notarytest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// form says whether a value of a JSON text has a form.
type form func(v any) bool

// forms are those of the fields of an object.
type forms map[string]form

// shaped is an object with all the fields that it needs, and of others only those that it may have.
func shaped(need, may forms) form {
	return func(v any) bool {
		m, ok := v.(map[string]any)
		for name, f := range need {
			x, there := m[name]
			ok = ok && there && f(x)
		}
		for name, x := range m {
			ok = ok && (need[name] != nil || may[name] != nil && may[name](x))
		}
		return ok
	}
}

// many is a list with a least and a most length.
func many(least, most int, f form) form {
	return func(v any) bool {
		l, ok := v.([]any)
		return ok && len(l) >= least && len(l) <= most && !slices.ContainsFunc(l, func(x any) bool { return !f(x) })
	}
}

// once is a list of values which differ in what key says of them.
func once(least, most int, f form, key func(v any) string) form {
	return func(v any) bool {
		l, _ := v.([]any)
		seen := map[string]bool{}
		for _, x := range l {
			seen[key(x)] = true
		}
		return many(least, most, f)(v) && len(seen) == len(l)
	}
}

func itself(v any) string { return string(write(nil, v)) }

func field(name string) func(v any) string { return func(v any) string { return text(v, name) } }

func among(words ...string) form {
	return func(v any) bool {
		s, ok := v.(string)
		return ok && slices.Contains(words, s)
	}
}

func whole(least, most int64) form {
	return func(v any) bool {
		_, ok := v.(json.Number)
		return ok && integer(v) >= least && integer(v) <= most
	}
}

func integer(v any) int64 {
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		return -1
	}
	return i
}

func long(least, most int) form {
	return func(v any) bool {
		s, ok := v.(string)
		return ok && len(s) >= least && len(s) <= most
	}
}

func hash(v any) bool {
	s, _ := v.(string)
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func did(v any) bool {
	s, _ := v.(string)
	_, err := didKey(s)
	return err == nil
}

// named says whether a text is a name of a party or a role.
func named(s string) bool {
	return long(1, 32)(s) && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func date(v any) bool {
	s, _ := v.(string)
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

const largest = 1<<32 - 1

// ranks are the roles that a genesis gives.
var ranks = []string{"architect", "reviewer", "approver", "auditor"}

// kind is what an entry of a kind has besides the fields that all have, and who signs it.
type kind struct {
	roles     []string
	need, may forms
}

var (
	subject = forms{"document": hash, "of": whole(2, largest)}
	sealing = forms{"sealed": shaped(forms{"sha256": hash, "readers": once(1, 64, did, itself)}, nil)}
	kinds   = map[string]kind{
		"genesis":     {[]string{"founder"}, forms{"genesis": genesis}, nil},
		"report":      {[]string{"architect"}, forms{"document": hash}, sealing},
		"explanation": {[]string{"architect"}, forms{"document": hash}, sealing},
		"approve":     {[]string{"approver", "reviewer"}, subject, nil},
		"object": {[]string{"approver", "reviewer", "auditor"}, with(subject, "because", func(v any) bool {
			return long(1, 2000)(v) && strings.TrimSpace(v.(string)) != ""
		}), nil},
		"countersign": {[]string{"auditor"}, with(subject, "result", among("passed", "failed")), nil},
		"disclose":    {[]string{"founder"}, with(subject, "salt", hash), nil},
		"rotate":      {[]string{"from", "to"}, forms{"key": did}, nil},
		"revoke":      {[]string{"founder", "recovery", "issuer"}, forms{"milestone": whole(1, largest)}, forms{"key": did, "withdrawn": hash}},
		"successor": {[]string{"recovery"}, forms{"old": shaped(forms{
			"trail": hash, "number": whole(1, largest), "sha256": hash,
		}, nil)}, nil},
	}
)

func with(fs forms, name string, f form) forms {
	out := maps.Clone(fs)
	out[name] = f
	return out
}

// genesis is what a trail is.
func genesis(v any) bool {
	name := func(v any) bool {
		s, _ := v.(string)
		return named(s) && !slices.Contains(ranks, s)
	}
	span := shaped(forms{"role": among(ranks...)}, forms{"from": date, "until": date})
	role := func(v any) bool {
		until := text(v, "until")
		return span(v) && (until == "" || text(v, "from") <= until)
	}
	web := shaped(forms{"did": func(v any) bool { return didWeb(v) || didIota(v) }, "document": long(0, 16<<10)}, nil)
	party := shaped(forms{"name": name, "did": did}, forms{"roles": once(1, 16, role, itself), "web": web})
	issuer := shaped(forms{"did": did, "roles": once(1, len(ranks), among(ranks...), itself)}, nil)
	clause := shaped(forms{"count": whole(1, largest), "of": once(1, largest, long(1, 32), itself)}, nil)
	if !shaped(forms{
		"resource": long(1, 512), "nonce": hash, "recovery": did, "policy": many(1, 16, clause),
		"parties": once(1, 256, party, field("did")),
	}, forms{"issuers": once(1, 16, issuer, field("did"))})(v) {
		return false
	}
	g, _ := v.(map[string]any)
	parties, issuers, names, keys := list(g, "parties"), list(g, "issuers"), map[string]bool{}, map[string]bool{text(g, "recovery"): true}
	for _, p := range parties {
		names[text(p, "name")], keys[text(p, "did")] = true, true
		if p, _ := p.(map[string]any); len(list(p, "roles")) == 0 && len(issuers) == 0 {
			return false
		}
	}
	for _, i := range issuers {
		keys[text(i, "did")] = true
	}
	if len(names) != len(parties) || len(keys) != len(parties)+len(issuers)+1 {
		return false
	}
	for _, c := range list(g, "policy") {
		c, _ := c.(map[string]any)
		able := map[string]bool{}
		for _, of := range list(c, "of") {
			of, _ := of.(string)
			if !names[of] && !slices.Contains(ranks, of) {
				return false
			}
			for _, p := range parties {
				if text(p, "name") == of || of != "architect" && (gives(p, of) || slices.ContainsFunc(issuers, func(i any) bool { return issues(i, of) })) {
					able[text(p, "name")] = true
				}
			}
		}
		if n := len(able); n == 0 || int64(n) < integer(c["count"]) {
			return false
		}
	}
	return true
}

// gives says whether a genesis gives a party a role, on whatever days.
func gives(party any, role string) bool {
	p, _ := party.(map[string]any)
	return slices.ContainsFunc(list(p, "roles"), func(r any) bool { return text(r, "role") == role })
}

// issues says whether an issuer shows a role.
func issues(issuer any, role string) bool {
	i, _ := issuer.(map[string]any)
	return slices.Contains(list(i, "roles"), any(role))
}

// entry is an entry of a trail.
type entry struct {
	fields     map[string]any
	signers    []signer
	signatures [][]byte
	signed     []byte // what the signatures are for
	id         string // of the trail
	digest     [32]byte
	index, at  uint32 // of the milestone
	milestone  []byte // its ID
	record     []byte
	salt       []byte
	block      []byte // ID
}

type signer struct {
	did, role  string
	credential *credential
}

type credential struct {
	claims            map[string]any
	signed, signature []byte
	name              string // SHA-256, HEX
}

func (c *credential) issuer() string { return text(c.claims, "iss") }

// readEntry reads an envelope.
func readEntry(data []byte) (*entry, error) {
	const media = "application/vnd.vauban.trail-entry+json"
	envelope, err := object(data, 256<<10)
	if err != nil {
		return nil, err
	}
	signature := shaped(forms{"keyid": among(""), "sig": func(v any) bool { return len(based(v)) == ed25519.SignatureSize }}, nil)
	if !shaped(forms{
		"payload": func(v any) bool { return based(v) != nil }, "payloadType": among(media),
		"signatures": many(1, 64, signature),
	}, nil)(envelope) {
		return nil, errors.New("no envelope of that type")
	}
	payload := based(envelope["payload"])
	e := &entry{signed: preAuthentication(media, payload), digest: sha256.Sum256(data)}
	for _, s := range list(envelope, "signatures") {
		m, _ := s.(map[string]any)
		e.signatures = append(e.signatures, based(m["sig"]))
	}
	if e.fields, err = object(payload, len(data)); err != nil {
		return nil, err
	}
	if e.kind() == "genesis" {
		e.id = hex.EncodeToString(blake(payload))
	} else {
		e.id = text(e.fields, "trail")
	}
	return e, e.read()
}

func (e *entry) kind() string { return text(e.fields, "kind") }

func (e *entry) number() int64 { return integer(e.fields["number"]) }

// read reads the fields.
func (e *entry) read() error {
	k, known := kinds[e.kind()]
	if !known {
		return errors.New("a kind that nobody knows")
	}
	credible := func(v any) bool {
		s, _ := v.(string)
		_, err := readCredential(s)
		return err == nil
	}
	need := maps.Clone(k.need)
	maps.Copy(need, forms{
		"schema": among("vauban.trail-entry/1"), "kind": among(e.kind()), "number": whole(1, largest),
		"signers": once(1, 64, shaped(forms{"did": did, "role": among(k.roles...)}, forms{"credential": credible}), field("did")),
	})
	if e.kind() != "genesis" {
		need["trail"], need["previous"] = hash, hash
	}
	if !shaped(need, k.may)(e.fields) {
		return errors.New("the fields are not those of the kind")
	}
	for _, s := range list(e.fields, "signers") {
		add := signer{did: text(s, "did"), role: text(s, "role")}
		if shown := text(s, "credential"); shown != "" {
			if !slices.Contains(ranks, add.role) {
				return errors.New("a credential for a role that none shows")
			}
			add.credential, _ = readCredential(shown)
		}
		e.signers = append(e.signers, add)
	}
	if len(e.signers) != len(e.signatures) {
		return errors.New("a signature is missing, or one too much")
	}
	key, withdrawn := text(e.fields, "key"), text(e.fields, "withdrawn")
	wrong := false
	switch e.kind() {
	case "genesis":
		for _, s := range e.signers {
			g, _ := e.fields["genesis"].(map[string]any)
			wrong = wrong || !slices.ContainsFunc(list(g, "parties"), func(p any) bool { return text(p, "did") == s.did })
		}
		wrong = wrong || e.number() != 1
	case "successor":
		wrong = e.number() != 2
	case "rotate":
		wrong = len(e.signers) != 2 || e.signers[0].role != "from" || e.signers[1].role != "to" || e.signers[1].did != key
	case "revoke":
		wrong = (key == "") == (withdrawn == "") || withdrawn == "" && slices.ContainsFunc(e.signers, func(s signer) bool { return s.role == "issuer" })
	case "approve", "object", "countersign", "disclose":
		wrong = integer(e.fields["of"]) >= e.number()
	}
	if wrong || e.kind() != "genesis" && e.number() == 1 {
		return errors.New("the fields do not fit together")
	}
	return nil
}

// based reads base64; it returns nil of what is none.
func based(v any) []byte {
	s, _ := v.(string)
	out, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") { // Go's decoder skips ends of lines
		return nil
	}
	return out
}

// readCredential reads a credential.
func readCredential(data string) (*credential, error) {
	parts := strings.Split(data, ".")
	strict := base64.RawURLEncoding.Strict()
	if len(data) > 4096 || len(parts) != 3 || strings.ContainsAny(data, "\r\n") || parts[0] != strict.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) {
		return nil, errors.New("no credential")
	}
	claims, err := strict.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(data))
	c := &credential{signed: []byte(parts[0] + "." + parts[1]), name: hex.EncodeToString(sum[:])}
	if c.signature, err = strict.DecodeString(parts[2]); err != nil {
		return nil, err
	}
	if c.claims, err = object(claims, 4096); err != nil {
		return nil, err
	}
	exactly := func(what ...any) form { return func(v any) bool { return itself(v) == itself(what) } }
	time := whole(0, 1<<53-1)
	role := func(v any) bool {
		s, _ := v.(string)
		return named(s)
	}
	if len(c.signature) != 64 || !shaped(forms{
		"exp": time, "nbf": time, "iss": did, "sub": did, "vc": shaped(forms{
			"@context":          exactly("https://www.w3.org/2018/credentials/v1"),
			"type":              exactly("VerifiableCredential", "https://github.com/vauban-verifier/vauban/role/v1"),
			"credentialSubject": shaped(forms{"role": role}, forms{"trail": hash}),
		}, nil),
	}, nil)(c.claims) || integer(c.claims["nbf"]) >= integer(c.claims["exp"]) {
		return nil, errors.New("no claims of a role")
	}
	return c, nil
}
