package console

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// IsTerminal reports whether output goes to a person.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Colored says whether output to w is coloured: as --color has it, and by itself only on a terminal that does not ask for none.
func (a *App) Colored(w io.Writer) bool {
	switch a.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(w)
}

// How long a check is silent, and how often it then tells how far it is.
const (
	silence = time.Second
	Rhythm  = 200 * time.Millisecond
)

// Watcher shows progress on a terminal. The zero watcher shows nothing.
type Watcher struct {
	w     io.Writer
	start time.Time
	quit  chan struct{}
	once  sync.Once
	ended sync.WaitGroup

	mu   sync.Mutex
	last checker.Progress
}

// WatchProgress starts showing progress on w if it is a terminal.
func WatchProgress(w io.Writer, quiet bool) *Watcher {
	p := &Watcher{w: w, start: time.Now(), quit: make(chan struct{})}
	if quiet || !IsTerminal(w) {
		return p
	}
	p.ended.Add(1)
	go p.show()
	return p
}

// Update shows how far a check is.
func (p *Watcher) Update(now checker.Progress) {
	p.mu.Lock()
	p.last = now
	p.mu.Unlock()
}

// Stop clears the line; nothing is shown after it.
func (p *Watcher) Stop() {
	p.once.Do(func() { close(p.quit) })
	p.ended.Wait()
}

func (p *Watcher) show() {
	defer p.ended.Done()
	tick := time.NewTicker(Rhythm)
	defer tick.Stop()
	shown := false
	for {
		select {
		case <-p.quit:
			if shown {
				fmt.Fprint(p.w, "\r\x1b[K")
			}
			return
		case <-tick.C:
			if time.Since(p.start) < silence {
				continue
			}
			shown = true
			p.mu.Lock()
			last := p.last
			p.mu.Unlock()
			line := fmt.Sprintf("%d s", int(time.Since(p.start).Seconds()))
			if far := wording.Progress(last); far != "" {
				line += " · " + plain.Clean(far)
			}
			fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		}
	}
}
