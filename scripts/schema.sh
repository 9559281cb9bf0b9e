#!/bin/sh
# `make schema`: writes schema.graphql from the server's code. It needs no database and no settings.
set -eu
. "$(dirname -- "$0")/lib.sh"
cd "$ROOT"
sh scripts/setup.sh lint
cargo build --quiet --bin fealtyctl
"$CARGO_TARGET_DIR/debug/fealtyctl" schema >schema.graphql.new || {
    rm -f schema.graphql.new
    die "the schema could not be printed (see above)"
}
if cmp -s schema.graphql.new schema.graphql; then note "schema.graphql is up to date"; else note "schema.graphql was changed"; fi
mv schema.graphql.new schema.graphql
