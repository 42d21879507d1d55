package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// State is what there is to show.
type State struct {
	Text   string   `json:"text"`   // one line: how far the check is, or what came of it
	Errors []string `json:"errors"` // why there is no report of the texts as they stand
	Done   bool     `json:"done"`   // nothing more will come of these texts
	Report []byte   `json:"-"`      // a page; nil: the last one stays, as one of earlier texts
}

// Check checks a design as it stands, and hands over states as they come. It tells each file before it looks for it, and returns soon after ctx has ended.
type Check func(ctx context.Context, reads func(file string), show func(State))

// How often files are looked at, and for how long they must stay as they are before they are read: an editor may write a file in several parts.
const (
	rhythm = 100 * time.Millisecond
	settle = 50 * time.Millisecond
)

// Listen opens a port of the loopback address, and makes up the token that addresses of the page begin with.
func Listen() (net.Listener, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	return l, hex.EncodeToString(secret), nil
}

// Address is where the page is.
func Address(l net.Listener, token string) string {
	return "http://" + l.Addr().String() + "/" + token + "/"
}

// Serve serves the page until ctx ends.
func Serve(ctx context.Context, l net.Listener, token string, check Check) error {
	s := &server{host: l.Addr().String(), token: token, changed: make(chan struct{})}
	h := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 14, BaseContext: func(net.Listener) context.Context { return ctx }}
	var done sync.WaitGroup
	done.Go(func() { s.follow(ctx, check) })
	failed := make(chan error, 1)
	done.Go(func() { failed <- h.Serve(l) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	_ = h.Close() // what is being sent need not arrive
	done.Wait()
	return err
}

// server is the page with its last state.
type server struct {
	host, token string

	mu        sync.Mutex
	state     State
	report    []byte
	serial    int  // of the report
	stale     bool // the report is of earlier texts
	listeners int
	changed   chan struct{} // closed when something is new
}

// follow checks again and again: a check is given up when a file changes.
func (s *server) follow(ctx context.Context, check Check) {
	for ctx.Err() == nil {
		s.mu.Lock()
		s.stale = true
		s.mu.Unlock()
		s.show(State{Text: "reading"})
		pass, cancel := context.WithCancel(ctx)
		w := &watched{files: map[string]stamp{}}
		var done sync.WaitGroup
		done.Go(func() {
			check(pass, w.add, func(now State) {
				if pass.Err() == nil {
					s.show(now)
				}
			})
		})
		for pause(ctx, rhythm) && !w.changed() {
		}
		cancel()
		done.Wait()
		for w.changed() && pause(ctx, settle) {
		}
	}
}

// pause waits; false: until ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// stamp is what tells that a file is another one; the zero stamp is that of none.
type stamp struct {
	there    bool
	size     int64
	modified int64 // nanoseconds since 1970
}

func stampOf(file string) stamp {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}
	}
	return stamp{true, info.Size(), info.ModTime().UnixNano()}
}

// watched are files with their stamps.
type watched struct {
	mu    sync.Mutex
	files map[string]stamp
}

func (w *watched) add(file string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.files[file]; !ok {
		w.files[file] = stampOf(file)
	}
}

// changed reports whether a file is another one than when it was asked last.
func (w *watched) changed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	other := false
	for file, was := range w.files {
		now := stampOf(file)
		w.files[file] = now
		other = other || now != was
	}
	return other
}

// show has a state seen.
func (s *server) show(now State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state = now; now.Report != nil {
		s.report, s.stale = now.Report, false
		s.serial++
	}
	close(s.changed)
	s.changed = make(chan struct{})
}
