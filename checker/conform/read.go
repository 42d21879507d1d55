package conform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/logfile"
	"github.com/vauban-verifier/vauban/threats"
)

// Read reads logs that a mapping, which is that of a file or nil for none, says the meaning of, and puts cases with equal traces together. They are in the result, without answers
// but for those that could not be mapped. What stands against reading a log is a [*logfile.Error]; other errors are those of [New].
func Read(ctx context.Context, m *threats.Model, mapping *logs.Mapping, of *source.File, files []logfile.File, opt Options) (*Explainer, *Result, error) {
	x, err := New(ctx, m, Sight(mapping, m), opt)
	if err != nil {
		return nil, nil, err
	}
	out := &Result{Model: m, Coalitions: x.Coalitions, Observed: mapping.Observed, Options: opt, Mapping: of}
	cases := logs.NewCases(mapping)
	meaning := logs.NewInterpreter(mapping, m.Design, Refs(m))
	for _, f := range files {
		sum := sha256.New()
		read := LogRead{Name: f.Name, Format: f.Format.Name}
		err := f.Each(sum, func(rec logs.Record) error {
			read.Entries++
			means := x.Mean(meaning, rec, f.Name)
			if means.Ignored {
				read.Ignored++
			}
			c, err := cases.Add(means)
			if c == nil && means.Problem != "" {
				read.Problems = append(read.Problems, fmt.Sprintf("%s:%d: %s (%s)", f.Name, rec.Line, means.Problem, means.Help))
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		read.SHA256 = hex.EncodeToString(sum.Sum(nil))
		out.Logs = append(out.Logs, read)
	}
	out.Groups = x.traces(cases)
	return x, out, nil
}

// Mean says what a record means, and refuses an effect that nothing in the design could be.
func (x *Explainer) Mean(meaning *logs.Interpreter, rec logs.Record, log string) logs.Meaning {
	m := meaning.Mean(rec, log)
	if e := m.Event; e != nil && m.Problem == "" && e.Effect != "" && !x.Watched.Means(e.Effect) {
		m.Problem, m.Help = fmt.Sprintf("nothing in the design makes %s true", e.Effect), "write the effect as attacks show it, such as tampers(Page)"
	}
	return m
}

// traces puts cases with equal traces together, in the order of the first ones. Cases that could not be mapped are a group each, and unknown; the others have no answer yet.
func (x *Explainer) traces(cases *logs.Cases) []*Group {
	t := NewTranslator(x.m)
	known := map[string]*Group{}
	var out []*Group
	for _, open := range cases.Open() {
		c := cases.Told(open)
		cases.Close(open) // so that its events need not be kept beside its trace
		if c.Problem != "" {
			why := c.Problem
			if c.Help != "" {
				why += " (" + c.Help + ")"
			}
			out = append(out, &Group{Cases: [][]string{c.Names}, Answer: &Answer{Verdict: Unknown, Why: why}})
			continue
		}
		trace := t.Trace(c)
		g := known[trace.Key]
		if g == nil {
			g = &Group{Trace: trace}
			known[trace.Key] = g
			out = append(out, g)
		}
		g.Cases = append(g.Cases, c.Names)
	}
	return out
}

// Answers explains the cases of a result, of equal traces one.
func (x *Explainer) Answers(ctx context.Context, r *Result, progress func(done, of int)) error {
	for i, g := range r.Groups {
		if g.Answer == nil {
			var err error
			if g.Answer, err = x.Explain(ctx, g.Trace.Events); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(i+1, len(r.Groups))
		}
	}
	return nil
}
