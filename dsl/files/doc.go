// Package files opens files: nothing else in Vauban does, apart from the evidence that reports/internal/disk writes. So one place decides what is
// read, for how long, and what an output may replace.
//
// Designs, catalogues and configurations may be a stranger's. What they name is read through [Trees]: it lies in the repository of the design or
// beside it, symbolic links resolved ([os.Root]), unless the user allows more. What the user names is read with [Read]. Both read regular files
// alone, no more than a limit, and stop with a context: a pipe, a device, or a file of /proc that never ends keeps no command from ending. What looks like a key, or
// is no text, is no design ([Text]), so that no diagnostic can quote it.
//
// A [Guard] knows what was read, and refuses to write over it.
//
// # Limitations
//
// A file system that does not answer keeps a thread until the process ends; the command goes on without it. File systems that the kernel makes up
// are told by their type on Linux; elsewhere by nothing. Whether names differ in more than case is for the file system to say.
package files
