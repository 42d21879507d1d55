// Package disktest ends a process of a test right before a change of the disk, for tests of what is left then.
//
// The process is the test binary itself: its TestMain calls [Main], which does the work instead of the tests where [Run] started it.
//
// # Limitations
//
// A process is killed between changes, not in the middle of a write: package files and the ledgers are tested for that by themselves.
package disktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
)

const (
	envDir  = "VAUBAN_TEST_DIR"  // where the work is done
	envKill = "VAUBAN_TEST_KILL" // the change of the disk before which the process ends
)

// Main runs the tests or, in a process that [Run] started, the work.
func Main(m *testing.M, work func(dir string) error) {
	dir := os.Getenv(envDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	left, err := strconv.Atoi(os.Getenv(envKill))
	if err != nil {
		panic(err)
	}
	disk.Before = func(what string) {
		if left--; left == 0 {
			fmt.Println(what)
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(err)
			}
			select {}
		}
	}
	if err := work(dir); err != nil {
		panic(err)
	}
}

// Run does the work in a directory, in a process that is killed before its change number kill of the disk. It returns what change that was; "" when the work came to its end.
func Run(t *testing.T, dir string, kill int) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDir+"="+dir, envKill+"="+strconv.Itoa(kill))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return ""
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("killed at change %d: %v\n%s", kill, err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// Everywhere does the work in a process that is killed before its first change of the disk, then in one that is killed before its second, and so on: each time in a fresh directory, with a
// successor that is killed, too, and one that comes to its end. Then look is called with what happened. There are at least least changes.
func Everywhere(t *testing.T, least int, look func(what, dir string)) {
	t.Helper()
	for kill := 1; !t.Failed(); kill++ {
		dir := t.TempDir()
		at := Run(t, dir, kill)
		if at == "" {
			if kill < least {
				t.Errorf("only %d changes of the disk: is the test still right?", kill-1)
			}
			t.Logf("killed at each of %d changes, and at a second one after it", kill-1)
			return
		}
		second := 1 + kill*7%23
		then := Run(t, dir, second)
		if Run(t, dir, 1<<30) != "" {
			t.Fatal("the last run was killed")
		}
		look(fmt.Sprintf("killed at change %d (%s), then at %d (%s)", kill, at, second, then), dir)
	}
}
