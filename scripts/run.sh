#!/bin/sh
# `make run`: everything a developer needs, in one command, until Ctrl-C.
#   PORT, SIM_PORT        other ports than 8000 and 8100
#   DATABASE_URL          a database of yours instead of the private one
#   FEALTY_SKIP_BUILD=1   start what was built before
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/stack.sh"
cd "$ROOT"

# shellcheck disable=SC2034 # read by stack.sh
STACK_DIR=$VAR CONFIG=$VAR/dev.toml SITE_NAME="Fealty (development)"
SITE_PORT=${PORT:-8000} SIM_PORT=${SIM_PORT:-8100}
LOCK=$VAR/run/make-run.pid PG_MARK=$VAR/run/postgres-is-ours
PG_IS_OURS='' STARTED=''

make_var
if is_ours "$LOCK" run.sh; then
    die "make run is already running in this folder (process $(cat "$LOCK"))." \
        "Open $(sed -n '/^\[site\]/,/^url/s/^url = "\(.*\)"/\1/p' "$CONFIG" 2>/dev/null || SITE_URL), or stop it: make stop"
fi
echo $$ >"$LOCK"

finish() {
    code=$?
    trap '' INT TERM HUP
    trap - EXIT
    if [ -n "$STARTED$PG_IS_OURS" ]; then step "Stopping"; fi
    stop_stack
    if [ -n "$PG_IS_OURS" ]; then sh scripts/pg.sh stop || true; fi
    rm -f "$LOCK" "$PG_MARK"
    [ "$code$STARTED" != 0yes ] || note "Stopped. The data stays in var/; \`make clean\` removes it."
    exit "$code"
}
trap finish EXIT
trap 'exit 0' INT TERM HUP

# left over from a run that was killed
for process in worker server simulator; do
    if process_runs "$process"; then
        note "stopping the $process that an earlier run left behind"
        stop_process "$process"
    fi
done
for wanted in "$SITE_PORT PORT" "$SIM_PORT SIM_PORT"; do
    p=${wanted% *}
    if port_taken "$p"; then
        die "port $p is taken by another program" "Stop that program, or choose another port: make run ${wanted#* }=$(free_port $((p + 1)))"
    fi
done

step "Checking what this machine has"
sh scripts/setup.sh run

if [ -n "${DATABASE_URL:-}" ]; then
    DB_URL=$DATABASE_URL
    step "Using the database of DATABASE_URL"
else
    step "Starting PostgreSQL"
    # one that ran before, and was not left behind by a killed run, is somebody's and goes on running afterwards
    if [ -e "$PG_MARK" ] || ! sh scripts/pg.sh status 2>/dev/null; then PG_IS_OURS=yes; fi
    [ -z "$PG_IS_OURS" ] || : >"$PG_MARK"
    DB_URL=$(sh scripts/pg.sh start)
    DB_URL=${DB_URL#DATABASE_URL=}
fi

if [ -z "${FEALTY_SKIP_BUILD:-}" ]; then
    step "Building the simulator, the server and the worker (minutes the first time)"
    cargo build --bin simulator --bin server --bin worker --bin fealtyctl
    step "Building the web application (minutes the first time)"
    sh web/build.sh debug
fi

# The key that seals stored tokens stays the same as long as the data does.
if [ ! -s "$VAR/secret-key" ]; then (umask 077 && random_hex 32 >"$VAR/secret-key"); fi
# shellcheck disable=SC2034 # read by stack.sh
SECRET_KEY=$(cat "$VAR/secret-key")
write_config

step "Bringing the database up to date"
fealtyctl migrate
step "Starting the simulator"
STARTED=yes
launch_simulator
wait_for simulator "$(SIM_URL)/"
step "Loading the demo organisation"
fealtyctl demo load
step "Starting the server and the worker"
launch_server
launch_worker
wait_for server "$(SITE_URL)/health/ready"
process_runs worker || say_it_ended worker

cat <<BOX

    Fealty is running. Open

        $(SITE_URL)

    and log in through the simulated EVE SSO: choose a pilot, and confirm an e-mail address.

    New Eden, to drive it   $(SIM_URL)
    Mails that were "sent"  $(SITE_URL)/dev/outbox
    GraphQL by hand         $(SITE_URL)/graphiql
    Logs                    var/log/server.log, worker.log, simulator.log
    Stop                    Ctrl-C (or \`make stop\` elsewhere)

BOX

while :; do
    # a signal is answered at once while the shell waits, not while it sleeps
    sleep 1 &
    wait $! || true
    for process in simulator server worker; do
        process_runs "$process" || say_it_ended "$process"
    done
done
