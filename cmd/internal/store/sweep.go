package store

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

func temporary() string { return rand.Text() }

// Stat is what a store has.
type Stat struct {
	Entries, Bytes map[string]int64 // by kind
	Oldest         time.Time        // use of an entry; zero where there is none
}

// entry is a file of a store.
type entry struct {
	name string
	kind kind // "": it is none, or is being written
	size int64
	used time.Time
}

func (s *Store) entries() ([]entry, error) {
	var out []entry
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // another process was here
			return nil
		case err != nil:
			return err
		case d.IsDir() || name == marker || name == swept:
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		e := entry{name: name, size: info.Size(), used: info.ModTime()}
		for _, k := range kinds {
			if path.Ext(name) == "."+string(k) && d.Type().IsRegular() {
				e.kind = k
			}
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

// Stat counts what there is.
func (s *Store) Stat() (Stat, error) {
	out := Stat{Entries: map[string]int64{}, Bytes: map[string]int64{}}
	all, err := s.entries()
	for _, e := range all {
		if e.kind == "" {
			continue
		}
		out.Entries[string(e.kind)]++
		out.Bytes[string(e.kind)] += e.size
		if out.Oldest.IsZero() || e.used.Before(out.Oldest) {
			out.Oldest = e.used
		}
	}
	return out, err
}

// Collect drops what was not used for longest, until the store has no more than a limit, and what was never finished. It returns how many bytes went.
func (s *Store) Collect(limit int64) (int64, error) {
	all, err := s.entries()
	if err != nil {
		return 0, err
	}
	slices.SortFunc(all, func(a, b entry) int { return a.used.Compare(b.used) })
	var size, gone int64
	for _, e := range all {
		size += e.size
	}
	if size > limit {
		limit -= limit / 5 // so that it is not done again at once
	}
	for _, e := range all {
		if given := e.kind == "" && time.Since(e.used) > abandon; given || e.kind != "" && size > limit {
			if err := s.root.Remove(e.name); err == nil {
				gone += e.size
			}
			size -= e.size
		}
	}
	return gone, nil
}

// Verified is what came of looking at each entry.
type Verified struct {
	Good    int
	Foreign int // reports by another key: they never count here
	Broken  []string
}

// Verify looks at each entry, and drops what is broken. That a report is by another key cannot be told from one that was changed.
func (s *Store) Verify(ctx context.Context) (Verified, error) {
	var out Verified
	all, err := s.entries()
	for _, e := range all {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if e.kind == "" {
			continue
		}
		name := strings.TrimSuffix(strings.ReplaceAll(e.name, "/", ""), "."+string(e.kind))
		data, err := s.read(ctx, e.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch _, good := s.unseal(e.kind, name, data); {
		case err == nil && good && (e.kind == proposal || s.key != nil):
			out.Good++
		case err == nil && e.kind == report:
			out.Foreign++
		default:
			out.Broken = append(out.Broken, e.name)
			_ = s.root.Remove(e.name) // it may be gone by now
		}
	}
	return out, err
}
