package notary

import (
	"context"
	"errors"
)

// Tag marks the blocks that hold records.
const Tag = "vauban.report.v1"

// Ledger is a Tangle that takes records.
type Ledger interface {
	// Network returns the name of the network.
	Network(ctx context.Context) (string, error)
	// Prepare makes a complete block (proof of work done) around a tag and data, and sends nothing. The caller stores the block before it
	// submits it, so that a crash loses nothing.
	Prepare(ctx context.Context, tag, data []byte) (block []byte, err error)
	// Submit sends a block. Sending the same bytes again is harmless.
	Submit(ctx context.Context, block []byte) error
	// Inclusion waits until a milestone references the block, and returns the way to check it. It gives [ErrReattach] where none ever will.
	Inclusion(ctx context.Context, block []byte) (*Inclusion, error)
	// Close releases what the ledger holds. Nothing may be called after it.
	Close() error
}

// Searcher is a ledger that can be searched.
type Searcher interface {
	// Tagged returns the blocks with a tag that milestones reference, in the order in which they came.
	Tagged(ctx context.Context, tag []byte) ([]Found, error)
}

// Found is a block of a ledger, as the ledger says it. Only a receipt shows more.
type Found struct {
	Block ID
	Data  []byte
	Index uint32 // of the milestone that references it
}

// ErrReattach says that no milestone will ever reference a block: the record has to go into another one.
var ErrReattach = errors.New("no milestone will reference this block any more")

// Inclusion shows that a milestone references a block. Nothing in it is believed before [Verify] has checked it.
type Inclusion struct {
	Index     uint32 // of the milestone
	Milestone []byte // the milestone payload, raw, with its signatures
	Path      Path   // from the block to the milestone's inclusion root
}
