// Package layered lays out a graph of boxes within boxes from left to right, with lines that turn at right angles and pass no box.
//
// The way is that of Sugiyama, Tagawa and Toda, done in every group apart and joined at the borders. In each group the children stand in columns: lines
// point to the right where they can (cycles are broken as Eades, Lin and Smyth do), and stay short. A line that passes a
// column gets a lane of its own there, and a line that leaves a group gets a port on its left or right border; so no line ever runs through a box that it
// has nothing to do with. Within a column, boxes and lanes are ordered by the mean height of their neighbours and then by swaps that remove crossings; they are
// placed as near to that mean as their order allows, exactly (pool adjacent violators). Groups are laid out from the inside out, several times, so that inner
// ports get to know where their lines go; the round with the fewest crossings stays. Between two columns, vertical pieces get tracks such that lines that need
// not cross do not. A label gets room of its own: in the lane of its line, or beside the column where the line begins.
//
// Lines of one [Edge.Bus] have their lanes, ports and tracks in common from where they meet to where they part, so they are drawn as one with branches. A row of
// columns that would be a long strip is folded: to the right, and back below.
//
// All coordinates are integers and all ties are broken by index, so the same graph gives the same layout on every machine.
//
// # Limitations
//
// A line between a group and something inside of it is not drawn. Lines that are of no bus do not share tracks, so dense graphs become tall and wide.
//
// Sources: Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures", 1981; Eades, Lin & Smyth, "A fast and
// effective heuristic for the feedback arc set problem", 1993; Sander, "Layout of compound directed graphs", 1996.
package layered
