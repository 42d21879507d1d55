package fleet

import (
	"context"
	"errors"
	"sync"

	"github.com/vauban-verifier/vauban/checker"
)

// maxWaiting is how many questions of a worker may wait for their parts at a time; of others it answers the parts itself.
const maxWaiting = 8

var errWaiting = errors.New("as many questions wait for parts as may")

// parts asks the fleet for the parts of one question. While any are out, the question's slot would be idle, so another one works in its place: a worker that is alone gets the parts itself, and
// no number of questions that wait can keep a part from being answered.
type parts struct {
	*Worker
	asker *Asker
	slots *sync.WaitGroup
	ctx   context.Context // of the worker's slots
	work  context.Context // of what they are at

	mu     sync.Mutex
	out    int
	recall context.CancelFunc // of the slot in place of this one
}

// Ask implements checker.Fleet.
func (p *parts) Ask(ctx context.Context, key checker.Key, question []byte, urgent bool) ([]byte, error) {
	if !p.begin() {
		return nil, errWaiting
	}
	defer p.end()
	return p.asker.Ask(ctx, key, question, urgent)
}

func (p *parts) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == 0 {
		if p.waiting.Add(1) > maxWaiting {
			p.waiting.Add(-1)
			return false
		}
		var ctx context.Context
		ctx, p.recall = context.WithCancel(p.ctx)
		p.slots.Go(func() { p.slot(ctx, p.work) })
	}
	p.out++
	return true
}

func (p *parts) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out--; p.out == 0 {
		p.recall() // it ends what it is at
		p.waiting.Add(-1)
	}
}
