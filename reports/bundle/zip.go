package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
)

// What a bundle may have.
const (
	MaxBytes = 256 << 20
	MaxFiles = 60_000
	maxName  = 512 // bytes
)

// Magic begins every bundle, and no document.
const Magic = "PK\x03\x04"

// The signatures and sizes of a zip archive's blocks, whose numbers are little endian.
const (
	localSignature   = 0x04034b50
	centralSignature = 0x02014b50
	endSignature     = 0x06054b50
	localSize        = 30
)

var little = binary.LittleEndian

// file is a file of an archive, and where its header begins.
type file struct {
	name string
	data []byte
	at   int
}

// common appends what both headers of a file have: version 1.0, no flags, not compressed, the first day that a zip archive can tell, checksum, size, and no extra field.
func (f file) common(out []byte) []byte {
	for _, v := range []uint16{10, 0, 0, 0, 1<<5 | 1} {
		out = little.AppendUint16(out, v)
	}
	for _, v := range []int{int(crc32.ChecksumIEEE(f.data)), len(f.data), len(f.data)} {
		out = little.AppendUint32(out, uint32(v))
	}
	return little.AppendUint16(little.AppendUint16(out, uint16(len(f.name))), 0)
}

// local appends a file with its header.
func (f file) local(out []byte) []byte {
	return append(append(f.common(little.AppendUint32(out, localSignature)), f.name...), f.data...)
}

// directory returns what stands behind the files, which begins at an offset: the second headers, and the end.
func directory(files []file, at int) []byte {
	var out []byte
	for _, f := range files {
		out = f.common(little.AppendUint16(little.AppendUint32(out, centralSignature), 10))
		out = append(out, make([]byte, 10)...) // no comment, the first disk, no attributes
		out = append(little.AppendUint32(out, uint32(f.at)), f.name...)
	}
	size, n := len(out), uint16(len(files))
	out = little.AppendUint32(little.AppendUint32(out, endSignature), 0)
	out = little.AppendUint16(little.AppendUint16(out, n), n)
	out = little.AppendUint32(little.AppendUint32(out, uint32(size)), uint32(at))
	return little.AppendUint16(out, 0)
}

// Write writes the one archive that has these files.
func Write(contents map[string][]byte) ([]byte, error) {
	if len(contents) == 0 || len(contents) > MaxFiles {
		return nil, fmt.Errorf("a bundle has 1 to %d files, and this would have %d", MaxFiles, len(contents))
	}
	var (
		out   []byte
		files []file
	)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if err := checkName(name); err != nil {
			return nil, fmt.Errorf("%q %w", name, err)
		}
		f := file{name, contents[name], len(out)}
		if len(out)+len(f.data) > MaxBytes {
			return nil, errTooLarge
		}
		out, files = f.local(out), append(files, f)
	}
	if out = append(out, directory(files, len(out))...); len(out) > MaxBytes {
		return nil, errTooLarge
	}
	return out, nil
}

var errTooLarge = fmt.Errorf("a bundle has at most %d MB, and this would have more: leave logs out, and hand them over beside it", MaxBytes>>20)

// Read returns the files of an archive that [Write] could have written, and refuses every other one. The contents are parts of data.
func Read(data []byte) (map[string][]byte, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	var files []file
	out := map[string][]byte{}
	at := 0
	for len(data)-at >= localSize && little.Uint32(data[at:]) == localSignature {
		before := ""
		if len(files) > 0 {
			before = files[len(files)-1].name
		}
		f, err := next(data, at, before)
		switch {
		case err != nil && f.name != "":
			return nil, fmt.Errorf("the file %q %w", f.name, err)
		case err != nil:
			return nil, fmt.Errorf("file %d %w", len(files)+1, err)
		case len(files) == MaxFiles:
			return nil, fmt.Errorf("it has more than %d files", MaxFiles)
		}
		files, out[f.name] = append(files, f), f.data
		at += localSize + len(f.name) + len(f.data)
	}
	if len(files) == 0 {
		return nil, errors.New("it does not begin with a file: it is not a bundle, or begins with something else")
	}
	switch want, rest := directory(files, at), data[at:]; {
	case bytes.Equal(rest, want):
		return out, nil
	case bytes.HasPrefix(rest, want):
		return nil, fmt.Errorf("it has %d bytes after its end", len(rest)-len(want))
	}
	return nil, fmt.Errorf("its directory, from byte %d on, is not the one that follows from the %d files before it: files overlap, are hidden or missing, or it was written by another program", at, len(files))
}

// next reads the file that begins at a place, whose name must come after that of the one before. What is in the header is checked field by field, to say what is wrong.
func next(data []byte, at int, before string) (file, error) {
	head := data[at : at+localSize]
	u16 := func(i int) int { return int(little.Uint16(head[i:])) }
	length, rest := u16(26), data[at+localSize:]
	if length == 0 || length > maxName || length > len(rest) {
		return file{}, fmt.Errorf("has a name of %d bytes, expected 1 to %d", length, maxName)
	}
	f := file{name: string(rest[:length]), at: at}
	if err := checkName(f.name); err != nil {
		return f, err
	}
	size, rest := little.Uint32(head[22:]), rest[length:]
	switch {
	case f.name == before:
		return f, errors.New("appears twice")
	case f.name < before:
		return f, fmt.Errorf("stands after %q, expected names in order", before)
	case u16(6)&1 != 0:
		return f, errors.New("is encrypted")
	case u16(6)&8 != 0:
		return f, errors.New("has a data descriptor: its size must stand before it")
	case u16(8) != 0 || little.Uint32(head[18:]) != size:
		return f, errors.New("is compressed: nothing is in a bundle, so that nothing unfolds")
	case int64(size) > int64(len(rest)):
		return f, fmt.Errorf("says that it has %d bytes, and %d are left", size, len(rest))
	}
	f.data = rest[:size]
	if crc32.ChecksumIEEE(f.data) != little.Uint32(head[14:]) {
		return f, errors.New("has other contents than its checksum says")
	}
	if !bytes.Equal(head, f.local(make([]byte, 0, localSize+len(f.name)+len(f.data)))[:localSize]) {
		return f, errors.New("has a version, flags, a time or an extra field that no file of a bundle has")
	}
	return f, nil
}

// checkName refuses what is not a path below the archive, in letters that every system writes alike.
func checkName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("has a name of %d bytes, expected at most %d", len(name), maxName)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return errors.New("has a name that leads out of the bundle or is not the shortest, expected parts between single slashes")
		}
	}
	for i := range len(name) {
		if c := name[i]; c != '/' && c != '%' && !plainByte(c) {
			return fmt.Errorf("has the byte %#02x in its name", c)
		}
	}
	return nil
}

// plainByte reports whether a byte stands for itself in the name of a file. The others are written as % and two digits.
func plainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~+=@,", c) >= 0
}
