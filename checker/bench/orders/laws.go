package orders

import (
	"fmt"
	"strings"
)

// head begins a design of a shop whose process is all that matters.
func head(name string) string {
	return fmt.Sprintf(`design %q
use "core"

zone Internet: public
actor Shopper: actor in Internet
component Shop: component in Internet

attacker Cheat { controls Shopper }

`, name)
}

func numbered(name string, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", name, i+1)
	}
	return strings.Join(names, ", ")
}

// Points returns a design in which so many points are issued once and then given from account to account. How many there are never changes; it holds, and no account has more than there is room for.
func Points(accounts, points int) string {
	return head("Points") + fmt.Sprintf(`process Points {
  domain Account = %[1]s
  domain Number = 0..%[2]d
  domain Issue = open, done
  var points(Account): Number = 0
  var issue: Issue = open

  step Issue by Shop when issue = open do issue := done, points(a1) := %[2]d
  step Give(from: Account, to: Account) by Shop when not from = to and points(from) > 0 do points(from) := points(from) - 1, points(to) := points(to) + 1
}

require NotMore: never (sum a: Account | points(a)) > %[2]d
require Alone: never exists a: Account, b: Account | points(a) = %[2]d and points(b) > 0 and not a = b
`, numbered("a", accounts), points)
}

// Stock returns a design of that many orders that reserve pieces of a stock. What is in stock, reserved and shipped is as much as there was; it holds, and no more is shipped than that.
func Stock(orders, pieces int) string {
	return head("Stock") + fmt.Sprintf(`process Stock {
  domain Order = %[1]s
  domain Number = 0..%[2]d
  domain Stage = open, reserved, shipped, cancelled
  var stage(Order): Stage = open
  var stock: Number = %[2]d

  step Reserve(o: Order) by Shop when stage(o) = open and stock > 0 do stage(o) := reserved, stock := stock - 1
  step Cancel(o: Order) by Shop when stage(o) = reserved do stage(o) := cancelled, stock := stock + 1
  step Ship(o: Order) by Shop when stage(o) = reserved do stage(o) := shipped
}

require NotOversold: never (count o: Order | stage(o) = shipped) > %[2]d
require Covered: never (count o: Order | stage(o) = reserved) > %[2]d - stock
`, numbered("o", orders), pieces)
}

// Drawer returns a design of that many orders that pay into a drawer and may be paid back. It has what was received and not returned; it holds, and there is always enough to pay an order back.
func Drawer(orders int) string {
	return head("Drawer") + fmt.Sprintf(`process Drawer {
  domain Order = %s
  domain Amount = 0..3
  domain Cash = 0..%d
  domain Stage = open, paid, closed
  var stage(Order): Stage = open
  var received(Order): Amount = 0
  var drawer: Cash = 0

  step PayFull(o: Order) by Shop when stage(o) = open do stage(o) := paid, received(o) := 3, drawer := drawer + 3
  step PayPart(o: Order) by Shop when stage(o) = open do stage(o) := paid, received(o) := 2, drawer := drawer + 2
  step Refund(o: Order) by Shop when stage(o) = paid do stage(o) := closed, drawer := drawer - received(o), received(o) := 0
  step Keep(o: Order) by Shop when stage(o) = paid do stage(o) := closed
}

require Enough: never exists o: Order | received(o) > drawer
`, numbered("o", orders), 3*orders)
}
