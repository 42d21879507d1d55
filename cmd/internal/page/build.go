package page

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/files"
)

const (
	module  = "github.com/vauban-verifier/vauban"
	program = module + "/cmd/internal/page/wasm"

	maxProgram = 256 << 20
)

// ErrNoSource says that there is nothing to build the page from.
var ErrNoSource = errors.New("this vauban does not carry the page, and its source is not here to build it from: take vauban-audit.html from the release, or run `go run ./cmd/vauban audit --html FILE` in a checkout")

// Build builds the page, for a version of the tool, with the go command.
func Build(ctx context.Context, version string) ([]byte, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, errors.New("this vauban does not carry the page, and there is no go command to build it with: install Go, or take vauban-audit.html from the release")
	}
	dir, err := source(ctx)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "vauban-page-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	to := filepath.Join(temp, "audit.wasm")
	if _, err := run(ctx, dir, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+version, "-o", to, program); err != nil {
		return nil, fmt.Errorf("the page could not be built in %s: %w", dir, err)
	}
	goroot, err := run(ctx, dir, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	data, err := files.Read(ctx, to, maxProgram)
	if err != nil {
		return nil, err
	}
	starter, err := files.Read(ctx, filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"), maxProgram)
	if err != nil {
		return nil, fmt.Errorf("the Go toolchain has no lib/wasm/wasm_exec.js: %w: install the whole of Go", err)
	}
	return write(version, data, string(starter))
}

// source returns the directory of this program's source: where it was built, if that is still there, or what the go command has of the version that was installed.
func source(ctx context.Context) (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) { // not of a program built with -trimpath
		if dir := filepath.Join(filepath.Dir(file), "..", "..", ".."); there(dir) {
			return dir, nil
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module || !strings.HasPrefix(info.Main.Version, "v") {
		return "", ErrNoSource
	}
	out, err := run(ctx, os.TempDir(), "mod", "download", "-json", module+"@"+info.Main.Version)
	var got struct{ Dir string }
	if err != nil || json.Unmarshal(out, &got) != nil || !there(got.Dir) {
		return "", ErrNoSource
	}
	return got.Dir, nil
}

func there(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "cmd", "internal", "page", "wasm", "main.go"))
	return err == nil && info.Mode().IsRegular()
}

// run runs the go command in a directory, for the browser, whatever the environment asks for, and returns what it prints.
func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOWASM=", "GOEXPERIMENT=")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, lines[len(lines)-1])
	}
	return out.Bytes(), nil
}
