package html

// A print has a sheet for the verdicts, one for what they rest on, and findings in between, the worst first, as far as there is room for them on six sheets: nobody
// reads more in a meeting.
const (
	paperLines = 6 * 52 // of text on six sheets of A4, less what stays empty where a finding does not fit
	headLines  = 7      // of a finding
	lineHeight = 12.15  // in points
	paperWidth = 527.0  // in points
	paperTall  = 176.0  // of a drawing, at most
)

// paper decides which findings are printed.
func paper(p *pageData) {
	left := float64(paperLines)
	for i := range p.Findings {
		f := &p.Findings[i]
		if left -= lines(f); left < 0 && i > 0 {
			f.OffPaper = true
			p.OffPaper++
		}
	}
}

// lines is about how much room the first case of a finding takes on paper.
func lines(f *finding) float64 {
	n := float64(headLines)
	if len(f.Cases) == 0 {
		return n
	}
	c := f.Cases[0]
	n += 1.1*float64(len(c.Steps)) + 0.7*float64(len(c.Breaks)) + 1.2*float64(len(c.Once))
	if d := c.Player; d != nil {
		w, h := d.W, d.H
		if d.Paper != "" {
			w, h = d.PaperW, d.PaperH
		}
		n += min(paperTall, 0.75*float64(h)*min(1, paperWidth/(0.75*float64(w)))) / lineHeight
	}
	return n
}
