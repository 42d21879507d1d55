package orders

import (
	"fmt"
)

// Counters returns a design in which two workers count a stock up to a number, each reading it first and writing it then, one at a time. That no count is lost
// depends on how two numbers hang together, whatever they are; it holds.
func Counters(most int) string { return Safeguards{}.Counters(most) }

// Counters is [Counters] with safeguards, which keep it to one at a time.
func (safe Safeguards) Counters(most int) string {
	return fmt.Sprintf(`design "Counters"
use "%[2]s"

zone Internet: public
actor Shopper: actor in Internet
component Shop: component in Internet
%[3]s
attacker Cheat { controls Shopper }

process Stock {
  domain Worker = w1, w2
  domain Number = 0..%[1]d
  domain Phase = idle, read, wrote
  var phase(Worker): Phase = idle
  var seen(Worker): Number = 0
  var stock: Number = 0
  var lock: Worker? = none

  step Read(w: Worker) by Shop when phase(w) = idle and %[4]s do phase(w) := read, seen(w) := stock, lock := w
  step Write(w: Worker) by Shop when phase(w) = read and seen(w) < %[1]d do phase(w) := wrote, stock := seen(w) + 1
  step Leave(w: Worker) by Shop when phase(w) = wrote do phase(w) := idle, lock := none
}

require NothingLost: never exists w: Worker | phase(w) = read and not seen(w) = stock%[5]s
require Counted: never exists w: Worker | phase(w) = wrote and not stock = seen(w) + 1%[5]s
`, most, safe.use(), safe.components(), safe.keep("lock = none"), safe.tolerating())
}

// Ledger returns a design of that many orders in which what shoppers paid, by card or by the one voucher, and what they got back, is summed up over all orders. No more is paid back than was paid; it holds.
func Ledger(n int) string { return Safeguards{}.Ledger(n) }

// Ledger is [Ledger] with safeguards, which let the whole price be paid back only where it was paid.
func (safe Safeguards) Ledger(n int) string {
	whole := ""
	if safe.There > 0 {
		whole = "\n  step Whole(o: Order) by Shop when stage(o) = paid and " + safe.keep("received(o) = 3") + " do stage(o) := closed, returned(o) := 3"
	}
	return fmt.Sprintf(`design "Ledger"
use "%[2]s"

zone Internet: public
actor Shopper: actor in Internet
component Shop: component in Internet
%[3]s
attacker Cheat { controls Shopper }

process Ledger {
  domain Order = %[1]s
  domain Amount = 0..3
  domain Stage = open, paid, closed
  var stage(Order): Stage = open
  var received(Order): Amount = 0
  var returned(Order): Amount = 0
  var voucher: Order? = none

  step Pay(o: Order) by Shop when stage(o) = open do stage(o) := paid, received(o) := 3
  step Redeem(o: Order) by Shop when stage(o) = open and voucher = none do stage(o) := paid, voucher := o, received(o) := 2
  step Refund(o: Order) by Shop when stage(o) = paid do stage(o) := closed, returned(o) := received(o)%[4]s
  step Keep(o: Order) by Shop when stage(o) = paid do stage(o) := closed
}

require Balanced: never (sum o: Order | returned(o)) > (sum o: Order | received(o))%[5]s
require OneVoucher: never (count o: Order | received(o) = 2) > 1%[5]s
`, numbered("o", n), safe.use(), safe.components(), whole, safe.tolerating())
}
