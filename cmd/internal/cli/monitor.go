package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/threats"
)

// Limits of a monitor.
const (
	maxBatch    = 256 // entries that are on the disk before any of them is answered
	pollFile    = 200 * time.Millisecond
	postTimeout = 10 * time.Second
	postTries   = 5
	compactFrom = 8 << 20 // bytes of a state
)

// kept is a line of the state of a monitor: the head, or an entry.
type kept struct {
	Design  string `json:"design,omitempty"` // of the head: digests of what the state was made with
	Mapping string `json:"mapping,omitempty"`
	Read    int    `json:"read,omitempty"` // entries before those that follow

	Entry  int               `json:"entry,omitempty"`
	Batch  int               `json:"batch,omitempty"` // the first entry of those that were read together
	Log    string            `json:"log,omitempty"`
	Line   int               `json:"line,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}

// follower answers as entries come.
type follower struct {
	*logReader
	monitor *conform.Monitor
	meaning *logs.Interpreter
	x       *conform.Explainer
	journal *files.Journal // nil: nothing is kept
	head    kept
	post    *url.URL // nil: nobody is told
	read    int      // entries
	worst   int
}

// postTo checks where answers are posted: without encryption only to this host.
func postTo(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--post is %q, expected an address such as http://localhost:8080/vauban", text)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--post is %q: answers leave this host only over https", text)
	}
	return u, nil
}

// monitor explains entries as they come, until there are none or ctx ends.
func (a *app) monitor(ctx context.Context, in console.Input, r *logReader, opt explainOptions) error {
	if len(r.paths) > 1 {
		return errors.New("--follow reads one log: name one, or - for standard input")
	}
	if f := r.formats[0]; f.Closed {
		return fmt.Errorf("--follow cannot read %s: a log is one document, which is whole only at its end; explain it without --follow, or have the system write JSON Lines or CSV", f.Name)
	}
	if opt.state != "" {
		if err := a.Guard.Check(opt.state); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	f := &follower{logReader: r}
	if opt.post != "" {
		var err error
		if f.post, err = postTo(opt.post); err != nil {
			return err
		}
	}
	done := false
	outcome, _, err := a.workOn(ctx, in, true, func(m *threats.Model, _ func(checker.Progress)) error {
		done = true
		mapping, err := r.mapped(m)
		if err != nil {
			return err
		}
		if f.x, err = conform.New(ctx, m, conform.Sight(mapping, m), conform.Options{Lost: opt.lost, Failures: opt.tolerating, Stops: true}); err != nil {
			return err
		}
		f.monitor = conform.NewMonitor(f.x, mapping, opt.idle)
		f.meaning = logs.NewInterpreter(mapping, m.Design, conform.Refs(m))
		for _, file := range m.Design.Files {
			f.head.Design += file.Text
		}
		f.head.Design = document.Digest(fmt.Appendf(nil, "%s\x00%d\x00%d", f.head.Design, opt.lost, opt.tolerating))
		if r.mapping != nil {
			f.head.Mapping = document.Digest([]byte(r.mapping.Text))
		}
		if opt.state != "" {
			if err := f.resume(ctx, opt.state); err != nil {
				return err
			}
			defer f.journal.Close()
		}
		return f.entries(ctx)
	})
	if err == nil && !done {
		err = a.wrong(outcome)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		return err
	case f.worst != console.ExitOK:
		return &console.ExitError{Code: f.worst}
	}
	return nil
}

// resume takes what is kept, and answers again for what was read last: it may be that nobody heard.
func (f *follower) resume(ctx context.Context, path string) error {
	var all []kept
	first := true
	var err error
	f.journal, err = files.OpenJournal(path, func(line []byte) error {
		var k kept
		if err := json.Unmarshal(line, &k); err != nil {
			return errors.New("it is not the state of a monitor")
		}
		if first {
			first = false
			if k.Design != f.head.Design || k.Mapping != f.head.Mapping {
				return errors.New("it was made with another design, mapping or tolerance: name another file")
			}
			f.read = k.Read
			return nil
		}
		all, f.read = append(all, k), max(f.read, k.Entry)
		return nil
	})
	if err != nil {
		return console.Failf(console.ExitUsage, "cannot use %s: %v", path, err)
	}
	if first {
		line, err := json.Marshal(f.head)
		if err == nil {
			err = f.journal.Add(line)
		}
		if err != nil {
			return console.Failf(console.ExitUsage, "cannot write %s: %v", path, err)
		}
		return f.journal.Sync()
	}
	for _, k := range all {
		again := k.Batch == all[len(all)-1].Batch
		if err := f.take(ctx, k, again); err != nil {
			return err
		}
	}
	return nil
}

// tail waits for more where a file ends.
type tail struct {
	ctx context.Context
	io.Reader
}

func (t *tail) Read(p []byte) (int, error) {
	for {
		n, err := t.Reader.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		select {
		case <-t.ctx.Done():
			return 0, io.EOF
		case <-time.After(pollFile):
		}
	}
}

// entries reads on, as much at a time as there is.
func (f *follower) entries(ctx context.Context) error {
	path := f.paths[0]
	name, from := console.StdinName, files.Until(ctx, f.Stdin)
	if path != "-" {
		file, err := files.Stream(ctx, path)
		if err != nil {
			return console.Failf(console.ExitUsage, "cannot read %s: %v", path, err)
		}
		defer file.Close()
		name, from = filepath.ToSlash(path), &tail{ctx, file}
	}
	skip := 0
	if path != "-" {
		skip = f.read
	}
	come := make(chan kept, maxBatch)
	ended := make(chan error, 1)
	in := f.formats[0].Open(from)
	go func() {
		defer close(come)
		for n := 1; ; n++ {
			rec, err := in.Next()
			var wrong *logs.Unreadable
			switch {
			case errors.As(err, &wrong):
				fmt.Fprintf(f.Stderr, "vauban: %s:%d: %s\n", diag.Escape(name), wrong.Line, diag.Escape(wrong.Text))
				rec = logs.Record{Line: wrong.Line}
			case errors.Is(err, io.EOF):
				ended <- nil
				return
			case err != nil:
				ended <- console.Failf(console.ExitUsage, "cannot read %s: %v", name, err)
				return
			}
			if n <= skip {
				continue
			}
			select {
			case come <- kept{Log: name, Line: rec.Line, Fields: rec.Fields}:
			case <-ctx.Done():
				ended <- nil
				return
			}
		}
	}()
	for {
		var batch []kept
		select {
		case k, ok := <-come:
			if !ok {
				return <-ended
			}
			batch = append(batch, k)
		case <-ctx.Done():
			return nil
		}
		for more := true; more && len(batch) < maxBatch; {
			select {
			case k, ok := <-come:
				if more = ok; ok {
					batch = append(batch, k)
				}
			default:
				more = false
			}
		}
		if err := f.keep(batch); err != nil {
			return console.Failf(console.ExitUsage, "cannot keep the state: %v", err)
		}
		for _, k := range batch {
			if err := f.take(ctx, k, true); err != nil {
				return err
			}
		}
		if err := f.compact(); err != nil {
			return console.Failf(console.ExitUsage, "cannot keep the state: %v", err)
		}
	}
}

// keep numbers entries, and has them on the disk.
func (f *follower) keep(batch []kept) error {
	first := f.read + 1
	for i := range batch {
		f.read++
		batch[i].Entry, batch[i].Batch = f.read, first
		if f.journal == nil {
			continue
		}
		line, err := json.Marshal(batch[i])
		if err == nil {
			err = f.journal.Add(line)
		}
		if err != nil {
			return err
		}
	}
	if f.journal == nil {
		return nil
	}
	return f.journal.Sync()
}

// compact leaves in the state only what cases that are open need.
func (f *follower) compact() error {
	if f.journal == nil || f.journal.Size < compactFrom {
		return nil
	}
	before, needs, first := f.journal.Size, f.monitor.Needs(), true
	head := f.head
	head.Read = f.read
	err := f.journal.Keep(func(line []byte) []byte {
		if first {
			first = false
			out, err := json.Marshal(head)
			if err != nil {
				return line
			}
			return out
		}
		var k kept
		if json.Unmarshal(line, &k) != nil || !needs[k.Entry] {
			return nil
		}
		return line
	})
	if err == nil && f.journal.Size > before/2 { // nearly all of it is needed
		return nil
	}
	return err
}

// take answers for an entry, and says so where that is wanted.
func (f *follower) take(ctx context.Context, k kept, say bool) error {
	if k.Fields == nil {
		return nil
	}
	told, err := f.monitor.Take(ctx, f.x.Mean(f.meaning, logs.Record{Line: k.Line, Fields: k.Fields}, k.Log), k.Entry)
	switch {
	case errors.Is(err, logs.ErrMany):
		return console.Failf(console.ExitUsage, "%v", err)
	case err != nil || told == nil || ctx.Err() != nil:
		return err
	}
	switch told.Verdict {
	case conform.Explained, conform.Unexplained:
		f.worst = console.ExitFound
	case conform.Unknown:
		if f.worst == console.ExitOK {
			f.worst = console.ExitUnknown
		}
	}
	if !say {
		return nil
	}
	line, err := json.Marshal(told)
	if err != nil {
		return err
	}
	if _, err := f.Stdout.Write(append(line, '\n')); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the result: %v", err)
	}
	if f.post != nil && told.Changed {
		return f.tell(ctx, line)
	}
	return nil
}

// tell posts an answer. Where nobody takes it, the monitor ends, and begins with it again from its state.
func (f *follower) tell(ctx context.Context, line []byte) error {
	client := &http.Client{Timeout: postTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var last error
	for try := range postTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pollFile << try):
			}
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.post.String(), bytes.NewReader(line))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode/100 == 2 {
				return nil
			}
			err = fmt.Errorf("it answers %s", res.Status)
		}
		last = err
	}
	return console.Failf(console.ExitUnknown, "the answers cannot be delivered to %s: %v\nstart again with the same --state when it is back: the answer is given again", f.post.Redacted(), last)
}
