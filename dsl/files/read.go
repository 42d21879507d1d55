package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// reason is an error for people that is also one of package fs or context.
type reason struct {
	text string
	is   error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.is }

// Why a file is not read. The texts have no path, which the message around them names.
var (
	errMissing   = &reason{"there is no such file", fs.ErrNotExist}
	errLarge     = errors.New("it is too large")
	errDirectory = errors.New("it is a directory: name a file in it")
	errIrregular = errors.New("it is not a regular file")
	errMadeUp    = errors.New("it is not a file on a disk: the kernel makes it up")
)

// Reason is a file error without the path, which the message around it names.
func Reason(err error) error {
	var e *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &e):
		return errMissing
	case errors.As(err, &e):
		return e.Err
	}
	return err
}

// Read returns what is in the regular file at path, which the user has named: at most limit bytes, and until ctx ends. An error says why not, without
// the path; [fs.ErrNotExist] and the error of ctx can be told from it.
func Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	data, _, err := ReadInfo(ctx, path, limit)
	return data, err
}

// ReadInfo is [Read] that also tells what was opened.
func ReadInfo(ctx context.Context, path string, limit int64) ([]byte, fs.FileInfo, error) {
	return whole(ctx, limit, opener{
		stat: func() (fs.FileInfo, error) { return os.Stat(path) },
		open: func() (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|nonblock, 0) },
	})
}

// All reads r until its end, as [Read] reads a file.
func All(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	return wait(ctx, func() ([]byte, error) { return bounded(r, limit) })
}

func bounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, Reason(err)
	case int64(len(data)) > limit && limit >= 1<<20:
		return nil, &reason{fmt.Sprintf("it is larger than %d MB", limit>>20), errLarge}
	case int64(len(data)) > limit:
		return nil, &reason{fmt.Sprintf("it is larger than %d bytes", limit), errLarge}
	}
	return data, nil
}

// opener opens one file.
type opener struct {
	stat func() (fs.FileInfo, error)
	open func() (*os.File, error)
}

// whole reads a regular file. It looks before it opens, as opening a device may do something, and again after, as it may be another file by then.
func whole(ctx context.Context, limit int64, o opener) ([]byte, fs.FileInfo, error) {
	var info fs.FileInfo
	data, err := wait(ctx, func() ([]byte, error) {
		at, err := o.stat()
		if err == nil {
			err = regular(at)
		}
		if err != nil {
			return nil, Reason(err)
		}
		file, err := o.open()
		if err != nil {
			return nil, Reason(err)
		}
		defer file.Close()
		if at, err = file.Stat(); err == nil {
			err = regular(at)
		}
		if err != nil {
			return nil, Reason(err)
		}
		if madeUp(file) {
			return nil, errMadeUp
		}
		info = at
		return bounded(file, limit)
	})
	if err != nil {
		return nil, nil, err
	}
	return data, info, nil
}

func regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errDirectory
	case !info.Mode().IsRegular():
		return errIrregular
	}
	return nil
}

// wait does something that may never end, beside, and gives up when ctx ends. A panic in it is one of the caller.
func wait(ctx context.Context, do func() ([]byte, error)) ([]byte, error) {
	type outcome struct {
		data     []byte
		err      error
		panicked any
	}
	if ctx.Err() != nil {
		return nil, &reason{"interrupted", ctx.Err()}
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.panicked = recover()
			done <- o
		}()
		o.data, o.err = do()
	}()
	select {
	case o := <-done:
		if o.panicked != nil {
			panic(o.panicked)
		}
		return o.data, o.err
	case <-ctx.Done():
		return nil, &reason{"interrupted", ctx.Err()}
	}
}

// secret finds what key files begin with: PEM (RFC 7468; certificates too, as they are no designs either), SSH2 (RFC 4716), PuTTY, age.
var secret = regexp.MustCompile(`(?m)^[ \t\x{feff}]*(-----BEGIN |---- BEGIN |PuTTY-User-Key-File-|AGE-SECRET-KEY-1)`)

// Text returns the text of a design, a catalogue or a configuration. It refuses what is none: what looks like a key, UTF-16, and binary data.
func Text(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "", errors.New("it is UTF-16: save it as UTF-8")
	case bytes.IndexByte(data, 0) >= 0:
		return "", errors.New("it is not text: there is a NUL byte in it")
	case bytes.Contains(data, []byte("KEY-1")) || bytes.Contains(data, []byte("Key-File-")) || bytes.Contains(data, []byte("BEGIN ")): // which is seldom so, and looked for faster
		if !secret.Match(data) {
			return string(data), nil
		}
		return "", errors.New("it looks like a key or a certificate, and none of it is shown")
	}
	return string(data), nil
}

// design is [Text] of what was read as a design.
func design(data []byte, err error) (string, error) {
	switch {
	case errors.Is(err, errLarge):
		return "", fmt.Errorf("%w: split it with `include`", err)
	case errors.Is(err, errIrregular), errors.Is(err, errMadeUp):
		return "", fmt.Errorf("%w: pipe it in and name - instead", err)
	case err != nil:
		return "", err
	}
	return Text(data)
}

// Piped reads a design from r, as [Trees.Read] reads it from a file.
func Piped(ctx context.Context, r io.Reader) (string, error) {
	return design(All(ctx, r, source.MaxBytes))
}
