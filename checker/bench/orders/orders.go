// Package orders writes designs of workflows of any size, for benchmarks: orders are placed, paid through the customer's browser, packed and
// shipped or cancelled, and the attacker sits in the browser. All orders are in one requirement, which holds.
//
// With a desk, orders are packed one at a time, so that every order's state is tied to that of all others. So is it by a requirement that
// counts them.
//
// # Limitations
//
// One workflow; how hard others are, it does not say.
package orders

import (
	"fmt"
)

// Design returns a design with that many orders.
func Design(orders int, desk bool) string { return Safeguards{}.Design(orders, desk) }

// Design is [Design] with safeguards, which compare what was paid with the price.
func (safe Safeguards) Design(orders int, desk bool) string {
	free, take, leave, state := "", "", "", ""
	if desk {
		state = "\n  var desk: Order? = none"
		free, take, leave = " and desk = none", ", desk := o", ", desk := none"
	}
	return fmt.Sprintf(`design "Orders"
use "%[6]s"

zone Internet: public
actor Shopper: actor in Internet
actor Psp: actor in Internet
component Shop: component in Internet
%[7]s
data PspKey: credential

flow Redirect: Shop -> Psp over https { through Shopper }
flow Notify: Psp -> Shop over https

attacker Cheat { controls Shopper }

process Checkout {
  domain Order = %[1]s
  domain Amount = full, cent
  domain Stage = cart, placed, paid, packed, shipped, cancelled
  fact charged(Order, Amount)
  var stage(Order): Stage = cart
  fact refunded(Order)%[2]s
  message PayRequest(Order, Amount) over Redirect
  message PaidNotice(Order, Amount) over Notify signed by PspKey

  step Place(o: Order) by Shop when stage(o) = cart do stage(o) := placed sends PayRequest(o, full)
  step Charge(o: Order, a: Amount) by Psp receives PayRequest(o, a) when not refunded(o) do charged(o, a) sends PaidNotice(o, a)
  step Confirm(o: Order, a: Amount) by Shop receives PaidNotice(o, a) when stage(o) = placed and %[8]s do stage(o) := paid
  step Cancel(o: Order) by Shop when stage(o) = placed or stage(o) = paid do stage(o) := cancelled
  step Refund(o: Order) by Psp when stage(o) = cancelled and charged(o, full) do refunded(o), not charged(o, full)
  step Pack(o: Order) by Shop when stage(o) = paid%[3]s do stage(o) := packed%[4]s
  step Ship(o: Order) by Shop when stage(o) = packed do stage(o) := shipped%[5]s
}

require NeverForFree: never exists o: Order | stage(o) = shipped and not charged(o, full)%[9]s
require NeverBoth: never exists o: Order | stage(o) = shipped and refunded(o)%[9]s
require AllPaid: never (count o: Order | stage(o) = shipped) > (count o: Order | charged(o, full))%[9]s
require Ships: possible stage(o1) = shipped
`, numbered("o", orders), state, free, take, leave, safe.use(), safe.components(), safe.keep("a = full"), safe.tolerating())
}
