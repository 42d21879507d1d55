// Package disk changes files so that a crash at any point leaves either what was there or what should be there.
//
// A file is written whole to a temporary one, synced, and takes its name by a rename that is synced too. What has a name is complete.
//
// # Limitations
//
// It believes that the file system keeps what it has synced, and that a rename is atomic. Directories are synced like files, which Windows does not do: there
// nothing is notarized.
package disk
