package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/repair"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

// fixOptions are the flags of fix.
type fixOptions struct {
	requirements []string
	without      []string
	alternatives int
	write        bool
	format       string
	check        checkOptions
}

func (a *app) fixCommand() *cobra.Command {
	var opt fixOptions
	cmd := &cobra.Command{
		Use:   "fix [FILE...]",
		Short: "Find what to change so that the requirements hold",
		Long: `Fix looks for the cheapest set of controls to add, of open ones to decide on, and of protocols to replace by stronger ones that carry the same, after which
the requirements of a design hold. Costs are those of the catalogue; no cheaper set is enough. Fix also tries changes of the structure that take
nothing from those who use the design as it is meant: connections that nobody needs are blocked or gone, stores leave public zones, data is not sent or
kept if nothing is done with it, and a step of a process that an attack takes out of order waits for what honest runs have. Such a change is
proposed if it costs less, or if nothing else is enough. Each change says what it does to its users.

The repaired design is checked as a whole before anything is shown. Fix prints a diff; --write applies it.

Without --requirement, all requirements but the waived and the ` + "`possible`" + ` ones shall hold, including those that hold now.

Exit status: 0 there is a repair (or nothing to repair), 1 no change is enough for some requirement, 2 the input is invalid,
3 the search reached its limits, 130 interrupted.`,
		Example: `  vauban fix shop.vbn
  vauban fix --requirement CardSecrecy shop.vbn
  vauban fix --without input_validation shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.fix(ctx, files, opt) }),
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	opt.check.helpers.flags(cmd)
	f.StringArrayVar(&opt.requirements, "requirement", nil, "repair the requirement `NAME`; may be repeated (default: all)")
	f.StringArrayVar(&opt.without, "without", nil, "do not use `CHANGE`, anywhere or at one place: a control, a protocol, or close, refuse, move, forget, withhold, await, such as \"source_allowlist on Visit\"; may be repeated")
	f.IntVar(&opt.alternatives, "alternatives", 3, "show at most `N` alternatives of the same cost")
	f.BoolVarP(&opt.write, "write", "w", false, "write the repaired design to its files instead of only showing the diff")
	f.StringVar(&opt.format, "format", "text", "`FORMAT` of the result: text or json")
	f.StringVar(&opt.check.asOf, "as-of", "", "judge waivers as of `DATE`, YYYY-MM-DD (default: today, UTC)")
	f.BoolVarP(&opt.check.quiet, "quiet", "q", false, "print no progress")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// repaired is a plan with what it makes of the design.
type repaired struct {
	plan   *repair.Plan
	before reports.Outcome
	after  reports.Outcome
	wanted []string          // requirements that shall hold
	names  []string          // of the files that change, in the order read
	old    map[string]string // texts by name
	new    map[string]string
}

func (a *app) fix(ctx context.Context, paths []string, opt fixOptions) error {
	if opt.format != "text" && opt.format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", opt.format)
	}
	if opt.alternatives < 0 {
		return fmt.Errorf("--alternatives is %d, expected a number from 0", opt.alternatives)
	}
	if err := opt.check.validate(); err != nil {
		return err
	}
	if opt.write && slices.Contains(paths, "-") {
		return errors.New("standard input cannot be written back: leave out --write")
	}
	in, err := a.InputOnce(ctx, paths)
	if err != nil {
		return err
	}
	h, err := a.helpers(ctx, opt.check.helpers)
	if err != nil {
		return err
	}
	defer h.done()
	opt.check.memory = h.memory
	r := &repaired{old: map[string]string{}, new: map[string]string{}}
	if r.before, err = a.verifyInput(ctx, in, opt.check); err != nil {
		return err
	}
	if err := a.wrong(r.before); err != nil {
		return err
	}
	if r.wanted, err = wanted(r.before.Result, opt.requirements); err != nil {
		return err
	}
	if err := a.plan(ctx, in, r, opt); err != nil {
		return err
	}
	if err := a.confirm(ctx, in, r, opt); err != nil {
		return err
	}
	data, err := r.render(opt)
	if err != nil {
		return err
	}
	if opt.write {
		if i := slices.IndexFunc(r.names, in.Outside); i >= 0 {
			return console.Failf(console.ExitUsage, "%s is outside of the design's directory and its repository, and nothing is written there: leave out --write, and change it yourself", r.names[i])
		}
		for _, name := range r.names {
			if err := a.Guard.Rewrite(filepath.FromSlash(name), r.old[name], r.new[name]); err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
		}
	}
	if err := a.Deliver(data, ""); err != nil {
		return err
	}
	if len(r.plan.Hopeless) > 0 || r.plan.Conflict != nil {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// wanted returns the requirements that shall hold.
func wanted(r *checker.Result, names []string) ([]string, error) {
	var all, out []string
	for _, q := range r.Requirements {
		all = append(all, q.Source.Name)
		if len(names) == 0 && q.Verdict != checker.Waived && q.Source.Kind != models.Possible {
			out = append(out, q.Source.Name)
		}
	}
	for _, n := range names {
		i := slices.Index(all, n)
		switch {
		case i < 0:
			return nil, fmt.Errorf("there is no requirement %q%s", n, diag.DidYouMean(n, all))
		case r.Requirements[i].Source.Kind == models.Possible:
			return nil, fmt.Errorf("requirement %q says what is possible: no control makes more possible", n)
		case !slices.Contains(out, n):
			out = append(out, n)
		}
	}
	return out, nil
}

// plan looks for the cheapest plan.
func (a *app) plan(ctx context.Context, in console.Input, r *repaired, opt fixOptions) error {
	_, _, err := a.workOn(ctx, in, opt.check.quiet, func(m *threats.Model, progress func(checker.Progress)) error {
		for _, f := range m.Design.Files {
			r.old[f.Name] = f.Text
		}
		for _, w := range opt.without {
			if err := barred(w, m.Design); err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
		}
		o := repair.Options{Alternatives: opt.alternatives, Without: opt.without, Requirements: r.wanted}
		o.Progress = func(clauses, cost int) {
			progress(checker.Progress{Requirement: "repair", Done: cost, Total: cost, Detail: fmt.Sprintf("no repair costs less than %d, %d attacks ruled out", cost, clauses)})
		}
		plan, err := repair.Search(ctx, func(texts map[string]string) (*threats.Model, error) { return with(in, texts) }, o)
		switch {
		case errors.Is(err, repair.ErrLimits):
			return console.Failf(console.ExitUnknown, "%v: name fewer requirements with --requirement", err)
		case ctx.Err() != nil:
			return console.Failf(console.ExitInterrupted, "interrupted: no repair was found yet")
		case err != nil:
			return err
		}
		r.plan, r.new = plan, plan.Texts
		for _, f := range m.Design.Files {
			if _, ok := r.new[f.Name]; ok {
				r.names = append(r.names, f.Name)
			}
		}
		return nil
	})
	return err
}

// with loads the design with other texts for some of its files, and returns nil where they make none.
func with(in console.Input, texts map[string]string) (*threats.Model, error) {
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		if text, ok := texts[name]; ok {
			return text, nil
		}
		return in.Read(name)
	}, in.Names, diags)
	if m == nil || m.Design == nil || diags.HasErrors() {
		return nil, nil //nolint:nilnil // a text that makes no sense
	}
	return m, nil
}

// barred says what is wrong with a control, or a control at a place.
func barred(without string, d *models.Design) error {
	control, on, placed := strings.Cut(without, " on ")
	known := slices.Concat(slices.Sorted(maps.Keys(d.Vocabulary.Controls)), slices.Sorted(maps.Keys(d.Vocabulary.Protocols)))
	for _, w := range models.RepairKinds {
		known = append(known, string(w.Kind))
	}
	if !slices.Contains(known, control) {
		return fmt.Errorf("--without names %q, which is not a control, a protocol or a kind of change%s", control, diag.DidYouMean(control, known))
	}
	if placed && d.Lookup(on) == nil {
		return fmt.Errorf("--without names %q, which the design does not have", on)
	}
	return nil
}

// confirm checks the repaired design as a whole. What the plan promises must come true, or Vauban is wrong.
func (a *app) confirm(ctx context.Context, in console.Input, r *repaired, opt fixOptions) error {
	if len(r.names) == 0 {
		r.after = r.before
	} else {
		read := in.Read
		in.Read = func(name string) (string, error) {
			if text, ok := r.new[name]; ok {
				return text, nil
			}
			return read(name)
		}
		var err error
		if r.after, err = a.verifyInput(ctx, in, opt.check); err != nil {
			return err
		}
		if r.after.Result == nil {
			return console.Internal("the repaired design cannot be read")
		}
	}
	if r.plan.Conflict != nil {
		return nil
	}
	for _, q := range r.after.Result.Requirements {
		hopeless := slices.ContainsFunc(r.plan.Hopeless, func(h *repair.Hopeless) bool { return h.Requirement.Name == q.Source.Name })
		if slices.Contains(r.wanted, q.Source.Name) && !hopeless && q.Verdict != checker.Holds && q.Verdict != checker.Waived {
			return console.Internal(fmt.Sprintf("after the repair, requirement %q is %s", q.Source.Name, q.Verdict))
		}
	}
	return nil
}

func (r *repaired) render(opt fixOptions) ([]byte, error) {
	if opt.format == "json" {
		return r.json()
	}
	return []byte(r.text(opt)), nil
}

// said are changes as sentences.
func said(changes []*repair.Change) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, c.String())
	}
	return out
}

func (r *repaired) json() ([]byte, error) {
	type hopeless struct {
		Requirement string   `json:"requirement"`
		Attack      []string `json:"attack"`
	}
	type change struct {
		Change string `json:"change"`
		Title  string `json:"title"`
		Cost   int    `json:"cost"`
		Users  string `json:"users"` // what it does to them; "": nothing that they notice
	}
	type document struct {
		Schema       string            `json:"schema"`
		Cost         int               `json:"cost"`
		Controls     int               `json:"controls"` // what controls and protocols alone cost; 0: they are not enough
		Changes      []string          `json:"changes"`
		Details      []change          `json:"details"` // of Changes
		Alternatives [][]string        `json:"alternatives"`
		Hopeless     []hopeless        `json:"hopeless"`
		Conflict     []string          `json:"conflict"`
		Verdicts     map[string]string `json:"verdicts"` // after the repair
		Diff         string            `json:"diff"`
	}
	d := document{Schema: "vauban.repair/1", Cost: r.plan.Cost, Controls: r.plan.Controls, Changes: said(r.plan.Changes), Details: []change{}, Alternatives: [][]string{}, Hopeless: []hopeless{}, Conflict: []string{}, Verdicts: map[string]string{}, Diff: r.diff()}
	for _, c := range r.plan.Changes {
		d.Details = append(d.Details, change{c.String(), c.What(), c.Cost, c.Users()})
	}
	for _, alt := range r.plan.Alternatives {
		d.Alternatives = append(d.Alternatives, said(alt))
	}
	for _, h := range r.plan.Hopeless {
		d.Hopeless = append(d.Hopeless, hopeless{h.Requirement.Name, h.Steps})
	}
	d.Conflict = append(d.Conflict, r.plan.Conflict...)
	for _, q := range r.after.Result.Requirements {
		d.Verdicts[q.Source.Name] = string(q.Verdict)
	}
	data, err := json.MarshalIndent(d, "", "  ")
	return append(data, '\n'), err
}

func (r *repaired) diff() string {
	var b strings.Builder
	for _, name := range r.names {
		b.Write(diff.Diff(name, []byte(r.old[name]), name+" (repaired)", []byte(r.new[name])))
	}
	return b.String()
}

// instead says in what a plan differs from another.
func instead(plan, other []string) string {
	without := func(a, b []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) }), "; ")
	}
	return without(other, plan) + ", in place of " + without(plan, other)
}

func (r *repaired) text(opt fixOptions) string {
	var b strings.Builder
	p := r.plan
	switch {
	case p.Conflict != nil:
		fmt.Fprintf(&b, "no set of changes makes these requirements hold together: %s\n", strings.Join(p.Conflict, ", "))
		b.WriteString("each can be repaired alone, but not together: a control that stops one attack enables another; see --requirement\n")
		return b.String()
	case len(p.Changes) > 0:
		a := "the cheapest"
		if p.Structural() {
			a = "a"
		}
		fmt.Fprintf(&b, "%s repair costs %d, with %s:\n", a, p.Cost, plain.Number(len(p.Changes), "change"))
		for _, c := range p.Changes {
			fmt.Fprintf(&b, "  %s · cost %d · %s\n", diag.Escape(c.String()), c.Cost, diag.Escape(c.What()))
			if u := c.Users(); u != "" {
				fmt.Fprintf(&b, "      for its users: %s\n", diag.Escape(u))
			}
		}
		b.WriteByte('\n')
		for line := range strings.Lines(r.diff()) {
			b.WriteString(diag.Escape(strings.TrimSuffix(line, "\n")) + "\n")
		}
		b.WriteByte('\n')
	case len(p.Hopeless) == 0:
		b.WriteString("nothing to repair: ")
	}
	switch {
	case !p.Structural():
	case p.Controls > 0:
		fmt.Fprintf(&b, "controls and protocols alone cost %d, with the structure as it is\n", p.Controls)
	default:
		b.WriteString("controls and protocols alone are not enough, with the structure as it is\n")
	}
	for i, alt := range p.Alternatives {
		if i == 0 {
			b.WriteString("instead, at the same cost:\n")
		}
		fmt.Fprintf(&b, "  %s\n", diag.Escape(instead(said(p.Changes), said(alt))))
	}
	for _, h := range p.Hopeless {
		fmt.Fprintf(&b, "no change that Vauban knows is enough for %s: this attack remains possible\n", diag.Escape(h.Requirement.Name))
		for k, s := range h.Steps {
			fmt.Fprintf(&b, "  %2d. %s\n", k+1, diag.Escape(s))
		}
		if len(h.Steps) == 0 {
			b.WriteString("      it is false from the start\n")
		}
		b.WriteString("  change the design (fewer flows, other protocols or zones), or what the attacker starts with\n")
	}
	counts := map[checker.Verdict]int{}
	for _, q := range r.after.Result.Requirements {
		counts[q.Verdict]++
	}
	var list []string
	for _, v := range []checker.Verdict{checker.Holds, checker.Violated, checker.Depends, checker.Waived, checker.Unknown} {
		if counts[v] > 0 {
			list = append(list, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	if len(p.Changes) > 0 {
		b.WriteString("the repaired design was checked as a whole: ")
	}
	fmt.Fprintf(&b, "%s\n", strings.Join(list, ", "))
	if len(p.Changes) > 0 {
		if opt.write {
			fmt.Fprintf(&b, "wrote %s\n", strings.Join(r.names, ", "))
		} else {
			b.WriteString("next: the same with --write makes these changes\n")
		}
	}
	return b.String()
}
