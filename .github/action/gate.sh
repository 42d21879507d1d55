#!/usr/bin/env bash
# The gate of the action in action.yml: checks designs, says beside the lines of the change what is wrong, writes the summary and the outputs
# of the step, compares with where the change began, and notarizes the reports. It runs anywhere; the environment says what to do:
#
#   VAUBAN            the program                              VAUBAN_OUT       where reports go
#   VAUBAN_FILES      files of a design, one a line; empty: the designs that vauban.yaml names
#   VAUBAN_BASE       a revision to compare with; empty: none  VAUBAN_AS_OF     the date that waivers are judged by; empty: today
#   VAUBAN_FAIL_ON    verdict: whatever is not met, apart from a baseline; new: what VAUBAN_BASE did not have; worse: new, and whatever is
#                     checked less than at VAUBAN_BASE; never: errors alone
#   VAUBAN_STORE      a directory with what earlier runs have found, which anybody may have written: it is judged; empty: none
#   VAUBAN_IMPORTS    true: what designs were imported from must say what it said
#   VAUBAN_NOTARIZE   true: sign and notarize, with the key in VAUBAN_KEY, on VAUBAN_TANGLE (which VAUBAN_TRUST trusts), in VAUBAN_HISTORY
#
# Exit status: that of `vauban check`, as VAUBAN_FAIL_ON has it; 2 and 3 always fail, and a design without requirements is no success. It needs bash 3.2, git and the usual tools.
set -euo pipefail

vauban=${VAUBAN:?names no program}
out=${VAUBAN_OUT:?names no directory}
fail_on=${VAUBAN_FAIL_ON:-verdict}
key=${VAUBAN_KEY:-}
unset VAUBAN_KEY # no program below needs it, and git runs some of others
case $fail_on in
verdict | new | worse | never) ;;
*)
	echo "::error title=Vauban::fail-on is none of verdict, new, worse, never"
	exit 2
	;;
esac
if { [ "$fail_on" = new ] || [ "$fail_on" = worse ]; } && [ -z "${VAUBAN_BASE:-}" ]; then
	echo "::notice title=Vauban::no base revision: failing on every unmet requirement"
	fail_on=verdict
fi
umask 077
mkdir -p "$out"
rm -rf "$out/reports" "$out/counts.txt" "$out/review.md" # of an earlier run
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT

files=()
while IFS= read -r line; do
	if [ -n "$line" ]; then files+=("$line"); fi
done <<<"${VAUBAN_FILES:-}"
dated=()
if [ -n "${VAUBAN_AS_OF:-}" ]; then dated=(--as-of "$VAUBAN_AS_OF"); fi

stored=()
if [ -n "${VAUBAN_STORE:-}" ]; then stored=(--store "$VAUBAN_STORE"); fi

random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Writes a file to the log so that nothing in it is a command: names in designs may look like one.
inert() {
	local token
	if [ ! -s "$1" ]; then return; fi
	token=$(random)
	printf '::stop-commands::%s\n' "$token"
	cat "$1"
	printf '\n::%s::\n' "$token"
}

summarize() {
	if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -s "$1" ]; then
		cat "$1" >>"$GITHUB_STEP_SUMMARY"
		echo >>"$GITHUB_STEP_SUMMARY"
	fi
}

# output NAME VALUE; the value may have several lines.
output() {
	local end
	if [ -z "${GITHUB_OUTPUT:-}" ]; then return; fi
	end=$(random)
	printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
}

digest() {
	if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -c1-64
}

# 1. What holds, and what does not?
status=0
"$vauban" check --format github --also "sarif=$out/results.sarif" --also "markdown=$out/summary.md" --also "counts=$out/counts.txt" \
	--also "json=$out/reports/" ${stored[@]+"${stored[@]}"} ${dated[@]+"${dated[@]}"} ${files[@]+"${files[@]}"} >"$out/annotations.txt" 2>"$private/log" || status=$?
cat "$out/annotations.txt"
inert "$private/log"
if [ -s "$out/counts.txt" ]; then
	if [ -n "${GITHUB_OUTPUT:-}" ]; then cat "$out/counts.txt" >>"$GITHUB_OUTPUT"; fi
elif [ "$status" -ne 0 ]; then
	echo "::error title=Vauban::the check did not finish (exit status $status): see the log"
	output verdict wrong
	exit "$status"
fi
output reports "$out/reports"
if [ "$status" -ne 2 ]; then # what was not verified says nothing about earlier alerts
	output sarif "$out/results.sarif"
fi

drifted=0
if [ "${VAUBAN_IMPORTS:-false}" = true ] && [ "$status" -ne 2 ]; then
	"$vauban" import --check ${files[@]+"${files[@]}"} >"$private/log" 2>&1 || drifted=$?
	inert "$private/log"
	if [ "$drifted" -eq 1 ]; then
		echo "::error title=Vauban::what a design was imported from says something else by now: import it again, and see the log for the elements"
	elif [ "$drifted" -ne 0 ]; then
		echo "::error title=Vauban::what a design was imported from cannot be read (exit status $drifted): see the log"
	fi
fi

# 2. What does the change do? This comes first in the summary: it is what a reviewer asks.
compared=0
if [ -n "${VAUBAN_BASE:-}" ] && [ "$status" -ne 2 ]; then
	git cat-file -e "$VAUBAN_BASE^{commit}" 2>/dev/null || git fetch --quiet --no-tags --depth=1 origin "$VAUBAN_BASE" 2>/dev/null || true
	judged=new
	if [ "$fail_on" = worse ]; then judged=worse; fi
	now=(HEAD)
	if [ ${#files[@]} -gt 0 ]; then now=("${files[@]}"); fi
	"$vauban" diff --format markdown --out "$out/review.md" --fail-on "$judged" ${stored[@]+"${stored[@]}"} ${dated[@]+"${dated[@]}"} "$VAUBAN_BASE" "${now[@]}" 2>"$private/log" || compared=$?
	if [ "$compared" -gt 1 ]; then
		inert "$private/log"
		echo "::warning title=Vauban::nothing was compared with the base of this change: check out with fetch-depth 0 if it is not there, and see the log"
	else
		summarize "$out/review.md"
		output review "$out/review.md"
	fi
fi
summarize "$out/summary.md"

# 3. The evidence.
digests='' receipts=''
if [ -d "$out/reports" ]; then
	while IFS= read -r -d '' report; do
		digests+="$(digest "$report")  ${report#"$out/reports/"}"$'\n'
	done < <(find "$out/reports" -name '*.report.json' -print0 | sort -z)
fi
output report-digest "${digests%$'\n'}"
if [ "${VAUBAN_NOTARIZE:-false}" = true ] && [ "$status" -ne 2 ]; then
	if [ -z "$key" ]; then
		echo "::error title=Vauban::there is no key to sign with: give one in the input key, from a secret"
		exit 2
	fi
	printf '%s\n' "$key" >"$private/key.pem"
	while IFS= read -r -d '' report; do
		name=${report#"$out/reports/"}
		name=${name%.report.json}
		args=(--key "$private/key.pem" --tangle "${VAUBAN_TANGLE:-embedded:$out/tangle}" --history "${VAUBAN_HISTORY:-$out/history}/$name")
		if [ -n "${VAUBAN_TRUST:-}" ]; then args+=(--trust "$VAUBAN_TRUST"); fi
		mkdir -p "$(dirname "${VAUBAN_HISTORY:-$out/history}/$name")"
		notarized=0
		"$vauban" notarize "${args[@]}" "$report" >"$private/log" 2>&1 || notarized=$?
		inert "$private/log"
		if [ "$notarized" -ne 0 ]; then
			echo "::error title=Vauban::a report was not notarized (exit status $notarized): see the log"
			exit 3
		fi
		receipts+="${report%.report.json}.receipt.json"$'\n'
	done < <(find "$out/reports" -name '*.report.json' -print0 | sort -z)
	output receipt "${receipts%$'\n'}"
fi

# 4. The verdict of the gate.
if [ "$status" -gt 1 ]; then exit "$status"; fi
if [ "$drifted" -gt 1 ]; then exit "$drifted"; fi
if [ "$fail_on" = never ]; then exit 0; fi
if grep -q '^empty=[1-9]' "$out/counts.txt"; then
	echo "::error title=Vauban::a design has no requirement, so nothing of it was verified"
	exit 1
fi
if [ "$drifted" -ne 0 ]; then exit 1; fi
case $fail_on in
new | worse)
	if [ "$compared" -le 1 ]; then exit "$compared"; fi
	if [ "$fail_on" = worse ]; then exit 1; fi # not known to be no worse
	;;
esac
exit "$status" # with nothing to compare with, what is not met is not known to be old
