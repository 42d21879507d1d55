package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// Version is the version of the tool. It stands in every report.
const Version = "0.1.0"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is",
		Example: "  vauban version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.deliver([]byte(fmt.Sprintf("vauban %s (%s %s/%s)\n", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)), "")
		},
	}
}
