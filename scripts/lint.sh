#!/bin/sh
# `make lint`: formatting, compiler and clippy warnings, shell scripts, TypeScript, container files. Changes nothing.
# All findings are reported, not only the first. Tools that a machine cannot have are named and left out.
set -eu
. "$(dirname -- "$0")/lib.sh"
cd "$ROOT"
FAILED=
failed() { FAILED="$FAILED $1"; }
locked=
[ "${CI:-}" != true ] || locked=--locked

step "Checking what this machine has"
sh scripts/setup.sh lint

step "Rust formatting"
cargo fmt --all --check || failed rustfmt

step "Clippy, warnings are errors"
# shellcheck disable=SC2086
cargo clippy $locked --workspace --all-targets -- -D warnings || failed clippy

step "Shell scripts"
for script in scripts/*.sh web/*.sh .ci/run; do sh -n "$script" || failed "$script"; done
if have shellcheck; then
    # SC3013: dash has test's -nt, though POSIX does not
    shellcheck -e SC3013 -x -P scripts scripts/*.sh web/*.sh .ci/run || failed shellcheck
else
    note "shellcheck is not installed (Debian package shellcheck): only the syntax was checked"
fi

step "TypeScript of the browser tests"
(cd e2e && ./node_modules/.bin/tsc --noEmit) || failed typescript

# lint_tools: a virtual environment outside the checkout, made once per list of tools.
lint_tools() {
    TOOLS=$CACHE/lint-$(cksum <scripts/lint-requirements.txt | cut -d' ' -f1)
    [ ! -e "$TOOLS/complete" ] || return 0
    have python3 || return 1
    note "installing hadolint and check-jsonschema into $TOOLS"
    mkdir -p "$CACHE"
    rm -rf "$TOOLS"
    python3 -m venv "$TOOLS" >"$VAR/log/lint-tools.log" 2>&1 &&
        "$TOOLS/bin/python3" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            -r scripts/lint-requirements.txt >>"$VAR/log/lint-tools.log" 2>&1 &&
        : >"$TOOLS/complete"
}

step "Container files"
make_var
if lint_tools; then
    "$TOOLS/bin/hadolint" docker/Dockerfile || failed hadolint
    "$TOOLS/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml || failed compose
else
    note "hadolint and check-jsonschema could not be installed (they need python3, its venv module and PyPI): left out"
    [ ! -s "$VAR/log/lint-tools.log" ] || note "what went wrong: $VAR/log/lint-tools.log"
fi

[ -z "$FAILED" ] || die "lint found something:$FAILED (see above)"
step "Nothing to complain about"
