package diagram

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vauban-verifier/vauban/reports/diagram/layered"
	"github.com/vauban-verifier/vauban/threats/threatstest"
)

// anyDesign writes a design with zones in zones, hosts, names of any length, flows of all kinds and relations.
func anyDesign(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("design \"Any\"\nzone Outside: public\nactor Shopper: customer in Outside\nattacker Outsider { in Outside }\n")
	name := func(what string, i int) string {
		return what + strings.Repeat("x", rapid.IntRange(0, 22).Draw(t, "length")) + strconv.Itoa(i)
	}
	zones, parties := []string{"Outside"}, []string{"Shopper"}
	for i := range rapid.IntRange(1, 8).Draw(t, "zones") {
		z := name("Zone", i)
		in := ""
		if rapid.IntRange(0, 2).Draw(t, "nested") == 0 {
			in = " in " + rapid.SampledFrom(zones).Draw(t, "outer")
		}
		fmt.Fprintf(&b, "zone %s: private%s\n", z, in)
		zones = append(zones, z)
	}
	fmt.Fprintf(&b, "component Host: host in %s\ncomponent Logs: logging_server in %s\ndata D: personal_data\n", zones[len(zones)-1], zones[1])
	for i := range rapid.IntRange(1, 60).Draw(t, "components") {
		c := name("Part", i)
		body := ""
		if rapid.Bool().Draw(t, "hosted") {
			body += " runs on Host"
		}
		if rapid.Bool().Draw(t, "logs") {
			body += " logs_to Logs"
		}
		kind := rapid.SampledFrom([]string{"service", "webapp", "database"}).Draw(t, "kind")
		if kind == "database" {
			body += " stores D"
		}
		fmt.Fprintf(&b, "component %s: %s in %s { %s }\n", c, kind, rapid.SampledFrom(zones).Draw(t, "zone"), body)
		if rapid.IntRange(0, 20).Draw(t, "insider") == 0 {
			fmt.Fprintf(&b, "attacker %s { controls %s }\n", name("In", i), c)
		}
		parties = append(parties, c)
	}
	for i := range rapid.IntRange(0, 90).Draw(t, "flows") {
		from, to := rapid.SampledFrom(parties).Draw(t, "from"), rapid.SampledFrom(parties).Draw(t, "to")
		if from == to || to == "Shopper" {
			continue
		}
		head := ""
		if rapid.IntRange(0, 3).Draw(t, "named") > 0 {
			head = name("Flow", i) + ": "
		} else if strings.Contains(b.String(), fmt.Sprintf("flow %s -> %s ", from, to)) {
			continue // without a name of its own, one between two is all that there may be
		}
		fmt.Fprintf(&b, "flow %s%s -> %s over %s { carries D }\n", head, from, to, rapid.SampledFrom([]string{"http", "https", "sql_tls", "grpc"}).Draw(t, "protocol"))
	}
	return b.String()
}

// written is a text of a drawing, with the box that it takes.
type written struct {
	text string
	size int
	flag bool // it stands on a border
	box  layered.Rect
}

// read collects the texts and the boxes of nodes of a drawing.
func read(t interface{ Fatal(...any) }, svg string) (texts []written, boxes []layered.Rect) {
	var class []string
	number := func(e xml.StartElement, name string) int {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				n, _ := strconv.Atoi(a.Value)
				return n
			}
		}
		return 0
	}
	var at *written
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts, boxes
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			own := ""
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					own = a.Value
				}
			}
			class = append(class, own)
			inside := strings.Join(class, " ")
			switch {
			case e.Name.Local == "text" && !strings.Contains(inside, "badge"):
				at = &written{size: textSize, flag: strings.Contains(inside, "flag"), box: layered.Rect{X: number(e, "x"), Y: number(e, "y") - 10, H: 12}}
				if own == "zt" || own == "nt" {
					at.size = titleSize
				}
			case e.Name.Local == "rect" && strings.Contains(inside, "node") && own == "" && !strings.Contains(inside, "flag"):
				boxes = append(boxes, layered.Rect{X: number(e, "x"), Y: number(e, "y"), W: number(e, "width"), H: number(e, "height")})
			}
		case xml.CharData:
			if at != nil {
				at.text = string(e)
				at.box.W = textWidth(at.text, at.size)
				texts = append(texts, *at)
			}
		case xml.EndElement:
			class, at = class[:len(class)-1], nil
		}
	}
}

func overlap(a, b layered.Rect) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func contains(a, b layered.Rect) bool {
	return a.X <= b.X && a.Y <= b.Y && b.X+b.W <= a.X+a.W && b.Y+b.H <= a.Y+a.H
}

// Whatever the design, and whichever of its zones is open: no box lies on another, no text on another, and none half in a box.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		text := anyDesign(t)
		d := threatstest.Load(outer, func(string) (string, error) { return text, nil }, "any.vbn").Design
		drawings := []*Drawing{New(d)}
		for _, z := range Foldable(d)[:min(len(Foldable(d)), 1)] {
			drawings = append(drawings, Open(d, z))
		}
		for _, g := range drawings {
			texts, boxes := read(t, "<svg>"+g.Base(nil)+"</svg>")
			for i, a := range boxes {
				for _, b := range boxes[:i] {
					if overlap(a, b) {
						t.Fatalf("the boxes %v and %v overlap in\n%s", a, b, text)
					}
				}
			}
			for i, a := range texts {
				for _, b := range texts[:i] {
					if overlap(a.box, b.box) {
						t.Fatalf("%q %v and %q %v overlap in\n%s", a.text, a.box, b.text, b.box, text)
					}
				}
				for _, b := range boxes {
					if !a.flag && overlap(a.box, b) && !contains(b, a.box) {
						t.Fatalf("%q %v runs into the box %v in\n%s", a.text, a.box, b, text)
					}
				}
				if a.box.X < 0 || a.box.X+a.box.W > g.W {
					t.Fatalf("%q runs out of the drawing", a.text)
				}
			}
		}
	})
}

// Lines and borders stand out from whatever they are drawn on, by the 3 to 1 that WCAG 2.2 (1.4.11) asks for, and texts by its 4.5 (1.4.3): by day, by night, and where
// the architecture is the ground of an attack.
func TestContrast(t *testing.T) {
	t.Parallel()
	day, night, ok := strings.Cut(CSS, "@media (prefers-color-scheme:dark)")
	if !ok {
		t.Fatal("the style sheet has no colours for the night")
	}
	read := func(css, rule string) map[string]string {
		out := map[string]string{}
		_, body, _ := strings.Cut(css, rule+"{")
		body, _, _ = strings.Cut(body, "}")
		for _, m := range regexp.MustCompile(`--(\w+):(#\w+)`).FindAllStringSubmatch(body, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	for name, css := range map[string]string{"day": day, "night": night} {
		colors := read(css, ".vd")
		grounds := map[string]string{}
		for _, g := range []string{"paper", "zone", "place", "start", "box", "actor"} {
			grounds[g] = colors[g]
		}
		for _, dim := range []bool{false, true} {
			if dim {
				for k, v := range read(css, ".vd .dim") {
					colors[k] = v
				}
			}
			for color, least := range map[string]float64{
				"ink": 4.5, "muted": 4.5, "hot": 4.5, "open": 4.5, "wire": 3, "wire2": 3, "edge": 3, "zedge": 3, "pedge": 3, "sedge": 3,
			} {
				for g, ground := range grounds {
					if color == "hot" || color == "open" {
						if g != "paper" && g != "zone" && g != "box" {
							continue
						}
					}
					if c := contrast(t, colors[color], ground); c < least {
						t.Errorf("by %s (dimmed: %t) %s on %s has a contrast of %.2f, less than %.1f", name, dim, color, g, c, least)
					}
				}
			}
		}
	}
}

// contrast is that of two colours, as WCAG defines it.
func contrast(t *testing.T, a, b string) float64 {
	luminance := func(s string) float64 {
		s = strings.TrimPrefix(s, "#")
		if len(s) == 3 {
			s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
		}
		n, err := strconv.ParseUint(s, 16, 32)
		if err != nil || len(s) != 6 {
			t.Fatalf("%q is no colour", s)
		}
		sum := 0.0
		for i, w := range []float64{0.2126, 0.7152, 0.0722} {
			v := float64(n>>(16-8*i)&255) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += w * v
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
