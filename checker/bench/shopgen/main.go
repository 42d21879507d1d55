// Command shopgen prints a design of any size for benchmarks: a shop of n components in tiers, each calling two of the next tier,
// every tenth a database with personal data, and twenty confidentiality requirements on the data at the far end.
// The same n always gives the same bytes.
//
//	go run ./checker/bench/shopgen -n 10000 > shop.vbn
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

func main() {
	n := flag.Int("n", 10000, "number of components")
	flag.Parse()
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	const tier = 100 // components in a tier
	fmt.Fprintf(w, "design \"A shop of %d components\"\n\nzone Internet: public\nactor Shopper: customer in Internet\nattacker Outsider { in Internet }\n\n", *n)
	for t := 0; t*tier < *n; t++ {
		fmt.Fprintf(w, "zone Z%d: private\n", t)
	}
	for i := range *n {
		kind, body := "service", "has input_validation"
		switch {
		case i < tier:
			kind = "webapp"
		case i%10 == 9:
			kind, body = "database", fmt.Sprintf("stores D%d", i)
			fmt.Fprintf(w, "data D%d: personal_data\n", i)
		case i%7 == 0:
			body = "title \"Service without checks\""
		}
		fmt.Fprintf(w, "component C%d: %s in Z%d { %s }\n", i, kind, i/tier, body)
	}
	for i := range tier {
		if i < *n {
			fmt.Fprintf(w, "flow Browse%d: Shopper -> C%d over https\n", i, i)
		}
	}
	for i := 0; i+tier < *n; i++ {
		to := i + tier
		fmt.Fprintf(w, "flow F%d: C%d -> C%d over https", i, i, to)
		if to%10 == 9 {
			fmt.Fprintf(w, " { returns D%d }", to)
		}
		fmt.Fprintf(w, "\nflow G%d: C%d -> C%d over https\n", i, i, (to-to%tier)+(to%tier*7+3)%tier)
	}
	made := 0
	for i := *n - 1; i >= 0 && made < 20; i-- {
		if i%10 == 9 && i >= tier {
			made++
			fmt.Fprintf(w, "require Secret%d: confidential D%d\n", i, i)
		}
	}
}
