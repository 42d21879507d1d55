package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/vauban-verifier/vauban/dsl/files"
)

// Before is called before each change of the disk with what it is, such as `rename receipt.json`. Tests end the process there.
var Before = func(string) {}

// Temporary ends the names of files and directories that are not complete.
const Temporary = ".new"

// WriteFile writes a file whole or not at all, and returns when it would survive a crash.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	temp := path + Temporary
	Before("write " + filepath.Base(temp))
	const fresh = os.O_WRONLY | os.O_CREATE | os.O_EXCL // never through a link
	file, err := os.OpenFile(temp, fresh, mode)
	if errors.Is(err, fs.ErrExist) { // of a process that was killed
		if err = os.Remove(temp); err == nil {
			file, err = os.OpenFile(temp, fresh, mode)
		}
	}
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err != nil {
		file.Close()
		os.Remove(temp)
		return err
	}
	return files.Commit(file, path, Before)
}

// Rename gives a file or directory its name.
func Rename(from, to string) error { return files.Rename(from, to, Before) }

// Remove removes a file or an empty directory, which may be gone already.
func Remove(path string) error {
	Before("remove " + filepath.Base(path))
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Mkdir makes a directory and those above it.
func Mkdir(path string) error {
	Before("make " + filepath.Base(path))
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(path))
}

// ReadFile reads a regular file of at most limit bytes, until ctx ends.
func ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	data, err := files.Read(ctx, path, limit)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return data, nil
}

// maxLog is the largest file that [OpenLog] reads, in bytes.
const maxLog = 1 << 30

// OpenLog opens a regular file to be appended to, and makes it where there is none. It returns what is in it.
func OpenLog(ctx context.Context, path string) (*os.File, []byte, error) {
	data, err := ReadFile(ctx, path, maxLog)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	return file, data, err
}

// Lock waits until no other process has the lock at path, or ctx ends, and takes it.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type outcome struct {
		unlock func()
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		u, err := lockedfile.MutexAt(path).Lock()
		done <- outcome{u, err}
	}()
	select {
	case o := <-done:
		return o.unlock, o.err
	case <-ctx.Done():
		go func() { // it may still come
			if o := <-done; o.err == nil {
				o.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}
