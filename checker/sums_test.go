package checker_test

import (
	"fmt"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// TestSumsOfManyTerms searches through guards that ask for an exact sum of many terms, and through variables that such a sum is set to.
func TestSumsOfManyTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		terms, most int
		then        string
		want        checker.Verdict
		steps       int
	}{
		{1200, 1, "step Ship by C when (sum k: K | paid(k)) = 3 do done", checker.Violated, 4},
		{1200, 1, "step Ship by C when (sum k: K | paid(k)) = 1201 do done", checker.Holds, 0},
		{45, 100, "domain T = 0..4500 var total: T = 0 step Add by C do total := sum k: K | paid(k) step Ship by C when total = 200 do done", checker.Violated, 4},
	} {
		text := fmt.Sprintf("design \"Sum\" zone Z: public component C: webapp in Z process P { domain K = 1..%d domain B = 0..%d var paid(K): B = 0 fact done\n"+
			"step Pay(k: K) by C when paid(k) = 0 do paid(k) := %d %s } require R: never done", c.terms, c.most, c.most, c.then)
		r, err := checker.Check(t.Context(), threatstest.Load(t, threatstest.Texts(map[string]string{"d.vbn": text}), "d.vbn"), checker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q := r.Requirements[0]
		if q.Verdict != c.want {
			t.Errorf("%s: %s", c.then, q.Verdict)
		} else if at := q.Cases[0]; at.Attack != nil && len(at.Attack.Steps) != c.steps {
			t.Errorf("%s: %d steps", c.then, len(at.Attack.Steps))
		}
	}
}
