package fleet

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/vauban-verifier/vauban/checker"
)

// TestNamesNeverLeave checks designs by a fleet alone, and listens to all that goes over its server: the reports are those of one process, and no name is in any message.
func TestNamesNeverLeave(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	spy := connect(t, s.ClientURL(), "spy")
	var (
		mu   sync.Mutex
		said [][]byte
	)
	hear := func(m *nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, append([]byte(m.Subject+" "), m.Data...))
		if body, err := unpack(m.Data); err == nil {
			said = append(said, body)
		}
	}
	if _, err := spy.nc.Subscribe(">", hear); err != nil {
		t.Fatal(err)
	}
	if err := spy.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	work(t, s.ClientURL(), "b", 2, nil)
	memory := &checker.Memory{Fleet: &Asker{Conn: connect(t, s.ClientURL(), "b")}}
	many := designs(t, 5)
	for i, m := range many {
		if got := report(t, m, memory); got != report(t, m, nil) {
			t.Errorf("design %d: the report is another one", i)
		}
	}
	if n := memory.Counts(); n.Fleet < 20 || n.Refused > 0 || n.Alone > n.Fleet/4 {
		t.Errorf("%+v", n)
	}
	if err := spy.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	names := 0
	for _, m := range many {
		for _, f := range m.Design.Files {
			for _, word := range strings.FieldsFunc(f.Text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
				if len(word) < 5 || strings.ToLower(word) == word && !strings.Contains(word, "_") {
					continue // no name, or one that may be there by chance
				}
				names++
				for _, message := range said {
					if bytes.Contains(message, []byte(word)) {
						t.Fatalf("a message has the name %q: %q", word, message)
					}
				}
			}
		}
	}
	if names < 100 || len(said) < 100 {
		t.Errorf("looked for %d names in %d messages", names, len(said))
	}
}

// TestLiars: workers that answer with what is no answer, with proofs of everything, with what was said of other questions, or many times: each report is that of one process.
func TestLiars(t *testing.T) {
	t.Parallel()
	many := designs(t, 3)
	want := make([]string, len(many))
	for i, m := range many {
		want[i] = report(t, m, nil)
	}
	var (
		mu      sync.Mutex
		before  []byte // what was said of another question
		endless sync.Once
	)
	for name, lie := range map[string]func(w *Worker, question []byte) ([]byte, error){
		"nothing":   func(*Worker, []byte) ([]byte, error) { return nil, nil },
		"noise":     func(_ *Worker, question []byte) ([]byte, error) { return question, nil },
		"all holds": func(*Worker, []byte) ([]byte, error) { return []byte{0, 0, 1, 0, 0, 0, 0, 0}, nil }, // a certificate without cuts
		"another question": func(_ *Worker, question []byte) ([]byte, error) {
			answer, err := (&checker.Memory{}).Answer(context.Background(), question)
			mu.Lock()
			defer mu.Unlock()
			before, answer = answer, before
			return answer, err
		},
		"a flood": func(w *Worker, question []byte) ([]byte, error) {
			for _, m := range []string{"vauban.a.b.>", w.answerSubject(strings.Repeat("0", 64))} {
				for range 200 {
					_ = w.nc.Publish(strings.TrimSuffix(m, ".>"), make([]byte, 1<<12))
				}
			}
			return (&checker.Memory{}).Answer(context.Background(), question)
		},
		"without end": func(*Worker, []byte) (answer []byte, err error) {
			endless.Do(func() { answer = make([]byte, maxBody+1) }) // it packs well
			return answer, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, server.Options{})
			var w *Worker
			ready := make(chan struct{})
			w, _ = work(t, s.ClientURL(), "b", 2, func(_ context.Context, question []byte) ([]byte, error) {
				<-ready
				return lie(w, question)
			})
			close(ready)
			memory := &checker.Memory{Fleet: &Asker{Conn: connect(t, s.ClientURL(), "b")}}
			for i, m := range many {
				if got := report(t, m, memory); got != want[i] {
					t.Errorf("design %d: the report is another one", i)
				}
			}
			n := memory.Counts()
			if name != "a flood" && n.Refused+n.Alone == 0 {
				t.Errorf("nothing was refused: %+v", n)
			}
			t.Logf("%+v", n)
		})
	}
}
