# shellcheck shell=sh
# Starting and stopping Fealty's processes, for `make run` and for the browser tests. Sourced after lib.sh.
# The caller sets:
#   STACK_DIR  logs in log/, process ids in run/, mails in outbox/     SITE_PORT, SIM_PORT
#   CONFIG     the settings file to write                              DB_URL, SITE_NAME, SECRET_KEY

BIN_DIR=${FEALTY_BIN_DIR:-$CARGO_TARGET_DIR/debug}
SITE_URL() { echo "http://127.0.0.1:$SITE_PORT"; }
SIM_URL() { echo "http://127.0.0.1:$SIM_PORT"; }

# Variables of the caller's own settings win over the file; an isolated stack must not see them.
forget_settings() {
    unset DATABASE_URL FEALTY_CONFIG
    for name in $(env | sed -n -e 's/^\(FEALTY_[A-Z0-9_]*__[A-Z0-9_]*\)=.*/\1/p' -e 's/^\(SIM_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
}

# The settings of a stack whose every upstream is the simulator. They hold the secrets of this stack only.
write_config() {
    sim=$(SIM_URL)
    mkdir -p "$STACK_DIR/outbox"
    (
        umask 077
        cat >"$CONFIG.new" <<TOML
# Written anew at each start; settings of your own go into the environment: FEALTY_<SECTION>__<KEY>.

[site]
url = "$(SITE_URL)"
name = "$SITE_NAME"
development = true
secret_key = "$SECRET_KEY"

[http]
listen = "127.0.0.1:$SITE_PORT"
spa_dir = "$ROOT/web/dist"

[database]
url = "$DB_URL"

# Everything below is the simulator: its credentials are public and open nothing else.
[sso]
metadata_url = "$sim/sso/.well-known/oauth-authorization-server"
client_id = "fealty-dev"
client_secret = "fealty-dev-secret"

[esi]
base_url = "$sim/esi"
contact = "developer@example.com"

[images]
base_url = "$sim/images"

[mail]
transport = "outbox"
from = "Fealty <fealty@example.com>"
outbox_dir = "$STACK_DIR/outbox"

[discord]
guild_id = "1100000000000000002"
client_id = "1100000000000000001"
client_secret = "fealty-discord-secret"
bot_token = "fealty-discord-bot-token"
api_base_url = "$sim/discord/api/v10"
authorize_url = "$sim/discord/oauth2/authorize"
token_url = "$sim/discord/api/oauth2/token"

[simulator]
url = "$sim"
TOML
    )
    mv "$CONFIG.new" "$CONFIG"
}

# launch NAME COMMAND...: in the background, its output in a log file, its number in a pid file.
launch() {
    name=$1
    shift
    mkdir -p "$STACK_DIR/log" "$STACK_DIR/run"
    [ -x "$1" ] || die "$1 is not there; it should have been built"
    "$@" >"$STACK_DIR/log/$name.log" 2>&1 </dev/null &
    echo $! >"$STACK_DIR/run/$name.pid"
}
launch_simulator() {
    # Addresses that a login may come back to; those of the default port the simulator knows by itself. Its state is
    # kept as long as the database that holds the tokens it issued.
    launch simulator "$BIN_DIR/simulator" --listen "127.0.0.1:$SIM_PORT" --state "$STACK_DIR/simulator.json" \
        --callback "$(SITE_URL)/sso/callback" --discord-callback "$(SITE_URL)/services/discord/callback"
}
launch_server() { launch server "$BIN_DIR/server" --config "$CONFIG"; }
launch_worker() { launch worker "$BIN_DIR/worker" --config "$CONFIG"; }
fealtyctl() { "$BIN_DIR/fealtyctl" --config "$CONFIG" "$@"; }

# process_runs NAME
process_runs() { is_ours "$STACK_DIR/run/$1.pid" "/$1"; }

# say_it_ended NAME: the last words of a process that should still run.
say_it_ended() {
    tail -n 15 "$STACK_DIR/log/$1.log" >&2
    die "the $1 ended by itself; its last lines are above, the whole log is $STACK_DIR/log/$1.log"
}

# wait_for NAME URL: until the process NAME answers at URL.
wait_for() {
    waited=0
    until curl -fsS -o /dev/null --max-time 5 "$2" 2>/dev/null; do
        process_runs "$1" || say_it_ended "$1"
        waited=$((waited + 1))
        if [ "$waited" -ge 300 ]; then
            tail -n 15 "$STACK_DIR/log/$1.log" >&2
            die "the $1 does not answer at $2; its log is $STACK_DIR/log/$1.log"
        fi
        sleep 0.2
    done
}

# stop_process NAME: politely, then for certain.
stop_process() {
    pidfile=$STACK_DIR/run/$1.pid
    if process_runs "$1"; then
        pid=$(cat "$pidfile")
        kill -TERM "$pid" 2>/dev/null || true
        waited=0
        while process_runs "$1"; do
            waited=$((waited + 1))
            if [ "$waited" -ge 100 ]; then
                note "the $1 did not stop within 10 seconds and is killed"
                kill -KILL "$pid" 2>/dev/null || true
                break
            fi
            sleep 0.1
        done
    fi
    rm -f "$pidfile"
}
stop_stack() { for process in worker server simulator; do stop_process "$process"; done; }
