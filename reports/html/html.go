package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/diagram"
	"github.com/vauban-verifier/vauban/reports/document"
)

//go:embed page.tmpl
var pageText string

//go:embed style.css
var styleText string

//go:embed script.js
var scriptText string

var page = template.Must(template.New("page").Parse(pageText))

// Write writes the page of a design that was verified; report is the canonical report of the same result, which may have fewer attacks.
func Write(w io.Writer, o reports.Outcome, report *document.Report) error {
	digest, err := report.Digest()
	if err != nil {
		return err
	}
	style := diagram.CSS + styleText
	p := newBuilder(o, report).page()
	p.Digest = digest
	p.Style, p.Script = template.CSS(style), template.JS(scriptText) //nolint:gosec // both are our own files
	p.Policy = "default-src 'none'; style-src " + SourceHash(style) + "; script-src " + SourceHash(scriptText) +
		"; base-uri 'none'; form-action 'none'"
	var out bytes.Buffer
	if err := page.Execute(&out, p); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// SourceHash is how a content security policy names an inline style sheet or script.
func SourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
