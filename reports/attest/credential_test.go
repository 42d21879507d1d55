package attest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func seeded(name string) (ed25519.PrivateKey, string) {
	seed := sha256.Sum256([]byte(name))
	key := ed25519.NewKeyFromSeed(seed[:])
	return key, DID(key.Public().(ed25519.PublicKey))
}

func issued(t testing.TB) *Credential {
	t.Helper()
	board, _ := seeded("board")
	_, acme := seeded("acme")
	c := &Credential{Subject: acme, Role: "auditor", Trail: strings.Repeat("a", 64), From: 1_798_761_600, Until: 1_830_297_600}
	if err := c.Issue(board); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCredential(t *testing.T) {
	t.Parallel()
	c := issued(t)
	got, err := ParseCredential(c.Text)
	if err != nil || *got != *c {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
	for at := range c.Text { // every change of a character
		for _, by := range []byte{1, 2, 64} {
			changed := []byte(c.Text)
			changed[at] ^= by
			bad, err := ParseCredential(string(changed))
			if err == nil {
				err = bad.Check()
			}
			if err == nil {
				t.Fatalf("with character %d changed it is taken", at)
			}
		}
	}
	for moment, good := range map[int64]bool{c.From - 1: false, c.From: true, c.Until - 1: true, c.Until: false} {
		if err := c.Covers(time.Unix(moment, 0)); (err == nil) != good {
			t.Errorf("at %d: %v", moment, err)
		}
	}
}

// What is not the one form of a credential is refused, though its signature is right.
func TestCredentialForms(t *testing.T) {
	t.Parallel()
	board, iss := seeded("board")
	_, sub := seeded("acme")
	right := `{"exp":20,"iss":"` + iss + `","nbf":10,"sub":"` + sub + `","vc":{"@context":["https://www.w3.org/2018/credentials/v1"],"credentialSubject":{"role":"auditor"},"type":["VerifiableCredential","https://github.com/vauban-verifier/vauban/role/v1"]}}`
	sign := func(header, body string) string {
		text := jws.EncodeToString([]byte(header)) + "." + jws.EncodeToString([]byte(body))
		return text + "." + jws.EncodeToString(ed25519.Sign(board, []byte(text)))
	}
	if c, err := ParseCredential(sign(credentialHeader, right)); err != nil || c.Check() != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string {
		if !strings.Contains(right, old) {
			t.Fatalf("%s is not in the claims", old)
		}
		return sign(credentialHeader, strings.Replace(right, old, new, 1))
	}
	good := sign(credentialHeader, right)
	for says, text := range map[string]string{
		`its header is "{\"alg\":\"none\"`:          sign(`{"alg":"none","typ":"JWT"}`, right),
		`its header is "{\"alg\":\"HS256\"`:         sign(`{"alg":"HS256","typ":"JWT"}`, right),
		`its header is "{\"alg\":\"eddsa\"`:         sign(`{"alg":"eddsa","typ":"JWT"}`, right),
		`its header is "{\"alg\":\"EdDSA\",\"jwk\"`: sign(`{"alg":"EdDSA","jwk":{},"typ":"JWT"}`, right),
		`its header is "{\"alg\":\"EdDSA\",\"kid\"`: sign(`{"alg":"EdDSA","kid":"`+sub+`","typ":"JWT"}`, right),
		`its header is "{\"typ\"`:                   sign(`{"typ":"JWT","alg":"EdDSA"}`, right),
		`its header is "{\"alg\": `:                 sign(`{"alg": "EdDSA","typ":"JWT"}`, right),
		"its signature has 0 bytes":                 good[:strings.LastIndexByte(good, '.')+1],
		"it is no JWT: expected a header":           good + ".x",
		"it is no JWT: expected":                    "",
		"it is not in base64url":                    good + "=",
		"it is not in base64url without":            good + "\n",
		`unknown field "iat"`:                       swap(`"iss"`, `"iat":1,"iss"`),
		`unknown field "name"`:                      swap(`"role":"auditor"`, `"name":"x","role":"auditor"`),
		"not in canonical form":                     swap(`"nbf":10,`, ``),
		"its claims are not in canonical form":      swap(`"nbf":10`, `"nbf":10,"nbf":10`),
		"claims are not in canonical":               swap(`"exp":20`, `"exp": 20`),
		"cannot unmarshal":                          swap(`"exp":20`, `"exp":20.5`),
		"in canonical form (RFC 8785)":              sign(credentialHeader, right+right),
		"expected the type":                         swap(`"VerifiableCredential",`, ``),
		"no credential of a role":                   swap(`2018`, `2019`),
		"its role is":                               swap(`"auditor"`, `"Auditor"`),
		"it is for the trail":                       swap(`"role":"auditor"`, `"role":"auditor","trail":"x"`),
		"it ends before it begins":                  swap(`"exp":20`, `"exp":10`),
		"it ends before":                            swap(`"nbf":10`, `"nbf":-1`),
		"is not the did:key":                        swap(sub, "did:web:acme.example"),
		"larger than 4096 bytes":                    swap(`auditor`, strings.Repeat("a", 4096)),
	} {
		if c, err := ParseCredential(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v, %v, expected %q", c, err, says)
		}
	}
	// Signed by the subject, who names another issuer.
	acme, _ := seeded("acme")
	text := good[:strings.LastIndexByte(good, '.')]
	c, err := ParseCredential(text + "." + jws.EncodeToString(ed25519.Sign(acme, []byte(text))))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err == nil {
		t.Error("a credential that its subject signed is taken")
	}
}

func FuzzCredential(f *testing.F) {
	f.Add(issued(f).Text)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCredential(text)
		if err == nil && (c.Text != text || c.Until <= c.From) {
			t.Errorf("%+v", c)
		}
	})
}

// othersVersion are the versions of libraries of others that must agree on credentials.
var othersVersion = []string{"did-jwt-vc@4.0.16", "jose@6.2.18"}

// did-jwt-vc and jose take what is issued here, and refuse it changed; what they issue, in canonical form, is taken here. did-jwt reads the document of a did:web.
func TestOthersTakeCredentials(t *testing.T) {
	t.Parallel()
	need := func(err error, what string, out []byte) {
		t.Helper()
		if err == nil {
			return
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s: %v, and CI is set\n%s", what, err, out)
		}
		t.Skipf("%s: %v: nobody else's code to compare with", what, err)
	}
	for _, tool := range []string{"npm", "node"} {
		_, err := exec.LookPath(tool)
		need(err, tool, nil)
	}
	dir := t.TempDir()
	install := exec.Command("npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir}, othersVersion...)...)
	out, err := install.CombinedOutput()
	need(err, "npm install", out)
	script, err := os.ReadFile(filepath.Join("testdata", "credential.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credential.mjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	board, iss := seeded("board")
	c := issued(t)
	document, err := (&Web{DID: "did:web:board.example", Keys: []string{iss}}).Document()
	if err != nil {
		t.Fatal(err)
	}
	ask := map[string]any{
		"document": string(document),
		"ours":     c.Text, "issuer": iss, "key": board.Public().(ed25519.PublicKey), "seed": board.Seed(), "now": c.From + 10,
		"claims": map[string]any{"subject": c.Subject, "role": c.Role, "from": c.From, "until": c.Until, "context": CredentialContext, "type": CredentialType},
	}
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("node", "credential.mjs")
	run.Dir, run.Stdin = dir, bytes.NewReader(in)
	var wrong bytes.Buffer
	run.Stderr = &wrong
	out, err = run.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, &wrong)
	}
	var answer struct {
		Taken   map[string]string `json:"taken"`   // by library: the subject
		Refused map[string]string `json:"refused"` // by library and forgery: why
		Theirs  map[string]string `json:"theirs"`  // by library: a credential
		Web     string            `json:"web"`     // the key by which did-jwt believes a did:web
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := "did:web:board.example#" + strings.TrimPrefix(iss, "did:key:"); answer.Web != want {
		t.Errorf("did-jwt believes a did:web by the key %q, expected %q", answer.Web, want)
	}
	for _, library := range []string{"did-jwt-vc", "jose"} {
		if answer.Taken[library] != c.Subject {
			t.Errorf("%s takes the credential for one of %q", library, answer.Taken[library])
		}
		theirs, err := ParseCredential(answer.Theirs[library])
		if err == nil {
			err = theirs.Check()
		}
		if err != nil || theirs.Subject != c.Subject || theirs.Role != c.Role || theirs.From != c.From || theirs.Until != c.Until || theirs.Issuer != iss {
			t.Errorf("the credential of %s: %+v, %v\n%s", library, theirs, err, answer.Theirs[library])
		}
		for _, forgery := range []string{"changed", "none", "over"} {
			if answer.Refused[library+" "+forgery] == "" {
				t.Errorf("%s takes one that is forged: %s", library, forgery)
			}
		}
	}
}
