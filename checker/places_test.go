package checker_test

import (
	"slices"
)

// Drawings of places and of what changes hands in them.
func init() {
	drawings = append(drawings,
		drawing{
			name: "an open place adjoins another ↔ the other adjoins it",
			redraw: func(s *sketch) []*sketch {
				var out []*sketch
				for i := range s.parts {
					for _, t := range s.parts[i].with("adjoins") {
						p, o := &s.parts[i], &s.parts[t.to]
						if !p.is("place") || !o.is("place") || !p.is("open_place") && !o.is("open_place") {
							continue // between two closed places, the word says which of them has the door
						}
						c := s.clone()
						c.parts[i].ties = slices.DeleteFunc(c.parts[i].ties, func(u tie) bool { return u.word == "adjoins" && u.to == t.to })
						c.parts[t.to].ties = append(c.parts[t.to].ties, tie{word: "adjoins", to: i})
						out = append(out, c)
					}
				}
				return out
			},
		},
		drawing{
			name: "a machine hands out for a code ↔ it accepts the code, and hands out",
			redraw: func(s *sketch) []*sketch {
				return s.flows(func(p *part) bool {
					return s.parts[p.from].is("device") && p.over("courier_handover") && len(p.with("authenticated by")) > 0
				}, func(c *sketch, i int) {
					from := &c.parts[c.parts[i].from]
					for _, t := range c.parts[i].take("authenticated by") {
						if !from.accepts(t.to) {
							from.ties = append(from.ties, tie{word: "accepts", to: t.to})
						}
					}
				})
			},
		},
	)
}
