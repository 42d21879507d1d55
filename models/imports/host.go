package imports

import (
	"path"
	"slices"
	"strings"
)

// Rights reports whether a capability of a container gives it rights on its machine.
func Rights(capability string) bool {
	return slices.Contains([]string{"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"}, strings.TrimPrefix(strings.ToUpper(capability), "CAP_"))
}

// Sensitive reports whether whoever reads or writes a file or directory of a machine gains rights on it.
func Sensitive(from string) bool {
	if from == "" {
		return false
	}
	from = path.Clean(from)
	for _, socket := range []string{"docker.sock", "containerd.sock", "podman.sock", "crio.sock"} {
		if strings.Contains(from, socket) {
			return true
		}
	}
	if from == "/etc/localtime" || from == "/etc/timezone" || from == "/var/log" {
		return false
	}
	for _, d := range []string{"/", "/etc", "/var", "/var/run", "/run", "/root", "/home", "/usr", "/proc", "/sys", "/dev", "/boot", "/var/lib/docker", "/var/lib/kubelet"} {
		if from == d {
			return true
		}
	}
	return slices.ContainsFunc([]string{"/etc/", "/root/", "/proc/", "/sys/", "/var/lib/docker/", "/var/lib/kubelet/"}, func(d string) bool { return strings.HasPrefix(from, d) })
}
