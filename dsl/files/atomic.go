package files

import (
	"os"
	"path/filepath"
	"runtime"
)

// Commit has a temporary file, which lies in the same directory, take a place: whole or not at all, and once it returns it would survive a crash. Where it fails, the temporary file
// is gone. before, which may be nil, is called before each change of the disk with what it is, such as `rename receipt.json`.
func Commit(temp *os.File, to string, before func(string)) error {
	if before != nil {
		before("sync " + filepath.Base(temp.Name()))
	}
	err := temp.Sync()
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = Rename(temp.Name(), to, before)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// Rename gives a file or a directory its name, for which before is as in [Commit], and returns when that would survive a crash.
func Rename(from, to string, before func(string)) error {
	if before == nil {
		before = func(string) {}
	}
	before("rename " + filepath.Base(to))
	if err := os.Rename(from, to); err != nil {
		return err
	}
	before("sync directory of " + filepath.Base(to))
	return SyncDir(filepath.Dir(to))
}

// SyncDir returns when what became of the names in a directory would survive a crash.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" { // which has no such thing
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
