package dimacs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxVariable is the largest index of a variable.
const MaxVariable = 1 << 28

// Formula is a conjunction of clauses over the variables 1 to Variables. A literal is a variable or its negative.
type Formula struct {
	Variables int
	Clauses   [][]int32
}

// Scanner reads numbers with white space and comment lines between them. Proofs are read with it too.
type Scanner struct {
	in   *bufio.Reader
	line int
	mid  bool // something stands before on the line
	err  error
}

// NewScanner returns a Scanner at the first line.
func NewScanner(in io.Reader) *Scanner { return &Scanner{in: bufio.NewReader(in), line: 1} }

// Line returns the present line.
func (s *Scanner) Line() int { return s.line }

// Err returns the first error other than the end of the input.
func (s *Scanner) Err() error { return s.err }

func (s *Scanner) byte() (byte, bool) {
	c, err := s.in.ReadByte()
	if err != nil {
		if !errors.Is(err, io.EOF) && s.err == nil {
			s.err = err
		}
		return 0, false
	}
	if c == '\n' {
		s.line++
		s.mid = false
	}
	return c, true
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Word returns the next word, up to white space, or "" at the end. Comments are lines that begin with a word that begins with c.
func (s *Scanner) Word() string {
	for {
		c, ok := s.byte()
		switch {
		case !ok:
			return ""
		case space(c):
			continue
		case c == 'c' && !s.mid:
			for c != '\n' {
				if c, ok = s.byte(); !ok {
					return ""
				}
			}
			continue
		}
		s.mid = true
		word := []byte{c}
		for {
			c, ok := s.byte()
			if !ok {
				return string(word)
			}
			if space(c) {
				if c == '\n' { // read again, so that the line is still this one
					s.line--
				}
				if err := s.in.UnreadByte(); err != nil && s.err == nil {
					s.err = err
				}
				return string(word)
			}
			if word = append(word, c); len(word) > 32 {
				return string(word)
			}
		}
	}
}

// Literal reads a number of at most that size from a word.
func Literal(word string, most int) (int32, error) {
	digits := strings.TrimPrefix(word, "-")
	n, err := strconv.ParseUint(digits, 10, 31)
	switch {
	case err != nil || digits[0] == '+' || word == "-0":
		return 0, fmt.Errorf("%q is not a literal", word)
	case n > uint64(most):
		return 0, fmt.Errorf("literal %s is beyond the %d variables", word, most)
	case digits != word:
		return -int32(n), nil
	}
	return int32(n), nil
}

// Read reads a formula.
func Read(in io.Reader) (*Formula, error) {
	s := NewScanner(in)
	f := &Formula{}
	fail := func(format string, args ...any) (*Formula, error) {
		if s.err != nil {
			return nil, fmt.Errorf("read DIMACS: %w", s.err)
		}
		return nil, fmt.Errorf("read DIMACS: line %d: %s", s.line, fmt.Sprintf(format, args...))
	}
	for _, want := range []string{"p", "cnf"} {
		if w := s.Word(); w != want {
			return fail("expected the header \"p cnf VARIABLES CLAUSES\", got %q", w)
		}
	}
	var sizes [2]int
	for i := range sizes {
		w := s.Word()
		n, err := strconv.ParseUint(w, 10, 31)
		if err != nil || n > MaxVariable || w[0] == '+' {
			return fail("expected a number up to %d in the header, got %q", MaxVariable, w)
		}
		sizes[i] = int(n)
	}
	f.Variables = sizes[0]
	clause := []int32{}
	for {
		w := s.Word()
		if w == "" {
			break
		}
		if len(f.Clauses) == sizes[1] {
			return fail("there are more than %d clauses", sizes[1])
		}
		l, err := Literal(w, f.Variables)
		if err != nil {
			return fail("%v", err)
		}
		if l != 0 {
			clause = append(clause, l)
			continue
		}
		f.Clauses = append(f.Clauses, clause)
		clause = []int32{}
	}
	switch {
	case len(clause) > 0:
		return fail("the last clause is not ended by 0")
	case len(f.Clauses) != sizes[1] || s.err != nil:
		return fail("there are %d clauses, the header says %d", len(f.Clauses), sizes[1])
	}
	return f, nil
}

// Write writes a formula, after comments of one line each.
func Write(w io.Writer, f *Formula, comments ...string) error {
	out := bufio.NewWriter(w)
	for _, c := range comments {
		fmt.Fprintf(out, "c %s\n", strings.NewReplacer("\n", " ", "\r", " ").Replace(c))
	}
	fmt.Fprintf(out, "p cnf %d %d\n", f.Variables, len(f.Clauses))
	var buf []byte
	for _, c := range f.Clauses {
		buf = buf[:0]
		for _, l := range c {
			buf = append(strconv.AppendInt(buf, int64(l), 10), ' ')
		}
		buf = append(buf, '0', '\n')
		if _, err := out.Write(buf); err != nil {
			return err
		}
	}
	return out.Flush()
}
