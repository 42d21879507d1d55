package html

import (
	"html/template"
	"io"

	"github.com/vauban-verifier/vauban/checker/conform"
	"github.com/vauban-verifier/vauban/reports/plain"
	"github.com/vauban-verifier/vauban/reports/wording"
)

// account is the page of an explanation: one file, without scripts, that loads nothing.
var account = template.Must(template.New("account").Funcs(template.FuncMap{"more": func(n int) string { return plain.Number(n, "more trace") }}).Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}: what happened</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; overflow-wrap: anywhere }
section { border-left: 4px solid #8c959f; padding: 0 1rem; margin: 1.5rem 0 }
section.unexplained { border-color: #a40e26 } section.explained { border-color: #9a6700 } section.normal { border-color: #116329 } section.unknown { border-color: #6639ba }
h2 { font-size: 1.1rem } .log, .rests, small { color: #57606a }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } .log, .rests, small { color: #9198a1 } }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Tally}}</p>
{{- define "steps"}}{{if .}}
<ol>
{{- range .}}
<li>{{.Says}}{{if .Event}} <small>event {{.Event}}</small>{{end}}{{if .Cost}} <small>cost {{.Cost}}</small>{{end}}</li>
{{- end}}
</ol>{{end}}{{end}}
{{- range .Cases}}
<section class="{{.Verdict}}">
<h2>{{.Names}}: {{.Verdict}}</h2>
{{- with .Head}}
<p>{{.}}</p>{{end}}
{{- with .Log}}
<p class="log">Log: {{.}}</p>{{end}}
{{- range .Notes}}
<p>{{.}}</p>{{end}}
{{- template "steps" .Steps}}
{{- range .Or}}
<p>{{.}}</p>{{end}}
{{- range .Follows}}
<p><strong>{{.Word}}</strong> {{.Says}}</p>
{{- template "steps" .Steps}}
{{- with .Stops}}
<p>Would still stop it: {{.}}</p>{{end}}
{{- end}}
</section>
{{- end}}
{{- if .More}}
<p>{{more .More}} not shown.</p>{{end}}
<ul class="rests">
{{- range .Rests}}
<li>{{.}}</li>
{{- end}}
</ul>
</body>
</html>
`))

// Explanation writes what became of logs.
func Explanation(w io.Writer, r *conform.Result) error { return account.Execute(w, wording.Tell(r)) }
