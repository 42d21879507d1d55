package orders

import "fmt"

// Counters returns a design in which two workers count a stock up to a number, each reading it first and writing it then, one at a time. That no count is lost
// depends on how two numbers hang together, whatever they are; it holds.
func Counters(most int) string {
	return fmt.Sprintf(`design "Counters"
use "core"

zone Internet: public
actor Shopper: actor in Internet
component Shop: component in Internet

attacker Cheat { controls Shopper }

process Stock {
  domain Worker = w1, w2
  domain Number = 0..%[1]d
  domain Phase = idle, read, wrote
  var phase(Worker): Phase = idle
  var seen(Worker): Number = 0
  var stock: Number = 0
  var lock: Worker? = none

  step Read(w: Worker) by Shop when phase(w) = idle and lock = none do phase(w) := read, seen(w) := stock, lock := w
  step Write(w: Worker) by Shop when phase(w) = read and seen(w) < %[1]d do phase(w) := wrote, stock := seen(w) + 1
  step Leave(w: Worker) by Shop when phase(w) = wrote do phase(w) := idle, lock := none
}

require NothingLost: never exists w: Worker | phase(w) = read and not seen(w) = stock
require Counted: never exists w: Worker | phase(w) = wrote and not stock = seen(w) + 1
`, most)
}
