// Package diagram draws designs: zones as boxes within boxes, people and components in them, flows between them, and over all of that an attack
// step by step or the controls that a proof rests on. It also draws the attack graph of a requirement.
//
// [New] lays out the architecture of a design once (package layered); [Drawing.SVG] writes it as a file of its own, [Drawing.Base] and
// [Drawing.Over] give the parts to a page that shows many scenes over one drawing. [DOT] and [Mermaid] hand the same
// picture to other programs. A [Scene] says what stands out; [Attack], [Proof] and [Broken] make the scenes of a result.
//
// A large design ([Large]) is drawn as an overview: zones stand as one box each, with what is in them counted, and the flows and relations between two of these are one
// line with a number (view.go). [Open] draws it with one zone opened, [About] only what a scene is about. Relations of one name to one target, or from one source, are
// a bus with one label (lines.go, rail.go); what a component runs on is a mark in its box.
//
// Names come from designs and are data. Whatever is written is escaped for its format, control characters are shown as escapes, identifiers are made from
// numbers, and an SVG holds no script, no link to elsewhere and no inline style: its style sheet is [CSS].
//
// The same design gives the same bytes. Widths of text are those of Helvetica, which the fonts named in the style sheet share.
//
// # Limitations
//
// Relations from data or flows are not drawn; the element lists of the HTML report have them. From [compactFrom] things on, boxes are small
// and flows have no labels, except where a scene names them. Mermaid knows no lines to a place within a line, so a flow through others is
// drawn as a chain of lines. From [meshFrom] bare flows on, without name and data, SVG shows them only where a scene names them, as arcs that may cross boxes; so it
// does with all single flows of a view that has more than [maxLines] lines. A design without zones is not folded. DOT has everything, whatever the size.
//
// How many lines cross, and how large drawings are, beside the Eclipse Layout Kernel: BenchmarkBesideELK.
package diagram
