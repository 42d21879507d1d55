package config

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/dsl/yamldoc"
)

// Name is what the file is called.
const Name = "vauban.yaml"

// The codes of this package.
const (
	CodeConfig    diag.Code = "VAU4001" // a path or pattern that makes no sense
	CodeUnmatched diag.Code = "VAU4002" // a pattern that no design matches
)

// Config is what a repository says of itself.
type Config struct {
	Dir      string    // that the file lies in
	Designs  []Pattern // at least one
	Baseline string    // of known findings, relative to Dir; "" where there is none
	Strict   bool      // a requirement that holds vacuously counts as open, and so does a design without requirements
}

// Pattern names design files: one, all in a directory, or those that match as [path.Match] has it. It is relative to the file.
type Pattern struct {
	Text string
	Span source.Span
}

// Find returns the file that holds for a directory: the nearest one from there up to the root of its repository; "" where there is none.
func Find(dir, root string) string {
	for {
		name := filepath.Join(dir, Name)
		if _, err := os.Lstat(name); err == nil {
			return name
		}
		if dir == root || dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// Parse reads a configuration; nil after an error.
func Parse(f *source.File, dir string, diags *diag.List) *Config {
	d, root := yamldoc.Parse(f, "configuration", "designs", diags)
	if root == nil {
		return nil
	}
	c := &Config{Dir: dir}
	for _, x := range d.Fields(root, "the configuration", "designs", "baseline", "strict") {
		switch x.Key {
		case "designs":
			for _, n := range d.List(x.Value, "designs") {
				p := Pattern{n.Value, d.Span(n)}
				if c.local(p, "a design", diags) {
					c.Designs = append(c.Designs, p)
				}
			}
		case "strict":
			c.Strict = d.Bool(x.Value, "strict")
		case "baseline":
			if text := d.Text(x.Value, "baseline"); text != "" && c.local(Pattern{text, d.Span(x.Value)}, "the baseline", diags) {
				c.Baseline = text
			}
		}
	}
	if len(c.Designs) == 0 && !diags.HasErrors() {
		diags.Errorf(yamldoc.CodeKey, d.Span(root), "the configuration names no design, expected the key \"designs\" with paths")
	}
	if diags.HasErrors() {
		return nil
	}
	return c
}

// local refuses paths that leave the directory of the configuration, and patterns that are none.
func (c *Config) local(p Pattern, what string, diags *diag.List) bool {
	_, err := path.Match(p.Text, "")
	switch {
	case err != nil:
		diags.Errorf(CodeConfig, p.Span, "%q is no pattern: a bracket is not closed", p.Text)
	case !filepath.IsLocal(filepath.FromSlash(p.Text)):
		diags.Errorf(CodeConfig, p.Span, "%s is %q, expected a path below the directory of the configuration", what, p.Text)
	default:
		return true
	}
	return false
}

// IsPath reports whether it is a plain path.
func (p Pattern) IsPath() bool { return !strings.ContainsAny(p.Text, `*?[\`) }

// Match reports whether a path, relative to the configuration, is one that the pattern names.
func (p Pattern) Match(name string) bool {
	if ok, _ := path.Match(p.Text, name); ok { // bad patterns have been refused
		return true
	}
	dir := path.Clean(p.Text)
	return path.Ext(name) == ".vbn" && (dir == "." || strings.HasPrefix(name, dir+"/"))
}

// Paths returns the files and directories that a pattern names, relative to the configuration and in their order.
func (c *Config) Paths(p Pattern) ([]string, error) {
	if p.IsPath() {
		_, err := os.Stat(filepath.Join(c.Dir, filepath.FromSlash(p.Text)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return []string{path.Clean(p.Text)}, err
	}
	return fs.Glob(os.DirFS(c.Dir), p.Text)
}
