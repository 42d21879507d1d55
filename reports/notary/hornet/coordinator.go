package hornet

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/node"
)

// checkpointTag marks the blocks by which the coordinator gathers many tips under one milestone.
const checkpointTag = "vauban.checkpoint"

// coordinator issues milestones over a node's REST API. It keeps no state: all that it needs of the milestone before is on the node.
type coordinator struct {
	client *node.Client
	ledger *node.Ledger
	keys   []ed25519.PrivateKey
}

// issue issues one milestone, waits until the node has confirmed it, and returns its index.
func (c *coordinator) issue(ctx context.Context) (uint32, error) {
	info, err := c.client.Info(ctx)
	if err != nil {
		return 0, err
	}
	last := info.Status.Confirmed
	if info.Status.Latest.Index != last.Index {
		return 0, fmt.Errorf("milestone %d is not confirmed yet, only %d is", info.Status.Latest.Index, last.Index)
	}
	raw, before, err := c.client.Milestone(ctx, last.Index)
	if err != nil {
		return 0, err
	}
	// The block around the milestone before is not in the API under its index, but it follows from the milestone.
	block, err := notary.MilestoneBlock(raw)
	if err != nil {
		return 0, err
	}
	tips, err := c.tips(ctx)
	if err != nil {
		return 0, err
	}
	parents := append(tips, notary.BlockID(block))
	next := &notary.Milestone{
		Index:    last.Index + 1,
		Time:     time.Unix(max(time.Now().Unix(), before.Time.Unix()+1), 0), // time must go on, in whole seconds
		Previous: before.ID,
		Parents:  notary.SortParents(parents),
	}
	if next.InclusionRoot, next.AppliedRoot, err = c.client.Roots(ctx, next); err != nil {
		return 0, err
	}
	if block, err = notary.MilestoneBlock(next.Sign(c.keys...)); err != nil {
		return 0, err
	}
	if err := c.client.Submit(ctx, block); err != nil {
		return 0, err
	}
	for {
		info, err := c.client.Info(ctx)
		if err != nil {
			return 0, err
		}
		if info.Status.Confirmed.Index >= next.Index {
			return next.Index, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tips returns what the next milestone references besides the one before, which leaves room for one more parent. The node gives some of its tips at
// random, as many as a block can have parents. Where it has more it is asked again, and they are gathered under checkpoints.
func (c *coordinator) tips(ctx context.Context) (tips []notary.ID, err error) {
	const most = notary.MaxParents - 1
	for fresh := true; fresh && len(tips) <= most*notary.MaxParents; {
		some, err := c.client.Tips(ctx)
		if errors.Is(err, node.ErrNoTips) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		before := len(tips)
		tips = notary.SortParents(append(tips, some...))
		fresh = len(tips) > before
	}
	if len(tips) <= most {
		return tips, nil
	}
	var checkpoints []notary.ID
	for group := range slices.Chunk(tips, notary.MaxParents) {
		if len(checkpoints) == most {
			break // the rest is for the next milestone
		}
		block, err := c.ledger.PrepareOn(ctx, group, []byte(checkpointTag), nil)
		if err != nil {
			return nil, err
		}
		if err := c.ledger.Submit(ctx, block); err != nil {
			return nil, err
		}
		checkpoints = append(checkpoints, notary.BlockID(block))
	}
	return checkpoints, nil
}

// trust returns the trust file's content for the coordinator's keys.
func (c *coordinator) trust(network string) *notary.Trust {
	t := &notary.Trust{Schema: notary.TrustSchema, Network: network, Threshold: len(c.keys)}
	for _, k := range c.keys {
		t.Keys = append(t.Keys, notary.TrustKey{Key: hex.EncodeToString(k.Public().(ed25519.PublicKey))})
	}
	return t
}
