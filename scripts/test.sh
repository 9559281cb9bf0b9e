#!/bin/sh
# `make test`: every test there is. scripts/test.sh [rust|e2e]... runs a part.
#   FEALTY_TEST_DATABASE_URL   a PostgreSQL server to make test databases on (superuser), instead of a private one
#   FEALTY_WEB=release         browser tests against the optimised SPA (default debug: builds faster)
#   RUST_TESTS, E2E_TESTS      further arguments for the test runners, for example RUST_TESTS=access
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/stack.sh"
cd "$ROOT"
[ $# -gt 0 ] || set -- rust e2e
for part; do case $part in rust | e2e) ;; *) die "usage: scripts/test.sh [rust|e2e]..." ;; esac done
STARTED=$(date +%s)
FAILED=
CLUSTER=

make_var
LOCK=$VAR/run/make-test.pid
if is_ours "$LOCK" test.sh; then die "make test is already running in this folder (process $(cat "$LOCK"))"; fi
echo $$ >"$LOCK"
finish() {
    code=$?
    trap '' INT TERM HUP
    trap - EXIT
    [ -z "$CLUSTER" ] || sh scripts/pg.sh test destroy || true
    rm -f "$LOCK"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step "Checking what this machine has"
sh scripts/setup.sh test
# what a developer has set for their own server must not steer the tests
forget_settings

if [ -z "${FEALTY_TEST_DATABASE_URL:-}" ]; then
    step "Starting PostgreSQL for the tests"
    CLUSTER=yes
    line=$(sh scripts/pg.sh test start)
    FEALTY_TEST_DATABASE_URL=${line#FEALTY_TEST_DATABASE_URL=}
fi
export FEALTY_TEST_DATABASE_URL

locked=
[ "${CI:-}" != true ] || locked=--locked

# compiled crates kept between runs of CI pile up with every change of Cargo.lock
if [ "${CI:-}" = true ] && [ "$(du -sm "$CARGO_TARGET_DIR" 2>/dev/null | cut -f1)" -gt 25000 ] 2>/dev/null; then
    step "Emptying $CARGO_TARGET_DIR, which has outgrown its use"
    rm -rf "$CARGO_TARGET_DIR"
fi

step "Building the programs and the tests"
# one command, so that the programs of the browser tests share every compiled crate with the Rust tests
tests=
case " $* " in *" rust "*) tests=--tests ;; esac
# shellcheck disable=SC2086
cargo build $locked --workspace $tests --bin simulator --bin server --bin worker --bin fealtyctl

rust_tests() {
    step "Rust tests: unit, API and worker"
    # examples in documentation, if there are any; nextest does not run them
    if grep -rqE '^ *//[/!] ```$' api/src shared/src e2e/simulator/src; then
        # shellcheck disable=SC2086
        cargo test $locked --quiet --doc -p fealty-api -p fealty-shared -p fealty-simulator || FAILED="$FAILED documentation-examples"
    fi
    # shellcheck disable=SC2086
    if cargo nextest --version >/dev/null 2>&1; then
        profile=default
        [ "${CI:-}" != true ] || profile=ci
        cargo nextest run $locked --workspace --profile "$profile" ${RUST_TESTS:-} || FAILED="$FAILED rust"
    else
        cargo test $locked --workspace --tests --no-fail-fast -- ${RUST_TESTS:-} || FAILED="$FAILED rust"
    fi
}

browser_tests() {
    step "Building the web application (${FEALTY_WEB:-debug})"
    sh web/build.sh "${FEALTY_WEB:-debug}"
    step "Browser tests"
    CHROMIUM=$(sh scripts/find-chromium.sh)
    export CHROMIUM
    # shellcheck disable=SC2086
    (cd e2e && ./node_modules/.bin/playwright test ${E2E_TESTS:-}) || FAILED="$FAILED browser"
}

for part; do
    case $part in
    rust) rust_tests ;;
    e2e) browser_tests ;;
    esac
done

minutes=$((($(date +%s) - STARTED) / 60)) seconds=$((($(date +%s) - STARTED) % 60))
[ -z "$FAILED" ] || die "failed:$FAILED (after ${minutes}m${seconds}s; see above)"
step "All tests passed in ${minutes}m${seconds}s"
