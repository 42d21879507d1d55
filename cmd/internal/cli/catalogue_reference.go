package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

func (a *app) referenceCommand() *cobra.Command {
	var opt catalogueOptions
	dir := "reference"
	cmd := &cobra.Command{
		Use:     "reference",
		Short:   "Write the documentation of a catalogue as pages in Markdown",
		Example: "  vauban catalogue reference\n  vauban catalogue reference --catalogue mini.yaml --dir pages",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.reference(cmd.Context(), opt, dir) },
	}
	opt.add(a, cmd)
	cmd.Flags().StringVar(&dir, "dir", dir, "write the pages to `DIR`")
	return cmd
}

func (a *app) reference(ctx context.Context, opt catalogueOptions, dir string) error {
	c, err := a.load(ctx, opt.file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return console.Failf(console.ExitUsage, "cannot make the directory %s: %v", dir, files.Reason(err))
	}
	pages, err := threats.Reference(c, diagram.Sketch)
	if err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	for _, p := range pages {
		path := filepath.Join(dir, p.Name)
		old, err := files.Read(ctx, path, source.MaxBytes)
		if err == nil && !threats.Generated(string(old)) || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return console.Failf(console.ExitUsage, "%s already exists and is not a page of a reference: give another --dir", path)
		}
	}
	for _, p := range pages {
		if err := a.Guard.Write(filepath.Join(dir, p.Name), []byte(p.Text)); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	_, err = fmt.Fprintf(a.Stdout, "wrote %d pages about %d threats: begin with %s\n", len(pages), len(c.Threats), plain.Clean(filepath.Join(dir, pages[0].Name)))
	return err
}
