package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// stdinName is what standard input is called in diagnostics and reports.
const stdinName = "<stdin>"

// input is a design: the names of its files, the root first, and how they are read.
type input struct {
	names []string
	read  source.Reader
}

// input is the design that arguments name.
func (a *app) input(paths []string) (input, error) {
	in := newFiles(a.stdin)
	names, err := in.names(paths)
	return input{names, in.read}, err
}

// files reads inputs by name.
type files struct {
	stdin io.Reader
}

func newFiles(stdin io.Reader) *files { return &files{stdin} }

// names turns arguments into names of inputs: "-" is standard input, and can be read once.
func (f *files) names(args []string) ([]string, error) {
	var out []string
	piped := false
	for _, arg := range args {
		if arg == "-" {
			if piped {
				return nil, errors.New("standard input can be read only once: name - only once")
			}
			piped = true
			out = append(out, stdinName)
			continue
		}
		out = append(out, filepath.ToSlash(arg))
	}
	return out, nil
}

// read is the [source.Reader] of the command line.
func (f *files) read(name string) (string, error) {
	if name == stdinName {
		return limited(f.stdin)
	}
	path := filepath.FromSlash(name)
	info, err := os.Stat(path) // before opening: opening a pipe waits for who writes to it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("there is no such file")
	case err != nil:
		return "", reason(err)
	case info.IsDir():
		return "", errors.New("it is a directory: name a file in it")
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file: pipe it in and name - instead")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", reason(err)
	}
	defer file.Close()
	return limited(file)
}

// readFile reads a file of evidence of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("cannot read %s: %w", path, reason(err)) }
	info, err := os.Stat(path) // before opening: opening a pipe waits for who writes to it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(errors.New("there is no such file"))
	case err != nil:
		return fail(err)
	case !info.Mode().IsRegular():
		return fail(errors.New("it is not a regular file"))
	}
	file, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return fail(err)
	}
	if int64(len(data)) > limit {
		return fail(fmt.Errorf("it is larger than %d bytes", limit))
	}
	return data, nil
}

// limited reads all of r, unless it is larger than an input may be.
func limited(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, source.MaxBytes+1))
	if err != nil {
		return "", reason(err)
	}
	if len(data) > source.MaxBytes {
		return "", fmt.Errorf("it is larger than %d MB: split it with `include`", source.MaxBytes>>20)
	}
	return string(data), nil
}

// reason is a file error without the path, which the message around it names.
func reason(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// writeFile writes a file whole or not at all: to a temporary file beside it, which then takes its name.
func writeFile(path string, data []byte) (err error) {
	fail := func(err error) error { return fmt.Errorf("cannot write %s: %w", path, reason(err)) }
	mode := fs.FileMode(0o644)
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	switch info, err := os.Stat(target); {
	case err == nil && info.IsDir():
		return fmt.Errorf("cannot write %s: it is a directory: name a file in it", path)
	case err == nil && !info.Mode().IsRegular(): // a device or a pipe cannot be replaced
		file, err := os.OpenFile(target, os.O_WRONLY, 0)
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
	temp, err := os.CreateTemp(filepath.Dir(target), ".vauban-*")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot write %s: the directory %s does not exist: make it first", path, filepath.Dir(path))
		}
		return fail(err)
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if _, err = temp.Write(data); err != nil {
		return fail(err)
	}
	if err = temp.Chmod(mode); err != nil {
		return fail(err)
	}
	if err = temp.Sync(); err != nil {
		return fail(err)
	}
	if err = temp.Close(); err != nil {
		return fail(err)
	}
	if err = os.Rename(temp.Name(), target); err != nil {
		return fail(err)
	}
	return nil
}
