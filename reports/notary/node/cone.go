package node

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/vauban-verifier/vauban/reports/notary"
)

const asking = 8 // requests at a time

// collect gets what shows that a milestone references a block. It returns nothing where the node has not yet confirmed that milestone.
func (l *Ledger) collect(ctx context.Context, block notary.ID, index uint32) (*notary.Inclusion, error) {
	raw, milestone, err := l.referencing(ctx, block, index)
	if milestone == nil || err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, l.options.Patience)
	defer cancel()
	blocks, missing, err := l.client.cone(limited, milestone)
	if limited.Err() != nil && ctx.Err() == nil {
		return nil, l.client.errorf("did not give the blocks that milestone %d references within %s: resume later, or with another node", index, l.options.Patience)
	}
	if err != nil {
		return nil, err
	}
	if root := notary.Root(blocks); root != milestone.InclusionRoot {
		if missing > 0 {
			return nil, l.client.errorf("no longer has all blocks that milestone %d references: it has pruned them: resume with a node that keeps its history", index)
		}
		return nil, l.client.errorf("says that milestone %d references %d blocks, and they do not give its inclusion root: the node is broken, or lies: use another", index, len(blocks))
	}
	for i, b := range blocks {
		if b == block {
			return &notary.Inclusion{Index: index, Milestone: raw, Path: notary.PathTo(blocks, i)}, nil
		}
	}
	return nil, l.client.errorf("says that milestone %d references the block %s, and it does not: the node is broken, or lies: use another", index, block)
}

// referencing returns a milestone that the node says references a block; nil where the node has not yet confirmed it.
func (l *Ledger) referencing(ctx context.Context, block notary.ID, index uint32) (raw []byte, m *notary.Milestone, err error) {
	info, err := l.client.Info(ctx)
	if err != nil || info.Status.Confirmed.Index < index {
		return nil, nil, err
	}
	raw, m, err = l.client.Milestone(ctx, index)
	if errors.Is(err, ErrUnknown) {
		err = l.client.errorf("says that milestone %d references the block %s, and does not have that milestone: it has pruned it, or lies: use another node", index, block)
	}
	return raw, m, err
}

// cone returns the blocks that a milestone is the first to reference, in white-flag order, as the node has them: all that can be reached from its
// parents through blocks with its index. How many blocks the node does not have is counted: most often they are older than the milestone, and do not matter.
func (c *Client) cone(ctx context.Context, m *notary.Milestone) (blocks []notary.ID, missing int, err error) {
	type found struct {
		id notary.ID
		at uint32
	}
	var (
		mu   sync.Mutex
		seen = map[notary.ID]bool{}
		cone []found
		next = m.Parents
	)
	for len(next) > 0 {
		level := next
		next = nil
		if len(seen)+len(level) > c.limits.cone {
			return nil, 0, c.errorf("has more than %d blocks below milestone %d: use another node", c.limits.cone, m.Index)
		}
		group, limited := errgroup.WithContext(ctx)
		group.SetLimit(asking)
		for _, id := range level {
			if seen[id] || id.IsZero() { // zero is the genesis, which is no block
				continue
			}
			seen[id] = true
			group.Go(func() error {
				meta, err := c.Metadata(limited, id)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.Is(err, ErrUnknown):
					missing++
				case err != nil:
					return err
				case meta.Milestone == m.Index:
					cone = append(cone, found{id, meta.Position})
					next = append(next, meta.Parents...)
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return nil, 0, err
		}
	}
	blocks = make([]notary.ID, len(cone))
	for _, f := range cone {
		if int64(f.at) >= int64(len(cone)) || !blocks[f.at].IsZero() {
			if missing > 0 {
				continue // the root will not come out right
			}
			return nil, 0, c.errorf("says that milestone %d references %d blocks, and of one that it is number %d: the node is broken, or lies: use another", m.Index, len(cone), int64(f.at)+1)
		}
		blocks[f.at] = f.id
	}
	return blocks, missing, nil
}
