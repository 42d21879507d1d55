package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
)

// fact is something that every format has to say of a design.
type fact struct {
	words []string // of one finding: all of them together
	line  int      // that it stands at; 0: at none of its own
	known bool
}

// parties is how the designs of the table begin. Lines of the table count after these.
const parties = `design "Same"
zone I: public
actor U: customer in I
component S, T: webapp in I { has output_encoding, rate_limiting }
attacker O { in I }
attacker P { in I  budget 9 }
`

// TestFormatsSayTheSame checks designs, and reads each of them in all formats.
func TestFormatsSayTheSame(t *testing.T) {
	const honest = "process Orders {\n  fact paid\n  step Pay by S when not paid do paid\n}\n"
	for name, c := range map[string]struct {
		design   string
		args     []string
		baseline string // a design before, of which all is known
		want     []fact
	}{
		"a rule broken twice": {
			design: "flow F: U -> S over http\nflow G: U -> T over http\nrequire R: always forall f: flow | f has encryption\n",
			want:   []fact{{[]string{"R", "f = F"}, 7, false}, {[]string{"R", "f = G"}, 8, false}},
		},
		"a rule without a variable": {
			design: "require R: always S has mtls\n",
			want:   []fact{{[]string{"R", "S has mtls", "is false"}, 4, false}},
		},
		"a rule that nothing meets": {
			design: "require R: always exists z: zone | z has segmentation\n",
			want:   []fact{{[]string{"R", "exists z: zone", "is false"}, 0, false}},
		},
		"two data": {
			design: "data A, B: cardholder_data\nflow F: U -> S over http { carries A }\nflow G: U -> T over http { carries B }\nrequire R: confidential A, B against O\n",
			want:   []fact{{[]string{"R", "data", "A", "the attacker reads A on F"}, 8, false}, {[]string{"R", "data", "B", "the attacker reads B on G"}, 9, false}},
		},
		"two ways": {
			design: "data A: cardholder_data\nflow F: U -> S over http { carries A }\nrequire R: confidential A against O\n",
			args:   []string{"--attacks", "2"},
			want:   []fact{{[]string{"R", "O", "the attacker reads A on F"}, 8, false}, {[]string{"R", "O", "the attacker poses as the target of F"}, 8, false}},
		},
		"undecided": {
			design: "component W: webapp in I { has output_encoding, rate_limiting, input_validation? }\nflow F: U -> W over https\nrequire R: never controls(W) against O\n",
			want:   []fact{{[]string{"R", "takes over W", "W has input_validation"}, 7, false}},
		},
		"nobody attacks": {
			design: honest + "require R: never paid\n",
			want:   []fact{{[]string{"R", "without any attacker", "S takes step Pay"}, 0, false}},
		},
		"nothing gets there": {
			design: honest + "require R: possible paid and not paid\n",
			want:   []fact{{[]string{"R", "no honest run reaches it"}, 0, false}},
		},
		"waived": {
			design: "require R: always S has mtls\nwaive R until 2027-01-01 because \"moving house\"\n",
			want:   []fact{{[]string{"R", "waived", "moving house"}, 0, false}},
		},
		"one known and one new": {
			baseline: "flow F: U -> S over http\nflow G: U -> T over https { has encryption }\nrequire R: always forall f: flow | f has encryption\n",
			design:   "flow F: U -> S over http\nflow G: U -> T over http\nrequire R: always forall f: flow | f has encryption\n",
			want:     []fact{{[]string{"R", "f = F"}, 7, true}, {[]string{"R", "f = G"}, 8, false}},
		},
		"known altogether": {
			baseline: "require R: always S has mtls\n",
			design:   "require R: always S has mtls\n",
			want:     []fact{{[]string{"R", "S has mtls", "is false"}, 4, true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			put := func(text string) {
				if err := os.WriteFile("d.vbn", []byte(parties+text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			run := func(args ...string) string {
				var out, errs bytes.Buffer
				if code := Run(t.Context(), args, strings.NewReader(""), &out, &errs); code > console.ExitFound {
					t.Fatalf("%v: exit status %d\n%s", args, code, &errs)
				}
				return out.String()
			}
			args := append([]string{"check", "--as-of", "2026-11-24"}, c.args...)
			if c.baseline != "" {
				put(c.baseline)
				run("baseline", "--baseline", "known.json", "d.vbn")
				args = append(args, "--baseline", "known.json")
			}
			put(c.design)
			for format, read := range readers {
				out := run(append(args, "--format", format, "d.vbn")...)
				entries := read(t, out)
				for _, f := range c.want {
					if !says(entries, format, f) {
						t.Errorf("%s does not say %+v:\n%s", format, f, strings.Join(entries, "\n----\n"))
					}
				}
				if apart[format] && len(entries) != len(c.want) {
					t.Errorf("%s says %d things, expected %d:\n%s", format, len(entries), len(c.want), strings.Join(entries, "\n----\n"))
				}
			}
		})
	}
}

// apart are the formats with an entry for each finding.
var apart = map[string]bool{"sarif": true, "github": true, "json": true}

// says reports whether an entry has all words of a fact, and stands at its line, and is marked as it should be. The canonical report is the same whatever a baseline knows.
func says(entries []string, format string, f fact) bool {
	for _, e := range entries {
		all := f.line == 0 || strings.Contains(e, fmt.Sprintf("d.vbn:%d", f.line))
		for _, w := range f.words {
			all = all && strings.Contains(e, w)
		}
		known := strings.Contains(e, "known") || strings.Contains(e, "knows")
		if all && (format == "json" || known == f.known || !apart[format] && known) {
			return true
		}
	}
	return false
}

// readers cut the output of a format into entries, with places as FILE:LINE in them.
var readers = map[string]func(t *testing.T, out string) []string{
	"text": func(_ *testing.T, out string) []string { // a block for each requirement, with its line in the list
		return blocks(out, regexp.MustCompile(`(?m)^(?:R: |Proofs)`))
	},
	"markdown": func(_ *testing.T, out string) []string {
		out = html.UnescapeString(regexp.MustCompile("<[^>]*>").ReplaceAllString(strings.NewReplacer(`\`, "", "`", "").Replace(out), ""))
		return blocks(out, regexp.MustCompile(`(?m)^### `))
	},
	"html": func(_ *testing.T, out string) []string {
		out = html.UnescapeString(regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`).ReplaceAllString(out, " "))
		return []string{strings.Join(strings.Fields(out), " ")}
	},
	"junit": func(t *testing.T, out string) []string {
		var s struct {
			Suites []struct {
				Cases []struct {
					Name    string `xml:"name,attr"`
					Failure *struct {
						Text string `xml:",chardata"`
					} `xml:"failure"`
					Skipped *struct {
						Message string `xml:"message,attr"`
						Text    string `xml:",chardata"`
					} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		var entries []string
		for _, c := range s.Suites[0].Cases {
			switch {
			case c.Failure != nil:
				entries = append(entries, c.Name+"\n"+c.Failure.Text)
			case c.Skipped != nil:
				entries = append(entries, c.Name+"\n"+c.Skipped.Message+"\n"+c.Skipped.Text)
			}
		}
		return entries
	},
	"github": func(_ *testing.T, out string) []string {
		var entries []string
		at := regexp.MustCompile(`file=([^,]*),line=(\d+)`)
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			if strings.Contains(line, "title=VAU") { // a warning of the design
				continue
			}
			entries = append(entries, at.ReplaceAllString(strings.ReplaceAll(line, "%0A", "\n"), "$1:$2 "))
		}
		return entries
	},
	"sarif": func(t *testing.T, out string) []string {
		type place struct {
			PhysicalLocation struct {
				ArtifactLocation struct{ URI string }
				Region           struct{ StartLine int }
			}
		}
		var s struct {
			Runs []struct {
				Results []struct {
					RuleID    string
					Level     string
					Message   struct{ Text string }
					Locations []place
				}
				Invocations []struct {
					ToolExecutionNotifications []struct {
						Descriptor *struct{ ID string }
						Message    struct{ Text string }
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		var entries []string
		for _, r := range s.Runs[0].Results {
			if len(r.Locations) != 1 {
				t.Fatalf("a result has %d locations", len(r.Locations))
			}
			at := r.Locations[0].PhysicalLocation
			entries = append(entries, fmt.Sprintf("%s:%d %s %s", at.ArtifactLocation.URI, at.Region.StartLine, r.Level, r.Message.Text))
		}
		for _, n := range s.Runs[0].Invocations[0].ToolExecutionNotifications {
			if n.Descriptor == nil { // what is waived
				entries = append(entries, n.Message.Text)
			}
		}
		return entries
	},
	"json": func(t *testing.T, out string) []string {
		type source struct {
			Path string
			Line int
		}
		type attack struct {
			Steps []struct {
				Says   string
				ID     string
				Kind   string
				Source *source
			}
			Honest bool
		}
		var r struct {
			Requirements []struct {
				Name    string
				Verdict string
				Waiver  *struct{ Because string }
				Cases   []struct {
					Attackers  []string
					Bindings   map[string]string
					Verdict    string
					Attack     *attack
					Attacks    []attack
					Sufficient [][]struct{ Control, On string }
					Breaks     []struct {
						Bindings map[string]string
						What     string
						Sources  []source
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		var entries []string
		honest := false
		for _, q := range r.Requirements {
			if q.Waiver != nil {
				entries = append(entries, q.Name+" "+q.Verdict+" "+q.Waiver.Because)
				continue
			}
			for _, c := range q.Cases {
				if c.Verdict == "holds" {
					continue
				}
				head := fmt.Sprint(q.Name, " ", c.Attackers, " ", c.Bindings, " ")
				for _, b := range c.Breaks {
					e := q.Name + " " + b.What
					for v, x := range b.Bindings {
						e += v + " = " + x
					}
					for _, s := range b.Sources {
						e += fmt.Sprintf(" %s:%d", s.Path, s.Line)
					}
					entries = append(entries, e)
				}
				list := c.Attacks
				if list == nil && c.Attack != nil && c.Breaks == nil {
					list = []attack{*c.Attack}
				}
				for _, a := range list {
					e := head
					if a.Honest {
						if e += "without any attacker"; honest { // each attacker's case says so
							continue
						}
						honest = true
					}
					for _, s := range a.Steps {
						e += " " + s.Says
						if s.Source != nil {
							e += fmt.Sprintf(" %s:%d", s.Source.Path, s.Source.Line)
						}
					}
					for _, set := range c.Sufficient {
						e += " " + set[0].On + " has " + set[0].Control
					}
					entries = append(entries, e)
				}
				if list == nil && c.Breaks == nil {
					entries = append(entries, head+"no honest run reaches it")
				}
			}
		}
		return entries
	},
}

// blocks cuts a text before each match, and puts what comes before the first one into all.
func blocks(text string, at *regexp.Regexp) []string {
	found := at.FindAllStringIndex(text, -1)
	if found == nil {
		return []string{text}
	}
	var out []string
	for i, f := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		out = append(out, text[:found[0][0]]+text[f[0]:end])
	}
	return out
}
