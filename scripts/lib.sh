# shellcheck shell=sh
# What the scripts of this folder share. Sourced, never run: `. "$(dirname "$0")/lib.sh"`.
# Plain POSIX sh; every message goes to stderr so that a script's stdout stays its answer.

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
VAR=$ROOT/var
# What may outlive a clone: the wasm std, the compiled workspace in CI, the lint tools.
CACHE=${FEALTY_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fealty}

step() { echo "==> $*" >&2; }
note() { echo "    $*" >&2; }
die() {
    echo "error: $1" >&2
    shift
    for line; do echo "       $line" >&2; done
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# CI keeps compiled crates between runs of different clones; a developer's stay in the clone.
if [ -z "${CARGO_TARGET_DIR:-}" ]; then
    if [ "${CI:-}" = true ] || [ -n "${FEALTY_CACHE:-}" ]; then CARGO_TARGET_DIR=$CACHE/target; else CARGO_TARGET_DIR=$ROOT/target; fi
    export CARGO_TARGET_DIR
fi

# make_var: the folder everything private to this checkout lives in.
make_var() {
    mkdir -p "$VAR/log" "$VAR/run" 2>/dev/null && [ -w "$VAR/run" ] && [ -w "$VAR/log" ] && return 0
    die "$VAR is not writable by $(id -un): it was probably made by another user." \
        "Give it to yourself (sudo chown -R $(id -un) '$VAR') or remove it."
}

# random_hex N: N random bytes as hex.
random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# port_taken PORT: does anything listen on it? Linux tells without any extra program.
port_taken() {
    if [ -r /proc/net/tcp ]; then
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
            awk -v p="$(printf '%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 3) == p { found = 1 } END { exit !found }'
    else
        lsof -nP -iTCP:"$1" -sTCP:LISTEN >/dev/null 2>&1
    fi
}

# free_port FIRST: the first port from FIRST on that nothing listens on.
free_port() {
    p=$1
    while port_taken "$p"; do
        p=$((p + 1))
        [ "$p" -lt $(($1 + 500)) ] || die "no free port between $1 and $p"
    done
    echo "$p"
}

# as_root CMD...: run by root itself or by passwordless sudo; 1 when neither is there.
can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true >/dev/null 2>&1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

deb_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages WHY PACKAGE...: Debian packages, installed when we may, named when we may not.
need_packages() {
    why=$1
    shift
    missing=
    for p; do
        if ! have dpkg-query || ! deb_installed "$p"; then missing="$missing $p"; fi
    done
    [ -n "$missing" ] || return 0
    missing=${missing# }
    if ! have apt-get; then
        die "missing for $why: $missing" "This system has no apt-get. Those are Debian's names: install what your system calls them."
    fi
    if ! can_be_root; then
        die "missing for $why: $missing" "Installing them needs root, or sudo without a password. As root, or with sudo in front, run:" "" \
            "    sh $ROOT/scripts/install-packages.sh $missing" ""
    fi
    step "Installing Debian packages for $why (a minute or two): $missing"
    # shellcheck disable=SC2086
    as_root sh "$ROOT/scripts/install-packages.sh" $missing >&2 || die "the packages could not be installed (see above)"
}

# is_ours PIDFILE WORD: the process named in the file still runs, and its command line holds WORD (numbers are reused).
is_ours() {
    [ -s "$1" ] || return 1
    pid=$(cat "$1")
    kill -0 "$pid" 2>/dev/null || return 1
    if [ -r "/proc/$pid/cmdline" ]; then
        tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2"
    else
        ps -o command= -p "$pid" 2>/dev/null | grep -qF -- "$2"
    fi
}
