package threats

import (
	"slices"
	"strings"
)

// SameRef reports whether two references are the same, however they are written: "PCI-DSS 3.5.1" is "PCI DSS-3.5.1".
func SameRef(a, b string) bool { return slices.Equal(refWords(a), refWords(b)) }

// Refers reports whether a threat refers to something: the same, or an entry of it, as "PCI-DSS 3.5.1" is one of "PCI-DSS 3", and "OAT-001" one of "OAT".
func (t *Threat) Refers(ref string) bool {
	want := refWords(ref)
	return len(want) > 0 && slices.ContainsFunc(t.Refs, func(r string) bool {
		have := refWords(r)
		return len(have) >= len(want) && slices.Equal(have[:len(want)], want)
	})
}

// refWords splits a reference into its words and numbers.
func refWords(ref string) []string {
	return strings.FieldsFunc(strings.ToUpper(ref), func(r rune) bool { return strings.ContainsRune(" -:._", r) })
}
