package cli

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/cmd/internal/lsp"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
)

// typing is for how long nobody must have hit a key before an editor is told verdicts.
const typing = 300 * time.Millisecond

func (a *app) lspCommand() *cobra.Command {
	var opt helperOptions
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor while somebody writes a design",
		Long: `Lsp is a language server: it speaks the Language Server Protocol on standard input and output, so that an editor shows errors while they are made, verdicts above each
requirement with the attack step by step, and what a name means; it completes words, leads to definitions, renames in all files, and offers what can be done about a requirement.

Editors start it by themselves once they know it: there is an extension for Visual Studio Code, and editors/README.md says how Neovim and Helix know it.

Exit status: 0 when the editor exits or disconnects, 130 interrupted.`,
		Example: "  vauban lsp",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := a.helpers(cmd.Context(), opt)
			if err != nil {
				return err
			}
			defer h.done()
			return lsp.Serve(cmd.Context(), stdio{a.Stdin, a.Stdout}, lsp.Host{
				Version: Version, Reader: editorReader, Root: editorRoot, Wait: typing, Memory: h.memory,
				Page: editorPage,
				AsOf: func() string { return time.Now().UTC().Format(time.DateOnly) },
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

// stdio is both directions of what an editor says.
type stdio struct {
	io.Reader
	io.Writer
}

// Close closes nothing: the streams are the process's.
func (stdio) Close() error { return nil }

// editorPage is the page of a design that was verified.
func editorPage(r *checker.Result) ([]byte, error) {
	return writeHTML([]reports.Outcome{{Name: r.Model.Design.Title, Result: r}}, renderOptions{})
}

// editorReader reads a design from the tree that its root file lies in.
func editorReader(ctx context.Context, root string) (source.Reader, error) {
	trees := files.Trees{Guard: &files.Guard{}}
	at := filepath.FromSlash(root)
	if err := trees.Add(files.Root(filepath.Dir(at), config.Name), at); err != nil {
		return nil, err
	}
	return func(name string) (string, error) {
		text, _, err := trees.Read(ctx, name)
		return text, err
	}, nil
}

// editorRoot is the design that a file is part of: its own where it is one, or the first beside or below it, or in the directories above, that includes it.
func editorRoot(ctx context.Context, name, text string) string {
	if !strings.HasSuffix(name, ".vbn") || console.IsRoot(name, text) {
		return name
	}
	top := filepath.ToSlash(files.Root(filepath.Dir(filepath.FromSlash(name)), config.Name))
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if read, err := editorReader(ctx, path.Join(dir, "any")); err == nil {
			if file := console.Including(dir, name, read); file != "" {
				return file
			}
		}
		if dir == top || dir == path.Dir(dir) {
			return name
		}
	}
}
