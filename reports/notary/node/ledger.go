package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/iotaledger/iota.go/v3/pow"

	"github.com/vauban-verifier/vauban/reports/notary"
)

const (
	protocol   = 2               // of Stardust
	maxScore   = 20000           // of proof of work: five times what any public network has asked for
	maxLag     = 2               // milestones that a node may be behind
	maxSkew    = 2 * time.Minute // between clocks, before it is worth a word
	patience   = 5 * time.Minute
	promotions = 5
	nonceSize  = 8
)

// promotionTag marks blocks that hold nothing: they are there so that the block they build on gets picked.
const promotionTag = "vauban.promotion"

// Options are how a node is used.
type Options struct {
	RemotePoW bool          // the node does the proof of work
	Patience  time.Duration // how long to wait for a milestone; 0: five minutes
	Notice    func(string)  // is told what a person who waits would like to know; may be nil
}

// Ledger is the Tangle that a node is part of. It can be used from several goroutines.
type Ledger struct {
	client  *Client
	options Options
	now     func() time.Time
}

var _ notary.Ledger = (*Ledger)(nil)

// Open returns the Tangle of the node at an address. It does not connect yet.
func Open(address string, o Options) (*Ledger, error) {
	client, err := NewClient(address)
	if err != nil {
		return nil, err
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	return &Ledger{client, o, time.Now}, nil
}

// Close lets go of idle connections.
func (l *Ledger) Close() error {
	l.client.Close()
	return nil
}

// Network returns the name of the network as the node says it.
func (l *Ledger) Network(ctx context.Context) (string, error) {
	k := get("info")
	k.brief = true // who gave a wrong address should not wait to hear of it
	info, err := l.client.info(ctx, k)
	if err != nil {
		return "", err
	}
	return info.Protocol.NetworkName, nil
}

// Newest returns the index of the newest milestone that the node has confirmed.
func (l *Ledger) Newest(ctx context.Context) (uint32, error) {
	info, err := l.client.Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.Status.Confirmed.Index, nil
}

// Milestone returns the milestone with an index, whose signatures are not checked.
func (l *Ledger) Milestone(ctx context.Context, index uint32) (*notary.Milestone, error) {
	_, m, err := l.client.Milestone(ctx, index)
	return m, err
}

// Prepare makes a block on the node's tips and does the proof of work for it, or lets the node do it. In the latter case the node sends the
// block by itself: a crash before the caller has stored it leaves a record on the ledger that nobody has a receipt for.
func (l *Ledger) Prepare(ctx context.Context, tag, data []byte) ([]byte, error) {
	tips, err := l.client.Tips(ctx)
	if err != nil {
		return nil, err
	}
	return l.PrepareOn(ctx, tips, tag, data)
}

// PrepareOn is Prepare with parents of the caller's choice.
func (l *Ledger) PrepareOn(ctx context.Context, parents []notary.ID, tag, data []byte) ([]byte, error) {
	block := (&notary.Block{Parents: parents, Tag: tag, Data: data}).Bytes()
	if _, err := notary.ParseBlock(block); err != nil {
		return nil, fmt.Errorf("prepare block: %w", err)
	}
	return l.work(ctx, block)
}

// work does the proof of work for a block, or lets the node do it.
func (l *Ledger) work(ctx context.Context, block []byte) ([]byte, error) {
	info, err := l.client.Info(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.fit(info); err != nil {
		return nil, err
	}
	l.clocks(info)
	if l.options.RemotePoW {
		return l.remote(ctx, block)
	}
	return block, l.mine(ctx, block, info.Protocol.MinPoWScore)
}

// fit checks that the node is one to work with.
func (l *Ledger) fit(info *Info) error {
	s, p := info.Status, info.Protocol
	switch {
	case p.Version != protocol:
		return l.client.errorf("speaks version %d of the protocol, expected %d (Stardust): use a Stardust node", p.Version, protocol)
	case p.MinPoWScore < 0 || p.MinPoWScore > maxScore:
		return l.client.errorf("asks for a proof of work of %g, and at most %d is given: use another node", p.MinPoWScore, maxScore)
	case s.Latest.Index > s.Confirmed.Index && s.Latest.Index-s.Confirmed.Index > maxLag:
		return l.client.errorf("is at milestone %d of %d: wait until it is synchronised with its network, or use another node", s.Confirmed.Index, s.Latest.Index)
	}
	return nil
}

// clocks says where this machine's clock and the network's differ. Nothing depends on this machine's: the time of a receipt is the milestone's.
func (l *Ledger) clocks(info *Info) {
	if info.Status.Confirmed.Time == 0 {
		return
	}
	theirs, ours := time.Unix(int64(info.Status.Confirmed.Time), 0).UTC(), l.now().UTC()
	if skew := ours.Sub(theirs); skew > maxSkew || skew < -maxSkew {
		l.options.Notice(fmt.Sprintf("the last milestone is from %s, and this machine's clock says %s: one of the clocks is wrong, or the network stands still; what counts is the milestone's time",
			theirs.Format(time.RFC3339), ours.Format(time.RFC3339)))
	}
}

// mine puts a nonce into a block so that it has a score.
func (l *Ledger) mine(ctx context.Context, block []byte, score float64) error {
	body, nonce := block[:len(block)-nonceSize], block[len(block)-nonceSize:]
	if pow.Score(block) >= score {
		return nil
	}
	found, err := pow.New(runtime.NumCPU()).Mine(ctx, body, score)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("proof of work: %w", err)
	}
	binary.LittleEndian.PutUint64(nonce, found)
	return nil
}

// remote lets the node find the nonce, and checks that it changed nothing else.
func (l *Ledger) remote(ctx context.Context, block []byte) ([]byte, error) {
	k := post("blocks", serialized, block)
	k.remote = true
	id, err := l.client.submit(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("%w (without --remote-pow this machine does the proof of work)", err)
	}
	done, err := l.client.Block(ctx, id)
	if err != nil {
		return nil, err
	}
	if n := len(block); len(done) != n || string(done[:n-nonceSize]) != string(block[:n-nonceSize]) {
		return nil, l.client.errorf("sends back another block than it was given: use another node, or do without --remote-pow")
	}
	return done, nil
}

// Submit sends a block. Sending the same bytes again is harmless. The error is [notary.ErrReattach] where the block is too old to get in.
func (l *Ledger) Submit(ctx context.Context, block []byte) error {
	err := l.client.Submit(ctx, block)
	if !errors.Is(err, ErrTooOld) {
		return err
	}
	parsed, parse := notary.ParseBlock(block)
	if parse != nil {
		return fmt.Errorf("submit block: %w", parse)
	}
	// A node refuses an old block also where it has it already.
	if _, err := l.client.Metadata(ctx, parsed.ID); !errors.Is(err, ErrUnknown) {
		return err
	}
	if err := l.rooted(ctx, parsed); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, notary.ErrReattach)
}

// rooted checks that the node knows what a block builds on. Then it would know the block too, had any milestone referenced it; otherwise it cannot tell.
func (l *Ledger) rooted(ctx context.Context, block *notary.Block) error {
	for _, p := range block.Parents {
		_, err := l.client.Metadata(ctx, p)
		if errors.Is(err, ErrUnknown) {
			return l.client.errorf("does not have what the block %s builds on: it is of another network, or has pruned it and maybe the block too: "+
				"resume with a node of the block's network that keeps its history", block.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Inclusion waits until a milestone references the block, and collects from the node what shows it. While it waits it sends the block again where the
// node has lost it, and promotes it where the node advises that. That it must be attached anew the node has to say at two milestones. No word of the node is believed that the milestone's inclusion root does not bear out.
func (l *Ledger) Inclusion(ctx context.Context, block []byte) (*notary.Inclusion, error) {
	parsed, err := notary.ParseBlock(block)
	if err != nil {
		return nil, fmt.Errorf("wait for block: %w", err)
	}
	begin, err := l.client.Info(ctx)
	if err != nil {
		return nil, err
	}
	begun, limits := time.Now(), l.client.limits
	resent, promoted := false, 0
	var doomedAt uint32 // the milestone at which the node first said that the block must be attached anew
	var doomed bool     // it counts if the node says so again
	for poll := limits.poll; ; poll = min(2*poll, limits.longestPoll) {
		m, err := l.client.Metadata(ctx, parsed.ID)
		switch {
		case errors.Is(err, ErrUnknown) && !resent:
			resent = true
			if err := l.Submit(ctx, block); err != nil {
				return nil, err
			}
		case errors.Is(err, ErrUnknown):
			return nil, l.client.errorf("does not keep the block %s, though it took it twice: use another node", parsed.ID)
		case err != nil:
			return nil, err
		case m.Milestone != 0:
			in, err := l.collect(ctx, parsed.ID, m.Milestone)
			if in != nil || err != nil {
				return in, err
			}
		case !m.Solid:
			// The node asks others for what the block builds on, and there is no use in waiting long where nobody has it.
			if time.Since(begun) > limits.endurance {
				if err := l.rooted(ctx, parsed); err != nil {
					return nil, err
				}
			}
		case m.ShouldReattach && doomed:
			return nil, fmt.Errorf("the node %s: block %s: %w", l.client.url, parsed.ID, notary.ErrReattach)
		case m.ShouldReattach:
			// HORNET 2.0.2 takes a block for hopelessly old also while it confirms the very milestone that its parents get into: it computes the age as the
			// last confirmed index minus the parents', without a sign. Who believes that has the record on the ledger twice. From the next milestone on
			// it cannot be that any more, as parents are referenced once.
			now, err := l.client.Info(ctx)
			if err != nil {
				return nil, err
			}
			if doomedAt == 0 {
				doomedAt = now.Status.Confirmed.Index
			}
			doomed = now.Status.Confirmed.Index > doomedAt
		case m.ShouldPromote && promoted < promotions:
			promoted++
			if err := l.promote(ctx, parsed.ID); err != nil {
				return nil, err
			}
		}
		if time.Since(begun)+poll > l.options.Patience {
			return nil, l.givenUp(ctx, parsed, begin, promoted)
		}
		if err := sleep(ctx, poll); err != nil {
			return nil, err
		}
	}
}

// promote puts an empty block on top of another one, so that tip selection finds that.
func (l *Ledger) promote(ctx context.Context, block notary.ID) error {
	tips, err := l.client.Tips(ctx)
	if err != nil {
		return err
	}
	l.options.Notice("no new block builds on ours: promoting it")
	parents := notary.SortParents(append(tips[:min(len(tips), notary.MaxParents-1)], block))
	promotion, err := l.PrepareOn(ctx, parents, []byte(promotionTag), nil)
	if err != nil {
		return err
	}
	if err := l.client.Submit(ctx, promotion); !errors.Is(err, ErrTooOld) {
		return err
	}
	return nil // then the node will say of the block that it must be attached anew
}

// givenUp says why no milestone references a block, as far as that can be told.
func (l *Ledger) givenUp(ctx context.Context, block *notary.Block, begin *Info, promoted int) error {
	const later = "nothing is lost: the block is kept, and `vauban notarize --resume` goes on with it"
	now, err := l.client.Info(ctx)
	if err != nil {
		return err
	}
	if now.Status.Confirmed.Index == begin.Status.Confirmed.Index {
		return l.client.errorf("has seen no milestone after %d within %s: the network stands still, as its coordinators do not run or the node does not hear them. "+
			"Try again when it moves; %s", now.Status.Confirmed.Index, l.options.Patience, later)
	}
	return l.client.errorf("has seen no milestone that references the block %s within %s (from milestone %d to %d, promoted %d times). Try again later, or with another node; %s",
		block.ID, l.options.Patience, begin.Status.Confirmed.Index, now.Status.Confirmed.Index, promoted, later)
}
