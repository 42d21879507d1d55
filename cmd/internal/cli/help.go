package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/dsl"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/threats"
)

// languageTopic is `vauban help language`: a topic, no command.
func languageTopic() *cobra.Command {
	return &cobra.Command{
		Use:     "language",
		Short:   "The reference of the design language",
		Long:    strings.TrimSpace(dsl.Reference),
		Example: "  vauban help language",
	}
}

// keysTopic is `vauban help keys`.
func keysTopic() *cobra.Command {
	return &cobra.Command{
		Use:     "keys",
		Short:   "The keys of a catalogue",
		Long:    strings.TrimSpace(threats.Keys()),
		Example: "  vauban help keys",
	}
}

// logsTopic is `vauban help logs`.
func logsTopic() *cobra.Command {
	return &cobra.Command{
		Use:     "logs",
		Short:   "What mappings of logs say, for `vauban explain`",
		Long:    strings.TrimSpace(logs.Reference),
		Example: "  vauban help logs",
	}
}

// helpCommand tells about commands and topics, as cobra does, and about codes of diagnostics.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND or CODE]",
		Short: "Help about a command, a topic such as language or keys, or the code of a diagnostic",
		Example: `  vauban help check
  vauban help language
  vauban help VAU1005`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			found, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, sub := range found.Commands() {
				if sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && strings.HasPrefix(strings.ToUpper(args[0]), "VAU") {
				return explainCode(cmd, strings.ToUpper(args[0]))
			}
			found, rest, err := cmd.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return fmt.Errorf("there is no command and no topic %q: `vauban --help` lists them", strings.Join(args, " "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// explanation is what is known of a code, for a terminal.
func explanation(c diag.CodeInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.Code, c.Meaning)
	if x, ok := diag.Explain(c.Code); ok {
		fmt.Fprintf(&b, "\n%s\n\nFor example:\n\n", x.Cause)
		for _, e := range x.Examples {
			for _, word := range strings.Fields(e.Info)[1:] {
				if n, repeated := strings.CutPrefix(word, "repeat="); repeated {
					fmt.Fprintf(&b, "    (the last line %s times)\n", n)
				} else if word == "escaped" {
					b.WriteString("    (what follows a backslash stands for one character)\n")
				} else {
					fmt.Fprintf(&b, "    %s:\n", word)
				}
			}
			for line := range strings.Lines(e.Text) {
				fmt.Fprintf(&b, "    %s", line)
			}
		}
		fmt.Fprintf(&b, "\n%s\n", x.Remedy)
	}
	return b.String()
}

// explainCode says what a code of a diagnostic means.
func explainCode(cmd *cobra.Command, code string) error {
	var all []string
	for _, c := range diag.Codes() {
		if string(c.Code) == code {
			_, err := fmt.Fprint(cmd.OutOrStdout(), explanation(c))
			return err
		}
		all = append(all, string(c.Code))
	}
	return fmt.Errorf("there is no code %q%s", code, diag.DidYouMean(code, all))
}
