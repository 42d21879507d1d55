package lp

import (
	"math"
	"slices"
)

// What counts as nothing: of values, and of the difference of ratios.
const (
	tiny = 1e-7
	same = 1e-12
)

// Status is how a solution ended.
type Status int

// The answers.
const (
	Optimal    Status = iota
	Infeasible        // no point satisfies all rows
	GaveUp            // within that many pivots there was none
)

// Term is a variable with its coefficient in a row.
type Term struct {
	Var  int
	Coef float64
}

// Program is a linear program: the cheapest point with all variables at least 0 that satisfies rows, each a sum of terms that is at least some number. Costs are not negative.
//
// It is a condensed tableau: each variable is either 0 (a column), or a row that says what it is when columns are not 0. The slack of a row of the program is a variable, too.
type Program struct {
	vars   int       // all variables, slacks among them
	column []int     // by variable: its column, or -1
	row    []int     // by variable: its row, or -1
	cols   []int     // by column: its variable
	rows   []int     // by row: its variable
	at     []float64 // by row: its value
	coef   [][]float64
	price  []float64 // by column: how much dearer a point is for each unit of it
	value  float64
	some   []int // columns of a row
	Work   int64 // entries that were changed so far
}

// Variable adds a variable that no row has yet.
func (p *Program) Variable(cost float64) int {
	v := p.newVar()
	p.column[v] = len(p.cols)
	p.cols = append(p.cols, v)
	p.price = append(p.price, cost)
	for i := range p.coef {
		p.coef[i] = append(p.coef[i], 0)
	}
	return v
}

func (p *Program) newVar() int {
	p.column, p.row = append(p.column, -1), append(p.row, -1)
	p.vars++
	return p.vars - 1
}

// AtLeast adds a row, and returns its slack, a variable: by how much the sum exceeds what it is at least.
func (p *Program) AtLeast(least float64, terms []Term) int {
	coef, at := make([]float64, len(p.cols), len(p.cols)+len(p.cols)/4+1), -least
	for _, t := range terms {
		if c := p.column[t.Var]; c >= 0 {
			coef[c] += t.Coef
			continue
		}
		r := p.row[t.Var]
		at += float64(t.Coef * p.at[r])
		for c, x := range p.coef[r] {
			coef[c] += float64(t.Coef * x)
		}
	}
	v := p.newVar()
	p.row[v] = len(p.rows)
	p.rows, p.at, p.coef = append(p.rows, v), append(p.at, at), append(p.coef, coef)
	return v
}

// Value returns the value of a variable.
func (p *Program) Value(v int) float64 {
	if r := p.row[v]; r >= 0 {
		return p.at[r]
	}
	return 0
}

// Price returns by how much the optimum rises for each unit of a variable: of the slack of a row, its dual value.
func (p *Program) Price(v int) float64 {
	if c := p.column[v]; c >= 0 {
		return p.price[c]
	}
	return 0
}

// Cost returns what the point costs.
func (p *Program) Cost() float64 { return p.value }

// Clone returns a copy.
func (p *Program) Clone() *Program {
	q := *p
	q.some, q.Work = nil, 0
	q.column, q.row, q.cols, q.rows = slices.Clone(p.column), slices.Clone(p.row), slices.Clone(p.cols), slices.Clone(p.rows)
	q.at, q.price, q.coef = slices.Clone(p.at), slices.Clone(p.price), make([][]float64, len(p.coef))
	for i, c := range p.coef {
		q.coef[i] = slices.Clone(c)
	}
	return &q
}

// Drop forgets a row by its slack, and reports whether it did: not where the slack is 0, as the point may rest on the row.
func (p *Program) Drop(slack int) bool {
	r := p.row[slack]
	if r < 0 {
		return false
	}
	last := len(p.rows) - 1
	p.rows[r], p.at[r], p.coef[r] = p.rows[last], p.at[last], p.coef[last]
	p.row[p.rows[r]] = r
	p.rows, p.at, p.coef = p.rows[:last], p.at[:last], p.coef[:last]
	p.row[slack] = -1
	return true
}

// Solve finds the cheapest point by the dual simplex method, from where it was, with that much work at the most.
func (p *Program) Solve(work int64) Status {
	for end := p.Work + work; ; {
		r := -1
		for i, at := range p.at {
			if at < -tiny && (r < 0 || at < p.at[r]) {
				r = i
			}
		}
		if r < 0 {
			return Optimal
		}
		c, least := -1, math.Inf(1)
		for j, x := range p.coef[r] {
			if x <= tiny {
				continue
			}
			if ratio := p.price[j] / x; ratio < least-same || ratio < least+same && x > p.coef[r][c] {
				c, least = j, ratio
			}
		}
		if c < 0 {
			return Infeasible
		}
		if p.Work >= end {
			return GaveUp
		}
		p.pivot(r, c)
	}
}

// pivot makes the variable of a row a column, and that of the column a row. Products are rounded before they are added, so that every machine gets the same.
func (p *Program) pivot(r, c int) {
	in := p.coef[r]
	x := in[c]
	p.some = p.some[:0]
	for j, y := range in {
		if y != 0 {
			in[j] = -y / x
			p.some = append(p.some, j)
		}
	}
	in[c] = 1 / x
	p.at[r] = -p.at[r] / x
	for i, row := range p.coef {
		k := row[c]
		if i == r || k == 0 {
			continue
		}
		row[c] = 0
		for _, j := range p.some {
			row[j] += float64(k * in[j])
		}
		p.at[i] += float64(k * p.at[r])
		p.Work += int64(len(p.some))
	}
	p.Work += int64(len(in))
	k := p.price[c]
	p.price[c] = 0
	for _, j := range p.some {
		p.price[j] = max(0, p.price[j]+float64(k*in[j]))
	}
	p.value += float64(k * p.at[r])
	v, w := p.rows[r], p.cols[c]
	p.rows[r], p.cols[c] = w, v
	p.row[w], p.column[w] = r, -1
	p.column[v], p.row[v] = c, -1
}
