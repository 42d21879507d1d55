// Package examples holds designs that people learn from; the demo of the command line unpacks them.
//
// Every design says its expected verdicts at the top. Two are of shops that others have published, drawn from their manifests and code: online-boutique
// and teastore.
//
// # Limitations
//
// The package holds files and no logic.
package examples

import "embed"

// Files are the designs for beginners (first) and the flagship (tofar).
//
//go:embed first tofar
var Files embed.FS
