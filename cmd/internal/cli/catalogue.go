package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

// defaultCatalogue is what a design uses that names none.
const defaultCatalogue = "retail"

// catalogueOptions choose a catalogue and the threats of it.
type catalogueOptions struct{ file, area, stride, ref string }

func (a *app) catalogueCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalogue",
		Short: "Look at the threats that designs are checked against, and check catalogues of your own",
		Example: `  vauban catalogue list
  vauban catalogue lint mini.yaml`,
		Args:                       console.Subcommand,
		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.listCommand(), a.showCommand(), a.wordsCommand(), a.catalogueLintCommand(), a.newCommand(), a.coverageCommand(), a.referenceCommand(), schemaCommand())
	return cmd
}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of catalogues, for editors",
		Long: `Schema prints what a catalogue may say as a JSON schema. An editor that knows YAML completes and checks a catalogue by it whose first line is

  # yaml-language-server: $schema=catalogue.schema.json`,
		Example: "  vauban catalogue schema",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(threats.Schema())
			return err
		},
	}
}

func (o *catalogueOptions) add(a *app, cmd *cobra.Command) {
	a.AllowOutside(cmd)
	cmd.Flags().StringVarP(&o.file, "catalogue", "c", defaultCatalogue, "`NAME` of a built-in catalogue ("+strings.Join(threats.Builtin(), ", ")+"), or a YAML file")
}

func (a *app) listCommand() *cobra.Command {
	var opt catalogueOptions
	cmd := &cobra.Command{
		Use:   "list [WORD...]",
		Short: "List threats, by word, area, STRIDE class or reference",
		Example: `  vauban catalogue list
  vauban catalogue list --stride tampering
  vauban catalogue list --ref "PCI-DSS 6"
  vauban catalogue list --catalogue mini.yaml flow`,
		RunE: func(cmd *cobra.Command, words []string) error { return a.list(cmd.Context(), words, opt) },
	}
	opt.add(a, cmd)
	cmd.Flags().StringVar(&opt.area, "area", "", "only threats of `AREA`, such as payment")
	cmd.Flags().StringVar(&opt.stride, "stride", "", "only threats of the STRIDE `CLASS`, such as tampering")
	cmd.Flags().StringVar(&opt.ref, "ref", "", "only threats that refer to `REFERENCE`, such as OAT-008, \"PCI-DSS 6\" or API")
	return cmd
}

func (a *app) showCommand() *cobra.Command {
	var opt catalogueOptions
	cmd := &cobra.Command{
		Use:     "show ID...",
		Short:   "Explain threats: when they apply, what they give, what stops them; and the notions that they are written in",
		Example: "  vauban catalogue show --catalogue mini.yaml exploit",
		Args:    console.NeedFiles("a threat: `vauban catalogue list` has them all"),
		RunE:    func(cmd *cobra.Command, ids []string) error { return a.show(cmd.Context(), ids, opt) },
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			in, err := a.Input(cmd.Context(), []string{opt.file})
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return ids(threats.LoadCatalogue(in.Read, in.Names, &diag.List{})), cobra.ShellCompDirectiveNoFileComp
		},
	}
	opt.add(a, cmd)
	return cmd
}

func (a *app) catalogueLintCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "lint FILE...",
		Short:   "Check catalogues: names, sorts, conditions that can never be met, what is missing",
		Example: "  vauban catalogue lint mini.yaml",
		Args:    console.NeedFiles("a catalogue, such as `vauban catalogue lint my.yaml`"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.lintCatalogues(cmd.Context(), args) },
	}
	a.AllowOutside(cmd)
	return cmd
}

// load reads a catalogue that is only looked at.
func (a *app) load(ctx context.Context, ref string) (*threats.Catalogue, error) {
	in, err := a.Input(ctx, []string{ref})
	if err != nil {
		return nil, err
	}
	diags := &diag.List{}
	c := threats.LoadCatalogue(in.Read, in.Names, diags)
	in.Withhold(nil, diags)
	if c == nil || diags.HasErrors() {
		return nil, a.faulty(diags)
	}
	return c, nil
}

// faulty writes the errors of a catalogue.
func (a *app) faulty(diags *diag.List) error {
	if err := diag.Render(a.Stderr, diags.Sorted(), diag.Options{Color: a.Colored(a.Stderr), Max: console.MaxDiagnostics}); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the errors: %v", err)
	}
	return console.Failf(console.ExitUsage, "the catalogue has errors")
}

// ids returns what `catalogue show` knows: threats and defines.
func ids(c *threats.Catalogue) []string {
	if c == nil {
		return nil
	}
	out := slices.Sorted(maps.Keys(c.Vocabulary.Defines))
	for _, t := range c.Threats {
		out = append(out, t.ID)
	}
	return out
}

func (a *app) list(ctx context.Context, words []string, opt catalogueOptions) error {
	c, err := a.load(ctx, opt.file)
	if err != nil {
		return err
	}
	if err := known("area", opt.area, c, func(t *threats.Threat) []string { return []string{t.Area} }); err != nil {
		return err
	}
	if err := known("stride", opt.stride, c, func(t *threats.Threat) []string { return t.Stride }); err != nil {
		return err
	}
	var found []*threats.Threat
	for _, t := range c.Threats {
		if opt.area != "" && t.Area != opt.area || opt.stride != "" && !slices.Contains(t.Stride, opt.stride) || opt.ref != "" && !t.Refers(opt.ref) {
			continue
		}
		matches := true
		for _, w := range words {
			matches = matches && slices.Contains(c.Search(w), t)
		}
		if matches {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return console.Failf(console.ExitFound, "no threat matches: `vauban catalogue list` without words has all %d", len(c.Threats))
	}
	id, area := 0, 0
	for _, t := range found {
		id = max(id, utf8.RuneCountInString(t.ID))
		area = max(area, utf8.RuneCountInString(t.Area))
	}
	var b strings.Builder
	for _, t := range found {
		line := fmt.Sprintf("%-*s  ", id, plain.Clean(t.ID))
		if area > 0 {
			line += fmt.Sprintf("%-*s  ", area, plain.Clean(t.Area))
		}
		fmt.Fprintf(&b, "%s%s\n", line, plain.Clean(t.Title))
	}
	return a.Deliver([]byte(b.String()), "")
}

// known refuses a filter that no threat of the catalogue can meet.
func known(flag, value string, c *threats.Catalogue, of func(*threats.Threat) []string) error {
	if value == "" {
		return nil
	}
	var all []string
	for _, t := range c.Threats {
		for _, s := range of(t) {
			if s == value {
				return nil
			}
			if s != "" && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return fmt.Errorf("--%s is %q, but no threat of this catalogue has one", flag, value)
	}
	return fmt.Errorf("--%s is %q, expected one of %s", flag, value, strings.Join(all, ", "))
}

func (a *app) show(ctx context.Context, names []string, opt catalogueOptions) error {
	c, err := a.load(ctx, opt.file)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString("\n")
		}
		if about, ok := c.ExplainDefine(name); ok {
			b.WriteString(about)
			continue
		}
		at := slices.IndexFunc(c.Threats, func(t *threats.Threat) bool { return t.ID == name })
		if at < 0 {
			if s := diag.Suggest(name, ids(c)); s != "" {
				return console.Failf(console.ExitUsage, "unknown threat %q: did you mean %q?", name, s)
			}
			return console.Failf(console.ExitUsage, "unknown threat %q: `vauban catalogue list` has them all", name)
		}
		b.WriteString(strings.TrimRight(c.Threats[at].Explain(c), "\n") + "\n")
	}
	return a.Deliver([]byte(b.String()), "")
}

func (a *app) lintCatalogues(ctx context.Context, args []string) error {
	in, err := a.Input(ctx, args)
	if err != nil {
		return err
	}
	all := &diag.List{}
	for _, name := range in.Names {
		diags := &diag.List{}
		c := threats.LoadCatalogue(in.Read, []string{name}, diags)
		if c != nil && !diags.HasErrors() {
			diags.Append(threats.Lint(c))
			if !diags.HasErrors() {
				fmt.Fprintf(a.Stderr, "%s: %d threats, no error\n", plain.Clean(name), len(c.Threats))
			}
		}
		all.Append(diags)
	}
	in.Withhold(nil, all)
	if err := diag.Render(a.Stdout, all.Sorted(), diag.Options{Color: a.Colored(a.Stdout), Max: console.MaxDiagnostics}); err != nil {
		return console.Failf(console.ExitUsage, "cannot write the result: %v", err)
	}
	if all.HasErrors() {
		return console.Failf(console.ExitUsage, "the catalogue has errors")
	}
	return nil
}
