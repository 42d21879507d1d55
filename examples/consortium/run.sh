#!/usr/bin/env bash
# A shop, a payment provider, two carriers and an auditor share a trail over the pharmacy of ../tofar. Each line that this prints is a claim that was tried: a command that has to work, or one that has to be refused, and for the
# reason that is named.
#
#   bash run.sh [DIR]    works in DIR (default: a temporary directory, which it removes)
#
# vauban, bash and jq have to be there. TANGLE and TRUST say on which Tangle (default: an embedded one, in DIR).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -gt 0 ]; then
	work=$1
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
on=(--tangle "${TANGLE:-embedded:$work/tangle}")
trust=${TRUST:-$work/tangle/trust.json}
[ -z "${TRUST:-}" ] || on+=(--trust "$TRUST")
cp "$here"/../tofar/*.vbn "$work"
cd "$work"

step() { printf '\n### %s\n\n' "$1"; }
fail() {
	printf 'run.sh: "%s" is not so:\n%s\n' "$1" "$2" >&2
	exit 1
}
# yes CLAIM COMMAND...: the command works.
yes() {
	local claim=$1 out
	shift
	out=$("$@" 2>&1) || fail "$claim" "$* : $out"
	printf '* %s\n' "$claim"
}
# no CLAIM REASON COMMAND...: the command is refused, and says so.
no() {
	local claim=$1 reason=$2 out
	shift 2
	if out=$("$@" 2>&1); then fail "$claim" "$* : it works: $out"; fi
	grep -q -- "$reason" <<<"$out" || fail "$claim" "$* : no \"$reason\" in: $out"
	printf '* %s\n' "$claim"
}
add() { # add KIND ARG...: an entry of the shared trail
	local kind=$1
	shift
	vauban trail add "$kind" tofar.trail "$@" "${on[@]}"
}
verify() { vauban trail verify --trust believed.json --trail "$id" "$@"; }
milestone() { vauban trail show --format json tofar.trail "${on[@]}" | jq ".entries[$1 - 1].milestone"; } # of entry N
check() { # check DESIGN REPORT: the title stays, so that the versions are those of one design
	sed 's/^design .*/design "TOFAR online pharmacy"/' "$1" >design.vbn
	vauban check --quiet --format json --out "$2" design.vbn || [ $? = 1 ]
}
again() { # again DESIGN: what Acme opens is what Acme gets
	vauban trail open tofar.trail --key acme.pem --out opened.json "${on[@]}"
	check "$1" again.json
	cmp opened.json again.json
}

step 'Five parties begin a trail'
for who in shop payco swift nord acme board recovery thief; do vauban key new "$who.pem" >"$who.did" 2>/dev/null; done
check pharmacy.vbn drawn.json
vauban id new did:web:tofar.example --key shop.pem --out shop.did.json 2>/dev/null
genesis=(
	vauban trail new --report drawn.json --recovery recovery.pem
	--party shop=shop.pem,architect --web shop=shop.did.json
	--party payco=payco.pem,approver --party swift=swift.pem,approver,reviewer@2020-01-01..2020-12-31 --party nord=nord.pem,approver
	--party acme=acme.pem --issuer board.pem,auditor
	--policy '2 of {payco, swift, nord} and 1 auditor' "${on[@]}"
)
yes 'The shop, the payment provider PayCo, the carriers Swift and Nord, and the auditor Acme sign a genesis together. Two of PayCo, Swift and Nord and an auditor have to approve a report.' \
	"${genesis[@]}" --key shop.pem --key payco.pem --key swift.pem --key nord.pem --key acme.pem tofar.trail
id=$(vauban trail head tofar.trail "${on[@]}" | sed -n 's/^trail *\([0-9a-f]*\).*/\1/p')
vauban credential issue --key board.pem --subject acme.pem --role auditor --until 2099-12-31 --trail "$id" --out acme.jwt
jq --arg did "$(cat board.did)" '.issuers = [{did: $did, roles: ["auditor"]}]' "$trust" >believed.json
yes 'The domain of the shop vouches for its key; a board says that Acme is an auditor, in this trail. Whoever verifies names the board in a trust file of their own.' \
	vauban credential check --trust believed.json --in tofar.trail acme.jwt
no 'A carrier brings no report: it is no architect.' 'expected a party with the role architect' add report drawn.json --key swift.pem
no 'The shop does not approve its own report: it is no approver.' 'expected a party with the role approver or reviewer' add approve --key shop.pem

step 'A report that only some may read'
yes 'The first report shows how to rob a van, so it is sealed: for PayCo, Swift, Nord and Acme.' add report drawn.json --readers payco,swift,nord,acme --key shop.pem
no 'Somebody else sees that there is a report, by whom and since when, and not what is in it.' 'not sealed for this key' vauban trail open tofar.trail --key thief.pem "${on[@]}"
yes 'Acme opens it, checks the design again, and gets the same bytes.' again pharmacy.vbn
no 'It is not approved yet.' 'FAILED  policy .* needs 2 of {payco, swift, nord}, and has 0' verify tofar.trail
yes 'Nord objects: customers see where any van is.' add object --because 'the tracking page shows any van to any customer' --key nord.pem
add approve --key payco.pem >/dev/null
add approve --key swift.pem >/dev/null
yes 'PayCo and Swift approve, and Acme countersigns, with the credential.' add countersign --result passed --credential acme.jwt --key acme.pem
no 'The objection stands, so the report is not approved, whoever else approves.' 'FAILED  policy .* objections to entry 2 stand: nord as approver' verify tofar.trail
no 'Nord shows the credential of Acme, to be an auditor, too: a credential is for one key.' 'acme.jwt is the credential of .*, and you sign with another key' \
	add countersign --result passed --credential acme.jwt --key nord.pem
no 'Swift was a reviewer until 2020: the role is over.' 'cannot sign an entry of the kind approve today' add approve --as reviewer --key swift.pem

step 'A better version, and a stolen key'
check pharmacy-hardened.vbn hardened.json
yes 'The shop repairs the design, and brings the report on it, sealed again. It needs approvals of its own.' add report hardened.json --readers payco,swift,nord,acme --key shop.pem
report=$(vauban trail head tofar.trail "${on[@]}" | sed -n 's/^head *entry \([0-9]*\) .*/\1/p')
no 'Who is handed the report from before is told that it is another version.' 'FAILED  document .* another version' verify --document drawn.json --salt "$(printf '0%.0s' {1..64})" tofar.trail
add approve --key payco.pem >/dev/null
add countersign --result passed --credential acme.jwt --key acme.pem >/dev/null
yes 'Somebody has stolen the key of Swift, and puts a key of their own in its place.' add rotate --key swift.pem --key thief.pem
theft=$(milestone $((report + 3)))
yes 'With it they approve in the name of Swift.' add approve --key thief.pem
yes 'Nobody can tell yet: the trail holds, and the report counts as approved.' verify tofar.trail
no 'Swift can: its key was replaced.' 'parties: .* was replaced by' add approve --key swift.pem
yes 'The recovery key revokes the key of Swift from the milestone of the theft on. The key that took its place goes with it.' add revoke "$(cat swift.did)" --from-milestone "$theft" --key recovery.pem
no 'The approval by the stolen key is void, so one is missing.' 'FAILED  policy .* needs 2 of {payco, swift, nord}, and has 1: payco' verify tofar.trail
yes 'It stays in the trail, marked as void: what happened is not rewritten.' \
	bash -c 'vauban trail show tofar.trail "$@" | grep -q "approve      swift as approver: entry '"$report"'  VOID"' - "${on[@]}"
no 'The thief signs no more, however they set their clock: the milestone says when.' 'revocations: .* of swift was revoked from milestone' add approve --key thief.pem
no 'Nor do they revoke others.' 'revocations: .* of swift was revoked from milestone' add revoke "$(cat nord.did)" --from-milestone 1 --key thief.pem
yes 'Nord approves the better version.' add approve --of "$report" --key nord.pem
yes 'Now it is approved, by PayCo, Nord and Acme.' verify tofar.trail

step 'A party that rolls back'
yes 'Acme keeps the head of the trail: one line.' vauban trail head tofar.trail "${on[@]}"
known=$(vauban trail head tofar.trail "${on[@]}" | sed -n 's/^known *//p')
last=$(printf '%04d' "${known%%:*}")
cp -R tofar.trail cut.trail
rm -r "cut.trail/$last"
no 'The shop hands out the trail without its newest entry. Acme knows a newer head.' 'FAILED  known .* it was rolled back' verify --known "$known" cut.trail
case ${on[1]} in embedded:*)
	no 'Who has no head asks the Tangle: it has the record of a newer entry.' 'FAILED  fresh .* the ledger has entry' verify --tangle "${on[1]}" cut.trail
	;;
esac
cp -R tofar.trail gap.trail
rm -r gap.trail/0003
for n in $(seq 4 "$((10#$last))"); do mv "gap.trail/$(printf %04d "$n")" "gap.trail/$(printf %04d $((n - 1)))"; done
no 'Without the objection of Nord the numbers have a gap.' 'FAILED  numbers ' verify gap.trail
yes 'The shop begins again, with the same parties.' "${genesis[@]}" --key shop.pem again.trail
no 'That is another trail, with another ID.' 'FAILED  trail .*: another genesis' verify again.trail
yes 'The shop keeps a Tangle of its own, which says what the shop wants.' \
	vauban trail new own.trail --resource X --party shop=shop.pem,approver --recovery recovery.pem --policy '1 shop' --key shop.pem --tangle embedded:own
no 'But nobody believes its milestones: the trust file names the keys of one network.' 'FAILED  receipts ' verify own.trail

step 'One report for the public'
no 'Only who sealed it opens it for everybody.' 'payco did not seal entry' add disclose --of "$report" --key payco.pem
yes 'The shop opens the report on the better version.' add disclose --of "$report" --key shop.pem
yes 'Anybody who gets the report checks, with no key, that it is the approved one. A reader of a newspaper needs the ID of the trail and a trust file.' verify --document hardened.json tofar.trail
sed 's/"verdict":"waived"/"verdict":"holds"/' hardened.json >better.json
no 'Another report in its place is found out.' 'FAILED  document ' verify --document better.json tofar.trail
no 'The first report stays sealed.' 'not sealed for this key' vauban trail open tofar.trail --of 2 --key thief.pem "${on[@]}"
yes 'The board takes the word of Acme back, from the next milestone on: what Acme said before still counts.' \
	add revoke --credential acme.jwt --from-milestone $(($(milestone "$((10#$last + 1))") + 1)) --key board.pem
no 'Acme countersigns no more.' 'revocations: acme: the credential .* was revoked' add countersign --result failed --credential acme.jwt --key acme.pem
yes 'The report is approved as before.' verify --document hardened.json tofar.trail
