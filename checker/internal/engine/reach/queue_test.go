package reach

import (
	"math/rand"
	"testing"
)

// TestQueue checks that entries come back cheapest first, each once, when what is pushed on the way is never cheaper than what came last.
func TestQueue(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	var q queue
	for range 200 {
		q.reset(0)
		waiting, last := map[int32]int{}, 0
		for atom := int32(0); atom < 60 || len(waiting) > 0; {
			if atom < 60 && rng.Intn(2) == 0 {
				waiting[atom] = last + rng.Intn(3)*rng.Intn(4)
				q.push(entry{waiting[atom], atom})
				atom++
				continue
			}
			e, ok := q.pop()
			if ok != (len(waiting) > 0) {
				t.Fatalf("%d wait, and pop says %v", len(waiting), ok)
			}
			if !ok {
				continue
			}
			if v, there := waiting[e.atom]; !there || v != e.value || v < last {
				t.Fatalf("popped %v after %d, waiting %v", e, last, waiting)
			}
			for _, v := range waiting {
				if v < e.value {
					t.Fatalf("popped %v before %d", e, v)
				}
			}
			last = e.value
			delete(waiting, e.atom)
		}
	}
}
