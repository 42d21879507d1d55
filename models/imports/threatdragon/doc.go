// Package threatdragon imports models of OWASP Threat Dragon, versions 1 and 2: actors, processes, stores, flows, trust boundaries.
//
// Where something stands is seen from the drawing: a boundary that is a box contains what has its middle in it, the smallest box counts, and a box in a box is a zone in a zone unless the outer
// one is the Internet. A boundary that is a curve contains nothing; flows whose ends lie on different sides of it cross a line that no zone is made of, which the notes say.
//
// # Limitations
//
// Threats and mitigations are left out. Whatever lies in no box is outside of all: actors on the Internet, the rest in one private network, by guess.
//
// Source: https://github.com/OWASP/threat-dragon, schemas 1 and 2.
package threatdragon
