package resolve

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
)

// maxElements is the largest design that is accepted.
const maxElements = 2_000_000

// Design binds every name of a design, checks every formula, and reports all that is wrong. files[0] is the root, the others
// are what it includes, in order. The design is never nil; it may be verified only if diags has no errors.
func Design(files []*dsl.File, v *models.Vocabulary, diags *diag.List) *models.Design {
	r := newResolver(v, diags)
	if part := r.declareAll(files); part || r.overflow {
		return r.d
	}
	r.resolve()
	return r.d
}

func newResolver(v *models.Vocabulary, diags *diag.List) *resolver {
	r := &resolver{
		v:            v,
		d:            &models.Design{Vocabulary: v},
		diags:        diags,
		names:        newNames(),
		attackers:    map[string]*models.Attacker{},
		requirements: map[string]*models.Requirement{},
		others:       map[string]source.Span{},
		said:         map[saying]source.Span{},
		doubtful:     map[*models.Element]bool{},
	}
	r.check = &checker{v: v, names: r.names, diags: diags}
	r.names.elsewhere = r.is
	return r
}

// is says what a word means in a design, wherever that is; "" where it means nothing.
func (r *resolver) is(word string) string {
	switch {
	case r.names.terms[word] != nil:
		return r.names.terms[word].what()
	case r.attackers[word] != nil:
		return anAttacker
	case r.requirements[word] != nil:
		return "a requirement"
	case r.names.domains[word] != nil:
		return "a domain"
	case r.names.messages[word] != nil:
		return "a message"
	case r.names.steps[word].IsValid():
		return "a step"
	case r.v.Kinds[word] != nil:
		return "a kind of " + r.v.Kinds[word].Root().Name
	case r.v.Controls[word] != nil:
		return "a control"
	case r.v.Protocols[word] != nil:
		return "a protocol"
	case r.v.Predicates[word] != nil:
		return "a predicate"
	case r.v.Relations[word] != nil:
		return "a relation"
	case r.v.Attributes[word] != nil:
		return "an attribute"
	case r.v.ThreatIDs[word]:
		return "a threat"
	}
	return ""
}

// declareAll enters all names of a design. It reports whether the files are a part of one.
func (r *resolver) declareAll(files []*dsl.File) (part bool) {
	for i, f := range files {
		r.d.Files = append(r.d.Files, f.Source)
		for _, n := range f.Broken {
			r.names.broken[n.Text] = true
		}
		part = !r.header(f, i == 0) || part
		r.declare(f.Decls, nil)
	}
	return part
}

// resolve says what was declared.
func (r *resolver) resolve() {
	r.extend()
	r.elements()
	r.each()
	r.finish()
	r.processes()
	r.formulas()
	r.spread()
}

// resolver holds what was declared until it is resolved.
type resolver struct {
	v     *models.Vocabulary
	d     *models.Design
	diags *diag.List
	names *names
	check *checker

	groups           []*group
	extends          []*dsl.Extend
	eaches           []*eachIn
	zones            map[*models.Element]dsl.Name // the zone that a zone names, until it is bound
	hosts            map[*models.Element][]source.Span
	said             map[saying]source.Span // what an element may say once, with where it does
	taken            []taken
	defines          []*define
	processDecls     []*processDecl
	attackerDecls    []*dsl.Attacker
	requirementDecls []*dsl.Require
	assumptionDecls  []*dsl.Assume
	waiverDecls      []*dsl.Waive

	attackers    map[string]*models.Attacker
	requirements map[string]*models.Requirement
	others       map[string]source.Span // names of processes and assumptions, with what they are
	overflow     bool
	misfit       bool                     // a kind was of another sort than what it was said of
	doubtful     map[*models.Element]bool // what was declared as another sort than its kinds are of, so that nobody knows which it is
	begun        bool                     // what declarations with syntax errors say counts, too
	values       int                      // in all domains so far
}

// group is the elements of one declaration: `component A, B`, the flows of a fan-out, or those that an `extend` names.
type group struct {
	element  *dsl.Element // one of element, flow and extend
	flow     *dsl.Flow
	extend   *dsl.Extend
	in       *models.Element // the zone that it is nested in
	elements []*models.Element
	ends     [][2]dsl.Name // of flows, by element
}

func (g *group) decl() dsl.Decl {
	switch {
	case g.element != nil:
		return g.element
	case g.flow != nil:
		return g.flow
	}
	return g.extend
}

func (g *group) body() *dsl.Body { return dsl.BodyOf(g.decl()) }

// saying is what an element may say once: a title, the value of an attribute and their like.
type saying struct {
	of   *models.Element
	word string
}

// taken is a control that an element gives back.
type taken struct {
	of      *models.Element
	control models.ControlState
}

// eachIn is an `each` with the zone that it is nested in.
type eachIn struct {
	decl *dsl.Each
	in   *models.Element
}

// header checks that `design` stands once, first in the root file. It returns false where the root is a part of a design: what it speaks of is declared elsewhere.
func (r *resolver) header(f *dsl.File, root bool) bool {
	var first *dsl.Design
	for i, decl := range f.Decls {
		d, ok := decl.(*dsl.Design)
		switch {
		case !ok:
		case !root:
			r.diags.Errorf(CodeHeader, d.Span, "found `design` in an included file, expected it in the including file only")
		case first != nil:
			r.diags.Errorf(CodeHeader, d.Span, "the design has two titles, expected one").Label(first.Span, "first given here")
		default:
			first = d
			r.d.Title = d.Title.Value
			if i > 0 {
				r.diags.Errorf(CodeHeader, d.Span, "found `design` after other declarations, expected it first").Label(f.Decls[0].Pos(), "before this")
			}
		}
	}
	if root && first == nil && !r.names.broken["design"] {
		r.diags.Errorf(CodeHeader, source.Span{File: f.Source}, "this is a part of a design: it has no `design` of its own").
			Helpf("check the file that includes it, or begin this one with `design \"Title\"`")
		return false
	}
	return true
}

// declare enters the names of declarations, in the order written; in is the zone that they are nested in.
func (r *resolver) declare(decls []dsl.Decl, in *models.Element) {
	for _, decl := range decls {
		switch d := decl.(type) {
		case *dsl.Element:
			r.declareElements(d, in)
		case *dsl.Flow:
			r.declareFlows(d)
		case *dsl.Extend:
			r.extends = append(r.extends, d)
		case *dsl.Each:
			r.eaches = append(r.eaches, &eachIn{d, in})
		case *dsl.Define:
			def := &define{decl: d}
			r.defines = append(r.defines, def)
			r.enter(d.Name, &symbol{define: def})
		case *dsl.Attacker:
			r.declareAttacker(d)
		case *dsl.Require:
			r.declareRequirement(d)
		case *dsl.Assume:
			r.declareOther("assumption", d.Name)
			r.assumptionDecls = append(r.assumptionDecls, d)
		case *dsl.Waive:
			r.waiverDecls = append(r.waiverDecls, d)
		case *dsl.Process:
			r.declareOther("process", d.Name)
			r.declareProcess(d)
		case *dsl.Broken:
			if r.begun && d.Begun != nil {
				r.declare([]dsl.Decl{d.Begun}, in)
			}
		}
	}
}

// declareOther enters a name that lives apart from all others of its sort's.
func (r *resolver) declareOther(what string, name dsl.Name) {
	key := what + " " + name.Text
	if first, ok := r.others[key]; ok {
		r.diags.Errorf(codeDuplicate, name.Span, "%s %q is declared twice, expected another name", what, name.Text).Label(first, "first declared here")
		return
	}
	r.others[key] = name.Span
}

// enter makes a name mean a symbol, unless it is taken.
func (r *resolver) enter(name dsl.Name, s *symbol) bool {
	s.span = name.Span
	if dsl.IsWord(name.Text, dsl.ValueWord) {
		r.diags.Errorf(codeReserved, name.Span, "nothing can be called %q, which means something in every formula", name.Text).Helpf("give it another name")
		return false
	}
	if other := r.names.terms[name.Text]; other != nil {
		r.diags.Errorf(codeDuplicate, name.Span, "%q is declared twice, expected another name", name.Text).Label(other.span, "first declared here")
		return false
	}
	r.names.terms[name.Text] = s
	p := r.v.Predicates[name.Text]
	switch {
	case p == nil || s.element != nil || s.member != nil:
	case p.Base: // a requirement that names it would be about something else
		r.diags.Errorf(codeShadow, name.Span, "%q is a predicate of the language, which %s cannot hide", name.Text, s.what()).Helpf("give it another name")
	default:
		r.diags.Warnf(codeShadow, name.Span, "%q hides the predicate of the same name: rename it if formulas need the predicate", name.Text)
	}
	return true
}

// add makes an element of a group and enters its name.
func (r *resolver) add(g *group, name dsl.Name, doc string) *models.Element {
	if len(r.d.Elements) >= maxElements {
		if !r.overflow {
			r.diags.Errorf(codeTooLarge, name.Span, "the design is too large, expected at most %d elements", maxElements)
		}
		r.overflow = true
		return nil
	}
	e := &models.Element{ID: len(r.d.Elements), Name: name.Text, Span: name.Span, Doc: doc}
	r.d.Elements = append(r.d.Elements, e)
	g.elements = append(g.elements, e)
	r.enter(name, &symbol{element: e})
	return e
}

func (r *resolver) declareElements(d *dsl.Element, in *models.Element) {
	g := &group{element: d, in: in}
	r.groups = append(r.groups, g)
	var last *models.Element
	for _, name := range d.Names {
		e := r.add(g, name, d.Doc)
		if e == nil {
			return
		}
		// The root kind stands in until the kinds are bound, so that an element always has one.
		e.Kinds = []*models.Kind{r.v.Kinds[d.Sort.Text]}
		if in != nil {
			e.Zones = []*models.Element{in}
		}
		last = e
	}
	if d.Body == nil {
		return
	}
	nested := make([]dsl.Decl, 0, len(d.Body.Entries))
	for _, entry := range d.Body.Entries {
		switch entry := entry.(type) {
		case *dsl.Clause:
		case *dsl.Broken:
			if r.begun && entry.Begun != nil {
				nested = append(nested, entry)
			}
		default:
			nested = append(nested, entry)
		}
	}
	if len(nested) == 0 {
		return
	}
	if d.Sort.Text != models.ZoneRoot || len(d.Names) > 1 {
		r.diags.Errorf(codeClause, nested[0].Pos(), "found declarations inside %q, expected them inside the braces of one zone", d.Names[0].Text)
		last = in
	}
	r.declare(nested, last)
}

func (r *resolver) declareFlows(d *dsl.Flow) {
	g := &group{flow: d}
	if d.Name != nil && (len(d.Sources) > 1 || len(d.Targets) > 1 || d.Both) {
		r.diags.Errorf(codeFlowName, d.Name.Span, "one name for several flows: %q", d.Name.Text).
			Helpf("leave out the name: each flow is then called by its ends, as in %s->%s", d.Sources[0].Text, d.Targets[0].Text)
	}
	flow := func(from, to dsl.Name, at source.Span) {
		name := dsl.Name{Text: from.Text + "->" + to.Text, Span: at}
		if d.Name != nil && len(g.elements) == 0 {
			name = *d.Name
		}
		e := r.add(g, name, d.Doc)
		if e == nil {
			return
		}
		e.Kinds = []*models.Kind{r.v.Kinds[models.FlowRoot]}
		e.Flow = &models.FlowEnds{Blocked: d.Blocked}
		g.ends = append(g.ends, [2]dsl.Name{from, to})
	}
	for _, s := range d.Sources {
		for _, t := range d.Targets {
			flow(s, t, s.Span.To(t.Span))
			if d.Both {
				flow(t, s, s.Span)
			}
		}
	}
	if d.Name != nil && len(d.Targets) == 0 { // of a draft
		flow(append(d.Sources, dsl.Name{})[0], dsl.Name{}, d.Name.Span)
	}
	if len(g.elements) > 0 {
		r.groups = append(r.groups, g)
	}
}

// find returns the element of that name, or reports that there is none and returns nil.
func (r *resolver) find(name dsl.Name, what string, kinds ...*models.Kind) *models.Element {
	s := r.names.terms[name.Text]
	if s == nil {
		fit := r.names.candidates(func(s *symbol) bool { return s.element != nil && s.element.IsAny(kinds) })
		all := r.names.candidates(func(s *symbol) bool { return s.element != nil })
		if r.names.patience -= len(all); diag.Suggest(name.Text, fit) == "" && diag.Suggest(name.Text, all) != "" {
			fit = all
		}
		r.names.unknown(r.diags, codeUnknown, what, name, fit)
		return nil
	}
	if s.element == nil {
		r.diags.Errorf(codeSort, name.Span, "expected %s, but %q is %s", article(what), name.Text, s.what()).Label(s.span, "declared here")
	}
	return s.element
}

// findOf returns the element of that name if it is of one of the kinds; anything else is reported.
func (r *resolver) findOf(name dsl.Name, kinds ...string) *models.Element {
	roots, what := r.check.roots(kinds...), kinds[0]
	if what == models.PartyRoot {
		what = "actor or component"
	}
	e := r.find(name, what, roots...)
	if e == nil || e.IsAny(roots) {
		return e
	}
	if r.doubtful[e] {
		return nil
	}
	r.diags.Errorf(codeSort, name.Span, "expected %s, but %q is %s", kindList(roots), e.Name, sortOf(e)).Label(e.Span, "declared here")
	return nil
}

// fold returns the text of a span with its white space folded.
func fold(s source.Span) string { return strings.Join(strings.Fields(s.Text()), " ") }
