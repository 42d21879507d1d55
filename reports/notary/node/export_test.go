package node

// Cone is what tests look at the whole ledger with.
var Cone = (*Client).cone
