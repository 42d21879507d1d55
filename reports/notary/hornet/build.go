package hornet

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // for the pinned module
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
)

// Version is the release of HORNET that is built.
const Version = "v2.0.2"

const module = "github.com/iotaledger/hornet/v2"

// The pinned module that the node is built in. The files are not named go.mod and go.sum, as Go embeds nothing of another module.
var (
	//go:embed pin/hornet.mod
	pinnedMod []byte
	//go:embed pin/hornet.sum
	pinnedSum []byte
)

// Binary returns where the built node is kept, below the user's cache directory, and whether it is there. The place is another one for each version of
// the pinned module.
func Binary() (path string, built bool, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", false, fmt.Errorf("no place to keep the built node: %w: set HOME or XDG_CACHE_HOME", err)
	}
	pin := sha256.Sum256(append(bytes.Clone(pinnedMod), pinnedSum...))
	dir := fmt.Sprintf("hornet-%s-%x", strings.TrimPrefix(Version, "v"), pin[:6])
	path = filepath.Join(cache, "vauban", dir, "hornet")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular(), nil
}

// Stage is how far a build is.
type Stage struct {
	Fetched  int // modules
	Compiled int // packages
	Packages int // at most so many are to be compiled; 0 while modules are fetched
}

// Progress is told each stage of a build.
type Progress func(Stage)

// Build builds the node unless it is there already, and returns its path. It takes minutes the first time, and needs the go command and the
// network (or a filled module cache). Builders that run at the same time wait for each other.
func Build(ctx context.Context, progress Progress) (string, error) {
	path, built, err := Binary()
	if err != nil || built {
		return path, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := disk.Lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, built, _ := Binary(); built {
		return path, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", errors.New("HORNET is built with the go command, and there is none: install Go 1.26 or later (https://go.dev/dl/), then try again")
	}
	for name, data := range map[string][]byte{"go.mod": pinnedMod, "go.sum": pinnedSum} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return "", err
		}
	}
	var now Stage
	progress(now)
	fetched := func(line string) {
		if strings.HasPrefix(line, "go: downloading ") {
			now.Fetched++
			progress(now)
		}
	}
	packages := 0
	if err := run(ctx, dir, func(string) { packages++ }, fetched, "list", "-mod=readonly", "-deps", module); err != nil {
		return "", fmt.Errorf("the modules of HORNET %s could not be fetched: %w\nthe first build needs the network: check it (and GOPROXY), then try again", Version, err)
	}
	now.Packages = packages
	progress(now)
	compiled := func(string) {
		now.Compiled++
		progress(now)
	}
	part := path + ".part"
	if err := run(ctx, dir, nil, compiled, "build", "-mod=readonly", "-trimpath", "-v", "-o", part, module); err != nil {
		return "", fmt.Errorf("HORNET %s could not be built: %w", Version, err)
	}
	return path, os.Rename(part, path)
}

// run runs the go command for this machine, whatever the environment says of others. The functions get the lines of its standard output and
// standard error; an error has the last lines of the latter.
func run(ctx context.Context, dir string, stdout, stderr func(line string), args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	own(cmd)
	var last tail
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	fail, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines(out, stdout)
	}()
	lines(fail, func(line string) {
		last.add(line)
		if stderr != nil {
			stderr(line)
		}
	})
	<-read
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w\n%s", err, last.text())
	}
	return nil
}

// lines calls each for the lines of r until its end.
func lines(r io.Reader, each func(string)) {
	for s := bufio.NewScanner(r); s.Scan(); {
		if each != nil {
			each(s.Text())
		}
	}
	_, _ = io.Copy(io.Discard, r) // a line that is too long ends the scan, and must not block the writer
}

// tail keeps the last lines of an output.
type tail struct{ kept []string }

func (t *tail) add(line string) {
	const most = 12
	t.kept = append(t.kept, line)
	if len(t.kept) > most {
		t.kept = t.kept[1:]
	}
}

func (t *tail) text() string { return strings.Join(t.kept, "\n") }
