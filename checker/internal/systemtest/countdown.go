package systemtest

import (
	"context"
	"sync"
)

// Countdown is a context that ends once it was looked at so often.
type Countdown struct {
	context.Context
	mu     sync.Mutex
	looked int
	limit  int
	done   chan struct{}
}

// NewCountdown returns a context that ends at the look of that number.
func NewCountdown(limit int) *Countdown {
	return &Countdown{Context: context.Background(), limit: limit, done: make(chan struct{})}
}

// Done implements context.Context.
func (c *Countdown) Done() <-chan struct{} { return c.done }

// Err implements context.Context.
func (c *Countdown) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looked++; c.looked < c.limit {
		return nil
	}
	if c.looked == c.limit {
		close(c.done)
	}
	return context.Canceled
}

// Looks returns how often it was looked at.
func (c *Countdown) Looks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looked
}
