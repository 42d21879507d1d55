package sarif

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// The limits of code scanning that can be reached, and what keeps a file within its 10 MB.
const (
	maxResults       = 5000   // of a run; more would not be shown
	maxFlow          = 1000   // locations of a code flow; more would not be shown
	maxFlows         = 20_000 // locations of all code flows of a run
	maxRelated       = 50     // other locations of a result
	maxTags          = 10     // of a rule
	maxText          = 1000   // code points of a text
	maxNotifications = 500    // of a run
)

const (
	schema         = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	informationURI = "https://github.com/vauban-verifier/vauban"
)

// Options say what the log says of the tool and of paths.
type Options struct {
	Version string                   // of the tool
	Path    func(name string) string // the path of an input from the root of the repository; nil: as it is named
	All     bool                     // the designs are all that the repository has
	Shard   string                   // of all designs those of this part, such as 2/4; "": all of them
}

// Write writes a log with one run, whatever the number of designs: code scanning takes at most 20 runs of an upload, and closes the alerts of a design that is gone
// only where the others come in its place.
func Write(w io.Writer, outcomes []reports.Outcome, opt Options) error {
	if opt.Path == nil {
		opt.Path = func(name string) string { return name }
	}
	out := log{Schema: schema, Version: "2.1.0", Runs: []*run{newRun(outcomes, opt)}}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// builder makes a run.
type builder struct {
	opt   Options
	run   *run
	rules map[string]int // by id, the index
	used  map[string]bool

	of       reports.Outcome // the design at hand
	within   string          // what stands before the names of its requirements, where there are several designs
	artifact map[string]bool // that are named
}

func newRun(outcomes []reports.Outcome, opt Options) *run {
	category := "vauban/"
	if len(outcomes) == 1 && !opt.All {
		category += uri(opt.Path(outcomes[0].Name)) + "/"
	}
	if opt.Shard != "" { // each part has alerts of its own, or the last would close those of the others
		category += "shard " + opt.Shard + "/"
	}
	b := &builder{opt: opt, rules: map[string]int{}, used: map[string]bool{}, artifact: map[string]bool{}, run: &run{
		Tool:              tool{driver{Name: "Vauban", SemanticVersion: opt.Version, InformationURI: informationURI, Rules: []descriptor{}}},
		Invocations:       []invocation{{ExecutionSuccessful: true}},
		AutomationDetails: automationDetails{category},
		ColumnKind:        "unicodeCodePoints",
		Results:           []result{},
	}}
	at := &b.run.Invocations[0]
	for _, o := range outcomes {
		b.of = o
		if len(outcomes) > 1 || opt.All {
			b.within = opt.Path(o.Name) + "/"
		}
		if o.Result == nil {
			at.ExecutionSuccessful = false
			at.ConfigurationNotifications = append(at.ConfigurationNotifications, b.diagnostics(o.Errors)...)
			continue
		}
		b.artifacts(o.Result)
		for _, q := range o.Result.Requirements {
			if q.Verdict == checker.Waived {
				at.ExecutionNotifications = append(at.ExecutionNotifications, b.waived(q))
				continue
			}
			b.requirement(q)
		}
		if len(o.Result.Requirements) == 0 {
			b.note(at, "%s has no requirement, so nothing was verified", opt.Path(o.Name))
		}
		if o.Result.Warnings != nil {
			at.ExecutionNotifications = append(at.ExecutionNotifications, b.diagnostics(o.Result.Warnings.Sorted())...)
		}
	}
	at.ConfigurationNotifications = limited(at.ConfigurationNotifications)
	at.ExecutionNotifications = limited(at.ExecutionNotifications)
	slices.SortStableFunc(b.run.Results, func(x, y result) int { return x.rank - y.rank })
	if n := len(b.run.Results) - maxResults; n > 0 {
		b.run.Results = b.run.Results[:maxResults]
		b.note(at, "%s left out: the JSON report has them", plain.Number(n, "less severe result"))
		b.prune()
	}
	b.trim(at)
	return b.run
}

// limited cuts a list of notifications, and says so.
func limited(list []notification) []notification {
	if n := len(list) - maxNotifications; n > 0 {
		words := text(plain.Number(n, "more notification") + " left out")
		return append(list[:maxNotifications:maxNotifications], notification{Level: "note", Message: words})
	}
	return list
}

// note says something that belongs to no place.
func (b *builder) note(at *invocation, format string, args ...any) {
	at.ExecutionNotifications = append(at.ExecutionNotifications, notification{Level: "note", Message: text(fmt.Sprintf(format, args...))})
}

// prune drops the rules that no result is of.
func (b *builder) prune() {
	kept, index := []descriptor{}, map[int]int{}
	for i := range b.run.Results {
		r := &b.run.Results[i]
		at, ok := index[r.RuleIndex]
		if !ok {
			at = len(kept)
			index[r.RuleIndex] = at
			kept = append(kept, b.run.Tool.Driver.Rules[r.RuleIndex])
		}
		r.RuleIndex = at
	}
	b.run.Tool.Driver.Rules = kept
}

// trim drops code flows beyond what a file may hold, those of the least severe results first.
func (b *builder) trim(at *invocation) {
	total, cut := 0, 0
	for i := range b.run.Results {
		for _, f := range b.run.Results[i].CodeFlows {
			total += len(f.ThreadFlows[0].Locations)
		}
		if total > maxFlows && b.run.Results[i].CodeFlows != nil {
			b.run.Results[i].CodeFlows = nil
			cut++
		}
	}
	if cut > 0 {
		b.note(at, "%s written without the steps of the attack: the JSON report has them", plain.Number(cut, "result"))
	}
}

// artifacts names the inputs that are files of the repository.
func (b *builder) artifacts(r *checker.Result) {
	add := func(f *source.File, name string) {
		if f != nil && isFile(name) && !b.artifact[b.opt.Path(name)] {
			b.artifact[b.opt.Path(name)] = true
			b.run.Artifacts = append(b.run.Artifacts, artifact{
				artifactLocation{uri(b.opt.Path(name))},
				[]string{"analysisTarget"},
				map[string]string{"sha-256": document.Digest([]byte(f.Text))},
			})
		}
	}
	for _, f := range r.Model.Design.Files {
		add(f, f.Name)
	}
	for _, in := range r.Model.Catalogue.Inputs {
		add(in.File, in.Path)
	}
}

func isFile(name string) bool {
	return name != "" && !source.Embedded(name)
}

// diagnostics turns diagnostics into notifications.
func (b *builder) diagnostics(list []diag.Diagnostic) []notification {
	var out []notification
	for _, d := range list {
		words := d.Message
		if d.Help != "" {
			words += "; " + d.Help
		}
		n := notification{&reference{string(d.Code)}, d.Severity.String(), text(words), nil}
		if at := b.at(d.Primary.Span); at != nil {
			n.Locations = []location{{PhysicalLocation: at}}
		}
		b.describe(d.Code)
		out = append(out, n)
	}
	return out
}

// describe declares the code of a diagnostic.
func (b *builder) describe(code diag.Code) {
	if b.used[string(code)] {
		return
	}
	b.used[string(code)] = true
	meaning := "a diagnostic of Vauban"
	for _, info := range diag.Codes() {
		if info.Code == code {
			meaning = info.Meaning
		}
	}
	short := text(sentence(meaning))
	full, help := short, message{short.Text, short.Text}
	if x, ok := diag.Explain(code); ok {
		full, help = text(x.Cause), message{x.Remedy, x.Remedy}
	}
	b.run.Tool.Driver.Notifications = append(b.run.Tool.Driver.Notifications, descriptor{ID: string(code), ShortDescription: &short, FullDescription: &full, Help: &help})
}

// waived tells what a waiver covers.
func (b *builder) waived(q *checker.Requirement) notification {
	n := notification{nil, "note", text(fmt.Sprintf("%s (%s) is waived: %s", q.Source.Name, wording.About(q), wording.Gist(q))), nil}
	if at := b.at(q.Waiver.Span); at != nil {
		n.Locations = []location{{PhysicalLocation: at}}
	}
	return n
}

// stdin stands for a design that was read from standard input: code scanning refuses a result without a file.
const stdin = "stdin"

// at returns the place of a span; nil where it is in no file of the repository. What the design has from elsewhere stands there.
func (b *builder) at(s source.Span) *physicalLocation {
	if !s.IsValid() || source.Embedded(s.File.Name) && !strings.HasPrefix(s.File.Name, "<") {
		return nil
	}
	from, to := s.Position(), s.File.Position(max(s.End, s.Start))
	if from == to { // an empty region is not shown
		to.Column++
	}
	at := &physicalLocation{artifactLocation{b.file(s.File.Name)}, region{from.Line, from.Column, to.Line, to.Column}, nil}
	if o, ok := s.Origin(); ok {
		line := max(o.Line, 1)
		return &physicalLocation{artifactLocation{b.file(o.File)}, region{line, 1, line, 2}, at}
	}
	return at
}

// file is the address of a file of the repository.
func (b *builder) file(name string) string {
	if !isFile(name) {
		return stdin
	}
	return uri(b.opt.Path(name))
}

// uri percent-encodes a path (RFC 3986).
func uri(path string) string {
	var out strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// braces are doubled in every message (SARIF 2.1.0, 3.11.5).
var braces = strings.NewReplacer("{", "{{", "}", "}}")

// protect writes plain text so that nothing in it is taken for a placeholder or a link (SARIF 2.1.0, 3.11.5 and 3.11.6).
func protect(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(braces.Replace(s))
}

// text makes a message of text from a design: what is in it is shown, not interpreted.
func text(s string) message { return message{Text: protect(shorten(s))} }

// shorten brings text from a design to a length that viewers take.
func shorten(s string) string { return plain.Shorten(diag.Escape(s), maxText) }

// sentence begins with a capital and ends with a full stop, as viewers expect of descriptions.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	s = strings.ToUpper(string(r)) + s[n:]
	if strings.ContainsAny(s[len(s)-1:], ".?!") {
		return s
	}
	return s + "."
}

// fingerprint is a digest of what makes a finding itself, whatever line it stands in.
func fingerprint(parts ...string) map[string]string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return map[string]string{"primaryLocationLineHash": hex.EncodeToString(sum[:8]) + ":1"}
}
