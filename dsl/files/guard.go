package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Guard keeps outputs from destroying inputs. It knows the files of a run that were read, that the user named, or that were written, and lets nothing be
// written over one of them: by another path, a link or another spelling neither, as files are compared and not names. The zero value knows none.
type Guard struct {
	mu   sync.Mutex
	held []held
}

// held is a file that nothing may replace.
type held struct {
	name string
	what string // "an input", "an output"
	info fs.FileInfo
}

// Kinds of what is held.
const (
	anInput  = "an input"
	anOutput = "another output"
)

// saw remembers what was opened.
func (g *Guard) saw(name string, info fs.FileInfo) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.held {
		if os.SameFile(h.info, info) {
			return
		}
	}
	g.held = append(g.held, held{name, anInput, info})
}

// Keep remembers inputs before they are read. One that is not there, or has no name, needs no keeping.
func (g *Guard) Keep(paths ...string) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && path != "" && info.Mode().IsRegular() {
			g.saw(path, info)
		}
	}
}

// KeepFile remembers what a stream comes from, when that is a file, such as standard input.
func (g *Guard) KeepFile(name string, stream any) {
	if f, ok := stream.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			g.saw(name, info)
		}
	}
}

// Check says why one of these outputs, which are to be written in one run, must not be: it is an input, another of them, or a private key. It is to
// be called before anything is written. An empty path is standard output.
func (g *Guard) Check(outputs ...string) error {
	for i, path := range outputs {
		if path == "" {
			continue
		}
		if err := g.free(path); err != nil {
			return err
		}
		for _, other := range outputs[:i] {
			if other != "" && same(path, other) {
				return fmt.Errorf("%s and %s are one file: name another for one of the outputs", other, path)
			}
		}
	}
	return nil
}

// CheckFile is [Guard.Check] of a stream that is open already, such as standard output.
func (g *Guard) CheckFile(stream io.Writer) error {
	f, ok := stream.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.held {
		if os.SameFile(h.info, info) && h.what == anInput {
			return fmt.Errorf("standard output is %s, %s: send it to another file", h.name, h.what)
		}
	}
	return nil
}

// same reports whether two outputs would be one file. A device or a pipe takes several.
func same(path, other string) bool {
	x, err := os.Stat(path)
	y, err2 := os.Stat(other)
	if err == nil && err2 == nil {
		return os.SameFile(x, y) && x.Mode().IsRegular()
	}
	return target(path) == target(other)
}

func (g *Guard) free(path string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is nothing to replace
	}
	for _, h := range g.held {
		if os.SameFile(h.info, info) {
			return fmt.Errorf("%s is %s%s: name another file", path, h.what, as(path, h.name))
		}
	}
	if info.Mode().IsRegular() && isKey(path) {
		return fmt.Errorf("%s is a private key: name another file", path)
	}
	return nil
}

// as says under which name a file was read, when that is another.
func as(path, name string) string {
	abs, err := filepath.Abs(path)
	if name = filepath.FromSlash(name); err == nil && abs == name || filepath.Clean(path) == filepath.Clean(name) {
		return ""
	}
	return " (" + name + ")"
}

// isKey reports whether a file begins as a private key.
func isKey(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	head, _ := io.ReadAll(io.LimitReader(f, 1<<10)) // what can be read is looked at
	return secret.Match(head) && strings.Contains(string(head), "PRIVATE KEY")
}

// target returns the path that writing to path changes: that of the file that a link leads to.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}

// Write writes a file whole or not at all: to a temporary file beside it, which then takes its name. It refuses what [Guard.Check] refuses.
func (g *Guard) Write(path string, data []byte) error {
	if err := g.Check(path); err != nil {
		return err
	}
	if err := write(path, data); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		g.mu.Lock()
		g.held = append(g.held, held{path, anOutput, info})
		g.mu.Unlock()
	}
	return nil
}

// Rewrite puts a new text in the place of an input's, unless somebody has changed the file since it was read.
func (g *Guard) Rewrite(path, old, text string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, Reason(err))
	}
	now, err := bounded(f, source.MaxBytes)
	f.Close()
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if string(now) != old {
		return fmt.Errorf("%s was changed after it was read: nothing was written to it, run the command again", path)
	}
	return write(path, []byte(text))
}

func write(path string, data []byte) (err error) {
	fail := func(err error) error { return fmt.Errorf("cannot write %s: %w", path, Reason(err)) }
	mode := fs.FileMode(0o644)
	at := target(path)
	switch info, err := os.Stat(at); {
	case err == nil && info.IsDir():
		return fmt.Errorf("cannot write %s: it is a directory: name a file in it", path)
	case err == nil && !info.Mode().IsRegular(): // a device or a pipe cannot be replaced
		file, err := os.OpenFile(at, os.O_WRONLY, 0)
		if err != nil {
			return fail(err)
		}
		if _, err = file.Write(data); err != nil {
			file.Close()
			return fail(err)
		}
		if err = file.Close(); err != nil {
			return fail(err)
		}
		return nil
	case err == nil:
		mode = info.Mode().Perm()
	}
	temp, err := os.CreateTemp(filepath.Dir(at), ".vauban-*")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot write %s: the directory %s does not exist: make it first", path, filepath.Dir(path))
		}
		return fail(err)
	}
	if _, err = temp.Write(data); err == nil {
		err = temp.Chmod(mode)
	}
	if err != nil {
		temp.Close()
		os.Remove(temp.Name())
		return fail(err)
	}
	if err = Commit(temp, at, nil); err != nil {
		return fail(err)
	}
	return nil
}
