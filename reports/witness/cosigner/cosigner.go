package cosigner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// Witness signs checkpoints of logs that it knows.
type Witness struct {
	dir    string
	signer witness.Signer
	logs   map[string]witness.Key // by name
}

// New returns a witness that keeps what it has seen in a directory.
func New(dir string, signer witness.Signer, logs ...witness.Key) (*Witness, error) {
	w := &Witness{dir, signer, map[string]witness.Key{}}
	for _, l := range logs {
		if _, ok := w.logs[l.Name()]; ok {
			return nil, fmt.Errorf("the log %s appears twice", l.Name())
		}
		w.logs[l.Name()] = l
	}
	return w, disk.Mkdir(dir)
}

// Refusal says why a witness does not sign, with the HTTP status that C2SP tlog-witness has for it.
type Refusal struct {
	Status int
	Seen   int64 // with http.StatusConflict: how many leaves of the log the witness has seen
	Err    error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }

// MaxRequest is the largest request that is read, in bytes.
const MaxRequest = witness.MaxCheckpoint + 1<<13

// maxPath is how many hashes a proof has at most.
const maxPath = 63

// Request writes a request: that a witness which has seen `old` leaves signs a checkpoint, whose tree grew out of that.
func Request(old int64, path []tlog.Hash, signed []byte) []byte {
	out := []byte("old " + strconv.FormatInt(old, 10) + "\n")
	for _, h := range path {
		out = append(base64.StdEncoding.AppendEncode(out, h[:]), '\n')
	}
	return append(append(out, '\n'), signed...)
}

// parse reads what [Request] writes.
func parse(request []byte) (old int64, path []tlog.Hash, signed []byte, err error) {
	head, rest, found := bytes.Cut(request, []byte("\n\n"))
	for i, line := range strings.Split(string(head), "\n") {
		if i == 0 {
			digits, ok := strings.CutPrefix(line, "old ")
			if old, err = strconv.ParseInt(digits, 10, 64); err != nil || !ok || old < 0 || strconv.FormatInt(old, 10) != digits {
				return 0, nil, nil, errors.New(`expected the line "old N" first`)
			}
			continue
		}
		h, err := tlog.ParseHash(line)
		if err != nil || len(path) == maxPath {
			return 0, nil, nil, fmt.Errorf("expected at most %d hashes in base64, a line each, and an empty line", maxPath)
		}
		path = append(path, h)
	}
	if !found {
		return 0, nil, nil, errors.New("expected a checkpoint behind an empty line")
	}
	return old, path, rest, nil
}

// origin returns the name of the log that a checkpoint says it is of, which is not believed.
func origin(signed []byte) string {
	name, _, _ := strings.Cut(string(signed), "\n")
	return name
}

// Add answers a request with the line of a signature. The error is a [*Refusal], or one of this machine.
func (w *Witness) Add(ctx context.Context, request []byte) (line []byte, err error) {
	refuse := func(status int, format string, args ...any) ([]byte, error) {
		return nil, &Refusal{status, 0, fmt.Errorf(format, args...)}
	}
	if len(request) > MaxRequest {
		return refuse(http.StatusBadRequest, "the request is larger than %d KB", MaxRequest>>10)
	}
	old, path, signed, err := parse(request)
	if err != nil {
		return refuse(http.StatusBadRequest, "the request: %w", err)
	}
	log, ok := w.logs[origin(signed)]
	if !ok {
		return refuse(http.StatusNotFound, "this witness does not know the log")
	}
	c, err := witness.OpenCheckpoint(signed, log)
	if err != nil {
		return refuse(http.StatusForbidden, "the checkpoint: %w", err)
	}
	if old > c.N {
		return refuse(http.StatusBadRequest, "the request says that this witness has seen %d leaves, and the checkpoint has %d", old, c.N)
	}
	unlock, err := disk.Lock(ctx, filepath.Join(w.dir, lockName))
	if err != nil {
		return nil, err
	}
	defer unlock()
	seen, err := w.seen(ctx, log)
	if err != nil {
		return nil, err
	}
	switch {
	case old != seen.N, c.N == seen.N && c.Hash != seen.Hash && seen.N > 0:
		return nil, &Refusal{http.StatusConflict, seen.N, fmt.Errorf("this witness has seen %d leaves of the log %s with the root %s, which is not what the request builds on", seen.N, log.Name(), seen.Hash)}
	case (old == 0 || old == c.N) && len(path) > 0:
		return refuse(http.StatusUnprocessableEntity, "a proof from %d to %d leaves is empty", old, c.N)
	case old > 0 && old < c.N:
		if err := tlog.CheckTree(path, c.N, c.Hash, old, seen.Hash); err != nil {
			return refuse(http.StatusUnprocessableEntity, "the tree with %d leaves did not grow out of the one with %d that this witness has seen", c.N, old)
		}
	}
	if c.N > seen.N || seen.Origin == "" {
		if err := disk.WriteFile(w.path(log), []byte(c.String()), 0o600); err != nil {
			return nil, err
		}
	}
	cosigned, err := note.Sign(&note.Note{Text: c.String()}, w.signer)
	if err != nil {
		return nil, err
	}
	return cosigned[len(c.String())+1:], nil
}

const lockName = ".lock"

// path returns the file that has what was seen of a log. The key is in its name: a log with another key is another log.
func (w *Witness) path(log witness.Key) string {
	sum := sha256.Sum256([]byte(log.String()))
	return filepath.Join(w.dir, hex.EncodeToString(sum[:16])+".checkpoint")
}

// seen returns what was seen of a log; the zero checkpoint if nothing was.
func (w *Witness) seen(ctx context.Context, log witness.Key) (witness.Checkpoint, error) {
	path := w.path(log)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return witness.Checkpoint{}, nil
	}
	data, err := disk.ReadFile(ctx, path, witness.MaxCheckpoint)
	if err != nil {
		return witness.Checkpoint{}, err
	}
	c, err := witness.ParseCheckpoint(string(data))
	if err == nil && c.Origin != log.Name() {
		err = errors.New("it is of another log")
	}
	if err != nil {
		return c, fmt.Errorf("what this witness has seen is damaged: %s: %w: it signs nothing more for the log %s", path, err, log.Name())
	}
	return c, nil
}

// Handler answers requests over HTTP. Trouble of this machine goes to report.
func (w *Witness) Handler(report func(error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(out http.ResponseWriter, r *http.Request) {
		request, err := io.ReadAll(http.MaxBytesReader(out, r.Body, MaxRequest))
		if err != nil {
			http.Error(out, "the request cannot be read", http.StatusBadRequest)
			return
		}
		line, err := w.Add(r.Context(), request)
		var refusal *Refusal
		switch {
		case err == nil:
			_, _ = out.Write(line) // an asker who is gone asks again
		case !errors.As(err, &refusal):
			report(err)
			http.Error(out, "this witness is in trouble: ask again later", http.StatusInternalServerError)
		case refusal.Status == http.StatusConflict:
			out.Header().Set("Content-Type", "text/x.tlog.size")
			out.WriteHeader(refusal.Status)
			fmt.Fprintf(out, "%d\n", refusal.Seen)
		default:
			http.Error(out, refusal.Error(), refusal.Status)
		}
	})
	return mux
}

// Asked returns the signed checkpoint of a request.
func Asked(request []byte) (signed []byte, err error) {
	_, _, signed, err = parse(request)
	return signed, err
}
