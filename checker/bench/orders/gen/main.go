// Command gen writes a design of an order workflow: see package orders and ../run.sh.
//
// # Limitations
//
// Those of package orders.
package main

import (
	"flag"
	"fmt"

	"github.com/vauban-verifier/vauban/checker/bench/orders"
)

func main() {
	n := flag.Int("orders", 8, "orders")
	desk := flag.Bool("desk", false, "pack one order at a time")
	flag.Parse()
	fmt.Print(orders.Design(*n, *desk))
}
