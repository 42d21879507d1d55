package logs

import (
	"time"

	"github.com/vauban-verifier/vauban/models"
)

// kept is an event as an open case keeps it, in some eighty bytes: what it says is shared with all that say the same.
type kept struct {
	says             *says
	raw              []string
	entry, line, seq int
	second           int64 // since 1970
	nano             int32
}

// says is what an event says, besides when it was and where it stands.
type says struct {
	log, source string
	step        *models.Step
	args        []string
	attempt, on []string
	effect      string
}

// maxSaid bounds what is shared.
const maxSaid = 1 << 14

// keep makes an event small.
func (c *Cases) keep(e *Event) kept {
	c.key = c.key[:0]
	add := func(text string) { c.key = append(append(c.key, text...), 0) }
	list := func(texts []string) {
		for _, t := range texts {
			add(t)
		}
		c.key = append(c.key, 1)
	}
	add(e.Log)
	add(e.Source)
	if e.Step != nil {
		add(e.Step.Name)
	}
	list(e.Args)
	list(e.Attempt)
	list(e.On)
	add(e.Effect)
	s := c.said[string(c.key)]
	if s == nil || s.step != e.Step { // two processes may have steps of one name
		if len(c.said) >= maxSaid {
			clear(c.said)
		}
		s = &says{e.Log, e.Source, e.Step, e.Args, e.Attempt, e.On, e.Effect}
		c.said[string(c.key)] = s
	}
	k := kept{says: s, entry: e.Entry, line: e.Line, seq: c.read, second: e.Time.Unix(), nano: int32(e.Time.Nanosecond())}
	for _, text := range e.raw {
		if text != "" {
			k.raw = e.raw
			break
		}
	}
	return k
}

// event makes it whole again.
func (k *kept) event() Event {
	s := k.says
	return Event{
		Entry: k.entry, Log: s.log, Line: k.line, Source: s.source, Time: time.Unix(k.second, int64(k.nano)).UTC(), Step: s.step, Args: s.args, raw: k.raw,
		Attempt: s.attempt, On: s.on, Effect: s.effect,
	}
}
