#!/bin/sh
# Sets up whatever is missing on this machine: scripts/setup.sh run|test|lint
#   run    what building and running needs: C linker, PostgreSQL, Node.js and npm, the wasm target
#   test   the same, Chromium and the npm packages of the browser tests
#   lint   Rust, Node.js and the npm packages
# Everything missing is found first and asked for (or installed) in one go. Quick when nothing is.
set -eu
. "$(dirname -- "$0")/lib.sh"
FOR=${1:-run}
cd "$ROOT"

check_rust() {
    if ! have cargo || ! have rustc; then
        die "Rust is missing: there is no cargo in PATH" "Install it with rustup (https://rustup.rs), open a new shell and try again."
    fi
    # rustup reads rust-toolchain.toml here, and fetches the pinned version when it may
    if ! version=$(rustc --version 2>&1); then
        echo "$version" >&2
        die "the Rust version that rust-toolchain.toml asks for is not there" \
            "Run: rustup toolchain install $(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml) --component clippy --component rustfmt"
    fi
    # cargo itself may be another one than rustup's: the workspace states the least it needs
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    got=$(echo "$version" | sed 's/^rustc \([0-9.]*\).*/\1/')
    oldest=$(printf '%s\n%s\n' "$want" "$got" | sort -V | head -n 1)
    if [ "$FOR" = lint ] && ! { cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
        die "clippy or rustfmt is missing" "Run: rustup component add clippy rustfmt"
    fi
    [ "$oldest" = "$want" ] || die "rustc $got is too old: Fealty needs $want or newer" "Run: rustup update"
}

node_is_new_enough() {
    have node && have npm || return 1
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
    [ "${major:-0}" -ge 18 ]
}

PACKAGES=
add() { PACKAGES="$PACKAGES $*"; }

check_rust
have cc || add build-essential
[ "$FOR" = lint ] || sh scripts/pg.sh bin >/dev/null || add postgresql
have curl || add curl ca-certificates
if ! node_is_new_enough; then
    # a Node.js of somebody else's making is in the way of Debian's, and too old
    if have node && ! deb_installed nodejs; then
        die "Node.js $(node --version) is too old or has no npm; 18 or newer is needed" "It is $(command -v node)."
    fi
    add nodejs npm
fi
if [ "$FOR" = test ] && ! sh scripts/find-chromium.sh >/dev/null; then add chromium fonts-dejavu-core; fi
if [ "$FOR" != lint ]; then
    wasm=$(sh scripts/wasm-toolchain.sh packages)
    # shellcheck disable=SC2086
    add $wasm
fi
if [ -n "$PACKAGES" ]; then
    case $FOR in run) why="make run" ;; test) why="make test" ;; *) why="make lint" ;; esac
    # shellcheck disable=SC2086
    need_packages "$why" $PACKAGES
    node_is_new_enough || die "Node.js 18 or newer is needed, this system's is $(node --version 2>&1)" \
        "Install a newer one (https://nodejs.org) and try again."
fi

[ "$FOR" = lint ] || sh scripts/wasm-toolchain.sh >/dev/null

# npm_packages FOLDER: its packages, exactly as locked; again only when the lock file changed.
npm_packages() {
    [ -f "$1/package-lock.json" ] || return 0
    stamp=$1/node_modules/.fealty-lock
    now=$(cksum <"$1/package-lock.json")
    [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || return 0
    step "Installing the npm packages of $1/"
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
        die "npm could not install the packages of $1/ (see above)"
    echo "$now" >"$stamp"
}
[ "$FOR" = lint ] || npm_packages web
[ "$FOR" = run ] || npm_packages e2e
