package system

// Index says where the literals and facts of a system stand: who has to look again when a literal begins to hold. It is computed once for a system.
type Index struct {
	inputs  lists[Lit]   // by node
	uses    lists[Use]   // by literal
	changes lists[int32] // by fact
}

// Use is a place of a literal in a rule.
type Use int32

// Rule returns the rule.
func (u Use) Rule() int32 { return int32(u >> 1) }

// Condition reports whether the literal is the condition of an effect; otherwise it is one of the guard.
func (u Use) Condition() bool { return u&1 == 1 }

// Inputs returns the gates that a node is an input of: the literal of each, negated where the node is negated as its input. The slice must not be changed.
func (x *Index) Inputs(node int32) []Lit { return x.inputs.at(node) }

// Uses returns the places of a literal in guards, and as a condition of effects unless it is True, by rule. The slice must not be changed.
func (x *Index) Uses(l Lit) []Use { return x.uses.at(int32(l)) }

// Changes returns the rules with effects on a fact, ascending, once for each effect. The slice must not be changed.
func (x *Index) Changes(fact int32) []int32 { return x.changes.at(fact) }

// Index returns the index of a system.
func (s *System) Index() *Index {
	type key struct{}
	return s.Derive(key{}, func() any {
		return &Index{
			inputs: group(s.Nodes(), func(add func(key int32, item Lit)) {
				for n := range int32(s.Nodes()) {
					if kind, ref := s.Node(n); kind == GateNode {
						for _, in := range s.Gate(ref) {
							add(in.Node(), Lit(n)<<1|in&1)
						}
					}
				}
			}),
			uses: group(2*s.Nodes(), func(add func(key int32, item Use)) {
				for r := range int32(s.Rules()) {
					for _, l := range s.Guard(r) {
						add(int32(l), Use(r)<<1)
					}
					for _, e := range s.Effects(r) {
						if e.When != True {
							add(int32(e.When), Use(r)<<1|1)
						}
					}
				}
			}),
			changes: group(s.Facts(), func(add func(key, item int32)) {
				for r := range int32(s.Rules()) {
					for _, e := range s.Effects(r) {
						add(e.Fact, r)
					}
				}
			}),
		}
	}).(*Index)
}

// lists is a compressed array of lists.
type lists[T any] struct {
	start []int32
	items []T
}

// group makes the lists of n keys; each calls its argument with every key and item, the same ones both times.
func group[T any](n int, each func(add func(key int32, item T))) lists[T] {
	l := lists[T]{start: make([]int32, n+2)}
	each(func(k int32, _ T) { l.start[k+2]++ })
	for i := 2; i < len(l.start); i++ {
		l.start[i] += l.start[i-1]
	}
	l.items = make([]T, l.start[n+1])
	each(func(k int32, x T) {
		l.items[l.start[k+1]] = x
		l.start[k+1]++
	})
	return l
}

func (l *lists[T]) at(k int32) []T { return l.items[l.start[k]:l.start[k+1]] }
