package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/threats"
)

func (a *app) newCommand() *cobra.Command {
	dir := "."
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Begin a threat of your own: a catalogue, a design that it attacks and one that stops it",
		Long: `New writes three files that belong together and are right as they are: a catalogue with one threat, the smallest design that it attacks, and the same
design with the least change that stops it. Change them to what you mean, and lint and check them on the way. No file is overwritten.`,
		Example: "  vauban catalogue new late-label-swap\n  vauban catalogue new --dir threats late-label-swap",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name the threat, such as `vauban catalogue new late-label-swap`")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.scaffold(args[0], dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "write the files to `DIR`")
	return cmd
}

func (a *app) scaffold(id, dir string) error {
	drafts, err := threats.Scaffold(id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return console.Failf(console.ExitUsage, "cannot make the directory %s: %v", dir, files.Reason(err))
	}
	var paths []string
	for _, d := range drafts {
		path := filepath.Join(dir, d.Name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return console.Failf(console.ExitUsage, "%s already exists: give another id or another --dir", path)
		}
		paths = append(paths, path)
	}
	for i, d := range drafts {
		if err := a.Guard.Write(paths[i], []byte(d.Text)); err != nil {
			return console.Failf(console.ExitUsage, "%v", err)
		}
	}
	_, err = fmt.Fprintf(a.Stdout, `wrote %s: a catalogue with the threat
wrote %s: a design that it attacks
wrote %s: the least change that stops it
next: change them to what you mean, and look on the way
   $ vauban catalogue lint %[1]s
   $ vauban check %[2]s
   $ vauban check %[3]s
`, paths[0], paths[1], paths[2])
	return err
}
