// Package answer is what the page for auditors has in it: it answers what the page asks, as `vauban audit` and `vauban trail verify` do, by the same packages.
//
// # Limitations
//
// A policy's mistakes are told one at a time. See package page for what a browser cannot check.
package answer
