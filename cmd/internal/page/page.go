package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	styleText string
	//go:embed page.js
	scriptText string
	//go:embed worker.js
	workerText string
)

// policy is the page's content security policy. What is not in it is not allowed: connections, pictures, frames, plug-ins.
const policy = "default-src 'none'; script-src 'wasm-unsafe-eval' %s; style-src %s; worker-src blob:; base-uri 'none'; form-action 'none'"

// hash is how a content security policy names an inline script or style sheet.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// write puts the page together, with a program and what runs it in a browser.
func write(version string, program []byte, runtime string) ([]byte, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(program)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, err
	}
	for _, text := range []string{runtime, workerText, scriptText} {
		if lower := strings.ToLower(text); strings.Contains(lower, "</script") || strings.Contains(lower, "<!--") || strings.Contains(lower, "<script") {
			return nil, fmt.Errorf("the Go toolchain's wasm_exec.js cannot stand in a page: it has the end of a script in it")
		}
	}
	out := pageText
	for _, part := range []struct{ place, text string }{ // each once; what is put in last is large, and holds no places
		{"POLICY", fmt.Sprintf(policy, hash(scriptText), hash(styleText))},
		{"VERSION", version},
		{">STYLE<", ">" + styleText + "<"},
		{">SCRIPT<", ">" + scriptText + "<"},
		{">WORKER<", ">" + workerText + "<"},
		{">RUNTIME<", ">" + runtime + "<"},
		{">PROGRAM<", ">" + base64.StdEncoding.EncodeToString(packed.Bytes()) + "<"},
	} {
		out = strings.Replace(out, part.place, part.text, 1)
	}
	return []byte(out), nil
}
