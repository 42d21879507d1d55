// Package embedded is a Tangle of one process: real blocks and real milestones in a directory, and no server.
//
// The directory holds the coordinator's key (key.pem, mode 0600), the trust file to hand to auditors (trust.json), and the ledger: a
// file of blocks, appended to and synced, never changed. Each frame is the length of a block (4 bytes, little endian), the block, and its
// ID. The first block's parent is the zero ID. Notarized records are blocks with tagged data; each milestone is a block too, whose payload is signed
// by the key, and references all blocks since the one before it in white-flag order, as on a network.
//
// When it is opened everything is read and checked again: every parent is there, every milestone follows the one before it and has
// the right inclusion root, the last one the right signature (so that all before it are signed for). A last frame that a crash has cut off is
// dropped: nobody has a receipt that needs it. Any other damage is an error. A lock keeps a second process waiting.
//
// # Limitations
//
// Whoever has the key can write any history, with any times. So its receipts show order and integrity to those who trust the holder of that
// key, and nothing to others. Times are the machine's; they never run backwards. Blocks carry no proof of work.
//
// Sources: IOTA TIP-2 (white flag ordering), TIP-24, TIP-29.
package embedded
