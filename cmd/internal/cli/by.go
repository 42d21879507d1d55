package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/threats"
)

// addBy adds the flags that put something else in the place of attacks and proofs.
func (o *checkOptions) addBy(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.resilience, "resilience", false, "show, for each requirement, the least number of controls that must fail at once to break it, and which (instead of attacks and proofs)")
	cmd.Flags().StringVar(&o.by, "by", "", "show what the results mean for each entry of a published `LIST`, instead of attacks and proofs: "+strings.Join(listNames(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(listNames(), cobra.ShellCompDirectiveNoFileComp))
}

// grouped refuses what goes not together with such a flag: other formats, and to notarize what is no report.
func (o *checkOptions) grouped(outputs []output) error {
	flag := "--by"
	switch {
	case o.by == "" && !o.resilience:
		return nil
	case o.by != "" && o.resilience:
		return errors.New("--by and --resilience are two views: ask for one at a time")
	case o.resilience:
		flag = "--resilience"
	}
	if o.notarize {
		return fmt.Errorf("%s writes no report to notarize: leave out one of %s and --notarize", flag, flag)
	}
	for _, out := range outputs {
		if !out.format.by {
			return fmt.Errorf("%s goes with the formats text and json, not with %s", flag, out.format.name)
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
