#!/bin/sh
# A private PostgreSQL of this checkout, in one command, as root or as anyone else.
#
#   scripts/pg.sh start          initdb on first use, start; prints DATABASE_URL=postgres://...
#   scripts/pg.sh stop | status | url | destroy
#   scripts/pg.sh test start     the same for the tests' cluster: no fsync, nothing in it is worth keeping;
#                                prints FEALTY_TEST_DATABASE_URL=postgres://.../postgres
#   scripts/pg.sh bench start    the same for benchmarks: as durable as production, apart from the development data;
#                                prints FEALTY_BENCH_DATABASE_URL=postgres://.../postgres
#   scripts/pg.sh [test|bench] psql    a prompt in it
#
#   FEALTY_PG_BIN    the folder of initdb and pg_ctl (default: the newest found)
#   FEALTY_PG_PORT   the port (default 54329, tests 54330, benchmarks 54331, or the next free one; remembered)
#   FEALTY_PG_USER   as root only: the unprivileged user that runs it (default postgres, else nobody)
set -eu
. "$(dirname -- "$0")/lib.sh"

KIND='dev'
case ${1:-} in
test | bench)
    KIND=$1
    shift
    ;;
esac
COMMAND=${1:-}
case $KIND in
dev) NAME=postgres FIRST_PORT=54329 DB=fealty VARIABLE=DATABASE_URL ;;
test) NAME=test-postgres FIRST_PORT=54330 DB=postgres VARIABLE=FEALTY_TEST_DATABASE_URL ;;
bench) NAME=bench-postgres FIRST_PORT=54331 DB=postgres VARIABLE=FEALTY_BENCH_DATABASE_URL ;;
esac

find_bin() {
    if [ -n "${FEALTY_PG_BIN:-}" ]; then
        echo "$FEALTY_PG_BIN"
        return
    fi
    # Debian and Ubuntu, the RPMs of postgresql.org, Homebrew (both places), Postgres.app: the newest first
    # shellcheck disable=SC2012 # these names hold no odd characters, and find cannot sort by version
    for d in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/latest/bin 2>/dev/null | sort -Vr); do
        if [ -x "$d/initdb" ]; then
            echo "$d"
            return
        fi
    done
    p=$(command -v initdb 2>/dev/null) && dirname "$p"
}

# PostgreSQL refuses to run as root: then an unprivileged user runs it. `as` runs a command as that user.
RUNAS=
if [ "$(id -u)" = 0 ]; then
    RUNAS=${FEALTY_PG_USER:-postgres}
    id "$RUNAS" >/dev/null 2>&1 || RUNAS=nobody
    have setpriv || die "setpriv is missing: PostgreSQL cannot be started as root without it" "It is in the package util-linux. Or use an ordinary user."
fi
as() {
    if [ -n "$RUNAS" ]; then
        setpriv --reuid="$RUNAS" --regid="$(id -g "$RUNAS")" --clear-groups env HOME=/ "$@"
    else
        "$@"
    fi
}

# Where the cluster lives: in var/, unless the user that runs it cannot get there (a checkout below root's own
# home is closed to everybody else). Then a folder in /var/tmp named after the checkout.
choose_dir() {
    DIR=$VAR/$NAME
    [ -n "$RUNAS" ] || return 0
    as test -x "$ROOT" && return 0
    base=/var/tmp/fealty-$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)
    DIR=$base/$NAME
    if [ ! -e "$base" ]; then mkdir -m 755 "$base"; fi
    # /var/tmp is everybody's: what somebody else put there is not ours to trust
    if [ -h "$base" ] || [ "$(stat -c %u "$base")" != 0 ]; then
        die "$base exists and is not root's: remove it"
    fi
    [ "$COMMAND" != start ] || [ -e "$DIR" ] || note "$VAR cannot be reached by the user $RUNAS; the database lives in $DIR"
}

running() { [ -f "$DIR/data/PG_VERSION" ] && as "$BIN/pg_ctl" -D "$DIR/data" status >/dev/null 2>&1; }
port() { cat "$DIR/port" 2>/dev/null || echo "$FIRST_PORT"; }
url() { echo "postgres://app:$(cat "$DIR/password")@127.0.0.1:$(port)/$DB"; }
psql_as_app() {
    PGPASSWORD=$(cat "$DIR/password") "$BIN/psql" -h 127.0.0.1 -p "$(port)" -U app -X "$@"
}

make_cluster() {
    step "Creating the $KIND database cluster in $DIR"
    rm -rf "$DIR/data"
    # The same locale as the container image of docker-compose.yml gets, where the system has it.
    locale=C
    if locale -a 2>/dev/null | grep -qix 'C\.utf-\?8'; then locale=C.UTF-8; fi
    # Tests connect hundreds of times; SCRAM's 4096 rounds in an unoptimised client would be most of the time.
    # The password then crosses the loopback interface in the clear, which only root could read.
    auth=scram-sha-256
    [ "$KIND" != test ] || auth=password
    as "$BIN/initdb" -D "$DIR/data" -U app --pwfile="$DIR/password" -A "$auth" -E UTF8 --locale="$locale" --no-sync \
        >"$DIR/initdb.log" 2>&1 || {
        cat "$DIR/initdb.log" >&2
        die "initdb failed (see above)"
    }
    {
        echo "listen_addresses = '127.0.0.1'"
        # No unix socket: its path is limited to 107 bytes and its default folder is often not writable.
        echo "unix_socket_directories = ''"
        echo "max_connections = 300"
        echo "timezone = 'UTC'"
        if [ "$KIND" = test ]; then
            echo "fsync = off"
            echo "synchronous_commit = off"
            echo "full_page_writes = off"
            # checkpoints are what creating and dropping hundreds of databases waits for
            echo "max_wal_size = '4GB'"
            echo "checkpoint_timeout = '1h'"
            echo "autovacuum = off"
        fi
    } | as tee "$DIR/data/fealty.conf" >/dev/null
    echo "include 'fealty.conf'" | as tee -a "$DIR/data/postgresql.conf" >/dev/null
    rm -f "$DIR/initdb.log"
}

# The port of last time, or the first free one; another checkout may take it between our look and the start.
start_server() {
    tries=0
    while :; do
        if [ -n "${FEALTY_PG_PORT:-}" ]; then
            chosen=$FEALTY_PG_PORT
            ! port_taken "$chosen" || die "port $chosen (FEALTY_PG_PORT) is taken"
        else
            chosen=$(port)
            if port_taken "$chosen"; then
                chosen=$(free_port "$FIRST_PORT")
                note "port $(port) is taken by another program; PostgreSQL takes $chosen"
            fi
        fi
        echo "$chosen" >"$DIR/port"
        # its output must go to a file: the server inherits it, and a caller's $(...) would wait for ever
        if as "$BIN/pg_ctl" -D "$DIR/data" -w -t 60 -l "$DIR/data/server.log" -o "-c port=$chosen" start >/dev/null 2>&1; then
            return 0
        fi
        tries=$((tries + 1))
        if [ "$tries" -ge 5 ] || ! port_taken "$chosen"; then
            tail -n 8 "$DIR/data/server.log" >&2 || true
            die "PostgreSQL did not start; its log is $DIR/data/server.log"
        fi
    done
}

start() {
    choose_dir
    make_var
    mkdir -p "$DIR"
    if [ -n "$RUNAS" ]; then
        # a cluster made by an ordinary user stays that user's
        owner=$(stat -c %U "$DIR/data" 2>/dev/null || echo root)
        [ "$owner" = root ] || RUNAS=$owner
        chown "$RUNAS" "$DIR"
    fi
    if [ -e "$DIR/data" ] && [ ! -O "$DIR/data" ] && [ -z "$RUNAS" ]; then
        die "$DIR belongs to another user ($(stat -c %U "$DIR/data"))" "Remove it (sudo rm -rf '$DIR') or work as that user."
    fi
    chmod 755 "$DIR"
    if [ -f "$DIR/data/PG_VERSION" ]; then
        made=$(cat "$DIR/data/PG_VERSION")
        have_version=$("$BIN/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        [ "$made" = "$have_version" ] || die "$DIR was made by PostgreSQL $made, installed is $have_version" \
            "Set FEALTY_PG_BIN to the folder of version $made's pg_ctl, or drop the data: scripts/pg.sh destroy"
    fi
    if [ ! -s "$DIR/password" ]; then
        (umask 077 && random_hex 16 >"$DIR/password")
        [ -z "$RUNAS" ] || chown "$RUNAS" "$DIR/password"
    fi
    [ -f "$DIR/data/PG_VERSION" ] || make_cluster
    running || start_server
    if [ "$DB" != postgres ] && [ -z "$(psql_as_app -d postgres -qtA -c "select 1 from pg_database where datname = '$DB'")" ]; then
        psql_as_app -d postgres -q -c "create database $DB"
    fi
    echo "$VARIABLE=$(url)"
}

stop_server() { as "$BIN/pg_ctl" -D "$DIR/data" -w -t 60 -m "$1" stop >/dev/null 2>&1; }

case $COMMAND in
start | stop | status | url | destroy | psql) ;;
bin)
    # the folder of PostgreSQL's programs; exit code 1 when there are none
    find_bin
    exit
    ;;
*) die "usage: scripts/pg.sh [test|bench] start | stop | status | url | destroy | psql" ;;
esac
# the working folder may be closed to the user that runs the server
cd /
BIN=$(find_bin) || BIN=
if [ -z "$BIN" ]; then
    [ "$COMMAND" = start ] || { note "PostgreSQL is not installed"; exit 3; }
    need_packages "the private database" postgresql
    BIN=$(find_bin) || die "PostgreSQL is installed but its initdb was not found; set FEALTY_PG_BIN"
    [ -n "$RUNAS" ] && RUNAS=${FEALTY_PG_USER:-postgres}
fi
case $COMMAND in
start) start ;;
*)
    choose_dir
    if [ -n "$RUNAS" ]; then
        owner=$(stat -c %U "$DIR/data" 2>/dev/null || echo root)
        [ "$owner" = root ] || RUNAS=$owner
    fi
    case $COMMAND in
    stop) if running; then stop_server fast || die "PostgreSQL did not stop; its log is $DIR/data/server.log"; else note "the $KIND database is not running"; fi ;;
    status)
        if running; then note "the $KIND database runs on 127.0.0.1:$(port) ($BIN)"; else
            note "the $KIND database is not running"
            exit 3
        fi
        ;;
    url)
        [ -s "$DIR/password" ] || die "there is no $KIND database yet: scripts/pg.sh start"
        url
        ;;
    psql) psql_as_app -d "$DB" ;;
    destroy)
        if running; then stop_server immediate || die "PostgreSQL did not stop; its log is $DIR/data/server.log"; fi
        rm -rf "$DIR"
        [ "${DIR#"$VAR"}" != "$DIR" ] || rmdir "$(dirname -- "$DIR")" 2>/dev/null || true
        ;;
    esac
    ;;
esac
