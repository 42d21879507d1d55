package console

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

// StdinName is what standard input is called in diagnostics and reports.
const StdinName = logfile.Stdin

// Input is a design: the names of its files, the root first, and how they are read.
type Input struct {
	Names   []string
	Read    source.Reader
	Outside func(name string) bool // it was read from a directory that --allow-outside names; nil: nothing was
}

// Input is the design that arguments name.
func (a *App) Input(ctx context.Context, paths []string) (Input, error) {
	r, err := a.Reader(ctx)
	if err != nil {
		return Input{}, err
	}
	names, err := r.Named(paths)
	return Input{names, r.Read, r.isOutside}, err
}

// InputOnce is [App.Input] for commands that read a design several times: each file is read once, standard input too, so that all readings are of one text.
func (a *App) InputOnce(ctx context.Context, paths []string) (Input, error) {
	in, err := a.Input(ctx, paths)
	if err == nil {
		in.Read = Remembered(in.Read)
	}
	return in, err
}

// Remembered reads each input once.
func Remembered(read source.Reader) source.Reader {
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

// Withhold has no line shown of files that lie outside of the design's own directories.
func (in Input) Withhold(m *threats.Model, diags *diag.List) {
	if in.Outside == nil {
		return
	}
	hide := func(f *source.File) {
		if f != nil && in.Outside(f.Name) {
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

// AllowOutside adds the flag that lets designs read from further directories.
func (a *App) AllowOutside(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.Outside, "allow-outside", nil, "also read what a design names in `DIR`, outside of its directory and repository; may be repeated")
	_ = cmd.MarkFlagDirname("allow-outside")
}

// Reader reads designs and what they name, from files of the trees that they lie in.
type Reader struct {
	*App
	ctx     context.Context
	Trees   files.Trees
	outside []string // names of files that were read from elsewhere
}

// Reader returns a reader for the designs of a command.
func (a *App) Reader(ctx context.Context) (*Reader, error) {
	r := &Reader{App: a, ctx: ctx, Trees: files.Trees{Guard: &a.Guard}}
	for _, dir := range a.Outside {
		if err := r.Trees.Allow(dir); err != nil {
			return nil, Failf(ExitUsage, "--allow-outside %s: %v", dir, err)
		}
	}
	return r, nil
}

// Named turns arguments into names of inputs: "-" is standard input, and can be read once. Each may name what lies in its repository, or beside it.
func (r *Reader) Named(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		if arg == "-" {
			if slices.Contains(out, StdinName) {
				return nil, fmt.Errorf("standard input can be read only once: name - only once")
			}
			r.Guard.KeepFile("standard input", r.Stdin)
			out = append(out, StdinName)
			if err := r.AddDir("."); err != nil { // that is where what it names begins
				return nil, err
			}
			continue
		}
		r.Guard.Keep(arg)
		if err := r.Add(arg); err != nil {
			return nil, err
		}
		out = append(out, filepath.ToSlash(arg))
	}
	return out, nil
}

// Add lets designs read from the tree of a file.
func (r *Reader) Add(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Failf(ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	return r.Trees.Add(files.Root(filepath.Dir(abs), config.Name), abs)
}

// AddDir lets designs read from the tree of a directory.
func (r *Reader) AddDir(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Failf(ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	return r.Trees.Add(files.Root(abs, config.Name), abs)
}

// Read is the [source.Reader] of the command line.
func (r *Reader) Read(name string) (string, error) {
	if name == StdinName {
		return files.Piped(r.ctx, r.Stdin)
	}
	text, outside, err := r.Trees.Read(r.ctx, name)
	if outside && err == nil {
		r.outside = append(r.outside, name)
	}
	return text, err
}

func (r *Reader) isOutside(name string) bool { return slices.Contains(r.outside, name) }

// ReadFile reads a file of evidence of at most limit bytes, which the user named.
func (a *App) ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	a.Guard.Keep(path)
	data, err := files.Read(ctx, path, limit)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return data, nil
}

// Directory reports whether a path is one.
func Directory(path string) bool {
	info, err := os.Stat(filepath.FromSlash(path))
	return err == nil && info.IsDir()
}
