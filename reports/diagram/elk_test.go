package diagram

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// elkVersion is the version of elkjs that drawings are compared with.
const elkVersion = "0.12.1"

//go:embed testdata/elk.js
var elkScript string

// crossings counts where the lines of a drawing cross.
func (g *Drawing) crossings() int {
	lines := make([][]layered.Point, len(g.lines))
	for i, l := range g.lines {
		lines[i] = l.route.Points
	}
	return layered.Crossings(lines, func(i int) int { return g.lines[i].bus })
}

// The drawing of Online Boutique, whose services all log to one place and run on one host, is not a tangle.
func TestFewCrossings(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"online-boutique/network-policies.vbn": 8, "tofar/pharmacy.vbn": 5} {
		if n := New(load(t, name).Model.Design).crossings(); n > most {
			t.Errorf("%s has %d crossings, more than %d", name, n, most)
		}
	}
}

// BenchmarkBesideELK puts the layout beside that of the Eclipse Layout Kernel, on the same boxes, lines and labels: crossings and size.
//
//	go test ./reports/diagram -run - -bench BesideELK -benchtime 1x
func BenchmarkBesideELK(b *testing.B) {
	if _, err := exec.LookPath("npm"); err != nil {
		b.Skip("npm is not installed: there is no ELK to compare with")
	}
	dir := b.TempDir()
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir, "elkjs@"+elkVersion)
	if out, err := install.CombinedOutput(); err != nil {
		b.Skipf("elkjs cannot be installed: %v\n%s", err, out)
	}
	script := filepath.Join(dir, "elk.js")
	if err := os.WriteFile(script, []byte(elkScript), 0o600); err != nil {
		b.Fatal(err)
	}
	compare := func(name string, d *models.Design, v *view) {
		b.Run(name, func(b *testing.B) {
			var g *Drawing
			for b.Loop() {
				g = draw(d, v, nil)
			}
			_, in, _ := sketch(d, v, nil)
			w, h, lines := elk(b, script, in)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(g.crossings()), "crossings")
			b.ReportMetric(float64(layered.Crossings(lines, func(int) int { return 0 })), "elk-crossings")
			b.ReportMetric(float64(g.W)*float64(g.H)/1e6, "Mpx")
			b.ReportMetric(float64(w)*float64(h)/1e6, "elk-Mpx")
			b.ReportMetric(float64(len(in.Edges)), "lines")
			b.Logf("%s: %d × %d, ELK %d × %d", name, g.W, g.H, w, h)
		})
	}
	for _, name := range []string{
		"first/first.vbn", "tofar/pharmacy.vbn", "online-boutique/network-policies.vbn", "teastore/default.vbn", "orders/shop.vbn", "incidents/extension.vbn",
	} {
		d := threatstest.Load(b, threatstest.Disk, "../../examples/"+name).Design
		compare(strings.TrimSuffix(name, ".vbn"), d, overview(d))
	}
	for _, shape := range []string{"layers", "wide", "flat"} {
		for _, n := range []int{60, 120, 250, 500} {
			text, err := exec.Command("go", "run", "../../checker/bench/shopgen", "-n", fmt.Sprint(n), "-shape", shape).Output()
			if err != nil {
				b.Fatal(err)
			}
			d := threatstest.Load(b, func(string) (string, error) { return string(text), nil }, "shop.vbn").Design
			name := fmt.Sprintf("%s-%d", shape, n)
			compare(name+"/overview", d, overview(d))
			zones := Foldable(d)
			compare(name+"/opened", d, opened(d, zones[len(zones)/2]))
			if n <= 120 {
				compare(name+"/whole", d, census(d))
			}
		}
	}
}

// elk has ELK lay out a graph.
func elk(b *testing.B, script string, in *layered.Graph) (w, h int, lines [][]layered.Point) {
	b.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("node", script)
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var got struct {
		W, H  int
		Lines [][]layered.Point
	}
	if err := json.Unmarshal(out, &got); err != nil {
		b.Fatal(err)
	}
	return got.W, got.H, got.Lines
}
