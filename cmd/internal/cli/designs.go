package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// configuration returns the configuration that holds for the current directory; nil where there is none.
func (a *app) configuration() (*config.Config, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, failf(exitUsage, "cannot tell the current directory: %v", reason(err))
	}
	found := config.Find(dir, repository(dir))
	if found == "" {
		return nil, nil
	}
	name := shown(dir, found)
	text, err := (&files{}).read(name)
	if err != nil {
		return nil, failf(exitUsage, "cannot read %s: %v", name, err)
	}
	diags := &diag.List{}
	c := config.Parse(source.New(name, text), filepath.Dir(found), diags)
	return c, a.misconfigured(diags)
}

// misconfigured writes the errors of a configuration; nil when there is none.
func (a *app) misconfigured(diags *diag.List) error {
	if !diags.HasErrors() {
		return nil
	}
	if err := diag.Render(a.stderr, diags.Sorted(), diag.Options{Color: a.colored(a.stderr), Max: maxDiagnostics}); err != nil {
		return failf(exitUsage, "cannot write the errors: %v", err)
	}
	return failf(exitUsage, "the configuration is wrong: nothing was verified")
}

// shown is how a file is named to a user in a directory.
func shown(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// designs returns the designs that a command is about: the one whose files are named, or else each that the configuration names.
func (a *app) designs(paths []string) ([][]string, error) {
	if len(paths) > 0 {
		return [][]string{paths}, nil
	}
	c, err := a.configuration()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errors.New("nothing to read: name a design file, such as `shop.vbn`, or list designs in " + config.Name)
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, failf(exitUsage, "cannot tell the current directory: %v", reason(err))
	}
	var roots []string
	diags := &diag.List{}
	for _, p := range c.Designs {
		found, err := c.Paths(p)
		if err != nil {
			return nil, failf(exitUsage, "cannot look for %s: %v", p.Text, reason(err))
		}
		matched := false
		for _, name := range found {
			list, whole, err := designFiles(shown(dir, filepath.Join(c.Dir, filepath.FromSlash(name))))
			if err != nil {
				return nil, failf(exitUsage, "cannot look into %s: %v", name, reason(err))
			}
			for _, file := range list {
				text, err := (&files{}).read(file)
				if (whole || !p.IsPath()) && err == nil && !isRoot(file, text) {
					continue // a part; what cannot be read is told when it is verified
				}
				matched = true
				if !slices.Contains(roots, file) {
					roots = append(roots, file)
				}
			}
		}
		if !matched {
			diags.Errorf(config.CodeUnmatched, p.Span, "no design matches %q", p.Text).Helpf("a design file has a `design \"…\"` in it; paths are relative to %s", config.Name)
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

// settings fills in the flags that the configuration may set.
func (a *app) settings(opt *checkOptions) error {
	c, err := a.configuration()
	if err == nil && c != nil {
		opt.strict = opt.strict || c.Strict
	}
	return err
}

// baselinePath is the path of the file of known findings: as the command line has it, or else the configuration; "" where neither names one.
func (a *app) baselinePath(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	c, err := a.configuration()
	if err != nil || c == nil || c.Baseline == "" {
		return "", err
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("cannot tell the current directory: %w", err)
	}
	return shown(dir, filepath.Join(c.Dir, filepath.FromSlash(c.Baseline))), nil
}
