package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
)

// maxShards is how many parts designs are divided into at the most: GitHub starts at most so many jobs of a matrix.
const maxShards = 256

func (a *app) planCommand() *cobra.Command {
	shards, format := 0, "matrix"
	cmd := &cobra.Command{
		Use:   "plan [DIR...]",
		Short: "Divide the designs of a repository into shards of about the same size, for machines that check side by side",
		Long: `Plan says which designs each of N machines checks: those that "vauban check --shard I/N" takes. It divides them by the size of their texts, the same way on every machine.
Without a directory, they are the designs that vauban.yaml names.

A workflow has three jobs: one prints the matrix, one checks each shard and keeps its reports, and one puts the reports together:

  plan:    echo "matrix=$(vauban plan --shards 4)" >>"$GITHUB_OUTPUT"
  check:   strategy: {fail-fast: false, matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}}
           vauban check --shard ${{ matrix.shard }} --quiet --also json=reports/
  gather:  vauban merge reports/

"vauban merge" fails if a report is missing or is about other text, so that no shard passes by checking less.`,
		Example: `  vauban plan --shards 4 .
  vauban plan --shards 2 --format text .`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.planShards(cmd.Context(), args, shards, format)
		},
	}
	cmd.Flags().IntVar(&shards, "shards", shards, "divide into `N` shards")
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT`: matrix, for fromJSON of a workflow, or text")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"matrix", "text"}, cobra.ShellCompDirectiveNoFileComp))
	a.AllowOutside(cmd)
	return cmd
}

func (a *app) planShards(ctx context.Context, paths []string, n int, format string) error {
	if n < 1 || n > maxShards {
		return fmt.Errorf("--shards is %d, expected 1 to %d", n, maxShards)
	}
	if format != "matrix" && format != "text" {
		return fmt.Errorf("--format is %q, expected matrix or text", format)
	}
	designs, err := a.Designs(ctx, paths)
	if err != nil {
		return err
	}
	sizes, err := a.sizes(ctx, designs)
	if err != nil {
		return err
	}
	names := []string{}
	var b strings.Builder
	for i, list := range divide(sizes, n) {
		if len(list) == 0 {
			continue
		}
		name := fmt.Sprintf("%d/%d", i+1, n)
		names = append(names, name)
		fmt.Fprintln(&b, name)
		for _, d := range list {
			fmt.Fprintf(&b, "  %s, %d bytes\n", designs[d][0], sizes[d])
		}
	}
	if format == "matrix" {
		data, err := json.Marshal(map[string][]string{"shard": names})
		if err != nil {
			return console.Internal(err)
		}
		return a.Deliver(append(data, '\n'), "")
	}
	return a.Deliver([]byte(b.String()), "")
}

// shardOf returns the designs of a shard such as 2/4.
func (a *app) shardOf(ctx context.Context, designs [][]string, shard string) ([][]string, error) {
	first, second, ok := strings.Cut(shard, "/")
	i, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if !ok || err != nil || err2 != nil || n < 1 || n > maxShards || i < 1 || i > n || fmt.Sprintf("%d/%d", i, n) != shard {
		return nil, fmt.Errorf("--shard is %q, expected I/N such as 2/4, with I from 1 to N, and N at most %d", shard, maxShards)
	}
	sizes, err := a.sizes(ctx, designs)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, d := range divide(sizes, n)[i-1] {
		out = append(out, designs[d])
	}
	return out, nil
}

// sizes are the bytes of designs with what they include.
func (a *app) sizes(ctx context.Context, designs [][]string) ([]int, error) {
	r, err := a.Reader(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(designs))
	for i, d := range designs {
		names, err := r.Named(d)
		if err != nil {
			return nil, err
		}
		parts := console.Included(names, r.Read)
		for _, name := range names {
			parts[name] = true
		}
		for name := range parts {
			if text, err := r.Read(name); err == nil { // one that cannot be read is told when it is checked
				out[i] += len(text)
			}
		}
	}
	return out, nil
}

// divide puts things into n parts, the largest first, each into the part that has least: no part is more than a third larger than it need be (R. L. Graham, Bounds on Multiprocessing
// Timing Anomalies, 1969). The indices in each part ascend.
func divide(sizes []int, n int) [][]int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	out, load := make([][]int, n), make([]int, n)
	for _, i := range order {
		least := 0
		for k := range load {
			if load[k] < load[least] {
				least = k
			}
		}
		out[least] = append(out[least], i)
		load[least] += sizes[i]
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}
