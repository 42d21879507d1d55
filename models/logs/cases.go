package logs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Case is what was observed of one order, parcel or session, and of all that share an object with it.
type Case struct {
	Names   []string // of its objects, in the order in which they were met
	Events  []Event  // in the order read; those of one source in their order. An open case has none until it is told
	Sources []string // of all that have events, sorted
	After   [][]int  // by event: by source, how many of its events happened before for certain
	Last    time.Time
	Problem string // why it cannot be judged; "" where it can
	Help    string

	kept   []kept // in the order read
	newest int    // when the last one was read, whether it is kept or not
}

// Cases puts events together.
type Cases struct {
	m      *Mapping
	parent map[string]string
	open   map[string]*Case // by the object that stands for a case
	kept   int              // events
	read   int              // events, since the beginning
	met    int              // objects, since the beginning
	number map[string]int   // by object: when it was met
	said   map[string]*says
	key    []byte
}

// Newest is when the last event was read, among all events.
func (c *Case) Newest() int { return c.newest }

// Entries returns which entries its events are.
func (c *Case) Entries() []int {
	out := make([]int, len(c.kept))
	for i := range c.kept {
		out[i] = c.kept[i].entry
	}
	return out
}

// NewCases returns what puts the events of a mapping together.
func NewCases(m *Mapping) *Cases {
	return &Cases{m: m, parent: map[string]string{}, open: map[string]*Case{}, number: map[string]int{}, said: map[string]*says{}}
}

// ErrMany says that a log has more events than are kept.
var ErrMany = errors.New("the log has more events than are kept at a time: split it by time")

// Add adds what came of a record, and returns the case that it is part of as it stands. A record without a case is of none, and nil is returned.
func (c *Cases) Add(m Meaning) (*Case, error) {
	e := m.Event
	if e == nil || len(e.Cases) == 0 {
		return nil, nil //nolint:nilnil // of no case
	}
	if c.kept++; c.kept > MaxEvents {
		return nil, ErrMany
	}
	c.read++
	for _, name := range e.Cases {
		if _, known := c.parent[name]; !known {
			c.parent[name] = name
			c.met++
			c.number[name] = c.met
			c.open[name] = &Case{Names: []string{name}}
		}
	}
	root := c.root(e.Cases[0])
	for _, name := range e.Cases[1:] {
		root = c.join(root, c.root(name))
	}
	at := c.open[root]
	if m.Problem != "" && at.Problem == "" {
		at.Problem, at.Help = e.At()+": "+m.Problem, m.Help
	}
	if e.Time.After(at.Last) {
		at.Last = e.Time
	}
	at.newest = c.read
	if len(at.kept) >= MaxCase {
		c.kept--
		if at.Problem == "" {
			at.Problem = fmt.Sprintf("%s: the case has more than %d events, and no more are looked at", e.At(), MaxCase)
			at.Help = "name a case that ends sooner, such as an order instead of a customer, in the mapping"
		}
		return at, nil
	}
	at.kept = append(at.kept, c.keep(e))
	return at, nil
}

func (c *Cases) root(name string) string {
	for c.parent[name] != name {
		c.parent[name] = c.parent[c.parent[name]]
		name = c.parent[name]
	}
	return name
}

// join makes two cases one, which the object that was met first stands for.
func (c *Cases) join(a, b string) string {
	if a == b {
		return a
	}
	if c.number[a] > c.number[b] {
		a, b = b, a
	}
	x, y := c.open[a], c.open[b]
	c.parent[b] = a
	delete(c.open, b)
	x.Names = append(x.Names, y.Names...)
	slices.SortFunc(x.Names, func(p, q string) int { return cmp.Compare(c.number[p], c.number[q]) })
	x.kept = append(x.kept, y.kept...)
	slices.SortStableFunc(x.kept, func(p, q kept) int { return cmp.Compare(p.seq, q.seq) })
	if x.Problem == "" {
		x.Problem, x.Help = y.Problem, y.Help
	}
	x.newest = max(x.newest, y.newest)
	if y.Last.After(x.Last) {
		x.Last = y.Last
	}
	return a
}

// Open returns the cases so far, in the order in which their first objects were met.
func (c *Cases) Open() []*Case {
	out := slices.Collect(maps.Values(c.open))
	slices.SortFunc(out, func(a, b *Case) int { return cmp.Compare(c.number[a.Names[0]], c.number[b.Names[0]]) })
	return out
}

// Close forgets a case: what comes of its objects later is of a new one.
func (c *Cases) Close(at *Case) {
	delete(c.open, c.root(at.Names[0]))
	for _, name := range at.Names {
		delete(c.parent, name)
		delete(c.number, name)
	}
	c.kept -= len(at.kept)
}

// Told returns a copy of a case with all that only the whole of it tells: the order of its events, and what values in order stand for.
func (c *Cases) Told(at *Case) *Case {
	out := *at
	out.kept = nil
	out.Events = make([]Event, len(at.kept))
	for i := range at.kept {
		out.Events[i] = at.kept[i].event()
	}
	switch {
	case c.m.Sorted:
		slices.SortStableFunc(out.Events, func(p, q Event) int { return p.Time.Compare(q.Time) })
	case len(c.m.Clocks) > 0:
		merge(out.Events)
	}
	out.Sources = nil
	for _, e := range out.Events {
		if !slices.Contains(out.Sources, e.Source) {
			out.Sources = append(out.Sources, e.Source)
		}
	}
	slices.Sort(out.Sources)
	c.inOrder(&out)
	out.After = make([][]int, len(out.Events))
	for _, clock := range c.m.Clocks {
		for i, e := range out.Events {
			if !slices.Contains(clock.Sources, e.Source) {
				continue
			}
			after := make([]int, len(out.Sources))
			for k, source := range out.Sources {
				if source == e.Source || !slices.Contains(clock.Sources, source) {
					continue
				}
				n := 0
				for _, o := range out.Events {
					if o.Source == source {
						if n++; o.Time.Add(clock.Skew).Before(e.Time) {
							after[k] = n
						}
					}
				}
			}
			out.After[i] = after
		}
	}
	return &out
}

// merge puts events of several sources in the order of their times, as far as the order within a source allows.
func merge(events []Event) {
	latest := map[string]time.Time{}
	at := make([]time.Time, len(events))
	order := make([]int, len(events))
	for i, e := range events {
		if e.Time.After(latest[e.Source]) {
			latest[e.Source] = e.Time
		}
		at[i], order[i] = latest[e.Source], i
	}
	slices.SortStableFunc(order, func(p, q int) int { return at[p].Compare(at[q]) })
	merged := make([]Event, len(events))
	for i, from := range order {
		merged[i] = events[from]
	}
	copy(events, merged)
}

// inOrder gives values in order to what a case speaks of.
func (c *Cases) inOrder(at *Case) {
	met := map[string][]string{} // by domain
	for i := range at.Events {
		e := &at.Events[i]
		e.Args = slices.Clone(e.Args)
		for k, text := range e.raw {
			if text == "" || e.Step == nil {
				continue
			}
			t := e.Step.Params[k].Type
			sort := sortName(t)
			n := slices.Index(met[sort], text)
			if n < 0 {
				n = len(met[sort])
				met[sort] = append(met[sort], text)
			}
			if n >= t.Domain.Size() {
				if at.Problem == "" {
					at.Problem = fmt.Sprintf("%s: the case speaks of %d different %s, and the domain has %d", e.At(), n+1, sort, t.Domain.Size())
					at.Help = "make the domain larger in the design, or choose smaller cases"
				}
				continue
			}
			if t.Domain.Range {
				e.Args[k] = fmt.Sprint(t.Domain.Lo + int64(n))
			} else {
				e.Args[k] = t.Domain.Members[n].Name
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
