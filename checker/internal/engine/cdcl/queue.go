package cdcl

// queue orders variables by when they were last in a conflict; the latest is decided first. Those that were in none yet come after all others, in the
// order that they were made in. In small questions that is most of them.
//
// It is a list in ascending order, and decisions go down from where the last one was: what is above has a value. So a variable costs no more
// than a few steps, where a heap takes a logarithmic number for each that gets or loses its value.
type queue struct {
	links       []link // by variable
	first, last int32
	at          int32 // all variables above it have values
	low, high   int64 // stamps in use
}

// link is a variable's place. Stamps ascend with the order.
type link struct {
	below, above int32
	stamp        int64
}

// nobody is the variable beyond either end.
const nobody = int32(-1)

func newQueue() queue { return queue{first: nobody, last: nobody, at: nobody} }

// add makes a variable the lowest.
func (q *queue) add(v int32) {
	q.low--
	q.links = append(q.links, link{nobody, q.first, q.low})
	if q.first == nobody {
		q.last, q.at = v, v
	} else {
		q.links[q.first].below = v
	}
	q.first = v
}

// raise makes a variable that has a value the highest.
func (q *queue) raise(v int32) {
	l := &q.links[v]
	q.high++
	l.stamp = q.high
	if v == q.last {
		return
	}
	if v == q.at { // there is one above that has a value too, and stands for the same
		q.at = l.above
	}
	q.links[l.above].below = l.below
	if l.below == nobody {
		q.first = l.above
	} else {
		q.links[l.below].above = l.above
	}
	q.links[q.last].above = v
	l.below, l.above = q.last, nobody
	q.last = v
}

// free notes that a variable has lost its value.
func (q *queue) free(v int32) {
	if q.links[v].stamp > q.links[q.at].stamp {
		q.at = v
	}
}

// pick returns the highest variable without a value, or nobody.
func (q *queue) pick(value []int8) int32 {
	for v := q.at; v != nobody; v = q.links[v].below {
		if value[2*v] == unset {
			q.at = v
			return v
		}
	}
	return nobody
}
