package ground

import (
	"slices"
	"sort"
)

// threatRules tells of each rule of a threat which threat it is of, and which elements the variables of that are bound to. Rules of one threat follow each other, and each binds as many elements, so
// these are all that is kept of a rule.
type threatRules struct {
	first []int32   // by threat of the catalogue, and once more at the end: how many rules there are before its own
	bound [][]int32 // by threat: IDs of elements, rule by rule
}

// rules returns how many rules there are.
func (x *threatRules) rules() int32 {
	if len(x.first) == 0 {
		return 0
	}
	return x.first[len(x.first)-1]
}

// add adds the rules of the next threat. What they bind is copied.
func (x *threatRules) add(rules int32, bound []int32) {
	if len(x.first) == 0 {
		x.first = []int32{0}
	}
	x.first = append(x.first, x.rules()+rules)
	x.bound = append(x.bound, slices.Clone(bound))
}

// of returns the rules of a threat: the first one, and the one behind the last.
func (x *threatRules) of(threat int) (from, to int32) { return x.first[threat], x.first[threat+1] }

// threat returns the index of the threat that a rule is of.
func (x *threatRules) threat(rule int32) int {
	return sort.Search(len(x.first), func(i int) bool { return x.first[i] > rule }) - 1
}

// binds returns what the variables of a rule's threat are bound to.
func (x *threatRules) binds(rule int32) []int32 {
	t := x.threat(rule)
	from, to := x.of(t)
	each := int32(len(x.bound[t])) / (to - from)
	at := (rule - from) * each
	return x.bound[t][at : at+each]
}
