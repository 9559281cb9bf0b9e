#!/bin/sh
# Makes the Rust target wasm32-unknown-unknown usable and prints the shell lines to evaluate for it:
#
#   ( eval "$(sh scripts/wasm-toolchain.sh)"; cargo build --target wasm32-unknown-unknown ... )
#
# Two worlds are served. Where rustup has the target or may fetch it, nothing is printed. Where rustup must
# not fetch (RUSTUP_AUTO_INSTALL=0) or cannot, Debian's packaged compiler serves: the standard library is built
# once from its packaged sources, about a minute, and kept in the cache.
# Evaluate it in a subshell, with a target folder of its own: another compiler comes first in PATH, and sharing
# a target folder would rebuild everything at each switch.
#
# With the argument `packages` it only prints which Debian packages are missing for that (often none).
#
#   FEALTY_WASM=rustup|debian   take that way and no other
#   FEALTY_CACHE                where the built standard library is kept (default ~/.cache/fealty)
set -eu
. "$(dirname -- "$0")/lib.sh"
TARGET=wasm32-unknown-unknown
WAY=${FEALTY_WASM:-}

# has_std SYSROOT: does this compiler installation bring the target's standard library?
has_std() {
    for f in "$1/lib/rustlib/$TARGET/lib/"libstd-*.rlib; do
        [ ! -f "$f" ] || return 0
    done
    return 1
}

try_rustup() {
    have rustc || return 1
    # asked in the checkout: rust-toolchain.toml decides which compiler answers
    cd "$ROOT"
    sysroot=$(rustc --print sysroot 2>/dev/null) || return 1
    has_std "$sysroot" && return 0
    have rustup || return 1
    # the setting says that rustup shall fetch nothing by itself on this machine
    [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ] || return 1
    step "Adding the target $TARGET with rustup"
    if have timeout; then set -- timeout 300; else set --; fi
    "$@" rustup target add "$TARGET" >&2 && has_std "$sysroot" && return 0
    note "rustup could not add it; taking Debian's compiler instead"
    return 1
}

if [ "$WAY" != debian ] && try_rustup; then exit 0; fi
if [ "$WAY" = rustup ] || ! have apt-get; then
    die "the target $TARGET is missing and rustup did not supply it" "Run: rustup target add $TARGET"
fi

# Debian's compiler, its packaged sources of the standard library, and the linker of the same LLVM.
SOURCES=/usr/lib/rustlib/src/rust/library
llvm=$(/usr/bin/rustc -vV 2>/dev/null | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
LINKER=/usr/bin/lld-${llvm:-22}
if [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/cargo ] || [ ! -d "$SOURCES/std" ] || [ ! -x "$LINKER" ]; then
    PACKAGES="rustc-web cargo-web rust-web-src lld-${llvm:-22}"
    if [ "${1:-}" = packages ]; then
        echo "$PACKAGES"
        exit 0
    fi
    # shellcheck disable=SC2086
    need_packages "building WebAssembly without rustup" $PACKAGES
fi
[ "${1:-}" != packages ] || exit 0

version=$(/usr/bin/rustc -vV)
release=$(echo "$version" | sed -n 's/^release: //p')
SYSROOT=$CACHE/wasm-std/$release-$(echo "$version" | cksum | cut -d' ' -f1)

build_std() {
    step "Building the standard library for $TARGET with $(/usr/bin/rustc --version) (once, about a minute)"
    mkdir -p "$CACHE/wasm-std"
    work=$(mktemp -d "$SYSROOT.build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir -p "$work/crate/src" "$work/out/lib/rustlib/$TARGET/lib" "$work/out/bin"
    # rustc calls its linker rust-lld; Debian's packages do not always bring that name
    ln -s "$LINKER" "$work/out/bin/rust-lld"
    echo '#![no_std]' >"$work/crate/src/lib.rs"
    printf '%s\n' '[package]' 'name = "stdbuild"' 'version = "0.0.0"' 'edition = "2021"' '[workspace]' \
        '[profile.release]' 'debug = 0' >"$work/crate/Cargo.toml"
    # -Zbuild-std wants RUSTC_BOOTSTRAP, here and nowhere else. embed-bitcode: cargo would leave the bitcode out,
    # and the page's link-time optimisation could not use this library. force-unstable: as rustc's own build does.
    (
        cd "$work/crate"
        env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET -u CARGO_BUILD_RUSTFLAGS \
            -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER \
            PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
            CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Cembed-bitcode=yes -Zforce-unstable-if-unmarked" \
            /usr/bin/cargo build --quiet --release --target "$TARGET" \
            -Z build-std=std,panic_abort,panic_unwind,proc_macro,test >&2
    ) || die "the standard library for $TARGET could not be built (see above)"
    cp "$work/target/$TARGET/release/deps/"*.rlib "$work/out/lib/rustlib/$TARGET/lib/"
    rm -f "$work/out/lib/rustlib/$TARGET/lib/"libstdbuild*
    # whole or not at all; when two builds race, the first one stays
    mv "$work/out" "$SYSROOT" 2>/dev/null || has_std "$SYSROOT"
}
has_std "$SYSROOT" || build_std

cat <<LINES
export PATH="$SYSROOT/bin:/usr/bin:\$PATH"
export RUSTC="/usr/bin/rustc"
export RUSTDOC="/usr/bin/rustdoc"
export CARGO="/usr/bin/cargo"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot=$SYSROOT"
LINES
