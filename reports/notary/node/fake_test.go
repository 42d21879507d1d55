package node

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// fake is an honest node of a small Tangle that can be made to misbehave. A milestone comes with each block, and references all that no other has.
type fake struct {
	*httptest.Server
	keys []ed25519.PrivateKey

	mu         sync.Mutex
	blocks     map[notary.ID]*known
	order      []notary.ID // blocks as they came
	stones     [][]byte    // milestones from index 1 on
	clock      time.Time   // of the next milestone
	still      bool        // no milestones come
	mines      bool        // it changes the nonce of blocks, as for remote proof of work
	score      float64
	version    int
	promotions int
	bend       func(w http.ResponseWriter, r *http.Request) bool // answers in the node's place, if it says so
}

// known is what the node has of a block.
type known struct {
	data                 []byte
	parents              []notary.ID
	milestone, position  uint32
	unsolid, lazy, stale bool
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{blocks: map[notary.ID]*known{}, clock: time.Now(), score: 1, version: 2}
	for _, name := range []string{"first", "second"} {
		seed := sha256.Sum256([]byte(name))
		f.keys = append(f.keys, ed25519.NewKeyFromSeed(seed[:]))
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	f.issue()
	return f
}

func (f *fake) trust() *notary.Trust {
	t := &notary.Trust{Schema: notary.TrustSchema, Network: "fake", Threshold: 2}
	for _, k := range f.keys {
		t.Keys = append(t.Keys, notary.TrustKey{Key: hex.EncodeToString(k.Public().(ed25519.PublicKey))})
	}
	return t
}

// ledger returns a client that asks more often than it would ask a real node. What it waits for comes soon, and long before its limits.
func (f *fake) ledger(t *testing.T, o Options) *Ledger {
	t.Helper()
	l, err := Open(f.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.client.limits.pause, l.client.limits.endurance = 5*time.Millisecond, 100*time.Millisecond
	l.client.limits.poll, l.client.limits.longestPoll = 5*time.Millisecond, 20*time.Millisecond
	return l
}

// issue issues a milestone. Blocks that nothing builds on are its parents, and each block builds on the one before it.
func (f *fake) issue() {
	m := &notary.Milestone{Index: uint32(len(f.stones)) + 1, Time: f.clock, Parents: []notary.ID{{}}}
	if n := len(f.stones); n > 0 {
		before, err := notary.ParseMilestone(f.stones[n-1])
		if err != nil {
			panic(err)
		}
		m.Previous = before.ID
	}
	var cone []notary.ID
	for _, id := range f.order {
		if b := f.blocks[id]; b.milestone == 0 && !b.unsolid && !b.lazy && !b.stale {
			b.milestone, b.position = m.Index, uint32(len(cone))
			cone = append(cone, id)
		}
	}
	if n := len(cone); n > 0 {
		m.Parents = []notary.ID{cone[n-1]}
	}
	m.InclusionRoot = notary.Root(cone)
	f.stones = append(f.stones, m.Sign(f.keys...))
	f.clock = f.clock.Add(time.Second)
}

// take takes a block.
func (f *fake) take(data []byte) notary.ID {
	id := notary.BlockID(data)
	if f.blocks[id] == nil {
		b := &known{data: data}
		if parsed, err := notary.ParseBlock(data); err == nil {
			b.parents = parsed.Parents
		}
		f.blocks[id] = b
		f.order = append(f.order, id)
	}
	return id
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	bend := f.bend
	f.mu.Unlock()
	if bend != nil && bend(w, r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, "/api/core/v2/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	parts := strings.Split(path, "/")
	switch {
	case path == "info":
		last := len(f.stones)
		m, err := notary.ParseMilestone(f.stones[last-1])
		if err != nil {
			panic(err)
		}
		at := map[string]any{"index": last, "timestamp": m.Time.Unix(), "milestoneId": m.ID.String()}
		answer(w, map[string]any{
			"status":   map[string]any{"latestMilestone": at, "confirmedMilestone": at},
			"protocol": map[string]any{"version": f.version, "networkName": "fake", "minPowScore": f.score},
		})
	case path == "tips":
		tip := notary.ID{}
		if n := len(f.order); n > 0 {
			tip = f.order[n-1]
		}
		answer(w, map[string]any{"tips": []string{tip.String()}})
	case path == "blocks" && r.Method == http.MethodPost:
		data, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		if bytes.Contains(data, []byte(promotionTag)) {
			f.promotions++
		}
		if f.mines {
			data[len(data)-1] = 1
		}
		id := f.take(data)
		if !f.still {
			f.issue()
		}
		w.WriteHeader(http.StatusCreated)
		answer(w, map[string]any{"blockId": id.String()})
	case parts[0] == "blocks":
		b := f.blocks[mustID(parts[1])]
		switch {
		case b == nil:
			http.NotFound(w, r)
		case len(parts) == 2:
			_, _ = w.Write(b.data)
		default:
			answer(w, b.metadata(parts[1]))
		}
	case strings.HasPrefix(path, "milestones/by-index/"):
		i, err := strconv.Atoi(parts[2])
		if err != nil || i < 1 || i > len(f.stones) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(f.stones[i-1])
	default:
		http.NotFound(w, r)
	}
}

func (b *known) metadata(id string) map[string]any {
	m := map[string]any{"blockId": id, "isSolid": !b.unsolid, "shouldPromote": b.lazy, "shouldReattach": b.stale}
	var parents []string
	for _, p := range b.parents {
		parents = append(parents, p.String())
	}
	m["parents"] = parents
	if b.milestone != 0 {
		m["referencedByMilestoneIndex"], m["whiteFlagIndex"] = b.milestone, b.position
	}
	return m
}

func answer(w io.Writer, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

func mustID(text string) notary.ID {
	id, err := parseID(text)
	if err != nil {
		panic(err)
	}
	return id
}

// to bends the answers to requests whose path ends in one of the suffixes.
func to(suffix string, handle func(w http.ResponseWriter, r *http.Request)) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body) // the server notices only then that the client has gone
		handle(w, r)
		return true
	}
}

// says answers with a status and a text.
func says(status int, text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}
