package cdcl

import (
	"math/rand"
	"slices"
	"testing"
)

// TestQueue puts the queue beside a plain list of variables, the one to decide first at the end.
func TestQueue(t *testing.T) {
	t.Parallel()
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		q := newQueue()
		var list []int32
		var value []int8
		for range 300 {
			v := int32(rng.Intn(len(list) + 1))
			switch {
			case int(v) == len(list):
				q.add(v)
				list = slices.Insert(list, 0, v)
				value = append(value, unset, unset)
			case value[2*v] == unset && rng.Intn(2) == 0: // propagated
				value[2*v] = yes
			case value[2*v] == unset:
				want := nobody
				for _, o := range list {
					if value[2*o] == unset {
						want = o
					}
				}
				if got := q.pick(value); got != want {
					t.Fatalf("seed %d: %d is decided, not %d", seed, got, want)
				}
				value[2*want] = yes
			case rng.Intn(2) == 0:
				q.raise(v)
				i := slices.Index(list, v)
				list = append(slices.Delete(list, i, i+1), v)
			default:
				value[2*v] = unset
				q.free(v)
			}
		}
	}
}
