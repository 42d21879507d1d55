package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/threats"
)

// addBy adds the flag that groups what was found by a list.
func (o *checkOptions) addBy(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.by, "by", "", "instead of attacks and proofs, what they mean for each id of a list: "+strings.Join(listNames(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(listNames(), cobra.ShellCompDirectiveNoFileComp))
}

// grouped refuses what goes not together with a list: other formats, and to notarize what is no report.
func (o *checkOptions) grouped(outputs []output) error {
	if o.by == "" {
		return nil
	}
	if o.notarize {
		return errors.New("--by writes no report to notarize: leave out one of --by and --notarize")
	}
	for _, out := range outputs {
		if !out.format.by {
			return fmt.Errorf("--by goes with the formats text and json, not with %s", out.format.name)
		}
	}
	return nil
}

func listNames() []string {
	var names []string
	for _, l := range threats.Lists() {
		names = append(names, l.ID)
	}
	return names
}

// listNamed finds a list of references; nil for no name.
func listNamed(name string) (*threats.List, error) {
	if name == "" {
		return nil, nil
	}
	all := threats.Lists()
	i := slices.IndexFunc(all, func(l threats.List) bool { return l.ID == name })
	if i < 0 {
		return nil, fmt.Errorf("--by is %q, expected one of %s", name, strings.Join(listNames(), ", "))
	}
	return &all[i], nil
}
