package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// From when on a check is said to go on, and how often how far it is.
const (
	patient = time.Second
	rhythm  = 250 * time.Millisecond
)

// shown tells the client how far a check is, where it takes long.
type shown struct {
	quit  chan struct{}
	ended sync.WaitGroup

	mu   sync.Mutex
	last checker.Progress
}

func (p *shown) tell(now checker.Progress) {
	p.mu.Lock()
	p.last = now
	p.mu.Unlock()
}

// end has nothing more told.
func (p *shown) end() {
	close(p.quit)
	p.ended.Wait()
}

// shown begins to tell about a check that goes on until ctx ends, or [shown.end].
func (s *server) shown(ctx context.Context) *shown {
	p := &shown{quit: make(chan struct{})}
	s.mu.Lock()
	s.checks++
	token, wanted := protocol.String(fmt.Sprintf("vauban/%d", s.checks)), s.progress
	s.mu.Unlock()
	if !wanted {
		return p
	}
	p.ended.Go(func() {
		wait := time.NewTimer(patient)
		defer wait.Stop()
		select {
		case <-p.quit:
			return
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if s.client.WorkDoneProgressCreate(s.ctx, &protocol.WorkDoneProgressCreateParams{Token: token}) != nil {
			return
		}
		say := func(value any) {
			if data, err := json.Marshal(value); err == nil {
				_ = s.client.Progress(s.ctx, &protocol.ProgressParams{Token: token, Value: data}) // a client that has gone needs none
			}
		}
		say(protocol.WorkDoneProgressBegin{Kind: "begin", Title: "Vauban"})
		defer say(protocol.WorkDoneProgressEnd{Kind: "end"})
		tick := time.NewTicker(rhythm)
		defer tick.Stop()
		for {
			p.mu.Lock()
			last := p.last
			p.mu.Unlock()
			text := diag.Escape(wording.Progress(last))
			say(protocol.WorkDoneProgressReport{Kind: "report", Message: &text})
			select {
			case <-p.quit:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return p
}
