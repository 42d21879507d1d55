package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// finished is what came of one design, as far as an exit status, counts and hints are made of it. Where what is written of several designs is made of what is written of each, it has that, and the outcome is gone.
type finished struct {
	Name                           string
	Wrong                          bool `json:"-"` // nothing was verified
	Exit                           int
	Requirements, Vacuous, Guessed int
	Questions                      int
	Verdicts                       map[checker.Verdict]int

	pieces [][]byte        // by output: what it says of the design; nil where it has no way to say it
	wrong  reports.Outcome // with the errors
}

func finish(o reports.Outcome) finished {
	r := o.Result
	if r == nil {
		return finished{Name: o.Name, Wrong: true, wrong: o}
	}
	f := finished{Name: o.Name, Exit: r.Exit(), Requirements: len(r.Requirements), Vacuous: wording.Vacuous(r), Guessed: wording.Guessed(r), Verdicts: wording.Counts(r)}
	if o.Questions != nil {
		f.Questions = len(o.Questions.Questions)
	}
	return f
}

// separable reports whether what outputs say of designs is made of what they say of each.
func separable(outputs []output, designs [][]string) bool {
	return len(designs) == 1 || !slices.ContainsFunc(outputs, func(o output) bool { return !o.each() && o.format.name != "text" && o.format.name != "counts" })
}

// writer checks designs and writes what came of them.
type writer struct {
	*app
	outputs  []output
	opt      checkOptions
	apart    bool              // what they say is made of what they say of each design
	outcomes []reports.Outcome // of all designs, where it is not
	helpers
	recheck int // how many in a hundred of its reports are made again
}

// check checks one design after the other. An interrupt ends it; what is known by then is told.
func (w *writer) check(ctx context.Context, designs [][]string) ([]finished, error) {
	var all []finished
	for _, d := range designs {
		in, err := w.InputOnce(ctx, d)
		if err != nil {
			return nil, err
		}
		f, err := w.one(ctx, in)
		if err != nil && ctx.Err() != nil && len(all) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// one checks a design, or takes what the store has of it.
func (w *writer) one(ctx context.Context, in console.Input) (finished, error) {
	if w.store == nil || !w.store.Reports() || !w.apart || w.opt.notarize || slices.Contains(in.Names, console.StdinName) {
		return w.afresh(ctx, in)
	}
	e := &entry{writer: w, in: in, read: in.Read, seen: map[string]bool{}}
	before, found := e.find()
	if found && rand.IntN(100) >= w.recheck {
		return before, nil
	}
	in.Read = e.record
	f, err := w.afresh(ctx, in)
	if err != nil || f.Wrong || ctx.Err() != nil {
		return f, err
	}
	if found && !slices.EqualFunc(f.pieces, before.pieces, bytes.Equal) {
		return f, console.Failf(console.ExitUnknown, "%s: the report in the store is not what is found now, though it has the right code: make another key, and see who else has this one", in.Names[0])
	}
	e.keep(f)
	return f, nil
}

func (w *writer) afresh(ctx context.Context, in console.Input) (finished, error) {
	outcome, err := w.verifyAndAsk(ctx, in, w.opt)
	if err != nil {
		return finished{}, err
	}
	f := finish(outcome)
	if !w.apart {
		w.outcomes = append(w.outcomes, outcome)
		return f, nil
	}
	for _, o := range w.outputs {
		data, err := o.format.render([]reports.Outcome{outcome}, w.rendering(o))
		if err != nil {
			return f, err
		}
		f.pieces = append(f.pieces, data)
	}
	return f, nil
}

func (w *writer) rendering(o output) renderOptions {
	return renderOptions{
		maxIterations: w.opt.maxIterations, attacks: w.opt.attacks, sort: w.opt.sort, all: w.opt.all, shard: w.opt.shard, color: o.path == "" && w.Colored(w.Stdout), quiet: w.opt.quiet, resilience: w.opt.resilience,
	}
}

// write writes all outputs.
func (w *writer) write(all []finished) error {
	for i, o := range w.outputs {
		if err := w.output(all, i, o); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) output(all []finished, i int, o output) error {
	if o.each() {
		for k, f := range all {
			data, err := w.each(k, f, i, o)
			if err != nil {
				return err
			}
			if data == nil {
				continue
			}
			path := o.of(f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return console.Failf(console.ExitUsage, "cannot make the directory of %s: %v", path, files.Reason(err))
			}
			if err := w.deliver(data, path); err != nil {
				return err
			}
		}
		return nil
	}
	data, err := w.together(all, i, o)
	if err != nil || data == nil {
		return err
	}
	return w.deliver(data, o.path)
}

// each returns what an output says of design k.
func (w *writer) each(k int, f finished, i int, o output) ([]byte, error) {
	if w.apart {
		return f.pieces[i], nil
	}
	return o.format.render(w.outcomes[k:k+1], w.rendering(o))
}

// together returns what an output says of all designs.
func (w *writer) together(all []finished, i int, o output) ([]byte, error) {
	switch {
	case !w.apart:
		return o.format.render(w.outcomes, w.rendering(o))
	case o.format.name == "counts":
		return []byte(counts(all)), nil
	}
	var some [][]byte
	for _, f := range all {
		if f.pieces[i] != nil {
			some = append(some, f.pieces[i])
		}
	}
	if some == nil {
		return nil, nil
	}
	return bytes.Join(some, []byte("\n")), nil
}

func (w *writer) deliver(data []byte, path string) error {
	if err := w.Deliver(data, path); err != nil {
		return err
	}
	if path != "" && !w.opt.quiet {
		fmt.Fprintf(w.Stderr, "wrote %s (sha256 %s)\n", path, document.Digest(data))
	}
	return nil
}
