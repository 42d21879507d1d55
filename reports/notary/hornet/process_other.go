//go:build !linux

package hornet

import (
	"os"
	"os/exec"
	"time"
)

// stopTime is how long a process gets to end by itself.
const stopTime = 30 * time.Second

// own makes a command end with its context. Where this process is killed, the command outlives it.
func own(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopTime
}
