package embedded

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/vauban-verifier/vauban/reports/internal/disk"
	"github.com/vauban-verifier/vauban/reports/notary"
)

// file is the ledger on disk: frames of a length, a block and its ID.
type file struct {
	*os.File
	size int64
}

const (
	frameHead = 4
	maxBlock  = 32768
	frameTail = 32
)

// openFile opens a ledger and returns its blocks. A last frame that is cut off, or that has not got its content, is dropped.
func openFile(ctx context.Context, path string) (*file, [][]byte, error) {
	f, data, err := disk.OpenLog(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	blocks, good, err := frames(data)
	if err == nil && good < len(data) {
		disk.Before("cut the ledger")
		if err = f.Truncate(int64(good)); err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return &file{f, int64(good)}, blocks, nil
}

// frames reads whole frames, and returns how many bytes they take. It is an error where what follows is not the torn end of the file: a crash leaves part of one
// frame, with nothing after it.
func frames(data []byte) (blocks [][]byte, good int, err error) {
	for {
		block, size := frame(data[good:])
		if size == 0 {
			break
		}
		blocks = append(blocks, block)
		good += size
	}
	torn := data[good:]
	whole := len(torn) > frameHead+maxBlock+frameTail
	for i := 0; i < len(torn) && !whole; i++ {
		_, size := frame(torn[i:])
		whole = size > 0
	}
	if whole {
		return nil, 0, fmt.Errorf("the ledger is damaged at byte %d, and not at its end: restore it from a copy", good)
	}
	return blocks, good, nil
}

// frame returns the block of the frame that data begins with, and the size of that frame; 0 where there is no whole one.
func frame(data []byte) (block []byte, size int) {
	if len(data) < frameHead {
		return nil, 0
	}
	n := int64(binary.LittleEndian.Uint32(data))
	end := frameHead + n + frameTail
	if n == 0 || n > maxBlock || end > int64(len(data)) {
		return nil, 0
	}
	block = data[frameHead : frameHead+n]
	if notary.BlockID(block) != notary.ID(data[frameHead+n:end]) {
		return nil, 0
	}
	return block, int(end)
}

// add appends a block, and returns when it would survive a crash.
func (f *file) add(block []byte) error {
	id := notary.BlockID(block)
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(block)))
	data = append(append(data, block...), id[:]...)
	disk.Before("append a block")
	_, err := f.WriteAt(data, f.size)
	if err == nil {
		disk.Before("sync the ledger")
		err = f.Sync()
	}
	if err != nil {
		_ = f.Truncate(f.size) // where this fails too, the next one to open it cuts it off
		return fmt.Errorf("write ledger: %w", err)
	}
	f.size += int64(len(data))
	return nil
}
