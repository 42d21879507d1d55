package explain

import (
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/ground"
)

// Bound says what a domain stops, and what to do about it.
func Bound(b *ground.Bound) string {
	var args []string
	for _, a := range b.Args {
		args = append(args, a.Value)
	}
	step := b.Step.Name
	if len(args) > 0 {
		step += "(" + strings.Join(args, ", ") + ")"
	}
	if b.Forced {
		step += ", forced,"
	}
	if b.Twice {
		return fmt.Sprintf("it holds for as long as no step sets a variable twice, but step %s can come to give %s two values at once", step, b.Target)
	}
	text := fmt.Sprintf("it holds within its domains only: step %s can come to take %s out of %s", step, b.Target, b.Domain)
	return text + "; widen the domain, or declare the variable `bounded` where the real system refuses there, too"
}
