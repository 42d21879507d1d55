package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// Info is what a node says of itself.
type Info struct {
	Status struct {
		Latest    MilestoneInfo `json:"latestMilestone"`
		Confirmed MilestoneInfo `json:"confirmedMilestone"`
		Pruned    uint32        `json:"pruningIndex"` // what milestones up to this one reference may be gone
	} `json:"status"`
	Protocol struct {
		Version     int     `json:"version"`
		NetworkName string  `json:"networkName"`
		MinPoWScore float64 `json:"minPowScore"`
	} `json:"protocol"`
}

// MilestoneInfo names a milestone.
type MilestoneInfo struct {
	Index uint32 `json:"index"`
	Time  uint32 `json:"timestamp"` // Unix time
	ID    string `json:"milestoneId"`
}

// Metadata is what a node says of a block.
type Metadata struct {
	Parents        []notary.ID
	Solid          bool
	Milestone      uint32 // that references the block; 0: none so far
	Position       uint32 // in the white-flag order of that milestone
	Ledger         string // "included", "conflicting" or "noTransaction": what became of a transaction in it
	Conflict       int    // why it is conflicting, by the number that TIP-25 gives it
	ShouldPromote  bool
	ShouldReattach bool
}

// Info asks a node about itself.
func (c *Client) Info(ctx context.Context) (*Info, error) { return c.info(ctx, get("info")) }

func (c *Client) info(ctx context.Context, k call) (*Info, error) {
	var info Info
	if err := c.json(ctx, k, &info); err != nil {
		return nil, err
	}
	if info.Protocol.NetworkName == "" {
		return nil, c.garbage(k.path, fmt.Errorf("no name of a network"))
	}
	return &info, nil
}

// ErrNoTips says that a node has no blocks that a new one could build on: its network is at its very beginning.
var ErrNoTips = errors.New("the node has no tips")

// ErrTooOld says that a node refuses a block because it builds on what is too old.
var ErrTooOld = errors.New("the block is too old")

// Tips returns blocks that a new block should build on, in order and each once. The error is [ErrNoTips] where there are none.
func (c *Client) Tips(ctx context.Context) ([]notary.ID, error) {
	var answer struct {
		Tips []string `json:"tips"`
	}
	k := get("tips")
	if err := c.json(ctx, k, &answer); err != nil {
		return nil, err
	}
	tips, err := parseIDs(answer.Tips)
	if err == nil && len(tips) == 0 {
		err = fmt.Errorf("no tips")
	}
	if err != nil {
		return nil, c.garbage(k.path, err)
	}
	return tips, nil
}

// Metadata returns what the node says of a block. The error is [ErrUnknown] where it does not have the block.
func (c *Client) Metadata(ctx context.Context, block notary.ID) (*Metadata, error) {
	var answer struct {
		BlockID        string   `json:"blockId"`
		Parents        []string `json:"parents"`
		Solid          bool     `json:"isSolid"`
		Milestone      uint32   `json:"referencedByMilestoneIndex"`
		Position       *uint32  `json:"whiteFlagIndex"`
		Ledger         string   `json:"ledgerInclusionState"`
		Conflict       int      `json:"conflictReason"`
		ShouldPromote  bool     `json:"shouldPromote"`
		ShouldReattach bool     `json:"shouldReattach"`
	}
	k := get("blocks/" + block.String() + "/metadata")
	if err := c.json(ctx, k, &answer); err != nil {
		return nil, err
	}
	if answer.BlockID != block.String() {
		return nil, c.garbage(k.path, fmt.Errorf("it is about the block %q", clip(answer.BlockID)))
	}
	parents, err := parseIDs(answer.Parents)
	if err != nil {
		return nil, c.garbage(k.path, err)
	}
	m := &Metadata{
		Parents: parents, Solid: answer.Solid, Milestone: answer.Milestone, Ledger: answer.Ledger, Conflict: answer.Conflict,
		ShouldPromote: answer.ShouldPromote, ShouldReattach: answer.ShouldReattach,
	}
	if m.Milestone != 0 {
		if answer.Position == nil {
			return nil, c.garbage(k.path, fmt.Errorf("referenced, and without a white-flag index"))
		}
		m.Position = *answer.Position
	}
	return m, nil
}

// Block returns the bytes of a block. They are the block's, or an error is returned.
func (c *Client) Block(ctx context.Context, block notary.ID) ([]byte, error) {
	k := getRaw("blocks/" + block.String())
	data, err := c.do(ctx, k)
	if err != nil {
		return nil, err
	}
	if got := notary.BlockID(data); got != block {
		return nil, c.garbage(k.path, fmt.Errorf("it is the block %s", got))
	}
	return data, nil
}

// Milestone returns the raw bytes of the milestone with an index, and what they say. The signatures are not checked.
func (c *Client) Milestone(ctx context.Context, index uint32) ([]byte, *notary.Milestone, error) {
	k := getRaw(fmt.Sprintf("milestones/by-index/%d", index))
	data, err := c.do(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	m, err := notary.ParseMilestone(data)
	if err == nil && m.Index != index {
		err = fmt.Errorf("it is milestone %d", m.Index)
	}
	if err != nil {
		return nil, nil, c.garbage(k.path, err)
	}
	return data, m, nil
}

// Submit sends a block, and checks that the node took this one. The same block may be sent again. The error is [ErrTooOld] where it builds on what is too old.
func (c *Client) Submit(ctx context.Context, block []byte) error {
	got, err := c.submit(ctx, post("blocks", serialized, block))
	if err != nil {
		return err
	}
	if want := notary.BlockID(block); got != want {
		return c.errorf("says that it took the block %s, and was sent %s: use another node", got, want)
	}
	return nil
}

func (c *Client) submit(ctx context.Context, k call) (id notary.ID, err error) {
	var answer struct {
		BlockID string `json:"blockId"`
	}
	if err := c.json(ctx, k, &answer); err != nil {
		return id, err
	}
	if id, err = parseID(answer.BlockID); err != nil {
		return id, c.garbage(k.path, err)
	}
	return id, nil
}

// Roots computes the inclusion root and the applied root of a milestone that is yet to be issued.
func (c *Client) Roots(ctx context.Context, m *notary.Milestone) (inclusion, applied notary.ID, err error) {
	question := struct {
		Index     uint32   `json:"index"`
		Timestamp int64    `json:"timestamp"`
		Parents   []string `json:"parents"`
		Previous  string   `json:"previousMilestoneId"`
	}{Index: m.Index, Timestamp: m.Time.Unix(), Previous: m.Previous.String()}
	for _, p := range m.Parents {
		question.Parents = append(question.Parents, p.String())
	}
	body, err := json.Marshal(question)
	if err != nil {
		return inclusion, applied, err
	}
	var answer struct {
		Inclusion string `json:"inclusionMerkleRoot"`
		Applied   string `json:"appliedMerkleRoot"`
	}
	k := post("whiteflag", "application/json", body)
	if err := c.json(ctx, k, &answer); err != nil {
		return inclusion, applied, err
	}
	if inclusion, err = parseID(answer.Inclusion); err == nil {
		applied, err = parseID(answer.Applied)
	}
	if err != nil {
		return inclusion, applied, c.garbage(k.path, err)
	}
	return inclusion, applied, nil
}

// parseID reads an ID as nodes write it.
func parseID(text string) (id notary.ID, err error) {
	digits, ok := strings.CutPrefix(text, "0x")
	data, err := hex.DecodeString(digits)
	if !ok || err != nil || len(data) != len(id) {
		return id, fmt.Errorf("%q is no ID", clip(text))
	}
	return notary.ID(data), nil
}

// parseIDs reads the parents of a block.
func parseIDs(texts []string) ([]notary.ID, error) {
	if len(texts) > notary.MaxParents {
		return nil, fmt.Errorf("%d IDs where there can be %d", len(texts), notary.MaxParents)
	}
	var ids []notary.ID
	for _, text := range texts {
		id, err := parseID(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return notary.SortParents(ids), nil
}
