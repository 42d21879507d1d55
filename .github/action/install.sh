#!/usr/bin/env bash
# Gets the program that the action runs: that of the release that .github/action/release names, if it has the digest that stands there. Without a release, for
# another platform, or where it cannot be had, it says `found=false` and a key for what is built instead: the digest of all sources. The environment says what to do:
#
#   ACTION     the directory of the action        VAUBAN_BIN       where the program goes
#   PLATFORM   such as Linux-X64                  VAUBAN_RELEASES  where releases are, for tests
#
# Exit status: 0; 1 where the release has another digest, which is never run. It needs bash 3.2, curl, tar and the usual tools.
set -euo pipefail

action=${ACTION:?names no directory}
bin=${VAUBAN_BIN:?names no directory}
releases=${VAUBAN_RELEASES:-https://github.com/vauban-verifier/vauban/releases/download}
named=$action/.github/action/release

digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }
output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/stdout}"; }
field() { sed -n "s/^$1 //p" "$named"; }
build() {
	echo "vauban: $1, so it is built"
	output found false
	output key "$(cd "$action" && find . -type f -not -path './.git/*' -print0 | LC_ALL=C sort -z | while IFS= read -r -d '' f; do
		printf '%s %s\n' "$f" "$(digest <"$f")"
	done | digest)"
	exit 0
}

[ -f "$named" ] || build "the action is at no release"
case ${PLATFORM:-} in
Linux-X64) platform=linux_amd64 ;;
Linux-ARM64) platform=linux_arm64 ;;
macOS-X64) platform=darwin_amd64 ;;
macOS-ARM64) platform=darwin_arm64 ;;
*) build "there is no release for ${PLATFORM:-this platform}" ;;
esac
name=vauban_$(field version)_$platform
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
curl --fail --silent --show-error --location --retry 3 --max-time 120 --output "$tmp/archive" "$releases/v$(field version)/$name.tar.gz" || build "the release $(field version) cannot be had"
tar -xzf "$tmp/archive" -C "$tmp" "$name/vauban" || build "the archive of the release has no program"
if [ "$(digest <"$tmp/$name/vauban")" != "$(field "$platform")" ]; then
	echo "::error title=Vauban::the program of release $(field version) for $platform is not the one whose digest .github/action/release has: it was not run"
	exit 1
fi
mkdir -p "$bin"
install -m 755 "$tmp/$name/vauban" "$bin/vauban"
output found true
