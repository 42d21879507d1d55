package files

import (
	"os"
	"syscall"
)

// nonblock keeps opening a pipe from waiting for who writes to it.
const nonblock = syscall.O_NONBLOCK

// kernel are the file systems whose files the kernel makes up, by their magic numbers (linux/magic.h; statfs(2)). Their files say that they are regular, and
// may never end, wait, or hold what belongs to a process.
var kernel = map[uint32]bool{
	0x9fa0:     true, // proc
	0x62656572: true, // sysfs
	0x64626720: true, // debugfs
	0x74726163: true, // tracefs
	0x73636673: true, // securityfs
	0x27e0eb:   true, // cgroup
	0x63677270: true, // cgroup2
	0x6165676c: true, // pstore
	0xcafe4a11: true, // bpf
	0x62656570: true, // configfs
	0xde5e81e4: true, // efivarfs
}

func madeUp(f *os.File) bool {
	var s syscall.Statfs_t
	return syscall.Fstatfs(int(f.Fd()), &s) == nil && kernel[uint32(s.Type)]
}
