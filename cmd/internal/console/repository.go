package console

import (
	"os"
	"path/filepath"

	"github.com/vauban-verifier/vauban/dsl/files"
	"github.com/vauban-verifier/vauban/dsl/source"
)

// Repository returns the directory of the repository that dir lies in, or dir itself where there is none.
func Repository(dir string) string {
	if at := files.Repository(dir); at != "" {
		return at
	}
	return dir
}

// FromRoot tells paths from the root of the repository, as GitHub wants them. What is outside of it keeps the name that it was given.
func FromRoot(name string) string {
	if name == "" || source.Embedded(name) {
		return name
	}
	dir, err := os.Getwd()
	if err != nil {
		return name
	}
	path, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(Repository(dir), path)
	if err != nil || !filepath.IsLocal(rel) {
		return name
	}
	return filepath.ToSlash(rel)
}
