package logbook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// Source reads the files of a log.
type Source struct {
	where string
	read  func(ctx context.Context, path string) ([]byte, error)
}

// maxFile is the largest file of a log, in bytes: 256 leaves, or hashes, or a checkpoint.
const maxFile = witness.MaxCheckpoint

// At returns the log in a directory, or at a web address.
func At(where string) (*Source, error) {
	if !strings.Contains(where, "://") {
		return &Source{where, func(ctx context.Context, path string) ([]byte, error) {
			return disk.ReadFile(ctx, filepath.Join(where, filepath.FromSlash(path)), maxFile)
		}}, nil
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the log %q: expected a directory, or an address such as https://log.example.com/", where)
	}
	return &Source{where, func(ctx context.Context, path string) ([]byte, error) {
		answer, status, err := Ask(ctx, http.MethodGet, u.JoinPath(path).String(), "", nil, maxFile)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s: status %d", path, status)
		}
		return answer, err
	}}, nil
}

// patience is how long an answer may take.
const patience = 30 * time.Second

// Ask sends a request, whose body is of a kind (a media type), and returns the answer, of at most limit bytes. It follows no redirects: nothing is sent where the user has not said.
func Ask(ctx context.Context, method, address, kind string, body io.Reader, limit int64) (answer []byte, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, 0, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer got.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(got.Body, limit+1))
	if err == nil && int64(len(answer)) > limit {
		err = fmt.Errorf("the answer of %s has more than %d bytes", address, limit)
	}
	return answer, got.StatusCode, err
}

// Checkpoint reads the newest checkpoint, which has to be signed with the log's key.
func (s *Source) Checkpoint(ctx context.Context, key witness.Key) (witness.Checkpoint, []byte, error) {
	signed, err := s.read(ctx, checkpointName)
	if err != nil {
		return witness.Checkpoint{}, nil, s.failed(err)
	}
	c, err := witness.OpenCheckpoint(signed, key)
	if err != nil {
		return witness.Checkpoint{}, nil, s.failed(fmt.Errorf("its checkpoint: %w", err))
	}
	return c, signed, nil
}

func (s *Source) failed(err error) error { return fmt.Errorf("the log %s: %w", s.where, err) }

// Prove returns the way from a leaf to the root of a checkpoint.
func (s *Source) Prove(ctx context.Context, c witness.Checkpoint, number int64) ([]tlog.Hash, error) {
	if number < 0 || number >= c.N {
		return nil, s.failed(fmt.Errorf("it has %d leaves, and this milestone would be the leaf %d: it has not come there yet", c.N, number))
	}
	p, err := tlog.ProveRecord(c.N, number, s.hashes(ctx, c.Tree))
	if err != nil {
		return nil, s.failed(err)
	}
	return p, nil
}

// Growth returns the proof that the tree of a checkpoint grew out of that with the first `from` leaves.
func (s *Source) Growth(ctx context.Context, c witness.Checkpoint, from int64) ([]tlog.Hash, error) {
	switch {
	case from < 0 || from > c.N:
		return nil, s.failed(fmt.Errorf("it has %d leaves, and a witness has seen %d: it was rolled back, or it is another one", c.N, from))
	case from == 0 || from == c.N:
		return nil, nil
	}
	p, err := tlog.ProveTree(c.N, from, s.hashes(ctx, c.Tree))
	if err != nil {
		return nil, s.failed(err)
	}
	return p, nil
}

// hashes returns a reader of the hashes of a tree, which checks what it reads against the root.
func (s *Source) hashes(ctx context.Context, t tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(t, tiles{ctx, s})
}

// tiles reads tiles of hashes.
type tiles struct {
	ctx context.Context
	*Source
}

const (
	height         = 8 // of a tile: the hashes of 256 subtrees
	width          = 1 << height
	bundles        = -1 // the level of tiles that hold leaves
	checkpointName = "checkpoint"
)

// tilePath returns the path of a tile, as C2SP tlog-tiles has it.
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	if rest, ok := strings.CutPrefix(path, "data/"); ok {
		path = "entries/" + rest
	}
	return "tile/" + path
}

// Height implements [tlog.TileReader].
func (t tiles) Height() int { return height }

// SaveTiles implements [tlog.TileReader].
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements [tlog.TileReader].
func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range list {
		data, err := t.read(t.ctx, tilePath(tile))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, errors.New(tilePath(tile) + " has another size than a tile")
		}
		out = append(out, data)
	}
	return out, nil
}
