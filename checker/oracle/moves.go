package oracle

import (
	"slices"

	"github.com/vauban-verifier/vauban/models"
)

// move is a transition.
type move struct {
	s      state
	threat string // with its binding
	cost   int
	step   *models.Step // with its arguments; nil of others
	args   []string
	forced bool
}

// start is the first state of a run.
func (w *world) start(attackers []*models.Attacker) state {
	s := state{}
	w.s = s
	for _, p := range w.o.m.Design.Processes {
		for _, f := range p.Facts {
			if f.Init {
				w.each(f.Params, func(args []val) { s[name("fact ", f.Name, args)] = "true" })
			}
		}
		for _, v := range p.Vars {
			w.each(v.Params, func(args []val) {
				for i, x := range v.Vars {
					w.env[x] = args[i]
				}
				x, _ := w.term(v.Init)
				s[name("var ", v.Name, args)] = x.text
			})
		}
	}
	for _, a := range attackers {
		for _, st := range a.Start {
			var args []val
			for _, e := range st.Args {
				args = append(args, individual(e, nil))
				if st.Predicate.Name == "controls" && e.Members != nil { // one of them, who attacks
					args[0] = individual(e, map[*models.Element]int8{e: 0})
				}
			}
			s[factName(st.Predicate, args)] = "true"
		}
		for _, e := range a.Is {
			s["controls("+individual(e, map[*models.Element]int8{e: 0}).text+")"] = "true"
		}
		for _, m := range a.Secrets {
			s["secret "+m.Name] = "true"
		}
	}
	return s
}

// each calls yield with all tuples of values of some types.
func (w *world) each(types []models.Type, yield func([]val)) {
	var args []val
	var visit func(i int)
	visit = func(i int) {
		if i == len(types) {
			yield(slices.Clone(args))
			return
		}
		for _, x := range w.o.values(types[i]) {
			args = append(args, x)
			visit(i + 1)
			args = args[:i]
		}
	}
	visit(0)
}

// moves returns all transitions of a state, and notes the steps that a domain stops.
func (w *world) moves(r *models.Requirement, attackers []*models.Attacker, stopped map[string]bool) []move {
	var out []move
	s := w.s
	add := func(next state) { out = append(out, move{s: next}) }
	for _, p := range w.o.m.Design.Processes {
		for _, step := range p.Steps {
			w.o.choose(partners(step), func(who map[*models.Element]int8) {
				w.who = who
				defer func() { w.who = nil }()
				for _, v := range step.For {
					w.env[v] = individual(v.Type.Kind.Actor, who)
				}
				controlled := !slices.ContainsFunc(step.By, func(e *models.Element) bool { return s["controls("+individual(e, who).text+")"] == "" })
				w.with(step.Params, func() bool {
					var args []string
					for _, v := range step.Params {
						args = append(args, w.env[v].text)
					}
					for _, forced := range []bool{false, true} {
						if forced && !controlled {
							continue
						}
						if next := w.step(step, forced, stopped); next != nil {
							out = append(out, move{s: next, step: step, args: args, forced: forced})
						}
					}
					return true
				})
			})
		}
		if len(attackers) == 0 {
			continue
		}
		for _, m := range p.Messages {
			if m.Over.Flow.Blocked {
				continue
			}
			var types []models.Type
			for _, f := range m.Fields {
				types = append(types, f.Type)
			}
			w.o.choose(belongs(m.Over), func(who map[*models.Element]int8) {
				w.who = who
				defer func() { w.who = nil }()
				over := individual(m.Over, who).text
				w.each(types, func(args []val) {
					flight := name("flight ", m.Name+over, args)
					if s["observes("+over+")"] != "" && s[flight] != "" {
						next := s.clone()
						next[name("seen ", m.Name+over, args)] = "true"
						for _, k := range secrets(m, args) {
							next[k] = "true"
						}
						add(next)
					}
					if s["injects("+over+")"] != "" && w.forges(m, args, types) {
						next := s.clone()
						next[flight] = "true"
						add(next)
					}
				})
			})
		}
	}
	if len(attackers) > 0 {
		out = append(out, w.threats(r, attackers)...)
	}
	return out
}

// secrets returns what is known of a message's secret values once it is read.
func secrets(m *models.Message, args []val) []string {
	var out []string
	for i, f := range m.Fields {
		if f.Type.Domain != nil && f.Type.Domain.Secret {
			out = append(out, "secret "+args[i].text)
		}
	}
	return out
}

// forges reports whether an attacker that injects on the flow can send the message.
func (w *world) forges(m *models.Message, args []val, types []models.Type) bool {
	for _, k := range secrets(m, args) {
		if w.s[k] == "" {
			return false
		}
	}
	if m.Signed == nil {
		return true
	}
	key := func(args []val) string {
		for i, f := range m.Fields {
			w.env[f] = args[i]
		}
		key, _ := w.term(m.Signed)
		return key.text
	}
	with := key(args)
	if w.s["knows("+with+")"] != "" {
		return true
	}
	found, mine := false, w.who
	w.o.choose(belongs(m.Over), func(who map[*models.Element]int8) {
		over := individual(m.Over, who).text
		w.each(types, func(other []val) {
			for i := range other {
				if other[i] != args[i] && !m.Unsigned[i] {
					return
				}
			}
			if w.s[name("seen ", m.Name+over, other)] == "" {
				return
			}
			w.who = who
			found = found || over == individual(m.Over, mine).text || key(args) == with // another's message has to be signed by the same
			w.who = mine
		})
	})
	return found
}

// partners returns the actors that stand for many of whom somebody takes part in a step.
func partners(step *models.Step) []*models.Element {
	var out []*models.Element
	add := func(list []*models.Element) {
		for _, a := range list {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	for _, e := range step.By {
		add(belongs(e))
	}
	for _, m := range slices.Concat(step.Receives, step.Sends) {
		add(belongs(m.Message.Over))
	}
	for _, v := range step.For {
		add([]*models.Element{v.Type.Kind.Actor})
	}
	return out
}

// step takes a step under the bindings of w; nil where it is not enabled.
func (w *world) step(step *models.Step, forced bool, stopped map[string]bool) state {
	before := w.s
	var consumed []string
	if !forced {
		for _, m := range step.Receives {
			flight, ok := w.message(m)
			if !ok || before[flight] == "" {
				return nil
			}
			consumed = append(consumed, flight)
		}
		if !w.formula(step.When) {
			return nil
		}
	}
	clear, set, vars := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, c := range consumed {
		clear[c] = true
	}
	// A step is stopped where only what is not declared bounded stands against it.
	refused, outside, twice := false, false, false
	static, addressed := false, map[string]bool{} // which variable it is may depend on the state
	for i := range step.Do {
		e := &step.Do[i]
		w.with(e.Forall, func() bool {
			types := params(e)
			args, ok := w.args(e.Args, types)
			if !ok {
				outside = true
			}
			if e.Fact != nil {
				if v := w.formula(e.Value); ok && v {
					set[name("fact ", e.Fact.Name, args)] = true
				} else if ok {
					clear[name("fact ", e.Fact.Name, args)] = true
				}
				return true
			}
			v, has := w.term(e.Value)
			if !has || !w.o.inside(v, e.Var.Result) {
				if e.Var.Bounded {
					refused = true
				} else {
					outside = true
				}
			}
			if ok && len(w.o.values(models.Type{Base: e.Var.Result.Base, Kind: e.Var.Result.Kind, Domain: e.Var.Result.Domain})) > 0 {
				n := name("var ", e.Var.Name, args)
				depends := slices.ContainsFunc(e.Args, (*models.Expr).MentionsFact)
				if _, again := vars[n]; again {
					twice = true
					static = static || !depends && !addressed[n]
				}
				vars[n] = v.text
				addressed[n] = addressed[n] || depends
			}
			return true
		})
	}
	for _, m := range step.Sends {
		flight, ok := w.message(m)
		if !ok {
			outside = true
			continue
		}
		if !m.Message.Over.Flow.Blocked {
			set[flight] = true
		}
		if forced {
			args, _ := w.args(m.Args, nil)
			for _, k := range secrets(m.Message, args) {
				if before[k] == "" {
					return nil
				}
			}
		}
	}
	switch {
	case refused, forced && twice && static:
		return nil
	case outside, twice:
		stopped[step.Name] = true
		return nil
	}
	next := before.clone()
	for k := range clear {
		delete(next, k)
	}
	for k := range set {
		next[k] = "true"
	}
	for k, v := range vars {
		next[k] = v
	}
	return next
}

func (w *world) message(m models.MessageTerm) (string, bool) {
	var types []models.Type
	for _, f := range m.Message.Fields {
		types = append(types, f.Type)
	}
	args, ok := w.args(m.Args, types)
	return name("flight ", m.Message.Name+individual(m.Message.Over, w.who).text, args), ok
}

// threats returns what the threats of the catalogue do.
func (w *world) threats(r *models.Requirement, attackers []*models.Attacker) []move {
	var out []move
	for _, t := range w.o.m.Catalogue.Threats {
		if !slices.ContainsFunc(attackers, func(a *models.Attacker) bool { return !slices.Contains(a.Without, t.ID) }) {
			continue
		}
		w.with(t.For, func() bool {
			id := t.ID
			var bound []val
			for _, v := range t.For {
				x := w.env[v]
				bound = append(bound, x)
				if x.elem.Flow != nil && x.elem.Flow.Blocked {
					return true
				}
				id += " " + x.text
			}
			if w.withheld(t.Singly, bound, r) || !w.formula(t.When) {
				return true
			}
			next := w.s.clone()
			for _, sets := range []bool{false, true} {
				for _, e := range t.Then {
					args, ok := w.args(e.Args, nil)
					fits := true
					for i, a := range args {
						fits = fits && a.elem != nil && w.fits(e.Predicate, i, a.elem)
					}
					if !ok || !fits || e.Set != sets {
						continue
					}
					if e.Set {
						next[factName(e.Predicate, args)] = "true"
					} else {
						delete(next, factName(e.Predicate, args))
					}
				}
			}
			cost := t.Cost
			for _, h := range t.Harder {
				if w.property(&models.Expr{Op: models.OpHas, Control: h.Control}, w.env[h.Var].elem) {
					cost += h.Cost
				}
			}
			out = append(out, move{s: next, threat: id, cost: cost})
			return true
		})
	}
	return out
}

func params(e *models.Effect) []models.Type {
	if e.Fact != nil {
		return e.Fact.Params
	}
	return e.Var.Params
}

// fits reports whether an element may be an argument of a predicate. Nobody uses an idle flow, so there is nothing on it to observe.
func (w *world) fits(p *models.Predicate, i int, x *models.Element) bool {
	if p.Name == "observes" && slices.ContainsFunc(x.Kinds, func(k *models.Kind) bool { return k.Name == models.Idle }) {
		return false
	}
	return slices.ContainsFunc(p.Ranges(i), func(of *models.Kind) bool {
		return slices.ContainsFunc(x.Kinds, func(k *models.Kind) bool { return k.Is(of) })
	})
}
