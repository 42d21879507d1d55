package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/explain"
	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/threats"
)

// graphOptions are the flags of graph.
type graphOptions struct {
	format, out, requirement string
	open                     string
	attack, attackGraph      bool
}

func (a *app) graphCommand() *cobra.Command {
	var opt graphOptions
	cmd := &cobra.Command{
		Use:   "graph [FILE...]",
		Short: "Draw a design, an attack on it, or what a proof relies on",
		Long: `Graph draws the architecture of a design: zones, physical places, people, components, flows and relations. With --requirement it
draws the evidence for the verdict on it: the attack, step by step, or the controls that the proof relies on. With --attack-graph it draws
what an attacker could gain on the way, and which actions lead from one to the other.
Of a large design, SVG and Mermaid show an overview: zones are folded to boxes with what is in them counted, and the flows between them are
merged. --open ZONE opens one of them; an attack or a proof is drawn over the part of the design that it goes through.
SVG is a picture; DOT and Mermaid are texts that Graphviz and Mermaid make pictures of. DOT always has everything.`,
		Example: `  vauban graph --out shop.svg shop.vbn
  vauban graph --requirement CardSecrecy --attack --out attack.svg shop.vbn
  vauban graph --requirement CardSecrecy --attack-graph --out ways.svg shop.vbn
  vauban graph --open Core --out core.svg shop.vbn
  vauban graph --format mermaid shop.vbn`,
		ValidArgsFunction: console.CompleteDesigns,
		RunE:              a.OnDesign(func(ctx context.Context, files []string) error { return a.graph(ctx, files, opt) }),
	}
	f := cmd.Flags()
	a.AllowOutside(cmd)
	f.StringVar(&opt.format, "format", "svg", "`FORMAT` of the drawing: svg, dot or mermaid")
	f.StringVar(&opt.out, "out", "", "write to `FILE` instead of standard output")
	f.StringVar(&opt.requirement, "requirement", "", "draw the evidence for the verdict on the requirement `NAME`")
	f.StringVar(&opt.open, "open", "", "of a large design: draw the `ZONE` opened, and the others folded")
	f.BoolVar(&opt.attack, "attack", false, "with --requirement: draw the attack on it, and fail if there is none")
	f.BoolVar(&opt.attackGraph, "attack-graph", false, "with --requirement: draw everything the attacker could do on the way to breaking it")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"svg", "dot", "mermaid"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *graphOptions) validate() error {
	switch o.format {
	case "svg", "dot", "mermaid":
	default:
		return fmt.Errorf("--format is %q, expected svg, dot or mermaid", o.format)
	}
	if (o.attack || o.attackGraph) && o.requirement == "" {
		return fmt.Errorf("--attack and --attack-graph need --requirement: name the requirement that is attacked")
	}
	if o.attack && o.attackGraph {
		return fmt.Errorf("--attack and --attack-graph are two pictures: give one of them")
	}
	if o.open != "" && (o.format != "svg" || o.requirement != "") {
		return fmt.Errorf("--open is for an SVG of the architecture: leave out --format and --requirement")
	}
	return nil
}

func (a *app) graph(ctx context.Context, paths []string, opt graphOptions) error {
	if err := opt.validate(); err != nil {
		return err
	}
	var out bytes.Buffer
	if opt.attackGraph {
		if err := a.attackGraph(ctx, &out, paths, opt); err != nil {
			return err
		}
		return a.Deliver(out.Bytes(), opt.out)
	}
	design, scene, err := a.scene(ctx, paths, opt)
	if err != nil {
		return err
	}
	switch opt.format {
	case "dot":
		err = diagram.DOT(&out, design, scene)
	case "mermaid":
		err = diagram.Mermaid(&out, design, scene)
	default:
		var drawing *diagram.Drawing
		if drawing, err = drawingOf(design, scene, opt.open); err == nil {
			err = drawing.SVG(&out, scene)
		}
	}
	if err != nil {
		return err
	}
	return a.Deliver(out.Bytes(), opt.out)
}

// drawingOf lays out the part of a design that was asked for.
func drawingOf(d *models.Design, scene diagram.Scene, open string) (*diagram.Drawing, error) {
	if open == "" && len(scene.Frames) > 0 {
		return diagram.About(d, scene), nil
	}
	if open == "" {
		return diagram.New(d), nil
	}
	zone := d.Lookup(open)
	if zone == nil || zone.Root() != models.ZoneRoot {
		var zones []string
		for _, e := range d.Elements {
			if e.Root() == models.ZoneRoot {
				zones = append(zones, e.Name)
			}
		}
		return nil, fmt.Errorf("unknown zone %q%s", open, diag.DidYouMean(open, zones))
	}
	return diagram.Open(d, zone), nil
}

// scene loads a design, and finds what is to stand out in it: nothing, or the evidence for a verdict.
func (a *app) scene(ctx context.Context, paths []string, opt graphOptions) (*models.Design, diagram.Scene, error) {
	if opt.requirement == "" {
		var design *models.Design
		outcome, _, err := a.work(ctx, paths, true, func(m *threats.Model, _ func(checker.Progress)) error {
			design = m.Design
			return nil
		})
		if err == nil && design == nil {
			err = a.wrong(outcome)
		}
		return design, diagram.Scene{}, err
	}
	outcome, err := a.verify(ctx, paths, checkOptions{})
	if err == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return nil, diagram.Scene{}, err
	}
	result := outcome.Result
	for _, q := range result.Requirements {
		if q.Source.Name == opt.requirement {
			scene, err := sceneOf(result.Model.Design, q, opt.attack)
			return result.Model.Design, scene, err
		}
	}
	return nil, diagram.Scene{}, unknownRequirement(result.Model.Design, opt.requirement)
}

func unknownRequirement(d *models.Design, name string) error {
	var known []string
	for _, r := range d.Requirements {
		known = append(known, r.Name)
	}
	return fmt.Errorf("unknown requirement %q%s", name, diag.DidYouMean(name, known))
}

// attackGraph writes the attack graph of a requirement: of the first attacker who has any way at all.
func (a *app) attackGraph(ctx context.Context, w io.Writer, paths []string, opt graphOptions) error {
	var (
		design *models.Design
		graphs []*explain.AttackGraph
	)
	outcome, _, err := a.work(ctx, paths, true, func(m *threats.Model, _ func(checker.Progress)) (err error) {
		design = m.Design
		graphs, err = explain.AttackGraphs(ctx, m, opt.requirement)
		return err
	})
	if err == nil && design == nil {
		err = a.wrong(outcome)
	}
	if err != nil {
		return err
	}
	if graphs == nil {
		return unknownRequirement(design, opt.requirement)
	}
	for _, g := range graphs {
		if len(g.Actions) == 0 {
			continue
		}
		switch opt.format {
		case "dot":
			return diagram.AttackGraphDOT(w, opt.requirement, g)
		case "mermaid":
			return diagram.AttackGraphMermaid(w, opt.requirement, g)
		}
		err := diagram.AttackGraphSVG(w, opt.requirement, g)
		if errors.Is(err, diagram.ErrTooLarge) {
			return console.Failf(console.ExitUsage, "%v: give --format dot, and let Graphviz draw it", err)
		}
		return err
	}
	return console.Failf(console.ExitUsage, "no action leads to what %q forbids, so there is no attack graph: `vauban graph --requirement %s` shows what the proof relies on", opt.requirement, opt.requirement)
}

// sceneOf is the scene for the verdict on a requirement: of the first case with an attack or a break, else of the first proof.
func sceneOf(d *models.Design, q *checker.Requirement, attack bool) (diagram.Scene, error) {
	for _, c := range q.Cases {
		if len(c.Breaks) > 0 {
			return diagram.Broken(c), nil
		}
		if c.Attack != nil {
			return diagram.Attack(d, c.Attackers, c.Attack), nil
		}
	}
	if attack {
		return diagram.Scene{}, console.Failf(console.ExitUsage, "%q is %s, and no attack is known: leave out --attack to see what there is", q.Source.Name, q.Verdict)
	}
	for _, c := range q.Cases {
		if c.Proof != nil && len(c.Proof.RestsOn) > 0 {
			return diagram.Proof(d, c.Proof), nil
		}
	}
	return diagram.Scene{}, nil
}
