package fleet

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vauban-verifier/vauban/checker"
)

// idle is how long a worker that nobody has woken does nothing.
const idle = time.Second

// ending is how long a worker that is told to stop may go on with what it is at.
const ending = 3 * time.Second

// Worker answers questions.
type Worker struct {
	*Conn
	Slots int // questions at a time

	// Answer answers a question; nil: the engines do, and parts of a question are asked of the fleet.
	Answer func(ctx context.Context, question []byte) ([]byte, error)

	Counts Counts

	wakeUp  chan struct{}
	waiting atomic.Int64 // questions whose parts are out
	mu      sync.Mutex
	running map[string]context.CancelFunc // by asker and key
}

// Counts are what a worker has done.
type Counts struct {
	Answered, Refused, Cancelled, Again, GivenUp, Running atomic.Int64
	Work                                                  atomic.Int64 // nanoseconds
}

// Serve answers questions until ctx ends. What it is at by then it ends within a moment, or gives back.
func (w *Worker) Serve(ctx context.Context) error {
	w.wakeUp, w.running = make(chan struct{}, w.Slots), map[string]context.CancelFunc{}
	listen := map[string]nats.MsgHandler{
		w.presence(): func(m *nats.Msg) { _ = m.Respond(nil) },
		w.wake(): func(*nats.Msg) {
			select {
			case w.wakeUp <- struct{}{}:
			default:
			}
		},
		w.cancelled(): func(m *nats.Msg) {
			asker := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
			w.mu.Lock()
			defer w.mu.Unlock()
			if stop := w.running[asker+"."+string(m.Data)]; stop != nil {
				stop()
			}
		},
	}
	for subject, hear := range listen {
		s, err := w.nc.Subscribe(subject, hear)
		if err != nil {
			return err
		}
		defer func() { _ = s.Unsubscribe() }()
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(ending, stop) })()
	var wg sync.WaitGroup
	if w.Answer == nil {
		asker := &Asker{Conn: w.Conn}
		w.Answer = func(asked context.Context, question []byte) ([]byte, error) {
			of := &parts{Worker: w, asker: asker, slots: &wg, ctx: ctx, work: work}
			return (&checker.Memory{Build: w.build, Fleet: of}).Answer(asked, question)
		}
	}
	for range w.Slots {
		wg.Go(func() { w.slot(ctx, work) })
	}
	wg.Wait()
	return nil
}

// slot answers one question after the other.
func (w *Worker) slot(ctx, work context.Context) {
	var queues []jetstream.Consumer
	for ctx.Err() == nil {
		if queues == nil {
			var err error
			if queues, err = w.queues(ctx); err != nil {
				w.sleep(ctx, idle/4)
				continue
			}
		}
		m, err := next(queues)
		switch {
		case err != nil: // the server is gone, or has forgotten
			queues = nil
			w.sleep(ctx, idle/4)
		case m == nil:
			select {
			case <-ctx.Done():
			case <-w.wakeUp:
			case <-time.After(idle):
			}
		default:
			w.question(work, m)
		}
	}
}

func (w *Worker) sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// queues are what is asked of this program, the most urgent first.
func (w *Worker) queues(ctx context.Context) ([]jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	if err := w.streams(ctx); err != nil {
		return nil, err
	}
	var out []jetstream.Consumer
	for _, u := range urgencies {
		c, err := w.js.CreateOrUpdateConsumer(ctx, questions, jetstream.ConsumerConfig{
			Durable: u + "-" + w.build, FilterSubject: "vauban.q." + w.build + "." + u + ".>",
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxDeliver: -1, MaxAckPending: 10_000, InactiveThreshold: answerAge,
		})
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// next takes what is most urgent; nil where there is nothing.
func next(queues []jetstream.Consumer) (jetstream.Msg, error) {
	for _, q := range queues {
		batch, err := q.FetchNoWait(1)
		if err != nil {
			return nil, err
		}
		m := <-batch.Messages()
		if m != nil {
			return m, nil
		}
		if err := batch.Error(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// question answers one.
func (w *Worker) question(ctx context.Context, m jetstream.Msg) {
	parts := strings.Split(m.Subject(), ".")
	meta, err := m.Metadata()
	if err != nil || len(parts) != 6 { // nobody could be told
		_ = m.Term()
		return
	}
	asker, key := parts[4], parts[5]
	if meta.NumDelivered > 1 {
		w.Counts.Again.Add(1)
	}
	if meta.NumDelivered > maxTries {
		w.Counts.GivenUp.Add(1)
		w.say(ctx, m, key, append([]byte{refusedBody}, fmt.Sprintf("given out %d times without an answer", maxTries)...))
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	w.running[asker+"."+key] = cancel
	w.mu.Unlock()
	w.Counts.Running.Add(1)
	began := time.Now()
	defer func() {
		w.mu.Lock()
		delete(w.running, asker+"."+key)
		w.mu.Unlock()
		w.Counts.Running.Add(-1)
		w.Counts.Work.Add(int64(time.Since(began)))
	}()
	alive := make(chan struct{})
	defer close(alive)
	go func() {
		for t := time.NewTicker(ackWait / 4); ; {
			select {
			case <-t.C:
				_ = m.InProgress() // else another one gets it
			case <-alive:
				t.Stop()
				return
			}
		}
	}()
	question, err := w.body(ctx, m.Data())
	var answer []byte
	if err == nil {
		answer, err = w.Answer(ctx, question)
	}
	switch {
	case err == nil:
		var body []byte
		if body, err = w.message(ctx, "a-"+key, answer); err == nil {
			w.Counts.Answered.Add(1)
			w.say(ctx, m, key, body)
			return
		}
		_ = m.NakWithDelay(time.Second)
	case ctx.Err() == nil:
		w.Counts.Refused.Add(1)
		w.say(ctx, m, key, append([]byte{refusedBody}, err.Error()...))
	default:
		w.Counts.Cancelled.Add(1)
		_ = m.Nak() // whoever has cancelled it has deleted it
	}
}

// say puts an answer into the stream, and only then takes the question out of the queue.
func (w *Worker) say(ctx context.Context, m jetstream.Msg, key string, body []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dial)
	defer cancel()
	if _, err := w.js.Publish(ctx, w.answerSubject(key), body); err != nil {
		_ = m.NakWithDelay(time.Second)
		return
	}
	_ = m.Ack()
}
