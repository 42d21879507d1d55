package hornet

import (
	"os/exec"
	"syscall"
	"time"
)

// stopTime is how long a process gets to end by itself.
const stopTime = 30 * time.Second

// own makes a command and what it starts a group of its own that ends with the command's context, or with this process, however that ends. Ctrl-C
// does not reach the group: what stops it is this process.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = stopTime
}
