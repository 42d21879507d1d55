package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker/questions"
	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

func (a *app) lintCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "lint [FILE...|DIR...]",
		Short: "Say what is wrong with files, and what they do not say, without a verdict",
		Long: `Lint reads designs, catalogues and vauban.yaml, and reports at once their errors and the facts that a design does not state; it verifies nothing. It is for editors that
know no language server, and for hooks that run before a commit. A file that is a part of a design is read with the design that includes it. "-" reads a design from standard input.
A directory stands for each design in it and below. Without a file, each design is read that vauban.yaml names.

Each finding is one line, FILE:LINE:COLUMN: error, warning or note: what it is [CODE], and what helps is on the next one. With --format json each is an object on a line of its own.

Exit status: 0 no errors, 2 there are some, 130 interrupted.`,
		Example: `  vauban lint shop.vbn
  vauban lint .
  vauban lint --format json shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.lint(cmd.Context(), args, format) },
	}
	a.AllowOutside(cmd)
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of the findings: text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// finding is a line of lint; its field names are a contract.
type finding struct {
	File      string `json:"file"`
	Line      int    `json:"line"`   // from 1; 0 of what has no place
	Column    int    `json:"column"` // from 1, in characters
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Severity  string `json:"severity"` // error, warning, note
	Code      string `json:"code,omitempty"`
	Message   string `json:"message"`
	Help      string `json:"help,omitempty"`
}

func (a *app) lint(ctx context.Context, args []string, format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format is %q, expected text or json", format)
	}
	files, err := a.lintable(ctx, args)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	errs := 0
	seen := map[finding]bool{} // two files may be parts of one design
	for _, file := range files {
		in, err := a.Input(ctx, []string{file})
		if err != nil {
			return err
		}
		list := lintFile(in)
		if ctx.Err() != nil {
			return console.Failf(console.ExitInterrupted, "interrupted")
		}
		for _, f := range list {
			if seen[f] {
				continue
			}
			seen[f] = true
			if f.Severity == "error" {
				errs++
			}
			if format == "json" {
				line, err := json.Marshal(f)
				if err != nil {
					return console.Internal(err)
				}
				b.Write(append(line, '\n'))
				continue
			}
			f.write(&b)
		}
	}
	if err := a.Deliver(b.Bytes(), ""); err != nil {
		return err
	}
	if errs > 0 {
		return console.Failf(console.ExitUsage, "%s", plain.Number(errs, "error"))
	}
	return nil
}

// lintable returns the files to be read, the root of each design and each other file once.
func (a *app) lintable(ctx context.Context, args []string) ([]string, error) {
	var out []string
	if len(args) == 0 || slices.ContainsFunc(args, console.Directory) {
		designs, err := a.Designs(ctx, args)
		if err != nil {
			return nil, err
		}
		for _, d := range designs {
			out = append(out, d[0])
		}
		return out, nil
	}
	for _, file := range args {
		if strings.HasSuffix(file, ".vbn") {
			in, err := a.Input(ctx, []string{file})
			if err != nil {
				return nil, err
			}
			if text, err := in.Read(in.Names[0]); err == nil && !console.IsRoot(in.Names[0], text) {
				file = a.rootOf(ctx, file, text)
			}
		}
		if !slices.Contains(out, file) {
			out = append(out, file)
		}
	}
	return out, nil
}

// rootOf is the design that includes a file, as it is named from the current directory; the file itself where there is none.
func (a *app) rootOf(ctx context.Context, file, text string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	abs = filepath.ToSlash(abs)
	root := editorRoot(ctx, abs, text)
	if rel, err := filepath.Rel(filepath.FromSlash(path.Dir(abs)), filepath.FromSlash(root)); err == nil {
		return path.Join(path.Dir(filepath.ToSlash(file)), filepath.ToSlash(rel))
	}
	return file
}

// lintFile says what is wrong with a file, or with a design that it is the root of, and what the design does not say.
func lintFile(in console.Input) []finding {
	name := in.Names[0]
	diags := &diag.List{}
	var d *models.Design
	switch {
	case path.Base(name) == config.Name:
		text, err := in.Read(name)
		if err != nil {
			return []finding{{File: name, Severity: "error", Message: "cannot be read: " + err.Error()}}
		}
		config.Parse(source.New(name, text), path.Dir(name), diags)
	case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		if c := threats.LoadCatalogue(in.Read, in.Names, diags); c != nil && !diags.HasErrors() {
			diags.Append(threats.Lint(c))
		}
	default:
		d = threats.LoadDesign(in.Read, in.Names, diags)
	}
	in.Withhold(nil, diags)
	var out []finding
	for _, x := range diags.Sorted() {
		f := at(x.Primary.Span)
		f.Severity, f.Code, f.Message, f.Help = x.Severity.String(), string(x.Code), x.Message, x.Help
		if x.Primary.Text != "" {
			f.Message += ": " + x.Primary.Text
		}
		out = append(out, f)
	}
	if d == nil || diags.HasErrors() {
		return out
	}
	said := map[finding]bool{} // an attribute is asked about once, however many words it may be
	for _, s := range questions.Silences(d) {
		f := at(s.On.Span)
		f.Severity, f.Message = "note", s.Text
		if s.No != "" {
			f.Help = "`" + s.No + "` says no"
		}
		if !said[f] {
			said[f] = true
			out = append(out, f)
		}
	}
	return out
}

// at begins a finding at a place.
func at(s source.Span) finding {
	if !s.IsValid() {
		return finding{}
	}
	from, to := s.Position(), s.File.Position(s.End)
	return finding{File: s.File.Name, Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column}
}

// write writes a finding as a line, and what helps as another one.
func (f finding) write(b *bytes.Buffer) {
	if f.File != "" {
		b.WriteString(diag.Escape(f.File) + ":")
		if f.Line > 0 {
			fmt.Fprintf(b, "%d:%d:", f.Line, f.Column)
		}
		b.WriteByte(' ')
	}
	fmt.Fprintf(b, "%s: %s", f.Severity, diag.Escape(f.Message))
	if f.Code != "" {
		fmt.Fprintf(b, " [%s]", f.Code)
	}
	b.WriteByte('\n')
	if f.Help != "" {
		fmt.Fprintf(b, "  help: %s\n", diag.Escape(f.Help))
	}
}
