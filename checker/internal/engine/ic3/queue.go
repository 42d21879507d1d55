package ic3

import "container/heap"

// queue holds obligations, the earliest frame first, then the one nearest to the bad state.
type queue []*obligation

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if q[i].level != q[j].level {
		return q[i].level < q[j].level
	}
	return q[i].depth < q[j].depth
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(*obligation)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	old := *q
	o := old[len(old)-1]
	*q = old[:len(old)-1]
	return o
}

func (q *queue) push(o *obligation) { heap.Push(q, o) }
func (q *queue) pop() *obligation   { return heap.Pop(q).(*obligation) }
