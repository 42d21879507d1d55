package conform

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/models/logs"
)

// Limits of a monitor.
const (
	maxOpen  = 50_000 // cases
	maxKnown = 20_000 // traces whose answers are kept
	sweep    = 1024   // events between two looks for cases that are over
)

// Told is what a monitor says of a case after an event of it. Other programs may rely on the JSON names.
type Told struct {
	Entry    int      `json:"entry"` // which of the log's, from 1
	Case     []string `json:"case"`
	Event    string   `json:"event"`
	Verdict  Verdict  `json:"verdict"`
	By       []string `json:"by,omitempty"`
	Cost     *int     `json:"cost,omitempty"`
	Failed   []string `json:"failed,omitempty"` // controls, without which the run does not go
	Lost     int      `json:"lost,omitempty"`
	Fits     *int     `json:"fits,omitempty"` // of unexplained: how many first events are explained
	Wants    []string `json:"wants,omitempty"`
	Why      string   `json:"why,omitempty"`
	Broken   []string `json:"broken,omitempty"`    // requirements
	CanBreak []Ahead  `json:"can_break,omitempty"` // from here, with what is left to do
	Changed  bool     `json:"changed"`             // the verdict is another one than after the event before, or what is broken is
}

// Ahead is what can follow.
type Ahead struct {
	Requirement string   `json:"requirement"`
	By          []string `json:"by"`
	Cost        int      `json:"cost"`
	Steps       []string `json:"steps"`
	Stops       []string `json:"stops,omitempty"`
}

// Monitor answers for each case of a running system as its events come. Its memory depends on the cases that are open, not on how many there were.
type Monitor struct {
	x     *Explainer
	t     *Translator
	cases *logs.Cases
	idle  time.Duration
	known map[string]Told // by trace, without the names of a case
	order []string        // of known, as they were met
	last  map[*logs.Case]Told
	front map[*logs.Case]*frontier
	spots map[string]Told // by where an honest run is
	newer time.Time
	taken int
}

// NewMonitor returns a monitor. A case that had no event for so long, by the times of the log, is over; with zero none is, but for lack of room.
func NewMonitor(x *Explainer, mapping *logs.Mapping, idle time.Duration) *Monitor {
	return &Monitor{x: x, t: NewTranslator(x.m), cases: logs.NewCases(mapping), idle: idle, known: map[string]Told{}, last: map[*logs.Case]Told{}, front: map[*logs.Case]*frontier{}, spots: map[string]Told{}}
}

// Take takes the next entry, and says what is known of its case now; nil where it belongs to none. Errors are those of [Explainer.Explain].
func (m *Monitor) Take(ctx context.Context, meaning logs.Meaning, entry int) (*Told, error) {
	if meaning.Event != nil {
		meaning.Event.Entry = entry
	}
	at, err := m.cases.Add(meaning)
	if err != nil || at == nil {
		return nil, err
	}
	if m.taken++; m.taken%sweep == 0 {
		m.close(at)
	}
	if at.Last.After(m.newer) {
		m.newer = at.Last
	}
	told, err := m.answer(ctx, at)
	if err != nil {
		return nil, err
	}
	told.Entry, told.Case = entry, at.Names
	before, some := m.last[at]
	told.Changed = !some && told.Verdict != Normal || some && (before.Verdict != told.Verdict || !slices.Equal(before.Broken, told.Broken))
	m.last[at] = told
	return &told, nil
}

// answer explains a case as it stands, of equal traces once.
func (m *Monitor) answer(ctx context.Context, at *logs.Case) (Told, error) {
	c := at
	if c.Problem == "" { // to tell a case takes time in proportion to its events
		c = m.cases.Told(at)
	}
	if c.Problem != "" {
		return Told{Verdict: Unknown, Why: c.Problem}, nil
	}
	trace := m.t.Trace(c)
	if told, ok, err := m.honest(ctx, at, &trace); ok || err != nil {
		return told, err
	}
	if told, ok := m.known[trace.Key]; ok {
		return told, nil
	}
	a, err := m.x.Explain(ctx, trace.Events)
	if err != nil {
		return Told{}, err
	}
	told := summary(a)
	told.Event = trace.Events[len(trace.Events)-1].String()
	if ctx.Err() != nil { // what was not found in time is no answer to keep
		return told, nil
	}
	if m.known[trace.Key] = told; len(m.order) >= maxKnown {
		delete(m.known, m.order[0])
		m.order = m.order[1:]
	}
	m.order = append(m.order, trace.Key)
	return told, nil
}

// honest answers for a case that honest runs leave so far, from where they were before its last event.
func (m *Monitor) honest(ctx context.Context, at *logs.Case, trace *Trace) (Told, bool, error) {
	f, known := m.front[at]
	switch {
	case !known:
		f = &frontier{}
		m.front[at] = f
	case f == nil: // some event did not fit: the case is asked about as a whole from then on
		return Told{}, false, nil
	}
	ok, err := m.x.advance(ctx, f, trace)
	if err != nil || !ok {
		m.front[at] = nil
		return Told{}, false, err
	}
	key := f.spots[0].key()
	told, known := m.spots[key]
	if !known {
		a, err := m.x.ahead(ctx, &f.spots[0])
		if err != nil {
			return Told{}, false, err
		}
		told = summary(a)
		if ctx.Err() == nil {
			if len(m.spots) >= maxKnown {
				clear(m.spots)
			}
			m.spots[key] = told
		}
	}
	told.Event = trace.Events[len(trace.Events)-1].String()
	return told, true, nil
}

// summary is what is told of an answer.
func summary(a *Answer) Told {
	out := Told{Verdict: a.Verdict, Why: a.Why, Lost: a.Lost}
	switch a.Verdict {
	case Explained:
		cost := a.Run.Attack.Cost
		out.By, out.Cost, out.Wants = namesOf(a.By), &cost, a.Wants
		for _, c := range a.Run.Attack.Failures {
			out.Failed = append(out.Failed, c.Control+" on "+cmp.Or(c.Data, c.On))
		}
	case Unexplained:
		fits := a.Events
		out.Fits, out.Wants = &fits, a.Wants
	}
	for _, f := range a.Next {
		switch f.Outlook {
		case Broken:
			out.Broken = append(out.Broken, f.Requirement.Name)
		case Breaks:
			ahead := Ahead{Requirement: f.Requirement.Name, By: namesOf(f.By), Cost: f.Attack.Cost, Steps: []string{}, Stops: f.Stops}
			for _, s := range f.Attack.Steps {
				ahead.Steps = append(ahead.Steps, s.Says)
			}
			out.CanBreak = append(out.CanBreak, ahead)
		}
	}
	slices.Sort(out.Broken)
	return out
}

// close forgets cases that are over, and where there are too many, those that had no event for longest.
func (m *Monitor) close(but *logs.Case) {
	open := m.cases.Open()
	slices.SortStableFunc(open, func(a, b *logs.Case) int { return cmp.Compare(a.Newest(), b.Newest()) })
	for i, c := range open {
		if over := m.idle > 0 && !c.Last.IsZero() && m.newer.Sub(c.Last) > m.idle; c != but && (over || len(open)-i > maxOpen) {
			delete(m.last, c)
			delete(m.front, c)
			m.cases.Close(c)
		}
	}
	for c := range m.last { // which became part of others
		if !slices.Contains(open, c) {
			delete(m.last, c)
			delete(m.front, c)
		}
	}
}

// Needs returns which entries the monitor would need to begin again where it is: those of cases that are open.
func (m *Monitor) Needs() map[int]bool {
	out := map[int]bool{}
	for _, c := range m.cases.Open() {
		for _, e := range c.Entries() {
			out[e] = true
		}
	}
	return out
}

func namesOf(list []*models.Attacker) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}
