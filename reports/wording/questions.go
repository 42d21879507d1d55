package wording

import (
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Answers says what the answers to a question do: which one breaks what, and how no is said.
func Answers(q questions.Question) string {
	var broken []string
	for _, b := range q.Breaks {
		broken = append(broken, Breaks(b))
	}
	answers := "`" + strings.Join(q.Yes, "` or `") + "`"
	text := answers + " breaks " + plain.List(broken, plain.MaxList)
	if q.No != "" {
		text += "; `" + q.No + "` says no"
	}
	return text
}

// Breaks names a requirement that an answer breaks, with what the attack costs then.
func Breaks(b questions.Broken) string {
	if b.Cost > 0 {
		return fmt.Sprintf("%s (cost %d)", b.Requirement, b.Cost)
	}
	return b.Requirement
}

// Silence says how complete a search for questions was, where there is something to say.
func Silence(f *questions.Found) string {
	switch {
	case !f.Complete && len(f.Questions) == 0:
		return fmt.Sprintf("the design is silent about %s; not all answers were tried", plain.Number(f.Silent, "fact"))
	case !f.Complete:
		return "not all answers were tried"
	}
	return ""
}
