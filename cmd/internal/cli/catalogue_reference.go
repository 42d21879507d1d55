package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/text"
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
		RunE:    func(*cobra.Command, []string) error { return a.reference(opt, dir) },
	}
	opt.add(cmd)
	cmd.Flags().StringVar(&dir, "dir", dir, "where the pages go")
	return cmd
}

func (a *app) reference(opt catalogueOptions, dir string) error {
	c, err := a.load(opt.file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failf(exitUsage, "cannot make the directory %s: %v", dir, reason(err))
	}
	pages, err := threats.Reference(c, diagram.Sketch)
	if err != nil {
		return failf(exitUsage, "%v", err)
	}
	for _, p := range pages {
		if err := writeFile(filepath.Join(dir, p.Name), []byte(p.Text)); err != nil {
			return failf(exitUsage, "%v", err)
		}
	}
	_, err = fmt.Fprintf(a.stdout, "wrote %d pages about %d threats: begin with %s\n", len(pages), len(c.Threats), text.Clean(filepath.Join(dir, pages[0].Name)))
	return err
}
