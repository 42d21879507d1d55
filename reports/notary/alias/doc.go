// Package alias keeps the document of a did:iota in an Alias Output of a Stardust ledger, as IOTA Identity 1.0 does.
//
// A transaction spends funds and makes an Alias Output, whose ID is the hash of the output's; the DID is named by it. The output's state metadata hold the document, packed, and its state controller, an address of an Ed25519 key, makes the next state by
// another transaction. A document without content is a deactivated DID. [Create] and [Identity.Update] write transactions, and [Network] has a node bring them into the ledger.
//
// That a state was on the ledger is shown offline, by a receipt as for records, whose path leads to the applied root of a milestone: a transaction that broke a rule or came second is not below it. [Open] reads nothing else.
//
// # Limitations
//
// A receipt shows a state at a milestone. Which one is the newest only a node says, and a node can keep that back. The core API has no index of aliases, so one follows an identity from a state that is known.
// The network's name in a DID is its address prefix, which nothing on the ledger signs: the trust file has it.
//
// Outputs are of two forms, with an address alone and with one controller who is the governor, too. Others are refused. Coins pay for the storage: they come from one key, and stay in the output.
//
// Sources: TIP-18 (outputs), TIP-20 (transaction payload), TIP-19 (storage deposit), IOTA DID Method Specification v1.0 (Alias), RFC 7693 (BLAKE2).
package alias
