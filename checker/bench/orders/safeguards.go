package orders

import (
	"fmt"
	"strings"
)

// Safeguards are components that each make sure of the same by themselves, of which so many may fail: whether each works is a frozen choice, of which
// the proof must hold under each combination that is allowed. The zero value has none. What is made sure of holds as long as one works.
type Safeguards struct{ There, Failing int }

func (s Safeguards) names() []string {
	out := make([]string, s.There)
	for i := range out {
		out[i] = fmt.Sprintf("Guard%d", i+1)
	}
	return out
}

// use is the catalogue that has their control.
func (s Safeguards) use() string {
	if s.There == 0 {
		return "core"
	}
	return "retail"
}

func (s Safeguards) components() string {
	out := ""
	for _, name := range s.names() {
		out += fmt.Sprintf("component %s: component in Internet { has input_validation }\n", name)
	}
	return out
}

// keep is a formula that the safeguards make sure of.
func (s Safeguards) keep(formula string) string {
	if s.There == 0 {
		return formula
	}
	var fail []string
	for _, name := range s.names() {
		fail = append(fail, "not "+name+" has input_validation")
	}
	return fmt.Sprintf("(%s or %s)", formula, strings.Join(fail, " and "))
}

func (s Safeguards) tolerating() string {
	if s.Failing == 0 {
		return ""
	}
	return fmt.Sprintf(" tolerating %d failures", s.Failing)
}
