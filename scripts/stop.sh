#!/bin/sh
# `make stop`: stops what `make run` started in this checkout, also when that was killed.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/stack.sh"
# shellcheck disable=SC2034 # read by stack.sh
STACK_DIR=$VAR LOCK=$VAR/run/make-run.pid
cd "$ROOT"

if is_ours "$LOCK" run.sh; then
    step "Stopping make run (process $(cat "$LOCK"))"
    kill -TERM "$(cat "$LOCK")"
    waited=0
    while is_ours "$LOCK" run.sh && [ "$waited" -lt 300 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    if is_ours "$LOCK" run.sh; then
        note "it is in the middle of a build, and stops when that has ended"
        exit 0
    fi
fi
stop_stack
if sh scripts/pg.sh status 2>/dev/null; then
    step "Stopping PostgreSQL"
    sh scripts/pg.sh stop
fi
rm -f "$LOCK" "$VAR/run/postgres-is-ours"
