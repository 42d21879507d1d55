package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/plain"
)

// Checkpoint is the state of a log.
type Checkpoint struct {
	Origin string
	tlog.Tree
}

// ParseCheckpoint reads the text of a checkpoint, without signatures. It takes no extension lines: a witness would sign what it does not know.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("a checkpoint has three lines: the log's name, the number of leaves, the root")
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || n < 0 {
		return Checkpoint{}, fmt.Errorf("the number of leaves is %q", plain.Shorten(lines[1], maxQuoted))
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the root is %q, expected 32 bytes in base64", plain.Shorten(lines[2], maxQuoted))
	}
	c := Checkpoint{lines[0], tlog.Tree{N: n, Hash: root}}
	if c.String() != text {
		return Checkpoint{}, errors.New("the checkpoint is not in its one form")
	}
	return c, nil
}

// maxQuoted is how much is quoted of a stranger's text, in characters.
const maxQuoted = 80

func (c Checkpoint) String() string {
	return c.Origin + "\n" + strconv.FormatInt(c.N, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Hash[:]) + "\n"
}

// MaxCheckpoint is the largest signed checkpoint that is read, in bytes: a name, two numbers and the signatures of a hundred witnesses.
const MaxCheckpoint = 1 << 16

// OpenCheckpoint reads a checkpoint that a log has signed.
func OpenCheckpoint(signed []byte, log Key) (Checkpoint, error) {
	if len(signed) > MaxCheckpoint {
		return Checkpoint{}, fmt.Errorf("the checkpoint is larger than %d KB", MaxCheckpoint>>10)
	}
	n, err := note.Open(signed, note.VerifierList(log))
	if err != nil {
		return Checkpoint{}, refusal(err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err == nil && c.Origin != log.Name() {
		err = fmt.Errorf("it is a checkpoint of %q, expected one of %s", plain.Shorten(c.Origin, maxQuoted), log.Name())
	}
	return c, err
}

// Cosign adds signatures of witnesses, lines as each answers, to a checkpoint that a log has signed. Signatures by others are left out.
func Cosign(signed []byte, log Key, witnesses []Key, lines []byte) ([]byte, error) {
	c, err := OpenCheckpoint(signed, log)
	if err != nil {
		return nil, err
	}
	known := []note.Verifier{log}
	for _, w := range witnesses {
		known = append(known, w)
	}
	n, err := note.Open(append(slices.Clone(signed), lines...), note.VerifierList(known...))
	if err != nil {
		return nil, fmt.Errorf("the answer of a witness on the checkpoint of %d leaves: %w", c.N, refusal(err))
	}
	n.UnverifiedSigs = nil
	return note.Sign(n)
}

// refusal says in plain words what is wrong with a note.
func refusal(err error) error {
	var none *note.UnverifiedNoteError
	var wrong *note.InvalidSignatureError
	switch {
	case errors.As(err, &none):
		return errors.New("no key that you trust has signed it")
	case errors.As(err, &wrong):
		return fmt.Errorf("the signature of %s is wrong", wrong.Name)
	}
	return fmt.Errorf("it is not a signed checkpoint (C2SP signed-note): %w", err)
}
