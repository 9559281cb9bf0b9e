#!/bin/sh
# `make clean`: removes what Fealty's own commands made in this checkout, and says what. The development database
# goes with it, so it asks first; `make clean YES=1` does not ask. `make clean CACHE=1` also empties the cache
# outside the checkout.
set -eu
. "$(dirname -- "$0")/lib.sh"
cd "$ROOT"

PATHS="var target web/dist web/node_modules e2e/node_modules e2e/test-results e2e/playwright-report"
step "This removes the development and test databases, mails and logs, everything compiled, and npm packages:"
for path in $PATHS; do [ ! -e "$path" ] || note "$ROOT/$path"; done
[ -z "${CLEAN_CACHE:-}" ] || [ ! -e "$CACHE" ] || note "$CACHE"
if [ -z "${YES:-}" ]; then
    [ -t 0 ] || die "nobody to ask; say \`make clean YES=1\`"
    printf '    Go on? [y/N] ' >&2
    read -r answer || answer=n
    case $answer in y | Y | yes) ;; *) die "nothing was removed" ;; esac
fi
sh scripts/stop.sh
for kind in test bench; do sh scripts/pg.sh "$kind" destroy; done
sh scripts/pg.sh destroy
# shellcheck disable=SC2086
rm -rf $PATHS
[ -z "${CLEAN_CACHE:-}" ] || rm -rf "$CACHE"
step "Done. The Debian packages and the Rust toolchain stay."
