// Package reason has the reasons for which engines give up. They stand in evidence, which refuses any other: nothing can check that a search was long.
package reason

import (
	"regexp"
	"slices"
	"strings"
)

// The reasons.
const (
	Stuck     = "the attack that ignores what is deleted, must stay false or is chosen otherwise does not replay"
	Limits    = "the search for an attack reached its limits"
	Cancelled = "stopped before it was decided" // the context ended
	Quick     = "only what is found at once was looked for"
	ManySets  = "there are more minimal sets of decisions than the limit"
	Hard      = "the certificate is too hard to check within the limits" // as the judge says it
	TooLarge  = "the question is too large for the engines that it needs"
	Laws      = "what stays the same was not looked for"                                           // where a whole is needed for that, and only a slice is there
	Spent     = "no attack of fewer than %d steps, and no proof within %d conflicts and questions" // with both numbers
)

var known = func() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, text := range []string{Stuck, Limits, Cancelled, Quick, ManySets, Hard, TooLarge, Laws, Spent} {
		out = append(out, regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(text), "%d", "[0-9]{1,9}")+"$"))
	}
	return out
}()

// Known reports whether a text is a reason of an engine, with its numbers filled in.
func Known(text string) bool {
	return slices.ContainsFunc(known, func(r *regexp.Regexp) bool { return r.MatchString(text) })
}
