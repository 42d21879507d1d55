package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vauban-verifier/vauban/cmd/internal/config"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/imports"
	"github.com/vauban-verifier/vauban/models/imports/compose"
	"github.com/vauban-verifier/vauban/models/imports/data"
	"github.com/vauban-verifier/vauban/models/imports/k8s"
	"github.com/vauban-verifier/vauban/models/imports/otm"
	"github.com/vauban-verifier/vauban/models/imports/terraform"
	"github.com/vauban-verifier/vauban/models/imports/threagile"
	"github.com/vauban-verifier/vauban/models/imports/threatdragon"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// generated is how the names of designs end that imports write.
const generated = ".import.vbn"

const codeImport diag.Code = "VAU5001"

// importOptions are the flags that say what is read; with the files they make an import again.
type importOptions struct {
	allowUnread bool
	namespace   string
	design      string
}

// importFormat is something that can be imported.
type importFormat struct {
	name, args, short, long, example string
	tree                             bool                                 // a directory stands for the YAML files in it
	flags                            func(*importOptions, *pflag.FlagSet) // beside --allow-unread; may be nil
	read                             func(read source.Reader, files []string, opt importOptions) (*imports.Plan, error)
}

var importFormats = []importFormat{
	{
		name: "compose", args: "FILE...", short: "Import a compose project: services, networks, ports, volumes, secrets",
		long: `Compose imports the project of one or more compose files, which override one another in this order. Files that they include or extend, env_file and .env beside them are read, too; the
environment of your shell is not. All profiles count.`,
		example: `  vauban import compose docker-compose.yml --out bookshop.import.vbn
  vauban import compose docker-compose.yml compose.prod.yml`,
		read: func(read source.Reader, files []string, opt importOptions) (*imports.Plan, error) {
			return compose.Read(read, files, compose.Options{AllowUnread: opt.allowUnread})
		},
	},
	{
		name: "k8s", args: "FILE...", short: "Import Kubernetes manifests: workloads, services, ingresses, policies", tree: true,
		long: `K8s imports Kubernetes manifests: files, all in a directory, or standard input (-). Name what one deployment applies, and nothing else; charts and kustomizations are rendered first.
What network policies permit is worked out for each pair of programs and each port.`,
		example: `  vauban import k8s k8s --out bookshop-k8s.import.vbn
  vauban import k8s --namespace shop k8s`,
		flags: func(opt *importOptions, fs *pflag.FlagSet) {
			fs.StringVarP(&opt.namespace, "namespace", "n", "", "the `NAMESPACE` of objects that name none (default: default)")
		},
		read: func(read source.Reader, files []string, opt importOptions) (*imports.Plan, error) {
			return k8s.Read(read, files, k8s.Options{Namespace: opt.namespace, AllowUnread: opt.allowUnread})
		},
	},
	{
		name: "data", args: "FILE...", short: "Import what data calls carry: protocol buffers, OpenAPI",
		long: `Data reads interfaces, protocol buffers (.proto) and OpenAPI, and says by the names of their fields what the flows of a design carry: cards, addresses, passwords. It extends the design of a
deployment, which is imported first; include its output beside that.`,
		example: `  vauban import data --design bookshop.import.vbn shop.proto --out bookshop-data.import.vbn`,
		flags: func(opt *importOptions, fs *pflag.FlagSet) {
			fs.StringVar(&opt.design, "design", "shop.import.vbn", "the `FILE` with the components and flows, from the directory of the output")
		},
		read: func(read source.Reader, files []string, opt importOptions) (*imports.Plan, error) {
			return data.Read(read, opt.design, files)
		},
	},
	{
		name: "threagile", args: "FILE...", short: "Import a model of Threagile",
		long:    `Threagile imports a model of Threagile: assets, links, data, boundaries and runtimes.`,
		example: `  vauban import threagile threagile.yaml --out model.import.vbn`,
		read:    single(threagile.Read),
	},
	{
		name: "otm", args: "FILE...", short: "Import an Open Threat Model",
		long:    `Otm imports a model in the Open Threat Model format, in YAML or JSON.`,
		example: `  vauban import otm model.otm --out model.import.vbn`,
		read:    single(otm.Read),
	},
	{
		name: "threat-dragon", args: "FILE...", short: "Import a model of OWASP Threat Dragon",
		long:    `Threat-dragon imports a model of OWASP Threat Dragon, of version 1 or 2. What lies in which boundary is seen from the drawing.`,
		example: `  vauban import threat-dragon dragon.json --out model.import.vbn`,
		read:    single(threatdragon.Read),
	},
	{
		name: "terraform", args: "FILE...", short: "Import a Terraform plan or state",
		long:    `Terraform imports what ` + "`terraform show -json`" + ` writes of a plan or a state: databases, queues, buckets, load balancers, machines, and what of them the Internet reaches.`,
		example: `  vauban import terraform plan.json --out model.import.vbn`,
		read:    single(terraform.Read),
	},
}

// single reads formats whose model is one file.
func single(read func(source.Reader, string) (*imports.Plan, error)) func(source.Reader, []string, importOptions) (*imports.Plan, error) {
	return func(r source.Reader, files []string, _ importOptions) (*imports.Plan, error) {
		if len(files) > 1 {
			return nil, imports.Wrong(source.Origin{}, "import each into a design of its own", "%d files, expected one model", len(files))
		}
		return read(r, files[0])
	}
}

// bind makes the options flags.
func (f *importFormat) bind(opt *importOptions, fs *pflag.FlagSet) {
	fs.BoolVar(&opt.allowUnread, "allow-unread", false, "go on if something is not understood that may open a way; the design says what")
	if f.flags != nil {
		f.flags(opt, fs)
	}
}

func (a *app) importCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "import [--check DESIGN...]",
		Short: "Make a design out of compose files, manifests and models that you have",
		Long: `Import reads what a shop already has and writes what it says as a design: elements and flows, each with the file and line it comes from. It never writes values of secrets.

With --out shop.import.vbn, the file holds facts only and is rewritten by each import. The first time, shop.vbn is written beside it: it includes the facts, names an attacker and takes up
requirements. It is yours, and never written again. "vauban init" finds what there is to import.

What an import does not understand is an error if it may open a way. What it guesses (the kind of a program by the name of its image) is marked, and each proof says which guesses it relies on.

With --check, import reads again what the imports of designs came from; without a name, of those that vauban.yaml names. Exit status: 0 same, 1 the sources say something else (listed element by element), 2 unreadable.`,
		Example: `  vauban import compose docker-compose.yml --out bookshop.import.vbn
  vauban import --check bookshop.vbn`,
		Args: func(cmd *cobra.Command, args []string) error {
			if check {
				return nil
			}
			return console.Subcommand(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !check {
				return cmd.Help()
			}
			return a.importChecks(cmd.Context(), args)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "tell whether what the imports of a design came from says something else by now")
	for i := range importFormats {
		f := &importFormats[i]
		var opt importOptions
		var out string
		sub := &cobra.Command{
			Use: f.name + " " + f.args, Short: f.short, Long: f.long, Example: f.example,
			Args: console.NeedFiles("what to read, such as" + strings.SplitN(f.example, "\n", 2)[0][1:]),
			RunE: func(cmd *cobra.Command, args []string) error {
				return a.importFiles(cmd.Context(), f, args, opt, cmd.Flags(), out)
			},
		}
		a.AllowOutside(sub)
		f.bind(&opt, sub.Flags())
		sub.Flags().StringVarP(&out, "out", "o", "", "write the design to `FILE`, such as shop.import.vbn, at or above what it is made from (default: standard output)")
		cmd.AddCommand(sub)
	}
	return cmd
}

// importFiles imports files and writes the design.
func (a *app) importFiles(ctx context.Context, f *importFormat, args []string, opt importOptions, flags *pflag.FlagSet, out string) error {
	dir := filepath.ToSlash(filepath.Dir(cmp.Or(out, "x")))
	words := []string{f.name}
	flags.Visit(func(x *pflag.Flag) {
		if own := (&pflag.FlagSet{}); x.Name != "out" && x.Name != "allow-outside" && x.Name != "color" {
			f.bind(&importOptions{}, own)
			if own.Lookup(x.Name) == nil {
				return
			}
			if x.Value.Type() == "bool" {
				words = append(words, "--"+x.Name)
				return
			}
			values := []string{x.Value.String()}
			if s, ok := x.Value.(pflag.SliceValue); ok {
				values = s.GetSlice()
			}
			for _, v := range values {
				words = append(words, "--"+x.Name+"="+v)
			}
		}
	})
	r, err := a.Reader(ctx)
	if err != nil {
		return err
	}
	for i, arg := range args {
		if arg == "-" {
			continue
		}
		if err := r.Add(arg); err != nil {
			return err
		}
		rel, err := below(dir, arg)
		if err != nil {
			return err
		}
		args[i] = rel
	}
	words = append(words, args...)
	if out != "" {
		_, err := a.importInto(ctx, r, f, out, words, args, opt)
		if err == nil && f.name == "data" {
			fmt.Fprintf(a.Stderr, "next: write `include %q` into the design\n", diag.Escape(path.Base(filepath.ToSlash(out))))
		}
		return err
	}
	p, err := a.importPlan(ctx, r, f, dir, args, opt)
	if err != nil {
		return err
	}
	return a.Deliver([]byte(p.Text(words)), "")
}

// importInto imports files that are named from the directory of the design, and writes it. It returns the plan if it has written the design that is the architect's, too.
func (a *app) importInto(ctx context.Context, r *console.Reader, f *importFormat, out string, words, args []string, opt importOptions) (*imports.Plan, error) {
	p, err := a.importPlan(ctx, r, f, filepath.ToSlash(filepath.Dir(out)), args, opt)
	if err != nil {
		return nil, err
	}
	first, err := a.importWrite(ctx, r, p, p.Text(words), out)
	if err != nil || !first {
		return nil, err
	}
	return p, nil
}

// importAgain reads the words of an import, as the first line of a generated design has them.
func importAgain(words []string) (*importFormat, importOptions, []string, error) {
	var opt importOptions
	i := slices.IndexFunc(importFormats, func(f importFormat) bool { return f.name == words[0] })
	if i < 0 {
		return nil, opt, nil, console.Failf(console.ExitUsage, "there is no `vauban import %s` in this version", words[0])
	}
	f := &importFormats[i]
	set := pflag.NewFlagSet(f.name, pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	f.bind(&opt, set)
	if err := set.Parse(words[1:]); err != nil || set.NArg() == 0 && set.NFlag() == 0 {
		return nil, opt, nil, console.Failf(console.ExitUsage, "the first line does not say what it was made from")
	}
	return f, opt, set.Args(), nil
}

// below returns a path from a directory that it must lie in: that is where lines of reports are told from.
func below(dir, name string) (string, error) {
	from, err := filepath.Abs(filepath.FromSlash(dir))
	if err != nil {
		return "", console.Failf(console.ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	to, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return "", console.Failf(console.ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	rel, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(rel) {
		return "", console.Failf(console.ExitUsage, "%s is not below %s: write the design at or above what it is made from, with --out", name, cmp.Or(dir, "."))
	}
	return filepath.ToSlash(rel), nil
}

// importPlan runs an import whose files are named from a directory.
func (a *app) importPlan(ctx context.Context, r *console.Reader, f *importFormat, dir string, args []string, opt importOptions) (*imports.Plan, error) {
	if err := r.AddDir(dir); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(filepath.FromSlash(dir))
	if err != nil {
		return nil, console.Failf(console.ExitUsage, "cannot tell the current directory: %v", files.Reason(err))
	}
	root := files.Root(abs, config.Name)
	read := console.Remembered(func(name string) (string, error) {
		if name == "-" {
			data, err := files.All(ctx, a.Stdin, imports.MaxBytes)
			return string(data), err
		}
		full := path.Join(dir, name)
		if strings.HasPrefix(path.Base(name), ".env") { // by convention: variables lie in a hidden file
			if at, err := filepath.Abs(filepath.FromSlash(full)); err == nil {
				if rel, err := filepath.Rel(root, at); err == nil && filepath.IsLocal(rel) {
					if err := r.Trees.Add(root, at); err != nil {
						return "", err
					}
				}
			}
		}
		data, _, err := r.Trees.Bytes(ctx, full, imports.MaxBytes)
		if err == nil && (!utf8.Valid(data) || slices.Contains(data, 0)) {
			err = errors.New("it is not text in UTF-8")
		}
		return strings.TrimPrefix(string(data), "\ufeff"), err
	})
	var names []string
	for _, arg := range args {
		if full := path.Join(dir, arg); !f.tree || arg == "-" || !console.Directory(full) {
			names = append(names, arg)
			continue
		}
		inside, cut, err := survey(ctx, path.Join(dir, arg))
		if err != nil || cut {
			return nil, console.Failf(console.ExitUsage, "cannot look into %s, or there are more than %d files in it", arg, maxInit)
		}
		found := 0
		for _, n := range inside {
			if ext := path.Ext(n); ext == ".yaml" || ext == ".yml" {
				names = append(names, path.Join(arg, n))
				found++
			}
		}
		if found == 0 {
			return nil, console.Failf(console.ExitUsage, "there is no YAML file in %s", arg)
		}
	}
	p, err := f.read(read, names, opt)
	if ctx.Err() != nil {
		return nil, console.Failf(console.ExitInterrupted, "interrupted")
	}
	return p, a.unimported(err, dir)
}

// unimported shows why something cannot be imported, as a diagnostic that quotes no line: secrets may stand there.
func (a *app) unimported(err error, dir string) error {
	var e *imports.Error
	if !errors.As(err, &e) {
		return err
	}
	var span source.Span
	if e.Origin.File != "" {
		line := max(e.Origin.Line, 1)
		file := source.New(path.Join(dir, e.Origin.File), strings.Repeat("\n", line))
		file.Withheld = true
		span = source.Span{File: file, Start: line - 1, End: line - 1}
	}
	diags := &diag.List{}
	d := diags.Errorf(codeImport, span, "%s", e.Text)
	if e.Help != "" {
		d.Helpf("%s", e.Help)
	}
	if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr)}); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
	}
	return &console.ExitError{Code: console.ExitUsage}
}

// importWrite writes a generated design, and the first time the one that is the architect's; it reports whether it did.
func (a *app) importWrite(ctx context.Context, r *console.Reader, p *imports.Plan, text, out string) (first bool, err error) {
	old, _, err := r.Trees.Bytes(ctx, filepath.ToSlash(out), source.MaxBytes)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, console.Failf(console.ExitUsage, "cannot tell what %s is: %v", out, err)
	case err == nil && imports.Command(string(old)) == nil:
		return false, console.Failf(console.ExitUsage, "%s was not made by an import: name another file with --out", out)
	case err == nil && imports.Edited(string(old)):
		return false, console.Failf(console.ExitUsage, "%s was changed by hand, and would be lost: say it in the design that includes it, with `extend`, and delete %s", out, out)
	case err == nil:
		if err := a.Guard.Rewrite(filepath.FromSlash(out), string(old), text); err != nil {
			return false, console.Failf(console.ExitUsage, "%v", err)
		}
	default:
		if err := a.Guard.Write(out, []byte(text)); err != nil {
			return false, console.Failf(console.ExitUsage, "%v", err)
		}
	}
	var components, used, idle, guessed int
	for _, e := range p.Elements {
		if e.Sort == imports.Component {
			components++
			if len(e.Guessed) > 0 {
				guessed++
			}
		}
	}
	for _, f := range p.Flows {
		if f.Idle || f.Blocked {
			idle++
		} else {
			used++
		}
	}
	if len(p.Carried) > 0 {
		fmt.Fprintf(a.Stderr, "wrote %s: %d kinds of data, %s\n", diag.Escape(out), len(p.Elements), plain.Number(len(p.Carried), "extension"))
	} else {
		fmt.Fprintf(a.Stderr, "wrote %s: %s (%d by guess), %s in use, %d open or blocked\n", diag.Escape(out), plain.Number(components, "component"), guessed, plain.Number(used, "flow"), idle)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(a.Stderr, "note: %s\n", diag.Escape(n))
	}
	for _, u := range p.Unread {
		fmt.Fprintf(a.Stderr, "not read: %s (%s)\n", diag.Escape(u.What), diag.Escape(u.Origin.String()))
	}
	base, ok := strings.CutSuffix(out, generated)
	if !ok {
		return false, nil
	}
	if len(p.Carried) > 0 {
		return false, nil
	}
	design := base + ".vbn"
	if _, err := os.Lstat(filepath.FromSlash(design)); errors.Is(err, fs.ErrNotExist) {
		if err := a.Guard.Write(design, []byte(p.Propose(titleOf(design), path.Base(filepath.ToSlash(out))))); err != nil {
			return false, console.Failf(console.ExitUsage, "%v", err)
		}
		first = true
		fmt.Fprintf(a.Stderr, "wrote %s, which is yours: it will not be written again\n", diag.Escape(design))
	}
	fmt.Fprintf(a.Stderr, "next: `vauban check %s`\n", diag.Escape(design))
	return first, nil
}

// titleOf makes a title out of the name of a design, or of its directory.
func titleOf(design string) string {
	name := strings.TrimSuffix(filepath.Base(filepath.FromSlash(design)), ".vbn")
	if abs, err := filepath.Abs(filepath.FromSlash(design)); err == nil && (name == "shop" || name == "design") {
		if dir := imports.Clean(filepath.Base(filepath.Dir(abs))); strings.Trim(dir, "/.") != "" {
			name = dir
		}
	}
	words := strings.FieldsFunc(name, func(c rune) bool { return c == '-' || c == '_' || c == '.' || c == ' ' })
	if len(words) == 0 {
		return "Shop"
	}
	return strings.ToUpper(words[0][:1]) + words[0][1:] + strings.TrimRight(" "+strings.Join(words[1:], " "), " ")
}

// importChecks tells what of the imports of designs is no longer what their sources say.
func (a *app) importChecks(ctx context.Context, paths []string) error {
	var designs []string
	if len(paths) == 0 {
		all, err := a.Designs(ctx, nil)
		if err != nil {
			return err
		}
		for _, d := range all {
			designs = append(designs, d[0])
		}
	}
	r, err := a.Reader(ctx)
	if err != nil {
		return err
	}
	drifted, none := false, true
	for _, d := range append(designs, paths...) {
		different, found, err := a.importCheck(ctx, r, d)
		if err != nil {
			return err
		}
		if !found && len(paths) > 0 {
			return console.Failf(console.ExitUsage, "%s includes nothing that an import made", d)
		}
		drifted, none = drifted || different, none && !found
	}
	if none {
		return console.Failf(console.ExitUsage, "no design of %s includes anything that an import made", config.Name)
	}
	if drifted {
		return &console.ExitError{Code: console.ExitFound}
	}
	return nil
}

// importCheck tells whether a design includes imports, and whether one of them has drifted.
func (a *app) importCheck(ctx context.Context, r *console.Reader, design string) (drifted, found bool, err error) {
	names, err := r.Named([]string{design})
	if err != nil {
		return false, false, err
	}
	root, err := r.Read(names[0])
	if err != nil {
		return false, false, console.Failf(console.ExitUsage, "cannot read %s: %v", design, err)
	}
	made := map[string]string{}
	var order []string
	note := func(name, text string) {
		if imports.Command(text) != nil {
			made[name] = text
			order = append(order, name)
		}
	}
	note(names[0], root)
	for _, name := range slices.Sorted(maps.Keys(console.Included(names, r.Read))) {
		if text, err := r.Read(name); err == nil {
			note(name, text)
		} else if strings.HasSuffix(name, generated) {
			return false, false, console.Failf(console.ExitUsage, "cannot read %s: %v", name, err)
		}
	}
	for _, name := range order {
		different, err := a.importDrift(ctx, r, name, made[name])
		if err != nil {
			return false, true, err
		}
		drifted = drifted || different
	}
	return drifted, len(order) > 0, nil
}

// importDrift makes one import again and compares.
func (a *app) importDrift(ctx context.Context, r *console.Reader, name, text string) (bool, error) {
	words := imports.Command(text)
	f, opt, args, err := importAgain(words)
	if err != nil {
		return false, console.Failf(console.ExitUsage, "%s: %v", name, err)
	}
	if slices.Contains(args, "-") {
		return false, console.Failf(console.ExitUsage, "%s was made from standard input: pipe the same in, with `vauban import %s --out %s`, and let git show the difference", name, strings.Join(words, " "), name)
	}
	p, err := a.importPlan(ctx, r, f, path.Dir(name), args, opt)
	if err != nil {
		return false, err
	}
	now := p.Text(words)
	if now == text {
		fmt.Fprintf(a.Stdout, "%s: same\n", diag.Escape(name))
		return false, nil
	}
	changes, moved := imports.Drift(text, now)
	edited := imports.Edited(text)
	if len(changes) == 0 && !edited {
		why := "other lines"
		if !moved {
			why = "parts that the design does not show"
		}
		fmt.Fprintf(a.Stdout, "%s: same, but for %s of its sources: `vauban import %s --out %s` brings it up to date\n", diag.Escape(name), why, diag.Escape(strings.Join(words, " ")), diag.Escape(name))
		return false, nil
	}
	fmt.Fprintf(a.Stdout, "%s: %s\n", diag.Escape(name), plain.Number(len(changes), "difference"))
	if edited {
		fmt.Fprintln(a.Stdout, "  the file was changed by hand: say it in the design that includes it, with `extend`")
	}
	for _, c := range changes {
		at := ""
		if c.Origin != "" {
			at = "  " + c.Origin
		}
		fmt.Fprintf(a.Stdout, "  %s\n", diag.Escape(c.Element+": "+c.What+at))
	}
	return true, nil
}
