package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// side is one of the two things that are compared: some designs in files, or in a revision.
type side struct {
	name    string            // as the user named it
	designs map[string]string // root files, by their path from where both sides begin
	read    source.Reader
	outside func(name string) bool // as of an input
}

// sides finds out what two arguments name: a file, a directory, a revision (REV), or a path in one (REV:PATH, from the root of the repository).
// A revision alone stands for the path that the other argument names; two of them, for the designs of vauban.yaml, or all of the repository.
func (a *app) sides(ctx context.Context, old, now string) (x, y side, err error) {
	first, err := a.place(ctx, old)
	if err != nil {
		return x, y, err
	}
	second, err := a.place(ctx, now)
	if err != nil {
		return x, y, err
	}
	for _, p := range [][2]*place{{&first, &second}, {&second, &first}} {
		if alone, other := p[0], p[1]; alone.path == "" {
			switch {
			case other.path == "":
				alone.path, other.path = ".", "."
				if alone.only, err = a.configured(ctx); err != nil {
					return x, y, err
				}
				other.only = alone.only
			case other.rev == nil:
				alone.path = fromRoot(other.path)
				if !filepath.IsLocal(alone.path) {
					return x, y, fmt.Errorf("%s lies outside of the repository, which has the revision %s", other.path, alone.name)
				}
			default:
				alone.path = other.path
			}
		}
	}
	if x, err = a.side(ctx, first); err != nil {
		return x, y, err
	}
	y, err = a.side(ctx, second)
	return x, y, err
}

// place is a path, on disk or in a revision.
type place struct {
	name string    // as the user named it
	rev  *revision // nil: on disk
	path string    // "" of a revision alone
	only func(name string) bool
}

// configured returns which paths, from the root of the repository, are designs as the configuration has it; nil where there is none.
func (a *app) configured(ctx context.Context) (func(name string) bool, error) {
	c, err := a.configuration(ctx)
	if c == nil || err != nil {
		return nil, err
	}
	prefix := fromRoot(filepath.ToSlash(c.Dir)) + "/"
	if prefix == "./" {
		prefix = ""
	}
	return func(name string) bool {
		rel, ok := strings.CutPrefix(name, prefix)
		return ok && slices.ContainsFunc(c.Designs, func(p config.Pattern) bool { return p.Match(rel) })
	}, nil
}

func (a *app) place(ctx context.Context, arg string) (place, error) {
	if arg == stdinName || arg == "-" {
		return place{}, errors.New("standard input cannot be compared: name a file, a directory or a revision")
	}
	_, err := os.Stat(filepath.FromSlash(arg))
	if err == nil {
		return place{name: arg, path: filepath.ToSlash(filepath.Clean(arg))}, nil
	}
	rev, at, inside := strings.Cut(arg, ":")
	r, gitErr := findRevision(ctx, rev)
	switch {
	case gitErr != nil:
		return place{}, fmt.Errorf("cannot look for a revision %q: %w", rev, gitErr)
	case r == nil && inside:
		return place{}, fmt.Errorf("%q: there is no such file, and no revision %q in this repository", arg, rev)
	case r == nil:
		return place{}, fmt.Errorf("%q: there is no such file, directory or revision", arg)
	case inside && at == "":
		at = "."
	case inside:
		at = path.Clean(at)
	}
	return place{name: arg, rev: r, path: at}, nil
}

// side reads which designs there are at a place.
func (a *app) side(ctx context.Context, p place) (side, error) {
	s := side{name: p.name, designs: map[string]string{}}
	var names []string
	var err error
	whole := true // a directory
	if p.rev != nil {
		s.read = p.rev.read
		names, err = p.rev.list(p.path)
		whole = !slices.Contains(names, p.path)
		if err == nil && len(names) == 0 && path.Ext(p.path) == ".vbn" {
			err = fmt.Errorf("there is no file %s in revision %s", p.path, p.rev.name)
		}
	} else {
		var r *reader
		if r, err = a.reader(ctx); err != nil {
			return s, err
		}
		a.guard.Keep(p.path)
		if names, whole, err = designFiles(p.path); err == nil && whole {
			err = r.addDir(p.path)
		} else if err == nil {
			err = r.add(p.path)
		}
		s.read, s.outside = r.read, r.isOutside
	}
	if err != nil {
		return s, err
	}
	if !whole {
		s.designs[path.Base(p.path)] = p.path
		return s, nil
	}
	for _, name := range names {
		if p.only != nil && !p.only(name) {
			continue
		}
		text, err := s.read(name)
		if err != nil {
			return s, fmt.Errorf("cannot read %s: %w", name, err)
		}
		if isRoot(name, text) {
			s.designs[strings.TrimPrefix(strings.TrimPrefix(name, p.path), "/")] = name
		}
	}
	if len(s.designs) == 0 {
		return s, fmt.Errorf("there is no design in %s: a design file has a `design \"…\"` in it", p.name)
	}
	return s, nil
}

// designFiles returns the design files below a directory, sorted, without those in hidden directories; and whether it is one.
func designFiles(at string) (names []string, dir bool, err error) {
	info, err := os.Stat(filepath.FromSlash(at))
	if err != nil || !info.IsDir() {
		return []string{at}, false, err
	}
	err = filepath.WalkDir(filepath.FromSlash(at), func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != filepath.FromSlash(at):
			return filepath.SkipDir
		case entry.Type().IsRegular() && filepath.Ext(name) == ".vbn":
			names = append(names, filepath.ToSlash(name))
		}
		if len(names) > maxListed {
			return fmt.Errorf("%s has more than %d design files: name a directory in it", at, maxListed)
		}
		return nil
	})
	slices.Sort(names)
	return names, true, err
}

// heading is how the root of a design begins, when it cannot be parsed.
var heading = regexp.MustCompile(`(?m)^\s*design\s`)

// isRoot reports whether a file is the root of a design, and not a part that others include.
func isRoot(name, text string) bool {
	errs := &diag.List{}
	for _, d := range dsl.Parse(source.New(name, text), errs).Decls {
		if _, ok := d.(*dsl.Design); ok {
			return true
		}
	}
	return errs.HasErrors() && heading.MatchString(text)
}
