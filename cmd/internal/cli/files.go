package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/logs/logfile"
	"github.com/vauban-verifier/vauban/threats"
)

// stdinName is what standard input is called in diagnostics and reports.
const stdinName = logfile.Stdin

// input is a design: the names of its files, the root first, and how they are read.
type input struct {
	names   []string
	read    source.Reader
	outside func(name string) bool // it was read from a directory that --allow-outside names; nil: nothing was
}

// input is the design that arguments name.
func (a *app) input(ctx context.Context, paths []string) (input, error) {
	r, err := a.reader(ctx)
	if err != nil {
		return input{}, err
	}
	names, err := r.named(paths)
	return input{names, r.read, r.isOutside}, err
}

// inputOnce is [app.input] for commands that read a design several times: each file is read once, standard input too, so that all readings are of one text.
func (a *app) inputOnce(ctx context.Context, paths []string) (input, error) {
	in, err := a.input(ctx, paths)
	if err == nil {
		in.read = remembered(in.read)
	}
	return in, err
}

// remembered reads each input once.
func remembered(read source.Reader) source.Reader {
	type answer struct {
		text string
		err  error
	}
	known := map[string]answer{}
	return func(name string) (string, error) {
		x, ok := known[name]
		if !ok {
			x.text, x.err = read(name)
			known[name] = x
		}
		return x.text, x.err
	}
}

// withhold has no line shown of files that lie outside of the design's own directories.
func (in input) withhold(m *threats.Model, diags *diag.List) {
	if in.outside == nil {
		return
	}
	hide := func(f *source.File) {
		if f != nil && in.outside(f.Name) {
			f.Withheld = true
		}
	}
	for _, d := range diags.Sorted() {
		for _, l := range append([]diag.Label{d.Primary}, d.Others...) {
			hide(l.Span.File)
		}
	}
	if m != nil && m.Design != nil {
		for _, f := range m.Design.Files {
			hide(f)
		}
		for _, c := range m.Catalogue.Inputs {
			hide(c.File)
		}
	}
}

// allowOutside adds the flag that lets designs read from further directories.
func (a *app) allowOutside(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.outside, "allow-outside", nil, "also read what a design names in `DIR`, outside of its directory and repository; may be repeated")
	_ = cmd.MarkFlagDirname("allow-outside")
}

// reader reads designs and what they name, from files of the trees that they lie in.
type reader struct {
	*app
	ctx     context.Context
	trees   files.Trees
	outside []string // names of files that were read from elsewhere
}

func (a *app) reader(ctx context.Context) (*reader, error) {
	r := &reader{app: a, ctx: ctx, trees: files.Trees{Guard: &a.guard}}
	for _, dir := range a.outside {
		if err := r.trees.Allow(dir); err != nil {
			return nil, failf(exitUsage, "--allow-outside %s: %v", dir, err)
		}
	}
	return r, nil
}

// named turns arguments into names of inputs: "-" is standard input, and can be read once. Each may name what lies in its repository, or beside it.
func (r *reader) named(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		if arg == "-" {
			if slices.Contains(out, stdinName) {
				return nil, fmt.Errorf("standard input can be read only once: name - only once")
			}
			r.guard.KeepFile("standard input", r.stdin)
			out = append(out, stdinName)
			if err := r.addDir("."); err != nil { // that is where what it names begins
				return nil, err
			}
			continue
		}
		r.guard.Keep(arg)
		if err := r.add(arg); err != nil {
			return nil, err
		}
		out = append(out, filepath.ToSlash(arg))
	}
	return out, nil
}

// add lets designs read from the tree of a file.
func (r *reader) add(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return failf(exitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	return r.trees.Add(files.Root(filepath.Dir(abs), config.Name), abs)
}

// addDir lets designs read from the tree of a directory.
func (r *reader) addDir(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return failf(exitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	return r.trees.Add(files.Root(abs, config.Name), abs)
}

// read is the [source.Reader] of the command line.
func (r *reader) read(name string) (string, error) {
	if name == stdinName {
		return files.Piped(r.ctx, r.stdin)
	}
	text, outside, err := r.trees.Read(r.ctx, name)
	if outside && err == nil {
		r.outside = append(r.outside, name)
	}
	return text, err
}

func (r *reader) isOutside(name string) bool { return slices.Contains(r.outside, name) }

// readFile reads a file of evidence of at most limit bytes, which the user named.
func (a *app) readFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	a.guard.Keep(path)
	data, err := files.Read(ctx, path, limit)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return data, nil
}

// directory reports whether a path is one.
func directory(path string) bool {
	info, err := os.Stat(filepath.FromSlash(path))
	return err == nil && info.IsDir()
}
