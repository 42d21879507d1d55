package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
)

var salt = bytes.Repeat([]byte{1}, 32)

// run takes a record as far as it gets: the block where one was prepared, and what the receipt proves where one holds.
func run(ctx context.Context, l *Ledger, trust *notary.Trust) (block []byte, p *notary.Proven, err error) {
	record := notary.NewRecord(sha256.Sum256([]byte("report")), salt, notary.ID{})
	if block, err = l.Prepare(ctx, []byte(notary.Tag), record.Bytes()); err != nil {
		return nil, nil, err
	}
	p, err = resume(ctx, l, trust, block)
	return block, p, err
}

// resume goes on with a block that was prepared before.
func resume(ctx context.Context, l *Ledger, trust *notary.Trust, block []byte) (*notary.Proven, error) {
	if err := l.Submit(ctx, block); err != nil {
		return nil, err
	}
	in, err := l.Inclusion(ctx, block)
	if err != nil {
		return nil, err
	}
	return notary.Verify(notary.NewReceipt(trust.Network, block, in, salt), trust)
}

func TestHonestNode(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {RemotePoW: true}} {
		f := newFake(t)
		f.mines = o.RemotePoW
		_, p, err := run(t.Context(), f.ledger(t, o), f.trust())
		if err != nil || p.Index != 2 {
			t.Errorf("%+v: %+v, %v", o, p, err)
		}
	}
}

// Whatever a node does wrong, there is no receipt, the error says what it was, and nothing is lost: with the node as it should be, the same block goes on, or
// another one where none had been prepared.
func TestBadWorlds(t *testing.T) {
	t.Parallel()
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<10)); err != nil {
				return
			}
		}
	}
	const soon = 200 * time.Millisecond // for what lasts longer, however long it is waited for
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	trickle := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
	// otherwise answers like the honest node, with a change to what it says of each block that is not the zero block.
	metadata := func(f *fake, change func(id notary.ID, m map[string]any)) func(http.ResponseWriter, *http.Request) bool {
		return to("/metadata", func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			defer f.mu.Unlock()
			id := mustID(strings.Split(r.URL.Path, "/")[5])
			b := f.blocks[id]
			if b == nil {
				http.NotFound(w, r)
				return
			}
			m := b.metadata(id.String())
			change(id, m)
			answer(w, m)
		})
	}
	milestone := func(f *fake, change func(m *notary.Milestone) []byte) func(http.ResponseWriter, *http.Request) bool {
		return to("/by-index/2", func(w http.ResponseWriter, _ *http.Request) {
			f.mu.Lock()
			defer f.mu.Unlock()
			m, err := notary.ParseMilestone(f.stones[1])
			if err != nil {
				panic(err)
			}
			_, _ = w.Write(change(m))
		})
	}
	filler := func(f *fake, n int) { // blocks of others, before ours
		f.still = true
		for i := range n {
			tip := notary.ID{}
			if len(f.order) > 0 {
				tip = f.order[len(f.order)-1]
			}
			f.take((&notary.Block{Parents: []notary.ID{tip}, Data: []byte{byte(i)}}).Bytes())
		}
		f.still = false
	}
	for name, c := range map[string]struct {
		bend    func(f *fake)
		options Options
		says    string
	}{
		"hangs":              {func(f *fake) { f.bend = to("/info", hang) }, Options{Patience: soon}, "within 200ms: try again later"},
		"hangs when sent to": {func(f *fake) { f.bend = to("/blocks", hang) }, Options{Patience: soon}, "within 200ms: try again later"},
		"sends byte by byte": {func(f *fake) { f.bend = to("/tips", trickle) }, Options{Patience: soon}, "within 200ms: try again later"},
		"sends without end":  {func(f *fake) { f.bend = to("/info", endless) }, Options{}, "sends more than 64 KB for info"},
		"a huge milestone":   {func(f *fake) { f.bend = to("/by-index/2", endless) }, Options{}, "sends more than 32 KB for milestones/by-index/2"},
		"is not synchronised": {func(f *fake) {
			f.bend = to("/tips", says(503, `{"error":{"code":"503","message":"node is not synced"}}`))
		}, Options{}, `is not ready (it says "node is not synced"): wait until`},
		"is out of order":      {func(f *fake) { f.bend = to("/metadata", says(500, "")) }, Options{}, "fails with status 500: try again later"},
		"has had enough of us": {func(f *fake) { f.bend = to("/blocks", says(429, "slow down")) }, Options{}, `fails with status 429 (it says "slow down")`},
		"wants a password":     {func(f *fake) { f.bend = to("/blocks", says(401, "")) }, Options{}, "refuses blocks with status 401"},
		"plays with terminals": {func(f *fake) { f.bend = to("/blocks", says(400, "\x1b[2Jdone"+strings.Repeat("x", 999))) }, Options{}, `it says "\x1b[2Jdonexxx`},
		"is a web site":        {func(f *fake) { f.bend = to("/info", says(200, "<html>hello</html>")) }, Options{}, "is this the address of a Stardust node?"},
		"is another API":       {func(f *fake) { f.bend = to("/info", says(200, `{"data":{}}`)) }, Options{}, "no name of a network"},
		"is not there":         {func(f *fake) { f.bend = to("/info", http.NotFound) }, Options{}, "has no info"},
		"breaks off":           {func(f *fake) { f.bend = to("/tips", says(200, `{"tips":["0x`)) }, Options{}, "makes no sense"},
		"says two things":      {func(f *fake) { f.bend = to("/tips", says(200, `{"tips":[]} {}`)) }, Options{}, "makes no sense"},
		"sends elsewhere": {func(f *fake) {
			f.bend = to("/info", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
			})
		}, Options{}, `redirects to "http://elsewhere.invalid/": give that address if you trust it`},

		"another protocol": {func(f *fake) { f.version = 3 }, Options{}, "speaks version 3 of the protocol"},
		"too much work":    {func(f *fake) { f.score = 1e9 }, Options{}, "asks for a proof of work of 1e+09"},
		"behind its network": {func(f *fake) {
			f.bend = to("/info", says(200, `{"protocol":{"networkName":"fake","version":2},"status":{"latestMilestone":{"index":9},"confirmedMilestone":{"index":3}}}`))
		}, Options{}, "is at milestone 3 of 9: wait"},
		"no tips":              {func(f *fake) { f.bend = to("/tips", says(200, `{"tips":[]}`)) }, Options{}, "no tips"},
		"no tips yet":          {func(f *fake) { f.bend = to("/tips", says(503, "no tips available")) }, Options{}, "has no blocks to build on"},
		"too many tips":        {func(f *fake) { f.bend = to("/tips", says(200, `{"tips":["","","","","","","","",""]}`)) }, Options{}, "9 IDs where there can be 8"},
		"tips that are no IDs": {func(f *fake) { f.bend = to("/tips", says(200, `{"tips":["0x12"]}`)) }, Options{}, "is no ID"},

		"takes another block": {func(f *fake) { f.bend = to("/blocks", says(201, `{"blockId":"`+notary.ID{7}.String()+`"}`)) }, Options{}, "says that it took the block 0x0700"},
		"works on another block": {func(f *fake) {
			f.mines = true
			f.bend = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost {
					return false
				}
				f.mu.Lock()
				defer f.mu.Unlock()
				answer(w, map[string]string{"blockId": f.take((&notary.Block{Parents: []notary.ID{{}}, Tag: []byte(notary.Tag), Data: make([]byte, 66)}).Bytes()).String()})
				return true
			}
		}, Options{RemotePoW: true}, "sends back another block than it was given"},
		"does no work": {func(f *fake) { f.bend = to("/blocks", says(503, "proof of work is not available on this node")) }, Options{RemotePoW: true}, "(without --remote-pow this machine does the proof of work)"},
		"gives other bytes": {func(f *fake) {
			f.mines = true
			f.bend = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost || !strings.Contains(r.URL.Path, "/blocks/") || strings.HasSuffix(r.URL.Path, "/metadata") {
					return false
				}
				fmt.Fprint(w, "something else")
				return true
			}
		}, Options{RemotePoW: true}, "it is the block 0x"},

		"stands still": {func(f *fake) { f.still = true }, Options{Patience: soon}, "has seen no milestone after 1 within 200ms: the network stands still"},
		"loses blocks": {func(f *fake) { f.bend = to("/metadata", http.NotFound) }, Options{}, "does not keep the block 0x"},
		"speaks of another block": {func(f *fake) {
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { m["blockId"] = notary.ID{9}.String() })
		}, Options{}, `it is about the block "0x0900`},
		"too many parents": {func(f *fake) {
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { m["parents"] = make([]string, 9) })
		}, Options{}, "9 IDs where there can be 8"},
		"no position": {func(f *fake) {
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { delete(m, "whiteFlagIndex") })
		}, Options{}, "without a white-flag index"},
		"a position out of range": {func(f *fake) {
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { m["whiteFlagIndex"] = 4000000000 })
		}, Options{}, "references 1 blocks, and of one that it is number 4000000001"},
		"one position for all": {func(f *fake) {
			filler(f, 2)
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { m["whiteFlagIndex"] = 1 })
		}, Options{}, "references 3 blocks, and of one that it is number 2"},
		"another order": {func(f *fake) {
			filler(f, 2)
			f.bend = metadata(f, func(id notary.ID, m map[string]any) { m["whiteFlagIndex"] = 2 - f.blocks[id].position })
		}, Options{}, "they do not give its inclusion root"},
		"leaves a block out": {func(f *fake) {
			filler(f, 2)
			f.bend = metadata(f, func(id notary.ID, m map[string]any) {
				if id == f.order[0] {
					m["referencedByMilestoneIndex"] = 1
				}
			})
		}, Options{}, "references 2 blocks, and of one that it is number 3"},
		"blocks without end": {func(f *fake) {
			f.bend = to("/metadata", func(w http.ResponseWriter, r *http.Request) {
				id := mustID(strings.Split(r.URL.Path, "/")[5])
				answer(w, map[string]any{
					"blockId": id.String(), "isSolid": true, "referencedByMilestoneIndex": 2, "whiteFlagIndex": 0,
					"parents": []string{notary.BlockID(append(id[:], 1)).String(), notary.BlockID(append(id[:], 2)).String()},
				})
			})
		}, Options{}, "has more than 200 blocks below milestone 2"},
		"references without a milestone": {func(f *fake) { f.bend = to("/by-index/2", http.NotFound) }, Options{}, "and does not have that milestone"},
		"referenced, it says": {func(f *fake) {
			f.still = true
			f.issue()
			f.bend = metadata(f, func(_ notary.ID, m map[string]any) { m["referencedByMilestoneIndex"], m["whiteFlagIndex"] = 2, 0 })
		}, Options{}, "and it does not: the node is broken, or lies"},
		"the wrong milestone": {func(f *fake) {
			f.bend = milestone(f, func(m *notary.Milestone) []byte { m.Index = 3; return m.Sign(f.keys...) })
		}, Options{}, "it is milestone 3"},
		"a milestone and more": {func(f *fake) {
			f.bend = milestone(f, func(m *notary.Milestone) []byte { return append(m.Sign(f.keys...), 0) })
		}, Options{}, "trailing bytes after it: 1"},
		"a milestone with another root": {func(f *fake) {
			f.bend = milestone(f, func(m *notary.Milestone) []byte { m.InclusionRoot[0]++; return m.Sign(f.keys...) })
		}, Options{}, "they do not give its inclusion root"},
		"a milestone with another time": {func(f *fake) {
			f.bend = milestone(f, func(m *notary.Milestone) []byte {
				raw := m.Sign(f.keys...)
				binary.LittleEndian.PutUint32(raw[8:], 1)
				return raw
			})
		}, Options{}, "the signature of the key"},
		"a milestone of one coordinator": {func(f *fake) {
			f.bend = milestone(f, func(m *notary.Milestone) []byte { return m.Sign(f.keys[0]) })
		}, Options{}, "1 of the keys that are trusted for milestone 2 have signed it, 2 are needed"},
		"has pruned the milestone's blocks": {func(f *fake) {
			filler(f, 3)
			f.bend = func(w http.ResponseWriter, r *http.Request) bool {
				if f.mu.Lock(); !strings.Contains(r.URL.Path, f.order[0].String()) {
					f.mu.Unlock()
					return false
				}
				f.mu.Unlock()
				http.NotFound(w, r)
				return true
			}
		}, Options{}, "no longer has all blocks that milestone 2 references"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			l := f.ledger(t, c.options)
			if c.options.Patience != 0 {
				l.client.limits.request = c.options.Patience
			}
			l.client.limits.cone = 200
			c.bend(f)
			block, p, err := run(t.Context(), l, f.trust())
			if p != nil || err == nil {
				t.Fatalf("there is a receipt: %+v, %v", p, err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("got  %v\nlike %s", err, c.says)
			}
			if len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("not for a terminal: %q", err)
			}
			f.mu.Lock()
			f.bend, f.still, f.mines, f.version, f.score = nil, false, false, 2, 1
			f.issue()
			f.mu.Unlock()
			l = f.ledger(t, Options{})
			if block == nil {
				_, p, err = run(t.Context(), l, f.trust())
			} else {
				p, err = resume(t.Context(), l, f.trust(), block)
			}
			if err != nil || p == nil {
				t.Errorf("with the node as it should be: %v", err)
			}
		})
	}
}

func TestNodeThatIsDown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	l := f.ledger(t, Options{})
	f.Close()
	if _, err := l.Network(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be reached (dial tcp") {
		t.Errorf("got %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost", "localhost:14265", "ftp://node", "http://", "http://a:secret@node", "http://node?x=1", "http://node#x", "http://[::1"} {
		if _, err := Open(address, Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
	l, err := Open("https://node.example:443/", Options{})
	if err != nil || l.client.URL() != "https://node.example:443" {
		t.Errorf("%v, %v", l, err)
	}
}

// A node that is back after a moment is none to give up.
func TestPassingFailures(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	l := f.ledger(t, Options{})
	seen := map[string]bool{}
	f.bend = func(w http.ResponseWriter, r *http.Request) bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		if seen[r.URL.Path] {
			return false
		}
		seen[r.URL.Path] = true
		says(503, "one moment")(w, r)
		return true
	}
	if _, _, err := run(t.Context(), l, f.trust()); err != nil {
		t.Error(err)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"/info", "/tips", "/blocks", "/metadata", "/by-index/2"} {
		f := newFake(t)
		l := f.ledger(t, Options{})
		l.client.limits = usual
		ctx, cancel := context.WithCancel(t.Context())
		f.bend = to(at, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		if _, p, err := run(ctx, l, f.trust()); !errors.Is(err, context.Canceled) || p != nil {
			t.Errorf("interrupted at %s: %v, %v", at, p, err)
		}
	}
}

// A block that is never referenced is promoted some times, and then that is said.
func TestNeverReferenced(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	l := f.ledger(t, Options{Patience: 300 * time.Millisecond})
	block, err := l.Prepare(t.Context(), []byte(notary.Tag), notary.Record{}.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	f.still = true
	if err := l.Submit(t.Context(), block); err != nil {
		t.Fatal(err)
	}
	f.still = false
	f.blocks[notary.BlockID(block)].lazy = true
	_, err = l.Inclusion(t.Context(), block)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("promoted %d times", f.promotions)) || !strings.Contains(err.Error(), "nothing is lost") {
		t.Errorf("got %v", err)
	}
	if f.promotions < 1 || f.promotions > promotions {
		t.Errorf("%d promotions, expected 1 to %d", f.promotions, promotions)
	}
}

// A node that confirms a milestone just then takes blocks for too old that are not. It is believed when it still says so after the next milestone.
func TestAttachAnewIsSaidTwice(t *testing.T) {
	t.Parallel()
	for name, mistaken := range map[string]bool{"too old": false, "mistaken": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			l := f.ledger(t, Options{})
			block, err := l.Prepare(t.Context(), []byte(notary.Tag), notary.Record{}.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			id := notary.BlockID(block)
			f.still = true
			if err := l.Submit(t.Context(), block); err != nil {
				t.Fatal(err)
			}
			f.blocks[id].stale = true
			answers := 0
			f.bend = func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/metadata") {
					f.mu.Lock()
					defer f.mu.Unlock()
					if answers++; answers == 5 {
						f.blocks[id].stale = !mistaken
						f.issue()
					}
				}
				return false
			}
			in, err := l.Inclusion(t.Context(), block)
			if mistaken && (err != nil || in.Index != 2) {
				t.Errorf("got %v, %v: expected that milestone 2 references the block", in, err)
			}
			if !mistaken && (!errors.Is(err, notary.ErrReattach) || answers < 6) {
				t.Errorf("got %v after %d answers, expected that the block must be attached again, and that only after the next milestone", err, answers)
			}
		})
	}
}

// Where a node cannot tell whether a block was referenced, the record must not be put into another one: it might be there twice.
func TestPrunedBlockIsNotAttachedAnew(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	l := f.ledger(t, Options{})
	f.take((&notary.Block{Parents: []notary.ID{{}}}).Bytes())
	block, _, err := run(t.Context(), l, f.trust())
	if err != nil {
		t.Fatal(err)
	}
	id := notary.BlockID(block)
	refuse := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		says(400, "block is below max depth")(w, r)
		return true
	}

	// It has the block, refuses it for its age, and gives the receipt.
	f.bend = refuse
	if _, err := resume(t.Context(), l, f.trust(), block); err != nil {
		t.Error(err)
	}
	// It has what the block builds on, but not the block: it cannot have been referenced.
	f.mu.Lock()
	parent := f.blocks[id].parents[0]
	delete(f.blocks, id)
	f.mu.Unlock()
	if _, err := resume(t.Context(), l, f.trust(), block); !errors.Is(err, notary.ErrReattach) {
		t.Errorf("got %v, expected that it must be attached again", err)
	}
	// It has neither.
	f.mu.Lock()
	delete(f.blocks, parent)
	f.mu.Unlock()
	_, err = resume(t.Context(), l, f.trust(), block)
	if err == nil || errors.Is(err, notary.ErrReattach) || !strings.Contains(err.Error(), "has pruned it and maybe the block too") {
		t.Errorf("got %v", err)
	}
	// Nor does a node of another network, which takes the block and finds no ground for it.
	f.bend = nil
	f.still = true
	f.mu.Lock()
	f.take(block)
	f.blocks[id].unsolid = true
	f.mu.Unlock()
	_, err = resume(t.Context(), l, f.trust(), block)
	if err == nil || errors.Is(err, notary.ErrReattach) || !strings.Contains(err.Error(), "it is of another network") {
		t.Errorf("got %v", err)
	}
}

// The time of a receipt is the milestone's, whatever this machine's clock says. That they differ is said.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for _, there := range []time.Time{time.Unix(1, 0), time.Now(), time.Unix(1<<32-100, 0)} {
		f := newFake(t)
		f.clock = there
		f.issue()
		var notices []string
		l := f.ledger(t, Options{Notice: func(s string) { notices = append(notices, s) }})
		_, p, err := run(t.Context(), l, f.trust())
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Time.Unix(); got < there.Unix() || got > there.Unix()+10 {
			t.Errorf("the receipt is of %s, the milestone of %s", p.Time, there)
		}
		wrong := time.Since(there).Abs() > time.Hour
		if told := slices.ContainsFunc(notices, func(s string) bool { return strings.Contains(s, "one of the clocks is wrong") }); told != wrong {
			t.Errorf("clock at %s: notices %q", there, notices)
		}
	}
}
