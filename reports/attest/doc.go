// Package attest signs reports and explanations.
//
// A statement says in the words of in-toto (Statement v1) which report was made of which design files, or which explanation of which logs besides, by which policy (the
// catalogues) and with what result; its predicate has the shape of a SLSA Verification Summary. It travels in a DSSE envelope with one Ed25519
// signature, and names its signer as a did:key, which holds the public key itself and so needs no registry.
//
// There is no time in a statement, and all in it follows from the report: [Statement.Binds] makes it again and compares the bytes. So for a report and
// a key there is exactly one statement, and exactly one envelope.
//
// Private keys are PKCS#8 PEM files with mode 0600. [ReadKey] refuses a key that others can read.
//
// A [Credential] says that a key has a role for a time: a verifiable credential in a JWT, of which one header and one form of the claims are read. What it is worth is for a trail to say. A [Web] is the
// document by which a domain vouches for keys; it is read from bytes, and fetched by package resolve.
//
// # Limitations
//
// A signature says who, not when: the time comes from a ledger (package notary). File modes mean something on systems that have them: there is no
// check of access lists, nor of who may read backups. A key has no passphrase.
//
// Sources: RFC 8032 (Ed25519), RFC 8410 (its keys in PKCS#8), RFC 7468 (PEM), W3C did:key v0.9, DSSE v1.0, in-toto Attestation
// Framework (Statement v1), SLSA Verification Summary v1, W3C Verifiable Credentials Data Model 1.1 (JWT encoding), RFC 7515 and 7519 (JWS, JWT), RFC 8725 (their best practices), W3C DID Core v1.0, W3C CCG did:web.
package attest
