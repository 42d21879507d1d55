package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/live"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

func (a *app) liveCommand() *cobra.Command {
	var opt helperOptions
	cmd := &cobra.Command{
		Use:   "live [FILE...]",
		Short: "Show a design's report in a browser while its files change",
		Long: `Live serves the page that "vauban check --format html" writes, and has it follow the files of the design: drawing, verdicts, attacks and questions are there within a second of a save,
and a check that takes longer says how far it is. While the files have errors, these are shown above the last report. Without a file, the design is shown that vauban.yaml names.

The page is for this machine alone (127.0.0.1), below an address that nobody can guess, which is printed. It loads nothing from elsewhere, and nothing can be changed through it.

Exit status: 0 stopped by Ctrl-C, 2 the command line is invalid.`,
		Example:           "  vauban live shop.vbn",
		ValidArgsFunction: console.CompleteDesigns,
		Annotations:       map[string]string{untilInterrupted: "yes"},
		RunE:              func(cmd *cobra.Command, args []string) error { return a.live(cmd.Context(), args, opt) },
	}
	a.AllowOutside(cmd)
	opt.flags(cmd)
	return cmd
}

func (a *app) live(ctx context.Context, args []string, opt helperOptions) error {
	designs, err := a.Designs(ctx, args)
	switch {
	case err != nil:
		return err
	case len(designs) != 1:
		return fmt.Errorf("live shows one design, and there are %d: name it", len(designs))
	case designs[0][0] == "-":
		return errors.New("standard input does not change: name a file")
	}
	in, err := a.Input(ctx, designs[0])
	if err != nil {
		return err
	}
	if _, err := in.Read(in.Names[0]); err != nil {
		return console.Failf(console.ExitUsage, "cannot read %s: %v", in.Names[0], err)
	}
	h, err := a.helpers(ctx, opt)
	if err != nil {
		return err
	}
	defer h.done()
	if h.memory == nil {
		h.memory = &checker.Memory{}
	}
	l, token, err := live.Listen()
	if err != nil {
		return console.Failf(console.ExitUnknown, "cannot open a port of this machine: %v", err)
	}
	fmt.Fprintf(a.Stdout, "%s is at %s\nCtrl-C ends it.\n", diag.Escape(in.Names[0]), live.Address(l, token))
	err = live.Serve(ctx, l, token, func(ctx context.Context, reads func(string), show func(live.State)) {
		a.follow(ctx, designs[0], h.memory, reads, show)
	})
	if err != nil {
		return console.Failf(console.ExitUnknown, "%v", err)
	}
	return nil
}

// soon is how long the report of a whole check is waited for before that of a quick one is shown.
const soon = 300 * time.Millisecond

// follow checks a design once: at first quickly where it takes its time, then with what questions are open.
func (a *app) follow(ctx context.Context, paths []string, memory *checker.Memory, reads func(string), show func(live.State)) {
	own := &app{&console.App{Stdout: a.Stdout, Stderr: a.Stderr, Color: a.Color, Outside: a.Outside}} // its own record of inputs
	in, err := own.InputOnce(ctx, paths)
	if err != nil {
		show(live.State{Text: "cannot be read", Errors: []string{diag.Escape(err.Error())}, Done: true})
		return
	}
	read := in.Read
	in.Read = func(name string) (string, error) {
		if !source.Embedded(name) {
			reads(filepath.FromSlash(name))
		}
		return read(name)
	}
	opt := checkOptions{quiet: true, enumerate: true, attacks: htmlAttacks, memory: memory}
	opt.progress = func(p checker.Progress) {
		show(live.State{Text: diag.Escape("checking · " + wording.Progress(p))})
	}
	if err := opt.validate(); err != nil {
		show(live.State{Text: "cannot be checked", Errors: []string{err.Error()}, Done: true})
		return
	}
	quick := opt
	quick.quick, quick.enumerate = true, false
	o, err := own.verifyInput(ctx, in, quick)
	if err != nil || o.Result == nil {
		show(unseen(o, err))
		return
	}
	stop := later(func() { show(pictured(o, quick, "what was found at once; the rest is being checked", false)) })
	o, err = own.verifyInput(ctx, in, opt)
	stop()
	if err != nil || o.Result == nil {
		show(unseen(o, err))
		return
	}
	stop = later(func() { show(pictured(o, opt, "looking for questions", false)) })
	found, err := own.askBeside(ctx, in, o, opt)
	stop()
	if err != nil {
		show(unseen(o, err))
		return
	}
	o.Questions = found
	show(pictured(o, opt, tally(o.Result), true))
}

// later does something soon, unless it is stopped before. When stop has returned, it is done or will never be.
func later(do func()) (stop func()) {
	var mu sync.Mutex
	stopped := false
	t := time.AfterFunc(soon, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			do()
		}
	})
	return func() {
		t.Stop()
		mu.Lock()
		defer mu.Unlock()
		stopped = true
	}
}

// tally counts the verdicts.
func tally(r *checker.Result) string {
	var parts []string
	for _, v := range wording.Verdicts {
		if n := wording.Counts(r)[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	out := plain.Number(len(r.Requirements), "requirement")
	if len(parts) > 0 {
		out += ": " + strings.Join(parts, ", ")
	}
	return out
}

// pictured is the state with a report.
func pictured(o reports.Outcome, opt checkOptions, text string, done bool) live.State {
	page, err := writeHTML([]reports.Outcome{o}, renderOptions{attacks: opt.attacks})
	if err != nil {
		return unseen(o, err)
	}
	return live.State{Text: diag.Escape(text), Done: done, Report: page}
}

// unseen is the state without a report: the errors of the design, or of the check.
func unseen(o reports.Outcome, err error) live.State {
	if err != nil {
		return live.State{Text: "was not checked", Errors: []string{diag.Escape(err.Error())}, Done: true}
	}
	var b bytes.Buffer
	if err := diag.Render(&b, o.Errors, diag.Options{Max: console.MaxDiagnostics}); err != nil {
		return live.State{Text: "was not checked", Errors: []string{err.Error()}, Done: true}
	}
	return live.State{Text: plain.Number(diag.Errors(o.Errors), "error") + ": nothing was verified", Errors: []string{b.String()}, Done: true}
}
