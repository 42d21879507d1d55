package checker_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/threats"
)

// A program that embeds Vauban reads a design from wherever it likes, checks it, and asks the result for the exit status: 0 only where everything was proved or
// is waived on the date that it gave.
func Example() {
	read := func(name string) (string, error) {
		if name != "shop.vbn" {
			return "", errors.New("there is only one file")
		}
		return `design "A shop" use "retail"
zone Internet: public
zone Core: private
actor Shopper: customer in Internet
component Shop: storefront in Core
data Card: payment_data
flow Pay: Shopper -> Shop over http { carries Card }
attacker Outsider { in Internet }
require Cards: confidential Card against Outsider
`, nil
	}
	diags := &diag.List{}
	model := threats.Load(read, []string{"shop.vbn"}, diags)
	if model == nil {
		for _, d := range diags.Sorted() {
			log.Print(d.Message)
		}
		return
	}
	result, err := checker.Check(context.Background(), model, checker.Options{AsOf: "2026-01-31"})
	if err != nil {
		log.Print(err) // no verdict was given; errors.Is(err, judge.ErrInternal) where the program is at fault
		return
	}
	for _, q := range result.Requirements {
		fmt.Println(q.Source.Name, "is", q.Verdict)
		for _, c := range q.Cases {
			if c.Attack == nil {
				continue
			}
			for _, s := range c.Attack.Steps {
				fmt.Println("-", s.Says)
			}
		}
	}
	fmt.Println("exit status", result.Exit())
	// Output:
	// Cards is violated
	// - the attacker listens to Pay, which is not encrypted, in Internet
	// - the attacker reads Card on Pay
	// exit status 1
}
