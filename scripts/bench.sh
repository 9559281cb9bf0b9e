#!/bin/sh
# `make bench`: measures the budgets on a database cluster of its own, with production's durability settings, in
# optimised programs. Numbers are printed, nothing passes or fails. Takes long the first time (an optimised build).
#   BENCH   which groups of figures: state, dashboard, sync, audit, revocation, insight (default: all)
#   FEALTY_BENCH_SCALE   0.01 to 1: share of the full size, for a quick look
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/stack.sh"
cd "$ROOT"
forget_settings
sh scripts/setup.sh run

finish() {
    code=$?
    trap - EXIT
    sh scripts/pg.sh bench destroy || true
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
line=$(sh scripts/pg.sh bench start)
FEALTY_BENCH_DATABASE_URL=${line#FEALTY_BENCH_DATABASE_URL=}
export FEALTY_BENCH_DATABASE_URL

step "Building and running the benchmarks"
# shellcheck disable=SC2086
cargo bench -p fealty-api --bench budgets -- ${BENCH:-}
