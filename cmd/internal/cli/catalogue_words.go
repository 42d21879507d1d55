package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/threats"
)

func (a *app) wordsCommand() *cobra.Command {
	var opt catalogueOptions
	cmd := &cobra.Command{
		Use:   "words [WORD]",
		Short: "Find the words that designs may use: kinds, classes, controls, protocols, relations, attributes, predicates",
		Long: `Words finds the names that a design may use, by name, synonym or title. A synonym can be written in place of the name and means the same:
"component Orders: postgres" is a database. Predicates are what requirements forbid: "require NotRobbed: never stolen(Parcel)".`,
		Example: `  vauban catalogue words postgres
  vauban catalogue words gateway
  vauban catalogue words`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("expected one word, such as `vauban catalogue words postgres`")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.words(cmd.Context(), strings.Join(args, ""), opt)
		},
	}
	opt.add(a, cmd)
	return cmd
}

func (a *app) words(ctx context.Context, word string, opt catalogueOptions) error {
	c, err := a.load(ctx, opt.file)
	if err != nil {
		return err
	}
	found := threats.Words(c.Vocabulary, word)
	if len(found) == 0 {
		return console.Failf(console.ExitFound, "no word matches: `vauban catalogue words` without a word has them all")
	}
	name := 0
	for _, w := range found {
		name = max(name, utf8.RuneCountInString(w.Name))
	}
	var b strings.Builder
	for _, w := range found {
		line := fmt.Sprintf("%-*s  %-9s  %s", name, plain.Clean(w.Name), w.What, plain.Clean(w.Title))
		if w.Is != "" {
			line += fmt.Sprintf(" (%s)", plain.Clean(w.Is))
		}
		if len(w.Synonyms) > 0 {
			line += " · also " + plain.Clean(strings.Join(w.Synonyms, ", "))
		}
		b.WriteString(line + "\n")
	}
	return a.Deliver([]byte(b.String()), "")
}
