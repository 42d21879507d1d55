package trail

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// witnessed has the trust file ask for a log with the milestones of a trail and for two witnesses, and gives each entry its proof, a few of which are wrong.
func (m *mutator) witnessed(w *world, q *question) {
	must := func(err error) {
		if err != nil {
			m.t.Fatal(err)
		}
	}
	last := w.time
	var signers []note.Signer
	policy := &witness.Policy{First: 1, Quorum: m.IntN(3), Witnesses: []string{}}
	for i, name := range []string{"here.example/log", "one.example", "two.example"} {
		kind := witness.Cosigns
		if i == 0 {
			kind = witness.Signs
		}
		late := pick(m.Rand, -700, -600, 0, 30, 3600)
		signer, err := witness.NewSigner(name, kind, keyOf(name), func() uint64 { return uint64(last.Add(time.Duration(late) * time.Second).Unix()) })
		must(err)
		if i == 0 {
			policy.Key = signer.String()
		} else {
			policy.Witnesses = append(policy.Witnesses, signer.String())
		}
		if m.IntN(8) > 0 {
			signers = append(signers, signer)
		}
	}
	if policy.Quorum > 0 {
		policy.Within = pick[int64](m.Rand, 0, 60, 3600, 86400, 864000)
	}
	trust := *q.in.Trust
	trust.Log, q.in.Trust = policy, &trust
	leaves := map[int64]notary.ID{}
	number := make([]int64, len(w.items))
	var n int64 = 1
	for i, item := range w.items {
		r, err := notary.ParseReceipt(item.Receipt)
		if err != nil {
			continue
		}
		if milestone, err := notary.ParseMilestone(r.Milestone); err == nil && milestone.Index > 0 && milestone.Index < 1000 {
			number[i] = int64(milestone.Index) - 1
			leaves[number[i]] = milestone.ID
			n = max(n, number[i]+1)
		}
	}
	n += int64(m.IntN(3))
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range n {
		leaf := leaves[i]
		hashes, err := tlog.StoredHashes(i, leaf[:], reader)
		must(err)
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(n, reader)
	must(err)
	checkpoint, err := note.Sign(&note.Note{Text: witness.Checkpoint{Origin: "here.example/log", Tree: tlog.Tree{N: n, Hash: root}}.String()}, signers...)
	must(err)
	wrong := pick(m.Rand, 0, 0, 0, 1)
	for i, item := range w.items {
		path, err := tlog.ProveRecord(n, number[i], reader)
		must(err)
		again := *item
		again.Proof = (&witness.Proof{Number: number[i], Path: path, Checkpoint: checkpoint}).Bytes()
		if wrong > 0 && m.IntN(len(w.items)) == 0 {
			again.Proof = pick(m.Rand, nil, m.flip(again.Proof), append(again.Proof, '\n'), again.Proof[:len(again.Proof)-1], []byte(fmt.Sprintf("%s— %s", again.Proof, again.Proof)))
		}
		w.items[i] = &again
	}
	m.say("witnessed by %d of %d within %d", policy.Quorum, len(signers), policy.Within)
}
