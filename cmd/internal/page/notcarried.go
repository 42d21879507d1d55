//go:build !auditpage

package page

// Carried returns the page that this program carries; nil if it carries none.
func Carried() []byte { return nil }
