package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Journal is a file of lines to which lines are added, so that what was added is there after a crash. A line that a crash cut short is dropped.
type Journal struct {
	path string
	file *os.File
	out  *bufio.Writer
	Size int64 // in bytes
}

// MaxJournal bounds a journal that is read.
const MaxJournal = 1 << 30

// OpenJournal opens a journal, or begins one, and calls take with each of its lines. A line is valid until take returns. The error says why not, without the path.
func OpenJournal(path string, take func(line []byte) error) (*Journal, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errIrregular
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, Reason(err)
	}
	j := &Journal{path: path, file: file}
	in := bufio.NewReader(io.LimitReader(file, MaxJournal+1))
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what is left was cut short
			break
		}
		if err == nil {
			err = take(bytes.TrimSuffix(line, []byte("\n")))
		}
		if j.Size += int64(len(line)); err == nil && j.Size > MaxJournal {
			err = errLarge
		}
		if err != nil {
			file.Close()
			return nil, err
		}
	}
	if err := j.at(file); err != nil {
		file.Close()
		return nil, Reason(err)
	}
	return j, nil
}

// at goes on behind what the journal has in a file.
func (j *Journal) at(file *os.File) error {
	if err := file.Truncate(j.Size); err != nil {
		return err
	}
	if _, err := file.Seek(j.Size, io.SeekStart); err != nil {
		return err
	}
	j.file, j.out = file, bufio.NewWriter(file)
	return nil
}

// Add adds a line, which is there for certain after [Journal.Sync].
func (j *Journal) Add(line []byte) error {
	j.Size += int64(len(line)) + 1
	_, err := j.out.Write(append(line, '\n'))
	return err
}

// Sync has all that was added on the disk.
func (j *Journal) Sync() error {
	if err := j.out.Flush(); err != nil {
		return Reason(err)
	}
	return Reason(j.file.Sync())
}

// Keep leaves in the journal the lines that keep returns, in their order: of a line, another one in its place, or nil for none. A crash leaves the one journal or the other.
func (j *Journal) Keep(keep func(line []byte) []byte) error {
	if err := j.Sync(); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(j.path), ".vauban-*")
	if err != nil {
		return Reason(err)
	}
	next := &Journal{path: j.path, out: bufio.NewWriter(temp), file: temp}
	fail := func(err error) error {
		temp.Close()
		os.Remove(temp.Name())
		return fmt.Errorf("cannot write it again: %w", Reason(err))
	}
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	in := bufio.NewReader(j.file)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(err)
		}
		if kept := keep(bytes.TrimSuffix(line, []byte("\n"))); kept != nil {
			if err := next.Add(kept); err != nil {
				return fail(err)
			}
		}
	}
	if err := next.Sync(); err != nil {
		return fail(err)
	}
	if err := Rename(temp.Name(), j.path, nil); err != nil {
		return fail(err)
	}
	j.file.Close()
	*j = *next
	return nil
}

// Close closes the journal.
func (j *Journal) Close() error { return errors.Join(j.Sync(), j.file.Close()) }
