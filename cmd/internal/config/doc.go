// Package config reads vauban.yaml, in which a repository says what its designs are.
//
//	designs: [designs/shop.vbn, "carriers/**/*.vbn"]
//	baseline: vauban.baseline.json
//
// The file is looked for in a directory and in those above it, up to the root of the repository and no further. Keys are strict. Paths in it are
// relative to the directory that it lies in, and stay within it. Its JSON Schema is vauban.schema.json at the root of this repository.
//
// # Limitations
//
// A directory stands for all designs in it. Hidden files and directories are left out, unless a pattern names them without a wildcard; links are not followed: one
// under a pattern is an error. What changes a verdict is not configured: it belongs into the design or on the
// command line, where a report states it.
package config
