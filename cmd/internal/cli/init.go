package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/models/imports"
)

// Of a directory, init looks at so many files, so deep, and at so much of each.
const (
	maxInit  = 5000
	maxDeep  = 6
	maxLooks = 1 << 20
)

func (a *app) initCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Find what a directory has to import, and begin a design with it",
		Long: `Init looks in a directory and below for what can be imported: compose files, Kubernetes manifests, interfaces, threat models. It says what it found and what it imports, and writes
shop.import.vbn and shop.vbn there. What it leaves out (a chart that has to be rendered, a second deployment) it names with the command that imports it.

It never writes over a shop.vbn, and reads nothing outside of the directory and its repository.`,
		Example: `  vauban init --dry-run
  vauban init bookshop`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return a.init(cmd.Context(), filepath.ToSlash(filepath.Clean(dir)), dry)
		},
	}
	cmd.Flags().BoolVarP(&dry, "dry-run", "n", false, "only say what there is and what would be imported")
	return cmd
}

func (a *app) init(ctx context.Context, dir string, dry bool) error {
	if !console.Directory(dir) {
		return console.Failf(console.ExitUsage, "%s is not a directory", dir)
	}
	r, err := a.Reader(ctx)
	if err != nil {
		return err
	}
	if err := r.AddDir(dir); err != nil {
		return err
	}
	names, cut, err := survey(ctx, dir)
	if err != nil {
		return console.Failf(console.ExitUsage, "cannot look into %s: %v", dir, files.Reason(err))
	}
	var formats []string
	for _, f := range importFormats {
		formats = append(formats, f.name)
	}
	found := imports.Survey(names, formats, func(name string) string {
		data, _, err := r.Trees.Bytes(ctx, path.Join(dir, name), maxLooks)
		if err != nil {
			return ""
		}
		return string(data)
	})
	if cut {
		fmt.Fprintf(a.Stderr, "note: only the first %d files were looked at\n", maxInit)
	}
	if len(found) == 0 {
		return console.Failf(console.ExitUsage, "there is nothing to import in %s: no compose file, no manifest, no model; `vauban demo` shows what a design looks like", dir)
	}
	fmt.Fprintf(a.Stdout, "found in %s:\n", diag.Escape(dir))
	for _, f := range found {
		fmt.Fprintf(a.Stdout, "  %s\n", diag.Escape(f.String()))
	}
	took := false
	var begun *imports.Plan
	for _, f := range found {
		if !f.Take {
			continue
		}
		took = true
		out := "shop" + generated
		if f.Format == "data" {
			out = "shop.data" + generated
		}
		fmt.Fprintf(a.Stdout, "\n$ %s\n", diag.Escape(f.Shell(out)))
		if dry {
			continue
		}
		form, opt, args, err := importAgain(f.Command())
		if err != nil {
			return err
		}
		p, err := a.importInto(ctx, r, form, path.Join(dir, out), f.Command(), args, opt)
		switch {
		case err != nil && f.Format == "data" && ctx.Err() == nil: // the deployment is imported all the same
			fmt.Fprintln(a.Stderr, "note: nothing is said of what calls carry")
		case err != nil:
			return err
		case p != nil:
			begun = p
		case begun != nil && f.Format == "data":
			design := path.Join(dir, "shop.vbn")
			title := titleOf(design)
			if err := a.Guard.Rewrite(filepath.FromSlash(design), begun.Propose(title, "shop"+generated), begun.Propose(title, "shop"+generated, out)); err != nil {
				return console.Failf(console.ExitUsage, "%v", err)
			}
		}
	}
	var left []imports.Found
	for _, f := range found {
		if !f.Take {
			left = append(left, f)
		}
	}
	if len(left) > 0 {
		fmt.Fprint(a.Stdout, "\nnot imported:\n")
		for i, f := range left {
			if i == 5 {
				fmt.Fprintf(a.Stdout, "  … and %d more\n", len(left)-i)
				break
			}
			fmt.Fprintf(a.Stdout, "  %s: %s\n    %s\n", diag.Escape(f.String()), f.Why, diag.Escape(f.Shell("NAME"+generated)))
		}
	}
	if !took {
		return console.Failf(console.ExitUsage, "nothing here can be imported as it is: see the commands above")
	}
	return nil
}

// survey returns the files in a directory and below, apart from hidden ones and what package managers bring, and whether there are more.
func survey(ctx context.Context, dir string) (names []string, cut bool, err error) {
	root := filepath.FromSlash(dir)
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(root, name)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case relErr != nil:
			return relErr
		case err != nil && os.IsPermission(err):
			return fs.SkipDir
		case err != nil:
			return err
		case rel == ".":
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"node_modules", "vendor", "target", "dist", "venv"}, entry.Name()) || strings.Count(rel, string(filepath.Separator)) >= maxDeep):
			return fs.SkipDir
		case entry.Type().IsRegular():
			if len(names) >= maxInit {
				cut = true
				return fs.SkipAll
			}
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	return names, cut, err
}
