// Package shop draws designs of any size for benchmarks: n components in one of several shapes, and twenty requirements on the data farthest from where the attacker starts. As drawn first,
// without controls, all of them are violated; with controls, all hold in the shapes of tiers and networks. The same question always gets the same text.
//
// # Limitations
//
// A design says no more than what its shape needs: one catalogue, few kinds, no process.
package shop

import (
	"fmt"
	"slices"
	"strings"
)

// Shapes are the shapes of designs.
var Shapes = append([]string{"layers", "wide", "flat", "mesh", "nested", "attackers"}, Hubs...)

// Plan says what to draw.
type Plan struct {
	Shape  string // one of Shapes
	Size   int    // number of components; attackers, shops, callers or clients in the shapes that are about them
	Tier   int    // components in a tier of layers; 0: 20
	Secure bool   // with controls
}

// requirements is how many a design has.
const requirements = 20

// hardened are the controls of a component in a design that is to be secure.
const hardened = "input_validation, output_encoding, hardening"

// shop writes a design.
type shop struct {
	w      strings.Builder
	n      int
	tier   int
	secure bool
	asked  int
}

// Design returns the text of a design. It is an error where there is no such shape, or nothing to draw.
func Design(p Plan) (string, error) {
	if !slices.Contains(Shapes, p.Shape) || p.Size < 1 || p.Tier < 0 {
		return "", fmt.Errorf("no design of shape %q, size %d, tiers of %d: shapes are %s, and there must be something in it", p.Shape, p.Size, p.Tier, strings.Join(Shapes, ", "))
	}
	s := &shop{n: p.Size, tier: p.Tier, secure: p.Secure}
	if s.tier == 0 {
		s.tier = 20
	}
	s.line("design \"%s, %d\"", p.Shape, p.Size)
	s.line("zone Internet: public")
	s.line("actor Shopper: customer in Internet")
	switch p.Shape {
	case "layers":
		s.layers()
	case "wide":
		s.wide()
	case "flat":
		s.flat()
	case "mesh":
		s.mesh()
	case "nested":
		s.nested()
	case "attackers":
		s.attackers()
	case "party":
		s.party()
	case "hub":
		s.spokes("webapp", "https")
	case "broker":
		s.spokes("message_broker", "amqps")
	case "provider":
		s.provider()
	default:
		s.star(stars[p.Shape])
	}
	return s.w.String(), nil
}

func (s *shop) line(format string, args ...any) { fmt.Fprintf(&s.w, format+"\n", args...) }

// component prints component i.
func (s *shop) component(i int, kind, zone string, stores bool) {
	body := ""
	if s.secure {
		body = "has " + hardened
	}
	if stores {
		s.line("data D%d: personal_data", i)
		body += fmt.Sprintf(" stores D%d", i)
	}
	s.line("component C%d: %s in %s { %s }", i, kind, zone, body)
}

// call prints a flow between two components.
func (s *shop) call(name string, from, to int, stores bool) {
	protocol, returns := "https", ""
	if stores {
		protocol, returns = "sql_tls", fmt.Sprintf(" { returns D%d }", to)
	}
	s.line("flow %s: C%d -> C%d over %s%s", name, from, to, protocol, returns)
}

func (s *shop) outsider() { s.line("attacker Outsider { in Internet }") }

// ask requires the secrecy of a component's data, for the first twenty that are asked.
func (s *shop) ask(i int) {
	if s.asked++; s.asked <= requirements {
		s.line("require S%d: confidential D%d", i, i)
	}
}

func (s *shop) layers() {
	s.outsider()
	last := (s.n - 1) / s.tier
	for t := 0; t <= last; t++ {
		s.line("zone Z%d: private", t)
	}
	for i := range s.n {
		t := i / s.tier
		switch {
		case t == last:
			s.component(i, "database", fmt.Sprintf("Z%d", t), true)
		case t == 0:
			s.component(i, "webapp", "Z0", false)
		default:
			s.component(i, "service", fmt.Sprintf("Z%d", t), false)
		}
	}
	for i := range min(s.tier, s.n) {
		s.line("flow B%d: Shopper -> C%d over https", i, i)
	}
	for i := range s.n {
		next := (i/s.tier + 1) * s.tier
		for k, step := range []int{1, 3, 7} {
			if to := next + (i%s.tier*step+k)%s.tier; to < s.n {
				s.call(fmt.Sprintf("F%d_%d", i, k), i, to, to/s.tier == last)
			}
		}
	}
	for i := s.n - 1; i >= last*s.tier; i-- {
		s.ask(i)
	}
}

func (s *shop) wide() {
	const tier = 100
	s.outsider()
	for t := 0; t*tier < s.n; t++ {
		s.line("zone Z%d: private", t)
	}
	store := func(i int) bool { return i >= tier && i%10 == 9 }
	for i := range s.n {
		kind := "service"
		switch {
		case i < tier:
			kind = "webapp"
		case store(i):
			kind = "database"
		}
		s.component(i, kind, fmt.Sprintf("Z%d", i/tier), store(i))
	}
	for i := range min(tier, s.n) {
		s.line("flow Browse%d: Shopper -> C%d over https", i, i)
	}
	for i := 0; i+tier < s.n; i++ {
		to := i + tier
		s.call(fmt.Sprintf("F%d", i), i, to, store(to))
		if other := to - to%tier + (to%tier*7+3)%tier; other < s.n && other != to {
			s.line("flow G%d: C%d -> C%d over https", i, i, other)
		}
	}
	for i := s.n - 1; i >= 0; i-- {
		if store(i) {
			s.ask(i)
		}
	}
}

// path prints components in a chain, in the zones that zone gives; the last twenty store data.
func (s *shop) path(zone func(i int) string) {
	store := func(i int) bool { return i > 0 && i >= s.n-requirements }
	for i := range s.n {
		kind := "service"
		if i == 0 {
			kind = "webapp"
		}
		s.component(i, kind, zone(i), store(i))
	}
	s.line("flow Browse: Shopper -> C0 over https")
	for i := 1; i < s.n; i++ {
		s.call(fmt.Sprintf("F%d", i), i-1, i, store(i))
	}
	for i := s.n - 1; i >= 0; i-- {
		if store(i) {
			s.ask(i)
		}
	}
}

func (s *shop) flat() {
	s.outsider()
	s.line("zone Core: private")
	s.path(func(int) string { return "Core" })
}

func (s *shop) nested() {
	s.outsider()
	for i := range s.n {
		in := ""
		if i > 0 {
			in = fmt.Sprintf(" in N%d", i-1)
		}
		s.line("zone N%d: private%s", i, in)
	}
	s.path(func(i int) string { return fmt.Sprintf("N%d", i) })
}

func (s *shop) mesh() {
	s.outsider()
	s.line("zone Core: private")
	store := func(i int) bool { return i > 0 && i%10 == 9 }
	for i := range s.n {
		kind := "service"
		if i == 0 {
			kind = "webapp"
		}
		s.component(i, kind, "Core", store(i))
	}
	s.line("flow Browse: Shopper -> C0 over https")
	at := uint32(1)
	for i := range s.n {
		seen := map[int]bool{i: true}
		for k := range 5 {
			at = at*1664525 + 1013904223 // Numerical Recipes' generator: the same calls on every run
			to := int(at>>8) % s.n
			if k == 0 {
				to = (i + 1) % s.n
			}
			if !seen[to] {
				seen[to] = true
				s.call(fmt.Sprintf("F%d_%d", i, k), i, to, store(to))
			}
		}
	}
	for i := s.n - 1; i >= 0; i-- {
		if store(i) {
			s.ask(i)
		}
	}
}

func (s *shop) attackers() {
	attackers := s.n
	s.n = 60
	s.layers()
	for i := range attackers {
		s.line("attacker A%d { controls C%d }", i, i%40)
	}
}

func (s *shop) party() {
	s.outsider()
	s.line("zone Core: private")
	for i := range s.n {
		s.component(i, "webapp", "Core", true)
		s.line("flow B%d: Shopper -> C%d over https { returns D%d }", i, i, i)
		s.ask(i)
	}
}

// spokes prints components that all call the first one.
func (s *shop) spokes(hub, protocol string) {
	s.outsider()
	s.line("zone Core: private")
	s.component(0, hub, "Core", false)
	s.line("flow Browse: Shopper -> C1 over https")
	for i := 1; i <= s.n; i++ {
		s.component(i, "webapp", "Core", true)
		s.line("flow F%d: C%d -> C0 over %s { carries D%d }", i, i, protocol, i)
		s.ask(i)
	}
}

func (s *shop) provider() {
	s.outsider()
	s.line("zone Core: private")
	s.line("actor Psp: payment_provider in Internet")
	for i := range s.n {
		s.component(i, "webapp", "Core", true)
		s.line("actor P%d: customer in Internet", i)
		s.line("flow B%d: P%d -> C%d over https { returns D%d }", i, i, i, i)
		s.line("flow R%d: C%d -> Psp over https { through P%d }", i, i, i)
		s.ask(i)
	}
}
