package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/files"
)

const (
	marker  = "vauban-store" // the file that says that a directory is a store, and its form
	form    = "vauban store 1\n"
	pending = "new-" // begins the names of files that are being written

	// Limit is how many bytes a store may have, unless somebody says otherwise.
	Limit = 1 << 30

	maxEntry = 1 << 27
	fresh    = time.Hour      // what was used since needs no new date
	abandon  = 24 * time.Hour // what is being written for longer was given up
)

// kind is what an entry is.
type kind string

// The kinds.
const (
	proposal kind = "proposal"
	report   kind = "report" // and what was read for it
)

var kinds = []kind{proposal, report}

// Store is a directory of entries. It is safe for concurrent use.
type Store struct {
	root *os.Root
	key  []byte // nil: there are no reports

	mu      sync.Mutex
	written int64
}

// Open opens a store, and makes one where there is nothing. Without a key, it has no reports.
func Open(ctx context.Context, dir string, key []byte) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the store %s: %w", dir, files.Reason(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open the store %s: %w", dir, files.Reason(err))
	}
	s := &Store{root: root, key: key}
	there, err := s.read(ctx, marker)
	switch {
	case err == nil && string(there) == form:
		return s, nil
	case err == nil:
		err = fmt.Errorf("%s is a store of another version: name another directory", dir)
	case errors.Is(err, fs.ErrNotExist):
		var names []os.DirEntry
		if names, err = fs.ReadDir(root.FS(), "."); err == nil && len(names) > 0 && !slices.ContainsFunc(names, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), pending) }) {
			err = fmt.Errorf("%s is a directory with something else in it: name one that is empty, or is not there", dir)
		}
		if err == nil {
			err = s.write(marker, []byte(form))
		}
		if err == nil {
			return s, nil
		}
	}
	root.Close()
	return nil, err
}

// Close closes the store, and drops what is too much after more was written.
func (s *Store) Close() error {
	s.mu.Lock()
	written := s.written
	s.mu.Unlock()
	var err error
	if written > 0 && s.due(written) {
		_, err = s.Collect(Limit)
	}
	return errors.Join(err, s.root.Close())
}

// swept is the file whose date says when the store was last looked through.
const swept = "swept"

// due reports whether it is time to look through the store: after much was written, and else now and then.
func (s *Store) due(written int64) bool {
	info, err := s.root.Stat(swept)
	if err == nil && time.Since(info.ModTime()) < fresh && written < Limit/16 {
		return false
	}
	return s.write(swept, nil) == nil
}

// address is the name of an entry: below one of 256 directories.
func address(k kind, name string) string { return name[:2] + "/" + name[2:] + "." + string(k) }

// An entry is a line that says what it is, then its digest or code, then its content.
func (s *Store) seal(k kind, name string, data []byte) []byte {
	head := string(k) + " " + name + "\n"
	return append(append([]byte(head), s.sum(k, head, data)...), data...)
}

// sum is the digest of a proposal, and the code of a report.
func (s *Store) sum(k kind, head string, data []byte) []byte {
	h := sha256.New()
	if k == report {
		h = hmac.New(sha256.New, s.key)
	}
	h.Write([]byte(head))
	h.Write(data)
	return h.Sum(nil)
}

// unseal returns the content of an entry; false where it is another one, broken, or by somebody else.
func (s *Store) unseal(k kind, name string, entry []byte) ([]byte, bool) {
	head := string(k) + " " + name + "\n"
	rest, ok := bytes.CutPrefix(entry, []byte(head))
	if !ok || len(rest) < sha256.Size {
		return nil, false
	}
	data := rest[sha256.Size:]
	return data, hmac.Equal(rest[:sha256.Size], s.sum(k, head, data))
}

func (s *Store) get(k kind, name string) []byte {
	at := address(k, name)
	entry, err := s.read(context.Background(), at)
	if err != nil {
		return nil
	}
	data, ok := s.unseal(k, name, entry)
	if !ok {
		_ = s.root.Remove(at) // whoever has found it broken may have been faster
		return nil
	}
	if info, err := s.root.Stat(at); err == nil && time.Since(info.ModTime()) > fresh {
		now := time.Now()
		_ = s.root.Chtimes(at, now, now) // else it goes earlier
	}
	return data
}

func (s *Store) put(k kind, name string, data []byte) {
	if len(data) > maxEntry/2 {
		return
	}
	_ = s.root.Mkdir(name[:2], 0o700)                    // it may be there
	_ = s.write(address(k, name), s.seal(k, name, data)) // what is not kept is found again
}

// write writes a file beside, and renames it.
func (s *Store) write(name string, data []byte) error {
	s.mu.Lock()
	s.written += int64(len(data))
	s.mu.Unlock()
	temp := path.Join(path.Dir(name), pending+temporary())
	file, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = s.root.Rename(temp, name)
	}
	if err != nil {
		_ = s.root.Remove(temp)
	}
	return err
}

// read reads a regular file of the store.
func (s *Store) read(ctx context.Context, name string) ([]byte, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	file, err := s.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return files.All(ctx, file, maxEntry)
}

// Get implements [checker.Store].
func (s *Store) Get(key checker.Key) []byte { return s.get(proposal, hex.EncodeToString(key[:])) }

// Put implements [checker.Store].
func (s *Store) Put(key checker.Key, data []byte) {
	s.put(proposal, hex.EncodeToString(key[:]), data)
}

// Drop implements [checker.Store].
func (s *Store) Drop(key checker.Key) {
	_ = s.root.Remove(address(proposal, hex.EncodeToString(key[:]))) // it may be gone
}

// Reports reports whether the store has a key, without which it has no reports.
func (s *Store) Reports() bool { return s.key != nil }

// Report returns what was kept of an address, which may be any bytes; nil where there is nothing by the store's key.
func (s *Store) Report(of []byte) []byte {
	if s.key == nil {
		return nil
	}
	return s.get(report, s.reportName(of))
}

// Keep keeps a report.
func (s *Store) Keep(of, data []byte) {
	if s.key != nil {
		s.put(report, s.reportName(of), data)
	}
}

// reportName is the name of a report, which only those who have the key can tell.
func (s *Store) reportName(of []byte) string {
	code := hmac.New(sha256.New, s.key)
	code.Write([]byte("address\n"))
	code.Write(of)
	return hex.EncodeToString(code.Sum(nil))
}
