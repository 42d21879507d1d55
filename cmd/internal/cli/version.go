package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Version is the version of the tool. It stands in every report. A release is stamped with its own, and whoever builds that gets the same bytes; what is built between releases is
// of no version that promises anything: it is called -dev, with the commit where the go command knows it.
var Version = "0.2.0-dev"

// What a release is stamped with besides: the commit that it was built from, and that commit's day.
var builtFrom, builtOn string

func init() {
	if info, ok := debug.ReadBuildInfo(); ok {
		Version = development(Version, info)
	}
}

// development adds to a version between releases which commit it is.
func development(version string, info *debug.BuildInfo) string {
	set := settings(info)
	revision := set["vcs.revision"]
	if !strings.HasSuffix(version, "-dev") || revision == "" {
		return version
	}
	version += "." + revision[:min(12, len(revision))]
	if set["vcs.modified"] == "true" {
		version += ".changed"
	}
	return version
}

func settings(info *debug.BuildInfo) map[string]string {
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	return set
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it was built from",
		Example: "  vauban version\n  vauban --version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.Deliver([]byte(versionLine()), "")
		},
	}
}

// versionLine says which version this is, from which commit, and how it was built.
func versionLine() string {
	info, _ := debug.ReadBuildInfo() // nil without modules, which only other build systems do
	return fmt.Sprintf("vauban %s (%s%s %s/%s)\n", Version, commit(info), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commit says what a release or the go command has stamped into a program: the commit and its date when it was built in a checkout, the version of the module when it was installed by
// that; nothing for a test.
func commit(info *debug.BuildInfo) string {
	if builtFrom != "" {
		return "commit " + builtFrom[:min(12, len(builtFrom))] + " of " + builtOn + ", "
	}
	if info == nil {
		return ""
	}
	set := settings(info)
	stamped := set["vcs.revision"]
	if stamped == "" {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			return "module " + v + ", "
		}
		return ""
	}
	out := "commit " + stamped[:min(12, len(stamped))]
	if date, _, ok := strings.Cut(set["vcs.time"], "T"); ok {
		out += " of " + date
	}
	if set["vcs.modified"] == "true" {
		out += " with changes"
	}
	return out + ", "
}
