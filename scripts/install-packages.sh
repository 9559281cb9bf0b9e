#!/bin/sh
# Installs Debian packages, as root: `sudo sh scripts/install-packages.sh PACKAGE...`.
# Separate from the rest so that a user without sudo can hand an administrator one command to read and run.
set -eu
[ $# -gt 0 ] || { echo "usage: install-packages.sh PACKAGE..." >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "install-packages.sh: must be run as root" >&2; exit 1; }

# Debian's PostgreSQL package makes and starts a cluster of its own on port 5432 unless told not to.
# A file of ours in this folder does not collide with the package's own configuration file.
for p; do
    case $p in postgresql | postgresql-[0-9]*)
        if [ ! -d /etc/postgresql ]; then
            mkdir -p /etc/postgresql-common/createcluster.d
            echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/fealty.conf
        fi
        ;;
    esac
done

export DEBIAN_FRONTEND=noninteractive
# apt is talkative: its words are shown only when something went wrong
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -qq "$@" >"$log" 2>&1; }
apt update || echo "install-packages.sh: apt-get update failed, going on with the lists at hand" >&2
apt install -y --no-install-recommends "$@" || {
    tail -n 30 "$log" >&2
    exit 1
}
