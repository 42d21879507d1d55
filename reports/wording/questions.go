package wording

import (
	"fmt"
	"strings"

	"github.com/vauban-verifier/vauban/checker/questions"
)

// Answers says what the answers to a question do: which one breaks what, and how no is said.
func Answers(q questions.Question) string {
	var broken []string
	for _, b := range q.Breaks {
		text := b.Requirement
		if b.Cost > 0 {
			text += fmt.Sprintf(" (cost %d)", b.Cost)
		}
		broken = append(broken, text)
	}
	answers := "`" + strings.Join(q.Yes, "` or `") + "`"
	text := answers + " breaks " + List(broken, MaxList)
	if q.No != "" {
		text += "; `" + q.No + "` says no"
	}
	return text
}

// Silence says how complete a search for questions was, where there is something to say.
func Silence(f *questions.Found) string {
	switch {
	case !f.Complete && len(f.Questions) == 0:
		return fmt.Sprintf("the design is silent about %s; not all answers were tried", Number(f.Silent, "fact"))
	case !f.Complete:
		return "not all answers were tried"
	}
	return ""
}
