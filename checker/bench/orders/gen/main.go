// Command gen writes a design of a workflow: see package orders and ../run.sh.
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
	n := flag.Int("orders", 8, "orders, or how far a stock is counted")
	desk := flag.Bool("desk", false, "pack one order at a time")
	design := flag.String("design", "orders", "orders, ledger or counters")
	var safe orders.Safeguards
	flag.IntVar(&safe.There, "safeguards", 0, "safeguards")
	flag.IntVar(&safe.Failing, "failing", 0, "how many of them may fail")
	flag.Parse()
	switch *design {
	case "ledger":
		fmt.Print(safe.Ledger(*n))
	case "counters":
		fmt.Print(safe.Counters(*n))
	default:
		fmt.Print(safe.Design(*n, *desk))
	}
}
