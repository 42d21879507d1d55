package node

import (
	"context"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/blake2b"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// Output returns the bytes of an output of the ledger, and the transaction that has spent it; zero where none has. Its ID is that of the transaction that made it and its place there.
func (l *Ledger) Output(ctx context.Context, id [34]byte) (data []byte, spender notary.ID, err error) {
	path := "outputs/0x" + hex.EncodeToString(id[:])
	if data, err = l.client.do(ctx, getRaw(path)); err != nil {
		return nil, spender, err
	}
	var answer struct {
		Spent       bool   `json:"isSpent"`
		Transaction string `json:"transactionIdSpent"`
	}
	k := get(path + "/metadata")
	if err := l.client.json(ctx, k, &answer); err != nil {
		return nil, spender, err
	}
	if answer.Spent {
		if spender, err = parseID(answer.Transaction); err != nil {
			err = l.client.garbage(k.path, err)
		}
	}
	return data, spender, err
}

// Apply brings a transaction into the ledger, and returns what [Ledger.Applied] does. It is an error where the ledger refuses it, such as for an output that another one has spent.
func (l *Ledger) Apply(ctx context.Context, payload []byte) (block []byte, in *notary.Inclusion, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.options.Patience)
	defer cancel()
	tips, err := l.client.Tips(ctx)
	if err != nil {
		return nil, nil, err
	}
	if block, err = l.work(ctx, notary.Frame(tips, payload, 0)); err != nil {
		return nil, nil, err
	}
	if err := l.client.Submit(ctx, block); err != nil {
		return nil, nil, err
	}
	id, transaction := notary.BlockID(block), notary.ID(blake2b.Sum256(payload))
	for poll := l.client.limits.poll; ; poll = min(2*poll, l.client.limits.longestPoll) {
		m, err := l.client.Metadata(ctx, id)
		switch {
		case err != nil:
			return nil, nil, err
		case m.Milestone != 0 && m.Ledger != "included":
			return nil, nil, l.client.errorf("says that the ledger refused the transaction %s (%s, reason %d of TIP-25): what it spends was spent, or it breaks a rule of the ledger", transaction, clip(m.Ledger), m.Conflict)
		case m.Milestone != 0:
			block, in, err := l.Applied(ctx, transaction)
			if in != nil || err != nil {
				return block, in, err
			}
		case m.ShouldReattach:
			return nil, nil, l.client.errorf("says that no milestone will reference the block %s: give the command again", id)
		}
		if err := sleep(ctx, poll); err != nil {
			return nil, nil, err
		}
	}
}

// Applied returns the block with a transaction that the ledger took, and what shows that a milestone did so: the path leads to its applied root. Both are nil where the node has not yet confirmed that milestone.
func (l *Ledger) Applied(ctx context.Context, transaction notary.ID) (block []byte, in *notary.Inclusion, err error) {
	k := getRaw("transactions/" + transaction.String() + "/included-block")
	if block, err = l.client.do(ctx, k); err != nil {
		return nil, nil, err
	}
	_, payload, _, err := notary.ParseFrame(block)
	if err == nil && notary.ID(blake2b.Sum256(payload)) != transaction {
		err = errors.New("it holds another transaction")
	}
	if err != nil {
		return nil, nil, l.client.garbage(k.path, err)
	}
	id := notary.BlockID(block)
	m, err := l.client.Metadata(ctx, id)
	if err != nil || m.Milestone == 0 {
		return nil, nil, err
	}
	raw, milestone, err := l.referencing(ctx, id, m.Milestone)
	if milestone == nil || err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeout(ctx, l.options.Patience)
	defer cancel()
	all, _, err := l.client.cone(limited, milestone)
	if err != nil {
		return nil, nil, err
	}
	var applied []notary.ID
	at := -1
	for _, b := range all {
		m, err := l.client.Metadata(limited, b)
		if err != nil {
			return nil, nil, err
		}
		if m.Ledger != "included" {
			continue
		}
		if b == id {
			at = len(applied)
		}
		applied = append(applied, b)
	}
	if at < 0 || notary.Root(applied) != milestone.AppliedRoot {
		return nil, nil, l.client.errorf("says that milestone %d has the transaction %s, and the blocks that it names do not give its applied root: the node has pruned some, is broken, or lies: use another",
			m.Milestone, transaction)
	}
	return block, &notary.Inclusion{Index: m.Milestone, Milestone: raw, Path: notary.PathTo(applied, at)}, nil
}
