package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// maxListed is how many design files of a directory or a revision are looked at.
const maxListed = 10_000

// revision is a commit of the repository that the current directory lies in.
type revision struct {
	ctx    context.Context
	name   string // as the user named it
	commit string
}

// git runs git, which neither asks nor fetches, on an input, and returns what it writes, up to a limit.
func git(ctx context.Context, limit int, input string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1")
	out := &bounded{limit: limit}
	var errs bytes.Buffer
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no git command: install git, or name files and directories")
	case out.full:
		return nil, fmt.Errorf("git writes more than %d MB", limit>>20)
	case err != nil:
		if text := strings.TrimSpace(errs.String()); text != "" {
			return nil, errors.New(text)
		}
		return nil, err
	}
	return out.Bytes(), nil
}

// bounded is a buffer that takes no more than a limit.
type bounded struct {
	bytes.Buffer
	limit int
	full  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		b.full = true
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}

// findRevision resolves the name of a revision; nil when git knows none of this name.
func findRevision(ctx context.Context, name string) (*revision, error) {
	if strings.HasPrefix(name, "-") {
		return nil, nil
	}
	out, err := git(ctx, source.MaxBytes, "", "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return nil, Failf(ExitInterrupted, "interrupted: nothing was compared")
		case errors.As(err, &exit), strings.Contains(err.Error(), "not a git repository"): // it says nothing, or this
			return nil, nil
		}
		return nil, err
	}
	return &revision{ctx, name, strings.TrimSpace(string(out))}, nil
}

// ErrNotThere says that a revision does not have a file.
var ErrNotThere = errors.New("there is no such file")

// read is the [source.Reader] of a revision. Names are paths from the root of the repository.
func (r *revision) read(name string) (string, error) {
	name = path.Clean(name)
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("it is outside of the repository, of which revision %s is read", r.name)
	}
	if strings.ContainsAny(name, "\n\x00") {
		return "", fmt.Errorf("%w in revision %s", ErrNotThere, r.name)
	}
	// Links are resolved as long as they stay in the revision.
	kind, err := git(r.ctx, source.MaxBytes, r.commit+":"+name+"\n", "cat-file", "--batch-check", "--follow-symlinks")
	if err != nil {
		return "", err
	}
	about := strings.Fields(string(kind)) // ID, type and size, or why there is none
	switch {
	case len(about) > 0 && about[0] == "symlink":
		return "", fmt.Errorf("it is a link that leads out of the repository, of which revision %s is read", r.name)
	case len(about) != 3 || len(about[0]) < 40:
		return "", fmt.Errorf("%w in revision %s", ErrNotThere, r.name)
	case about[1] != "blob":
		return "", errors.New("it is a directory: name a file in it")
	}
	if n, err := strconv.Atoi(about[2]); err != nil || n > source.MaxBytes {
		return "", fmt.Errorf("it is larger than %d MB: split it with `include`", source.MaxBytes>>20)
	}
	data, err := git(r.ctx, source.MaxBytes, "", "cat-file", "blob", about[0])
	if err != nil {
		return "", err
	}
	return files.Text(data)
}

// list returns the design files at or below a path, sorted. The path is from the root of the repository; "." is all of it.
func (r *revision) list(at string) ([]string, error) {
	args := []string{"ls-tree", "-r", "-z", "--name-only", "--full-tree", r.commit}
	if at != "." {
		args = append(args, "--", at)
	}
	out, err := git(r.ctx, 64<<20, "", args...)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if path.Ext(name) == ".vbn" {
			names = append(names, name)
		}
	}
	if len(names) > maxListed {
		return nil, fmt.Errorf("revision %s has %d design files there, expected at most %d: name a directory or a file", r.name, len(names), maxListed)
	}
	slices.Sort(names)
	return names, nil
}
