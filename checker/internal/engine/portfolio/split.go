package portfolio

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/vauban-verifier/vauban/checker/certify"
	"github.com/vauban-verifier/vauban/checker/internal/engine/trim"
	"github.com/vauban-verifier/vauban/checker/slice"
	"github.com/vauban-verifier/vauban/checker/system"
)

// When a question is split, and into how much.
const (
	splitAfter = 1 << 15 // work of a search without an answer
	splitAgain = 2       // after so many times as much as before
	splitWork  = 2       // and that much more work for all pieces together,
	pieceWork  = 3       // of which none gets more than this part of what was done: a piece that is not far easier than the whole does not pay
	firstParts = 8
	maxParts   = 32

	maxTried  = 16      // choices that are tried to split a part by
	maxLooked = 1 << 26 // rules and nodes that are looked at for all splits of a question
)

// part is a question under some choices, or two parts that one more choice tells apart.
type part struct {
	under []system.Lit // in the numbers of the slice of the question
	slice *slice.Slice // of the slice of the question
	size  int
	proof *system.Certificate
	whole bool // no choice makes anything of it smaller

	choice  system.Lit
	yes, no *part // nil: it is in one piece
}

// pieces are the parts of a part that are in one piece, in order.
func (p *part) pieces() []*part {
	if p.yes == nil {
		return []*part{p}
	}
	return append(p.yes.pieces(), p.no.pieces()...)
}

// certificate returns the proof of a part all pieces of which are proved, in the numbers of the question.
func (p *part) certificate(sl *slice.Slice) system.Certificate {
	if p.yes == nil {
		return *p.proof
	}
	return system.Certificate{Split: &system.Split{Choice: sl.Original(p.choice), Given: p.yes.certificate(sl), Not: p.no.certificate(sl)}}
}

// splitter splits the question of a search, whose work so far it is told.
type splitter struct {
	s      *solver
	q      *system.Question
	sl     *slice.Slice
	root   *part
	after  int64 // work
	most   int   // pieces
	looked int
}

func newSplitter(s *solver, q *system.Question, sl *slice.Slice) *splitter {
	return &splitter{s: s, q: q, sl: sl, root: &part{size: sl.Question.System.Nodes() + sl.Question.System.Rules()}, after: splitAfter, most: firstParts}
}

// try has the question answered piece by piece, where so much has been done on it in vain that it is time to. All pieces together may take twice as much, and none more than a third of it. The largest goes first, and
// one that is not answered ends it; what is proved by then is known the next time. Pieces that come to the same question are asked once. So a split that does not pay takes little. It returns what was
// set aside for the pieces.
func (x *splitter) try(done, left int64) (f found, aside int64, err error) {
	if x.s.opt.Part || done < x.after || left < splitWork*done {
		return f, 0, nil
	}
	x.after = splitAgain * done
	x.divide()
	x.most = min(2*x.most, maxParts)
	open := slices.DeleteFunc(x.root.pieces(), func(p *part) bool { return p.proof != nil })
	if x.root.yes == nil {
		return f, 0, nil
	}
	slices.SortStableFunc(open, func(a, b *part) int { return cmp.Compare(b.size, a.size) })
	var (
		asked []*system.Question
		alike [][]*part // by what is asked: the pieces that it is the question of
		index = map[string]int{}
	)
	for _, p := range open {
		form := p.slice.Form()
		if _, known := index[form]; !known {
			index[form] = len(asked)
			asked, alike = append(asked, x.question(p)), append(alike, nil)
		}
		alike[index[form]] = append(alike[index[form]], p)
	}
	limits := x.s.opt
	limits.Part, limits.MaxWork = true, min(done/pieceWork, splitWork*done/int64(len(asked)))
	err = x.s.answers(asked, limits, func(i int, p system.Proposal) (more bool) {
		aside += limits.MaxWork
		x.s.spent += limits.MaxWork
		if len(p.Attacks) > 0 { // which may rely on what the piece is under
			f.run = trim.Attack(x.q, p.Attacks[0].Rules, slices.Concat(p.Attacks[0].Choices, asked[i].Fixed[len(x.q.Fixed):]))
		}
		for k, like := range alike[i] {
			if p.Holds != nil && (k == 0 || certify.Certificate(x.s.ctx, x.question(like), p.Holds) == nil) {
				like.proof = p.Holds
			}
		}
		return p.Holds != nil
	})
	if err == nil && !slices.ContainsFunc(open, func(p *part) bool { return p.proof == nil }) {
		proof := x.root.certificate(x.sl)
		f.proof = &proof
	}
	return f, aside, err
}

// question is that of a piece.
func (x *splitter) question(p *part) *system.Question {
	q := *x.q
	q.Fixed = slices.Clone(q.Fixed)
	for _, l := range p.under {
		q.Fixed = append(q.Fixed, x.sl.Original(l))
	}
	return &q
}

// divide divides the largest piece, until there are as many as there may be.
func (x *splitter) divide() {
	for {
		pieces := x.root.pieces()
		var largest *part
		for _, p := range pieces {
			if p.proof == nil && !p.whole && p.size > 0 && (largest == nil || p.size > largest.size) {
				largest = p
			}
		}
		if largest == nil || len(pieces) >= x.most {
			return
		}
		x.cut(largest)
	}
}

// under returns the slice of the question under choices, and its size; 0 where nothing is left to be asked.
func (x *splitter) under(choices []system.Lit) (*slice.Slice, int) {
	q := *x.sl.Question
	q.Fixed = choices
	sl := slice.Of(&q)
	x.looked += q.System.Nodes() + q.System.Rules()
	if sl.Question.MaxFailures < 0 || sl.Question.Bad == system.False {
		return sl, 0
	}
	return sl, sl.Question.System.Nodes() + sl.Question.System.Rules()
}

// cut divides a piece by the choice that leaves least of both sides, of those that are in most places.
func (x *splitter) cut(p *part) {
	p.whole = true
	sl, _ := x.under(p.under)
	best := 2 * int64(p.size) * int64(p.size)
	for _, l := range frequent(sl) {
		if x.looked > maxLooked {
			return
		}
		yes, no := append(slices.Clip(p.under), l), append(slices.Clip(p.under), l.Not())
		s, a := x.under(yes)
		t, b := x.under(no)
		if both := int64(a)*int64(a) + int64(b)*int64(b); both < best {
			best, p.whole, p.choice = both, false, l
			p.yes, p.no = &part{under: yes, slice: s, size: a}, &part{under: no, slice: t, size: b}
		}
	}
}

// frequent returns the choices of a slice that are in most places, in the numbers of what it is a slice of.
func frequent(sl *slice.Slice) []system.Lit {
	s := sl.Question.System
	places := make([]int, s.Nodes())
	note := func(l system.Lit) { places[l.Node()]++ }
	for n := range int32(s.Nodes()) {
		if kind, ref := s.Node(n); kind == system.GateNode {
			for _, l := range s.Gate(ref) {
				note(l)
			}
		}
	}
	for r := range int32(s.Rules()) {
		for _, l := range s.Guard(r) {
			note(l)
		}
		for _, e := range s.Effects(r) {
			note(e.When)
		}
		for _, e := range s.Extras(r) {
			note(e.When)
		}
	}
	order := make([]int32, s.Choices())
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(places[s.Choice(b).Node()], places[s.Choice(a).Node()]) })
	var out []system.Lit
	for _, i := range order[:min(len(order), maxTried)] {
		out = append(out, sl.Choices[i])
	}
	return out
}

// answers has pieces answered, here one after the other or elsewhere side by side, and hands the answers on in order until no more are wanted. What comes from elsewhere is checked, and asked again here where it is refused.
func (s *solver) answers(pieces []*system.Question, limits Options, take func(i int, p system.Proposal) (more bool)) error {
	here := func(i int) (system.Proposal, error) { return Run(s.ctx, pieces[i], limits) }
	answer := here
	if elsewhere := s.opt.Elsewhere; elsewhere != nil {
		ctx, cancel := context.WithCancel(s.ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		type said struct {
			p   system.Proposal
			err error
		}
		all := make([]chan said, len(pieces))
		for i, q := range pieces {
			all[i] = make(chan said, 1)
			wg.Go(func() {
				p, err := elsewhere(ctx, q, limits)
				if err == nil {
					err = certify.Proposal(ctx, q, &p)
				}
				all[i] <- said{p, err}
			})
		}
		answer = func(i int) (system.Proposal, error) {
			if x := <-all[i]; x.err == nil {
				return x.p, nil
			}
			return here(i)
		}
	}
	for i := range pieces {
		p, err := answer(i)
		if err != nil || s.ctx.Err() != nil || !take(i, p) {
			return err
		}
	}
	return nil
}
