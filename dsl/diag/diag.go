package diag

import (
	"fmt"
	"sort"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Severity says how bad a diagnostic is.
type Severity int

// The severities: an Error stops the run before anything is verified, a Warning does not.
const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Code identifies a kind of diagnostic, such as VAU1003. Codes are never reused; [Codes] lists them all.
type Code string

// Label marks a place and says what is there.
type Label struct {
	Span source.Span
	Text string
}

// Diagnostic is one thing that a user should know about an input.
type Diagnostic struct {
	Severity Severity
	Code     Code
	Message  string // one line, lower case, no full stop: the fact, then what was expected
	Primary  Label
	Others   []Label
	Help     string // at most one, ready to paste
}

// List collects diagnostics. The zero List is empty and ready to use.
type List struct {
	items []Diagnostic
}

// Add appends d.
func (l *List) Add(d Diagnostic) { l.items = append(l.items, d) }

// Errorf appends an error at span and returns it so that labels and help can be added.
func (l *List) Errorf(code Code, span source.Span, format string, args ...any) *Diagnostic {
	l.items = append(l.items, Diagnostic{Severity: Error, Code: code, Message: fmt.Sprintf(format, args...), Primary: Label{Span: span}})
	return &l.items[len(l.items)-1]
}

// Warnf appends a warning at span and returns it so that labels and help can be added.
func (l *List) Warnf(code Code, span source.Span, format string, args ...any) *Diagnostic {
	d := l.Errorf(code, span, format, args...)
	d.Severity = Warning
	return d
}

// Append adds all of other.
func (l *List) Append(other *List) {
	if other != nil {
		l.items = append(l.items, other.items...)
	}
}

// Label adds a second location and returns d.
func (d *Diagnostic) Label(span source.Span, format string, args ...any) *Diagnostic {
	d.Others = append(d.Others, Label{span, fmt.Sprintf(format, args...)})
	return d
}

// Helpf sets the help line and returns d.
func (d *Diagnostic) Helpf(format string, args ...any) *Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// Len returns how many items there are.
func (l *List) Len() int { return len(l.items) }

// HasErrors reports whether any item is an error.
func (l *List) HasErrors() bool {
	for _, d := range l.items {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Errors counts the errors of a list.
func Errors(list []Diagnostic) int {
	n := 0
	for _, d := range list {
		if d.Severity == Error {
			n++
		}
	}
	return n
}

// Sorted returns the items without duplicates in their total order: file, offset, code, message.
func (l *List) Sorted() []Diagnostic {
	out := append([]Diagnostic(nil), l.items...)
	name := func(d Diagnostic) string {
		if d.Primary.Span.File == nil {
			return ""
		}
		return d.Primary.Span.File.Name
	}
	less := func(a, b Diagnostic) bool {
		if x, y := name(a), name(b); x != y {
			return x < y
		}
		if x, y := a.Primary.Span.Start, b.Primary.Span.Start; x != y {
			return x < y
		}
		if a.Code != b.Code {
			return a.Code < b.Code
		}
		return a.Message < b.Message
	}
	sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j]) })
	kept := out[:0]
	for i, d := range out {
		if i > 0 && !less(out[i-1], d) && out[i-1].Primary.Span == d.Primary.Span {
			continue
		}
		kept = append(kept, d)
	}
	return kept
}
