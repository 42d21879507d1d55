package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Repository returns the root of the repository that dir lies in: the nearest directory, from dir upwards, with a `.git` in it; "" when there is none.
func Repository(dir string) string { return above(dir, ".git") }

// above returns the nearest directory from dir upwards with an entry of that name.
func above(dir, name string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, name)); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// Root returns the directory that what lies in dir may read from: the root of its repository; else the nearest directory upwards that has the file marker,
// which is where a repository that git does not keep begins; else dir itself.
func Root(dir, marker string) string {
	if at := Repository(dir); at != "" {
		return at
	}
	if at := above(dir, marker); at != "" {
		return at
	}
	return dir
}

// Trees are the directories that a design and what it names may lie in. Paths are compared as they are written, and links resolved when a file is opened.
type Trees struct {
	Guard *Guard // is told what was read; may be nil

	own     []tree
	allowed []string
}

// tree is a directory with what the user has named in it.
type tree struct {
	dir   string
	named []string // relative to dir
}

// Add makes dir one of the trees, as the user named a file or directory in it. Both paths are absolute.
func (t *Trees) Add(dir, named string) error {
	rel, err := filepath.Rel(dir, named)
	if err != nil {
		return err
	}
	for i := range t.own {
		if t.own[i].dir == dir {
			t.own[i].named = append(t.own[i].named, rel)
			return nil
		}
	}
	t.own = append(t.own, tree{dir, []string{rel}})
	return nil
}

// Allow lets designs name files below dir, too. Their lines are not shown.
func (t *Trees) Allow(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	info, err := os.Stat(abs)
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a directory")
	}
	if err != nil {
		return Reason(err)
	}
	t.allowed = append(t.allowed, abs)
	return nil
}

// Read returns the text of a design file or a catalogue. The error has no path. With outside, the file does not lie in the design's own trees, and no line of it is
// to be shown.
func (t *Trees) Read(ctx context.Context, name string) (text string, outside bool, err error) {
	data, outside, err := t.Bytes(ctx, name, source.MaxBytes)
	text, err = design(data, err)
	return text, outside, err
}

// Bytes is [Trees.Read] of a file of at most limit bytes, which is no design.
func (t *Trees) Bytes(ctx context.Context, name string, limit int64) (data []byte, outside bool, err error) {
	abs, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return nil, false, err
	}
	refused := fmt.Errorf("it is outside of the design's directory and its repository: copy it there, or name its directory with --allow-outside %s", filepath.ToSlash(filepath.Dir(filepath.FromSlash(name))))
	for _, own := range t.own {
		rel, err := filepath.Rel(own.dir, abs)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		data, err := t.below(ctx, own.dir, rel, limit, own.visible)
		if errors.Is(err, errEscapes) {
			refused = errEscapes
			continue
		}
		return data, false, err
	}
	if len(t.allowed) == 0 {
		return nil, true, refused
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, true, Reason(err)
	}
	for _, dir := range t.allowed {
		base, err := filepath.EvalSymlinks(dir)
		if err != nil {
			continue
		}
		rel, err := filepath.Rel(base, real)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		data, err := t.below(ctx, base, rel, limit, func(string) bool { return true })
		return data, true, err
	}
	return nil, true, refused
}

var errEscapes = errors.New("it is a link that leads out of the design's directory and its repository, or an absolute one: copy the file there, or name its directory with --allow-outside DIR")

// below reads a file of a directory without leaving it.
func (t *Trees) below(ctx context.Context, dir, rel string, limit int64, visible func(string) bool) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Reason(err)
	}
	defer root.Close()
	data, info, err := whole(ctx, limit, opener{
		stat: func() (fs.FileInfo, error) {
			info, err := root.Stat(rel)
			if err == nil && hidden(dir, rel, visible) {
				err = errHidden
			}
			return info, escape(err)
		},
		open: func() (*os.File, error) {
			f, err := root.OpenFile(rel, os.O_RDONLY|nonblock, 0)
			return f, escape(err)
		},
	})
	if err == nil && t.Guard != nil {
		t.Guard.saw(filepath.Join(dir, rel), info)
	}
	return data, err
}

// escape tells the error of a path that leaves its root, which package os has no name for, from those of the system.
func escape(err error) error {
	var e *fs.PathError
	var system syscall.Errno
	if errors.As(err, &e) && !errors.As(err, &system) && !errors.Is(err, fs.ErrNotExist) {
		return errEscapes
	}
	return err
}

var errHidden = errors.New("it is hidden (its name, or that of a directory, begins with a dot), and hidden files cannot be part of a design: rename it")

// hidden looks at the place that a path of a tree stands for, too. Credentials lie in hidden files: `.git/config` has a token in it after a check-out in an action.
func hidden(dir, rel string, visible func(string) bool) bool {
	if !visible(rel) {
		return true
	}
	base, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return true
	}
	real, err := filepath.EvalSymlinks(filepath.Join(dir, rel))
	if err != nil {
		return true
	}
	at, err := filepath.Rel(base, real)
	return err != nil || !visible(at)
}

// visible reports whether a path has no hidden part, apart from those that the user named. What git keeps is never visible.
func (t tree) visible(rel string) bool {
	parts := strings.Split(rel, string(filepath.Separator))
	for i, p := range parts {
		if !strings.HasPrefix(p, ".") || p == "." || p == ".." {
			continue
		}
		ok := false
		prefix := strings.Join(parts[:i+1], string(filepath.Separator))
		for _, n := range t.named {
			ok = ok || n == prefix || strings.HasPrefix(n, prefix+string(filepath.Separator))
		}
		if !ok || strings.EqualFold(p, ".git") {
			return false
		}
	}
	return true
}
