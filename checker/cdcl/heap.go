package cdcl

// heap orders variables by activity. Those that were in no conflict yet are not in it: they are taken in the order that they were made in, after all
// others, at no cost. In small questions that is most of them.
type heap struct {
	vars []int32
	at   []int32 // by variable: its place, or -1
	next int32   // all variables before it have a value or an activity
}

func (h *heap) add(v int32) {
	for int(v) >= len(h.at) {
		h.at = append(h.at, -1)
	}
}

func (h *heap) insert(v int32, activity []float64) {
	if activity[v] == 0 {
		h.next = min(h.next, v)
		return
	}
	if h.at[v] < 0 {
		h.at[v] = int32(len(h.vars))
		h.vars = append(h.vars, v)
		h.up(h.at[v], activity)
	}
}

func (h *heap) raised(v int32, activity []float64) {
	if h.at[v] >= 0 {
		h.up(h.at[v], activity)
	}
}

// pick removes and returns the most active variable without a value, or -1.
func (h *heap) pick(activity []float64, value []int8) int32 {
	for len(h.vars) > 0 {
		v := h.vars[0]
		last := h.vars[len(h.vars)-1]
		h.vars = h.vars[:len(h.vars)-1]
		h.at[v] = -1
		if len(h.vars) > 0 {
			h.vars[0], h.at[last] = last, 0
			h.down(0, activity)
		}
		if value[2*v] == unset {
			return v
		}
	}
	for ; int(h.next) < len(h.at); h.next++ {
		if value[2*h.next] == unset {
			return h.next
		}
	}
	return -1
}

func (h *heap) up(i int32, activity []float64) {
	v := h.vars[i]
	for i > 0 {
		p := (i - 1) / 2
		if activity[h.vars[p]] >= activity[v] {
			break
		}
		h.vars[i] = h.vars[p]
		h.at[h.vars[i]] = i
		i = p
	}
	h.vars[i], h.at[v] = v, i
}

func (h *heap) down(i int32, activity []float64) {
	v := h.vars[i]
	for {
		c := 2*i + 1
		if int(c) >= len(h.vars) {
			break
		}
		if int(c)+1 < len(h.vars) && activity[h.vars[c+1]] > activity[h.vars[c]] {
			c++
		}
		if activity[h.vars[c]] <= activity[v] {
			break
		}
		h.vars[i] = h.vars[c]
		h.at[h.vars[i]] = i
		i = c
	}
	h.vars[i], h.at[v] = v, i
}
