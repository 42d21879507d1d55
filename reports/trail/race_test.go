//go:build race

package trail

// histories is how many random histories are compared: under the race detector, which finds nothing in one goroutine and makes it eight times as long, few.
const histories = 200
