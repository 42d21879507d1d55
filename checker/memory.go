package checker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/vauban-verifier/vauban/checker/internal/engine/portfolio"
	"github.com/vauban-verifier/vauban/checker/internal/reason"
	"github.com/vauban-verifier/vauban/checker/internal/wire"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// Memory has questions answered by others than the engines of this process: by what was proposed before, here or in a store, and by a fleet. Questions are known by what can matter to them
// (package checker/internal/wire), without any name, so that of a design that has changed only those are asked again that have changed, too. Nothing that comes back is believed: the judge decides on it as on
// every proposal, and what it refuses is asked afresh, here. It is safe for concurrent use. The zero Memory is empty, has nobody to ask, and is ready to use.
type Memory struct {
	Build string // tells programs apart that may propose something else
	Store Store  // nil: there is none
	Fleet Fleet  // nil: there is none

	// Patience is how long a question is tried here before the fleet is asked: most take less time than a message.
	Patience time.Duration

	mu          sync.Mutex
	now, before map[Key][]byte // of the last checks, and of those before them
	size        int            // of now, in bytes
	tally       Tally
	here        chan struct{} // as many as may work here beside a fleet
}

// Key is the address of a question: of the same question, for the same engine with the same limits, of the same program.
type Key [sha256.Size]byte

// Store keeps proposals in wire form. It may forget, and it may lie. It is safe for concurrent use.
type Store interface {
	Get(Key) []byte // nil: there is none
	Put(Key, []byte)
	Drop(Key) // the judge refused it
}

// Fleet answers questions in wire form, as [Memory.Answer] does, or returns an error, after which a question is answered here. It may lie. It is safe for concurrent use.
type Fleet interface {
	Ask(ctx context.Context, key Key, question []byte, urgent bool) ([]byte, error)
}

// Tally is what became of questions.
type Tally struct {
	Asked    int // of a memory
	Answered int // by what was known
	Stored   int // of them, those that the store knew
	Fleet    int // by the fleet
	Alone    int // those that the fleet did not answer, and that were answered here
	Refused  int // cases of which the judge refused what came from elsewhere
}

// maxMemory is how many bytes the proposals of a half of a memory may have together.
const maxMemory = 1 << 25

// besideFleet is how many cases may wait for a fleet at a time.
const besideFleet = 64

// Counts returns what became of the questions so far.
func (m *Memory) Counts() Tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tally
}

func (m *Memory) count(add func(*Tally)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	add(&m.tally)
}

// asked is a question with its slice, whose numbers others speak in.
type asked struct {
	of    *system.Question
	slice *slice.Slice
	wire  wire.Question
	bytes []byte
	key   Key
}

func (m *Memory) ask(q *system.Question, engine wire.Engine, limits portfolio.Options) *asked {
	a := &asked{of: q, slice: slice.Of(q)}
	if len(q.System.Groups()) > 0 && limits.Laws == portfolio.LawsHere {
		limits.Laws = portfolio.LawsElsewhere
	}
	limits.Progress, limits.Elsewhere, limits.Large = nil, nil, limits.Large || portfolio.Large(q)
	a.wire = wire.Question{Engine: engine, Limits: limits, Of: a.slice.Question}
	a.bytes = a.wire.Append(append([]byte(m.Build), 0))
	a.key = sha256.Sum256(a.bytes)
	a.bytes = a.bytes[len(m.Build)+1:]
	return a
}

// read makes a proposal over the question of what was said of it, here or elsewhere. Elsewhere, nobody may give up: that there is no more to find is proved, or looked for here.
func (a *asked) read(data []byte, elsewhere bool) (system.Proposal, bool) {
	p, err := wire.ParseProposal(data, a.slice.Question.System)
	if err != nil || elsewhere && p.Incomplete != "" && (a.wire.Engine == wire.Solve || len(p.Attacks) == 0) {
		return p, false
	}
	return a.outward(p)
}

// answer returns what others say of a question, unless it is to be fresh, or what an engine says here, which is then remembered.
func (m *Memory) answer(ctx context.Context, a *asked, urgent, fresh bool, here func(context.Context) (system.Proposal, error)) (system.Proposal, error) {
	m.count(func(t *Tally) { t.Asked++ })
	if fresh {
		m.forget(a.key)
	} else if data, stored := m.recall(a.key); data != nil {
		if p, ok := a.read(data, stored); ok {
			if stored {
				m.keep(a.key, data)
			}
			m.count(func(t *Tally) {
				t.Answered++
				if stored {
					t.Stored++
				}
			})
			return p, nil
		}
		m.forget(a.key)
	}
	p, err := m.engines(ctx, a, urgent, fresh, here)
	if err == nil && ctx.Err() == nil && (p.Incomplete == "" || len(p.Attacks) > 0) { // why it was given up, nothing can check
		if own, ok := a.inward(p); ok {
			if data := wire.AppendProposal(nil, &own); len(data) <= maxMemory {
				m.keep(a.key, data)
				if _, ok := a.read(data, true); ok && m.Store != nil {
					m.Store.Put(a.key, data)
				}
			}
		}
	}
	return p, err
}

// engines asks those of this process, and where that takes its time, those of a fleet. What a fleet gives up is tried here again, since nothing can check that a search was long.
func (m *Memory) engines(ctx context.Context, a *asked, urgent, fresh bool, here func(context.Context) (system.Proposal, error)) (system.Proposal, error) {
	switch {
	case m.Fleet == nil:
		return here(ctx)
	case fresh:
		return m.alone(ctx, here)
	}
	if m.Patience > 0 {
		short, cancel := context.WithTimeout(ctx, m.Patience)
		p, err := m.alone(short, here)
		late := short.Err() != nil
		cancel()
		if !late || ctx.Err() != nil {
			return p, err
		}
	}
	if p, ok := m.fleet(ctx, a, urgent); ok {
		m.count(func(t *Tally) { t.Fleet++ })
		return p, nil
	}
	m.count(func(t *Tally) { t.Alone++ })
	return m.alone(ctx, here)
}

// fleet asks the fleet. Where it ends at laws, which are about more than the slice that it has, they are looked for here, and where they are not enough, it is asked to go on without. Who says so of a search that
// would have ended before has another proof found, which is judged like any.
func (m *Memory) fleet(ctx context.Context, a *asked, urgent bool) (p system.Proposal, ok bool) {
	data, err := m.Fleet.Ask(ctx, a.key, a.bytes, urgent)
	if err != nil {
		return p, false
	}
	if p, err = wire.ParseProposal(data, a.slice.Question.System); err != nil || p.Incomplete != reason.Laws || a.wire.Limits.Laws != portfolio.LawsElsewhere {
		return a.read(data, true)
	}
	none := a.wire.Limits
	none.Laws = portfolio.LawsNone
	p, err = m.alone(ctx, func(ctx context.Context) (system.Proposal, error) {
		return system.Proposal{Holds: portfolio.Conserved(ctx, a.of)}, nil
	})
	if err != nil || p.Holds != nil || ctx.Err() != nil {
		return p, err == nil
	}
	return m.fleet(ctx, m.ask(a.of, a.wire.Engine, none), urgent)
}

// alone has a question answered here, by as many at a time as there are processors, however many cases wait for a fleet.
func (m *Memory) alone(ctx context.Context, here func(context.Context) (system.Proposal, error)) (system.Proposal, error) {
	m.mu.Lock()
	if m.here == nil {
		m.here = make(chan struct{}, runtime.GOMAXPROCS(0))
	}
	m.mu.Unlock()
	select {
	case m.here <- struct{}{}:
		defer func() { <-m.here }()
		return here(ctx)
	case <-ctx.Done():
		return system.Proposal{Incomplete: reason.Cancelled}, nil
	}
}

// Answer has the engines of this process answer a question in wire form, which may be anybody's, and returns a proposal in wire form. Where the question is so hard that it is split, its parts are for the fleet, if there is
// one. An error says that there is no answer: the question is none, ctx has ended, or an engine has failed.
func (m *Memory) Answer(ctx context.Context, question []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("an engine failed: %v", p)
		}
	}()
	q, err := wire.ParseQuestion(question)
	if err != nil {
		return nil, err
	}
	if m.Fleet != nil {
		q.Limits.Elsewhere = m.part
	}
	p, err := q.Ask(ctx, nil)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return wire.AppendProposal(nil, &p), nil
}

// part has the fleet answer a part of a question. That it was given up is taken from it here: it would be looked for again by whoever asked the whole question.
func (m *Memory) part(ctx context.Context, q *system.Question, limits portfolio.Options) (system.Proposal, error) {
	a := m.ask(q, wire.Run, limits)
	data, err := m.Fleet.Ask(ctx, a.key, a.bytes, true)
	if err != nil {
		return system.Proposal{}, err
	}
	p, ok := a.read(data, false)
	if !ok {
		return p, errors.New("the answer is none to this part")
	}
	return p, nil
}

// recall returns what is known of a question, and whether the store knew it.
func (m *Memory) recall(key Key) (data []byte, stored bool) {
	m.mu.Lock()
	data, ok := m.now[key]
	if !ok {
		if data, ok = m.before[key]; ok {
			m.put(key, data)
		}
	}
	m.mu.Unlock()
	if !ok && m.Store != nil {
		data = m.Store.Get(key)
		return data, data != nil
	}
	return data, false
}

func (m *Memory) keep(key Key, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, data)
}

// put enters what is remembered. What has not been asked for since the half before was full goes.
func (m *Memory) put(key Key, data []byte) {
	if len(data) > maxMemory {
		return
	}
	if m.size+len(data) > maxMemory || m.now == nil {
		m.before, m.now, m.size = m.now, map[Key][]byte{}, 0
	}
	if _, ok := m.now[key]; !ok {
		m.size += len(data)
	}
	m.now[key] = data
}

func (m *Memory) forget(key Key) {
	m.mu.Lock()
	delete(m.now, key)
	delete(m.before, key)
	m.mu.Unlock()
	if m.Store != nil {
		m.Store.Drop(key)
	}
}
