// Package resolve fetches the document of a did:web, once, from the one place that the DID names.
//
// It is asked over HTTPS, with the certificates that the machine trusts or those that are given, follows no redirection, and reads a bounded answer in bounded time. What is fetched is kept, in the genesis of a trail, so
// that its hash pins it: no verification of a trail asks for it again.
//
// # Limitations
//
// A document shows who had the domain's web server, and its certificate, when it was fetched. A proxy that the environment names is used.
//
// Source: W3C CCG, did:web Method Specification.
package resolve
