package text

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/models/logs/discover"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Learnt writes what a log teaches; says tells of a rule whether a design enforces it, or "".
func Learnt(w io.Writer, f *discover.Found, says func(discover.Pattern) string, color bool) {
	p := &page{Buffer: bytes.Buffer{}, color: color}
	p.line("%s, learnt from the first %s by time and judged on the rest", plain.Number(f.Cases, "case"), plain.Thousands(f.Learnt))
	list := func(title string, rules []discover.Rule, line func(discover.Rule) string) {
		if len(rules) == 0 {
			return
		}
		p.line("")
		p.line("%s", p.in(bold, title))
		width := 0
		for _, r := range rules {
			width = max(width, utf8.RuneCountInString(plain.Clean(r.Pattern.String())))
		}
		for _, r := range rules {
			p.line("  %s  %s", pad(plain.Clean(r.Pattern.String()), min(width, 60)), line(r))
		}
	}
	list("Never broken", f.Proposals, func(r discover.Rule) string {
		text := p.in(dim, fmt.Sprintf("%s, then %d of %s broken: at most %.1f %%", plain.Number(r.Learnt, "case"), r.Broken, plain.Thousands(r.Judged), 100*r.Bound))
		if s := says(r.Pattern); s != "" {
			text += " · " + plain.Clean(s)
		}
		return text
	})
	list("Did not last", f.Fleeting, func(r discover.Rule) string {
		return fmt.Sprintf("%s, then %d of %s broken: %s", plain.Number(r.Learnt, "case"), r.Broken, plain.Thousands(r.Judged), plain.Clean(plain.List(r.Exceptions, 8)))
	})
	list("Nearly never broken: look at these cases", f.Nearly, func(r discover.Rule) string {
		return fmt.Sprintf("broken in %s of %s: %s", plain.Number(r.Breaks, "case"), plain.Thousands(r.Learnt+r.Judged), plain.Clean(plain.List(r.Exceptions, 8)))
	})
	if len(f.Proposals)+len(f.Fleeting)+len(f.Nearly) == 0 {
		p.line("no rule applies in enough cases: a longer log teaches more")
	}
	_, _ = w.Write(p.Bytes())
}
