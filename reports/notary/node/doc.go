// Package node puts records on the Tangle that a Stardust node is part of. It is the only package that imports iota.go, and of that only the
// proof of work; blocks are made by package notary, from the wire format.
//
// [Client] speaks the core REST API (version 2) of a node: it bounds the time and the size of each answer, tries again what may pass, follows no
// redirect, and takes from an answer only what it can read strictly. [Ledger] builds on it what notary.Ledger asks for: take tips from the node, do the
// proof of work, send the block, ask for its metadata until a milestone references it, promote it where the node advises that, say where it must be attached anew.
//
// What a receipt needs comes from the core API alone, without the node's help for proofs: the milestone as raw bytes, and the blocks that it is the first to
// reference, found by walking back from its parents through the blocks whose metadata has its index, in the order of their white-flag indices. Their Merkle
// tree must have the milestone's inclusion root, so a node that leaves out, adds or reorders anything is found out; one that makes up a milestone is
// found out by the signatures, which notary.Verify checks.
//
// # Limitations
//
// A node can withhold: say that it has no tips, or never reference a block. That is an error, never a receipt. A walk costs one request for each
// block of a milestone, so it suits networks with up to some thousand blocks for each milestone. With remote proof of work the node sends the block before the caller has seen
// it: see [Ledger.Prepare]. There is no support for nodes that need a token.
//
// Sources: IOTA TIP-25 (core REST API), TIP-12 (proof of work), TIP-24 (tangle block), TIP-29 (milestone payload), TIP-2 (white flag), TIP-3
// (uniform random tip selection).
package node
