package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/reports/plain"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages of all commands into a directory",
		Long:    "Man writes a manual page for each command into DIR, for packages. The texts are those of --help.",
		Example: "  vauban man man1",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return console.Failf(console.ExitUsage, "cannot make the directory %s: %v", args[0], files.Reason(err))
			}
			built, err := time.Parse(time.DateOnly, builtOn)
			if err != nil { // no release: the same bytes on any day
				built = time.Unix(0, 0).UTC()
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if err := a.manual(root, &doc.GenManHeader{Section: "1", Source: "vauban " + Version, Manual: "Vauban", Date: &built}, args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.Stdout, "wrote the manual pages: begin with %s\n", plain.Clean(args[0]+"/vauban.1"))
			return err
		},
	}
}

// manual writes the page of a command and those of its subcommands.
func (a *app) manual(cmd *cobra.Command, header *doc.GenManHeader, dir string) error {
	var page bytes.Buffer
	if err := doc.GenMan(cmd, header, &page); err != nil {
		return console.Internal(err)
	}
	header.Title = "" // made of the command's name, for each again
	if err := a.Guard.Write(filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"), page.Bytes()); err != nil {
		return console.Failf(console.ExitUsage, "%v", err)
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			if err := a.manual(sub, header, dir); err != nil {
				return err
			}
		}
	}
	return nil
}
