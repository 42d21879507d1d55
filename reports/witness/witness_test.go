package witness_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/reports/witness/cosigner"
	"github.com/vauban-verifier/vauban/reports/witness/logbook"
)

func keyOf(name string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte("a key of these tests, not secret: " + name))
	return ed25519.NewKeyFromSeed(sum[:])
}

var begin = time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)

// tangle is a history of milestones, a minute apart.
type tangle []*notary.Milestone

func (h tangle) Newest(context.Context) (uint32, error) { return uint32(len(h)), nil }
func (h tangle) Milestone(_ context.Context, index uint32) (*notary.Milestone, error) {
	if index == 0 || int(index) > len(h) {
		return nil, errors.New("no such milestone")
	}
	return h[index-1], nil
}

// grow adds n milestones. What differs in salt is another history.
func (h tangle) grow(n int, salt byte) tangle {
	h = append(tangle(nil), h...)
	for range n {
		m := &notary.Milestone{Index: uint32(len(h) + 1), Time: begin.Add(time.Duration(len(h)) * time.Minute), Parents: []notary.ID{{1, salt}}}
		if len(h) > 0 {
			m.Previous = h[len(h)-1].ID
		}
		read, err := notary.ParseMilestone(m.Sign(keyOf("coordinator")))
		if err != nil {
			panic(err)
		}
		h = append(h, read)
	}
	return h
}

func trust(policy *witness.Policy) *notary.Trust {
	tr := &notary.Trust{Schema: notary.TrustSchema, Network: "test", Threshold: 1, Keys: []notary.TrustKey{{Key: fmt.Sprintf("%x", keyOf("coordinator").Public())}}}
	tr.Log = policy
	return tr
}

const (
	logName = "example.com/log"
	first   = "one.example"
	second  = "two.example"
)

func key(t *testing.T, name string, kind witness.Kind) witness.Key {
	t.Helper()
	k, err := witness.NewKey(name, kind, keyOf(name).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func open(t *testing.T, dir string) *logbook.Book {
	t.Helper()
	b, err := logbook.Open(context.Background(), dir, logName, keyOf(logName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// follow brings a log up to date.
func follow(t *testing.T, dir string, h tangle) {
	t.Helper()
	b := open(t, dir)
	defer b.Close()
	if _, err := b.Follow(context.Background(), h, trust(nil), 1); err != nil {
		t.Fatal(err)
	}
}

// serve returns the address of a witness whose clock says at.
func serve(t *testing.T, name string, at *time.Time) (address string, w *cosigner.Witness) {
	t.Helper()
	signer, err := witness.NewSigner(name, witness.Cosigns, keyOf(name), func() uint64 { return uint64(at.Unix()) })
	if err != nil {
		t.Fatal(err)
	}
	if w, err = cosigner.New(t.TempDir(), signer, key(t, logName, witness.Signs)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Handler(func(err error) { t.Error(err) }))
	t.Cleanup(server.Close)
	return server.URL, w
}

// prove gets the proof of a milestone.
func prove(t *testing.T, where string, m *notary.Milestone, witnesses ...string) (*witness.Proof, error) {
	t.Helper()
	ctx := context.Background()
	source, err := logbook.At(where)
	if err != nil {
		t.Fatal(err)
	}
	c, signed, err := source.Checkpoint(ctx, key(t, logName, witness.Signs))
	if err != nil {
		return nil, err
	}
	var lines []byte
	for _, w := range witnesses {
		line, err := cosigner.Ask(ctx, w, source, c, signed)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line...)
	}
	if signed, err = witness.Cosign(signed, key(t, logName, witness.Signs), []witness.Key{key(t, first, witness.Cosigns), key(t, second, witness.Cosigns)}, lines); err != nil {
		return nil, err
	}
	p := &witness.Proof{Number: int64(m.Index) - 1, Checkpoint: signed}
	p.Path, err = source.Prove(ctx, c, p.Number)
	return p, err
}

func policy(t *testing.T) *witness.Policy {
	return &witness.Policy{Key: key(t, logName, witness.Signs).String(), First: 1, Quorum: 2, Within: 3600, Witnesses: []string{key(t, first, witness.Cosigns).String(), key(t, second, witness.Cosigns).String()}}
}

// TestAgreesWithTorchwood has each leaf of logs of many sizes proved, cosigned by two witnesses over HTTP, and verified here and by somebody else's verifier of the
// same formats.
func TestAgreesWithTorchwood(t *testing.T) {
	t.Parallel()
	at := begin.Add(time.Minute)
	one, _ := serve(t, first, &at)
	two, _ := serve(t, second, &at)
	dir := t.TempDir()
	p := policy(t)
	theirs, err := torchwood.ParsePolicy([]byte(fmt.Sprintf("log %s\nwitness one %s\nwitness two %s\ngroup both all one two\nquorum both\n", p.Key, p.Witnesses[0], p.Witnesses[1])))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(web.Close)
	var h tangle
	checked := 0
	for _, more := range []int{1, 1, 1, 5, 100, 148, 1, 255, 1, 300} {
		h = h.grow(more, 0)
		follow(t, dir, h)
		at = h[len(h)-1].Time.Add(30 * time.Second)
		for _, i := range []int{0, len(h) / 2, len(h) - 1} {
			proof, err := prove(t, []string{dir, web.URL}[i%2], h[i], one, two)
			if err != nil {
				t.Fatal(err)
			}
			read, err := witness.ParseProof(proof.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			lax := *p
			lax.Within = 0
			seen, err := read.Verify(&lax, h[i].Index, h[i].ID, h[i].Time)
			if err != nil {
				t.Fatalf("%d leaves, leaf %d: %v", len(h), i, err)
			}
			if seen.Leaves != int64(len(h)) || len(seen.Witnesses) != 2 || !seen.By.Equal(at) {
				t.Fatalf("%d leaves, leaf %d: %+v, expected both witnesses at %s", len(h), i, seen, at)
			}
			if err := torchwood.VerifyProof(theirs, tlog.RecordHash(h[i].ID[:]), proof.Bytes()); err != nil {
				t.Fatalf("%d leaves, leaf %d: torchwood: %v", len(h), i, err)
			}
			checked++
		}
	}
	t.Logf("%d proofs of a log with up to %d leaves", checked, len(h))
}

// TestRefuses has each way to cheat refused by the check that is meant for it.
func TestRefuses(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	at := begin.Add(10 * time.Minute)
	one, _ := serve(t, first, &at)
	two, _ := serve(t, second, &at)
	honest := tangle(nil).grow(10, 0)
	dir := t.TempDir()
	follow(t, dir, honest)
	m := honest[8]
	good, err := prove(t, dir, m, one, two)
	if err != nil {
		t.Fatal(err)
	}
	p := policy(t)
	if _, err := good.Verify(p, m.Index, m.ID, m.Time); err != nil {
		t.Fatal(err)
	}
	refused := func(name string, proof *witness.Proof, p *witness.Policy, m *notary.Milestone, witnesses bool, says string) {
		t.Helper()
		_, err := proof.Verify(p, m.Index, m.ID, m.Time)
		var r *witness.Refusal
		if !errors.As(err, &r) || r.Witnesses != witnesses || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, expected it to be refused with %q", name, err, says)
		}
	}

	// A second history, or one that was rolled back, by those who hold the coordinators' keys and the log's: neither witness signs it.
	forked := t.TempDir()
	other := honest[:8].grow(3, 1)
	follow(t, forked, other)
	if _, err := prove(t, forked, other[8], one); err == nil || !strings.Contains(err.Error(), "did not grow out of") {
		t.Errorf("a fork: %v", err)
	}
	same := t.TempDir()
	follow(t, same, honest[:8].grow(2, 1))
	if _, err := prove(t, same, other[8], one); err == nil || !strings.Contains(err.Error(), "two histories") {
		t.Errorf("a fork of the same length: %v", err)
	}
	back := t.TempDir()
	follow(t, back, honest[:9])
	if _, err := prove(t, back, m, one); err == nil || !strings.Contains(err.Error(), "rolled back") {
		t.Errorf("a log rolled back: %v", err)
	}
	alone, err := prove(t, forked, other[8])
	if err != nil {
		t.Fatal(err)
	}
	refused("a fork that no witness signed", alone, p, other[8], true, "0 of 2 witnesses have cosigned")
	// One dishonest witness of two.
	lying, _ := serve(t, first, &at)
	lied, err := prove(t, forked, other[8], lying)
	if err != nil {
		t.Fatal(err)
	}
	refused("a fork with one dishonest witness", lied, p, other[8], true, "1 of 2 witnesses have cosigned")

	// Times.
	late := begin.Add(48 * time.Hour)
	slow, _ := serve(t, first, &late)
	slow2, _ := serve(t, second, &late)
	hidden, err := prove(t, dir, m, slow, slow2)
	if err != nil {
		t.Fatal(err)
	}
	refused("a milestone that says an earlier time", hidden, p, m, true, "longer than the 3600 seconds")
	early := begin.Add(-time.Hour)
	fast, _ := serve(t, first, &early)
	fast2, _ := serve(t, second, &early)
	ahead, err := prove(t, dir, m, fast, fast2)
	if err != nil {
		t.Fatal(err)
	}
	refused("a milestone that says a later time", ahead, p, m, true, "it says that it was made later")

	// Proofs of something else.
	refused("another milestone", good, p, honest[7], false, "would be the leaf 7")
	stranger := *m
	stranger.ID[0] ^= 1
	refused("a milestone of another history", good, p, &stranger, false, "is not this milestone")
	moved := *p
	moved.First = 2
	refused("another first milestone", good, &moved, m, false, "would be the leaf 7")
	beyond := *good
	beyond.Number = 10
	unborn := *m
	unborn.Index = 11
	refused("a leaf that the log does not have", &beyond, p, &unborn, false, "the log has 10 leaves")
	unsigned := *p
	unsigned.Key = key(t, "example.com/other", witness.Signs).String()
	refused("another log", good, &unsigned, m, false, "no key that you trust has signed it")
	swapped := *good
	swapped.Checkpoint = bytes.Replace(good.Checkpoint, []byte("\n10\n"), []byte("\n11\n"), 1)
	refused("another size", &swapped, p, m, false, "the signature of example.com/log is wrong")

	// Each byte counts, but for the signatures of those that nobody named.
	data := good.Bytes()
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1
		read, err := witness.ParseProof(bad)
		if err != nil {
			continue
		}
		if _, err := read.Verify(p, m.Index, m.ID, m.Time); err == nil {
			t.Fatalf("byte %d (%q) was changed, and nothing was noticed", i, data[max(0, i-10):min(len(data), i+10)])
		}
	}

	// A book keeps to its history.
	b := open(t, dir)
	defer b.Close()
	if _, err := b.Follow(ctx, other, trust(nil), 1); err == nil || !strings.Contains(err.Error(), "has another history") {
		t.Errorf("another history: %v", err)
	}
	if _, err := b.Follow(ctx, honest[:5], trust(nil), 1); err == nil || !strings.Contains(err.Error(), "rolled back") {
		t.Errorf("a Tangle that was rolled back: %v", err)
	}
	lost := append(honest[:10:10], honest[8])
	if _, err := b.Follow(ctx, lost, trust(nil), 1); err == nil {
		t.Error("a milestone with another index was taken")
	}
	foreign := honest.grow(1, 0)
	wrong := trust(nil)
	wrong.Keys[0].Key = fmt.Sprintf("%x", keyOf("somebody").Public())
	if _, err := b.Follow(ctx, foreign, wrong, 1); err == nil || !strings.Contains(err.Error(), "0 of the keys that are trusted") {
		t.Errorf("a milestone that no trusted key signed: %v", err)
	}
}

// TestPolicies has trust files refused that would make one party count as two, or mean nothing.
func TestPolicies(t *testing.T) {
	t.Parallel()
	twice, err := witness.NewKey("three.example", witness.Cosigns, keyOf(first).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*witness.Policy)
		says   string
	}{
		{func(p *witness.Policy) { p.Witnesses[1] = twice.String() }, "appears twice: one party would count as two"},
		{func(p *witness.Policy) { p.Witnesses[1] = p.Witnesses[0] }, "appears twice"},
		{func(p *witness.Policy) { p.Quorum = 3 }, "the quorum is 3 of 2 witnesses"},
		{func(p *witness.Policy) { p.Quorum = -1 }, "the quorum is -1"},
		{func(p *witness.Policy) { p.Quorum = 0 }, "the quorum is 0"},
		{func(p *witness.Policy) { p.Within = -1 }, "within is -1"},
		{func(p *witness.Policy) { p.Key = p.Witnesses[0] }, "it is of kind 4, expected 1"},
		{func(p *witness.Policy) { p.Witnesses[0] = p.Key }, "it is of kind 1, expected 4"},
		{func(p *witness.Policy) { p.Key = strings.Replace(p.Key, "+", "+0", 1) }, "it should be written"},
		{func(p *witness.Policy) { p.Key = "x" }, "expected NAME+HASH+BASE64"},
		{func(p *witness.Policy) {
			p.Key = "x+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{1}, make([]byte, 32)...))
		}, "small order"},
	} {
		p := policy(t)
		c.change(p)
		tr := trust(p)
		if _, err := tr.JSON(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, expected %q", err, c.says)
		}
	}
	tr := trust(policy(t))
	data, err := tr.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := notary.ParseTrust(data); err != nil {
		t.Error(err)
	}
	if _, err := notary.ParseTrust(bytes.Replace(data, []byte(`"quorum"`), []byte(`"Quorum"`), 1)); err == nil {
		t.Error("a field in upper case was taken")
	}
}

// TestWitnessAnswers checks the answers that C2SP tlog-witness has.
func TestWitnessAnswers(t *testing.T) {
	t.Parallel()
	at := begin
	address, _ := serve(t, first, &at)
	dir := t.TempDir()
	h := tangle(nil).grow(7, 0)
	follow(t, dir, h[:4])
	source, err := logbook.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	log := key(t, logName, witness.Signs)
	old, four, err := source.Checkpoint(ctx, log)
	if err != nil {
		t.Fatal(err)
	}
	follow(t, dir, h)
	c, seven, err := source.Checkpoint(ctx, log)
	if err != nil {
		t.Fatal(err)
	}
	grown, err := source.Growth(ctx, c, old.N)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := note.Sign(&note.Note{Text: "elsewhere.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}, signerOf(t, "elsewhere.example/log"))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := note.Sign(&note.Note{Text: c.String()}, signerOf(t, "example.com/other"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		body   []byte
		status int
		answer string
	}{
		{"nonsense", []byte("hello"), 400, ""},
		{"no checkpoint", []byte("old 0\n"), 400, ""},
		{"a number in another form", append([]byte("old 00\n\n"), four...), 400, ""},
		{"too large", bytes.Repeat([]byte("x"), cosigner.MaxRequest+1), 400, ""},
		{"too many hashes", cosigner.Request(0, make([]tlog.Hash, 64), four), 400, ""},
		{"an unknown log", cosigner.Request(0, nil, foreign), 404, ""},
		{"somebody else's signature", cosigner.Request(0, nil, forged), 403, ""},
		{"more than it could have seen", cosigner.Request(5, nil, four), 400, ""},
		{"something that it has not seen", cosigner.Request(4, nil, four), 409, "0\n"},
		{"a proof from nothing", cosigner.Request(0, grown, four), 422, ""},
		{"the first one", cosigner.Request(0, nil, four), 200, "— one.example "},
		{"the same one again", cosigner.Request(4, nil, four), 200, "— one.example "},
		{"what it has seen is forgotten", cosigner.Request(0, nil, seven), 409, "4\n"},
		{"no proof", cosigner.Request(4, nil, seven), 422, ""},
		{"a wrong proof", cosigner.Request(4, grown[1:], seven), 422, ""},
		{"the next one", cosigner.Request(4, grown, seven), 200, "— one.example "},
		{"one that is old", cosigner.Request(4, nil, four), 409, "7\n"},
	} {
		answer, err := http.Post(address+"/add-checkpoint", "text/plain", bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != c.status || !strings.HasPrefix(body.String(), c.answer) {
			t.Errorf("%s: status %d, %q, expected %d, %q", c.name, answer.StatusCode, body.String(), c.status, c.answer)
		}
		if kind := answer.Header.Get("Content-Type"); c.status == 409 && kind != "text/x.tlog.size" {
			t.Errorf("%s: the type %s", c.name, kind)
		}
	}
}

func signerOf(t *testing.T, name string) witness.Signer {
	t.Helper()
	s, err := witness.NewSigner(name, witness.Signs, keyOf(name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLogsThatLie has proofs asked of logs that give what they should not, over HTTP.
func TestLogsThatLie(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := tangle(nil).grow(300, 0)
	follow(t, dir, h)
	for name, lie := range map[string]http.HandlerFunc{
		"sends elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"never ends": func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 10 {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		},
		"is empty": func(http.ResponseWriter, *http.Request) {},
		"changes a hash": func(w http.ResponseWriter, r *http.Request) {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(r.URL.Path)))
			if err != nil {
				http.NotFound(w, r)
				return
			}
			if strings.HasPrefix(r.URL.Path, "/tile/") {
				data[len(data)-1] ^= 1
			}
			_, _ = w.Write(data)
		},
	} {
		server := httptest.NewServer(lie)
		if _, err := prove(t, server.URL, h[299]); err == nil {
			t.Errorf("a log that %s: a proof was made", name)
		}
		server.Close()
	}
}

// TestWitnessesThatLie asks witnesses that answer what they should not, or nothing: a proof has what the honest ones signed, and whoever asks can stop.
func TestWitnessesThatLie(t *testing.T) {
	t.Parallel()
	at := begin.Add(5 * time.Minute)
	dir := t.TempDir()
	h := tangle(nil).grow(5, 0)
	follow(t, dir, h)
	source, err := logbook.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, signed, err := source.Checkpoint(context.Background(), key(t, logName, witness.Signs))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var size atomic.Int64
	for name, answer := range map[string]http.HandlerFunc{
		"hangs":                   func(http.ResponseWriter, *http.Request) { <-done },
		"is in trouble":           func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"has seen something else": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "5", http.StatusConflict) },
		"has seen more":           func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "9", http.StatusConflict) },
		"says each time another size": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, fmt.Sprint(size.Add(1)%5), http.StatusConflict)
		},
		"says nonsense":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "many", http.StatusConflict) },
		"sends too much": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, witness.MaxCheckpoint+1)) },
	} {
		server := httptest.NewServer(answer)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		if line, err := cosigner.Ask(ctx, server.URL, source, c, signed); err == nil {
			t.Errorf("a witness that %s: %q", name, line)
		}
		cancel()
		if name == "hangs" {
			close(done)
		}
		server.Close()
	}
	// What is no signature of the checkpoint is refused, whoever sent it.
	honest, _ := serve(t, first, &at)
	line, err := cosigner.Ask(context.Background(), honest, source, c, signed)
	if err != nil {
		t.Fatal(err)
	}
	log, one := key(t, logName, witness.Signs), key(t, first, witness.Cosigns)
	if _, err := witness.Cosign(signed, log, []witness.Key{one}, bytes.Replace(line, []byte(" "), []byte(" A"), 2)); err == nil {
		t.Error("a line that is no signature was taken")
	}
	foreign := bytes.Replace(line, []byte(first), []byte(second), 1)
	both, err := witness.Cosign(signed, log, []witness.Key{one, key(t, second, witness.Cosigns)}, append(foreign, line...))
	if err == nil && bytes.Contains(both, []byte(second)) {
		t.Error("the signature of one witness was taken for that of another")
	}
}

// FuzzParse holds the readers to reading only what is written.
func FuzzParse(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\nexample.com/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAA\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := witness.ParseProof(data); err == nil && !bytes.Equal(p.Bytes(), data) {
			t.Errorf("%q is read as %q", data, p.Bytes())
		}
		if c, err := witness.ParseCheckpoint(string(data)); err == nil && c.String() != string(data) {
			t.Errorf("%q is read as %q", data, c)
		}
	})
}

// TestRandomGrowth has a witness follow logs that grow by random steps.
func TestRandomGrowth(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	at := begin
	one, _ := serve(t, first, &at)
	dir := t.TempDir()
	var h tangle
	for range 12 {
		h = h.grow(rng.Intn(200), 0)
		follow(t, dir, h)
		if len(h) == 0 {
			continue
		}
		if _, err := prove(t, dir, h[rng.Intn(len(h))], one); err != nil {
			t.Fatalf("%d leaves: %v", len(h), err)
		}
	}
}
