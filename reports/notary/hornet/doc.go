// Package hornet runs a private Tangle of one real node on this machine, for tests and for people who want to see the whole path.
//
// The node is HORNET, unpatched. [Build] compiles it from a pinned module of its own into the user's cache, once: so none of what it needs, which is a lot, is
// linked into Vauban. [Start] makes the network (keys, protocol parameters, genesis snapshot, database), runs the node and issues milestones with a
// coordinator of its own, which speaks the node's REST API. Two keys must sign each milestone. [Network.Close] stops all. Everything listens to the loopback
// interface alone, on free ports.
//
// A network is kept in one directory, and can be started again. trust.json is what an auditor needs of it, faucet.pem the key that all coins are of at the beginning: identities cost some. Receipts stay checkable with that file
// when the network is gone.
//
// # Limitations
//
// Whoever holds the two keys can sign what they like, at any time: such a network is worth what its owner's word is worth. A node that is killed may leave a
// spoilt database; then the network is not started again. On Linux the node dies with the process that started it; elsewhere it outlives that where it is
// killed. On Windows a node cannot be told to stop cleanly, so there a network serves once.
//
// Sources: the HORNET documentation on private Tangles; IOTA TIP-29 (milestone payload), TIP-2 (white flag).
package hornet
