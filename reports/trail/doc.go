// Package trail is evidence that many parties share: who said what of which version of a design, in which order, and whether that is all.
//
// A trail begins with a genesis: what it is about, its parties with their keys and roles, the policy by which a report counts as approved, and a recovery key. Its
// hash is the trail's ID. Each [Entry] after it names the trail, has a number, names the entry before it by its digest, and is signed by parties, each in a role:
// a report or an explanation, maybe sealed for some readers, and what opens it for everybody; an approval, an objection, an auditor's countersignature, a key that takes the place of another, a key that counts no more, or
// the trail that this one goes on from.
//
// Each entry goes on a ledger by the machinery of package notary, under a tag of its own. A [Record] shows trail and number in the clear, so that whoever
// reads the tag sees gaps, forks and newer entries, and hides the rest. [Verify] replays the permissions from the genesis, entry by entry, at the index and the time of each
// milestone: it needs no network and no registry. What it finds are checks with names, each of which refuses one kind of forgery.
//
// # Limitations
//
// A genesis shows that those parties agree to it who signed it; the others do with their first entry. Parties are those of the genesis: nobody joins later, and the recovery key stays. A credential may give one of them a role: its issuers, too, are those of the genesis, and have one key each. A party whose key was revoked is out, and goes on in another trail, which names this one as
// its predecessor. Who may revoke is trusted to: a stolen founder's key can revoke others until it is revoked itself.
//
// Anybody can put a record with a trail's ID on an open ledger. It raises the checks of freshness and forks, and only an entry that opens it shows that it is a party's. The
// order of entries is for the parties to agree on: of two who add the same number at once, one gets a fork.
//
// A domain vouches for the first key of a party, as of when its document was fetched; rotations are the old key's word.
//
// What is sealed is a document. That there was one, when, by whom and for whom is for all to see, and so are reasons of objections.
//
// An entry that was allowed when it was added, and gets into a milestone only after a role of its signer ended, stays in the trail and is refused there.
//
// The bytes and all checks are described in reports/audit/FORMAT.md, from which alone a second verifier was written (notary/notarytest); tests hold both to each other. Sources: DSSE v1.0, W3C did:key v0.9, RFC 8785, RFC 7693 (BLAKE2), RFC 8032 (Ed25519).
package trail
