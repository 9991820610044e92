#!/usr/bin/env bash
# Installs PostgreSQL from Debian's or Ubuntu's packages; no service is started.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/paths.sh"
if postgres_programs >/dev/null; then exit; fi
[ "${1:-}" != --check ] || exit 1
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'Install PostgreSQL as this system does it, or name the folder of its programs with PGBIN.' >&2
  exit 1
fi
# No cluster of the distribution's own, which would take memory and a port.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
apt-get update -qq
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
  apt-get install -y -qq --no-install-recommends postgresql >/dev/null
