// Vauban checks the design of an e-commerce service against known threats: `vauban demo` shows it.
//
// # Limitations
//
// Everything it does is in cmd/internal/cli; see there.
package main

import (
	"os"

	"github.com/vauban-verifier/vauban/cmd/internal/cli"
)

func main() { os.Exit(cli.Main()) }
