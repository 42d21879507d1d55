package alias

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// Ledger is what identities need of a node. Nothing that it says is believed but which transaction has spent an output.
type Ledger interface {
	// Output returns the bytes of an output, and the transaction that has spent it; zero where none has.
	Output(ctx context.Context, id [34]byte) (data []byte, spender notary.ID, err error)
	// Applied returns the block with a transaction that the ledger took, and what shows that.
	Applied(ctx context.Context, transaction notary.ID) (block []byte, in *notary.Inclusion, err error)
	// Apply brings a transaction into the ledger, and returns what Applied does.
	Apply(ctx context.Context, payload []byte) (block []byte, in *notary.Inclusion, err error)
}

// maxSteps bounds how many transactions are followed.
const maxSteps = 1 << 16

// Network is a ledger whose receipts are checked against a trust file.
type Network struct {
	Ledger Ledger
	Trust  *notary.Trust
}

// check makes a receipt and reads it as an auditor will.
func (n *Network) check(block []byte, in *notary.Inclusion) (*notary.Receipt, *Identity, error) {
	if in == nil {
		return nil, nil, errors.New("the node has not confirmed the newest state yet: try again")
	}
	r := notary.NewReceipt(n.Trust.Network, block, in, nil)
	i, err := verify(r, n.Trust)
	if err != nil {
		return nil, nil, fmt.Errorf("the node did not give a receipt that holds: %w", err)
	}
	return r, i, nil
}

// Create makes an identity, controlled by one key, with a document that lists keys. Coins of another key pay for it, from the output that is named or where they went since.
func (n *Network) Create(ctx context.Context, from OutputID, purse ed25519.PrivateKey, control ed25519.PublicKey, keys []string) (*notary.Receipt, *Identity, error) {
	at, coins, err := n.coins(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	payload, err := Create(n.Trust.Network, at, coins, purse, control, keys)
	if err != nil {
		return nil, nil, err
	}
	return n.apply(ctx, payload)
}

func (n *Network) apply(ctx context.Context, payload []byte) (*notary.Receipt, *Identity, error) {
	block, in, err := n.Ledger.Apply(ctx, payload)
	if err != nil {
		return nil, nil, err
	}
	return n.check(block, in)
}

// coins follows coins to where they are now: what [Create] leaves of them is the second output.
func (n *Network) coins(ctx context.Context, at OutputID) (OutputID, *Output, error) {
	for range maxSteps {
		data, spender, err := n.Ledger.Output(ctx, at)
		if err != nil {
			return at, nil, err
		}
		o, err := ParseOutput(data)
		if err != nil {
			return at, nil, err
		}
		if spender.IsZero() {
			return at, o, nil
		}
		at = outputID(spender, 1)
	}
	return at, nil, fmt.Errorf("the coins went through more than %d transactions", maxSteps)
}

// Newest follows an identity to its newest state, as the node has it, and returns the receipt of that one. Each step is shown by a receipt.
func (n *Network) Newest(ctx context.Context, r *notary.Receipt, i *Identity) (*notary.Receipt, *Identity, error) {
	for range maxSteps {
		_, spender, err := n.Ledger.Output(ctx, i.Output)
		if err != nil {
			return nil, nil, err
		}
		if spender.IsZero() {
			return r, i, nil
		}
		block, in, err := n.Ledger.Applied(ctx, spender)
		if err != nil {
			return nil, nil, err
		}
		next, state, err := n.check(block, in)
		if err != nil {
			return nil, nil, err
		}
		if state.DID != i.DID || state.Index != i.Index+1 || state.spent != i.Output {
			return nil, nil, fmt.Errorf("the node says that %s goes on as state %d of %s, and it was at state %d: it is broken, or lies: use another", i.DID, state.Index, state.DID, i.Index)
		}
		r, i = next, state
	}
	return nil, nil, fmt.Errorf("%s has more than %d states", i.DID, maxSteps)
}

// Update makes the next state of an identity after its newest one, by its controller. Without keys it is deactivated.
func (n *Network) Update(ctx context.Context, r *notary.Receipt, i *Identity, control ed25519.PrivateKey, keys []string) (*notary.Receipt, *Identity, error) {
	_, i, err := n.Newest(ctx, r, i)
	if err != nil {
		return nil, nil, err
	}
	payload, err := i.Update(control, keys)
	if err != nil {
		return nil, nil, err
	}
	return n.apply(ctx, payload)
}
