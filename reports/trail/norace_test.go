//go:build !race

package trail

// histories is how many random histories are compared.
const histories = 1500
