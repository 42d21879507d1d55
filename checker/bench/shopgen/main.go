// Command shopgen prints a design of any size for benchmarks, as package shop draws it.
//
//	go run ./checker/bench/shopgen -n 10000 -shape layers > shop.vbn
//
// The shapes:
//
//	layers     tiers of 20 (or -tier), each component calling three of the next
//	wide       tiers of 100, each component calling two of the next, every tenth a database
//	flat       one network, a chain of calls through all of it
//	mesh       each component calls five others anywhere
//	nested     zones in zones, one component in each
//	attackers  a small shop, and as many attackers as -n says
//	party      one shopper, and as many shops as -n says
//	hub        one component, and as many that call it as -n says
//	broker     one message broker, and as many clients as -n says
//	provider   one payment provider, and as many shops as -n says, each with a shopper of its own
//
// and, each with one of its kind that as many others share as -n says: admin, backup, cache, carrier, cdn, credential, data, gateway (one who asks, many services), host, key, log, login, mail, names,
// pipeline, proxied (a gateway with many who ask and many services), secrets, store.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/vauban-verifier/vauban/checker/bench/shop"
)

func main() {
	var p shop.Plan
	flag.IntVar(&p.Size, "n", 10000, "number of components; attackers, shops, callers or clients in the shapes that are about them")
	flag.IntVar(&p.Tier, "tier", 20, "components in a tier of layers")
	flag.StringVar(&p.Shape, "shape", "wide", strings.Join(shop.Shapes, ", "))
	flag.BoolVar(&p.Secure, "secure", false, "with controls, so that every requirement holds")
	flag.Parse()
	text, err := shop.Design(p)
	if err != nil {
		fmt.Fprintln(os.Stderr, "shopgen:", err)
		os.Exit(2)
	}
	if _, err := os.Stdout.WriteString(text); err != nil {
		fmt.Fprintln(os.Stderr, "shopgen:", err)
		os.Exit(1)
	}
}
