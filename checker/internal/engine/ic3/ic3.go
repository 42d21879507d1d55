package ic3

import (
	"slices"

	"github.com/vauban-verifier/vauban/checker/internal/engine/cdcl"
	"github.com/vauban-verifier/vauban/checker/internal/engine/circuit"
)

// Status is the answer of a [Checker].
type Status int

// The answers. Unknown means that the limit was reached, or that the checker was told to stop.
const (
	Unknown Status = iota
	Safe
	Unsafe
)

// cube is a conjunction of latch literals, ascending.
type cube []circuit.Lit

// lemma is a blocked cube, with a set of bits that tells most cubes apart that it is no part of.
type lemma struct {
	cube cube
	sign uint64
}

// frame holds the lemmas that are true up to it and not known to be true later.
type frame struct {
	s      *cdcl.Solver
	at     *circuit.Frame
	lemmas []lemma
}

// obligation is a cube to be blocked in a frame: each of its states reaches the bad one, in depth steps.
type obligation struct {
	cube   cube
	level  int
	depth  int
	inputs []bool // that lead on
	next   *obligation
}

// Checker runs IC3 on a circuit.
type Checker struct {
	// Similar, when it is set, returns cubes that may be as unreachable as a given one, such as those of other members of a domain. They are
	// asked about like any others, so that it need not be right.
	Similar func(cube []circuit.Lit) [][]circuit.Lit

	c         *circuit.Circuit
	loader    *circuit.Loader
	stop      func() bool
	frames    []*frame
	queue     queue
	activity  []float64 // by latch
	bump      float64
	initial   []int8 // by latch: 1, -1, or 0 when free
	conflicts int64
	questions int64
	limit     int64 // of work
	pushing   bool  // lemmas are to be moved to the last frame

	trace     *circuit.Trace
	invariant [][]circuit.Lit

	justifier
	clause  []cdcl.Lit
	primed  []cdcl.Lit
	scratch cube
}

// New returns a Checker. It stops when stop says so.
func New(c *circuit.Circuit, stop func() bool) *Checker {
	k := &Checker{c: c, loader: circuit.NewLoader(c), stop: stop, bump: 1, activity: make([]float64, len(c.Latches))}
	k.justifier.init(c)
	for _, l := range c.Latches {
		switch l.Init {
		case circuit.Zero:
			k.initial = append(k.initial, -1)
		case circuit.One:
			k.initial = append(k.initial, 1)
		default:
			k.initial = append(k.initial, 0)
		}
	}
	first := k.addFrame()
	for _, l := range c.Latches {
		switch l.Init {
		case circuit.Zero:
			first.s.AddClause(first.at.Lit(l.Lit).Not())
		case circuit.One:
			first.s.AddClause(first.at.Lit(l.Lit))
		}
	}
	return k
}

func (k *Checker) addFrame() *frame {
	s := cdcl.New()
	s.Stop = k.stop
	yes := s.NewVar()
	s.AddClause(yes)
	f := &frame{s: s, at: k.loader.NewFrame(s, yes)}
	for _, l := range k.c.Constraints {
		s.AddClause(f.at.Lit(l))
	}
	k.frames = append(k.frames, f)
	return f
}

// Depth returns the number of steps in which no run violates the circuit.
func (k *Checker) Depth() int { return max(len(k.frames)-2, 0) }

// Conflicts returns the number of conflicts so far.
func (k *Checker) Conflicts() int64 { return k.conflicts }

// Work returns the number of conflicts and questions so far, which is what limits count.
func (k *Checker) Work() int64 { return k.conflicts + k.questions }

// Trace returns the run that was found, when the answer is Unsafe.
func (k *Checker) Trace() *circuit.Trace { return k.trace }

// Invariant returns the clauses that were found, over latches, when the answer is Safe.
func (k *Checker) Invariant() [][]circuit.Lit { return k.invariant }

// ask puts a question to a frame's solver and counts it.
func (k *Checker) ask(f *frame, clause, assume []cdcl.Lit) cdcl.Status {
	if k.Work() >= k.limit || k.stop != nil && k.stop() {
		return cdcl.Unknown
	}
	before := f.s.Conflicts
	f.s.Limit = before + k.limit - k.Work()
	var st cdcl.Status
	if clause == nil {
		st = f.s.Solve(assume)
	} else {
		st = f.s.SolveWith(clause, assume)
	}
	k.conflicts += f.s.Conflicts - before
	k.questions++
	return st
}

// Run goes on for that much more work.
func (k *Checker) Run(work int64) Status {
	k.limit = k.Work() + work
	for {
		if st := k.block(); st != Safe {
			return st
		}
		if k.pushing {
			if st := k.push(); st != Unsafe {
				return st
			}
			k.pushing = false
		}
		last := len(k.frames) - 1
		f := k.frames[last]
		switch k.ask(f, nil, []cdcl.Lit{f.at.Lit(k.c.Bad)}) {
		case cdcl.Unknown:
			return Unknown
		case cdcl.Unsat:
			k.addFrame()
			k.pushing = last > 0
		case cdcl.Sat:
			k.read(f)
			k.targets = append(k.targets[:0], k.c.Bad)
			o := &obligation{cube: k.justify(), level: last, inputs: k.inputs()}
			if last == 0 {
				k.found(o)
				return Unsafe
			}
			k.queue.push(o)
		}
	}
}

// block blocks what is in the queue. Safe means that it is empty.
func (k *Checker) block() Status {
	for len(k.queue) > 0 {
		o := k.queue.pop()
		if at := k.blockedAt(o); at >= o.level {
			if o.level = at + 1; o.level < len(k.frames) {
				k.queue.push(o)
			}
			continue
		}
		core, st := k.reaches(o.level-1, o.cube, true)
		switch st {
		case cdcl.Unknown:
			k.queue.push(o)
			return Unknown
		case cdcl.Sat:
			p := &obligation{cube: k.before(o.cube), level: o.level - 1, depth: o.depth + 1, inputs: k.inputs(), next: o}
			if p.level == 0 || !k.excluded(p.cube) {
				k.found(p)
				return Unsafe
			}
			k.queue.push(p)
			k.queue.push(o)
			continue
		}
		core, at, st := k.generalize(core, o.level)
		if st == cdcl.Unknown {
			k.queue.push(o)
			return Unknown
		}
		k.add(core, at)
		if k.images(core, at) == cdcl.Unknown {
			k.queue.push(o)
			return Unknown
		}
		if o.level = at + 1; o.level < len(k.frames) {
			k.queue.push(o)
		}
	}
	return Safe
}

// before returns the cube of states that the last model's state stands for, each of which leads into a cube by the same inputs.
func (k *Checker) before(c cube) cube {
	k.targets = k.targets[:0]
	for _, l := range c {
		k.targets = append(k.targets, k.next(l))
	}
	return k.justify()
}

// next returns the next-state literal of a latch literal.
func (k *Checker) next(l circuit.Lit) circuit.Lit {
	return k.c.Latches[k.c.Index(l.Node())].Next ^ (l & 1)
}

// reaches asks whether a state of a frame leads into a cube from outside of it. Otherwise it returns a part of the cube for which that is
// so too, and which no initial state is in.
func (k *Checker) reaches(level int, c cube, outside bool) (cube, cdcl.Status) {
	f := k.frames[level]
	k.primed = k.primed[:0]
	for _, l := range c {
		k.primed = append(k.primed, f.at.Lit(k.next(l)))
	}
	var clause []cdcl.Lit
	if outside {
		k.clause = k.clause[:0]
		for _, l := range c {
			k.clause = append(k.clause, f.at.Lit(l).Not())
		}
		clause = k.clause
	}
	st := k.ask(f, clause, k.primed)
	switch st {
	case cdcl.Sat:
		k.read(f)
	case cdcl.Unsat:
		core := f.s.Core()
		var out cube
		for i, l := range c {
			if slices.Contains(core, k.primed[i]) {
				out = append(out, l)
			}
		}
		return k.exclude(out, c), st
	}
	return nil, st
}

// excluded reports whether no initial state is in a cube.
func (k *Checker) excluded(c cube) bool { return slices.ContainsFunc(c, k.neverFirst) }

func (k *Checker) neverFirst(l circuit.Lit) bool {
	v := k.initial[k.c.Index(l.Node())]
	return v == 1 && l.Negated() || v == -1 && !l.Negated()
}

// exclude adds to a part of a cube a literal that keeps the initial states out.
func (k *Checker) exclude(part, whole cube) cube {
	if k.excluded(part) {
		return part
	}
	i := slices.IndexFunc(whole, k.neverFirst)
	part = append(part, whole[i])
	slices.Sort(part)
	return part
}

// generalize shortens a cube that the frame before level does not lead into, and returns it with the latest frame that it is blocked in.
func (k *Checker) generalize(c cube, level int) (cube, int, cdcl.Status) {
	order := slices.Clone(c)
	slices.SortStableFunc(order, func(a, b circuit.Lit) int {
		x, y := k.activity[k.c.Index(a.Node())], k.activity[k.c.Index(b.Node())]
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for _, l := range order {
		i, ok := slices.BinarySearch(c, l)
		if !ok || len(c) == 1 {
			continue
		}
		k.scratch = append(append(k.scratch[:0], c[:i]...), c[i+1:]...)
		if !k.excluded(k.scratch) {
			continue
		}
		part, st := k.reaches(level-1, k.scratch, true)
		switch st {
		case cdcl.Unknown:
			return nil, 0, st
		case cdcl.Unsat:
			c = part
		}
	}
	for level < len(k.frames)-1 {
		part, st := k.reaches(level, c, true)
		if st == cdcl.Unknown {
			return nil, 0, st
		}
		if st == cdcl.Sat {
			break
		}
		c = part
		level++
	}
	return c, level, cdcl.Unsat
}

// images blocks what is similar to a cube that was blocked, where that can be done as it is.
func (k *Checker) images(c cube, level int) cdcl.Status {
	if k.Similar == nil {
		return cdcl.Sat
	}
	for _, image := range k.Similar(c) {
		if !k.excluded(image) || k.blockedAt(&obligation{cube: image, level: level}) >= level {
			continue
		}
		part, st := k.reaches(level-1, image, true)
		switch st {
		case cdcl.Unknown:
			return st
		case cdcl.Unsat:
			k.add(part, level)
		}
	}
	return cdcl.Sat
}

// add blocks a cube in all frames up to a level.
func (k *Checker) add(c cube, level int) {
	for _, l := range c {
		k.bumpLatch(k.c.Index(l.Node()))
	}
	k.bump *= 1.05
	m := lemma{c, signature(c)}
	for i := 1; i <= level; i++ {
		f := k.frames[i]
		f.lemmas = slices.DeleteFunc(f.lemmas, m.covers)
		k.clause = k.clause[:0]
		for _, l := range c {
			k.clause = append(k.clause, f.at.Lit(l).Not())
		}
		f.s.AddClause(k.clause...)
	}
	k.frames[level].lemmas = append(k.frames[level].lemmas, m)
}

func (k *Checker) bumpLatch(i int) {
	if k.activity[i] += k.bump; k.activity[i] > 1e100 {
		for j := range k.activity {
			k.activity[j] *= 1e-100
		}
		k.bump *= 1e-100
	}
}

func signature(c cube) (s uint64) {
	for _, l := range c {
		s |= 1 << (l % 61)
	}
	return s
}

// covers reports whether a lemma says no less than another: its cube is a part of the other's.
func (m lemma) covers(o lemma) bool {
	if m.sign&^o.sign != 0 || len(m.cube) > len(o.cube) {
		return false
	}
	i := 0
	for _, l := range o.cube {
		if i < len(m.cube) && m.cube[i] == l {
			i++
		}
	}
	return i == len(m.cube)
}

// blockedAt returns the latest frame in which a lemma blocks all of an obligation's cube, or -1.
func (k *Checker) blockedAt(o *obligation) int {
	c := lemma{o.cube, signature(o.cube)}
	for i := len(k.frames) - 1; i >= o.level; i-- {
		for _, m := range k.frames[i].lemmas {
			if m.covers(c) {
				return i
			}
		}
	}
	return -1
}

// push moves lemmas to later frames. Safe means that two frames agree.
func (k *Checker) push() Status {
	for i := 1; i < len(k.frames)-1; i++ {
		f := k.frames[i]
		for _, m := range slices.Clone(f.lemmas) {
			if !slices.ContainsFunc(f.lemmas, func(o lemma) bool { return slices.Equal(o.cube, m.cube) }) {
				continue // covered by one that went before
			}
			part, st := k.reaches(i, m.cube, false)
			switch st {
			case cdcl.Unknown:
				return Unknown
			case cdcl.Unsat:
				k.add(part, i+1)
			}
		}
		if len(f.lemmas) == 0 {
			for _, g := range k.frames[i+1:] {
				for _, m := range g.lemmas {
					clause := make([]circuit.Lit, len(m.cube))
					for j, l := range m.cube {
						clause[j] = l.Not()
					}
					k.invariant = append(k.invariant, clause)
				}
			}
			return Safe
		}
	}
	return Unsafe
}

// found makes the trace that starts with an obligation.
func (k *Checker) found(o *obligation) {
	t := &circuit.Trace{Latches: make([]bool, len(k.c.Latches))}
	for i, v := range k.initial {
		t.Latches[i] = v == 1
	}
	for _, l := range o.cube {
		t.Latches[k.c.Index(l.Node())] = !l.Negated()
	}
	for ; o != nil; o = o.next {
		t.Inputs = append(t.Inputs, o.inputs)
	}
	k.trace = t
}
