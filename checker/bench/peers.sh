#!/bin/sh
# Process designs beside berkeley-abc (pdr, bmc3) on the same questions, in one run; then AIGER files, where a folder of them is given as the first argument.
# Needs the Debian package berkeley-abc.
set -eu
files=${1:+$(cd "$1" && pwd)}
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/" ./cmd/vauban ./checker/bench/modelcheck ./checker/bench/orders/gen
peer() { berkeley-abc -q "$1" | grep -E 'asserted|proved|UNDECIDED|Invariant|No output' | sed 's/^/  abc: /'; }
go test ./checker/bench/orders -run '^$' -bench . -benchtime 3x
for n in 8 16 32 64 128; do
	echo "orders: $n"
	"$dir/gen" -desk -orders $n >"$dir/orders.vbn"
	"$dir/vauban" export --requirement NeverForFree --out "$dir/orders.aig" "$dir/orders.vbn"
	"$dir/modelcheck" "$dir/orders.aig"
	peer "read_aiger $dir/orders.aig; pdr -T 100"
	[ $n -gt 32 ] || for depth in 6 9 12; do
		"$dir/modelcheck" -engine bmc -depth $depth "$dir/orders.aig"
		peer "read_aiger $dir/orders.aig; bmc3 -F $depth -T 100"
	done
done
for f in ${files:+"$files"/*.aig}; do
	"$dir/modelcheck" -seconds 60 "$f"
	peer "read_aiger $f; fold; orpos; pdr -T 60"
	"$dir/modelcheck" -engine bmc -seconds 60 "$f"
	peer "read_aiger $f; fold; orpos; bmc3 -F 100 -T 60"
done
