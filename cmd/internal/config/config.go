package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

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
	CodeUnchecked diag.Code = "VAU4003" // a file under a pattern that nothing would check
)

// Config is what a repository says of itself.
type Config struct {
	Dir      string    // that the file lies in
	Designs  []Pattern // at least one
	Baseline string    // of known findings, relative to Dir; "" where there is none
	Strict   bool      // a requirement that holds vacuously counts as open, and so does a design without requirements
}

// Pattern names design files: one, all in a directory, or those that match: `*` and `?` stay within a name, `**` goes through any number of directories, `{a,b}` is a choice. It is
// relative to the file.
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
	switch {
	case !doublestar.ValidatePattern(p.Text):
		diags.Errorf(CodeConfig, p.Span, "invalid pattern %q: unclosed bracket or brace, expected a closing one", p.Text)
	case !filepath.IsLocal(filepath.FromSlash(p.Text)):
		diags.Errorf(CodeConfig, p.Span, "%s is %q, expected a path below the directory of the configuration", what, p.Text)
	default:
		return true
	}
	return false
}

// IsPath reports whether it is a plain path.
func (p Pattern) IsPath() bool { return !strings.ContainsAny(p.Text, `*?[{\`) }

// base is the directory or file that all that a pattern names lies in.
func (p Pattern) base() string {
	if p.IsPath() {
		return path.Clean(p.Text)
	}
	base, _ := doublestar.SplitPattern(path.Clean(p.Text))
	return base
}

// Match reports whether a file, relative to the configuration, is one that the pattern names, by itself or by a directory that it lies in. Hidden files and directories are
// only where the pattern says so without a wildcard.
func (p Pattern) Match(name string) bool {
	base := p.base()
	below, ok := strings.CutPrefix(name, base+"/")
	if base == "." {
		below, ok = name, true
	}
	if !ok || strings.HasPrefix(below, ".") || strings.Contains(below, "/.") {
		return p.IsPath() && name == base
	}
	if p.names(name) {
		return true
	}
	for dir := path.Dir(name); path.Ext(name) == ".vbn"; dir = path.Dir(dir) {
		if p.names(dir) {
			return true
		}
		if dir == "." {
			break
		}
	}
	return false
}

// names reports whether the pattern names a file or directory itself.
func (p Pattern) names(name string) bool {
	return doublestar.MatchUnvalidated(path.Clean(p.Text), name)
}

// leads reports whether what the pattern names may lie in a directory.
func (p Pattern) leads(dir string) bool {
	parts := strings.Split(path.Clean(p.Text), "/")
	for i, name := range strings.Split(dir, "/") {
		if i == len(parts) || parts[i] == "**" {
			return true
		}
		if !doublestar.MatchUnvalidated(parts[i], name) {
			return false
		}
	}
	return true
}

// File is a file that a pattern names, relative to the configuration.
type File struct {
	Name   string
	Linked bool // it is a link, or lies in a directory that is one, or is no regular file: not what a reviewer of the repository sees
}

// Files returns the files that a pattern names, sorted. It does not follow links below the pattern's own directory.
func (c *Config) Files(p Pattern) ([]File, error) {
	base := p.base()
	info, err := os.Stat(filepath.Join(c.Dir, filepath.FromSlash(base)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.IsDir():
		return []File{{Name: base}}, nil
	}
	var out []File
	root := filepath.Join(c.Dir, filepath.FromSlash(base))
	err = filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(c.Dir, at)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case at == root:
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir():
		case entry.Type().IsRegular():
			if p.Match(name) {
				out = append(out, File{Name: name})
			}
		case strings.HasPrefix(entry.Name(), "."):
		case p.Match(name) || entry.Type()&fs.ModeSymlink != 0 && isDir(at) && p.leads(name):
			out = append(out, File{name, true})
		}
		if len(out) > maxFiles {
			return fmt.Errorf("it names more than %d files", maxFiles)
		}
		return nil
	})
	slices.SortFunc(out, func(x, y File) int { return strings.Compare(x.Name, y.Name) })
	return out, err
}

// maxFiles is how many files a pattern may name.
const maxFiles = 10_000

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
