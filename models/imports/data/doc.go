// Package data imports what goes with which call: it reads the names of fields in interfaces (protocol buffers, OpenAPI), and says of the flows of a design to
// what carries such an interface which data they carry and return. It never reads values.
//
// An interface belongs to the component of its name: CartService to cartservice, cart or cart-service. All callers of a component are taken to make all its calls.
//
// # Limitations
//
// Data without a telling name (`payload`, `value`) are not found. Which caller makes which call is in the code, not in the interface.
package data
