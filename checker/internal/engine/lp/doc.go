// Package lp solves linear programs with few rows, which are added one after the other: the cheapest point that satisfies all rows, and what each row adds to its cost.
//
//  1. Variable, AtLeast: a new variable is 0; a new row says by how much the point exceeds or misses what it asks for.
//  2. Solve: as long as a row is missed, it is made to be met exactly, by a variable that was 0 and that makes the point dearer by the least for what it does (dual simplex). So
//     every point on the way costs no more than the optimum, and a program with one more row goes on from where it was.
//  3. Price: the dual values, by which a row weighs.
//
// What differs from a solver of linear programs: there are no bounds on variables, no equations and no first phase, since the points of coverings need none; work is counted, and products are rounded before they are
// added, so that limits and results are the same on every machine.
//
// A wrong value makes a bound lower or is noticed: who takes dual values for a proof rounds them to whole parts, and adds up anew what they come to.
//
// # Limitations
//
// The tableau is dense, in floating point, and never refactored: some hundred rows, some thousand columns. It may come to wrong values by rounding errors, so that who uses it has to check them. Ties are not
// broken so that cycles are excluded: work is limited.
//
// Sources: Lemke, "The dual method of solving the linear programming problem", 1954; Dantzig, Fulkerson & Johnson 1954 (rows on demand).
package lp
