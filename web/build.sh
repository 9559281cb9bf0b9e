#!/bin/sh
# Builds the SPA into web/dist: sh web/build.sh [debug|release]
# The compiler for wasm32 may be another one than the host's (see scripts/wasm-toolchain.sh), so its files
# live in a target folder of their own, and its environment stays in a subshell.
set -eu
PROFILE="${1:-release}"
case "$PROFILE" in
debug) CARGO_PROFILE=dev ;;
release) CARGO_PROFILE=wasm-release ;;
*)
    echo "usage: $0 [debug|release]" >&2
    exit 2
    ;;
esac
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}/wasm"

(
    TOOLCHAIN=$(sh scripts/wasm-toolchain.sh)
    eval "$TOOLCHAIN"
    # One type for all views instead of one per page: much less to compile, and a smaller module.
    # The relocations tell the bundler where it can cut the module.
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS:-} --cfg=erase_components -Clink-args=--emit-relocs"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS
    cargo build --package fealty-web --profile "$CARGO_PROFILE" \
        --target wasm32-unknown-unknown --target-dir "$TARGET"
)

# Only files are taken from these packages; nothing of them runs.
if [ ! -f web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
    (cd web && npm ci --ignore-scripts --no-audit --no-fund)
fi

OUT=$PROFILE
cargo build --quiet --package fealty-bundler
[ "$PROFILE" = release ] && OUT=wasm-release
"${CARGO_TARGET_DIR:-$ROOT/target}/debug/fealty-bundler" "$PROFILE" "$TARGET/wasm32-unknown-unknown/$OUT/fealty-web.wasm" web
