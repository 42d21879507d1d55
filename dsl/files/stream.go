package files

import (
	"context"
	"io"
	"os"
)

// Stream opens the regular file at path, which the user has named, to be read piece by piece, until ctx ends. An error says why not, without the path.
func Stream(ctx context.Context, path string) (io.ReadCloser, error) {
	at, err := os.Stat(path)
	if err == nil {
		err = regular(at)
	}
	if err != nil {
		return nil, Reason(err)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, Reason(err)
	}
	if at, err = file.Stat(); err == nil {
		err = regular(at)
	}
	if err == nil && madeUp(file) {
		err = errMadeUp
	}
	if err != nil {
		file.Close()
		return nil, Reason(err)
	}
	return &stream{ctx, file}, nil
}

// Until reads r until ctx ends.
func Until(ctx context.Context, r io.Reader) io.Reader { return &stream{ctx, io.NopCloser(r)} }

type stream struct {
	ctx context.Context
	io.ReadCloser
}

func (s *stream) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, &reason{"interrupted", s.ctx.Err()}
	}
	return s.ReadCloser.Read(p)
}
