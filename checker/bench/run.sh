#!/bin/sh
# Least control failures, Vauban beside clasp, in one run on the same problems. Needs the Debian packages gringo and clasp.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go test ./checker/internal/engine/reach -run '^$' -bench 'Fixpoint|LeastFailures|Certify' -benchtime 3x
for size in "1000 120" "10000 120" "100000 120" "1000 173"; do
	set -- $size
	go run ./checker/bench -rules "$1" -controls "$2" >"$dir/p.lp"
	gringo -Wnone "$dir/p.lp" >"$dir/p.aspif"
	echo "clasp rules=$1 controls=$2"
	timeout 180 clasp --opt-strategy=usc --quiet=2,2,2 "$dir/p.aspif" | grep -E '^(Optimization|Time|OPTIMUM)' || echo "  gave up"
done
