package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vauban-verifier/vauban/dsl/files"
)

// keyBytes is how long a key is.
const keyBytes = 32

// OwnKey returns the key of this user on this machine, which lies beside the user's other settings, and makes it where there is none. A user without settings has none: nil.
func OwnKey(ctx context.Context) ([]byte, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil, nil
	}
	file := filepath.Join(dir, "vauban", "store.key")
	key, err := ReadKey(ctx, file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, nil
	}
	key = make([]byte, keyBytes)
	_, _ = rand.Read(key) // it never fails
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil // a directory that cannot be written, or another process that was faster: the next run finds its key
	}
	_, err = fmt.Fprintln(out, hex.EncodeToString(key))
	if err = errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("cannot write the key %s: %w", file, files.Reason(err))
	}
	return key, nil
}

// ReadKey reads a key: 64 hexadecimal digits, in a file that is the user's alone.
func ReadKey(ctx context.Context, file string) ([]byte, error) {
	data, info, err := files.ReadInfo(ctx, file, 1<<10)
	if err != nil {
		return nil, fmt.Errorf("cannot read the key %s: %w", file, err)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("the key %s can be read by others: chmod 600 it, and make another one if they may have", file)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("the key %s is not 64 hexadecimal digits: make one with `openssl rand -hex 32`", file)
	}
	return key, nil
}
