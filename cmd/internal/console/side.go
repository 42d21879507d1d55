package console

import (
	"cmp"
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
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Side is one of the two things that are compared: some designs in files, or in a revision.
type Side struct {
	Name    string              // as the user named it
	Whole   bool                // of a directory or a revision, and not of files that the user named
	Designs map[string][]string // their files, the root first, by their path from where both sides begin
	Config  *config.Config      // that says which they are; nil where none does
	Read    source.Reader
	Outside func(name string) bool // as of an input
}

// Sides finds out what arguments name: a file, a directory, a revision (REV), or a path in one (REV:PATH, from the root of the repository). Several files are one design. A
// revision alone stands for what the other side names; two of them, for the designs of the vauban.yaml of each, or all of the repository.
func (a *App) Sides(ctx context.Context, old string, now []string) (x, y Side, err error) {
	first, err := a.place(ctx, old)
	if err != nil {
		return x, y, err
	}
	second, err := a.place(ctx, now[0])
	if err != nil {
		return x, y, err
	}
	for _, arg := range now[1:] {
		p, err := a.place(ctx, arg)
		switch {
		case err != nil:
			return x, y, err
		case first.rev == nil || first.paths != nil || p.rev != nil || second.rev != nil:
			return x, y, errors.New("several files are one design: compare them with a revision, such as `vauban diff main shop.vbn parts.vbn`")
		}
		second.paths = append(second.paths, p.paths...)
	}
	for _, p := range [][2]*place{{&first, &second}, {&second, &first}} {
		if alone, other := p[0], p[1]; alone.paths == nil {
			switch {
			case other.paths == nil:
				if err := a.configure(ctx, &first, &second); err != nil {
					return x, y, err
				}
			case other.rev == nil:
				for _, path := range other.paths {
					path := FromRoot(path)
					if !filepath.IsLocal(path) {
						return x, y, fmt.Errorf("%s is outside of the repository, which has the revision %s", path, alone.name)
					}
					alone.paths = append(alone.paths, path)
				}
			default:
				alone.paths = other.paths
			}
		}
	}
	if x, err = a.side(ctx, first); err != nil {
		return x, y, err
	}
	y, err = a.side(ctx, second)
	return x, y, err
}

// place is some paths, on disk or in a revision.
type place struct {
	name   string    // as the user named it
	rev    *revision // nil: on disk
	paths  []string  // nil of a revision alone
	config *config.Config
}

// configure has two revisions stand for the designs of their configurations. A revision without one goes by that of the other, or by the one on disk: there was no check that
// could have become less.
func (a *App) configure(ctx context.Context, first, second *place) error {
	var err error
	for _, p := range []*place{first, second} {
		p.paths = []string{"."}
		if p.config, err = a.configurationIn(p.rev); err != nil {
			return err
		}
	}
	one := cmp.Or(first.config, second.config)
	if one == nil {
		here, err := a.Configuration(ctx)
		if err != nil || here == nil {
			return err
		}
		told := *here
		told.Dir = FromRoot(filepath.ToSlash(here.Dir))
		one = &told
	}
	first.config, second.config = cmp.Or(first.config, one), cmp.Or(second.config, one)
	return nil
}

// configurationIn returns the configuration of a revision that holds for the current directory; nil where there is none. Its directory is told from the root of the repository.
func (a *App) configurationIn(r *revision) (*config.Config, error) {
	at := FromRoot(".")
	if !filepath.IsLocal(at) {
		at = "."
	}
	for ; ; at = path.Dir(at) {
		name := path.Join(at, config.Name)
		text, err := r.read(name)
		if err == nil {
			diags := &diag.List{}
			c := config.Parse(source.New(r.name+":"+name, text), at, diags)
			return c, a.misconfigured(diags)
		}
		if !errors.Is(err, ErrNotThere) {
			return nil, fmt.Errorf("cannot read %s in revision %s: %w", name, r.name, err)
		}
		if at == "." {
			return nil, nil
		}
	}
}

// names reports whether the configuration of a side, if there is one, names a file.
func (p place) names(file string) bool {
	if p.config == nil {
		return true
	}
	rel, err := filepath.Rel(filepath.FromSlash(p.config.Dir), filepath.FromSlash(file))
	return err == nil && slices.ContainsFunc(p.config.Designs, func(d config.Pattern) bool { return d.Match(filepath.ToSlash(rel)) })
}

func (a *App) place(ctx context.Context, arg string) (place, error) {
	if arg == StdinName || arg == "-" {
		return place{}, errors.New("standard input cannot be compared: name a file, a directory or a revision")
	}
	_, err := os.Stat(filepath.FromSlash(arg))
	if err == nil {
		return place{name: arg, paths: []string{filepath.ToSlash(filepath.Clean(arg))}}, nil
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
	case !inside:
		return place{name: arg, rev: r}, nil
	case at == "":
		at = "."
	}
	return place{name: arg, rev: r, paths: []string{path.Clean(at)}}, nil
}

// side reads which designs there are at a place.
func (a *App) side(ctx context.Context, p place) (Side, error) {
	s := Side{Name: p.name, Designs: map[string][]string{}, Config: p.config}
	var disk *Reader
	if p.rev != nil {
		s.Read = p.rev.read
	} else {
		var err error
		if disk, err = a.Reader(ctx); err != nil {
			return s, err
		}
		a.Guard.Keep(p.paths...)
		s.Read, s.Outside = disk.Read, disk.isOutside
	}
	if len(p.paths) > 1 {
		for _, name := range p.paths {
			if disk != nil {
				if err := disk.Add(name); err != nil {
					return s, err
				}
			}
		}
		return s, p.parts(&s)
	}
	at := p.paths[0]
	var names []string
	var err error
	if p.rev != nil {
		names, err = p.rev.list(at)
		s.Whole = !slices.Contains(names, at)
		if err == nil && len(names) == 0 && path.Ext(at) == ".vbn" {
			err = fmt.Errorf("there is no file %s in revision %s", at, p.rev.name)
		}
	} else if names, s.Whole, err = designFiles(at); err == nil && s.Whole {
		err = disk.AddDir(at)
	} else if err == nil {
		err = disk.Add(at)
	}
	if err != nil {
		return s, err
	}
	if !s.Whole {
		s.Designs[path.Base(at)] = []string{at}
		return s, nil
	}
	for _, name := range names {
		if !p.names(name) {
			continue
		}
		text, err := s.Read(name)
		if err != nil {
			return s, fmt.Errorf("cannot read %s: %w", name, err)
		}
		if IsRoot(name, text) {
			s.Designs[strings.TrimPrefix(strings.TrimPrefix(name, at), "/")] = []string{name}
		}
	}
	if len(s.Designs) == 0 && p.config == nil {
		return s, fmt.Errorf("there is no design in %s: a design file has a `design \"…\"` in it", p.name)
	}
	return s, nil
}

// parts makes one design of several files, those of them that are there.
func (p place) parts(s *Side) error {
	var there []string
	for _, name := range p.paths {
		switch _, err := s.Read(name); {
		case err == nil:
			there = append(there, name)
		case p.rev == nil || !errors.Is(err, ErrNotThere):
			return fmt.Errorf("cannot read %s: %w", name, err)
		}
	}
	if len(there) == 0 {
		return fmt.Errorf("there is none of the files in revision %s", p.rev.name)
	}
	s.Designs[path.Base(p.paths[0])] = there
	return nil
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

// first is a text that begins so: whatever follows, it is a root.
var first = regexp.MustCompile(`\A(?:[ \t\r\n]|//[^\n]*\n)*design[ \t]+"[^"\\\n]*"`)

// IsRoot reports whether a file is to be checked as a design, and is not a part that others include. What is no text, or says nothing, is a part of nothing.
func IsRoot(name, text string) bool {
	return first.MatchString(text) || parsedRoot(name, text)
}

// parsedRoot is [IsRoot] without a shortcut.
func parsedRoot(name, text string) bool {
	if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
		return true
	}
	errs := &diag.List{}
	decls := dsl.Parse(source.New(name, text), errs).Decls
	for _, d := range decls {
		if _, ok := d.(*dsl.Design); ok {
			return true
		}
	}
	if len(decls) == 0 {
		return true
	}
	return errs.HasErrors() && heading.MatchString(text)
}
