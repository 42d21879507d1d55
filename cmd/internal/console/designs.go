package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/threats"
)

// configured is what came of reading the configuration.
type configured struct {
	config *config.Config
	err    error
}

// Configuration returns the configuration that holds for the current directory; nil where there is none. It is read once, so that all of a run goes by the same, and must not be changed.
func (a *App) Configuration(ctx context.Context) (*config.Config, error) {
	if a.configured == nil {
		c, err := a.readConfiguration(ctx)
		a.configured = &configured{c, err}
	}
	return a.configured.config, a.configured.err
}

func (a *App) readConfiguration(ctx context.Context) (*config.Config, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, Failf(ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	found := config.Find(dir, Repository(dir))
	if found == "" {
		return nil, nil
	}
	name := Shown(dir, found)
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.AddDir(filepath.Dir(found)); err != nil {
		return nil, err
	}
	text, err := r.Read(name)
	if err != nil {
		return nil, Failf(ExitUsage, "cannot read %s: %v", name, err)
	}
	diags := &diag.List{}
	c := config.Parse(source.New(name, text), filepath.Dir(found), diags)
	return c, a.misconfigured(diags)
}

// misconfigured writes the errors of a configuration; nil when there is none.
func (a *App) misconfigured(diags *diag.List) error {
	if !diags.HasErrors() {
		return nil
	}
	if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr), Max: MaxDiagnostics}); err != nil {
		return Failf(ExitUsage, "cannot write the errors: %v", err)
	}
	return Failf(ExitUsage, "the configuration has errors: nothing was verified")
}

// Shown is how a file is named to a user in a directory.
func Shown(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// Designs returns the designs that a command is about: the one whose files are named, each in the directories that are named, or else each that the
// configuration names.
func (a *App) Designs(ctx context.Context, paths []string) ([][]string, error) {
	if slices.ContainsFunc(paths, Directory) {
		return a.designsIn(ctx, paths)
	}
	if len(paths) > 0 {
		return [][]string{paths}, nil
	}
	c, err := a.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errors.New("nothing to read: name a design file, such as `shop.vbn`, or list designs in " + config.Name)
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, Failf(ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.AddDir(c.Dir); err != nil {
		return nil, err
	}
	var roots []string
	diags := &diag.List{}
	parts := map[string]config.Pattern{} // files that are no design, with the pattern that names them
	var order []string
	for _, p := range c.Designs {
		found, err := c.Files(p)
		if err != nil {
			return nil, Failf(ExitUsage, "cannot look for %s: %v", p.Text, files.Reason(err))
		}
		matched := false
		for _, f := range found {
			file := Shown(dir, filepath.Join(c.Dir, filepath.FromSlash(f.Name)))
			if f.Linked {
				diags.Errorf(config.CodeUnchecked, p.Span, "%q names %s, which is a link or no regular file", p.Text, file).Helpf("put the file itself there, or name another pattern")
				continue
			}
			text, err := r.Read(file)
			if err != nil {
				return nil, Failf(ExitUsage, "cannot read %s, which %s names: %v", file, config.Name, err)
			}
			if p.IsPath() && len(found) == 1 && f.Name == path.Clean(p.Text) || IsRoot(file, text) {
				matched = true
				if !slices.Contains(roots, file) {
					roots = append(roots, file)
				}
			} else if _, ok := parts[file]; !ok {
				parts[file] = p
				order = append(order, file)
			}
		}
		if !matched && !diags.HasErrors() {
			diags.Errorf(config.CodeUnmatched, p.Span, "no design matches %q", p.Text).Helpf("a design file has a `design \"…\"` in it; paths are relative to %s", config.Name)
		}
	}
	used := Included(roots, r.Read)
	for _, file := range order {
		if !used[file] && !diags.HasErrors() {
			p := parts[file]
			diags.Errorf(config.CodeUnchecked, p.Span, "%q names %s, which has no `design` in it and which no design includes: nothing would check it", p.Text, file).
				Helpf("include it, give it a `design \"…\"`, or name another pattern")
		}
	}
	if err := a.misconfigured(diags); err != nil {
		return nil, err
	}
	var out [][]string
	for _, r := range roots {
		out = append(out, []string{r})
	}
	return out, nil
}

// OnDesign makes a command out of what is done with one design: that whose files are named, or else the one that the configuration names.
func (a *App) OnDesign(do func(ctx context.Context, files []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		designs, err := a.Designs(cmd.Context(), args)
		if err != nil {
			return err
		}
		if len(designs) > 1 {
			var names []string
			for _, d := range designs {
				names = append(names, d[0])
			}
			return fmt.Errorf("this is for one design, and there are %d: name one of %s", len(designs), strings.Join(names, ", "))
		}
		return do(cmd.Context(), designs[0])
	}
}

// designsIn returns each design in directories.
func (a *App) designsIn(ctx context.Context, paths []string) ([][]string, error) {
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, path := range paths {
		if !Directory(path) {
			return nil, fmt.Errorf("%s is not a directory: name the files of one design, or directories, in each of which every design is checked", path)
		}
		if err := r.AddDir(path); err != nil {
			return nil, err
		}
		list, _, err := designFiles(filepath.ToSlash(filepath.Clean(path)))
		if err != nil {
			return nil, Failf(ExitUsage, "cannot look into %s: %v", path, files.Reason(err))
		}
		found := false
		for _, file := range list {
			text, err := r.Read(file)
			if err != nil {
				return nil, Failf(ExitUsage, "cannot read %s: %v", file, err)
			}
			if !IsRoot(file, text) {
				continue // a part
			}
			found = true
			if !slices.ContainsFunc(out, func(d []string) bool { return d[0] == file }) {
				out = append(out, []string{file})
			}
		}
		if !found {
			return nil, Failf(ExitUsage, "there is no design in %s: a design file ends in .vbn and has a `design \"…\"` in it", path)
		}
	}
	return out, nil
}

// Included returns the files that designs include, and what these include.
func Included(roots []string, read source.Reader) map[string]bool {
	out := map[string]bool{}
	open := slices.Clone(roots)
	for len(open) > 0 && len(out) <= maxListed {
		name := open[0]
		open = open[1:]
		text, err := read(name)
		if err != nil {
			continue // that is told when it is verified
		}
		for _, d := range dsl.Parse(source.New(name, text), &diag.List{}).Decls {
			if inc, ok := d.(*dsl.Include); ok {
				if to := path.Join(path.Dir(name), inc.Path.Value); !out[to] {
					out[to] = true
					open = append(open, to)
				}
			}
		}
	}
	return out
}

// Part says which design includes a file that was checked by itself and is no design: one below the current directory, or else below its own.
func (a *App) Part(ctx context.Context, in Input, errs []diag.Diagnostic) {
	name := in.Names[0]
	i := slices.IndexFunc(errs, func(d diag.Diagnostic) bool { return d.Code == threats.CodePart })
	if i < 0 || name == StdinName {
		return
	}
	text, err := in.Read(name)
	if err != nil || IsRoot(name, text) {
		return
	}
	dir := "."
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		dir = path.Dir(name)
	}
	r, err := a.Reader(ctx)
	if err != nil || r.AddDir(dir) != nil { // then the user looks for it
		return
	}
	if file := Including(dir, path.Clean(name), r.Read); file != "" {
		errs[i].Help = "check the design that includes it: `vauban check " + file + "`"
	}
}

// Including returns the first design in a directory and below that includes a file; "" where there is none, or it cannot be looked for.
func Including(dir, name string, read source.Reader) string {
	list, _, err := designFiles(dir)
	if err != nil {
		return ""
	}
	for _, file := range list {
		if text, err := read(file); err == nil && IsRoot(file, text) && Included([]string{file}, read)[name] {
			return file
		}
	}
	return ""
}
