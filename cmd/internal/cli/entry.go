package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// entry is what a store may have of one design.
//
// A first entry, at the address of the program, the options and the names of the design, has the names of all that was read for it. With the digests of what they are now, that is the address of the second entry: the
// report. What is read follows from what is read before, so whoever reads the same under these names reads nothing else.
type entry struct {
	*writer
	in   console.Input
	read source.Reader // of the design's, each once

	names []string // that were read, in order
	seen  map[string]bool
}

// record reads for a check, and remembers what.
func (e *entry) record(name string) (string, error) {
	if !e.seen[name] {
		e.seen[name] = true
		e.names = append(e.names, name)
	}
	return e.read(name)
}

// address is that of the first entry. All that a report depends on besides what is read is in it.
func (e *entry) address() []byte {
	opt := e.opt
	opt.out, opt.also, opt.helpers, opt.notary, opt.memory, opt.progress = "", nil, helperOptions{}, notaryOptions{}, nil, nil
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%q\n%q\n%+v\n", e.memory.Build, Version, e.in.Names, e.Outside, opt)
	for _, name := range e.in.Names {
		fmt.Fprintf(&b, "%q\n", console.FromRoot(name))
	}
	for _, o := range e.outputs {
		fmt.Fprintf(&b, "%s %+v\n", o.format.name, e.rendering(o))
	}
	return b.Bytes()
}

// of is the address of the second entry.
func (e *entry) of(names []string) []byte {
	b := bytes.NewBuffer(e.address())
	for _, name := range names {
		text, err := e.read(name)
		fmt.Fprintf(b, "%q %x %t %t\n", name, sha256.Sum256([]byte(text)), err == nil, e.in.Outside != nil && e.in.Outside(name))
	}
	return b.Bytes()
}

// find returns what the store has of the design as it is now.
func (e *entry) find() (f finished, ok bool) {
	var names []string
	if data := e.store.Report(e.address()); data == nil || json.Unmarshal(data, &names) != nil {
		return f, false
	}
	data := e.store.Report(e.of(names))
	head, rest, ok := bytes.Cut(data, []byte("\n"))
	var was stored
	if !ok || json.Unmarshal(head, &was) != nil || len(was.Sizes) != len(e.outputs) {
		return f, false
	}
	f = was.finished
	for _, n := range was.Sizes {
		if n > len(rest) {
			return f, false
		}
		if n < 0 {
			f.pieces = append(f.pieces, nil)
			continue
		}
		f.pieces, rest = append(f.pieces, rest[:n:n]), rest[n:]
	}
	return f, true
}

// stored is the head of a report in a store; what outputs say follows.
type stored struct {
	finished
	Sizes []int // by output; -1: it has no way to say it
}

// keep has the store keep what was found.
func (e *entry) keep(f finished) {
	names, err := json.Marshal(e.names)
	if err != nil {
		return
	}
	k := stored{finished: f}
	var body []byte
	for _, p := range f.pieces {
		n := len(p)
		if p == nil {
			n = -1
		}
		k.Sizes, body = append(k.Sizes, n), append(body, p...)
	}
	head, err := json.Marshal(k)
	if err != nil {
		return
	}
	e.store.Keep(e.address(), names)
	e.store.Keep(e.of(e.names), append(append(head, '\n'), body...))
}
