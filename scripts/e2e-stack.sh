#!/bin/sh
# An isolated Fealty for the browser tests: own database on the tests' cluster, own simulator, server and worker on
# free ports, own outbox. The programs must have been built (make test does).
#   scripts/e2e-stack.sh start        prints KEY=value lines, among them FEALTY_E2E_DIR
#   scripts/e2e-stack.sh stop DIR     stops it and removes its database and folder; KEEP=1 keeps the folder (logs)
# FEALTY_TEST_DATABASE_URL names the cluster; without it the checkout's own is started, and destroyed at the end.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/stack.sh"
cd "$ROOT"

psql_at() { "$(sh scripts/pg.sh bin)/psql" -X -q -v ON_ERROR_STOP=1 "$@" >/dev/null; }

# A stack that did not come up leaves its logs, but no processes.
given_up() {
    [ $? != 0 ] || return 0
    KEEP=1
    (stop "$STACK_DIR") || true
    note "logs are in $STACK_DIR/log"
}

# shellcheck disable=SC2034 # several of these are read by stack.sh
start() {
    forget_settings
    make_var
    mkdir -p "$VAR/e2e"
    STACK_DIR=$(mktemp -d "$VAR/e2e/XXXXXX")
    trap given_up EXIT
    if [ -z "${FEALTY_TEST_DATABASE_URL:-}" ]; then
        sh scripts/pg.sh test status 2>/dev/null || : >"$STACK_DIR/own-cluster"
        FEALTY_TEST_DATABASE_URL=$(sh scripts/pg.sh test start)
        FEALTY_TEST_DATABASE_URL=${FEALTY_TEST_DATABASE_URL#FEALTY_TEST_DATABASE_URL=}
    fi
    database=fealty_e2e_$(random_hex 6)
    psql_at -d "$FEALTY_TEST_DATABASE_URL" -c "create database $database"
    without_query=${FEALTY_TEST_DATABASE_URL%%\?*}
    query=${FEALTY_TEST_DATABASE_URL#"$without_query"}
    DB_URL=${without_query%/*}/$database$query
    # what `stop` needs to know
    printf '%s\n%s\n' "$FEALTY_TEST_DATABASE_URL" "$database" >"$STACK_DIR/database"
    chmod 600 "$STACK_DIR/database"

    SITE_PORT=$(free_port $((20000 + $$ % 10000)))
    SIM_PORT=$(free_port $((SITE_PORT + 1)))
    CONFIG=$STACK_DIR/fealty.toml SITE_NAME=Fealty SECRET_KEY=$(random_hex 32)
    write_config
    fealtyctl migrate >"$STACK_DIR/migrate.log" 2>&1 || { cat "$STACK_DIR/migrate.log" >&2; die "the migrations failed"; }
    launch_simulator
    wait_for simulator "$(SIM_URL)/"
    fealtyctl demo load >"$STACK_DIR/demo.log" 2>&1 || { cat "$STACK_DIR/demo.log" >&2; die "the demo organisation could not be loaded"; }
    launch_server
    launch_worker
    wait_for server "$(SITE_URL)/health/ready"
    process_runs worker || say_it_ended worker

    echo "FEALTY_E2E_DIR=$STACK_DIR"
    echo "FEALTY_E2E_URL=$(SITE_URL)"
    echo "FEALTY_E2E_SIM_URL=$(SIM_URL)"
    echo "FEALTY_E2E_DATABASE_URL=$DB_URL"
    echo "FEALTY_E2E_OUTBOX=$STACK_DIR/outbox"
    echo "FEALTY_E2E_CONFIG=$CONFIG"
    echo "FEALTY_E2E_FEALTYCTL=$BIN_DIR/fealtyctl"
}

stop() {
    STACK_DIR=$1
    case $STACK_DIR in "$VAR"/e2e/?*) ;; *) die "$STACK_DIR is not a stack of this checkout" ;; esac
    [ -d "$STACK_DIR" ] || exit 0
    stop_stack
    # what the programs said stays beside the traces of failed tests
    if [ -d "$ROOT/e2e/test-results" ]; then
        rm -rf "$ROOT/e2e/test-results/stack-log"
        cp -R "$STACK_DIR/log" "$ROOT/e2e/test-results/stack-log" 2>/dev/null || true
    fi
    if [ -e "$STACK_DIR/own-cluster" ]; then
        sh scripts/pg.sh test destroy
    elif [ -s "$STACK_DIR/database" ]; then
        psql_at -d "$(sed -n 1p "$STACK_DIR/database")" \
            -c "drop database if exists $(sed -n 2p "$STACK_DIR/database") with (force)" || note "the database of $STACK_DIR could not be dropped"
    fi
    [ -n "${KEEP:-}" ] || rm -rf "$STACK_DIR"
}

case ${1:-} in
start) start ;;
stop) stop "${2:?the folder that start printed}" ;;
*) die "usage: scripts/e2e-stack.sh start | stop DIR" ;;
esac
