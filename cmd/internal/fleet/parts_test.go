package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/bench/orders"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestParts has a design checked whose question is split: alone, by one worker, by more of them, and by some of which one dies over a part. Each report has the same bytes.
func TestParts(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(orders.Safeguards{There: 6, Failing: 5}.Counters(20), "require Counted")
	m := threatstest.Load(t, threatstest.Texts(map[string]string{"counters.vbn": text}), "counters.vbn")
	want := report(t, m, nil)
	for _, of := range []struct{ workers, dying int }{{1, 0}, {2, 0}, {4, 0}, {2, 1}} {
		t.Run(fmt.Sprintf("%d workers, %d of which die", of.workers, of.dying), func(t *testing.T) {
			t.Parallel()
			s := serve(t, server.Options{})
			var all []*Worker
			for range of.workers {
				w, _ := work(t, s.ClientURL(), "b", 1, nil)
				all = append(all, w)
			}
			for _, w := range all[:of.dying] {
				go func() {
					for w.Counts.Answered.Load() == 0 || w.Counts.Running.Load() == 0 {
						time.Sleep(time.Millisecond)
					}
					w.Close() // nobody hears of it any more
				}()
			}
			memory := &checker.Memory{Build: "b", Fleet: &Asker{Conn: connect(t, s.ClientURL(), "b")}}
			if got := report(t, m, memory); got != want {
				t.Errorf("the report is another one:\n%s\nalone:\n%s", got, want)
			}
			answered := int64(0)
			for _, w := range all {
				answered += w.Counts.Answered.Load()
			}
			if n := memory.Counts(); n.Refused+n.Alone > 0 || answered < int64(n.Fleet)+2 {
				t.Errorf("%d questions and parts answered, %+v", answered, n)
			}
			for _, w := range all[of.dying:] {
				if n := w.waiting.Load(); n != 0 {
					t.Errorf("%d questions still wait", n)
				}
			}
		})
	}
}
