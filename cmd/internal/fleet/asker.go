package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vauban-verifier/vauban/checker"
)

// Asker asks a fleet. It is a [checker.Fleet].
type Asker struct {
	*Conn

	mu     sync.Mutex
	looked time.Time // when it was seen who is there
	there  bool
}

var (
	errNobody = errors.New("there is no worker of this version of the program")
	errLost   = errors.New("the question was lost")
)

const (
	lookAgain = 3 * time.Second // for workers, where there were none
	asleep    = time.Second     // between two looks at what may have been missed
)

// Workers reports whether a worker of this program is there.
func (a *Asker) Workers() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.there && time.Since(a.looked) > lookAgain {
		_, err := a.nc.Request(a.presence(), nil, time.Second)
		a.there, a.looked = err == nil, time.Now()
	}
	return a.there
}

func (a *Asker) nobody() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.there = false
}

// Ask has a question answered.
func (a *Asker) Ask(ctx context.Context, k checker.Key, question []byte, urgent bool) ([]byte, error) {
	if !a.Workers() {
		return nil, errNobody
	}
	key := hexed(k)
	heard, err := a.nc.SubscribeSync(a.answerSubject(key))
	if err != nil {
		return nil, err
	}
	defer func() { _ = heard.Unsubscribe() }()
	if err := heard.SetPendingLimits(4, -1); err != nil { // the first answer counts
		return nil, err
	}
	if data, err := a.known(ctx, key); data != nil || isRefused(err) {
		return data, err
	}
	message, err := a.message(ctx, "q-"+a.id+"-"+key, question)
	if err != nil {
		return nil, err
	}
	w := &waiting{Asker: a, key: key, subject: a.questionSubject(urgent, key), message: message, heard: heard}
	defer w.done()
	return w.wait(ctx)
}

func isRefused(err error) bool {
	var refused errRefused
	return errors.As(err, &refused)
}

// known returns the answer that is in the stream; nil where there is none.
func (a *Asker) known(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	stream, err := a.js.Stream(ctx, answers)
	if err != nil {
		return nil, err
	}
	m, err := stream.GetLastMsgForSubject(ctx, a.answerSubject(key))
	if err != nil {
		return nil, err
	}
	return a.body(ctx, m.Data)
}

// waiting is a question that was asked.
type waiting struct {
	*Asker
	key, subject string
	message      []byte
	heard        *nats.Subscription
	at           uint64 // in the stream of questions; 0: nowhere
	tries        int
	answered     bool
}

func (w *waiting) wait(ctx context.Context) ([]byte, error) {
	good := time.Now() // when the server was last there
	for {
		if w.at == 0 {
			if err := w.put(ctx); errors.Is(err, errLost) {
				return nil, err
			}
		}
		short, cancel := context.WithTimeout(ctx, asleep)
		m, err := w.heard.NextMsgWithContext(short)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil:
			data, err := w.body(ctx, m.Data)
			w.answered = true
			return data, err
		}
		there, data, err := w.look(ctx)
		switch {
		case data != nil || isRefused(err):
			w.answered = true
			return data, err
		case err == nil:
			good = time.Now()
			if !there {
				w.at = 0
			}
		case time.Since(good) > outage:
			w.nobody()
			return nil, err
		}
	}
}

// put asks the question, maybe again.
func (w *waiting) put(ctx context.Context) error {
	if w.tries++; w.tries > maxTries {
		return errLost
	}
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	ack, err := w.js.Publish(ctx, w.subject, w.message)
	if err != nil {
		if !w.nc.IsConnected() {
			w.tries-- // the server has not had it
		}
		return errors.Join(err, w.streams(ctx))
	}
	w.at = ack.Sequence
	return w.nc.Publish(w.wake(), nil)
}

// look sees what may have been missed: an answer, or that the question is nowhere any longer.
func (w *waiting) look(ctx context.Context) (there bool, data []byte, err error) {
	if data, err = w.known(ctx, w.key); data != nil || isRefused(err) {
		return true, data, err
	}
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return false, nil, err
	}
	if w.at == 0 {
		return false, nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	stream, err := w.js.Stream(ctx, questions)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return false, nil, w.streams(ctx)
	}
	if err != nil {
		return false, nil, err
	}
	m, err := stream.GetMsg(ctx, w.at)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil, nil
	}
	return err == nil && m.Subject == w.subject, nil, err
}

// done has nobody work for nothing.
func (w *waiting) done() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if !w.answered && w.nc.IsConnected() {
		if stream, err := w.js.Stream(ctx, questions); err == nil && w.at != 0 {
			_ = stream.DeleteMsg(ctx, w.at) // else a worker answers it
		}
		_ = w.nc.Publish(w.cancel(w.id), []byte(w.key))
	}
	w.forget(ctx, w.message)
}
